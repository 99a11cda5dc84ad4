package store

import (
	"context"
	"errors"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// HookEngine replaces the engine by one that a test wraps around it.
func (s *Store) HookEngine(wrap func(Engine) Engine) { s.engine = wrap(s.engine) }

// Write runs a job of a test.
func (s *Store) Write(ctx context.Context, job func(*Unit) error) error {
	return s.engine.Write(ctx, job)
}

// Count counts a rating in a place.
func (t *Unit) Count(at score.Place, rating int) {
	var c score.Count
	c.Tally[rating]++
	t.ofJob = append(t.ofJob, tallyChange{at, c})
}

// SelectSent names every channel and kind.
const SelectSent = selectSent

// Tally counts the answers of a kind, all of them.
func (s *Store) Tally(ctx context.Context, kind feedback.Kind, first, last office.Day) (score.Tally, error) {
	for _, metric := range score.Metrics() {
		if metric.Kind() == kind {
			state, err := s.engine.Snapshot(ctx)
			if err != nil {
				return score.Tally{}, err
			}
			defer state.Close()
			a := asked{Query: score.Query{Metric: metric}, state: state, refs: []int64{everybody}}
			counted, err := a.count(ctx, score.Period{From: first, To: last})
			return counted.all.Tally, err
		}
	}
	return score.Tally{}, nil
}

// Service counts the tickets that were opened on some days and have a rating that matches
// the scope.
func (s *Store) Service(ctx context.Context, first, last office.Day, by score.Scope) (counted score.ServiceCount, err error) {
	err = s.ask(ctx, score.Query{}, func(a asked) error {
		a.Filter = score.Filter(by)
		a.keys = map[string]string{by.Agent: by.Agent}
		r, err := a.service(ctx, &s.served, score.Period{From: first, To: last})
		if err == nil {
			counted = r.all
		}
		return err
	})
	return counted, err
}

// ServiceCache is the copies of days that a report adds up.
type ServiceCache = serviceCache

// MaxCache bounds a ServiceCache, in bytes.
const MaxCache = maxCache

// Keep caches a day with so many tickets of one list of scopes.
func (c *serviceCache) Keep(day office.Day, version, tickets int64, scopes string) {
	c.keep(day, cachedDay{version, map[string]*score.ServiceCount{scopes: {N: tickets}}})
}

// Size is about how many bytes are cached.
func (c *serviceCache) Size() int { return c.size }

// Trend reads a trend, also of too few answers to show one.
func (s *Store) Trend(ctx context.Context, q score.Query) error {
	return s.ask(ctx, q, func(a asked) error {
		_, err := a.trend(ctx)
		return err
	})
}

// RebuildInSteps is Rebuild with so many rows in a read and in a write.
func (s *Store) RebuildInSteps(ctx context.Context, reads, writes int, progress func(done, total int64)) (Rebuilt, error) {
	return s.rebuild(ctx, reads, writes, progress)
}

// IngestGroup ingests deliveries as an engine does with those that wait next to each other: in one
// transaction, in sets. sets, if it is not nil, is called with the size of each.
func (s *Store) IngestGroup(ctx context.Context, deliveries []Delivery, events [][]feedback.Event, sets func(size int)) (taken [][]Ingested, errs []error, err error) {
	jobs := make([]any, len(deliveries))
	for i, d := range deliveries {
		jobs[i] = &arrival{Delivery: d, events: events[i]}
	}
	err = s.engine.Write(ctx, func(t *Unit) error {
		errs = nil
		for len(errs) < len(jobs) {
			results, err := s.ingestSet(t, jobs[len(errs):])
			if err = errors.Join(err, t.EndJob()); err != nil {
				return err
			}
			if sets != nil {
				sets(len(results))
			}
			errs = append(errs, results...)
		}
		return nil
	})
	for _, job := range jobs {
		taken = append(taken, job.(*arrival).taken)
	}
	return taken, errs, err
}
