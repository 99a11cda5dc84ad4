// Package postgres is the engine of a [store.Store] on a PostgreSQL server, which any number of
// processes may use at the same time.
//
// # Writing
//
// One goroutine of a process writes, see writer.go. The transactions of all processes exclude each
// other, so the code of package store runs as on SQLite's single writer. A nil error means that the
// commit was acknowledged with synchronous_commit on.
//
// # Poolers
//
// Nothing of a session is needed: no advisory locks, no LISTEN, and settings for one transaction only. So
// a pooler may give each transaction another connection. The connection that writes names its statements
// where no pooler does that, see connect.go.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"smileybot/store"
)

// Open opens the database of a URL and brings its schema up to date. It refuses a schema that is newer
// than this program.
func Open(ctx context.Context, address string, options store.Options) (*store.Store, error) {
	schema := func(ctx context.Context, s settings) error { return migrate(ctx, s, options.Migrating) }
	return open(ctx, address, schema, func(e *engine) (*store.Store, error) { return store.Open(ctx, e, options) })
}

// OpenExisting opens a database for a command that works next to a running serve. The database must
// have exactly this program's schema, and be counted in the days of the same time zone.
// [store.Store.SameHours] checks the office hours.
func OpenExisting(ctx context.Context, address string, options store.Options) (*store.Store, error) {
	return open(ctx, address, current, func(e *engine) (*store.Store, error) { return store.OpenExisting(ctx, e, options) })
}

// OpenToRecount is OpenExisting for a database that may be counted in the days of another time zone,
// see [store.Store.Counted].
func OpenToRecount(ctx context.Context, address string, options store.Options) (*store.Store, error) {
	return open(ctx, address, current, func(e *engine) (*store.Store, error) { return store.Open(ctx, e, options) })
}

// Name is a URL as it may be printed, without user and password.
func Name(address string) string {
	s, err := parse(address)
	if err != nil {
		return "postgres://…"
	}
	return "postgres://" + net.JoinHostPort(s.write.Host, strconv.Itoa(int(s.write.Port))) + "/" + s.write.Database
}

// Examine returns the [store.Fault] of a URL that cannot be read.
func Examine(address string) error {
	_, err := parse(address)
	return err
}

// Empty reports whether a database has no tables yet.
func Empty(ctx context.Context, address string) (bool, error) {
	s, err := parse(address)
	if err != nil {
		return false, err
	}
	have, err := surveyed(ctx, s)
	if err != nil {
		return false, s.opening(err)
	}
	return have == 0, nil
}

func open(ctx context.Context, address string, schema func(context.Context, settings) error, start func(*engine) (*store.Store, error)) (*store.Store, error) {
	s, err := parse(address)
	if err != nil {
		return nil, err
	}
	if err := schema(ctx, s); err != nil {
		return nil, s.opening(err)
	}
	e, err := openEngine(ctx, s)
	if err != nil {
		return nil, s.opening(err)
	}
	opened, err := start(e)
	if err != nil {
		return nil, errors.Join(s.opening(err), e.Close())
	}
	return opened, nil
}

// opening adds the place to an error of opening that does not name it.
func (s settings) opening(err error) error {
	if fault, ok := errors.AsType[*store.Fault](s.asFault(err)); ok {
		return fault
	}
	return fmt.Errorf("database %s: %w", s.place(), err)
}

// An engine is an open database; it implements [store.Engine].
type engine struct {
	settings settings
	read     *pgxpool.Pool
	writer   *writer
	close    sync.Once
}

func openEngine(ctx context.Context, s settings) (*engine, error) {
	read, err := pgxpool.NewWithConfig(ctx, s.read)
	if err != nil {
		return nil, err
	}
	return &engine{settings: s, read: read, writer: startWriter(s, read.Reset)}, nil //nolint:contextcheck // no request can cancel the writer
}

// Close waits for the queued writes and closes the connections. A second call does nothing.
func (e *engine) Close() (err error) {
	e.close.Do(func() {
		err = e.writer.stop()
		e.read.Close()
	})
	return err
}

// Write runs a job in the writer and returns when it is committed.
func (e *engine) Write(ctx context.Context, run func(*store.Unit) error) error {
	return e.writer.do(ctx, &job{run: run})
}

// WriteIdempotent is Write without a savepoint.
func (e *engine) WriteIdempotent(ctx context.Context, run func(*store.Unit) error) error {
	return e.writer.do(ctx, &job{run: run, idempotent: true})
}

// WriteSet is WriteIdempotent for a job that runs in sets.
func (e *engine) WriteSet(ctx context.Context, value any, do store.SetFunc) error {
	return e.writer.do(ctx, newSetJob(value, do))
}

// Exclusive is false: any number of bots serve the database.
func (e *engine) Exclusive() bool { return false }

// Changes is the number of transactions of all processes that changed something.
func (e *engine) Changes(ctx context.Context) (n int64, err error) {
	return n, e.Row(ctx, `select changes from writer where id = 1`).Scan(&n)
}

// Bulk does nothing: PostgreSQL needs no preparation for an import.
func (e *engine) Bulk(context.Context) error { return nil }

// Scrub does nothing: what was erased leaves the files of the server by its own vacuum, and its
// write-ahead log and backups as they are rotated.
func (e *engine) Scrub(context.Context) error { return nil }

// Fault is nil: what a write or a read meets says what is wrong.
func (e *engine) Fault() error { return nil }

// Verify does nothing: a server verifies its files itself.
func (e *engine) Verify(context.Context, time.Duration) error { return nil }

// Shrunk is false: there is no file that becomes smaller.
func (e *engine) Shrunk() bool { return false }

// Rescue does nothing: there is no file that can be lost while it is open.
func (e *engine) Rescue(context.Context, time.Time) (string, error) { return "", nil }

// Usage asks the server for the size of the database. What its disk has is not known.
func (e *engine) Usage(ctx context.Context) (store.Usage, error) {
	usage := store.Usage{Remote: true, Overruns: e.writer.overruns.Load()}
	return usage, e.Row(ctx, `select pg_database_size(current_database())`).Scan(&usage.Database)
}

// Notify does nothing: a serve looks at [engine.Changes].
func (e *engine) Notify() error { return nil }
