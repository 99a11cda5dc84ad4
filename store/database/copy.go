package database

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"smileybot/outfile"
	"smileybot/store"
	"smileybot/store/sqlite"
)

// ErrServed is returned when a program writes to a database on a server that must not be used.
var ErrServed = errors.New("a 'smileybot serve' or another command writes to it: stop every one of them first")

// Quiet is how long [Alone] watches a database on a server: longer than a serve leaves its leases.
const Quiet = 3 * time.Second

// Alone makes sure that no serve uses an open database: a file is locked until release is called, of a
// server it watches for a while whether anything is written. It returns [ErrLocked] or [ErrServed].
func Alone(ctx context.Context, setting string, s *store.Store, watch time.Duration) (release func() error, err error) {
	if !OnServer(setting) {
		held, err := LockExisting(ctx, setting, 0)
		if err != nil {
			return nil, err
		}
		return held.Release, nil
	}
	before, err := s.Changes(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(watch):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after, err := s.Changes(ctx)
	if err == nil && after != before {
		err = fmt.Errorf("%s: %w", Name(setting), ErrServed)
	}
	return func() error { return nil }, err
}

// Same reports whether two settings name one database, as far as that can be seen in them.
func Same(a, b string) bool {
	if OnServer(a) != OnServer(b) {
		return false
	}
	if OnServer(a) {
		return Name(a) == Name(b)
	}
	for _, file := range sqlite.Files(a) {
		if outfile.Same(file, b) {
			return true
		}
	}
	return false
}

// Shown is a setting as it may be printed for a command of PostgreSQL: a URL without its password and
// without the parameters that only smileybot knows.
func Shown(setting string) string {
	parsed, err := url.Parse(setting)
	if err != nil {
		return Name(setting)
	}
	if parsed.User != nil {
		parsed.User = url.User(parsed.User.Username())
	}
	kept := url.Values{}
	for _, name := range []string{"host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"} { // of libpq and without secrets
		if value, ok := parsed.Query()[name]; ok {
			kept[name] = value
		}
	}
	parsed.RawQuery, parsed.Fragment = kept.Encode(), ""
	return parsed.String()
}
