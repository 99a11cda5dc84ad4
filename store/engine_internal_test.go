package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A leavingEngine returns from Write when the context ends, while the job still runs.
type leavingEngine struct {
	Engine

	ended chan struct{}
}

func (e leavingEngine) Write(ctx context.Context, job func(*Unit) error) error {
	go func() {
		defer close(e.ended)
		_ = job(nil)
	}()
	<-ctx.Done()
	return ctx.Err()
}

// TestCountOfAJobThatIsLeft checks that a job which runs on after its caller has left changes nothing
// that the caller has; the race detector sees it.
func TestCountOfAJobThatIsLeft(t *testing.T) {
	t.Parallel()
	engine := leavingEngine{ended: make(chan struct{})}
	s := &Store{engine: engine}
	ctx, leave := context.WithCancel(t.Context())
	n, err := s.counting(ctx, func(*Unit) (int, error) {
		leave()
		return 3, nil
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, n)
	<-engine.ended
}
