package main

import (
	"context"
	"fmt"
	"time"

	"smileybot/config"
	"smileybot/store"
)

// erasures tells of messages in which what is personal stands still, although it is
// forgotten.
func (r *checklist) erasures(ctx context.Context, kept *store.Store) {
	e, err := kept.Erasures(ctx)
	switch {
	case err != nil:
		r.fail(err.Error(), "run 'smileybot check' again")
	case len(e.Failed) > 0:
		r.fail(fmt.Sprintf("forgetting: %s can be neither edited nor deleted by the bot, the first is %s in channel %s",
			howMany(len(e.Failed), "message"), e.Failed[0].TS, e.Failed[0].SlackChannel),
			"let somebody who may delete them by hand; 'smileybot forget' lists them")
	case e.Wanted > 0:
		r.ok(fmt.Sprintf("forgetting: %s still to be edited", howMany(e.Wanted, "message")))
	}
}

// outgoing tells whether the ticket system is told of follow-ups, and what waits.
func (r *checklist) outgoing(ctx context.Context, settings config.Config, kept *store.Store) {
	if settings.OutURL == "" {
		r.ok("outgoing webhook: not set, the ticket system is not told of follow-ups")
		return
	}
	n, oldest, err := kept.PendingCount(ctx)
	switch {
	case err != nil:
		r.fail(err.Error(), "run 'smileybot check' again")
	case n == 0:
		r.ok("outgoing webhook: set, nothing waits")
	case time.Since(oldest) > time.Hour:
		r.fail(fmt.Sprintf("outgoing webhook: %s, the oldest since %s", waits(n), oldest.In(r.zone).Format(time.DateTime)),
			"look at the receiver of SMILEYBOT_OUT_URL; /readyz of the running bot tells what it answers")
	default:
		r.ok("outgoing webhook: set, " + waits(n))
	}
}

func waits(n int) string {
	if n == 1 {
		return "1 event waits"
	}
	return fmt.Sprintf("%d events wait", n)
}
