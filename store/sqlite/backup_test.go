package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func noStep(int64, int64) {}

// folder lists the names in a folder.
func folder(tb testing.TB, path string) []string {
	tb.Helper()
	entries, err := os.ReadDir(path)
	require.NoError(tb, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestCopyWhileWriting: a copy that is made while ratings come in is one whole state, with
// all that was acknowledged before it began.
func TestCopyWhileWriting(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var n atomic.Int64
	next := func() error {
		id := strconv.FormatInt(n.Add(1), 10)
		return d.taking(t.Context(), ordinary(id, int(n.Load())), "{}")()
	}
	for range 100 {
		require.NoError(t, next())
	}
	acknowledged := d.known(t)
	var writers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		writers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					assert.NoError(t, next())
				}
			}
		})
	}
	target := filepath.Join(t.TempDir(), "backup.db")
	var steps []int64
	made, err := sqlite.Copy(t.Context(), d.path, target, func(done, total int64) { steps = append(steps, done, total) })
	close(done)
	writers.Wait()
	require.NoError(t, err)
	assert.Equal(t, []string{"backup.db"}, folder(t, filepath.Dir(target)))
	info, err := os.Stat(target)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Equal(t, made.Bytes, info.Size())
	require.NotEmpty(t, steps)
	assert.Equal(t, steps[len(steps)-2], steps[len(steps)-1], "the last step reports that all is done")

	restored := &fixture{Store: storetest.Open(t, target), path: target, raw: storetest.Raw(t, target)}
	known := restored.known(t)
	assert.EqualValues(t, len(known), made.Feedback)
	for id := range acknowledged {
		assert.True(t, known[id], id)
	}
	rebuilt, err := restored.Rebuild(t.Context(), noStep)
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)
	require.NoError(t, restored.taking(t.Context(), red("new"), "{}")())
}

// TestCopyReplacesOnlyBackups: a former backup is replaced by one that is complete, and by nothing
// else; another file never is.
func TestCopyReplacesOnlyBackups(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	target := filepath.Join(t.TempDir(), "backup.db")
	made, err := sqlite.Copy(t.Context(), d.path, target, noStep)
	require.NoError(t, err)
	assert.Zero(t, made.Feedback)
	require.NoError(t, os.WriteFile(target+".partial", []byte("of one that was killed"), 0o644))
	d.take(t, red("1"))
	made, err = sqlite.Copy(t.Context(), d.path, target, noStep)
	require.NoError(t, err)
	info, err := os.Stat(target)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.EqualValues(t, 1, made.Feedback)
	former, err := os.ReadFile(target)
	require.NoError(t, err)

	d.take(t, red("2"))
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err = sqlite.Copy(stopped, d.path, target, noStep)
	require.ErrorIs(t, err, context.Canceled)
	_, err = sqlite.Copy(t.Context(), d.path+".missing", target, noStep)
	require.ErrorContains(t, err, "is SMILEYBOT_DATABASE right?")
	other := filepath.Join(t.TempDir(), "smileybot.env")
	require.NoError(t, os.WriteFile(other, []byte("SLACK_CHANNEL=C0SUPPORT"), 0o600))
	_, err = sqlite.Copy(t.Context(), other, target, noStep)
	require.ErrorIs(t, err, store.ErrDamaged)
	now, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Equal(t, former, now)
	assert.Equal(t, []string{"backup.db"}, folder(t, filepath.Dir(target)))

	_, err = sqlite.Copy(t.Context(), d.path, other, noStep)
	require.ErrorContains(t, err, "is another file, and no backup")
	kept, err := os.ReadFile(other)
	require.NoError(t, err)
	assert.Equal(t, "SLACK_CHANNEL=C0SUPPORT", string(kept))
	_, err = sqlite.Copy(t.Context(), d.path, filepath.Join(t.TempDir(), "missing", "backup.db"), noStep)
	require.ErrorContains(t, err, "its folder must exist")
}

// TestCopyFollowsNoLink: neither the backup nor the file in which it is made is written through a
// link or a second name, and a pipe stops nothing.
func TestCopyFollowsNoLink(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for _, c := range []struct {
		name  string
		place func(precious, target string) error
		want  string
	}{
		{"a link to a file", os.Symlink, "is a link"},
		{"a link to nothing", func(precious, target string) error { return os.Symlink(precious+".none", target) }, "is a link"},
		{"a pipe", func(_, target string) error { return syscall.Mkfifo(target, 0o600) }, "is no file"},
		{"a folder", func(_, target string) error { return os.Mkdir(target, 0o700) }, "is no file"},
		{"a link at the partial file", func(precious, target string) error { return os.Symlink(precious, target+".partial") }, "is a link"},
		{"a link to nothing at the partial file", func(precious, target string) error { return os.Symlink(precious+".none", target+".partial") }, "is a link"},
		{"a pipe at the partial file", func(_, target string) error { return syscall.Mkfifo(target+".partial", 0o600) }, "is no file"},
		{"a second name at the partial file", func(precious, target string) error { return os.Link(precious, target+".partial") }, "has a second name"},
		{"a database in use", func(_, target string) error {
			return errors.Join(os.WriteFile(target, []byte("SQLite format 3\x00"), 0o600), os.WriteFile(target+"-wal", nil, 0o600))
		}, "a database in use"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			precious, target := filepath.Join(t.TempDir(), "precious"), filepath.Join(t.TempDir(), "backup.db")
			require.NoError(t, os.WriteFile(precious, []byte("kept"), 0o644))
			require.NoError(t, c.place(precious, target))
			before := folder(t, filepath.Dir(target))
			_, err := sqlite.Copy(t.Context(), d.path, target, noStep)
			require.ErrorContains(t, err, c.want)
			text, err := os.ReadFile(precious)
			require.NoError(t, err)
			assert.Equal(t, "kept", string(text))
			assert.Equal(t, []string{"precious"}, folder(t, filepath.Dir(precious)))
			assert.Equal(t, before, folder(t, filepath.Dir(target)))
		})
	}
}

// TestCopyToAnyName: a backup may be named in any way that leads to its folder, a link to the folder too.
func TestCopyToAnyName(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, storetest.Smiley("1", feedback.Red, noon()))
	folder, linked := t.TempDir(), filepath.Join(t.TempDir(), "linked")
	require.NoError(t, os.Symlink(folder, linked))
	for _, target := range []string{linked + "/backup.db", folder + "/./backup.db", folder + "//backup.db"} {
		for range 2 { // the second replaces the first
			made, err := sqlite.Copy(t.Context(), d.path, target, noStep)
			require.NoError(t, err, target)
			assert.EqualValues(t, 1, made.Feedback, target)
		}
		info, err := os.Stat(filepath.Join(folder, "backup.db"))
		require.NoError(t, err, target)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), target)
		require.NoError(t, os.Remove(filepath.Join(folder, "backup.db")), target)
	}
}

// TestDamagedDatabaseMakesNoBackup: a damaged database makes no backup, so the last good one stays.
func TestDamagedDatabaseMakesNoBackup(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range 200 {
		d.take(t, storetest.With(storetest.Smiley(strconv.Itoa(i), feedback.Red, noon()), "Stap 3 klopt niet meer."))
	}
	root := d.one(t, `select rootpage from sqlite_schema where name = 'feedback_commented'`).(int64)
	require.NoError(t, errors.Join(d.raw.Close(), d.Close()))
	file, err := os.OpenFile(d.path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(make([]byte, 2000), (root-1)*4096+100)
	require.NoError(t, errors.Join(err, file.Close()))
	target := filepath.Join(t.TempDir(), "backup.db")
	_, err = sqlite.Copy(t.Context(), d.path, target, noStep)
	require.ErrorIs(t, err, store.ErrDamaged)
	assert.Empty(t, folder(t, filepath.Dir(target)))
}
