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
			return c.say(ctx, r)
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
				return c.say(ctx, r)
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
// a morning on which that no longer holds. Mornings that were missed are looked at as
// well; what was over before the bot was back is not told.
func (c *Clock) alert() routine {
	return routine{
		name: Alert,
		next: c.Hours.NextOpening,
		do: func(ctx context.Context, r store.Routine, due time.Time) error {
			var say []store.Bulletin
			for at := c.Hours.NextOpening(r.DoneAt); !at.After(due); at = c.Hours.NextOpening(at) {
				morning := feedback.DayOf(at, c.Hours.Location())
				drop, err := c.Store.Drop(ctx, morning)
				if err != nil {
					return err
				}
				switch {
				case !drop.Alarming():
					r.Told, say = false, nil
				case !r.Told:
					r.Told, say = true, []store.Bulletin{{Notice: store.NoticeAlert, Key: feedback.AlertKey(morning)}}
				}
			}
			r.DoneAt = due
			return c.say(ctx, r, say...)
		},
	}
}

// say notes how far a routine is and has something posted, if there is something.
func (c *Clock) say(ctx context.Context, r store.Routine, bulletins ...store.Bulletin) error {
	if err := c.Store.Advance(ctx, r, bulletins...); err != nil {
		return err
	}
	if len(bulletins) > 0 {
		c.Wake()
	}
	return nil
}
