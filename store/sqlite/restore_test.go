package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// count is the number of feedbacks in a database.
func count(t *testing.T, path string) any {
	t.Helper()
	return storetest.Rows(t, storetest.Raw(t, path), `select count(*) from feedback`)[0][0]
}

func TestRestore(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		// now is the state of the database when the backup is put in place.
		now   func(t *testing.T, path string)
		aside bool
	}{
		{"as it was", func(*testing.T, string) {}, true},
		{"damaged", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte{0xa5}, 9000), 0o600))
		}, true},
		{"damaged, with a log", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte{0xa5}, 9000), 0o600))
			require.NoError(t, os.WriteFile(path+"-wal", bytes.Repeat([]byte{0xa5}, 9000), 0o600))
		}, true},
		{"missing", func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Remove(path)) }, false},
		{"missing, with a log", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.WriteFile(path+"-wal", []byte("log"), 0o600))
		}, true},
		{"what a killed restore left is there", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path+".restoring", []byte("half"), 0o644))
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path, backup := filepath.Join(t.TempDir(), "smileybot.db"), filepath.Join(t.TempDir(), "backup.db")
			d := serve(t, path)
			require.NoError(t, d.take(t, "1"))
			_, err := sqlite.Copy(t.Context(), path, backup, noStep)
			require.NoError(t, err)
			require.NoError(t, d.take(t, "2"))
			_, err = sqlite.Restore(t.Context(), path, backup, noon(), noStep)
			require.ErrorIs(t, err, sqlite.ErrLocked, "while serve runs")
			d.stop(t)

			tc.now(t, path)
			before, _ := os.ReadFile(path)
			made, err := sqlite.Restore(t.Context(), path, backup, noon(), noStep)
			require.NoError(t, err)
			assert.EqualValues(t, 1, made.Feedback)
			assert.EqualValues(t, 1, count(t, path))
			if tc.aside {
				assert.Equal(t, path+".before-restore-20261120T110000Z", made.Aside)
				kept, _ := os.ReadFile(made.Aside)
				assert.True(t, bytes.Equal(before, kept))
			} else {
				assert.Empty(t, made.Aside)
			}
			info, err := os.Stat(path)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			_, err = os.Stat(path + ".restoring")
			require.ErrorIs(t, err, os.ErrNotExist)
			again := serve(t, path)
			require.NoError(t, again.take(t, "3"))
		})
	}
}

// TestRestoreWritesTheFormerLogFirst: the former database that is kept has what its log held.
func TestRestoreWritesTheFormerLogFirst(t *testing.T) {
	t.Parallel()
	path, backup := filepath.Join(t.TempDir(), "smileybot.db"), filepath.Join(t.TempDir(), "backup.db")
	killed := filepath.Join(t.TempDir(), "smileybot.db")
	d := serve(t, path)
	_, err := sqlite.Copy(t.Context(), path, backup, noStep)
	require.NoError(t, err)
	require.NoError(t, d.take(t, "1"))
	for _, end := range []string{"", "-wal", ".lock"} {
		copyOver(t, path+end, killed+end)
	}
	made, err := sqlite.Restore(t.Context(), killed, backup, noon(), noStep)
	require.NoError(t, err)
	assert.EqualValues(t, 0, count(t, killed))
	assert.EqualValues(t, 1, count(t, made.Aside))
}

// TestRestoreFollowsNoLink: a link where a restore makes its file goes, and what it leads to stays.
func TestRestoreFollowsNoLink(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	backup, precious := filepath.Join(t.TempDir(), "backup.db"), filepath.Join(t.TempDir(), "precious")
	_, err := sqlite.Copy(t.Context(), d.path, backup, noStep)
	require.NoError(t, err)
	require.NoError(t, errors.Join(d.raw.Close(), d.Close()))
	require.NoError(t, os.WriteFile(precious, []byte("kept"), 0o600))
	require.NoError(t, os.Symlink(precious, d.path+".restoring"))
	require.NoError(t, os.Symlink(precious, d.path+".restoring-wal"))
	_, err = sqlite.Restore(t.Context(), d.path, backup, noon(), noStep)
	require.NoError(t, err)
	text, err := os.ReadFile(precious)
	require.NoError(t, err)
	assert.Equal(t, "kept", string(text))
}

func TestRestoreRefuses(t *testing.T) { //nolint:paralleltest // its rows use one database
	folder := t.TempDir()
	path, backup := filepath.Join(folder, "smileybot.db"), filepath.Join(folder, "backup.db")
	d := serve(t, path)
	require.NoError(t, d.take(t, "1"))
	_, err := sqlite.Copy(t.Context(), path, backup, noStep)
	require.NoError(t, err)
	d.stop(t)
	good, err := os.ReadFile(backup)
	require.NoError(t, err)
	for _, tc := range []struct {
		name string
		make func(t *testing.T, file string)
		want string
	}{
		{"missing", func(*testing.T, string) {}, "no such file"},
		{"text", func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.WriteFile(file, []byte("id,smiley\n"), 0o600))
		}, "is no backup of smileybot"},
		{"empty", func(t *testing.T, file string) { t.Helper(); require.NoError(t, os.WriteFile(file, nil, 0o600)) }, "is no backup of smileybot"},
		{"a folder", func(t *testing.T, file string) { t.Helper(); require.NoError(t, os.Mkdir(file, 0o700)) }, "is no backup of smileybot"},
		{"a link", func(t *testing.T, file string) { t.Helper(); require.NoError(t, os.Symlink(backup, file)) }, "is a link"},
		{"cut off", func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.WriteFile(file, good[:len(good)/2], 0o600))
		}, "is damaged"},
		{"another program's", func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.WriteFile(file, nil, 0o600))
			raw := storetest.Raw(t, file)
			_, err := raw.ExecContext(t.Context(), `create table orders (id integer)`)
			require.NoError(t, err)
			require.NoError(t, raw.Close())
		}, "is no backup of smileybot"},
		{"of a newer version", func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.WriteFile(file, good, 0o600))
			raw := storetest.Raw(t, file)
			_, err := raw.ExecContext(t.Context(), `insert into goose_db_version (version_id, is_applied) values (99, 1)`)
			require.NoError(t, err)
			require.NoError(t, raw.Close())
		}, "it has schema 99"},
		{"with a log", func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.WriteFile(file, good, 0o600))
			require.NoError(t, os.WriteFile(file+"-wal", []byte("log"), 0o600))
		}, "is a database with a log"},
	} {
		t.Run(tc.name, func(t *testing.T) { //nolint:paralleltest // all use one database
			file := filepath.Join(t.TempDir(), "file.db")
			tc.make(t, file)
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			_, err = sqlite.Restore(t.Context(), path, file, noon(), noStep)
			require.ErrorContains(t, err, tc.want)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(before, after))
			_, err = os.Stat(path + ".restoring")
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

// TestLockIsOfTheFile: no other name of the file, and no removed lock file, lets a second serve in.
func TestLockIsOfTheFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		other func(t *testing.T, folder, path string) string
	}{
		{"the lock file removed", func(t *testing.T, _, path string) string {
			t.Helper()
			require.NoError(t, os.Remove(path+".lock"))
			return path
		}},
		{"a symbolic link", func(t *testing.T, folder, path string) string {
			t.Helper()
			require.NoError(t, os.Symlink(path, filepath.Join(folder, "link.db")))
			return filepath.Join(folder, "link.db")
		}},
		{"a link to a link, relative", func(t *testing.T, folder, path string) string {
			t.Helper()
			require.NoError(t, os.Symlink(filepath.Base(path), filepath.Join(folder, "first.db")))
			require.NoError(t, os.Symlink("first.db", filepath.Join(folder, "second.db")))
			return filepath.Join(folder, "second.db")
		}},
		{"a hard link", func(t *testing.T, folder, path string) string {
			t.Helper()
			require.NoError(t, os.Link(path, filepath.Join(folder, "hard.db")))
			return filepath.Join(folder, "hard.db")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			link := filepath.Join(folder, "dangling.db") // leads nowhere until the first serve
			require.NoError(t, os.Symlink("smileybot.db", link))
			serve(t, link)
			other := tc.other(t, folder, filepath.Join(folder, "smileybot.db"))
			_, err := sqlite.Lock(t.Context(), other, 50*time.Millisecond)
			require.ErrorIs(t, err, sqlite.ErrLocked)
		})
	}
}
