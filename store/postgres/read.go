package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"smileybot/store"
	"smileybot/store/internal/scan"
)

// readTries is how often a read begins again after its connection was lost, such as that of a database
// that was restarted.
const readTries = 3

// Row runs a query for one row.
func (e *engine) Row(ctx context.Context, query string, args ...any) store.Scanner {
	return scan.First(func(take func(store.Scanner) error) error { return e.Each(ctx, take, query, args...) })
}

// Each runs a query and passes every row to take, after the last is read: take may run other queries,
// and keeps no connection from others. It runs the query again when the connection is lost.
func (e *engine) Each(ctx context.Context, take func(store.Scanner) error, query string, args ...any) error {
	var rows []scan.Row
	err := e.again(ctx, func() error {
		conn, err := e.acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		rows, err = read(ctx, conn.Conn(), query, args)
		return err
	})
	if err != nil {
		return err
	}
	return pass(rows, take)
}

// again runs a read, and repeats it when the connection is lost.
func (e *engine) again(ctx context.Context, read func() error) (err error) {
	for range readTries {
		if err = read(); err == nil || ctx.Err() != nil || !lostConnection(err) {
			break
		}
		if errors.Is(err, store.ErrUnreachable) { // a new connection has just failed
			return err
		}
		e.read.Reset()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return e.settings.asFault(err)
}

// acquire waits for a connection, for a bounded time.
func (e *engine) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, waitForReader)
	defer cancel()
	conn, err := e.read.Acquire(bounded)
	if err != nil && ctx.Err() == nil {
		err = e.settings.asFault(err)
	}
	return conn, err
}

// read runs a query and returns its rows.
func read(ctx context.Context, conn *pgx.Conn, query string, args []any) ([]scan.Row, error) {
	bound, _, err := bind(args)
	if err != nil {
		return nil, err
	}
	rows, _, err := all(conn.Query(ctx, query, bound...))
	return rows, err
}

func pass(rows []scan.Row, take func(store.Scanner) error) error {
	for _, row := range rows {
		if err := take(row); err != nil {
			return err
		}
	}
	return nil
}

// State runs a read on one state of the database, again from its start when the connection is lost.
func (e *engine) State(ctx context.Context, read func(store.Reader) error) error {
	return e.again(ctx, func() error {
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
	var conn *pgxpool.Conn
	err := e.again(ctx, func() (err error) {
		if conn, err = e.acquire(ctx); err != nil {
			return err
		}
		if err = simply(ctx, conn.Conn(), `begin isolation level repeatable read read only`); err != nil {
			conn.Release()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &snapshot{conn}, nil
}

// A snapshot is a transaction that only reads.
type snapshot struct{ conn *pgxpool.Conn }

// Close ends the reading. The pool closes the connection if its transaction does not end.
func (s *snapshot) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	_ = simply(ctx, s.conn.Conn(), `rollback`)
	s.conn.Release()
}

// Row runs a query for one row.
func (s *snapshot) Row(ctx context.Context, query string, args ...any) store.Scanner {
	return scan.First(func(take func(store.Scanner) error) error { return s.Each(ctx, take, query, args...) })
}

// Each runs a query and passes every row to take, after the last is read.
func (s *snapshot) Each(ctx context.Context, take func(store.Scanner) error, query string, args ...any) error {
	rows, err := read(ctx, s.conn.Conn(), query, args)
	if err != nil {
		return err
	}
	return pass(rows, take)
}
