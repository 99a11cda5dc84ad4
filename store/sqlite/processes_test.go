package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestLockWaitsForFirst(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	held, err := sqlite.Lock(t.Context(), path, time.Second)
	require.NoError(t, err)
	storetest.Open(t, path)

	_, err = sqlite.Lock(t.Context(), path, time.Millisecond)
	require.ErrorIs(t, err, sqlite.ErrLocked)
	require.ErrorContains(t, err, path)

	released := make(chan error, 1)
	time.AfterFunc(20*time.Millisecond, func() { released <- held.Release() })
	second, err := sqlite.Lock(t.Context(), path, time.Minute)
	require.NoError(t, err, "it waits until the first goes")
	require.NoError(t, <-released)
	require.NoError(t, second.Release())

	info, err := os.Stat(path + ".lock")
	require.NoError(t, err)
	assert.Zero(t, info.Mode().Perm()&0o077)
}

// TestLinksTakeTheSameTurns: a serve hears of what a command changes through a link to the database, and
// the other way round.
func TestLinksTakeTheSameTurns(t *testing.T) {
	t.Parallel()
	path, link := filepath.Join(t.TempDir(), "smileybot.db"), filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(path, link))
	for _, row := range []struct{ watched, changed string }{{path, link}, {link, path}} {
		signals, err := sqlite.Watch(t.Context(), row.watched)
		require.NoError(t, err)
		require.NoError(t, storetest.Open(t, row.changed).Notify())
		select {
		case <-signals:
		case <-time.After(time.Minute):
			require.Fail(t, "no signal", row)
		}
	}
	_, err := os.Lstat(link + ".turn")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestLockGivenUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	held, err := sqlite.Lock(t.Context(), path, time.Second)
	require.NoError(t, err)
	defer func() { require.NoError(t, held.Release()) }()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = sqlite.Lock(ctx, path, time.Minute)
	require.ErrorIs(t, err, context.Canceled, "its context ended, and no other serve is to blame")
	require.NotErrorIs(t, err, sqlite.ErrLocked)

	_, err = sqlite.Lock(t.Context(), filepath.Join(filepath.Dir(path), "nowhere", "smileybot.db"), time.Second)
	require.ErrorContains(t, err, "the folder ")
}

// TestAStoppedProgramKeepsNoWriterWaiting checks that ratings are stored while a program that is stopped
// has the turn of the writers, and that the turn is taken again when it is free.
func TestAStoppedProgramKeepsNoWriterWaiting(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a writer waits some seconds for its turn")
	}
	d := newFixture(t)
	stopped := flock.New(d.path+".turn", flock.SetFlag(os.O_RDWR))
	require.NoError(t, stopped.Lock())
	d.take(t, red("1"))
	began := time.Now()
	d.take(t, red("2"))
	assert.Less(t, time.Since(began), 2*time.Second, "only the first waits")
	require.NoError(t, stopped.Unlock())
	d.take(t, red("3"))
	assert.Len(t, d.known(t), 3)
}

// TestCommandsUseTheNameOfServe checks that no command opens a database by a second name while a serve
// uses it: its log would be another one.
func TestCommandsUseTheNameOfServe(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, second := filepath.Join(folder, "smileybot.db"), filepath.Join(folder, "second.db")
	d := serve(t, path)
	require.NoError(t, os.Link(path, second))
	_, err := sqlite.OpenExisting(t.Context(), second, storetest.Options(t))
	require.ErrorIs(t, err, store.ErrPlace)
	require.ErrorContains(t, err, "second name")
	_, err = sqlite.Copy(t.Context(), second, filepath.Join(folder, "backup.db"), noStep)
	require.ErrorIs(t, err, store.ErrPlace)
	require.NoError(t, d.take(t, "1"))
	d.stop(t)
	s, err := sqlite.OpenExisting(t.Context(), second, storetest.Options(t))
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

// TestCommandsAtAStartOrStop checks that commands and a serve that takes or leaves its two locks do not
// mistake each other for something else.
func TestCommandsAtAStartOrStop(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	serve(t, path).stop(t)
	near := flock.New(path + ".lock") // which a serve takes first
	require.NoError(t, near.Lock())
	time.AfterFunc(30*time.Millisecond, func() { _ = near.Unlock() })
	s, err := sqlite.OpenExisting(t.Context(), path, storetest.Options(t))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, near.RLock()) // as another command that looks
	defer near.Unlock()
	s, err = sqlite.OpenExisting(t.Context(), path, storetest.Options(t))
	require.NoError(t, err)
	require.NoError(t, s.Close())
}
