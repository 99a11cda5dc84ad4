// Package sqlite is the embedded engine of a [store.Store]: one SQLite file.
//
// # Writing
//
// One goroutine writes, see writer.go. It runs the queued jobs one after the other, those of
// a set together, and commits the group once with synchronous=FULL, so a nil error means "on disk". A job that
// fails is rolled back alone. A transaction that is lost as a whole (a full disk) fails
// every job of its group with [store.ErrUnavailable]. The writer runs on a context that no
// request can cancel, because a cancelled statement makes SQLite drop the neighbours' work. A
// job has a time limit, see writer.go.
//
// # Reading
//
// Many readers, each of the last commit (WAL). None keeps the write-ahead log from being
// emptied for long, see wal.go.
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
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/pressly/goose/v3"
	"github.com/shirou/gopsutil/v4/disk"

	"smileybot/store"
	"smileybot/store/internal/scan"
	_ "smileybot/store/sqlite/internal/cgo" // one readable error without cgo
)

// readers bounds the connections that read at the same time.
const readers = 4

// Open opens the database at path, creates it if it does not exist, and brings its schema
// up to date. It refuses a schema that is newer than this program, because writing to it
// could lose what a newer program keeps there.
func Open(ctx context.Context, path string, options store.Options) (*store.Store, error) {
	if err := Examine(path); err != nil {
		return nil, err
	}
	if err := besideServe(path); err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	return openDatabase(ctx, path, nil, options)
}

// openDatabase is Open for a file that exists; a serve holds its lock and watches it.
func openDatabase(ctx context.Context, path string, held *Held, options store.Options) (*store.Store, error) {
	schema := func(ctx context.Context, db *sql.DB) error { return migrate(ctx, db, options.Migrating) }
	return open(ctx, path, schema, func(e *engine) (*store.Store, error) {
		if held != nil {
			if err := held.arm(ctx, e); err != nil {
				return nil, err
			}
		}
		return store.Open(ctx, e, options)
	})
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
	if err := absent(path); err != nil {
		return nil, err
	}
	if err := besideServe(path); err != nil {
		return nil, err
	}
	return open(ctx, path, current, start)
}

// absent returns the fault of a database before it is opened, or that there is none.
func absent(path string) error {
	if err := Examine(path); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no database at %s: is SMILEYBOT_DATABASE right? 'smileybot serve' creates it", path)
		}
		return fmt.Errorf("database %s: %w", path, err)
	}
	return servedElsewhere(path)
}

// open opens the engine, makes sure of the schema and makes the store.
func open(ctx context.Context, path string, schema func(context.Context, *sql.DB) error, start func(*engine) (*store.Store, error)) (*store.Store, error) {
	if err := refuseForeign(ctx, path); err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, path)
	if err != nil {
		return nil, err
	}
	if err = verifySmall(ctx, e); err == nil {
		err = schema(ctx, e.write)
	}
	if err == nil {
		var s *store.Store
		if s, err = start(e); err == nil {
			return s, nil
		}
	}
	if fault, ok := errors.AsType[*store.Fault](asFault(path, err)); ok {
		return nil, errors.Join(fault, e.Close()) //nolint:contextcheck // closing is not cancelled
	}
	return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), e.Close()) //nolint:contextcheck // as above
}

// create makes an empty database that only its owner can read, because it will hold
// customers' words; SQLite gives the files next to it the same mode. It does not open a
// file that exists: closing that would drop SQLite's locks on it.
func create(path string) error {
	path = resolved(path)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the operator's
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return asFault(path, fmt.Errorf("database %s cannot be created: %w; its folder must exist and be writable", path, err))
	}
	return file.Close()
}

// openRemedy is what an operator does about a database that cannot be opened for another reason
// than a [store.Fault].
func openRemedy(path string) string {
	return fmt.Sprintf("the folder %s must exist, and it and the file be writable", filepath.Dir(path))
}

// An engine is an open database; it implements [store.Engine].
type engine struct {
	reader

	path   string
	read   *sql.DB
	write  *sql.DB // for migrations
	writer *writer
	guard  *guard // nil unless a serve opened it
	close  sync.Once
}

func openEngine(ctx context.Context, path string) (*engine, error) {
	write, err := sql.Open("sqlite3", dsn(path, "rwc", "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		if fault, ok := errors.AsType[*store.Fault](asFault(path, err)); ok {
			return nil, errors.Join(fault, write.Close())
		}
		return nil, errors.Join(fmt.Errorf("database %s cannot be opened: %w; %s", path, err, openRemedy(path)), write.Close())
	}
	read, err := sql.Open("sqlite3", dsn(path, "rw", "_query_only=true&_stmt_cache_size=64"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	log := newWAL(path, defaultMarks())
	return &engine{reader: reader{read, log}, path: path, read: read, write: write, writer: startWriter(path, log)}, nil //nolint:contextcheck // no request can cancel the writer
}

// dsn names the file with its pragmas. The pool applies them to every connection only if
// they are here.
func dsn(path, mode, more string) string {
	return uri(path, "mode="+mode+
		"&_journal_mode=WAL&_synchronous=FULL&_secure_delete=on&_foreign_keys=on&_busy_timeout="+strconv.Itoa(busyTimeout)+"&_mutex=no&"+more)
}

// busyTimeout is how long a statement waits for another program, in milliseconds.
const busyTimeout = 2500

// uri names a file with parameters, as SQLite expects it.
func uri(path, parameters string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters
}

// Close waits for the queued writes and closes the database. A second call does nothing. The
// last connection to a file that was overwritten stays open until the process ends: closing it
// would write the log of the former content over the new one.
func (e *engine) Close() error {
	var err error
	e.close.Do(func() {
		err = errors.Join(e.writer.stop(), e.read.Close())
		if e.guard.mustLeave() {
			return
		}
		if e.guard.look() != nil { // SQLite does not write the log into a file that was moved
			_, _ = e.write.ExecContext(context.Background(), `pragma wal_checkpoint(truncate)`)
		}
		err = errors.Join(err, e.write.Close())
	})
	return err
}

// Exclusive reports whether a serve opened the database: it holds the lock.
func (e *engine) Exclusive() bool { return e.guard != nil }

// Write runs a job in the writer and returns when it is on disk.
func (e *engine) Write(ctx context.Context, run func(*store.Unit) error) error {
	return e.guarded(ctx, &job{run: run})
}

// WriteIdempotent is Write without a savepoint.
func (e *engine) WriteIdempotent(ctx context.Context, run func(*store.Unit) error) error {
	return e.guarded(ctx, &job{run: run, idempotent: true})
}

// WriteSet is WriteIdempotent for a job that runs in a set.
func (e *engine) WriteSet(ctx context.Context, value any, do store.SetFunc) error {
	return e.guarded(ctx, newSetJob(value, do))
}

// guarded runs a job in the writer, which looks whether the file is in its place.
func (e *engine) guarded(ctx context.Context, j *job) error {
	if err := e.writer.do(ctx, j); err != nil {
		return asFault(e.path, e.guard.judge(err)) // a command has no guard
	}
	return nil
}

// Changes counts the transactions of this process.
func (e *engine) Changes(context.Context) (int64, error) { return e.writer.commits.Load(), nil }

// Row runs a query for one row.
func (e *engine) Row(ctx context.Context, query string, args ...any) store.Scanner {
	if err := e.guard.look(); err != nil {
		return scan.Failed(err)
	}
	row := e.reader.Row(ctx, query, args...)
	return scan.One(func(dest []any) error { return e.guard.judge(row.Scan(dest...)) })
}

// Each runs a query and passes every row to scan.
func (e *engine) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	if err := e.guard.look(); err != nil {
		return err
	}
	return e.guard.judge(e.reader.Each(ctx, scan, query, args...))
}

// Bulk prepares the writer for an import. History touches all parts of the indexes, so a
// page stays in memory until many rows have changed it, in 128 MB at most, and is written
// back to the file only after 20 MB of log.
func (e *engine) Bulk(ctx context.Context) error {
	return e.Write(ctx, func(t *store.Unit) error {
		return errors.Join(t.Exec(`pragma cache_size = -131072`), t.Exec(`pragma wal_autocheckpoint = 5000`))
	})
}

// Scrub removes erased content from the write-ahead log. It waits for readers and for
// other processes until ctx ends, then returns [store.ErrHeld] with the programs that read.
func (e *engine) Scrub(ctx context.Context) error {
	db, err := sql.Open("sqlite3", dsn(e.path, "rw", ""))
	if err != nil {
		return fmt.Errorf("database %s: %w", e.path, err)
	}
	defer db.Close()
	for {
		var busy, frames, written int
		err := db.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &frames, &written)
		switch {
		case err == nil && busy == 0:
			return nil
		case ctx.Err() != nil:
			if holders := e.log.holders(); holders != "" {
				return fmt.Errorf("%w by %s", store.ErrHeld, holders)
			}
			return fmt.Errorf("%w by another program that reads", store.ErrHeld)
		case err != nil:
			return fmt.Errorf("emptying the write-ahead log: %w", err)
		}
	}
}

// Usage measures the files of the database.
func (e *engine) Usage(ctx context.Context) (store.Usage, error) {
	free, err := disk.UsageWithContext(ctx, filepath.Dir(resolved(e.path)))
	if err != nil {
		return store.Usage{}, fmt.Errorf("the disk of %s: %w", e.path, err)
	}
	usage := store.Usage{
		Database: size(e.path), Log: e.log.size(), DiskFree: int64(min(free.Free, math.MaxInt64)),
		Overruns: e.writer.overruns.Load(),
	}
	if usage.LogHeld = usage.Log > MaxLog; usage.LogHeld {
		usage.LogHolders = e.log.holders()
	}
	return usage, nil
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

// migrate brings the schema up to date, each migration in a transaction of its own, and calls
// progress, if it is not nil, before each and at the end. The end of ctx interrupts a migration,
// which is then rolled back.
func migrate(ctx context.Context, db *sql.DB, progress func(done, total int64)) error {
	p, have, want, err := versions(ctx, db)
	if err != nil || have == want {
		return err
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	all := p.ListSources()
	done := slices.IndexFunc(all, func(s *goose.Source) bool { return s.Version > have })
	for ; err == nil; done++ {
		progress(int64(done), int64(len(all)))
		_, err = p.UpByOne(ctx)
	}
	if !errors.Is(err, goose.ErrNoNextVersion) {
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
