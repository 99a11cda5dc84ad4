package schedule

import (
	"context"
	"errors"
	"time"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
)

// sweep deletes deliveries, delivery ids and rejected deliveries that are older than [store.DeliveryRetention], every
// day.
func (s *Scheduler) sweep() job {
	return job{
		name: Sweep,
		next: nextDay,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			if err := s.store.Sweep(ctx, s.Clock.Now()); err != nil {
				return err
			}
			if err := s.scrubAfterForget(ctx); err != nil {
				return err
			}
			r.DoneAt = due
			return s.say(ctx, r)
		},
	}
}

// losses logs every day what was left out of webhooks.
func (s *Scheduler) losses() job {
	return job{
		name: Losses,
		next: nextDay,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			s.ReportLosses()
			r.DoneAt = due
			return s.say(ctx, r)
		},
	}
}

// scrubAfterForget scrubs the files for a forget of the last days that could not.
func (s *Scheduler) scrubAfterForget(ctx context.Context) error {
	const days, patience = 3, 5 * time.Second
	some, err := s.store.ErasedSince(ctx, s.Clock.Now().AddDate(0, 0, -days))
	if err != nil || !some {
		return err
	}
	scrubbing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.store.Scrub(scrubbing); err != nil && ctx.Err() == nil {
		s.Log.Warn("emptying the write-ahead log failed", "error", err)
	}
	return nil
}

const day = 24 * time.Hour

func nextDay(after time.Time) time.Time { return after.Add(day) }

// digest reports to the leads on the week and the month that ended, on the first office morning of each.
// Mornings that were missed are made up for in one message, about the latest week and the latest month
// of them. There is no digest of a time in which nothing happened.
func (s *Scheduler) digest() job {
	return job{
		name:   Digest,
		next:   func(after time.Time) time.Time { return score.NextDigest(s.Hours, after) },
		office: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			periods := s.missed(r.DoneAt, due)
			r.DoneAt = due
			said, err := s.store.Digest(ctx, periods, s.Clock.Now())
			if err != nil {
				return err
			}
			if said.Empty() {
				return s.say(ctx, r)
			}
			return s.say(ctx, r, store.Bulletin{Notice: store.NoticeDigest, Key: store.DigestKey(periods)})
		},
	}
}

// missed returns the latest week and the latest month of the digests that were due after done and until
// due.
func (s *Scheduler) missed(done, due time.Time) []score.Period {
	latest := make(map[score.Unit]score.Period)
	for at := score.NextDigest(s.Hours, done); !at.After(due); at = score.NextDigest(s.Hours, at) {
		for _, p := range score.DigestPeriods(s.Hours, office.DayOf(at, s.Hours.Location())) {
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

// alertLooksBack is on how many days that were missed an alert looks at most. A comparison spans 119
// days, so what was before does not matter.
const alertLooksBack = 120

// alert reports to the leads that the smileys have dropped within days.
func (s *Scheduler) alert() job {
	told := func(context.Context, score.Alert, office.Day) (bool, error) { return false, nil }
	return s.watch(Alert, func(a score.Alert) bool { return a.Sudden.SignificantDrop() }, told)
}

// slide reports to the leads that the smileys have dropped over weeks, unless [Alert] has reported the
// same drop.
func (s *Scheduler) slide() job {
	return s.watch(Slide, func(a score.Alert) bool { return a.Slow.SignificantDrop() }, s.reportedAsSudden)
}

// reportedAsSudden says whether a sudden drop was found on that office morning, or on one before it that
// may be the same drop.
func (s *Scheduler) reportedAsSudden(ctx context.Context, today score.Alert, morning office.Day) (bool, error) {
	if today.Sudden.SignificantDrop() {
		return true, nil
	}
	from, to := score.SameDrop(morning)
	for day := to; day >= from; day-- {
		if !s.Hours.OfficeDay(day) {
			continue
		}
		found, err := s.store.Alert(ctx, day)
		if err != nil || found.Sudden.SignificantDrop() {
			return err == nil, err
		}
	}
	return false, nil
}

// watch reports a drop to the leads on an office morning: once, until a day on which it no longer
// holds. Days that were missed are looked at as well; a drop that was over before the bot was back is
// not reported. reported says that another job reports it. Two jobs that report on one morning share
// the bulletin.
func (s *Scheduler) watch(name string, dropped func(score.Alert) bool, reported func(context.Context, score.Alert, office.Day) (bool, error)) job {
	return job{
		name:   name,
		next:   s.Hours.NextOpening,
		office: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			fresh, err := s.store.JobProgress(ctx, name, due) // what r knew may have been withdrawn
			if err != nil {
				return err
			}
			r.Reported = fresh.Reported
			var say []store.Bulletin
			last := office.DayOf(due, s.Hours.Location())
			for day := max(office.DayOf(r.DoneAt, s.Hours.Location()).Add(1), last.Add(-alertLooksBack)); day <= last; day++ {
				found, err := s.store.Alert(ctx, day)
				if err != nil {
					return err
				}
				switch {
				case !dropped(found):
					r.Reported, say = false, nil
				case r.Reported || !s.Hours.OfficeDay(day):
				default:
					if r.Reported, err = reported(ctx, found, day); err != nil {
						return err
					}
					if !r.Reported {
						r.Reported, say = true, []store.Bulletin{{Notice: store.NoticeAlert, Key: store.AlertKey(day)}}
					}
				}
			}
			r.DoneAt = due
			return s.say(ctx, r, say...)
		},
	}
}

// escalation reports to the leads at the opening of an office day, in one message, what is overdue, each
// follow-up once.
func (s *Scheduler) escalation() job {
	return job{
		name:   Escalation,
		next:   s.Hours.NextOpening,
		office: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			r.DoneAt = due
			key := store.NoticeEscalation + ":" + office.DayOf(due, s.Hours.Location()).String()
			n, err := s.store.Escalate(ctx, r, key, s.Clock.Now())
			if n > 0 {
				s.Wake()
			}
			return err
		},
	}
}

// retention erases, at the start and once a day, personal data older than Options.Retention. It scrubs the files each
// time, because an earlier run may have ended between erasing and scrubbing.
func (s *Scheduler) retention() job {
	const scrubTimeout = 30 * time.Second
	return job{
		name:    Retention,
		next:    nextDay,
		atStart: true,
		do: func(ctx context.Context, r store.JobProgress, due time.Time) error {
			now := s.Clock.Now()
			erased, err := s.store.EraseBefore(ctx, office.DayOf(now.Add(-s.Retention), s.Hours.Location()), now)
			if erased.Feedback > 0 {
				s.Log.Info("erased old feedback", "feedback", erased.Feedback, "messages", erased.Messages)
				s.Wake()
			}
			scrubbing, cancel := context.WithTimeout(ctx, scrubTimeout)
			defer cancel()
			if err = errors.Join(err, s.store.Scrub(scrubbing)); err != nil {
				return err
			}
			r.DoneAt = due
			return s.say(ctx, r)
		},
	}
}

// say records how far a job is, and queues bulletins.
func (s *Scheduler) say(ctx context.Context, r store.JobProgress, bulletins ...store.Bulletin) error {
	if err := s.store.Advance(ctx, r, bulletins...); err != nil {
		return err
	}
	if len(bulletins) > 0 {
		s.Wake()
	}
	return nil
}
