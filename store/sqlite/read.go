package sqlite

import (
	"context"
	"database/sql"

	"smileybot/store"
	"smileybot/store/internal/scan"
)

// State runs a read on one state of the database, again from its start when its watch ends it.
func (e *engine) State(ctx context.Context, read func(store.Reader) error) error {
	return e.log.repeat(ctx, func() error {
		state, err := e.Snapshot(ctx)
		if err != nil {
			return err
		}
		defer state.Close()
		return read(state)
	})
}

// Snapshot begins to read the last commit.
func (e *engine) Snapshot(ctx context.Context) (store.Snapshot, error) {
	if err := e.guard.look(); err != nil {
		return nil, err
	}
	watched, stop := e.log.watch(ctx)
	state, err := e.read.BeginTx(watched, nil)
	if err != nil {
		stop()
		return nil, e.guard.judge(err)
	}
	return snapshot{watched, stop, state, e.guard}, nil
}

// A snapshot is a transaction that only reads.
type snapshot struct {
	watched context.Context //nolint:containedctx // of the whole transaction
	stop    func()
	state   *sql.Tx
	guard   *guard
}

// Close ends the reading.
func (s snapshot) Close() {
	_ = s.state.Rollback()
	s.stop()
}

// Row runs a query for one row.
func (s snapshot) Row(ctx context.Context, query string, args ...any) store.Scanner {
	return scan.First(func(take func(store.Scanner) error) error { return s.Each(ctx, take, query, args...) })
}

// Each runs a query and passes every row to scan.
func (s snapshot) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	err := each(ctx, s.state, scan, query, args)
	return s.guard.judge(interrupted(s.watched, err)) //nolint:contextcheck // the transaction's context says why it ended
}

// A reader reads through database/sql.
type reader struct {
	from *sql.DB
	log  *wal
}

// Row runs a query for one row.
func (r reader) Row(ctx context.Context, query string, args ...any) store.Scanner {
	return scan.First(func(take func(store.Scanner) error) error { return r.Each(ctx, take, query, args...) })
}

// Each runs a query and passes every row to scan. It runs the query again when its watch ends it
// before the first row; later it returns [store.ErrInterrupted].
func (r reader) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	var passed error // how a read ended that has passed rows, which cannot be repeated
	err := r.log.repeat(ctx, func() error {
		watched, stop := r.log.watch(ctx)
		defer stop()
		some := false
		err := interrupted(watched, each(watched, r.from, func(row store.Scanner) error {
			some = true
			return scan(row)
		}, query, args))
		if some {
			passed = err
			return nil
		}
		return err
	})
	if err == nil {
		err = passed
	}
	return err
}

// each runs a query and passes every row to scan.
func each(ctx context.Context, from interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(store.Scanner) error, query string, args []any,
) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
