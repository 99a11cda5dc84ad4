package loop_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/internal/loop"
)

func TestWait(t *testing.T) {
	for _, test := range []struct {
		name         string
		until        time.Duration // 0: never
		signal, stop time.Duration // 0: never
		waits        time.Duration
		woken        bool
	}{
		{"until a moment", time.Minute, 0, time.Hour, time.Minute, false},
		{"until a moment that has passed", -time.Minute, 0, time.Hour, 0, false},
		{"until a signal", time.Minute, time.Second, time.Hour, time.Second, true},
		{"until a signal only", 0, time.Second, time.Hour, time.Second, true},
		{"until the end", 0, 0, time.Hour, time.Hour, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.stop)
				defer cancel()
				w := loop.NewWakeup()
				if test.signal > 0 {
					time.AfterFunc(test.signal, w.Signal)
				}
				var until time.Time
				if test.until != 0 {
					until = time.Now().Add(test.until)
				}
				began := time.Now()
				assert.Equal(t, test.woken, loop.Wait(ctx, until, w))
				assert.Equal(t, test.waits, time.Since(began))
			})
		})
	}
}

// TestWakeup keeps one signal until it is waited for or dropped.
func TestWakeup(t *testing.T) {
	t.Parallel()
	w := loop.NewWakeup()
	w.Signal()
	w.Signal()
	assert.True(t, loop.Wait(t.Context(), time.Time{}, w))
	assert.False(t, loop.Wait(t.Context(), time.Now(), w))
	w.Signal()
	w.Clear()
	w.Clear()
	assert.False(t, loop.Wait(t.Context(), time.Now(), w))
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		assert.True(t, loop.Sleep(ctx, -time.Second))
		assert.True(t, loop.Sleep(ctx, time.Second))
		assert.Equal(t, time.Second, time.Since(began))
		assert.False(t, loop.Sleep(ctx, time.Hour))
		assert.Equal(t, time.Minute, time.Since(began))
		assert.False(t, loop.Sleep(ctx, 0))
	})
}

func TestProtect(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	failed := errors.New("failed")
	require.ErrorIs(t, loop.Protect(t.Context(), logger, "panic in test", func() error { return failed }), failed)
	require.NoError(t, loop.Protect(t.Context(), logger, "panic in test", func() error { return nil }))
	assert.Empty(t, log.String())
	err := loop.Protect(t.Context(), logger, "panic in test", func() error { panic("hunter2") }, slog.String("key", "k1"))
	require.ErrorIs(t, err, loop.ErrPanic)
	assert.Contains(t, log.String(), `level=ERROR msg="panic in test" key=k1 stack=`)
	assert.NotContains(t, log.String(), "hunter2")
}

func TestEarliestAndLatest(t *testing.T) {
	t.Parallel()
	early, late, zero := time.Unix(1, 0), time.Unix(2, 0), time.Time{}
	assert.Equal(t, early, loop.Earliest(zero, late, zero, early))
	assert.Equal(t, early, loop.Earliest(early, zero))
	assert.Zero(t, loop.Earliest())
	assert.Zero(t, loop.Earliest(zero, zero))
	assert.Equal(t, late, loop.Latest(early, zero, late))
	assert.Zero(t, loop.Latest(zero))
}
