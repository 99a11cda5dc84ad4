package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"

	"smileybot/store"
)

// The way of a job through the writer:
//
//	Write, WriteIdempotent
//	     │
//	  queued ──── the caller leaves before its turn ────────────► skipped: ctx.Err()
//	     │
//	     │ the loop takes whatever is queued, at most maxGroup jobs: a group
//	     │ begin immediate
//	     │
//	     ├── all jobs of the group are idempotent ──► direct
//	     │                                              │
//	     │   ◄── rollback ── a job fails after a write ─┤
//	     ▼                                              │
//	  in savepoints ── a job fails: rollback to its     │ a job fails before a write:
//	     │             savepoint, the others go on      │ the others go on
//	     ▼                                              ▼
//	  flush the unit, commit ◄──────────────────────────┘
//	     │
//	     ▼
//	  committed: nil, or the job's own error
//
//	From every state after queued: the transaction is lost (SQLite rolls it back
//	by itself, flush or commit fails) ──► failed: ErrUnavailable for every job of
//	the group, and the connection is closed.
//
// A savepoint costs a job a copy of every page that it changes, and hardly any job fails
// after its first write. That is why idempotent jobs run directly first.

// maxGroup bounds how many jobs share one commit, and so how long a job waits for its neighbours.
const maxGroup = 256

// errPartialWrite ends a direct transaction in which a job failed after a write.
var errPartialWrite = errors.New("a job failed after a write")

// errLost ends a transaction that SQLite has rolled back although the job reports no error.
var errLost = errors.New("the transaction is lost")

// A writer commits jobs in groups. A database has one.
type writer struct {
	open   func() (driver.Conn, error)
	turn   *flock.Flock // see begin
	mu     sync.RWMutex // guards closed against sends on jobs
	closed bool
	jobs   chan *job
	idle   chan struct{} // closed when the loop has ended
}

// A job is one write and the place for its result.
type job struct {
	ctx context.Context //nolint:containedctx // whether the caller still waits when the job's turn comes
	run func(*store.Unit) error
	// idempotent jobs may run again from the start after a rollback.
	idempotent bool
	done       chan error
	err        error
}

func startWriter(path string) *writer {
	open := func() (driver.Conn, error) {
		return new(sqlite3.SQLiteDriver).Open(dsn(path, "rw", "_cache_size=-8000"))
	}
	w := &writer{open: open, turn: flock.New(turnFile(path)), jobs: make(chan *job, maxGroup), idle: make(chan struct{})}
	go w.loop()
	return w
}

// stop ends the loop after the queued jobs.
func (w *writer) stop() {
	w.mu.Lock()
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	<-w.idle
}

// do queues a job and returns its result.
func (w *writer) do(ctx context.Context, j *job) error {
	j.ctx, j.done = ctx, make(chan error, 1)
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
		return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// loop commits whatever is queued, without a timer: the next group gathers while one is
// written to the disk.
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

// commit runs a group in one transaction and gives each job its result. After a failure
// of the database it closes the connection, so that the next group gets a new one.
func (w *writer) commit(t *tx, group []*job) {
	direct := !slices.ContainsFunc(group, func(j *job) bool { return !j.idempotent })
	err := w.transact(t, group, direct)
	if errors.Is(err, errPartialWrite) {
		if err = t.Exec(`rollback`); err == nil {
			err = w.transact(t, group, false)
		}
	}
	if err != nil { // nothing of the group is on disk, whatever a job's own result was
		for _, j := range group {
			j.err = fmt.Errorf("%w: %w", store.ErrUnavailable, lostBy(err))
		}
	}
	if slices.ContainsFunc(group, func(j *job) bool { return errors.Is(j.err, store.ErrUnavailable) }) {
		t.drop()
	}
}

// transact runs the jobs from begin to commit. Its error is the transaction's.
func (w *writer) transact(t *tx, group []*job, direct bool) error {
	unit := store.NewUnit(t)
	if err := w.begin(t); err != nil {
		return err
	}
	for _, j := range group {
		if j.err = j.ctx.Err(); j.err != nil {
			continue
		}
		run := j.runInSavepoint
		if direct {
			run = j.runDirect
		}
		if err := run(t, unit); err != nil {
			return err
		}
	}
	if err := unit.Flush(); err != nil {
		return err
	}
	return t.Exec(`commit`)
}

// begin opens the transaction as soon as no other program writes. SQLite polls for the
// write lock, so a busy writer, such as import, can starve another process. A file lock
// around "begin" makes it fair; without a lock file, fairness is not guaranteed.
func (w *writer) begin(t *tx) error {
	if err := t.connect(w.open); err != nil {
		return err
	}
	if w.turn.Lock() == nil {
		defer func() { _ = w.turn.Unlock() }()
	}
	return t.Exec(`begin immediate`)
}

// runDirect runs the job without a savepoint and keeps its result. The returned error is
// the transaction's: it is lost, or [errPartialWrite].
func (j *job) runDirect(t *tx, unit *store.Unit) error {
	t.wrote = false
	j.result(unit)
	switch {
	case t.lost(): // even a read loses it when memory or the disk fails
		return cmp.Or(j.err, errLost)
	case j.err != nil && t.wrote:
		return errPartialWrite
	default:
		return nil
	}
}

// runInSavepoint runs the job in a savepoint and keeps its result. The returned error is
// the transaction's: it is lost, with everything in it.
func (j *job) runInSavepoint(t *tx, unit *store.Unit) error {
	if err := t.Exec(`savepoint job`); err != nil {
		return err
	}
	if j.result(unit); j.err != nil {
		if t.lost() {
			return j.err
		}
		if err := t.Exec(`rollback to job`); err != nil {
			return err
		}
	}
	return t.Exec(`release job`)
}

// result runs the job and keeps its result, and what it collected in the unit if it succeeded.
func (j *job) result(unit *store.Unit) {
	unit.BeginJob()
	if j.err = asUnavailable(j.recovering(unit)); j.err == nil {
		unit.EndJob()
	}
}

// asUnavailable marks an error of the database that is not the job's own fault, such as
// a full disk, as [store.ErrUnavailable].
func asUnavailable(err error) error {
	var broken sqlite3.Error
	if errors.As(err, &broken) && broken.Code != sqlite3.ErrConstraint {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

// recovering runs the job and turns its panic into an error, so that the neighbours go on.
// The error has the stack and not the value, which may be a customer's words.
func (j *job) recovering(unit *store.Unit) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a write panicked: this is a bug\n%s", store.ErrUnavailable, debug.Stack())
		}
	}()
	return j.run(unit)
}
