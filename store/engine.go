package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// An Engine keeps the tables. It is safe for concurrent use.
type Engine interface {
	Reader
	Upkeep
	Catalog

	// Write runs a job in a transaction and returns when it is on disk. A job that fails is
	// rolled back alone, and its error is returned. The error is [ErrUnavailable] when the
	// database cannot be written, and when the job takes longer than a few seconds. A job may
	// run again from its start after its writes are rolled back. When ctx ends first, the write
	// may or may not happen, and so it may after an [ErrUnavailable] of a server.
	Write(ctx context.Context, job func(*Unit) error) error
	// WriteIdempotent is Write for a job that hardly ever fails after its first write, and whose
	// statements each touch few rows. It is cheaper.
	WriteIdempotent(ctx context.Context, job func(*Unit) error) error
	// WriteSet is WriteIdempotent for a job that runs in sets: the engine passes the jobs that wait
	// next to each other, at most a group's, to one call of do, in their order. All calls of WriteSet have the same do.
	//
	// do runs the first jobs that can run together, at least one, and returns a result for each; the
	// others are passed to the next call. A job whose result is an error has written nothing. An
	// error of do itself is that of all its jobs: the engine rolls them back and runs each alone.
	// The time limit is that of a call.
	WriteSet(ctx context.Context, job any, do SetFunc) error
	// State runs a read on one state of the database. It may run it again from its start, and
	// returns [ErrInterrupted] when it has done so in vain.
	State(ctx context.Context, read func(Reader) error) error
	// Snapshot begins to read one state of the database. Its reads return [ErrInterrupted] once
	// others have written much since then.
	Snapshot(ctx context.Context) (Snapshot, error)
}

// A SetFunc runs the first jobs of a list in a transaction, see [Engine].
type SetFunc func(t *Unit, jobs []any) (results []error, err error)

// Upkeep is what a program does with a database as a whole.
type Upkeep interface {
	// Bulk prepares the database for an import.
	Bulk(ctx context.Context) error
	// Scrub removes what was erased from wherever the engine still has it, such as its log. It
	// waits for readers until ctx ends, then returns [ErrHeld].
	Scrub(ctx context.Context) error
	// Fault returns the [Fault] of a database that a serve watches, nil when it has none: its file
	// is in its place, and nothing that was read from it was damaged.
	Fault() error
	// Verify reads every table and index, at most step for each, and returns a [Fault] when one
	// is damaged. When a table takes longer, its rest is left out, and Verify returns
	// [context.DeadlineExceeded].
	Verify(ctx context.Context, step time.Duration) error
	// Shrunk reports whether the file has become smaller since it was last asked.
	Shrunk() bool
	// Rescue keeps the content of a database of which a file was removed or replaced while it is open.
	// It returns the name of the file that it wrote, which is empty when it had to write none.
	Rescue(ctx context.Context, now time.Time) (name string, err error)
	// Usage measures what the database takes of the disk.
	Usage(ctx context.Context) (Usage, error)
	// Notify signals a change to a running serve that watches the database.
	Notify() error
	// Exclusive reports whether no other bot can serve the database while this one does.
	Exclusive() bool
	// Changes is a number that rises with every transaction that changed something: of all processes
	// of a server, of this process in a file, see Notify. It is cheap enough to be read every second.
	Changes(ctx context.Context) (int64, error)
	// Close waits for the queued writes and closes the database. A second call does nothing.
	Close() error
}

// Usage is what a database takes of its disk, in bytes.
type Usage struct {
	// Remote reports that the database is on a server: Log and DiskFree are not known.
	Remote bool
	// Database is its size, Log the size of its write-ahead log, DiskFree what is free.
	Database, Log, DiskFree int64
	// Overruns counts the jobs that were rolled back because they took too long.
	Overruns int64
	// LogHeld reports that the log is larger than it should become. LogHolders names the programs
	// that read then, and is empty when they are not known.
	LogHeld    bool
	LogHolders string
}

// A Reader reads committed rows.
type Reader interface {
	// Row runs a query for one row. Scan returns [sql.ErrNoRows] when there is none.
	Row(ctx context.Context, query string, args ...any) Scanner
	// Each runs a query and passes every row to scan; an error of scan ends it. A query that
	// takes long while others write much is ended with [ErrInterrupted].
	Each(ctx context.Context, scan func(Scanner) error, query string, args ...any) error
}

// A Snapshot reads one state of the database until it is closed.
type Snapshot interface {
	Reader
	Close()
}

// A Tx is an open transaction as a job sees it.
type Tx interface {
	// Exec runs a statement that returns no rows.
	Exec(query string, args ...any) error
	// Affect is Exec and returns how many rows the statement changed.
	Affect(query string, args ...any) (int64, error)
	// Insert inserts a row with a numbered id and returns the id.
	Insert(query string, args ...any) (id int64, err error)
	// Row runs a query for one row. Scan returns [sql.ErrNoRows] when there is none.
	Row(query string, args ...any) Scanner
	// Each runs a query and passes every row to scan, which may run other statements, but
	// not the same one.
	Each(scan func(Scanner) error, query string, args ...any) error
	// Batch runs the statements of a batch in their order, or those of its parts in another one, until
	// one fails. An engine whose database is on another machine sends them together.
	Batch(b *Batch) error
}

// A Batch is a list of statements that do not need each other's results.
type Batch struct{ statements []Statement }

// A Statement is a query of a [Batch] with its arguments. Scan is nil when it returns no rows. Part, if it
// is not zero, is the number of the part of a job that the statement belongs to: what different parts of
// a batch do has the same result in any order.
type Statement struct {
	Query string
	Args  []any
	Scan  func(Scanner) error
	Part  int
}

// Exec adds a statement that returns no rows.
func (b *Batch) Exec(query string, args ...any) {
	b.statements = append(b.statements, Statement{Query: query, Args: args})
}

// Each adds a query of which every row is passed to scan, which must not run statements.
func (b *Batch) Each(scan func(Scanner) error, query string, args ...any) {
	b.statements = append(b.statements, Statement{Query: query, Args: args, Scan: scan})
}

// Statements are those of the batch, in their order.
func (b *Batch) Statements() []Statement { return b.statements }

// reset empties the batch and keeps its room.
func (b *Batch) reset() {
	clear(b.statements)
	b.statements = b.statements[:0]
}

// A Scanner is a row that can be read.
type Scanner interface {
	Scan(dest ...any) error
}

// exec runs one statement in a transaction of its own.
func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	return s.engine.Write(ctx, func(t *Unit) error { return t.Exec(query, args...) })
}

// counting runs a job and returns what it counts, 0 after an error: when ctx ends first, the job may
// still run.
func (s *Store) counting(ctx context.Context, job func(*Unit) (int, error)) (int, error) {
	var n int
	err := s.engine.Write(ctx, func(t *Unit) (err error) {
		n, err = job(t)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// row reads one row of the last commit; what names it in the error. Scan returns [ErrNotFound]
// when there is no row.
func (s *Store) row(ctx context.Context, what, query string, args ...any) Scanner {
	return namedRow{s.engine.Row(ctx, query, args...), what}
}

// A namedRow is a row with a name for its errors.
type namedRow struct {
	Scanner

	what string
}

// Scan reads the row. It returns [ErrNotFound] when there is no row.
func (r namedRow) Scan(dest ...any) error {
	err := r.Scanner.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", r.what, err)
	}
	return nil
}

// each reads the rows of the last commit; what names them in the error.
func (s *Store) each(ctx context.Context, what string, scan func(Scanner) error, query string, args ...any) error {
	return eachOf(ctx, s.engine, what, scan, query, args...)
}

// eachOf reads rows; what names them in the error.
func eachOf(ctx context.Context, from Reader, what string, scan func(Scanner) error, query string, args ...any) error {
	if err := from.Each(ctx, scan, query, args...); err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}

// collect appends each row to found.
func collect[T any](found *[]T, scan func(Scanner) (T, error)) func(Scanner) error {
	return func(row Scanner) error {
		one, err := scan(row)
		*found = append(*found, one)
		return err
	}
}

// column appends each value of a query for one column to found.
func column[T any](found *[]T) func(Scanner) error {
	return collect(found, func(row Scanner) (one T, err error) {
		err = row.Scan(&one)
		return one, err
	})
}

// moments reads rows of a name and a moment.
func (s *Store) moments(ctx context.Context, what, query string, args ...any) (map[string]time.Time, error) {
	found := make(map[string]time.Time)
	err := s.each(ctx, what, func(row Scanner) error {
		var name string
		var at time.Time
		err := row.Scan(&name, momentIn(&at))
		found[name] = at
		return err
	}, query, args...)
	return found, err
}

// ms is a moment as a column keeps it.
func ms(t time.Time) int64 { return t.UnixMilli() }

// nullMS is ms, with the zero time as NULL.
func nullMS(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// flag is a condition as a column keeps it.
func flag(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// A moment is the place of a time that a column keeps; NULL becomes the zero time.
type moment struct{ *time.Time }

func momentIn(t *time.Time) moment { return moment{t} }

// kept is a moment as a column returns it that keeps it.
func kept(t time.Time) (m time.Time) {
	if at := nullMS(t); at.Valid {
		m = stored(at.Int64)
	}
	return m
}

// stored is the moment of a column. One outside the years 1 to 9999, which no format can write, is the
// first or the last moment of them.
func stored(at int64) time.Time {
	const first, last = -62135596800_000, 253402300799_999
	return time.UnixMilli(min(max(at, first), last)).UTC()
}

// Scan sets the time.
func (m moment) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*m.Time = time.Time{}
	case int64:
		*m.Time = stored(v)
	default:
		return fmt.Errorf("%T is no moment", value)
	}
	return nil
}
