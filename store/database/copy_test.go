package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

func noon() time.Time { return time.Date(2026, time.November, 20, 11, 0, 0, 0, time.UTC) }

// open opens a database by its setting and closes it with the test.
func open(tb testing.TB, setting string, unfinished bool) *store.Store {
	tb.Helper()
	options := storetest.Options(tb)
	options.Unfinished = unfinished
	s, err := database.Open(tb.Context(), setting, options)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// file is the setting of a new SQLite file, with the tables.
func file(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(storetest.Folder(tb), "smileybot.db")
	storetest.Create(tb, path)
	return path
}

// raw opens a database next to the store.
func raw(tb testing.TB, setting string) *sql.DB {
	tb.Helper()
	driver, address := "sqlite3", "file:"+setting+"?mode=rw&_foreign_keys=on&_busy_timeout=5000"
	if database.OnServer(setting) {
		driver, address = "pgx", setting
	}
	db, err := sql.Open(driver, address)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// dump is all rows of the copied tables, as the target of a copy keeps them.
func dump(tb testing.TB, setting string, keep func(string) string) map[string][]string {
	tb.Helper()
	db := raw(tb, setting)
	all := make(map[string][]string)
	for _, table := range store.CopiedTables() {
		columns := columnsOf(tb, db, table)
		for _, row := range storetest.Rows(tb, db, `select `+strings.Join(columns, ", ")+` from `+table) {
			for i, value := range row {
				if text, ok := value.(string); ok {
					row[i] = keep(text)
				}
			}
			all[table] = append(all[table], fmt.Sprintf("%#v", row))
		}
		slices.Sort(all[table])
	}
	return all
}

func columnsOf(tb testing.TB, db *sql.DB, table string) []string {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), `select * from `+table+` limit 0`)
	require.NoError(tb, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(tb, errors.Join(err, rows.Err()))
	slices.Sort(columns)
	return columns
}

func exactly(text string) string { return text }

// onServer is a text as PostgreSQL keeps it.
func onServer(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

func ignore(int64, int64) {}

// TestCopyKnowsAllTables: a table that a migration adds is copied, or left for a reason, and a table comes
// after those that it refers to.
func TestCopyKnowsAllTables(t *testing.T) {
	t.Parallel()
	copied := store.CopiedTables()
	known := append(copied, store.LeftTables()...)
	db := raw(t, file(t))
	var tables []string
	for _, row := range storetest.Rows(t, db, `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`) {
		tables = append(tables, row[0].(string))
	}
	assert.Subset(t, known, tables, "store/copytables.go must copy or leave each table")
	assert.Subset(t, tables, copied)
	for _, row := range storetest.Rows(t, db, `select t.name, f."table" from sqlite_schema t, pragma_foreign_key_list(t.name) f where t.type = 'table'`) {
		child, parent := slices.Index(copied, row[0].(string)), slices.Index(copied, row[1].(string))
		assert.Greater(t, child, parent, "%s refers to %s", row[0], row[1])
	}
}

func TestCopyKnowsAllTablesOnPostgreSQL(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	open(t, address, false)
	var tables []string
	for _, row := range storetest.Rows(t, raw(t, address), `select tablename::text from pg_tables where schemaname = current_schema()`) {
		tables = append(tables, row[0].(string))
	}
	assert.Subset(t, append(store.CopiedTables(), store.LeftTables()...), tables, "store/copytables.go must copy or leave each table")
	assert.Subset(t, tables, store.CopiedTables())
}

// A pair is two settings to copy between, each on a new database.
type pair struct{ name, from, to string }

func pairs(tb testing.TB) []pair {
	tb.Helper()
	return []pair{
		{"SQLite to PostgreSQL", file(tb), storetest.ServerWithTables(tb)},
		{"PostgreSQL to SQLite", storetest.ServerWithTables(tb), file(tb)},
	}
}

func allPairs(tb testing.TB) []pair {
	tb.Helper()
	return append(pairs(tb), []pair{
		{"SQLite to SQLite", file(tb), file(tb)},
		{"PostgreSQL to PostgreSQL", storetest.ServerWithTables(tb), storetest.ServerWithTables(tb)},
	}...)
}

// ratings takes some ratings, most of them with a message.
func ratings(tb testing.TB, s *store.Store, first, n int) {
	tb.Helper()
	for i := first; i < first+n; i++ {
		smiley := []feedback.Smiley{feedback.Green, feedback.Yellow, feedback.Red}[i%3]
		e := storetest.With(storetest.Smiley(strconv.Itoa(i), smiley, noon()), "answer "+strconv.Itoa(i))
		_, err := s.Ingest(tb.Context(), store.Delivery{Sender: "feedback", ID: "d" + strconv.Itoa(i), Body: []byte("{}"), ReceivedAt: noon()}, e)
		require.NoError(tb, err)
	}
}

// TestCopy: all rows are the same, the target works on, and its own ids go on after the copied ones.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, p := range allPairs(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			source := open(t, p.from, false)
			ratings(t, source, 0, 110) // several pages
			target := open(t, p.to, true)
			var last, all int64
			copied, err := store.Copy(t.Context(), source, target, func(done, total int64) {
				assert.GreaterOrEqual(t, done, last)
				last, all = done, total
			})
			require.NoError(t, err)
			assert.Equal(t, all, last)
			assert.Equal(t, dump(t, p.from, exactly), dump(t, p.to, exactly))
			assert.EqualValues(t, 110, copied.Recount.Feedback)
			assert.Zero(t, copied.Recount.Different)
			assert.EqualValues(t, 110, copied.Messages)
			assert.Zero(t, copied.Changed)
			assert.Positive(t, copied.Answers)
			ratings(t, open(t, p.to, false), 110, 5)
		})
	}
}

// TestCopyContinues: a copy that is cut while it copies or compares goes on where it was, and the target
// cannot be opened until it is complete.
func TestCopyContinues(t *testing.T) {
	t.Parallel()
	for _, p := range pairs(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			source := open(t, p.from, false)
			ratings(t, source, 0, 80)
			db := raw(t, p.to)
			for _, percent := range []int64{1, 10, 25, 45, 60, 95} { // it compares from 50 on
				done := cutCopy(t, source, p.to, percent)
				assert.Equal(t, [][]any{{done}}, storetest.Rows(t, db, `select cast(sum(done) as bigint) from copying`))
				_, err := database.Open(t.Context(), p.to, storetest.Options(t))
				require.ErrorIs(t, err, store.ErrUnfinished)
				_, err = database.OpenExisting(t.Context(), p.to, storetest.Options(t))
				require.ErrorIs(t, err, store.ErrUnfinished)
			}
			target := open(t, p.to, true)
			_, err := store.Copy(t.Context(), source, target, ignore)
			require.NoError(t, err)
			assert.Equal(t, dump(t, p.from, exactly), dump(t, p.to, exactly))
			open(t, p.to, false)
		})
	}
}

// An ending is the engine of a target, to which something happens while the copy ends.
type ending struct {
	store.Engine

	happens func() error
	// answer is what the copy gets when it has ended.
	answer error
	ended  bool
}

func (e *ending) Renumber(t store.Tx) error {
	e.ended = true
	if err := e.happens(); err != nil {
		return err
	}
	return e.Engine.Renumber(t)
}

func (e *ending) Write(ctx context.Context, job func(*store.Unit) error) error {
	err := e.Engine.Write(ctx, job)
	if err == nil && e.ended {
		return e.answer
	}
	return err
}

// TestCopyEnds: whatever happens while it ends, the target is complete, or the same copy continues.
func TestCopyEnds(t *testing.T) {
	t.Parallel()
	for _, p := range pairs(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			source := open(t, p.from, false)
			ratings(t, source, 0, 5)
			target := open(t, p.to, true)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			copied := func(e *ending) error {
				e.ended = false
				_, err := store.Copy(ctx, source, target.Through(func(own store.Engine) store.Engine {
					e.Engine = own
					return e
				}), ignore)
				return err
			}
			full := errors.New("no room")
			require.ErrorIs(t, copied(&ending{happens: func() error { return full }}), full)
			_, err := database.Open(t.Context(), p.to, storetest.Options(t))
			require.ErrorIs(t, err, store.ErrUnfinished)
			require.NoError(t, copied(&ending{happens: func() error { cancel(); return nil }, answer: store.ErrUnavailable}),
				"the caller leaves, and the answer is lost")
			assert.Equal(t, dump(t, p.from, exactly), dump(t, p.to, exactly))
			open(t, p.to, false)
		})
	}
}

// cutCopy cuts a copy when so much of it is done, and returns how many rows the target has then.
func cutCopy(t *testing.T, source *store.Store, to string, percent int64) (rows int64) {
	t.Helper()
	target := open(t, to, true)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := store.Copy(ctx, source, target, func(done, total int64) {
		if ctx.Err() == nil && 100*done >= percent*total {
			rows = min(done, total/2)
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, target.Close())
	return rows
}

// TestCopyNoticesChanges of the source between two attempts, wherever they are, and begins again.
func TestCopyNoticesChanges(t *testing.T) {
	t.Parallel()
	for _, p := range pairs(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			source := open(t, p.from, false)
			ratings(t, source, 0, 80)
			target := open(t, p.to, true)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			_, err := store.Copy(ctx, source, target, func(int64, int64) {
				if n++; n == 9 { // in the middle of the feedback
					cancel()
				}
			})
			require.ErrorIs(t, err, context.Canceled)
			_, err = raw(t, p.from).ExecContext(t.Context(), `update feedback set site = 'other' where id = (select min(id) from feedback)`)
			require.NoError(t, err)
			_, err = store.Copy(t.Context(), source, target, ignore)
			require.ErrorIs(t, err, store.ErrSourceChanged)
			_, err = database.Open(t.Context(), p.to, storetest.Options(t))
			require.ErrorIs(t, err, store.ErrUnfinished)
			_, err = store.Copy(t.Context(), source, target, ignore)
			require.NoError(t, err)
			assert.Equal(t, dump(t, p.from, exactly), dump(t, p.to, exactly))
		})
	}
}

// TestCopyRefusesUsedTargets: with rows of their own, and of another copy that runs.
func TestCopyRefusesUsedTargets(t *testing.T) {
	t.Parallel()
	for _, p := range pairs(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			source, target := open(t, p.from, false), open(t, p.to, true)
			ratings(t, source, 0, 80)
			db := raw(t, p.to)
			_, err := db.ExecContext(t.Context(), `insert into routine (name, done_ms) values ('digest', 1)`)
			require.NoError(t, err)
			_, err = store.Copy(t.Context(), source, target, ignore)
			require.ErrorIs(t, err, store.ErrNotEmpty)
			require.ErrorContains(t, err, "routine")
			open(t, p.to, false) // it is no unfinished copy

			_, err = db.ExecContext(t.Context(), `delete from routine`)
			require.NoError(t, err)
			second := false
			_, err = store.Copy(t.Context(), source, target, func(done, _ int64) {
				if done > 5 && !second {
					second = true
					_, err := store.Copy(t.Context(), source, target, ignore)
					assert.NoError(t, err)
				}
			})
			require.Error(t, err)
			assert.Equal(t, dump(t, p.from, exactly), dump(t, p.to, exactly))
		})
	}
}

// TestRoundTrip: what is copied to PostgreSQL and back is what it was, except for what PostgreSQL cannot
// keep, which is counted.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		first, server, back := file(t), storetest.ServerWithTables(t), file(t)
		fill(t, rt, first)
		copyAll := func(from, to string) store.Copied {
			source, target := open(t, from, false), open(t, to, true)
			copied, err := store.Copy(t.Context(), source, target, ignore)
			require.NoError(rt, err)
			require.NoError(rt, errors.Join(source.Close(), target.Close()))
			return copied
		}
		var odd int64
		had := dump(t, first, func(text string) string {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				odd++
			}
			return onServer(text)
		})
		assert.Equal(rt, odd, copyAll(first, server).Changed)
		assert.Equal(rt, had, dump(t, server, exactly))
		assert.Zero(rt, copyAll(server, back).Changed)
		assert.Equal(rt, had, dump(t, back, exactly))
	})
}

// fill makes a random database: ratings, what people do with them, and rows with odd values.
func fill(t *testing.T, rt *rapid.T, path string) {
	t.Helper()
	s := open(t, path, false)
	text := rapid.OneOf(rapid.String(), rapid.Just(""), rapid.Just("a\x00b"), rapid.Just("\xff\xfe"), rapid.Just("🙂👩‍👩‍👧"),
		rapid.Just("\\N"), rapid.Just("tab\tline\n\"'"), rapid.Just(strings.Repeat("lang é ", 400)), rapid.Just("\uFEFF\u202E"))
	number := rapid.OneOf(rapid.Int64(), rapid.Just(int64(0)), rapid.Just(int64(-1)))
	for i := range rapid.IntRange(0, 20).Draw(rt, "ratings") {
		e := storetest.With(storetest.Smiley(fmt.Sprint(i, text.Draw(rt, "id")), rapid.SampledFrom([]feedback.Smiley{feedback.Green, feedback.Yellow, feedback.Red}).Draw(rt, "smiley"),
			noon().Add(-time.Duration(i)*time.Hour)), text.Draw(rt, "comment"))
		e.Answer.Customer = feedback.Person{ID: text.Draw(rt, "customer"), Name: text.Draw(rt, "name")}
		e.Answer.Agent = feedback.Person{Name: text.Draw(rt, "agent")}
		e.Mentions[feedback.FieldCustomerName], e.Mentions[feedback.FieldCustomerID], e.Mentions[feedback.FieldAgentName] = true, true, true
		body := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(rt, "body")
		_, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: text.Draw(rt, "delivery"), Body: body, ReceivedAt: noon()}, e)
		require.NoError(rt, err)
	}
	db := raw(t, path)
	exec := func(query string, args ...any) {
		_, err := db.ExecContext(t.Context(), query, args...)
		require.NoError(rt, err)
	}
	for i := range rapid.IntRange(0, 5).Draw(rt, "rows") {
		exec(`insert into refusal (sender, status, detail, received_ms, body) values ('x', 400, $1, $2, $3)`, text.Draw(rt, "detail"), number.Draw(rt, "at"),
			rapid.SliceOfN(rapid.Byte(), 0, 20_000).Draw(rt, "refused"))
		exec(`insert into pause (method, until_ms) values ($1, $2)`, strconv.Itoa(i), number.Draw(rt, "until"))
		exec(`insert into forgotten (who, at_ms) values ($1, $2) on conflict do nothing`, rapid.SliceOf(rapid.Byte()).Draw(rt, "who"), number.Draw(rt, "forgotten"))
		exec(`insert into import_run (id, source, at_ms, changed, undone_ms) values ($1, $2, $3, 0, null)`, 7*i+1, text.Draw(rt, "source"), number.Draw(rt, "imported"))
		exec(`insert into outbox (key, notice, mention, channel, rank, queued_ms, revision, ts, shown) values ($1, $2, '', '', 1, $3, 3, $4, $5)`,
			"k"+strconv.Itoa(i), text.Draw(rt, "notice"), number.Draw(rt, "queued"), sql.NullString{String: "1.2", Valid: i%2 == 0}, 2*((i+1)%2))
		exec(`insert into home (person, opened_ms, hash) values ($1, $2, $3)`, "U"+strconv.Itoa(i), number.Draw(rt, "opened"), text.Draw(rt, "hash"))
	}
	require.NoError(rt, s.Close())
}
