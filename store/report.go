package store

import (
	"context"

	"smileybot/feedback"
)

// Reports reads what an answer about a metric shows over a period, each beside
// the period before: the metric itself, and what is shown with it when there is
// any (see [feedback.Metric.With]), each with its trend. It counts anew every time, so a rating that
// was acknowledged a moment ago is in it.
func (s *Store) Reports(ctx context.Context, metric feedback.Metric, period feedback.Period) ([]feedback.Report, error) {
	report, err := s.withTrend(ctx, metric, period)
	if err != nil {
		return nil, err
	}
	reports := []feedback.Report{report}
	for _, with := range metric.With() {
		report, err := s.withTrend(ctx, with, period)
		if err != nil {
			return nil, err
		}
		if report.Score.N > 0 {
			reports = append(reports, report)
		}
	}
	return reports, nil
}

// withTrend reads one metric as an answer shows it. There is nothing to be seen of
// too few answers.
func (s *Store) withTrend(ctx context.Context, metric feedback.Metric, period feedback.Period) (feedback.Report, error) {
	report, err := s.Report(ctx, metric, period)
	if err == nil && report.Score.Enough() {
		report.Trend, err = s.Trend(ctx, metric, period)
	}
	return report, err
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
	count, err := s.count(ctx, metric.Kind(), period.From, period.To)
	if err != nil {
		return feedback.Reading{}, err
	}
	return feedback.Reading{Period: period, Score: feedback.Measure(metric, count.Tally), Voided: count.Voided}, nil
}

// count counts the answers of a kind on the days from first to last, both
// included. It costs a read of one row for each month between them and each day
// of the months at the ends, however many answers there are.
func (s *Store) count(ctx context.Context, kind feedback.Kind, first, last feedback.Day) (feedback.Count, error) {
	var counted feedback.Count
	head, months, tail := first.Months(last)
	for _, span := range []struct {
		unit        feedback.Unit
		first, last int64
	}{
		{feedback.UnitDay, int64(head[0]), int64(head[1])},
		{feedback.UnitMonth, int64(months[0]), int64(months[1])},
		{feedback.UnitDay, int64(tail[0]), int64(tail[1])},
	} {
		if span.first > span.last {
			continue
		}
		err := s.each(ctx, "the tallies", func(row scanner) error {
			var c feedback.Count
			err := row.Scan(countPlaces(&c)...)
			counted = counted.Plus(c)
			return err
		}, `select `+countSums+` from tally t
where t.kind = $1 and t.unit = $2 and t.channel = '' and t.agent = 0 and t.first between $3 and $4`, kind, span.unit, span.first, span.last)
		if err != nil {
			return feedback.Count{}, err
		}
	}
	return counted, nil
}

// countSums are the columns of a sum that countPlaces reads.
const countSums = `coalesce(sum(t.voided), 0), coalesce(sum(t.v0), 0), coalesce(sum(t.v1), 0), coalesce(sum(t.v2), 0), coalesce(sum(t.v3), 0), coalesce(sum(t.v4), 0), coalesce(sum(t.v5), 0), coalesce(sum(t.v6), 0), coalesce(sum(t.v7), 0), coalesce(sum(t.v8), 0), coalesce(sum(t.v9), 0), coalesce(sum(t.v10), 0)`

func countPlaces(c *feedback.Count) []any {
	places := []any{&c.Voided}
	for value := range c.Tally {
		places = append(places, &c.Tally[value])
	}
	return places
}
