package bot

import (
	"context"
	"errors"
	"time"

	"smileybot/bot/internal/loop"
	"smileybot/store"
)

const (
	// verifyEvery is how often every page of the database is read, and verifyStep how long the
	// reading of a table may take: meanwhile the write-ahead log cannot be reset.
	verifyEvery = 24 * time.Hour
	verifyStep  = 5 * time.Second
)

// watchDatabase logs once when the database is removed, replaced or damaged, and when it is back.
// While it is, the store refuses all work by itself: webhooks get 503 and nothing is posted.
func (b *Bot) watchDatabase(ctx context.Context, every time.Duration) {
	verified := make(chan struct{}, 1)
	verify := func() {
		defer func() { verified <- struct{}{} }()
		err := loop.Protect(ctx, b.log, "verifying the database panicked: this is a bug", func() error { return b.store.Verify(ctx, verifyStep) })
		var fault *store.Fault
		if err != nil && ctx.Err() == nil && !errors.As(err, &fault) {
			b.log.Warn("the database could not be verified as a whole; 'smileybot backup' checks every page", "error", err.Error())
		}
	}
	running, next, wasWrong := false, time.Now(), false
	for loop.Sleep(ctx, every) {
		var fault *store.Fault
		wrong := errors.As(b.store.Fault(), &fault)
		switch {
		case wrong && !wasWrong:
			b.log.Error("the database cannot be used: webhooks are refused with 503 and nothing is posted", "reason", fault.Reason, "remedy", fault.Remedy)
			b.rescueDatabase(ctx)
		case wasWrong && !wrong:
			b.log.Info("the database can be used again")
			b.onFeedbackStored()
		}
		wasWrong = wrong
		select {
		case <-verified:
			running = false
		default:
		}
		if now := time.Now(); !wrong && !running && (b.store.Shrunk() || !now.Before(next)) {
			running, next = true, now.Add(verifyEvery)
			go verify()
		}
	}
	if running {
		<-verified
	}
}

// rescueDatabase keeps what was acknowledged when the file of the database was removed: after the stop
// it would be gone.
func (b *Bot) rescueDatabase(ctx context.Context) {
	name, err := b.store.Rescue(ctx, time.Now())
	switch {
	case err != nil:
		b.log.Error("the database could not be rescued; what is not in a backup is lost with the stop", "error", err.Error())
	case name != "":
		b.log.Warn("a file of the database was removed or replaced while it was open, and everything in it is saved in a new file", "remedy", "stop 'smileybot serve' and run 'smileybot restore "+name+"'")
	}
}
