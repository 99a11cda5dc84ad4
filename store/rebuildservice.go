package store

import (
	"context"
	"maps"
	"slices"

	"smileybot/feedback"
)

// service counts all rated tickets, in one state of the database, and mends how they
// are kept, a month at a time.
func (r *rebuild) service(ctx context.Context) error {
	state, err := r.engine.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer state.Close()
	days, err := r.tickets(ctx, state)
	if err != nil {
		return err
	}
	scopes, err := keptScopes(ctx, state)
	if err != nil {
		return err
	}
	months := make(map[int]bool)
	for day := range days {
		months[day.Month()] = true
	}
	err = eachOf(ctx, state, "the service", func(row Scanner) error {
		var month int
		err := row.Scan(&month)
		months[month] = true
		return err
	}, `select month from service_change union select first from service where unit = 'month'`)
	if err != nil {
		return err
	}
	for _, month := range slices.Sorted(maps.Keys(months)) {
		if err := r.serviceMonth(ctx, state, month, days, scopes); err != nil {
			return err
		}
	}
	return nil
}

// tickets are all rated tickets by the day they count on, encoded: there may be
// millions.
func (r *rebuild) tickets(ctx context.Context, state Snapshot) (map[feedback.Day][]byte, error) {
	const seldom = 4096 // rows between two words of the progress
	var (
		sender, ticket string
		ratings        []feedback.Rated
		rows           int64
	)
	days := make(map[feedback.Day][]byte)
	keep := func() {
		for _, c := range r.difference(nil, ratings) {
			days[c.Day] = append(days[c.Day], feedback.EncodeServed([]feedback.ServedChange{c})...)
		}
	}
	err := eachOf(ctx, state, "the rated tickets", func(row Scanner) error {
		var from, id string
		rated, err := scanRated(row, &from, &id)
		if err != nil {
			return err
		}
		if from != sender || id != ticket {
			keep()
			sender, ticket, ratings = from, id, nil
		}
		ratings = append(ratings, rated)
		if rows++; rows%seldom == 0 {
			r.progress(rebuildPasses-1, rows)
		}
		return nil
	}, `
select sender, ticket_id, channel, agent_id, agent_name, ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies, set_ns
from feedback where ticket_id <> '' and voided_ms is null order by sender, ticket_id`)
	keep()
	r.progress(rebuildPasses-1, r.last)
	return days, err
}

// keptScopes are the filters of which there are counts.
func keptScopes(ctx context.Context, state Snapshot) ([]feedback.Rater, error) {
	var kept []feedback.Rater
	err := eachOf(ctx, state, "the service", func(row Scanner) error {
		var by feedback.Rater
		err := row.Scan(&by.Channel, &by.Agent)
		kept = append(kept, by)
		return err
	}, `select distinct channel, agent from service`)
	return kept, err
}

// serviceMonth mends the counts of a month and of its days: what the tickets say, less
// what is kept, is what they lack.
func (r *rebuild) serviceMonth(ctx context.Context, state Snapshot, month int, days map[feedback.Day][]byte, scopes []feedback.Rater) error {
	stood, err := keptServed(ctx, state, month, scopes)
	if err != nil {
		return err
	}
	waiting, err := waitingServed(ctx, state, month)
	if err != nil {
		return err
	}
	whole := make(servedCells)
	first, last := feedback.DaysOfMonth(month)
	for day := first; day <= last; day++ {
		tickets, err := feedback.DecodeServed(days[day])
		if err != nil {
			return err
		}
		delete(days, day)
		lacks := make(servedCells)
		for _, cells := range []struct {
			servedCells
			unit  feedback.Unit
			first int
		}{{lacks, feedback.UnitDay, int(day)}, {whole, feedback.UnitMonth, month}} {
			for _, c := range tickets {
				cells.add(c, cells.unit, cells.first)
			}
			for _, c := range waiting[day] {
				c.N = -c.N
				cells.add(c, cells.unit, cells.first)
			}
		}
		if err := r.mendServed(ctx, lacks, stood, feedback.UnitDay, int(day)); err != nil {
			return err
		}
	}
	return r.mendServed(ctx, whole, stood, feedback.UnitMonth, month)
}

// keptServed are the counts of a month and of its days, encoded.
func keptServed(ctx context.Context, state Snapshot, month int, scopes []feedback.Rater) (map[served][]byte, error) {
	first, last := feedback.DaysOfMonth(month)
	stood := make(map[served][]byte)
	for _, by := range scopes {
		err := eachOf(ctx, state, "the service", func(row Scanner) error {
			at := served{Rater: by}
			var counts []byte
			err := row.Scan(&at.unit, &at.first, &counts)
			stood[at] = counts
			return err
		}, `
select unit, first, counts from service where channel = $1 and agent = $2 and unit = 'day' and first between $3 and $4
union all
select unit, first, counts from service where channel = $1 and agent = $2 and unit = 'month' and first = $5`,
			by.Channel, by.Agent, first, last, month)
		if err != nil {
			return nil, err
		}
	}
	return stood, nil
}

// waitingServed are the changes of a month that are not counted yet, by day.
func waitingServed(ctx context.Context, state Snapshot, month int) (map[feedback.Day][]feedback.ServedChange, error) {
	waiting := make(map[feedback.Day][]feedback.ServedChange)
	err := eachOf(ctx, state, "the service", func(row Scanner) error {
		changes, err := scanChanges(row)
		for _, c := range changes {
			waiting[c.Day] = append(waiting[c.Day], c)
		}
		return err
	}, `select changes from service_change where month = $1`, month)
	return waiting, err
}

// mendServed adds to the counts of a day or a month what they lack: what should be, less
// what stood.
func (r *rebuild) mendServed(ctx context.Context, cells servedCells, stood map[served][]byte, unit feedback.Unit, first int) error {
	for at, counts := range stood {
		if at.unit != unit || at.first != first {
			continue
		}
		if err := cells.at(at).Subtract(counts); err != nil {
			return err
		}
	}
	maps.DeleteFunc(cells, func(_ served, lacks *feedback.ServiceCount) bool { return lacks.Empty() })
	r.found.Service += int64(len(cells))
	for batch := range slices.Chunk(slices.Collect(maps.Keys(cells)), rebuildWrites) {
		err := r.engine.Write(ctx, func(t *Unit) error {
			for _, at := range batch {
				if err := addTo(t, at, *cells[at]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
