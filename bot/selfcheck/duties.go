package selfcheck

import (
	"context"
	"fmt"
	"slices"
	"time"

	"smileybot/bot/duty"
	"smileybot/store"
)

// duties reports which bot does what one of several does. A bot that is alive renews its leases, which two
// looks show.
func (c *checker) duties(ctx context.Context, database *store.Store) {
	seen, err := database.Leases(ctx)
	if err != nil {
		c.fail(err.Error(), again)
		return
	}
	held := slices.ContainsFunc(seen, func(l store.Lease) bool { return !duty.IsPresence(l) && l.Holder != "" })
	if !held {
		c.ok("duties: no bot runs")
		return
	}
	select {
	case <-time.After(duty.SignOfLife):
	case <-ctx.Done():
	}
	now, err := database.Leases(ctx)
	if err != nil {
		c.fail(err.Error(), again)
		return
	}
	for _, l := range now {
		switch {
		case duty.IsPresence(l), l.Duty == duty.Recount && l.Holder == "": // which is done at a start only
		case l.Holder == "":
			c.ok("duty %s: no bot does it", l.Duty)
		case slices.Contains(seen, l):
			c.report(Result{
				Warning: true, Text: fmt.Sprintf("duty %s: %s had it, and gives no sign of life", l.Duty, l.Holder),
				Remedy: "a bot that runs takes it over within 15 s; start one",
			})
		default:
			c.ok("duty %s: %s does it, term %d", l.Duty, l.Holder, l.Term)
		}
	}
}
