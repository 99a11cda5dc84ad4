package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"
)

// maxGroup bounds how many jobs share one commit, and so how long a job waits
// for its neighbours.
const maxGroup = 256

// A writer commits jobs in groups. There is one a database.
type writer struct {
	open   func() (driver.Conn, error)
	turn   *flock.Flock // whose turn it is to begin; see begin
	mu     sync.RWMutex // guards closed against sends on jobs
	closed bool
	jobs   chan *job
	idle   chan struct{} // closed when the loop has ended
}

// alone runs a write before there are any others, and lets the connection go.
func (w *writer) alone(run func(*tx) error) error {
	t := newTx()
	defer t.drop()
	j := &job{ctx: t.ctx, run: run}
	w.commit(t, []*job{j})
	return j.err
}

// A job is one write and the place for its result.
type job struct {
	ctx context.Context //nolint:containedctx // whether the caller still waits when the job's turn comes
	run func(*tx) error
	// again says that run may be called again, from the start, after its writes were
	// rolled back.
	again bool
	done  chan error
	err   error
}

func startWriter(path string) *writer {
	open := func() (driver.Conn, error) {
		return new(sqlite3.SQLiteDriver).Open(dsn(path, "rw", "_cache_size=-8000"))
	}
	w := &writer{open: open, turn: flock.New(turnFile(path)), jobs: make(chan *job, maxGroup), idle: make(chan struct{})}
	go w.loop()
	return w
}

// stop ends the loop after the jobs that are queued.
func (w *writer) stop() {
	w.mu.Lock()
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	<-w.idle
}

// do runs a write and returns when it is on disk. When ctx ends first, the
// write may or may not happen.
func (w *writer) do(ctx context.Context, run func(*tx) error) error {
	return w.await(ctx, &job{ctx: ctx, run: run})
}

// doAgain is do for a write that may be run again from its start. It is cheaper: such
// writes need no savepoint.
func (w *writer) doAgain(ctx context.Context, run func(*tx) error) error {
	return w.await(ctx, &job{ctx: ctx, run: run, again: true})
}

func (w *writer) await(ctx context.Context, j *job) error {
	j.done = make(chan error, 1)
	if err := w.queue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) queue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fmt.Errorf("%w: it is closed", ErrUnavailable)
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// loop commits whatever is queued, with no timer: while one group is on its way
// to the disk, the next one gathers.
func (w *writer) loop() {
	defer close(w.idle)
	t := newTx()
	defer t.drop()
	for first := range w.jobs {
		group := w.gather(first)
		w.commit(t, group)
		for _, j := range group {
			j.done <- j.err
		}
	}
}

func (w *writer) gather(first *job) []*job {
	group := []*job{first}
	for len(group) < maxGroup {
		select {
		case j, open := <-w.jobs:
			if !open {
				return group
			}
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}
