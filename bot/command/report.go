package command

import (
	"context"

	"smileybot/feedback"
	"smileybot/store"
)

// Report reads a metric over a period and over the one before it. It counts
// anew every time, so a rating that was acknowledged a moment ago is in it.
func Report(ctx context.Context, s *store.Store, metric feedback.Metric, period feedback.Period) (feedback.Report, error) {
	now, err := reading(ctx, s, metric, period)
	if err != nil {
		return feedback.Report{}, err
	}
	before, err := reading(ctx, s, metric, period.Previous())
	if err != nil {
		return feedback.Report{}, err
	}
	return feedback.Compare(now, before), nil
}

func reading(ctx context.Context, s *store.Store, metric feedback.Metric, period feedback.Period) (feedback.Reading, error) {
	tally, err := s.Tally(ctx, metric.Kind(), period.From, period.To)
	if err != nil {
		return feedback.Reading{}, err
	}
	return feedback.Reading{Period: period, Score: feedback.Measure(metric, tally)}, nil
}
