package sqlite

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errOverran is the error of a job that takes longer than its limit.
var errOverran = errors.New("a write took too long and was rolled back")

// A limit ends the job that runs in a transaction. It fails all statements of that job after the
// limit, and interrupts the one that runs.
type limit struct {
	// call is held while SQLite runs, so that no connection is closed under a statement.
	call sync.Mutex

	mu      sync.Mutex // guards the rest
	job     *job       // runs now
	began   time.Time
	ctx     context.Context //nolint:containedctx // of the statements of the job
	cancel  context.CancelFunc
	overran bool
	// dead reports that the job did not end after its limit: its transaction is abandoned.
	dead bool
}

// begin starts the time of a job. Only the statements of a job that is not idempotent can be
// interrupted: to make a statement so costs a tenth of a rating, and those of the idempotent jobs
// each touch few rows. It reports false when the transaction is abandoned.
func (l *limit) begin(j *job) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.job, l.began, l.overran = j, time.Now(), false
	l.ctx, l.cancel = context.Background(), func() {}
	if !j.idempotent {
		l.ctx, l.cancel = context.WithCancel(l.ctx)
	}
	return !l.dead
}

// end ends the time of the job and reports whether it overran. ok is false when its transaction is
// abandoned, so its result is of no use.
func (l *limit) end() (overran, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel()
	overran, l.job, l.overran = l.overran, nil, false
	return overran, !l.dead
}

// enter must be called before a statement runs, and leave after it.
func (l *limit) enter() (context.Context, error) {
	l.call.Lock()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.overran || l.dead:
		l.call.Unlock()
		return nil, errOverran
	case l.job == nil:
		return context.Background(), nil
	default:
		return l.ctx, nil
	}
}

func (l *limit) leave() { l.call.Unlock() }

// running is the job that runs and for how long it has, nil between two jobs.
func (l *limit) running() (*job, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.job == nil {
		return nil, 0
	}
	return l.job, time.Since(l.began)
}

// expire fails the statements of a job if it still runs.
func (l *limit) expire(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.job == j {
		l.overran = true
		l.cancel()
	}
}

// abandon gives the transaction up if the job still runs, and reports whether it did. It waits
// for the statement that runs.
func (l *limit) abandon(j *job) bool {
	l.call.Lock()
	defer l.call.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = l.dead || l.job == j
	return l.dead
}

func (l *limit) abandoned() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}
