package sqlite_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestOpenTwice(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	second, err := sqlite.OpenExisting(t.Context(), d.path, storetest.Options(t))
	require.NoError(t, err)
	got, err := second.Snapshot(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, d.standing(t, id), got)
	_, err = second.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: noon()}, red("2"))
	require.NoError(t, err, "it writes second a running serve")
	require.NoError(t, second.Close())
	d.take(t, red("3"))
	require.NoError(t, d.Close())
	storetest.Open(t, d.path)
	assert.EqualValues(t, 3, d.one(t, `select count(*) from feedback`))
	migrated := [][]any{{int64(0)}}
	for _, version := range versions(t) {
		migrated = append(migrated, []any{version})
	}
	assert.Equal(t, migrated, d.rows(t, `select version_id from goose_db_version order by id`), "migrated once")
}

// TestMigrationsContinue stops the migrations after each of them: the next start goes on there, and
// reports how far it is.
func TestMigrationsContinue(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	all := int64(len(versions(t)))
	for first := range all {
		ctx, cancel := context.WithCancel(t.Context())
		options := storetest.Options(t)
		var seen []int64
		options.Migrating = func(done, total int64) {
			assert.Equal(t, all, total)
			if seen = append(seen, done); done > first {
				cancel()
			}
		}
		s, err := sqlite.Open(ctx, path, options)
		if err == nil { // it was stopped when all were done
			require.NoError(t, s.Close())
			require.Equal(t, all-1, first)
		} else {
			require.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, []int64{first, first + 1}, seen)
		cancel()
	}
	options := storetest.Options(t)
	options.Migrating = func(int64, int64) { t.Error("they are done") }
	s, err := sqlite.Open(t.Context(), path, options)
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

// versions are those of the migrations, as their files' names begin.
func versions(tb testing.TB) []int64 {
	tb.Helper()
	files, err := os.ReadDir("migrations")
	require.NoError(tb, err)
	var all []int64
	for _, file := range files {
		number, _, _ := strings.Cut(file.Name(), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		require.NoError(tb, err)
		all = append(all, version)
	}
	return all
}

// latest is the schema that this program wants.
func latest(tb testing.TB) int64 {
	tb.Helper()
	all := versions(tb)
	return all[len(all)-1]
}

// TestDurability: what a nil error promises rests on these.
func TestDurability(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	assert.Equal(t, "wal", d.one(t, `pragma journal_mode`))
	for _, c := range []struct {
		pragma string
		want   int64
	}{{"synchronous", 2}, {"secure_delete", 1}, {"foreign_keys", 1}, {"busy_timeout", 2500}} {
		require.NoError(t, d.engine.Write(t.Context(), func(tx *store.Unit) error {
			var got int64
			err := tx.Row(`pragma ` + c.pragma).Scan(&got)
			assert.Equal(t, c.want, got, c.pragma)
			return err
		}))
	}
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, red("1"))
	require.NoError(t, d.Close())
	_, err := d.raw.ExecContext(t.Context(), `insert into goose_db_version (version_id, is_applied) values (99, 1)`)
	require.NoError(t, err)
	for name, open := range opens() {
		_, err := open(t, d.path)
		require.ErrorContains(t, err, fmt.Sprintf("it has schema 99 and this smileybot knows up to %d: install the newer smileybot", latest(t)), name)
		require.ErrorContains(t, err, d.path)
	}
	_, err = d.raw.ExecContext(t.Context(), `delete from goose_db_version where version_id = 99`)
	require.NoError(t, err)
	storetest.Open(t, d.path)
	assert.EqualValues(t, 1, d.one(t, `select count(*) from feedback`), "nothing was touched")
}

func opens() map[string]func(testing.TB, string) (*store.Store, error) {
	return map[string]func(testing.TB, string) (*store.Store, error){
		"open": func(tb testing.TB, path string) (*store.Store, error) {
			tb.Helper()
			return sqlite.Open(tb.Context(), path, storetest.Options(tb))
		},
		"second": func(tb testing.TB, path string) (*store.Store, error) {
			tb.Helper()
			return sqlite.OpenExisting(tb.Context(), path, storetest.Options(tb))
		},
	}
}

func TestOpenExisting(t *testing.T) {
	t.Parallel()
	second := opens()["second"]
	folder := t.TempDir()
	missing := filepath.Join(folder, "missing.db")
	_, err := second(t, missing)
	require.ErrorContains(t, err, "there is no database at "+missing)
	_, err = os.Stat(missing)
	require.ErrorIs(t, err, fs.ErrNotExist, "it makes none")

	empty := filepath.Join(folder, "empty.db")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	_, err = second(t, empty)
	require.ErrorContains(t, err, fmt.Sprintf("it has schema 0 and this smileybot wants %d: start 'smileybot serve'", latest(t)))
	storetest.Open(t, empty)
}

func TestCannotOpen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	require.NoError(t, os.WriteFile(text, []byte("This is no database, but it is long enough to be read as one, is it not?"), 0o600))
	for name, open := range opens() {
		_, err := open(t, text)
		require.ErrorContains(t, err, "is damaged or no database: it does not begin as one; correct SMILEYBOT_DATABASE", name)
		_, err = open(t, folder)
		require.ErrorContains(t, err, folder, name)
	}
	_, err := opens()["open"](t, filepath.Join(folder, "nowhere", "smileybot.db"))
	require.ErrorContains(t, err, "folder")
	kept, err := os.ReadFile(text)
	require.NoError(t, err)
	assert.Contains(t, string(kept), "no database")
}

// TestAnyFileNameAndOwnerOnly: a file may be called anything, and only its owner reads it.
func TestAnyFileNameAndOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "what? 100% #1 & co=", "é:x.db")
	require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
	s := storetest.Open(t, path)
	_, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: noon()}, red("1"))
	require.NoError(t, err)
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 4, "the file, its log, its index, and whose turn it is to write")
	for _, file := range files {
		info, err := file.Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode(), file.Name())
	}

	shared := filepath.Join(filepath.Dir(path), "shared.db")
	require.NoError(t, os.WriteFile(shared, nil, 0o600))
	require.NoError(t, os.Chmod(shared, 0o640))
	storetest.Open(t, shared)
	info, err := os.Stat(shared)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o640), info.Mode(), "the operator's choice is kept")
}

// TestRefusedRows: the tables refuse what must not be.
func TestRefusedRows(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	for _, query := range []string{
		`update feedback set rating = 0`,
		`update feedback set rating = 4`,
		`update feedback set kind = 'ces', rating = 8`,
		`update feedback set kind = 'csat', rating = 6`,
		`update feedback set kind = 'review', rating = 0`,
		`update feedback set kind = 'nps', rating = 11`,
		`update feedback set kind = 'nls', rating = -1`,
		`update feedback set kind = 'stars'`,
		`update feedback set rating = 'red'`,
		`update feedback set comment = null`,
		`update feedback set suspect = 2`,
		`update feedback set occurred_ms = '2026-11-20'`,
		`update feedback set voided_ms = 1`,
		`update feedback set void_reason = 'test'`,
		`update tally set unit = 'week'`,
		`insert into agent values (1, '', '', 1)`,
		`insert into tally_settings values (2, 'UTC')`,
		`update followup set state = 'claimed'`,
		`update followup set claimer = 'U1'`,
		`update followup set state = 'done'`,
		`update followup set outcome = 'other'`,
		`update followup set note = 'n'`,
		`update followup set state = 'snoozed'`,
		`update followup set openings = 0`,
		`update followup set feedback_id = 'nobody'`,
		`update outbox set shown = 1`,
		`update outbox set ts = '1.0'`,
		`update outbox set ts = '1.0', shown = 2`,
		`update outbox set ts = '1.0', shown = 1, attempt_ms = 1`,
		`update outbox set doubt_ms = 1`,
		`update outbox set recheck_ms = 1`,
		`update outbox set revision = 0`,
		`insert into probe values (2, 1)`,
		`insert into refusal values (1, 'feedback', 401, '', 1, x'')`,
		`delete from feedback`,
		`insert into transition (followup_id, at_ms, made_by, from_state, to_state, outcome, note) values ('nobody', 1, '', '', '', '', '')`,
		`insert into moderation (feedback_id, at_ms, actor, action, reason) values ('nobody', 1, 'U1', 'void', '')`,
		`insert into moderation (feedback_id, at_ms, actor, action, reason) select id, 1, 'U1', 'praise', '' from feedback`,
		`update followup set snoozed_ms = 1`,
		`update followup set snoozes = 1`,
		`update followup set was_state = 'open'`,
		`update outbox set erasure = 'perhaps'`,
		`update feedback set forgotten_ms = 1, comment = 'why'`,
		`insert into outgoing (event_id, feedback_id, type, body, at_ms) select 'e', id, 'followup.praised', '', 1 from feedback`,
		`insert into ticket_service (day, sender, ticket_id, within_4h, scopes) values (1, 'feedback', '1', 2, '[]')`,
		`insert into ticket_service (day, sender, ticket_id) values (1, 'feedback', '1')`,
	} {
		_, err := d.raw.ExecContext(t.Context(), query)
		require.Error(t, err, query)
	}
	for _, query := range []string{ // and take what may
		`update feedback set voided_ms = 1, void_reason = 'test'`,
		`update feedback set kind = 'ces', rating = 7`,
		`update feedback set kind = 'nps', rating = 0`,
		`update followup set state = 'claimed', claimer = 'U1'`,
		`update followup set state = 'snoozed', claimer = 'U1', snoozed_ms = 1, snoozes = 1`,
		`update followup set state = 'done', claimer = '', outcome = 'other', note = 'n'`,
		`update outbox set attempt_ms = 1, doubt_ms = 2`,
		`update outbox set ts = '1.0', shown = 1, attempt_ms = null, doubt_ms = null`,
	} {
		_, err := d.raw.ExecContext(t.Context(), query)
		require.NoError(t, err, query)
	}
	assert.Equal(t, 0, d.standing(t, id).Feedback.Rating)
	for _, row := range d.rows(t, `select name from sqlite_schema where type = 'table' and name not like 'goose%' and name not like 'sqlite%' and sql not like '%strict%'`) {
		assert.Fail(t, "not strict", row[0])
	}
}
