// Package database opens the store that a setting names: a SQLite file by its path, or a PostgreSQL
// database by its URL. It is the one place that knows both engines.
package database

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/sqlite"
)

// OnServer reports whether a setting is the URL of a PostgreSQL database and not a path.
func OnServer(setting string) bool {
	return strings.HasPrefix(setting, "postgres://") || strings.HasPrefix(setting, "postgresql://")
}

// Open opens a database, creates its tables if it is empty, and brings its schema up to date.
func Open(ctx context.Context, setting string, options store.Options) (*store.Store, error) {
	if OnServer(setting) {
		return postgres.Open(ctx, setting, options)
	}
	return sqlite.Open(ctx, setting, options)
}

// OpenExisting opens a database for a command that works next to a running serve. The database must
// have exactly this program's schema, and be counted in the days of the same time zone.
// [store.Store.SameHours] checks the office hours.
func OpenExisting(ctx context.Context, setting string, options store.Options) (*store.Store, error) {
	if OnServer(setting) {
		return postgres.OpenExisting(ctx, setting, options)
	}
	return sqlite.OpenExisting(ctx, setting, options)
}

// OpenToRecount is OpenExisting for a database that may be counted in the days of another time zone,
// see [store.Store.Counted].
func OpenToRecount(ctx context.Context, setting string, options store.Options) (*store.Store, error) {
	if OnServer(setting) {
		return postgres.OpenToRecount(ctx, setting, options)
	}
	return sqlite.OpenToRecount(ctx, setting, options)
}

// Name is a setting as it may be printed: a path, or a URL without user and password.
func Name(setting string) string {
	if OnServer(setting) {
		return postgres.Name(setting)
	}
	return setting
}

// Examine returns the [store.Fault] of a setting that can be seen before the database is opened.
func Examine(setting string) error {
	if OnServer(setting) {
		return postgres.Examine(setting)
	}
	return sqlite.Examine(setting)
}

// Missing reports whether [Open] would create the database.
func Missing(ctx context.Context, setting string) (bool, error) {
	if OnServer(setting) {
		return postgres.Empty(ctx, setting)
	}
	_, err := os.Stat(setting)
	return errors.Is(err, fs.ErrNotExist), nil
}

// Watch sends a value whenever another process signals a change of a file, until ctx ends. On a server
// it sends none, see [store.Upkeep.Changes].
func Watch(ctx context.Context, setting string) (<-chan struct{}, error) {
	if OnServer(setting) {
		return nil, nil //nolint:nilnil // a channel that sends nothing
	}
	return sqlite.Watch(ctx, setting)
}

// ErrLocked is returned when another serve holds the file.
var ErrLocked = sqlite.ErrLocked

// Held is the lock of a serve on its database.
type Held interface {
	// Open opens the locked database as [Open] does, and watches it from then on.
	Open(ctx context.Context, options store.Options) (*store.Store, error)
	// Release lets another serve in.
	Release() error
}

// Lock keeps a second serve away from a file, which is created if it does not exist. It waits up to
// patience for the first serve to end, then returns [ErrLocked]. A server may be used by any number of
// serves: there is no lock.
func Lock(ctx context.Context, setting string, patience time.Duration) (Held, error) {
	if OnServer(setting) {
		return shared(setting), nil
	}
	return orNil(sqlite.Lock(ctx, setting, patience))
}

// LockExisting is Lock for a process that has the database open, or must not create it.
func LockExisting(ctx context.Context, setting string, patience time.Duration) (Held, error) {
	if OnServer(setting) {
		return shared(setting), nil
	}
	return orNil(sqlite.LockExisting(ctx, setting, patience))
}

func orNil(held *sqlite.Held, err error) (Held, error) {
	if err != nil {
		return nil, err
	}
	return held, nil
}

// shared is a database on a server, which no one locks.
type shared string

func (s shared) Open(ctx context.Context, options store.Options) (*store.Store, error) {
	return Open(ctx, string(s), options)
}

func (shared) Release() error { return nil }

// Inspect asks a server what it is.
func Inspect(ctx context.Context, setting string) (postgres.Inspection, error) {
	return postgres.Inspect(ctx, setting)
}
