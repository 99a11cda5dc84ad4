package store

import (
	"context"
	"errors"
	"slices"
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

// Digest is a digest with the places in Slack of the messages that it links to.
type Digest struct {
	score.Digest
	// CommentPlaces are the comments of score.Digest.Comments, in its order, each with the place of its message.
	CommentPlaces []PostedFeedback
	// Overdue are the follow-ups that are overdue now, AtRisk the latest answer in the first period of
	// each customer at risk. Of both, the first few.
	Overdue, AtRisk QueuePage
}

// commentsRead bounds the comments, and answers of customers at risk, that a digest picks from: the
// latest ones.
const commentsRead = 1000

// digestLinks is how many messages of each kind a digest and an alert link to.
const digestLinks = 3

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
	if d.Overdue, err = s.Overdue(ctx, now, Page{Limit: digestLinks}); err != nil {
		return Digest{}, err
	}
	if d.AtRisk, err = s.atRiskIn(ctx, periods[0]); err != nil {
		return Digest{}, err
	}
	d.Comments, d.CommentPlaces, err = s.comments(ctx, periods[0], func(feedback.Feedback) bool { return true })
	return d, err
}

// postedIn is the condition for feedback of two days that counts and has a message.
const postedIn = ` and f.day between $1 and $2 and f.voided_ms is null and o.ts is not null
order by f.day desc, f.id desc limit $3`

// comments picks the comments of a period that are worth reading.
func (s *Store) comments(ctx context.Context, p score.Period, of func(feedback.Feedback) bool) ([]followup.Snapshot, []PostedFeedback, error) {
	commented, err := s.waiting(ctx, `where f.comment <> ''`+postedIn, p.From, p.To, commentsRead)
	if err != nil {
		return nil, nil, err
	}
	commented = slices.DeleteFunc(commented, func(w PostedFeedback) bool { return !of(w.Feedback) })
	picked := score.WorthReading(snapshots(commented), digestLinks)
	return picked, placesOf(picked, commented), nil
}

// atRiskIn lists the latest answer in a period of each customer at risk.
func (s *Store) atRiskIn(ctx context.Context, p score.Period) (QueuePage, error) {
	flagged, err := s.waiting(ctx, `where f.at_risk = 1`+postedIn, p.From, p.To, commentsRead)
	customers := score.OnePerCustomer(snapshots(flagged))
	page := QueuePage{Total: len(customers)}
	page.First = placesOf(customers[:min(len(customers), digestLinks)], flagged)
	return page, err
}

func snapshots(posted []PostedFeedback) []followup.Snapshot {
	cases := make([]followup.Snapshot, len(posted))
	for i, w := range posted {
		cases[i] = w.Snapshot
	}
	return cases
}

// placesOf are those of posted that were picked, in the order of picked.
func placesOf(picked []followup.Snapshot, posted []PostedFeedback) []PostedFeedback {
	var places []PostedFeedback
	for _, c := range picked {
		i := slices.IndexFunc(posted, func(w PostedFeedback) bool { return w.Feedback.ID == c.Feedback.ID })
		places = append(places, posted[i])
	}
	return places
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
		err := row.Scan(&f.State, momentIn(&f.DueAt), momentIn(&f.ChangedAt))
		work.FollowUps.Add(f, now)
		return err
	}, `select state, due_ms, changed_ms from followup where opened_ms >= $1 and opened_ms < $2`, ms(first), ms(last))
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

// Drops are the significant drops of the alert of a morning, with their channels, and the comments of
// unhappy customers in the days of the first one that are worth reading.
func (s *Store) Drops(ctx context.Context, morning office.Day) (drops []score.Report, comments []PostedFeedback, err error) {
	found, err := s.Alert(ctx, morning)
	if err != nil {
		return nil, nil, err
	}
	for _, drop := range found.Drops() {
		err := s.ask(ctx, score.NewQuery(score.MetricSmileys, drop.Period), func(a asked) (err error) {
			drop.Channels, err = a.channels(ctx, drop.Previous.Period)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		drops = append(drops, drop)
	}
	if len(drops) > 0 {
		unhappy := func(f feedback.Feedback) bool { return f.Colour() != feedback.Green }
		_, comments, err = s.comments(ctx, drops[0].Period, unhappy)
	}
	return drops, comments, err
}
