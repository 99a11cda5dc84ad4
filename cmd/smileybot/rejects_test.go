package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store/sqlite"
)

// The files of the tests for rejected rows: one that is right, one with a wrong row, and what becomes
// of the latter.
const (
	rightRows = "id,channel,smiley,occurred_at\n1,ticket,red,2026-10-05T10:00:00Z\n"
	wrongRows = rightRows + "2,ticket,roze,2026-10-05T10:00:00Z\n"
	keptRows  = "id,channel,smiley,occurred_at\n2,ticket,roze,2026-10-05T10:00:00Z\n"
)

// names lists a folder.
func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestRejectedReplacesNothing checks that --rejected never replaces the database, the input or a file
// of another kind, and follows no link; and that nothing is imported then.
func TestRejectedReplacesNothing(t *testing.T) {
	create := func(text string) func(input, path string) error {
		return func(_, path string) error { return os.WriteFile(path, []byte(text), 0o644) }
	}
	for _, c := range []struct {
		name   string
		place  func(input, path string) error
		status int
		want   string
	}{
		{"the input", os.Rename, 2, "is the file that is imported"},
		{"a hard link to the input", os.Link, 2, "is the file that is imported"},
		{"a link to the input", os.Symlink, 2, "is the file that is imported"},
		{"another file", create("SLACK_CHANNEL=C1\n"), 1, "is another file"},
		{"another header", create("id,channel,smiley\n1,chat,red\n"), 1, "is another file"},
		{"a longer header", create("id,channel,smiley,occurred_at_all\n"), 1, "is another file"},
		{"the header further down", create("notes\n" + keptRows), 1, "is another file"},
		{"a link to a file of rejected rows", func(_, path string) error {
			return errors.Join(os.WriteFile(path+".old", []byte(keptRows), 0o600), os.Symlink(path+".old", path))
		}, 1, "is a link"},
		{"a link to nothing", func(_, path string) error { return os.Symlink(path+".none", path) }, 1, "is a link"},
		{"a folder", func(_, path string) error { return os.Mkdir(path, 0o700) }, 1, "is no file"},
		{"a pipe", func(_, path string) error { return syscall.Mkfifo(path, 0o600) }, 1, "is no file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			kept(t)
			input, path := written(t, "history.csv", wrongRows), filepath.Join(t.TempDir(), "rejected.csv")
			require.NoError(t, c.place(input, path))
			if c.name == "the input" {
				input = path
			}
			before := names(t, filepath.Dir(path))
			info, err := os.Lstat(path)
			require.NoError(t, err)
			done := call(t, "import", input, "--rejected", path)
			assert.Equal(t, c.status, done.status, done.stderr)
			assert.Contains(t, done.stderr, "the wrong rows cannot be kept")
			assert.Contains(t, done.stderr, c.want)
			assert.Empty(t, done.stdout)
			after, err := os.Lstat(path)
			require.NoError(t, err)
			assert.True(t, os.SameFile(info, after))
			assert.Equal(t, info.Size(), after.Size())
			assert.Equal(t, before, names(t, filepath.Dir(path)))
			assert.Equal(t, wrongRows, contents(t, input))
			assert.Equal(t, 1, strings.Count(call(t, "export").stdout, "\n"), "nothing was imported")
		})
	}
}

// TestRejectedSparesTheDatabase checks all its files, whether they are there or not, and also by way of
// a link.
func TestRejectedSparesTheDatabase(t *testing.T) {
	kept(t)
	database := os.Getenv("SMILEYBOT_DATABASE")
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(database, link))
	before := contents(t, database)
	for _, c := range []struct {
		used  string
		paths []string
	}{
		{database, append(sqlite.Files(database), link)},
		{link, sqlite.Files(link)},
	} {
		t.Setenv("SMILEYBOT_DATABASE", c.used)
		for _, path := range c.paths {
			done := call(t, "import", written(t, "history.csv", wrongRows), "--rejected", path)
			assert.Equal(t, 2, done.status, path)
			assert.Contains(t, done.stderr, "belongs to the database itself", path)
		}
	}
	assert.True(t, before == contents(t, database), "the database is unchanged")

	t.Setenv("SMILEYBOT_DATABASE", filepath.Join(t.TempDir(), "new.db"))
	assert.Equal(t, 2, call(t, "import", written(t, "history.csv", wrongRows), "--rejected", os.Getenv("SMILEYBOT_DATABASE")).status)
	assert.NoFileExists(t, os.Getenv("SMILEYBOT_DATABASE"))
}

// TestRejectedFile checks that the rows of an earlier import are replaced, and removed when there are
// none any more; that the file is its owner's alone; and that nothing else is left.
func TestRejectedFile(t *testing.T) {
	kept(t)
	input := written(t, "history.csv", wrongRows)
	rejected := strings.TrimSuffix(input, ".csv") + ".rejected.csv"
	for _, former := range []string{"", "id,channel,smiley,occurred_at", "\xef\xbb\xbfid,channel,smiley,occurred_at\r\nof a spreadsheet\r\n"} {
		require.NoError(t, os.WriteFile(rejected, []byte(former), 0o644))
		assert.Equal(t, 1, call(t, "import", input).status)
		assert.Equal(t, keptRows, contents(t, rejected))
		info, err := os.Stat(rejected)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode())
	}
	require.NoError(t, os.WriteFile(input, []byte(rightRows), 0o600))
	done := call(t, "import", input)
	assert.Zero(t, done.status, done.stderr)
	assert.Equal(t, []string{"history.csv"}, names(t, filepath.Dir(input)))

	require.NoError(t, os.WriteFile(rejected, []byte("mine"), 0o644))
	assert.Zero(t, call(t, "import", input).status)
	assert.Equal(t, "mine", contents(t, rejected))
	require.NoError(t, os.WriteFile(input, []byte(wrongRows), 0o600))
	done = call(t, "import", input)
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "could not be kept: "+rejected+" is another file")
	assert.Contains(t, done.stderr, "--rejected FILE")
	assert.Equal(t, "mine", contents(t, rejected))
}

// TestRejectedOfWhatEndsEarly checks that the rows that were rejected until then are kept.
func TestRejectedOfWhatEndsEarly(t *testing.T) {
	kept(t)
	input := written(t, "history.csv", wrongRows+strings.Repeat("\""+strings.Repeat("x", 1<<19)+"\n", 200))
	done := call(t, "import", input)
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "quotation marks do not match")
	rejected := strings.TrimSuffix(input, ".csv") + ".rejected.csv"
	assert.True(t, strings.HasPrefix(contents(t, rejected), keptRows))
	assert.Equal(t, []string{"history.csv", "history.rejected.csv"}, names(t, filepath.Dir(input)))
}

// TestImportFromItsOwnFile checks that standard input is compared with --rejected as well.
func TestImportFromItsOwnFile(t *testing.T) {
	kept(t)
	input := written(t, "history.csv", wrongRows)
	file, err := os.Open(input)
	require.NoError(t, err)
	defer file.Close()
	var out, errs strings.Builder
	assert.Equal(t, 2, run(t.Context(), []string{"import", "-", "--rejected", input}, file, &out, &errs))
	assert.Contains(t, errs.String(), "is the file that is imported")
	assert.Equal(t, wrongRows, contents(t, input))
}

// TestImportFromAPipe checks that a file of the system's own kind is read to its end.
func TestImportFromAPipe(t *testing.T) {
	kept(t)
	pipe := filepath.Join(t.TempDir(), "pipe.csv")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	go func() { _ = os.WriteFile(pipe, []byte(wrongRows), 0o600) }()
	done := call(t, "import", pipe)
	assert.Equal(t, "rows 2: 1 created, 0 updated, 0 unchanged, 0 stale, 1 rejected\n", done.stdout)
	assert.Equal(t, keptRows, contents(t, strings.TrimSuffix(pipe, ".csv")+".rejected.csv"))
}
