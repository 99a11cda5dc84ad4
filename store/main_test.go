package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is a Friday's, in office time.
func noon() time.Time { return time.Date(2026, time.November, 20, 11, 0, 0, 0, time.UTC) }

// after is n seconds later than noon.
func after(seconds float64) time.Time {
	return noon().Add(time.Duration(seconds * float64(time.Second)))
}

func red(id string) feedback.Event   { return storetest.Smiley(id, feedback.Red, noon()) }
func green(id string) feedback.Event { return storetest.Smiley(id, feedback.Green, noon()) }

// A desk is a store, and what is in its file.
type desk struct {
	*store.Store
	path string
	raw  *sql.DB
}

func newDesk(tb testing.TB) *desk {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "smileybot.db")
	return &desk{Store: storetest.Open(tb, path), path: path, raw: raw(tb, path)}
}

// raw opens the file beside the store.
func raw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=rw&_foreign_keys=on&_busy_timeout=5000")
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// take takes events that arrive in one delivery without an id, a second after
// noon, and returns what became of the first.
func (d *desk) take(tb testing.TB, events ...feedback.Event) store.Ingested {
	tb.Helper()
	return d.takeAt(tb, after(1), events...)
}

func (d *desk) takeAt(tb testing.TB, at time.Time, events ...feedback.Event) store.Ingested {
	tb.Helper()
	taken, err := d.Ingest(tb.Context(), store.Delivery{Sender: "feedback", Body: []byte("{}"), ReceivedAt: at}, events...)
	require.NoError(tb, err)
	require.Len(tb, taken, len(events))
	return taken[0]
}

// one is the single value that a query finds.
func (d *desk) one(tb testing.TB, query string) any {
	tb.Helper()
	var found any
	require.NoError(tb, d.raw.QueryRowContext(tb.Context(), query).Scan(&found))
	return found
}

// rows are the rows that a query finds, NULL as nil.
func (d *desk) rows(tb testing.TB, query string, args ...any) [][]any {
	tb.Helper()
	rows, err := d.raw.QueryContext(tb.Context(), query, args...)
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

// standing is the case of a feedback as the store tells it.
func (d *desk) standing(tb testing.TB, id string) followup.Snapshot {
	tb.Helper()
	c, err := d.Case(tb.Context(), id)
	require.NoError(tb, err)
	return c
}
