package bot

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"smileybot/bot/internal/loop"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
)

const (
	// methodClock is the method in a failure of the machine's clock, which is not a call of Slack.
	methodClock = "clock"
	// clockLook is how often the clock is looked at.
	clockLook = time.Minute
	// clockPatience is how long after the start Slack may be silent before that is reported.
	clockPatience = 10 * time.Second
)

// clockWatch compares the machine's clock with Slack's, and reports when they differ.
type clockWatch struct {
	clock *slackapi.Clock
	log   *slog.Logger

	mu      sync.Mutex
	started time.Time
	wrong   time.Time // since when it is wrong, zero while it is not
}

// run looks at the clock once a minute, and asks Slack where it must, until ctx ends. It calls known
// once Slack has answered for the first time.
func (w *clockWatch) run(ctx context.Context, known func()) {
	w.mu.Lock()
	w.started = time.Now()
	w.mu.Unlock()
	first := loop.NewWakeup()
	var waiting sync.WaitGroup
	defer waiting.Wait() // known may still use the store
	waiting.Go(func() {
		select {
		case <-w.clock.Known():
			known()
			first.Signal()
		case <-ctx.Done():
		}
	})
	for ctx.Err() == nil {
		loop.Wait(ctx, time.Now().Add(clockLook), first)
		w.clock.Refresh(ctx)
		w.look()
	}
}

// look notes since when the clock is wrong. A change is logged once.
func (w *clockWatch) look() (wrong time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	offset, _ := w.clock.Offset()
	switch isWrong := w.clock.IsWrong(); {
	case isWrong && w.wrong.IsZero():
		w.wrong = w.clock.Now()
		w.log.Error("the machine's clock is wrong; nothing is erased, escalated or summed up", "clock_offset", offset.Round(time.Second).String(), "remedy", clockRemedy(offset))
	case !isWrong && !w.wrong.IsZero():
		w.wrong = time.Time{}
		w.log.Info("the machine's clock is right again", "clock_offset", offset.Round(time.Second).String())
	}
	return w.wrong
}

// failures lists what is wrong with the clock.
func (w *clockWatch) failures() []slackapi.Failure {
	since := w.look()
	if since.IsZero() {
		return nil
	}
	offset, _ := w.clock.Offset()
	return []slackapi.Failure{{Method: methodClock, Reason: "clock_wrong", Remedy: clockRemedy(offset), Since: since}}
}

// clockRemedy says what an operator does about a clock that is wrong by an offset.
func clockRemedy(offset time.Duration) string {
	return message.NewRenderer(message.Options{}).ClockRemedy(offset)
}

// clockState is how the machine's clock is, in the answer of /readyz.
type clockState struct {
	// State is ok, wrong (more than [slackapi.MaxClockOffset] from Slack's) or unknown (Slack has not
	// answered since the start).
	State string `json:"state"`
	// Offset is by how many seconds it is ahead of Slack's, negative when it is behind.
	Offset int64 `json:"offset_seconds"`
}

// state is nil while there is nothing to tell.
func (w *clockWatch) state() *clockState {
	offset, known := w.clock.Offset()
	seconds := int64(math.Round(offset.Seconds()))
	w.mu.Lock()
	waited := !w.started.IsZero() && time.Since(w.started) >= clockPatience
	w.mu.Unlock()
	switch {
	case w.clock.IsWrong():
		return &clockState{State: "wrong", Offset: seconds}
	case !known && waited:
		return &clockState{State: "unknown"}
	case seconds < -1 || seconds > 1: // Slack's time is known to a second
		return &clockState{State: "ok", Offset: seconds}
	default:
		return nil
	}
}
