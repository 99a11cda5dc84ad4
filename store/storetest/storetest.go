// Package storetest gives tests a fresh real store, and events that read well.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/sqlite"
)

// Options are the rules tests run under: Amsterdam days, office hours on working days from nine to
// five, follow-ups due after four hours, urgent ones after one.
func Options(tb testing.TB) store.Options {
	tb.Helper()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(tb, err)
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", amsterdam, office.Holidays{})
	require.NoError(tb, err)
	return store.Options{
		Location: amsterdam,
		Policy:   followup.Policy{Hours: hours, Due: 4 * time.Hour, DueUrgent: time.Hour},
	}
}

// New opens a new store in a folder of the test's own, and closes it with the test.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, filepath.Join(tb.TempDir(), "smileybot.db"))
}

// empty is an empty database. It is made once, because the migrations take longer than most tests.
//
//nolint:gochecknoglobals // made once
var empty = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "smileybot-storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "empty.db")
	s, err := sqlite.Open(context.Background(), path, store.Options{Location: time.UTC})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Create writes an empty database to path.
func Create(tb testing.TB, path string) {
	tb.Helper()
	content, err := empty()
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(path, content, 0o600))
}

// Open opens the store at path, a new one if there is no file, and closes it with the test.
func Open(tb testing.TB, path string) *store.Store {
	tb.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		Create(tb, path)
	}
	s, err := sqlite.Open(tb.Context(), path, Options(tb))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// Raw opens the file at path next to the store.
func Raw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=rw&_foreign_keys=on&_busy_timeout=5000")
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// Rows are the rows that a query finds, NULL as nil.
func Rows(tb testing.TB, db *sql.DB, query string, args ...any) [][]any {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), query, args...)
	require.NoError(tb, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(tb, err)
	var found [][]any
	for rows.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		require.NoError(tb, rows.Scan(places...))
		found = append(found, row)
	}
	require.NoError(tb, rows.Err())
	return found
}
