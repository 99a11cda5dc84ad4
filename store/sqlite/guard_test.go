package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// A served database is one that a serve has locked and opened.
type served struct {
	*store.Store

	held *sqlite.Held
	path string
}

func serve(t *testing.T, path string) *served {
	t.Helper()
	held, err := sqlite.Lock(t.Context(), path, time.Second)
	require.NoError(t, err)
	s, err := held.Open(t.Context(), storetest.Options(t))
	require.NoError(t, err)
	d := &served{s, held, path}
	t.Cleanup(func() { d.stop(t) })
	return d
}

func (d *served) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, errors.Join(d.Close(), d.held.Release()))
}

func (d *served) take(t *testing.T, id string) error {
	t.Helper()
	_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: noon()}, red(id))
	return err
}

// copyOver writes the bytes of one file over another one, as cp does.
func copyOver(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o600))
}

// TestFileIsWatched: what happens to the file while it is served is noticed before the next use.
// Nothing is acknowledged from then on, and nothing is read, so nothing is posted.
func TestFileIsWatched(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, path, backup string)
		kind  error
		// leaves says that the last connection is left open, for the end of the process.
		leaves bool
	}{
		{"removed", func(t *testing.T, path, _ string) { t.Helper(); require.NoError(t, os.Remove(path)) }, store.ErrRemoved, false},
		{"renamed", func(t *testing.T, path, _ string) { t.Helper(); require.NoError(t, os.Rename(path, path+".old")) }, store.ErrRemoved, false},
		{"replaced", func(t *testing.T, path, backup string) { t.Helper(); require.NoError(t, os.Rename(backup, path)) }, store.ErrReplaced, false},
		{"overwritten", func(t *testing.T, path, backup string) { t.Helper(); copyOver(t, backup, path) }, store.ErrReplaced, true},
		{"emptied", func(t *testing.T, path, _ string) { t.Helper(); require.NoError(t, os.Truncate(path, 0)) }, store.ErrReplaced, true},
		{"its beginning overwritten", func(t *testing.T, path, _ string) {
			t.Helper()
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = file.WriteAt([]byte("something else"), 0)
			require.NoError(t, errors.Join(err, file.Close()))
		}, store.ErrReplaced, true},
		{"its log removed", func(t *testing.T, path, _ string) { t.Helper(); require.NoError(t, os.Remove(path+"-wal")) }, store.ErrRemoved, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path, backup := filepath.Join(t.TempDir(), "smileybot.db"), filepath.Join(t.TempDir(), "backup.db")
			d := serve(t, path)
			require.NoError(t, d.take(t, "1"))
			_, err := sqlite.Copy(t.Context(), path, backup, noStep)
			require.NoError(t, err)
			require.NoError(t, d.take(t, "2"))
			require.NoError(t, d.Fault())
			if tc.leaves {
				sqlite.CloseRest(t.Cleanup, d.Upkeep)
			}

			tc.spoil(t, path, backup)
			for _, err := range []error{d.take(t, "3"), d.Ready(t.Context(), noon()), d.Fault()} {
				require.ErrorIs(t, err, tc.kind)
				require.ErrorIs(t, err, store.ErrUnavailable)
				var fault *store.Fault
				require.ErrorAs(t, err, &fault)
				assert.Contains(t, fault.Reason, path)
				assert.NotEmpty(t, fault.Remedy)
			}
			_, err = d.Backlog(t.Context())
			require.ErrorIs(t, err, tc.kind, "what is read is posted")
		})
	}
}

// TestFileThatIsBackIsUsed: a file that was moved away and back is used again, with everything that
// was acknowledged.
func TestFileThatIsBackIsUsed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	d := serve(t, path)
	require.NoError(t, d.take(t, "1"))
	require.NoError(t, os.Rename(path, path+".old"))
	require.ErrorIs(t, d.take(t, "2"), store.ErrRemoved)
	require.NoError(t, os.Rename(path+".old", path))
	require.NoError(t, d.Ready(t.Context(), noon()))
	require.NoError(t, d.take(t, "3"))
	d.stop(t)
	raw := storetest.Raw(t, path)
	assert.EqualValues(t, 2, storetest.Rows(t, raw, `select count(*) from feedback`)[0][0])
}

// TestLogOfAFormerDatabaseIsNotMixedIn: the log that a killed serve left is never applied to another
// file in its place. SQLite itself would do so.
func TestLogOfAFormerDatabaseIsNotMixedIn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, backup, killed := filepath.Join(folder, "smileybot.db"), filepath.Join(folder, "backup.db"), filepath.Join(folder, "killed")
	d := serve(t, path)
	require.NoError(t, d.take(t, "1"))
	_, err := sqlite.Copy(t.Context(), path, backup, noStep)
	require.NoError(t, err)
	require.NoError(t, d.take(t, "2"))
	require.NoError(t, os.Mkdir(killed, 0o700))
	for _, file := range []string{path + "-wal", path + ".lock"} { // as they are after a kill
		copyOver(t, file, filepath.Join(killed, filepath.Base(file)))
	}
	d.stop(t)
	other := filepath.Join(killed, "smileybot.db")
	copyOver(t, backup, other)
	_, err = sqlite.Lock(t.Context(), other, time.Second)
	require.ErrorIs(t, err, store.ErrReplaced)
	_, err = sqlite.OpenExisting(t.Context(), other, storetest.Options(t))
	require.ErrorIs(t, err, store.ErrReplaced)
	require.NoError(t, os.Remove(other))
	_, err = sqlite.Lock(t.Context(), other, time.Second)
	require.ErrorIs(t, err, store.ErrRemoved, "the log has what a new database would not have")

	copyOver(t, path, other) // its own
	serve(t, other)
}

// TestVerify finds damage deep in a table and in an index, which no ordinary statement reads.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"history", "feedback_commented"} {
		t.Run(root, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "smileybot.db")
			d := serve(t, path)
			for i := range 40 {
				_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: noon()}, storetest.With(storetest.Smiley(strconv.Itoa(i), feedback.Red, noon()), "Stap 3"))
				require.NoError(t, err)
			}
			require.NoError(t, d.Verify(t.Context(), time.Minute))
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			require.ErrorIs(t, d.Verify(ended, time.Minute), context.Canceled)
			require.NoError(t, d.Fault())

			raw := storetest.Raw(t, path)
			page := storetest.Rows(t, raw, `select rootpage from sqlite_schema where name = '`+root+`'`)[0][0].(int64)
			require.NoError(t, raw.Close())
			d.stop(t)
			file, err := os.OpenFile(path, os.O_RDWR, 0)
			require.NoError(t, err)
			_, err = file.WriteAt(bytes.Repeat([]byte{0xa5}, 2000), (page-1)*4096+8)
			require.NoError(t, errors.Join(err, file.Close()))
			for name, open := range opens() {
				_, err := open(t, path)
				require.ErrorIs(t, err, store.ErrDamaged, name)
			}
			engine, err := sqlite.OpenDamaged(t.Context(), path)
			require.NoError(t, err)
			defer engine.Close()
			require.ErrorIs(t, engine.Verify(t.Context(), time.Minute), store.ErrDamaged)
		})
	}
}

// TestForeignDatabaseIsRefused: a database of another program is neither used nor changed.
func TestForeignDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, schema string }{
		{"its own mark", `pragma application_id = 252006673`},
		{"no mark", `create table orders (id integer)`},
		{"a table of the same name", `create table feedback (id integer)`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "other.db")
			require.NoError(t, os.WriteFile(path, nil, 0o600))
			raw := storetest.Raw(t, path)
			_, err := raw.ExecContext(t.Context(), tc.schema)
			require.NoError(t, errors.Join(err, raw.Close()))
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			for name, open := range opens() {
				_, err := open(t, path)
				require.ErrorIs(t, err, store.ErrForeign, name)
			}
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(before, after))
		})
	}
}

// TestRescue: everything that was acknowledged outlives a removed file, and can be restored.
func TestRescue(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	d := serve(t, path)
	require.NoError(t, d.take(t, "1"))
	name, err := d.Rescue(t.Context(), noon())
	require.NoError(t, err)
	assert.Empty(t, name, "it has its name")
	require.NoError(t, os.Remove(path))
	name, err = d.Rescue(t.Context(), noon())
	require.NoError(t, err)
	assert.Equal(t, path+".rescued-20261120T110000Z", name)
	info, err := os.Stat(name)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	d.stop(t)
	made, err := sqlite.Restore(t.Context(), path, name, noon(), noStep)
	require.NoError(t, err)
	assert.EqualValues(t, 1, made.Feedback)
	assert.NoError(t, serve(t, path).take(t, "2"))
}

// TestRescueOfTheLog: what was acknowledged is in the write-ahead log until that is emptied. It outlives a
// log that is removed, and one that is replaced.
func TestRescueOfTheLog(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		spoil  func(log string) error
		kind   error
		rescue bool // into a new file
	}{
		{"removed", os.Remove, store.ErrRemoved, false},
		{"moved", func(log string) error { return os.Rename(log, log+".old") }, store.ErrRemoved, false},
		{"replaced", func(log string) error { return errors.Join(os.Remove(log), os.WriteFile(log, nil, 0o600)) }, store.ErrReplaced, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path, killed := filepath.Join(t.TempDir(), "smileybot.db"), filepath.Join(t.TempDir(), "killed.db")
			d := serve(t, path)
			require.NoError(t, d.take(t, "1"))
			if tc.rescue {
				sqlite.CloseRest(t.Cleanup, d.Upkeep)
			}
			require.NoError(t, tc.spoil(path+"-wal"))
			require.ErrorIs(t, d.take(t, "2"), tc.kind)
			name, err := d.Rescue(t.Context(), noon())
			require.NoError(t, err)
			copyOver(t, path, killed) // what is left after a kill
			if tc.rescue {
				require.NotEmpty(t, name)
				killed = name
			} else {
				assert.Empty(t, name)
			}
			assert.EqualValues(t, 1, storetest.Rows(t, storetest.Raw(t, killed), `select count(*) from feedback`)[0][0])
		})
	}
}

// TestNoFileOfItsKind: what is no regular file is refused with a remedy that can be followed.
func TestNoFileOfItsKind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, row := range []struct{ path, remedy string }{
		{folder, "such as " + filepath.Join(folder, "smileybot.db")},
		{os.DevNull, "set SMILEYBOT_DATABASE to the path of a file"},
	} {
		var fault *store.Fault
		require.ErrorAs(t, sqlite.Examine(row.path), &fault, row.path)
		require.ErrorIs(t, fault, store.ErrPlace, row.path)
		assert.Contains(t, fault.Remedy, row.remedy, row.path)
	}
}

// TestCommandsMakeNoLog: a command next to a serve whose log was removed makes none in its place, which
// would keep the serve from writing its own into the database.
func TestCommandsMakeNoLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	d := serve(t, path)
	require.NoError(t, d.take(t, "1"))
	require.NoError(t, os.Remove(path+"-wal"))
	_, err := sqlite.OpenExisting(t.Context(), path, storetest.Options(t))
	require.ErrorIs(t, err, store.ErrRemoved)
	_, err = sqlite.Copy(t.Context(), path, path+".backup", noStep)
	require.ErrorIs(t, err, store.ErrRemoved)
	require.NoFileExists(t, path+"-wal")
	d.stop(t)
	assert.EqualValues(t, 1, storetest.Rows(t, storetest.Raw(t, path), `select count(*) from feedback`)[0][0])
}
