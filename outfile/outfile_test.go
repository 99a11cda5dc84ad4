package outfile_test

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/outfile"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, os.Chmod(path, mode))
}

// TestRefused: nothing but a regular file is replaced, and no link is followed. A pipe that no one
// writes to does not stop the check.
func TestRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write(t, in("file"), "kept", 0o644)
	require.NoError(t, os.Symlink(in("file"), in("link")))
	require.NoError(t, os.Symlink(in("nothing"), in("dangling")))
	require.NoError(t, os.Symlink(in("loop"), in("loop")))
	require.NoError(t, os.Mkdir(in("folder"), 0o700))
	require.NoError(t, syscall.Mkfifo(in("pipe"), 0o600))
	socket, err := new(net.ListenConfig).Listen(t.Context(), "unix", in("socket"))
	require.NoError(t, err)
	defer socket.Close()
	for _, c := range []struct{ path, want string }{
		{in("link"), "is a link"},
		{in("dangling"), "is a link"},
		{in("loop"), "is a link"},
		{in("folder"), "is no file"},
		{in("pipe"), "is no file"},
		{in("socket"), "is no file"},
		{"/dev/null", "is no file"},
		{in("file") + "/below", "not a directory"},
		{in("missing") + "/below", "no such file"},
	} {
		_, err := outfile.Create(c.path)
		require.ErrorContains(t, err, c.want, c.path)
		_, err = outfile.Head(c.path, 1)
		if c.path != in("missing")+"/below" {
			require.ErrorContains(t, err, c.want, c.path)
		}
	}
	text, err := os.ReadFile(in("file"))
	require.NoError(t, err)
	assert.Equal(t, "kept", string(text))
	assert.NoFileExists(t, in("nothing"))
}

// TestKept: a file is its owner's alone whatever was there, has its name only when it is complete,
// and leaves nothing else behind.
func TestKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, second := filepath.Join(folder, "out"), filepath.Join(folder, "second name")
	write(t, path, "before", 0o644)
	require.NoError(t, os.Link(path, second))
	read := func(path string) string {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text)
	}

	file, err := outfile.Create(path)
	require.NoError(t, err)
	_, err = file.WriteString("half")
	require.NoError(t, err)
	assert.Equal(t, "before", read(path))
	require.NoError(t, file.Discard())
	assert.Equal(t, "before", read(path))

	file, err = outfile.Create(path)
	require.NoError(t, err)
	_, err = file.WriteString("whole")
	require.NoError(t, err)
	require.NoError(t, file.Keep())
	assert.Equal(t, "whole", read(path))
	assert.Equal(t, "before", read(second), "another name of what was there keeps it")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())

	file, err = outfile.Create(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink(second, path))
	require.ErrorContains(t, file.Keep(), "is a link", "one that came meanwhile")
	assert.Equal(t, "before", read(second))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "nothing is left behind")
}

// TestSame finds a file by another name.
func TestSame(t *testing.T) {
	t.Parallel()
	folder, linked := t.TempDir(), filepath.Join(t.TempDir(), "folder")
	in := func(name string) string { return filepath.Join(folder, name) }
	write(t, in("a"), "", 0o600)
	write(t, in("b"), "", 0o600)
	require.NoError(t, os.Link(in("a"), in("hard")))
	require.NoError(t, os.Symlink(in("a"), in("soft")))
	require.NoError(t, os.Symlink(folder, linked))
	for _, c := range []struct {
		name string
		a, b string
		want bool
	}{
		{"itself", in("a"), in("a"), true},
		{"another", in("a"), in("b"), false},
		{"a hard link", in("a"), in("hard"), true},
		{"a link", in("a"), in("soft"), true},
		{"a roundabout path", in("a"), folder + "/../" + filepath.Base(folder) + "/a", true},
		{"missing", in("new"), in("new"), true},
		{"missing, by a linked folder", in("new"), filepath.Join(linked, "new"), true},
		{"missing, another", in("new"), in("newer"), false},
		{"one is missing", in("a"), in("new"), false},
	} {
		assert.Equal(t, c.want, outfile.Same(c.a, c.b), c.name)
	}
}
