// Package database opens the store that a setting names: a SQLite file by its path, or a PostgreSQL
// database by its URL. It is the one place that knows both engines.
package database

import (
	"context"
	"strings"

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
