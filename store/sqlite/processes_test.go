package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
