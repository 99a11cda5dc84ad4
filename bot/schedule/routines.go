package schedule

import (
	"context"
	"errors"
	"time"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
)

// sweep drops deliveries, delivery ids and refusals that are older than [store.DeliveryRetention],
// every day.
func (c *Clock) sweep() routine {
	const every = 24 * time.Hour
	return routine{
		name: Sweep,
		next: func(after time.Time) time.Time { return after.Add(every) },
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
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
		name:   Digest,
		next:   func(after time.Time) time.Time { return score.NextDigest(c.Hours, after) },
		office: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			periods := c.missed(r.DoneAt, due)
			r.DoneAt = due
			said, err := c.Store.Digest(ctx, periods, time.Now())
			if err != nil {
				return err
			}
			if said.Empty() {
				return c.say(ctx, r)
			}
			return c.say(ctx, r, store.Bulletin{Notice: store.NoticeDigest, Key: store.DigestKey(periods)})
		},
	}
}

// missed are the latest week and the latest month of the digests that were due after
// done and until due.
func (c *Clock) missed(done, due time.Time) []score.Period {
	latest := make(map[score.Unit]score.Period)
	for at := score.NextDigest(c.Hours, done); !at.After(due); at = score.NextDigest(c.Hours, at) {
		for _, p := range score.DigestPeriods(c.Hours, office.DayOf(at, c.Hours.Location())) {
			latest[p.Unit] = p
		}
	}
	var periods []score.Period
	for _, unit := range []score.Unit{score.UnitWeek, score.UnitMonth} {
		if p, ok := latest[unit]; ok {
			periods = append(periods, p)
		}
	}
	return periods
}

// alert tells the leads on an office morning that the smileys have dropped: once, until
// a day on which that no longer holds. Days that were missed are looked at as well; what
// was over before the bot was back is not told.
func (c *Clock) alert() routine {
	return routine{
		name:   Alert,
		next:   c.Hours.NextOpening,
		office: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			var say []store.Bulletin
			last := office.DayOf(due, c.Hours.Location())
			for day := office.DayOf(r.DoneAt, c.Hours.Location()).Add(1); day <= last; day++ {
				drop, err := c.Store.CompareForAlert(ctx, day)
				if err != nil {
					return err
				}
				switch {
				case !drop.SignificantDrop():
					r.Reported, say = false, nil
				case !r.Reported && c.Hours.OfficeDay(day):
					r.Reported, say = true, []store.Bulletin{{Notice: store.NoticeAlert, Key: store.AlertKey(day)}}
				}
			}
			r.DoneAt = due
			return c.say(ctx, r, say...)
		},
	}
}

// escalation tells the leads at the opening of an office day, in one message, what is
// overdue, each follow-up once.
func (c *Clock) escalation() routine {
	return routine{
		name:   Escalation,
		next:   c.Hours.NextOpening,
		office: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			r.DoneAt = due
			key := store.NoticeEscalation + ":" + office.DayOf(due, c.Hours.Location()).String()
			n, err := c.Store.Escalate(ctx, r, key, time.Now())
			if n > 0 {
				c.Wake()
			}
			return err
		},
	}
}

// retention forgets, every day, what is older than it may be. It scrubs each time: the
// last run may have been cut between the two.
func (c *Clock) retention() routine {
	const every = 24 * time.Hour
	return routine{
		name: Retention,
		next: func(after time.Time) time.Time { return after.Add(every) },
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			now := time.Now()
			erased, err := c.Store.EraseBefore(ctx, office.DayOf(now.Add(-c.Retention), c.Hours.Location()), now)
			if erased.Feedback > 0 {
				c.Log.Info("old feedback was forgotten", "feedback", erased.Feedback, "messages", erased.Messages)
				c.Wake()
			}
			if err = errors.Join(err, c.scrub(ctx)); err != nil {
				return err
			}
			r.DoneAt = due
			return c.say(ctx, r)
		},
	}
}

// scrub leaves nothing of what was erased in the database's files.
func (c *Clock) scrub(ctx context.Context) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.Store.Scrub(ctx)
}

// say notes how far a routine is and has something posted, if there is something.
func (c *Clock) say(ctx context.Context, r store.JobProgress, bulletins ...store.Bulletin) error {
	if err := c.Store.Advance(ctx, r, bulletins...); err != nil {
		return err
	}
	if len(bulletins) > 0 {
		c.Wake()
	}
	return nil
}
