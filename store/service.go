package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"smileybot/feedback"
)

// How rated tickets were served is a matter of quantiles, which no sum of daily
// tallies gives. So each day and each month keeps how many tickets took how many
// minutes, for everything and for each channel and agent. A ticket that changes is
// noted in service_change, in the transaction that changes it, and counted into
// service together with others; a reader adds both in one statement, and so from
// one state of the database.

// countAt is how many changes of a month are counted into it at once. A reader
// looks at fewer of each month, which costs it some microseconds.
const countAt = 256

// countImportedAt is the same while history is imported, which touches all months
// at once.
const countImportedAt = 20_000

// service tells what a changed feedback means for the tickets it rates; before is
// nil for a new one. It goes before the row is saved or after, as it reads only the
// other ratings of the ticket.
func (s *Store) service(t *Unit, before *feedback.Feedback, after feedback.Feedback) ([]feedback.ServedChange, error) {
	tickets := []string{after.Ticket.ID}
	if before != nil && before.Ticket.ID != after.Ticket.ID {
		tickets = append(tickets, before.Ticket.ID)
	}
	var changes []feedback.ServedChange
	for _, id := range tickets {
		if id == "" {
			continue
		}
		others, err := ratings(t, after.Sender, id, after.ID)
		if err != nil {
			return nil, err
		}
		was, is := others, others
		if before != nil && before.Ticket.ID == id && !before.Voided() {
			was = append(slices.Clip(others), rated(*before))
		}
		if after.Ticket.ID == id && !after.Voided() {
			is = append(slices.Clip(others), rated(after))
		}
		changes = append(changes, s.difference(was, is)...)
	}
	return changes, nil
}

// difference is what counts otherwise when a ticket's ratings change.
func (s *Store) difference(was, is []feedback.Rated) []feedback.ServedChange {
	before, counted := s.options.Policy.Hours.Serve(was)
	after, counts := s.options.Policy.Hours.Serve(is)
	if counted && counts && before.Equal(after) {
		return nil
	}
	var changes []feedback.ServedChange
	if counted {
		changes = append(changes, feedback.ServedChange{Served: before, N: -1})
	}
	if counts {
		changes = append(changes, feedback.ServedChange{Served: after, N: 1})
	}
	return changes
}

func rated(f feedback.Feedback) feedback.Rated {
	return feedback.Rated{Channel: f.Channel, Agent: f.Agent.Key(), Ticket: f.Ticket, SetAt: f.SetAt}
}

// ratings reads the ratings of a ticket without the feedback of that id.
func ratings(t *Unit, sender, ticket, without string) ([]feedback.Rated, error) {
	var found []feedback.Rated
	err := t.Each(func(row Scanner) error {
		r, err := scanRated(row)
		found = append(found, r)
		return err
	}, `
select channel, agent_id, agent_name, ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies, set_ns
from feedback where sender = $1 and ticket_id = $2 and ticket_id <> '' and id <> $3 and voided_ms is null`, sender, ticket, without)
	return found, err
}

func scanRated(row Scanner, more ...any) (feedback.Rated, error) {
	var r feedback.Rated
	var agent feedback.Person
	var opened, replied, resolved sql.NullInt64
	var set string
	places := append(more, &r.Channel, &agent.ID, &agent.Name, &opened, &replied, &resolved, &r.Ticket.Replies, &set)
	if err := row.Scan(places...); err != nil {
		return r, err
	}
	r.Agent = agent.Key()
	r.Ticket.OpenedAt, r.Ticket.FirstReplyAt, r.Ticket.ResolvedAt = moment(opened), moment(replied), moment(resolved)
	var err error
	r.SetAt, err = parseStamps(set)
	return r, err
}

// note keeps changes until they are counted; limit of them in a month are counted
// now.
func note(t *Unit, changes []feedback.ServedChange, limit int) error {
	months := make(map[int][]feedback.ServedChange)
	for _, c := range changes {
		months[c.Day.Month()] = append(months[c.Day.Month()], c)
	}
	for _, month := range slices.Sorted(maps.Keys(months)) {
		err := t.Exec(`insert into service_change (month, n, changes) values ($1, $2, $3)`,
			month, len(months[month]), feedback.EncodeServed(months[month]))
		if err != nil {
			return err
		}
		var waiting int
		if err := t.Row(`select sum(n) from service_change where month = $1`, month).Scan(&waiting); err != nil {
			return err
		}
		if waiting < limit {
			continue
		}
		if err := count(t, month); err != nil {
			return err
		}
	}
	return nil
}

// A served is the place of one row of service.
type served struct {
	feedback.Rater
	unit  feedback.Unit
	first int
}

// servedCells are rows of service.
type servedCells map[served]*feedback.ServiceCount

func (s servedCells) at(place served) *feedback.ServiceCount {
	if s[place] == nil {
		s[place] = new(feedback.ServiceCount)
	}
	return s[place]
}

// add counts a ticket in a day or a month, by every filter that finds it.
func (s servedCells) add(c feedback.ServedChange, unit feedback.Unit, first int) {
	for _, by := range scopes(c.Raters) {
		s.at(served{by, unit, first}).Add(c.Served, c.N)
	}
}

// count counts the changes of a month into its days and into itself.
func count(t *Unit, month int) error {
	cells := make(servedCells)
	err := t.Each(func(row Scanner) error {
		changes, err := scanChanges(row)
		for _, c := range changes {
			cells.add(c, feedback.UnitDay, int(c.Day))
			cells.add(c, feedback.UnitMonth, month)
		}
		return err
	}, `select changes from service_change where month = $1`, month)
	if err != nil {
		return err
	}
	for at, counts := range cells {
		if err := addTo(t, at, *counts); err != nil {
			return err
		}
	}
	return t.Exec(`delete from service_change where month = $1`, month)
}

// addTo adds more to what a day or a month has. It may be tried again with the same.
func addTo(t *Unit, at served, more feedback.ServiceCount) error {
	var counts feedback.ServiceCount
	add := func(data []byte) error { return counts.Decode(data) }
	err := t.Each(func(row Scanner) error {
		var known []byte
		if err := row.Scan(&known); err != nil {
			return err
		}
		return add(known)
	}, `select counts from service where channel = $1 and agent = $2 and unit = $3 and first = $4`, at.Channel, at.Agent, at.unit, at.first)
	if err := errors.Join(err, add(more.Encode())); err != nil {
		return err
	}
	if counts.Empty() {
		return t.Exec(`delete from service where channel = $1 and agent = $2 and unit = $3 and first = $4`, at.Channel, at.Agent, at.unit, at.first)
	}
	return t.Exec(`
insert into service (channel, agent, unit, first, counts) values ($1, $2, $3, $4, $5)
on conflict (channel, agent, unit, first) do update set counts = excluded.counts`,
		at.Channel, at.Agent, at.unit, at.first, counts.Encode())
}

// SettleService counts what waits to be counted, a month in a transaction.
func (s *Store) SettleService(ctx context.Context) error {
	for more := true; more; {
		err := s.engine.Write(ctx, func(t *Unit) error {
			var month int
			err := t.Row(`select month from service_change group by month having sum(n) >= $1 limit 1`, countAt).Scan(&month)
			if more = err == nil; errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			return count(t, month)
		})
		if err != nil {
			return fmt.Errorf("counting how tickets were served: %w", err)
		}
	}
	return nil
}

// scopes are the filters by which a ticket with these raters is found.
func scopes(raters []feedback.Rater) []feedback.Rater {
	found := map[feedback.Rater]bool{{}: true}
	for _, r := range raters {
		found[r], found[feedback.Rater{Channel: r.Channel}], found[feedback.Rater{Agent: r.Agent}] = true, true, true
	}
	return slices.Collect(maps.Keys(found))
}

func scanChanges(row Scanner) ([]feedback.ServedChange, error) {
	var data []byte
	if err := row.Scan(&data); err != nil {
		return nil, err
	}
	return feedback.DecodeServed(data)
}
