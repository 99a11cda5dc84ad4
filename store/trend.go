package store

import (
	"context"

	"smileybot/feedback"
)

// Trend reads how a metric went during a period. It is nil for a period too short to
// have one. Like a score it costs the same however many answers there are: a
// read of at most 140 days, or of a row for each month and each day of those at
// the ends.
func (s *Store) Trend(ctx context.Context, metric feedback.Metric, period feedback.Period) (feedback.Trend, error) {
	stretches := period.Stretches()
	if len(stretches) < 2 {
		return nil, nil
	}
	counts := make([]feedback.Count, len(stretches))
	base, width, byMonth := stretches[0].Unit.Slot(period.From)
	slots := slots{kind: metric.Kind(), unit: feedback.UnitDay, base: base, width: width}
	if !byMonth {
		if err := s.slots(ctx, slots, int64(period.From), int64(period.To), counts); err != nil {
			return nil, err
		}
	} else if err := s.months(ctx, slots, period, counts); err != nil {
		return nil, err
	}
	trend := make(feedback.Trend, len(stretches))
	for i, stretch := range stretches {
		trend[i] = feedback.Point{Period: stretch, Score: feedback.Measure(metric, counts[i].Tally)}
	}
	return trend, nil
}

// slots say how rows of the tallies become the points of a trend.
type slots struct {
	kind        feedback.Kind
	unit        feedback.Unit
	base, width int64
}

// months counts whole months by month, and what the period cuts off of those at its
// ends by day: that belongs to the first and to the last point.
func (s *Store) months(ctx context.Context, in slots, period feedback.Period, counts []feedback.Count) error {
	head, months, tail := period.From.Months(period.To)
	var err error
	if counts[0], err = s.count(ctx, in.kind, head[0], head[1]); err != nil {
		return err
	}
	last := len(counts) - 1
	if counts[last], err = s.count(ctx, in.kind, tail[0], tail[1]); err != nil {
		return err
	}
	in.unit = feedback.UnitMonth
	return s.slots(ctx, in, int64(months[0]), int64(months[1]), counts)
}

// slots adds the rows from first to last to the points they belong to.
func (s *Store) slots(ctx context.Context, in slots, first, last int64, counts []feedback.Count) error {
	return s.each(ctx, "the trend", func(row scanner) error {
		var slot int
		var c feedback.Count
		if err := row.Scan(append([]any{&slot}, countPlaces(&c)...)...); err != nil {
			return err
		}
		counts[slot] = counts[slot].Plus(c)
		return nil
	}, `with t as (select *, (first - $1) / $2 as slot from tally
    where kind = $3 and unit = $4 and channel = '' and agent = 0 and first between $5 and $6)
select t.slot, `+countSums+` from t group by t.slot`,
		in.base, in.width, in.kind, in.unit, first, last)
}
