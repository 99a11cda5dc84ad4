package store_test

import (
	"database/sql"
	"flag"
	"fmt"
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

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "30") // a flag of the command line is parsed later and counts
	goleak.VerifyTestMain(storetest.Engines(m))
}

// noon is a Friday's, in office time.
func noon() time.Time { return time.Date(2026, time.November, 20, 11, 0, 0, 0, time.UTC) }

// after is n seconds later than noon.
func after(seconds float64) time.Time {
	return noon().Add(time.Duration(seconds * float64(time.Second)))
}

func red(id string) feedback.Event   { return storetest.Smiley(id, feedback.Red, noon()) }
func green(id string) feedback.Event { return storetest.Smiley(id, feedback.Green, noon()) }

// A fixture is a store, and what is in its file.
type fixture struct {
	*store.Store
	path string
	raw  *sql.DB
}

func newFixture(tb testing.TB) *fixture {
	tb.Helper()
	path := filepath.Join(storetest.Folder(tb), "smileybot.db")
	return &fixture{Store: storetest.Open(tb, path), path: path, raw: storetest.Raw(tb, path)}
}

// take takes events that arrive in one delivery without an id, a second after
// noon, and returns what became of the first.
func (d *fixture) take(tb testing.TB, events ...feedback.Event) store.Ingested {
	tb.Helper()
	return d.takeAt(tb, after(1), events...)
}

func (d *fixture) takeAt(tb testing.TB, at time.Time, events ...feedback.Event) store.Ingested {
	tb.Helper()
	taken, err := d.Ingest(tb.Context(), store.Delivery{Sender: "feedback", Body: []byte("{}"), ReceivedAt: at}, events...)
	require.NoError(tb, err)
	require.Len(tb, taken, len(events))
	return taken[0]
}

// one is the single value that a query finds.
func (d *fixture) one(tb testing.TB, query string) any {
	tb.Helper()
	var found any
	require.NoError(tb, d.raw.QueryRowContext(tb.Context(), query).Scan(&found))
	return found
}

// rows are the rows that a query finds, NULL as nil.
func (d *fixture) rows(tb testing.TB, query string, args ...any) [][]any {
	tb.Helper()
	return storetest.Rows(tb, d.raw, query, args...)
}

// tables are the names of the tables, in order, without those of the migrations and of SQLite.
func (d *fixture) tables(tb testing.TB) (names []string) {
	tb.Helper()
	query := `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like 'goose_%' order by name`
	if storetest.OnServer() {
		query = `select tablename from pg_tables where schemaname = 'public' and tablename not like 'goose_%' order by tablename`
	}
	for _, row := range d.rows(tb, query) {
		names = append(names, row[0].(string))
	}
	return names
}

// refuse makes the database refuse rows, such as of "insert on feedback", for which a condition holds,
// with a message, until the returned function is called.
func (d *fixture) refuse(tb testing.TB, what, when, message string) (repair func()) {
	tb.Helper()
	run := func(statements ...string) {
		tb.Helper()
		for _, statement := range statements {
			_, err := d.raw.ExecContext(tb.Context(), statement)
			require.NoError(tb, err)
		}
	}
	if !storetest.OnServer() {
		run(fmt.Sprintf(`create trigger refused before %s when %s begin select raise(abort, '%s'); end`, what, when, message))
		return func() { run(`drop trigger refused`) }
	}
	run(fmt.Sprintf(`create function refused() returns trigger language plpgsql as
$$ begin if %s then raise exception '%s'; end if; return new; end $$`, when, message),
		`create trigger refused before `+what+` for each row execute function refused()`)
	return func() { run(`drop function refused cascade`) }
}

// standing is the case of a feedback as the store returns it.
func (d *fixture) standing(tb testing.TB, id string) followup.Snapshot {
	tb.Helper()
	c, err := d.Snapshot(tb.Context(), id)
	require.NoError(tb, err)
	return c
}

// ordinary is the i-th of many ratings.
func ordinary(id string, i int) feedback.Event { return storetest.Ordinary(id, i, noon()) }
