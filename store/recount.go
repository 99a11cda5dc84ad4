package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"smileybot/feedback"
)

// SettleService counts what waits to be counted, a month in a transaction.
func (s *Store) SettleService(ctx context.Context) error {
	for more := true; more; {
		err := s.writer.do(ctx, func(t *tx) error {
			var month int
			err := t.row(`select month from service_change group by month having sum(n) >= $1 limit 1`, countAt).Scan(&month)
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

// RecountService counts anew how all rated tickets were served, in one
// transaction. It is to be done when the office hours, the holidays or the time
// zone are no longer those it was counted by; then [Open] does it.
func (s *Store) RecountService(ctx context.Context) error {
	if err := s.writer.do(ctx, s.recount); err != nil {
		return fmt.Errorf("counting how tickets were served: %w", err)
	}
	return nil
}

func (s *Store) recount(t *tx) error {
	for _, query := range []string{`delete from service`, `delete from service_change`, `delete from service_rules`} {
		if err := t.exec(query); err != nil {
			return err
		}
	}
	if err := s.countTickets(t); err != nil {
		return err
	}
	var months []int
	err := t.each(func(row scanner) error {
		var month int
		err := row.Scan(&month)
		months = append(months, month)
		return err
	}, `select distinct month from service_change`)
	if err != nil {
		return err
	}
	for _, month := range months {
		if err := count(t, month); err != nil {
			return err
		}
	}
	return t.exec(`insert into service_rules (id, rules) values (1, $1)`, s.serviceRules())
}

// countTickets notes every rated ticket, a few thousand at once.
func (s *Store) countTickets(t *tx) error {
	const together = 5000
	var (
		sender, ticket string
		ratings        []feedback.Rated
		changes        []feedback.ServedChange
	)
	flush := func(least int) error {
		if len(changes) < least {
			return nil
		}
		defer func() { changes = changes[:0] }()
		return note(t, changes, countImportedAt)
	}
	err := t.each(func(row scanner) error {
		var from, id string
		r, err := scanRated(row, &from, &id)
		if err != nil {
			return err
		}
		if from != sender || id != ticket {
			changes = append(changes, s.difference(nil, ratings)...)
			sender, ticket, ratings = from, id, nil
		}
		ratings = append(ratings, r)
		return flush(together)
	}, `
select sender, ticket_id, channel, agent_id, agent_name, ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies, set_ns
from feedback where ticket_id <> '' and voided_ms is null order by sender, ticket_id`)
	if err != nil {
		return err
	}
	changes = append(changes, s.difference(nil, ratings)...)
	return flush(1)
}

// byTheseRules counts tickets anew when they were counted by other office hours, or
// never.
func (s *Store) byTheseRules(ctx context.Context) error {
	var rules string
	err := s.read.QueryRowContext(ctx, `select rules from service_rules`).Scan(&rules)
	if err == nil && rules == s.serviceRules() {
		return nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading by which office hours tickets were counted: %w", err)
	}
	return s.writer.alone(s.recount)
}

// serviceRules are by what tickets are counted. The number in front changes when this
// program counts them otherwise: with 2, agents without an id go by name in any case.
func (s *Store) serviceRules() string { return "2 " + s.options.Policy.Hours.Rules() }
