package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/storetest"
)

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	release, err := store.Lock(t.Context(), path, time.Second)
	require.NoError(t, err)
	storetest.Open(t, path)

	_, err = store.Lock(t.Context(), path, time.Millisecond)
	require.ErrorIs(t, err, store.ErrLocked)
	require.ErrorContains(t, err, path)

	released := make(chan error, 1)
	time.AfterFunc(20*time.Millisecond, func() { released <- release() })
	releaseSecond, err := store.Lock(t.Context(), path, time.Minute)
	require.NoError(t, err, "it waits until the first goes")
	require.NoError(t, <-released)
	require.NoError(t, releaseSecond())

	info, err := os.Stat(path + ".lock")
	require.NoError(t, err)
	assert.Zero(t, info.Mode().Perm()&0o077)
}

func TestLockGivenUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	release, err := store.Lock(t.Context(), path, time.Second)
	require.NoError(t, err)
	defer func() { require.NoError(t, release()) }()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = store.Lock(ctx, path, time.Minute)
	require.ErrorIs(t, err, context.Canceled, "it was told to stop, and nobody is to blame")
	require.NotErrorIs(t, err, store.ErrLocked)

	_, err = store.Lock(t.Context(), filepath.Join(filepath.Dir(path), "nowhere", "smileybot.db"), time.Second)
	require.ErrorContains(t, err, "lock file of ")
}
