package store

import (
	"context"

	"smileybot/feedback"
)

// HookEngine replaces the engine by one that a test wraps around it.
func (s *Store) HookEngine(wrap func(Engine) Engine) { s.engine = wrap(s.engine) }

// Write runs a job of a test.
func (s *Store) Write(ctx context.Context, job func(*Unit) error) error {
	return s.engine.Write(ctx, job)
}

// Count counts a rating in a place.
func (t *Unit) Count(at feedback.Place, rating int) {
	var c feedback.Count
	c.Tally[rating]++
	t.ofJob = append(t.ofJob, tallyChange{at, c})
}

// SelectSent names every channel and kind.
const SelectSent = selectSent

// Tally counts the answers of a kind, all of them.
func (s *Store) Tally(ctx context.Context, kind feedback.Kind, first, last feedback.Day) (feedback.Tally, error) {
	for _, metric := range feedback.Metrics() {
		if metric.Kind() == kind {
			state, err := s.engine.Snapshot(ctx)
			if err != nil {
				return feedback.Tally{}, err
			}
			defer state.Close()
			a := asked{Question: feedback.Question{Metric: metric}, state: state, refs: []int64{everybody}}
			counted, err := a.count(ctx, feedback.Period{From: first, To: last})
			return counted.all.Tally, err
		}
	}
	return feedback.Tally{}, nil
}

// CountAll counts whatever waits to be counted.
func CountAll(t *Unit) error {
	var months []int
	err := t.Each(func(row Scanner) error {
		var month int
		err := row.Scan(&month)
		months = append(months, month)
		return err
	}, `select distinct month from service_change`)
	for _, month := range months {
		if err == nil {
			err = count(t, month)
		}
	}
	return err
}

// Note keeps changes of tickets as a webhook or an import does.
func Note(t *Unit, changes []feedback.ServedChange, limit int) error { return note(t, changes, limit) }

// Service counts the tickets that were opened on some days and rated by who is given.
func (s *Store) Service(ctx context.Context, first, last feedback.Day, by feedback.Rater) (counted feedback.ServiceCount, err error) {
	err = s.ask(ctx, feedback.Question{}, func(a asked) error {
		return serviceCounts{by: {&counted}}.read(ctx, a.state, first, last)
	})
	return counted, err
}

// Trend reads a trend, also of too few answers to show one.
func (s *Store) Trend(ctx context.Context, q feedback.Question) error {
	return s.ask(ctx, q, func(a asked) error {
		_, err := a.trend(ctx)
		return err
	})
}
