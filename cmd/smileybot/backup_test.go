package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// TestBackupIsRestored makes a backup next to a running serve and restores it. The bot continues with the scores,
// the messages and the follow-ups of that moment.
func TestBackupIsRestored(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	first := s.send(t, "--id", "1", "--channel", "ticket", "--smiley", "red")
	s.await(t, first.ID, func(fakeslack.Message) bool { return true })
	s.send(t, "--id", "1", "--channel", "ticket", "--comment", "Het duurde lang.")
	s.await(t, first.ID, showsRevision(2)) // so that the bot has stored where the message is
	file := filepath.Join(t.TempDir(), "backup.db")
	done := call(t, "backup", file)
	require.Zero(t, done.status, done.stderr)
	assert.Regexp(t, `backup\.db: 1 answers, 0\.\d MB, checked, in \d+\.\d s\n$`, done.stdout)
	assert.Empty(t, done.stderr)
	s.send(t, "--id", "2", "--channel", "ticket", "--smiley", "green")
	assert.Contains(t, call(t, "score", "smileys").stdout, "(2)")
	require.Zero(t, s.stop())

	database := os.Getenv("SMILEYBOT_DATABASE")
	require.NoError(t, os.Rename(file, database))
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(database + suffix)
	}
	s = serve(t, slack)
	assert.Contains(t, call(t, "score", "smileys").stdout, "(1)")
	again := s.send(t, "--id", "1", "--channel", "ticket", "--comment", "Stap 3 klopt niet meer.")
	assert.Equal(t, first.ID, again.ID)
	assert.Equal(t, "updated", again.Result)
	s.await(t, first.ID, showsRevision(3))
}

func showsRevision(n float64) func(fakeslack.Message) bool {
	return func(m fakeslack.Message) bool { return m.Metadata.EventPayload["revision"] == n }
}

// TestBackupMisplaced checks that the database and its files are never overwritten.
func TestBackupMisplaced(t *testing.T) {
	kept(t, octobers(9, 10)...)
	database := os.Getenv("SMILEYBOT_DATABASE")
	before, err := os.ReadFile(database)
	require.NoError(t, err)
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(database, link))
	other, dangling, pipe := link+"-other", link+"-dangling", link+"-pipe"
	require.NoError(t, os.Symlink(written(t, "old.db", string(before)), other))
	require.NoError(t, os.Symlink(link+"-none", dangling))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	const itself = "belongs to the database itself"
	for _, test := range []struct{ file, said string }{
		{database, itself},
		{database + "-wal", itself},
		{database + ".lock", itself},
		{link, itself},
		{"-", "name one"},
		{t.TempDir(), "is no file"},
		{other, "is a link"},
		{dangling, "is a link"},
		{pipe, "is no file"},
	} {
		done := call(t, "backup", test.file)
		assert.Equal(t, 2, done.status, test.file)
		assert.Contains(t, done.stderr, test.said, test.file)
	}
	after, err := os.ReadFile(database)
	require.NoError(t, err)
	assert.Equal(t, before, after)

	// A copy is made under another name first, which may be that of the database.
	moved := filepath.Join(t.TempDir(), "smileybot.db")
	require.NoError(t, os.WriteFile(moved+".partial", before, 0o600))
	t.Setenv("SMILEYBOT_DATABASE", moved+".partial")
	done := call(t, "backup", moved)
	assert.Equal(t, 2, done.status)
	assert.Contains(t, done.stderr, "belongs to the database itself")
	after, err = os.ReadFile(moved + ".partial")
	require.NoError(t, err)
	assert.Equal(t, before, after)

	done = call(t, "backup", filepath.Join(t.TempDir(), "missing", "backup.db"))
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "its folder must exist")
	assert.Equal(t, 2, call(t, "backup").status)
}
