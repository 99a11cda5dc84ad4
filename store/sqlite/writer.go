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
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"smileybot/store"
)

// The way of a job through the writer:
//
//	Write, WriteIdempotent, WriteSet
//	     │
//	  queued ──── the caller leaves before its turn ────────────► skipped: ctx.Err()
//	     │
//	     │ the loop takes whatever is queued, at most maxGroup jobs: a group
//	     │ begin immediate ◄──────────────────────────────────── the rest of the group
//	     │                                                           ▲
//	     ├── jobs of sets next to each other ──► one call of the set │
//	     ├── an idempotent job ──► direct                 │          │
//	     │                           │                    │          │
//	     │   ◄── rollback ── one fails after a write, or a whole set │
//	     ▼                           │                    │          │
//	  all alone, in savepoints       │                    │          │
//	     │   a job fails: rollback   │ a job fails before a write:   │
//	     │   to its savepoint        │ the others go on              │
//	     ▼                           ▼                    ▼          │
//	  flush the unit, commit ◄────────────────────────────┘          │
//	     │                                                           │
//	     ├── maxBytes were written before the group's end: commit ───┤
//	     ▼                                                           │
//	  committed: nil, or the job's own error                         │
//	                                                                 │
//	A job or a set runs longer than jobLimit: its statements fail.   │
//	     ├── it ends, and fails as above                             │
//	     └── it does not end, or the transaction is lost with it ────┘
//	         it failed: ErrUnavailable; the others run again
//
//	From every state after queued: the transaction is lost (SQLite rolls it back
//	by itself, flush or commit fails) ──► failed: ErrUnavailable for every job of
//	the group, and the connection is closed.
//
// A savepoint costs a job a copy of every page that it changes, and hardly any job fails
// after its first write. That is why idempotent jobs and sets run directly first; other jobs
// always run in savepoints.
//
// A job that does not end is left to itself: its goroutine keeps its transaction, whose
// statements all fail from then on, and the writer goes on with another connection.

// maxGroup bounds how many jobs share one commit, and so how long a job waits for its neighbours.
const maxGroup = 256

const (
	// maxBytes is how much a transaction writes before it is committed without the rest of its
	// group, so that large bodies do not make the write-ahead log large.
	maxBytes = 8 << 20
	// jobLimit bounds how long a job runs. Half of what a webhook waits for the disk is left.
	jobLimit = 5 * time.Second
	// endGrace is how long a job may take to end after its limit.
	endGrace = 300 * time.Millisecond
	// stopGrace bounds how long the queued jobs may take after a stop.
	stopGrace = time.Second
)

// errPartialWrite ends a transaction in which a job failed after a write outside a savepoint, or a
// set failed.
var errPartialWrite = errors.New("a job failed after a write")

// errLost ends a transaction that SQLite has rolled back although the job reports no error.
var errLost = errors.New("the transaction is lost")

// errAbandoned ends a transaction that was abandoned because a job does not end.
var errAbandoned = errors.New("the transaction is abandoned")

var errClosed = fmt.Errorf("%w: it is closed", store.ErrUnavailable)

// A writer commits jobs in groups. A database has one.
type writer struct {
	open   func() (driver.Conn, error)
	turn   *turn        // see begin
	mu     sync.RWMutex // guards closed against sends on jobs
	closed bool
	jobs   chan *job
	idle   chan struct{}         // closed when the loop has ended
	hurry  chan struct{}         // closed when no job may run any longer
	limit  time.Duration         // jobLimit
	guard  atomic.Pointer[guard] // nil unless a serve opened the database
	log    *wal
	// waitNext is when the writer may wait for readers again.
	waitNext time.Time
	// overruns counts the jobs that took longer than the limit.
	overruns atomic.Int64
	// commits counts the transactions.
	commits atomic.Int64
}

// A job is one write and the place for its result.
type job struct {
	ctx context.Context //nolint:containedctx // whether the caller still waits when the job's turn comes
	run func(*store.Unit) error
	// idempotent jobs run without a savepoint of their own.
	idempotent bool
	// set runs the job, which value names, together with its neighbours; nil for a job that has none.
	set   store.SetFunc
	value any
	// members are the jobs of a set that runs as one job; a job in the queue has none.
	members []*job
	done    chan error
	err     error
}

// newSetJob makes a job that runs in a set, or alone.
func newSetJob(value any, do store.SetFunc) *job {
	j := &job{idempotent: true, set: do, value: value}
	j.run = func(unit *store.Unit) error {
		results, err := do(unit, []any{value})
		return cmp.Or(err, errors.Join(results...))
	}
	return j
}

// queued are the jobs in the queue that run as j.
func (j *job) queued() []*job {
	if j.members != nil {
		return j.members
	}
	return []*job{j}
}

func startWriter(path string, log *wal) *writer {
	open := func() (driver.Conn, error) {
		return new(sqlite3.SQLiteDriver).Open(dsn(path, "rw", "_cache_size=-8000"))
	}
	w := &writer{
		open: open, turn: newTurn(path), jobs: make(chan *job, maxGroup),
		idle: make(chan struct{}), hurry: make(chan struct{}), limit: jobLimit, log: log,
	}
	go w.loop()
	return w
}

// stop ends the loop after the queued jobs. It gives them stopGrace; those that have not run
// until then fail. It returns an error when the loop does not end, because the disk hangs.
func (w *writer) stop() error {
	w.mu.Lock()
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	grace := time.AfterFunc(stopGrace, func() { close(w.hurry) })
	defer grace.Stop()
	select {
	case <-w.idle:
		return nil
	case <-time.After(stopGrace + 3*endGrace):
		return errors.New("a write does not end: the disk of the database hangs")
	}
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
		return errClosed
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
	defer func() { t.drop() }()
	for first := range w.jobs {
		group := w.gather(first)
		for rest := group; len(rest) > 0; {
			t, rest = w.commitWatched(t, rest)
		}
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

// commitWatched is commit while the file is in its place, before and after: what is committed to a
// file that was removed meanwhile is not acknowledged. One look before and after a transaction is for
// all its jobs, because a look costs a twentieth of a rating.
func (w *writer) commitWatched(t *tx, group []*job) (next *tx, rest []*job) {
	g := w.guard.Load()
	if fault := g.look(); fault != nil {
		for _, j := range group {
			j.err = fault
		}
		return t, nil
	}
	next, rest = w.commit(t, group)
	if fault := g.look(); fault != nil {
		for _, j := range group {
			if j.err == nil && !slices.Contains(rest, j) {
				j.err = fault
			}
		}
	}
	w.bound(next)
	return next, rest
}

// commit runs jobs in one transaction and gives each that ran its result. It returns the others,
// for the next transaction. After a failure of the database it closes the connection, so that the
// next transaction gets a new one.
func (w *writer) commit(t *tx, group []*job) (next *tx, rest []*job) {
	ran, overran, err := w.attempt(t, group, false)
	if errors.Is(err, errPartialWrite) && overran == nil {
		if err = t.Exec(`rollback`); err == nil {
			ran, overran, err = w.attempt(t, group, true)
		}
	}
	switch {
	case err == nil:
		group, rest = group[:ran], group[ran:]
	case overran != nil: // which is why the transaction is lost
		failed := overran.queued()
		for _, j := range failed {
			j.err = tooLong()
		}
		rest = slices.DeleteFunc(slices.Clone(group), func(j *job) bool { return slices.Contains(failed, j) })
		group = failed
	default: // nothing of the group is on disk, whatever a job's own result was
		for _, j := range group {
			j.err = fmt.Errorf("%w: %w", store.ErrUnavailable, lostBy(err))
		}
	}
	if err != nil || slices.ContainsFunc(group, func(j *job) bool { return errors.Is(j.err, store.ErrUnavailable) }) {
		t.drop()
		t = newTx()
	}
	return t, rest
}

func tooLong() error { return fmt.Errorf("%w: %w", store.ErrUnavailable, errOverran) }

// attempt runs jobs in one transaction, each within its limit. It returns how many ran, and the
// job or set that made the transaction fail because it overran.
func (w *writer) attempt(t *tx, group []*job, alone bool) (ran int, overran *job, err error) {
	type result struct {
		ran int
		err error
	}
	ended := make(chan result, 1)
	go func() {
		ran, err := w.transact(t, group, alone)
		ended <- result{ran, err}
	}()
	timer, hurry := time.NewTimer(w.limit), w.hurry
	defer timer.Stop()
	for {
		select {
		case r := <-ended:
			return r.ran, overran, r.err
		case <-hurry:
			hurry = nil
			timer.Reset(0)
		case <-timer.C:
		}
		j, took := t.limit.running()
		switch {
		case j == nil:
			timer.Reset(min(w.limit, endGrace))
		case hurry != nil && took < w.limit:
			timer.Reset(w.limit - took)
		case j != overran:
			overran = j
			w.overruns.Add(1)
			t.limit.expire(j)
			timer.Reset(endGrace)
		case t.limit.abandon(j):
			return 0, overran, errAbandoned
		default: // it has just ended
			timer.Reset(endGrace)
		}
	}
}

// transact runs jobs from begin to commit and returns how many. Its error is the transaction's.
// alone runs each job alone, in a savepoint.
func (w *writer) transact(t *tx, group []*job, alone bool) (ran int, err error) {
	unit := store.NewUnit(t)
	t.bytes = 0
	if err := w.begin(t); err != nil {
		return 0, err
	}
	for ran < len(group) && (ran == 0 || t.bytes <= maxBytes) {
		n, err := w.step(t, unit, group[ran:], alone)
		if err != nil {
			return 0, err
		}
		ran += n
	}
	if err := unit.Flush(); err != nil {
		return 0, err
	}
	if err := t.Exec(`commit`); err != nil {
		return 0, err
	}
	w.commits.Add(1)
	return ran, nil
}

// step runs the first of some jobs, or the set with which they begin, and returns how many it has
// dealt with. The error is the transaction's.
func (w *writer) step(t *tx, unit *store.Unit, jobs []*job, alone bool) (n int, err error) {
	j := jobs[0]
	if w.hurried() {
		j.err = errClosed
		return 1, nil
	}
	if j.ctx.Err() != nil {
		j.err = j.ctx.Err()
		return 1, nil //nolint:nilerr // the error of the job, not of the transaction
	}
	switch {
	case alone || !j.idempotent:
		return 1, j.runInSavepoint(t, unit)
	case j.set != nil:
		return runSet(t, unit, jobs)
	default:
		return 1, j.runDirect(t, unit)
	}
}

// hurried reports whether no job may run any longer.
func (w *writer) hurried() bool {
	select {
	case <-w.hurry:
		return true
	default:
		return false
	}
}

// begin opens the transaction as soon as no other program writes. SQLite polls for the
// write lock, so a busy writer, such as import, can starve another process. A file lock
// around "begin" makes it fair; without a lock file, fairness is not guaranteed.
func (w *writer) begin(t *tx) error {
	if err := t.connect(w.open); err != nil {
		return err
	}
	defer w.turn.take(w.hurry)()
	return t.Exec(`begin immediate`)
}

// runDirect runs the job without a savepoint and keeps its result. The returned error is
// the transaction's: it is lost, or [errPartialWrite].
func (j *job) runDirect(t *tx, unit *store.Unit) error {
	t.wrote = false
	if !j.result(t, unit) {
		return errAbandoned
	}
	switch {
	case t.lost(): // even a read loses it when memory or the disk fails
		return cmp.Or(j.err, errLost)
	case j.err != nil && t.wrote:
		return errPartialWrite
	default:
		return nil
	}
}

// runSet runs the jobs of sets with which jobs begin, without those whose callers have left. It
// returns how many it has dealt with, which may be the first ones only.
func runSet(t *tx, unit *store.Unit, jobs []*job) (n int, err error) {
	set := &job{idempotent: true}
	var values []any
	var ends []int // how many jobs are dealt with after each member
	for i, j := range jobs {
		if j.set == nil {
			break
		}
		if j.err = j.ctx.Err(); j.err == nil {
			set.members, values, ends = append(set.members, j), append(values, j.value), append(ends, i+1)
		}
	}
	if len(values) == 0 { // the first caller has just left
		return 1, nil
	}
	var results []error
	set.run = func(unit *store.Unit) (err error) {
		results, err = jobs[0].set(unit, values)
		if err == nil && (len(results) == 0 || len(results) > len(values)) {
			err = fmt.Errorf("a set of %d jobs has %d results: this is a bug", len(values), len(results))
		}
		return err
	}
	switch err := set.runDirect(t, unit); {
	case err != nil:
		return 0, err
	case set.err != nil && len(values) > 1:
		return 0, errPartialWrite
	case set.err != nil:
		results = []error{set.err}
	}
	for i, err := range results {
		set.members[i].err = err
	}
	return ends[len(results)-1], nil
}

// runInSavepoint runs the job in a savepoint and keeps its result. The returned error is
// the transaction's: it is lost, with everything in it.
func (j *job) runInSavepoint(t *tx, unit *store.Unit) error {
	if err := t.Exec(`savepoint job`); err != nil {
		return err
	}
	if !j.result(t, unit) {
		return errAbandoned
	}
	if j.err != nil {
		if t.lost() {
			return j.err
		}
		if err := t.Exec(`rollback to job`); err != nil {
			return err
		}
	}
	return t.Exec(`release job`)
}

// result runs the job and keeps its result, and what it collected in the unit if it succeeded. It
// reports false, and keeps nothing, when the transaction was abandoned meanwhile.
func (j *job) result(t *tx, unit *store.Unit) bool {
	if !t.limit.begin(j) {
		return false
	}
	unit.BeginJob()
	err := asUnavailable(j.recovering(unit))
	overran, ok := t.limit.end()
	if !ok {
		return false
	}
	if overran {
		err = tooLong()
	}
	if j.err = err; err == nil {
		unit.KeepJob()
	}
	return true
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
	if err := j.run(unit); err != nil {
		return err
	}
	return unit.EndJob()
}
