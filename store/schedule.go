package store

import (
	"context"
	"errors"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// JobProgress is the progress of a job of the schedule.
type JobProgress struct {
	Name string
	// DoneAt is the due time up to which it is done.
	DoneAt time.Time
	// Reported says, for an alert, whether the last drop was reported.
	Reported bool
}

// JobProgress returns the progress of a job. An unknown job begins now, without what was due
// before.
func (s *Store) JobProgress(ctx context.Context, name string, now time.Time) (JobProgress, error) {
	r := JobProgress{Name: name}
	err := s.row(ctx, "the progress of the job "+name, `select done_ms, told from routine where name = $1`, name).Scan(momentIn(&r.DoneAt), &r.Reported)
	if errors.Is(err, ErrNotFound) {
		r.DoneAt = now.UTC().Truncate(time.Millisecond)
		return r, s.Advance(ctx, r)
	}
	return r, err
}

// Advance records the progress of a job and queues its bulletins in one transaction. A bulletin
// whose key exists is not queued again.
func (s *Store) Advance(ctx context.Context, r JobProgress, say ...Bulletin) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		for _, b := range say {
			if err := b.queue(t, r.DoneAt); err != nil {
				return err
			}
		}
		return saveProgress(t, r)
	})
}

func saveProgress(t *Unit, r JobProgress) error {
	return t.Exec(`
insert into routine (name, done_ms, told) values ($1, $2, $3)
on conflict (name) do update set done_ms = excluded.done_ms, told = excluded.told`, r.Name, ms(r.DoneAt), flag(r.Reported))
}

// Digest is a digest with the places of the messages of its comments in Slack.
type Digest struct {
	score.Digest
	// CommentPlaces are the comments of score.Digest.Comments, in its order, each with the place of its message.
	CommentPlaces []PostedFeedback
}

// commentsRead bounds the comments that a digest picks from: the latest ones.
const commentsRead = 1000

// commentsShown is how many comments a digest links to.
const commentsShown = 3

// Digest reads the content of a digest of periods that ended, as it is now. The comments and the
// alert are of the first period.
func (s *Store) Digest(ctx context.Context, periods []score.Period, now time.Time) (Digest, error) {
	var d Digest
	for _, period := range periods {
		part, err := s.digestPart(ctx, period, now)
		if err != nil {
			return Digest{}, err
		}
		d.Parts = append(d.Parts, part)
	}
	if len(periods) == 0 {
		return d, nil
	}
	var err error
	if d.Alert, err = s.Alert(ctx, periods[0].To.Add(1)); err != nil {
		return Digest{}, err
	}
	commented, err := s.waiting(ctx, `where f.comment <> '' and f.day between $1 and $2 and f.voided_ms is null and o.ts is not null
order by f.day desc, f.id desc limit $3`, periods[0].From, periods[0].To, commentsRead)
	if err != nil {
		return Digest{}, err
	}
	cases := make([]followup.Snapshot, len(commented))
	places := make(map[string]PostedFeedback)
	for i, w := range commented {
		cases[i], places[w.Feedback.ID] = w.Snapshot, w
	}
	d.Comments = score.WorthReading(cases, commentsShown)
	for _, c := range d.Comments {
		d.CommentPlaces = append(d.CommentPlaces, places[c.Feedback.ID])
	}
	return d, nil
}

func (s *Store) digestPart(ctx context.Context, period score.Period, now time.Time) (score.DigestPart, error) {
	part := score.DigestPart{Period: period}
	for _, metric := range score.DigestMetrics() {
		report, err := s.Report(ctx, score.NewQuery(metric, period))
		if err != nil {
			return part, err
		}
		if report.Score.N > 0 || report.Previous.Score.N > 0 {
			part.Scores = append(part.Scores, report)
		}
	}
	var err error
	part.FollowUpStats, err = s.FollowUpStats(ctx, period, now)
	return part, err
}

// FollowUpStats counts the follow-ups of a period by their present state and outcome.
func (s *Store) FollowUpStats(ctx context.Context, period score.Period, now time.Time) (score.FollowUpStats, error) {
	var work score.FollowUpStats
	first, last := period.From.Time(s.options.Location), period.To.Add(1).Time(s.options.Location)
	err := s.each(ctx, "the follow-ups", func(row Scanner) error {
		var f followup.FollowUp
		err := row.Scan(&f.State, momentIn(&f.DueAt), momentIn(&f.ChangedAt), &f.ChangedBy)
		work.FollowUps.Add(f, now)
		return err
	}, `select state, due_ms, changed_ms, changed_by from followup where opened_ms >= $1 and opened_ms < $2`, ms(first), ms(last))
	if err != nil {
		return work, err
	}
	err = s.each(ctx, "the follow-ups", collect(&work.Outcomes, func(row Scanner) (c score.OutcomeCount, err error) {
		err = row.Scan(&c.Outcome, &c.N)
		return c, err
	}), `select outcome, count(*) from followup where state = 'done' and changed_ms >= $1 and changed_ms < $2 group by outcome`, ms(first), ms(last))
	if err != nil {
		return work, err
	}
	score.SortOutcomes(work.Outcomes)
	work.Recovery, err = s.recovery(ctx, period)
	return work, err
}

// recovery counts the answers of a period to whether a follow-up helped.
func (s *Store) recovery(ctx context.Context, period score.Period) (score.Ratio, error) {
	var counted score.Ratio
	err := s.each(ctx, "the second answers", func(row Scanner) error {
		var f feedback.Feedback
		var n int64
		err := row.Scan(&f.Kind, &f.Rating, &n)
		counted.All += n
		if f.Colour() == feedback.Green {
			counted.Yes += n
		}
		return err
	}, `select kind, rating, count(*) from feedback
where follow_up_of <> '' and day between $1 and $2 and voided_ms is null group by kind, rating`, period.From, period.To)
	return counted, err
}

// Alert compares the smileys of the days that the alert of a morning is about.
func (s *Store) Alert(ctx context.Context, morning office.Day) (score.Alert, error) {
	var alert score.Alert
	err := s.ask(ctx, score.NewQuery(score.MetricSmileys, score.Period{}), func(a asked) (err error) {
		alert, err = score.NewAlert(morning, func(p score.Period) (score.PeriodScore, error) {
			counted, err := a.countAll(ctx, p)
			return counted.measure(a.Metric, p, wholePeriod), err
		})
		return err
	})
	return alert, err
}
