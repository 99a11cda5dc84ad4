package store

import (
	"context"

	"smileybot/feedback"
)

// trend reads how the metric went during the period. It is nil for a period too short
// to have one. Like a score it costs the same however many answers there are: a read
// of at most 140 days, or of a row for each month and each day of those at the ends.
func (a asked) trend(ctx context.Context) (feedback.Trend, error) {
	stretches := a.Period.Stretches()
	if len(stretches) < 2 {
		return nil, nil
	}
	counts := make([]feedback.Count, len(stretches))
	base, width, byMonth := stretches[0].Unit.Slot(a.Period.From)
	days := slots{span{feedback.UnitDay, int64(a.Period.From), int64(a.Period.To)}, base, width}
	var err error
	if byMonth {
		err = a.slotMonths(ctx, base, width, counts)
	} else {
		err = a.slot(ctx, days, counts)
	}
	if err != nil {
		return nil, err
	}
	trend := make(feedback.Trend, len(stretches))
	for i, stretch := range stretches {
		trend[i] = feedback.Point{Period: stretch, Score: feedback.Measure(a.Metric, counts[i].Tally)}
	}
	return trend, nil
}

// slots say how the rows of a span become the points of a trend; see
// [feedback.Unit.Slot].
type slots struct {
	span
	base, width int64
}

// slotMonths counts whole months by month, and what the period cuts off of those at
// its ends by day: that belongs to the first and to the last point.
func (a asked) slotMonths(ctx context.Context, base, width int64, counts []feedback.Count) error {
	head, months, tail := a.Period.From.Months(a.Period.To)
	last := int64(len(counts) - 1)
	for _, in := range []slots{
		{span{feedback.UnitDay, int64(head[0]), int64(head[1])}, int64(head[0]), int64(head[1]-head[0]) + 1},
		{span{feedback.UnitMonth, int64(months[0]), int64(months[1])}, base, width},
	} {
		if err := a.slot(ctx, in, counts); err != nil {
			return err
		}
	}
	in := slots{span{feedback.UnitDay, int64(tail[0]), int64(tail[1])}, int64(tail[0]), int64(tail[1]-tail[0]) + 1}
	return a.slot(ctx, in, counts[last:])
}

// slot adds the rows of a span to the points they belong to.
func (a asked) slot(ctx context.Context, in slots, counts []feedback.Count) error {
	if in.first > in.last {
		return nil
	}
	for _, ref := range a.refs {
		err := eachOf(ctx, a.state, "the trend", func(row Scanner) error {
			var slot int
			var c feedback.Count
			err := row.Scan(append([]any{&slot}, a.columns().places(&c)...)...)
			if err == nil {
				counts[slot] = counts[slot].Plus(c)
			}
			return err
		}, `with t as (select *, (first - $1) / $2 as slot from tally
    where kind = $3 and unit = $4 and channel = $5 and agent = $6 and first between $7 and $8)
select t.slot, `+a.columns().sums()+` from t group by t.slot`,
			in.base, in.width, a.Metric.Kind(), in.unit, a.Filter.Channel, ref, in.first, in.last)
		if err != nil {
			return err
		}
	}
	return nil
}
