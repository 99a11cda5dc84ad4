package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProbeWritesSeldom checks how often a probe writes, however often it is asked.
func TestProbeWritesSeldom(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("no room")
	for _, test := range []struct {
		name  string
		ask   func(ask func(), failing *error, p *probe)
		wants int
	}{
		{"asked at once", func(ask func(), _ *error, _ *probe) { ask(); ask() }, 1},
		{"asked for ten seconds", func(ask func(), _ *error, _ *probe) {
			for range 1000 {
				ask()
				time.Sleep(10 * time.Millisecond)
			}
		}, 4},
		{"by many who do not wait for each other", func(ask func(), _ *error, _ *probe) {
			var all sync.WaitGroup
			for range 100 {
				all.Go(ask)
			}
			all.Wait()
		}, 1},
		{"after a failure", func(ask func(), failing *error, _ *probe) {
			*failing = errDisk
			ask()
			ask()
		}, 1},
		{"after a failure and a stored delivery", func(ask func(), failing *error, p *probe) {
			*failing = errDisk
			ask()
			*failing = nil
			p.forgetFailure()
			ask()
			p.forgetFailure()
			ask()
		}, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			var p probe
			var failing error
			attempts := 0
			test.ask(func() {
				err := p.result(t.Context(), time.Now(), func(context.Context) error {
					attempts++
					time.Sleep(time.Millisecond)
					return failing
				})
				assert.Equal(t, failing, err, test.name)
			}, &failing, &p)
			assert.Equal(t, test.wants, attempts, test.name)
		})
	}
}

// TestProbeIsNotTheAskers checks that one who gives up does not end the attempt of the others.
func TestProbeIsNotTheAskers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p probe
		attempts := 0
		ask := func(patience time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			return p.result(ctx, time.Now(), func(ctx context.Context) error {
				attempts++
				time.Sleep(time.Minute)
				return ctx.Err()
			})
		}
		require.ErrorIs(t, ask(time.Second), context.DeadlineExceeded)
		require.ErrorIs(t, ask(time.Second), context.DeadlineExceeded)
		require.NoError(t, ask(time.Hour))
		assert.Equal(t, 1, attempts)
	})
}
