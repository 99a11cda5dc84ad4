package store

import (
	"context"

	"smileybot/feedback"
)

// tally moves a feedback from where it counts, by the row that stands, to where
// it is to count. It goes before the row is saved, and by the row's own day: the
// time zone may have been another when that was written.
func (s *Store) tally(t *tx, f feedback.Feedback) error {
	err := t.exec(`
update tally set n = n - 1
where (kind, day, channel, value) = (select kind, day, channel, rating from feedback where id = $1)`, f.ID)
	if err != nil {
		return err
	}
	return t.exec(`
insert into tally (kind, day, channel, value, n) values ($1, $2, $3, $4, 1)
on conflict (kind, day, channel, value) do update set n = tally.n + excluded.n`,
		f.Kind, int64(s.day(f.OccurredAt)), f.Channel, f.Rating)
}

// Tally counts the answers of a kind on the days from first to last, both
// included. It costs a read of at most days × channels × values rows, however
// many answers there are.
func (s *Store) Tally(ctx context.Context, kind feedback.Kind, first, last feedback.Day) (feedback.Tally, error) {
	var counted feedback.Tally
	err := s.each(ctx, "the tallies", func(row scanner) error {
		var value int
		var n int64
		err := row.Scan(&value, &n)
		counted.Add(value, n)
		return err
	}, `select value, sum(n) from tally where kind = $1 and day between $2 and $3 group by value`,
		kind, int64(first), int64(last))
	return counted, err
}

// Reports reads what an answer about a metric shows over a period, each beside
// the period before: the metric itself, and what is shown with it when there is
// any (see [feedback.Metric.With]). It counts anew every time, so a rating that
// was acknowledged a moment ago is in it.
func (s *Store) Reports(ctx context.Context, metric feedback.Metric, period feedback.Period) ([]feedback.Report, error) {
	report, err := s.Report(ctx, metric, period)
	if err != nil {
		return nil, err
	}
	reports := []feedback.Report{report}
	for _, with := range metric.With() {
		report, err := s.Report(ctx, with, period)
		if err != nil {
			return nil, err
		}
		if report.Score.N > 0 {
			reports = append(reports, report)
		}
	}
	return reports, nil
}

// Report reads one metric over a period and over the one before it.
func (s *Store) Report(ctx context.Context, metric feedback.Metric, period feedback.Period) (feedback.Report, error) {
	now, err := s.reading(ctx, metric, period)
	if err != nil {
		return feedback.Report{}, err
	}
	before, err := s.reading(ctx, metric, period.Previous())
	if err != nil {
		return feedback.Report{}, err
	}
	return feedback.Compare(now, before), nil
}

func (s *Store) reading(ctx context.Context, metric feedback.Metric, period feedback.Period) (feedback.Reading, error) {
	tally, err := s.Tally(ctx, metric.Kind(), period.From, period.To)
	if err != nil {
		return feedback.Reading{}, err
	}
	return feedback.Reading{Period: period, Score: feedback.Measure(metric, tally)}, nil
}
