// Package sqlite is the embedded engine of a [store.Store]: one SQLite file.
//
// # Writing
//
// One goroutine writes, see writer.go. It runs the queued jobs one after the other and
// commits the group once with synchronous=FULL, so a nil error means "on disk". A job that
// fails is rolled back alone. A transaction that is lost as a whole (a full disk) fails
// every job of its group with [store.ErrUnavailable]. The writer runs on a context that no
// request can cancel, because a cancelled statement makes SQLite drop the neighbours' work.
//
// # Reading
//
// Many readers, each of the last commit (WAL).
//
// # Erasing
//
// SQLite overwrites deleted content with zeros (secure_delete). Scrub empties the
// write-ahead log, which still has it.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"

	"smileybot/store"
	_ "smileybot/store/sqlite/internal/cgo" // one readable error without cgo
)

// readers bounds the connections that read at the same time.
const readers = 4

// Open opens the database at path, creates it if it does not exist, and brings its schema
// up to date. It refuses a schema that is newer than this program, because writing to it
// could lose what a newer program keeps there.
func Open(ctx context.Context, path string, options store.Options) (*store.Store, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	return open(ctx, path, migrate, func(e *engine) (*store.Store, error) { return store.Open(ctx, e, options) })
}

// OpenExisting opens a database for a command that works next to a running serve. The
// database must exist, have exactly this program's schema, and be counted in the days of
// the same time zone. [store.Store.SameHours] checks the office hours.
func OpenExisting(ctx context.Context, path string, options store.Options) (*store.Store, error) {
	return openExisting(ctx, path, func(e *engine) (*store.Store, error) { return store.OpenExisting(ctx, e, options) })
}

// OpenToRecount is OpenExisting for a database that may be counted in the days of another time zone,
// see [store.Store.Counted].
func OpenToRecount(ctx context.Context, path string, options store.Options) (*store.Store, error) {
	return openExisting(ctx, path, func(e *engine) (*store.Store, error) { return store.Open(ctx, e, options) })
}

func openExisting(ctx context.Context, path string, start func(*engine) (*store.Store, error)) (*store.Store, error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s: is SMILEYBOT_DATABASE right? 'smileybot serve' creates it", path)
		}
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return open(ctx, path, current, start)
}

// open opens the engine, makes sure of the schema and makes the store.
func open(ctx context.Context, path string, schema func(context.Context, *sql.DB) error, start func(*engine) (*store.Store, error)) (*store.Store, error) {
	e, err := openEngine(ctx, path)
	if err != nil {
		return nil, err
	}
	if err = schema(ctx, e.write); err == nil {
		var s *store.Store
		if s, err = start(e); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), e.Close())
}

// create makes an empty database that only its owner can read, because it will hold
// customers' words; SQLite gives the files next to it the same mode. It does not open a
// file that exists: closing that would drop SQLite's locks on it.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the operator's
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("database %s cannot be created: %w; its folder must exist and be writable", path, err)
	}
	return file.Close()
}

// openRemedy is what an operator does about a database that cannot be opened.
func openRemedy(path string, err error) string {
	if failed, ok := errors.AsType[sqlite3.Error](err); ok && failed.Code == sqlite3.ErrNotADB {
		return "SMILEYBOT_DATABASE names another file: correct the path"
	}
	return fmt.Sprintf("the folder %s must exist, and it and the file be writable", filepath.Dir(path))
}

// An engine is an open database; it implements [store.Engine].
type engine struct {
	reader

	path   string
	read   *sql.DB
	write  *sql.DB // for migrations
	writer *writer
	close  sync.Once
}

func openEngine(ctx context.Context, path string) (*engine, error) {
	write, err := sql.Open("sqlite3", dsn(path, "rwc", "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s cannot be opened: %w; %s", path, err, openRemedy(path, err)), write.Close())
	}
	read, err := sql.Open("sqlite3", dsn(path, "rw", "_query_only=true&_stmt_cache_size=64"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &engine{reader: reader{read}, path: path, read: read, write: write, writer: startWriter(path)}, nil
}

// dsn names the file with its pragmas. The pool applies them to every connection only if
// they are here.
func dsn(path, mode, more string) string {
	return uri(path, "mode="+mode+
		"&_journal_mode=WAL&_synchronous=FULL&_secure_delete=on&_foreign_keys=on&_busy_timeout=2500&_mutex=no&"+more)
}

// uri names a file with parameters, as SQLite expects it.
func uri(path, parameters string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters
}

// Close waits for the queued writes and closes the database. A second call does nothing.
func (e *engine) Close() error {
	var err error
	e.close.Do(func() {
		e.writer.stop()
		err = errors.Join(e.read.Close(), e.write.Close())
	})
	return err
}

// Write runs a job in the writer and returns when it is on disk.
func (e *engine) Write(ctx context.Context, run func(*store.Unit) error) error {
	return e.writer.do(ctx, &job{run: run})
}

// WriteIdempotent is Write for a job that may run again from its start.
func (e *engine) WriteIdempotent(ctx context.Context, run func(*store.Unit) error) error {
	return e.writer.do(ctx, &job{run: run, idempotent: true})
}

// Snapshot begins to read the last commit.
func (e *engine) Snapshot(ctx context.Context) (store.Snapshot, error) {
	state, err := e.read.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return snapshot{reader{state}, state}, nil
}

// A snapshot is a transaction that only reads.
type snapshot struct {
	reader

	state *sql.Tx
}

// Close ends the reading.
func (s snapshot) Close() { _ = s.state.Rollback() }

// A reader reads through database/sql.
type reader struct {
	from interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
}

// Row runs a query for one row.
func (r reader) Row(ctx context.Context, query string, args ...any) store.Scanner {
	return r.from.QueryRowContext(ctx, query, args...)
}

// Each runs a query and passes every row to scan.
func (r reader) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	rows, err := r.from.QueryContext(ctx, query, args...)
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

// Bulk prepares the writer for an import. History touches all parts of the indexes, so a
// page stays in memory until many rows have changed it, in 128 MB at most, and is written
// back to the file only after 80 MB of log.
func (e *engine) Bulk(ctx context.Context) error {
	return e.Write(ctx, func(t *store.Unit) error {
		return errors.Join(t.Exec(`pragma cache_size = -131072`), t.Exec(`pragma wal_autocheckpoint = 20000`))
	})
}

var errBusy = errors.New("the write-ahead log cannot be emptied: other programs read without a pause")

// Scrub removes erased content from the write-ahead log. It waits for readers and for
// other processes until ctx ends.
func (e *engine) Scrub(ctx context.Context) error {
	db, err := sql.Open("sqlite3", dsn(e.path, "rw", ""))
	if err != nil {
		return fmt.Errorf("database %s: %w", e.path, err)
	}
	defer db.Close()
	for busy := 1; busy != 0; {
		var frames, written int
		if err := db.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &frames, &written); err != nil {
			return fmt.Errorf("emptying the write-ahead log: %w", err)
		}
		if busy != 0 && ctx.Err() != nil {
			return errors.Join(errBusy, ctx.Err())
		}
	}
	return nil
}

//go:embed migrations/*.sql
var migrations embed.FS

// versions opens goose on a database and returns the version of its schema and the one
// this program wants.
func versions(ctx context.Context, db *sql.DB) (p *goose.Provider, have, want int64, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, 0, 0, err
	}
	p, err = goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, 0, 0, fmt.Errorf("reading the migrations: %w", err)
	}
	have, want, err = p.GetVersions(ctx)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("reading the schema's version: %w", err)
	}
	if have > want {
		return nil, 0, 0, fmt.Errorf("it has schema %d and this smileybot knows up to %d: install the newer smileybot that wrote it, or restore a backup", have, want)
	}
	return p, have, want, nil
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	p, have, want, err := versions(ctx, db)
	if err != nil || have == want {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema up to date: %w", err)
	}
	return nil
}

// current refuses a schema that is not this program's, and does not change it.
func current(ctx context.Context, db *sql.DB) error {
	_, have, want, err := versions(ctx, db)
	if err != nil {
		return err
	}
	if have < want {
		return fmt.Errorf("it has schema %d and this smileybot wants %d: start 'smileybot serve' of this version once", have, want)
	}
	return nil
}
