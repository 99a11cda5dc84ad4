package routine

import (
	"context"
	"errors"
	"time"

	"smileybot/feedback"
	"smileybot/store"
)

var errPanic = errors.New("it panicked")

// sweep drops deliveries, delivery ids and refusals that are older than [store.Kept],
// every day.
func (c *Clock) sweep() routine {
	const every = 24 * time.Hour
	return routine{
		name: Sweep,
		next: func(after time.Time) time.Time { return after.Add(every) },
		do: func(ctx context.Context, r store.Routine, due time.Time) error {
			if err := c.Store.Sweep(ctx, time.Now()); err != nil {
				return err
			}
			r.DoneAt = due
			return c.Store.Advance(ctx, r)
		},
	}
}

// digest tells the leads of the week and the month that ended, on the first office
// morning of each. Mornings that were missed are made up for in one message, about the
// latest week and the latest month of them. Of a time in which nothing happened there is
// nothing to tell.
func (c *Clock) digest() routine {
	return routine{
		name: Digest,
		next: c.Hours.NextDigest,
		do: func(ctx context.Context, r store.Routine, due time.Time) error {
			periods := c.missed(r.DoneAt, due)
			r.DoneAt = due
			said, err := c.Store.Digest(ctx, periods, time.Now())
			if err != nil {
				return err
			}
			if said.Empty() {
				return c.Store.Advance(ctx, r)
			}
			return c.say(ctx, r, store.Bulletin{Notice: store.NoticeDigest, Key: feedback.DigestKey(periods)})
		},
	}
}

// missed are the latest week and the latest month of the digests that were due after
// done and until due.
func (c *Clock) missed(done, due time.Time) []feedback.Period {
	latest := make(map[feedback.Unit]feedback.Period)
	for at := c.Hours.NextDigest(done); !at.After(due); at = c.Hours.NextDigest(at) {
		for _, p := range c.Hours.DigestPeriods(feedback.DayOf(at, c.Hours.Location())) {
			latest[p.Unit] = p
		}
	}
	var periods []feedback.Period
	for _, unit := range []feedback.Unit{feedback.UnitWeek, feedback.UnitMonth} {
		if p, ok := latest[unit]; ok {
			periods = append(periods, p)
		}
	}
	return periods
}

// alert tells the leads on an office morning that the smileys have dropped: once, until
// a morning on which that no longer holds.
func (c *Clock) alert() routine {
	return routine{
		name: Alert,
		next: c.Hours.NextOpening,
		do: func(ctx context.Context, r store.Routine, due time.Time) error {
			morning := feedback.DayOf(due, c.Hours.Location())
			drop, err := c.Store.Drop(ctx, morning)
			if err != nil {
				return err
			}
			told := r.Told
			r.DoneAt, r.Told = due, drop.Alarming()
			if told || !r.Told {
				return c.Store.Advance(ctx, r)
			}
			return c.say(ctx, r, store.Bulletin{Notice: store.NoticeAlert, Key: feedback.AlertKey(morning)})
		},
	}
}

// say notes how far a routine is and has something posted.
func (c *Clock) say(ctx context.Context, r store.Routine, b store.Bulletin) error {
	if err := c.Store.Advance(ctx, r, b); err != nil {
		return err
	}
	c.Wake()
	return nil
}
