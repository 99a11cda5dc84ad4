// Package store keeps what smileybot must not lose, in one SQLite file: the
// feedback with its history, the follow-ups, the tallies the scores are summed
// from, and the outbox of what is to stand in Slack. It knows neither Slack nor
// HTTP. All SQL lives here, beside the function that needs it.
//
// # Writing
//
// One goroutine writes. It takes whatever is queued, runs the jobs one after the
// other, and commits the group once with synchronous=FULL, so a nil error means "on
// disk". A job that fails is rolled back alone: it runs in a savepoint of its own, or,
// where all of a group may be run again, only then (group.go). A transaction that is
// lost as a whole (a full disk) fails every job of its group with [ErrUnavailable]. The
// writer runs on a context no request can cancel, because a cancelled statement makes
// SQLite drop the neighbours' work. It speaks to the driver itself (tx.go).
//
// # Reading
//
// Many readers, each seeing the last commit (WAL).
//
// # SQL
//
// Plain enough for PostgreSQL: placeholders $1, $2 … whose first appearances
// ascend, since the driver numbers them by appearance; a test greps for it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

// ErrNotFound is returned when nothing is kept under an id.
var ErrNotFound = errors.New("not found")

// ErrUnavailable is returned when the database cannot take a write now: a full
// disk, a locked or closed file. Nothing was kept, so trying again is safe.
var ErrUnavailable = errors.New("the database cannot be written now")

// Options are the rules the store applies while it takes events.
type Options struct {
	// Location decides on which local day a feedback counts.
	Location *time.Location
	// Policy says when follow-ups are due.
	Policy followup.Policy
	// Outgoing has the ticket system told of follow-ups, see [Store.NextOutgoing].
	Outgoing bool
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	path    string
	options Options
	read    *sql.DB
	write   *sql.DB
	writer  *writer
	served  serviceCache
	close   sync.Once
	// refused is when the latest delivery came, if it could not be taken, else 0.
	refused atomic.Int64
}

// refusedFor is how long a delivery that could not be taken counts against the store. A
// disk that is full has room for a small write now and then, and for no delivery.
const refusedFor = 30 * time.Second

// readers bounds the connections that read at the same time.
const readers = 4

// Open opens the database at path, creating it and bringing its schema up to
// date. A schema newer than this program is refused, because writing to it
// could lose what a newer program keeps there.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	s, err := open(ctx, path, options)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.write); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), s.Close())
	}
	if err := s.countable(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), s.Close())
	}
	return s, nil
}

// OpenBeside opens a database for a command that works beside a running serve:
// it must exist, have exactly this program's schema, and be counted in the days of
// the same time zone. Whether its tickets are counted by the same office hours is told
// by [Store.SameHours].
func OpenBeside(ctx context.Context, path string, options Options) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s: is SMILEYBOT_DATABASE right? 'smileybot serve' creates it", path)
		}
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	s, err := open(ctx, path, options)
	if err != nil {
		return nil, err
	}
	if err := current(ctx, s.write); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), s.Close())
	}
	if err := s.sameDays(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), s.Close())
	}
	return s, nil
}

// create makes an empty database that only its owner can read, because
// customers' words go into it; SQLite gives the files beside it the same mode. A
// file that is there is not touched: closing it would drop SQLite's locks on it.
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

// cureOpening is what an operator does about a database that cannot be opened.
func cureOpening(path string, err error) string {
	if failed, ok := errors.AsType[sqlite3.Error](err); ok && failed.Code == sqlite3.ErrNotADB {
		return "SMILEYBOT_DATABASE names another file: correct the path"
	}
	return fmt.Sprintf("the folder %s must exist, and it and the file be writable", filepath.Dir(path))
}

func open(ctx context.Context, path string, options Options) (*Store, error) {
	write, err := sql.Open("sqlite3", dsn(path, "rwc", "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s cannot be opened: %w; %s", path, err, cureOpening(path, err)), write.Close())
	}
	read, err := sql.Open("sqlite3", dsn(path, "rw", "_query_only=true&_stmt_cache_size=64"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &Store{path: path, options: options, read: read, write: write, writer: startWriter(path)}, nil
}

// dsn names the file with its pragmas, which reach every connection of a pool
// only here.
func dsn(path, mode, more string) string {
	return uri(path, "mode="+mode+
		"&_journal_mode=WAL&_synchronous=FULL&_secure_delete=on&_foreign_keys=on&_busy_timeout=2500&_mutex=no&"+more)
}

// uri is how SQLite is told of a file, with parameters.
func uri(path, parameters string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters
}

// Close waits for the writes that are queued and closes the database.
func (s *Store) Close() error {
	var err error
	s.close.Do(func() {
		s.writer.stop()
		err = errors.Join(s.read.Close(), s.write.Close())
	})
	return err
}

// Ready reports whether the database can take a write now, by making one; the
// error is what a sender's delivery would meet, or what the latest one has just met.
func (s *Store) Ready(ctx context.Context, now time.Time) error {
	if at := s.refused.Load(); at != 0 && now.Sub(time.UnixMilli(at)) < refusedFor {
		return ErrUnavailable
	}
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec(`insert into probe (id, at_ms) values (1, $1) on conflict (id) do update set at_ms = excluded.at_ms`, ms(now))
	})
}

// each runs a query and hands every row to scan; what names what is read, for the
// error.
func (s *Store) each(ctx context.Context, what string, scan func(scanner) error, query string, args ...any) error {
	rows, err := s.read.QueryContext(ctx, query, args...)
	return scanRows(rows, err, what, scan)
}

// eachOf is [Store.each] on one state of the database.
func eachOf(ctx context.Context, state *sql.Tx, what string, scan func(scanner) error, query string, args ...any) error {
	rows, err := state.QueryContext(ctx, query, args...)
	return scanRows(rows, err, what, scan)
}

// scanRows hands every row of a query that was asked to scan.
func scanRows(rows *sql.Rows, err error, what string, scan func(scanner) error) error {
	if err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("reading %s: %w", what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}

// moments reads rows of a name and a moment.
func (s *Store) moments(ctx context.Context, what, query string, args ...any) (map[string]time.Time, error) {
	found := make(map[string]time.Time)
	err := s.each(ctx, what, func(row scanner) error {
		var name string
		var at int64
		if err := row.Scan(&name, &at); err != nil {
			return err
		}
		found[name] = time.UnixMilli(at)
		return nil
	}, query, args...)
	return found, err
}

// day is the local day on which a feedback of that moment counts.
func (s *Store) day(t time.Time) office.Day { return office.DayOf(t, s.options.Location) }

// ms is a moment as a column keeps it.
func ms(t time.Time) int64 { return t.UnixMilli() }

// nullMS is ms, with the zero time as NULL.
func nullMS(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// moment is the time a column keeps, the zero time for NULL.
func moment(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMilli(v.Int64).UTC()
}
