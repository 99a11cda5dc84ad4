package store

import (
	"context"
	"errors"
	"fmt"
)

// A duty is what one bot at a time may do. The bot that does it holds the duty's lease, a row with the
// name of the holder and a term, which rises with each holder. No clock is in it: a holder raises the
// beat while it is alive, and another takes over that has seen the same beat for long enough by a clock
// of its own; package smileybot/bot/duty has the times.
//
// Every write of a duty compares the row in its own transaction, see [Store.Under]. Transactions that
// write exclude each other on every engine, so a holder that was paused changes nothing once another
// has taken over.

// ErrSuperseded is returned when another holds a lease: nothing was written.
var ErrSuperseded = errors.New("another bot has taken over")

// Lease is who holds a duty.
type Lease struct {
	Duty string
	// Holder is the name of a bot, empty when the lease was released.
	Holder string
	// Term counts the holders of the duty, from 1; it is 0 when the duty never had one.
	Term int64
	// Beat rises while the holder is alive.
	Beat int64
}

func scanLease(row Scanner) (l Lease, err error) {
	err = row.Scan(&l.Duty, &l.Holder, &l.Term, &l.Beat)
	return l, err
}

const selectLeases = `select duty, holder, term, beat from lease order by duty`

// Leases lists the leases of all duties that ever had a holder.
func (s *Store) Leases(ctx context.Context) ([]Lease, error) {
	var all []Lease
	err := s.each(ctx, "the leases", collect(&all, scanLease), selectLeases)
	return all, err
}

// TakeLeases gives a holder, for its next term, those of the leases that are still as they were seen, and
// returns them. A seen lease without a term is of a duty that never had a holder.
func (s *Store) TakeLeases(ctx context.Context, holder string, seen ...Lease) (taken []Lease, err error) {
	err = s.engine.Write(ctx, func(t *Unit) error {
		taken = nil
		for _, l := range seen {
			next := Lease{Duty: l.Duty, Holder: holder, Term: l.Term + 1}
			query, args := `
update lease set holder = $1, term = $2, beat = 0 where duty = $3 and holder = $4 and term = $5 and beat = $6`, []any{next.Holder, next.Term, l.Duty, l.Holder, l.Term, l.Beat}
			if l.Term == 0 {
				query, args = `
insert into lease (duty, holder, term, beat) values ($1, $2, $3, 0) on conflict (duty) do nothing`, []any{l.Duty, next.Holder, next.Term}
			}
			n, err := t.Affect(query, args...)
			if err != nil {
				return fmt.Errorf("taking the duty %s: %w", l.Duty, err)
			}
			if n == 1 {
				taken = append(taken, next)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err // when ctx ends first, the job may still run
	}
	return taken, nil
}

// Beat raises the beat of the duties of a holder, and lists the leases of all duties. A duty that another
// holds by now stays as it is.
func (s *Store) Beat(ctx context.Context, holder string, duties ...string) ([]Lease, error) {
	args := []any{holder}
	for _, d := range duties {
		args = append(args, d)
	}
	query := `update lease set beat = beat + 1 where holder = $1 and duty in (` + placeholders(2, len(duties)) + `)`
	var all []Lease
	err := s.engine.Write(ctx, func(t *Unit) error {
		all = nil
		if err := t.Exec(query, args...); err != nil {
			return fmt.Errorf("renewing the leases: %w", err)
		}
		return t.Each(collect(&all, scanLease), selectLeases)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// ReleaseLease lets another bot take a duty over at once. It does nothing when one has.
func (s *Store) ReleaseLease(ctx context.Context, l Lease) error {
	return s.exec(ctx, `update lease set holder = '' where duty = $1 and holder = $2 and term = $3`, l.Duty, l.Holder, l.Term)
}

// RemoveLease forgets a duty that its holder will never do again. It does nothing when another holds it.
func (s *Store) RemoveLease(ctx context.Context, l Lease) error {
	return s.exec(ctx, `delete from lease where duty = $1 and holder = $2 and term = $3`, l.Duty, l.Holder, l.Term)
}

// DropLeases forgets duties that will never be done again, as far as they are as they were seen.
func (s *Store) DropLeases(ctx context.Context, seen ...Lease) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		for _, l := range seen {
			if err := t.Exec(`delete from lease where duty = $1 and holder = $2 and term = $3 and beat = $4`, l.Duty, l.Holder, l.Term, l.Beat); err != nil {
				return err
			}
		}
		return nil
	})
}

// Changes is a number that rises when another bot has written, see [Engine].
func (s *Store) Changes(ctx context.Context) (int64, error) { return s.engine.Changes(ctx) }

// Under returns a handle of the same database for a duty: each of its writes is made while the lease is
// held in that term, and else returns [ErrSuperseded] and changes nothing.
func (s *Store) Under(l Lease) *Store {
	return s.Through(func(e Engine) Engine { return fenced{e, l} })
}

// Through returns a handle of the same database that uses its engine through another one.
func (s *Store) Through(wrap func(Engine) Engine) *Store {
	other := *s
	other.engine = wrap(s.engine)
	other.Upkeep = other.engine
	return &other
}

// A fenced engine writes while a lease is held.
type fenced struct {
	Engine

	lease Lease
}

func (f fenced) Write(ctx context.Context, job func(*Unit) error) error {
	return f.Engine.Write(ctx, f.fence(job))
}

func (f fenced) WriteIdempotent(ctx context.Context, job func(*Unit) error) error {
	return f.Engine.WriteIdempotent(ctx, f.fence(job))
}

// WriteSet runs a job in a transaction of its own: a set would have the jobs of others.
func (f fenced) WriteSet(ctx context.Context, job any, do SetFunc) error {
	return f.WriteIdempotent(ctx, func(t *Unit) error {
		results, err := do(t, []any{job})
		if err != nil {
			return err
		}
		return results[0]
	})
}

// fence is a job that runs while the lease is held.
func (f fenced) fence(job func(*Unit) error) func(*Unit) error {
	return func(t *Unit) error {
		var held int
		err := t.Row(`select count(*) from lease where duty = $1 and holder = $2 and term = $3`, f.lease.Duty, f.lease.Holder, f.lease.Term).Scan(&held)
		if err != nil {
			return fmt.Errorf("reading the lease of the duty %s: %w", f.lease.Duty, err)
		}
		if held == 0 {
			return fmt.Errorf("the duty %s: %w", f.lease.Duty, ErrSuperseded)
		}
		return job(t)
	}
}
