package sqlite_test

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
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is a Friday's, in office time.
func noon() time.Time { return time.Date(2026, time.November, 20, 11, 0, 0, 0, time.UTC) }

// after is n seconds later than noon.
func after(seconds float64) time.Time {
	return noon().Add(time.Duration(seconds * float64(time.Second)))
}

func red(id string) feedback.Event { return storetest.Smiley(id, feedback.Red, noon()) }

// everything counts the answers in the tallies.
const everything = `
select coalesce(sum(v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + voided), 0) from tally where unit = 'day' and channel = '' and agent = 0`

// ordinary is the i-th of many ratings: with a customer, an agent and a ticket, half of
// them unhappy and unexplained, which opens a follow-up.
func ordinary(id string, i int) feedback.Event { return storetest.Ordinary(id, i, noon()) }

// A fixture is a store, its engine, and what is in its file.
type fixture struct {
	*store.Store
	engine *sqlite.Engine
	path   string
	raw    *sql.DB
}

func newFixture(tb testing.TB, marks ...sqlite.Marks) *fixture {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "smileybot.db")
	engine, err := sqlite.OpenEngine(tb.Context(), path, marks...)
	require.NoError(tb, err)
	s, err := store.Open(tb.Context(), engine, storetest.Options(tb))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return &fixture{Store: s, engine: engine, path: path, raw: storetest.Raw(tb, path)}
}

// take ingests one event and returns its result.
func (d *fixture) take(tb testing.TB, e feedback.Event) store.Ingested {
	tb.Helper()
	taken, err := d.Ingest(tb.Context(), store.Delivery{Sender: "feedback", Body: []byte("{}"), ReceivedAt: after(1)}, e)
	require.NoError(tb, err)
	require.Len(tb, taken, 1)
	return taken[0]
}

// one is the single value that a query finds.
func (d *fixture) one(tb testing.TB, query string) any {
	tb.Helper()
	rows := d.rows(tb, query)
	require.Len(tb, rows, 1)
	return rows[0][0]
}

// rows are the rows that a query finds, NULL as nil.
func (d *fixture) rows(tb testing.TB, query string) [][]any {
	tb.Helper()
	return storetest.Rows(tb, d.raw, query)
}

// standing is the case of a feedback as the store returns it.
func (d *fixture) standing(tb testing.TB, id string) followup.Snapshot {
	tb.Helper()
	c, err := d.Snapshot(tb.Context(), id)
	require.NoError(tb, err)
	return c
}
