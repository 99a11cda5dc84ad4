package bot

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"smileybot/bot/duty"
	"smileybot/bot/selfcheck"
	"smileybot/store"
)

// maxHost bounds the part of a bot's name that the machine gives, in bytes.
const maxHost = 64

// processName names this process for the other bots and for people: its machine, its id there, and a few
// random digits, because both may come again.
func processName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "smileybot"
	}
	var random [3]byte
	_, _ = rand.Read(random[:]) // which never fails
	return fmt.Sprintf("%s-%d-%s", host[:min(len(host), maxHost)], os.Getpid(), hex.EncodeToString(random[:]))
}

// duties lists what one of several bots does.
func (b *Bot) duties() []duty.Part {
	parts := []duty.Part{
		{Duty: duty.Slack, Run: func(ctx, held context.Context, s *store.Store) {
			beside(ctx, b.dispatcher.handler.KeepHomes, func(ctx context.Context) { b.outbox.Run(ctx, held, s) })
		}},
		{Duty: duty.Clock, Run: func(ctx, _ context.Context, s *store.Store) {
			beside(ctx, func(ctx context.Context) { b.recheckTexts(ctx, s) }, func(ctx context.Context) { b.scheduler.Run(ctx, s) })
		}},
	}
	if b.notifier != nil {
		parts = append(parts, duty.Part{Duty: duty.Outgoing, Run: func(ctx, _ context.Context, s *store.Store) { b.notifier.Run(ctx, s) }})
	}
	if b.puller != nil {
		parts = append(parts, duty.Part{Duty: duty.Pull, Run: func(ctx, _ context.Context, s *store.Store) { b.puller.Run(ctx, s) }})
	}
	return parts
}

// beside runs work next to the main part of a duty, with whose end it ends.
func beside(ctx context.Context, work, main func(context.Context)) {
	ctx, end := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer end()
	working.Go(func() { work(ctx) })
	main(ctx)
}

// recheckTexts looks at the stored texts once after an upgrade that asks for it, by Slack's time.
func (b *Bot) recheckTexts(ctx context.Context, s *store.Store) {
	select {
	case <-b.clock.clock.Known():
	case <-ctx.Done():
		return
	}
	n, err := s.Recheck(ctx, b.clock.clock.Now())
	if err != nil && ctx.Err() == nil {
		b.log.Warn("could not look at all stored texts; will continue at the next start", "error", err)
	}
	if n > 0 {
		b.log.Info("emptied stored texts that say nothing", "feedback", n)
		b.onFeedbackStored()
	}
}

// listenForSignals waits for changes of the database by another program.
func (b *Bot) listenForSignals(ctx context.Context) {
	for {
		select {
		case <-b.signals:
			b.onFeedbackStored()
		case <-ctx.Done():
			return
		}
	}
}

// checkDuties reports which bot does what one of several does. A bot that is alive renews its leases, which
// two looks show.
func checkDuties(ctx context.Context, database *store.Store, report func(selfcheck.Result)) error {
	seen, err := database.Leases(ctx)
	if err != nil {
		return err
	}
	held := slices.ContainsFunc(seen, func(l store.Lease) bool { return !duty.IsPresence(l) && l.Holder != "" })
	if !held {
		report(selfcheck.Result{Text: "duties: no bot runs"})
		return nil
	}
	select {
	case <-time.After(duty.SignOfLife):
	case <-ctx.Done():
	}
	now, err := database.Leases(ctx)
	if err != nil {
		return err
	}
	for _, l := range now {
		switch {
		case duty.IsPresence(l), l.Duty == duty.Recount && l.Holder == "": // which is done at a start only
		case l.Holder == "":
			report(selfcheck.Result{Text: fmt.Sprintf("duty %s: no bot does it", l.Duty)})
		case slices.Contains(seen, l):
			report(selfcheck.Result{
				Warning: true, Text: fmt.Sprintf("duty %s: %s had it, and gives no sign of life", l.Duty, l.Holder),
				Remedy: "a bot that runs takes it over within 15 s; start one",
			})
		default:
			report(selfcheck.Result{Text: fmt.Sprintf("duty %s: %s does it, term %d", l.Duty, l.Holder, l.Term)})
		}
	}
	return nil
}
