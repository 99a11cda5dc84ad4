package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"smileybot/store"
)

// The way of a job through the writer:
//
//	Write, WriteIdempotent, WriteSet
//	     │
//	  queued ──── the caller leaves before its turn ────────────► skipped: ctx.Err()
//	     │
//	     │ the loop takes whatever is queued, at most maxGroup jobs: a group
//	     │ begin, lock the row of the writer, mark ◄───────────── the rest of the group
//	     │                                                           ▲
//	     ├── jobs of sets next to each other: one call of the set    │
//	     ├── an idempotent job                                       │
//	     │     one fails after a write, or a whole set: rollback,    │
//	     │     and every job of the group runs as the others do      │
//	     ├── another job, after a savepoint: one that fails is       │
//	     │   rolled back alone                                       │
//	     ▼                                                           │
//	  flush the unit, commit ─── before the group's end, after ──────┤
//	     │                       maxBytes or maxHold                 │
//	     ▼                                                           │
//	  committed: nil, or the job's own error                         │
//	                                                                 │
//	A job runs longer than jobLimit: ErrUnavailable, the others ─────┘
//
//	The transaction is lost (the connection, a deadlock, a serialization failure):
//	     ├── before the commit, or the mark says that it did not happen: the group runs
//	     │   again, for as long as patience lasts ──► failed: ErrUnavailable
//	     └── the mark says that it happened: committed
//
// All transactions that write, of all processes, lock the row of the table writer first, so they
// exclude each other as those of SQLite do, and code of package store may read and then write what
// follows from it. Each transaction sets the mark of its process to its number. When the answer to a
// commit is lost, the mark is looked up under the same lock: the lost transaction has ended then.

const (
	// maxGroup bounds how many jobs share one commit, and so how long a job waits for its neighbours.
	maxGroup = 256
	// maxBytes and maxHold are what a transaction writes, and how long it keeps other processes from
	// writing, before it is committed without the rest of its group.
	maxBytes = 8 << 20
	maxHold  = 500 * time.Millisecond
	// jobLimit bounds how long a job runs. Half of what a webhook waits for the disk is left.
	jobLimit = 5 * time.Second
	// endGrace is how long a job may take to end after its limit.
	endGrace = 300 * time.Millisecond
	// stopGrace bounds how long the queued jobs may take after a stop.
	stopGrace = time.Second
	// patience is how long a group that was lost is tried again.
	patience = 3 * time.Second
	// firstPause is how long the writer waits before it tries again; it doubles each time.
	firstPause = 10 * time.Millisecond
	// controlLimit bounds begin, flush and commit.
	controlLimit = 10 * time.Second
	// lockLimit bounds how long a transaction waits for those of other processes. idleLimit is how long
	// one may do nothing, so that a process that was paused does not keep the others waiting.
	lockLimit = 8 * time.Second
	idleLimit = 3 * time.Second
	// marksKept is how long the mark of a process that is gone is kept.
	marksKept = 7 * 24 * time.Hour
	// plansKept is how long the plans of named statements are used: one that reads a whole table, which
	// is right while that is small, would be used until the table is analyzed.
	plansKept = 10 * time.Second
)

var (
	// errPartialWrite ends a transaction in which a job without a savepoint failed after a write.
	errPartialWrite = errors.New("a job failed after a write")
	// errOverran is the error of a job that takes longer than its limit.
	errOverran = errors.New("a write took too long and was rolled back")
	// errUnknown is the error of a commit whose answer was lost.
	errUnknown = errors.New("the answer to a commit was lost")

	errClosed = fmt.Errorf("%w: it is closed", store.ErrUnavailable)
)

// A writer commits jobs in groups. A process has one for a database.
type writer struct {
	settings settings
	moved    func()
	process  string // its name in commit_mark
	number   int64  // of the latest transaction
	conn     *pgx.Conn
	// away reports that the latest attempt to connect failed, so that the next group is not kept waiting.
	away bool
	// named reports that statements have names, whose plans were discarded at planned. nameless reports
	// that they must have none, because the server lost them.
	named, nameless bool
	planned         time.Time

	mu     sync.RWMutex // guards closed against sends on jobs
	closed bool
	jobs   chan *job
	idle   chan struct{} // closed when the loop has ended
	limit  time.Duration // jobLimit
	// running ends when no job may run any longer.
	running context.Context //nolint:containedctx // of the loop
	hurry   context.CancelFunc
	// overruns counts the jobs that took longer than the limit.
	overruns atomic.Int64
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

// queued are the jobs in the queue that j includes.
func (j *job) queued() []*job {
	if j.members != nil {
		return j.members
	}
	return []*job{j}
}

// startWriter starts a writer, which calls moved when its server takes no writes.
func startWriter(s settings, moved func()) *writer {
	running, hurry := context.WithCancel(context.Background())
	w := &writer{
		settings: s, moved: moved, process: rand.Text(), jobs: make(chan *job, maxGroup),
		idle: make(chan struct{}), limit: jobLimit, running: running, hurry: hurry,
	}
	go w.loop()
	return w
}

// stop ends the loop after the queued jobs. It gives them stopGrace; those that have not run
// until then fail.
func (w *writer) stop() error {
	w.mu.Lock()
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	grace := time.AfterFunc(stopGrace, w.hurry)
	defer grace.Stop()
	defer w.hurry()
	select {
	case <-w.idle:
		return nil
	case <-time.After(stopGrace + 3*endGrace):
		return errors.New("a write does not end: the database does not answer")
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

// loop commits whatever is queued, without a timer: the next group gathers while one is committed.
func (w *writer) loop() {
	defer close(w.idle)
	defer w.drop()
	for first := range w.jobs {
		group := w.gather(first)
		for rest := group; len(rest) > 0; {
			rest = w.commit(rest)
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

// drop closes the connection, which rolls back what is not committed.
func (w *writer) drop() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	_ = w.conn.Close(ctx)
	w.conn = nil
}

// reset ends a transaction that failed; it keeps the connection if that still works.
func (w *writer) reset() {
	if w.conn == nil || w.conn.IsClosed() {
		w.drop()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	if simply(ctx, w.conn, `rollback`) != nil {
		w.drop()
	}
}

// commit runs jobs in a transaction, again when it is lost, and gives each that ran its result. It
// returns the others, for the next transaction.
func (w *writer) commit(group []*job) (rest []*job) {
	var until time.Time // when patience ends
	careful := false    // every job after a savepoint
	away := w.away      // and no one waits for it again
	for pause := firstPause; ; pause = min(2*pause, time.Second) {
		a := w.attempt(group, careful)
		if errors.Is(a.err, errUnknown) {
			a = w.resolve(a)
		}
		switch {
		case a.err == nil:
			for i, err := range a.results {
				group[i].err = err
			}
			return group[len(a.results):]
		case errors.Is(a.err, errPartialWrite):
			careful, pause = true, firstPause
			continue
		case a.overran != nil:
			failed := a.overran.queued()
			for _, j := range failed {
				j.err = fmt.Errorf("%w: %w", store.ErrUnavailable, errOverran)
			}
			return slices.DeleteFunc(slices.Clone(group), func(j *job) bool { return slices.Contains(failed, j) })
		}
		if until.IsZero() {
			until = time.Now().Add(patience)
		}
		if !passes(a.err) || away && w.away || time.Now().Add(pause).After(until) || !w.wait(pause) {
			for _, j := range group {
				j.err = w.settings.asFault(a.err)
				if !errors.Is(j.err, store.ErrUnavailable) {
					j.err = fmt.Errorf("%w: %w", store.ErrUnavailable, lostBy(a.err))
				}
			}
			return nil
		}
	}
}

// wait waits and reports whether the writer goes on.
func (w *writer) wait(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.running.Done():
		return false
	}
}

// An attempted is how a transaction ended: with the results of the jobs that ran, which are the first
// of its group, or with err, which nothing of it survived. overran is the job that it failed by.
type attempted struct {
	results []error
	overran *job
	err     error
}

// attempt runs jobs in one transaction. A job that does not end after its limit is left to itself: its
// goroutine keeps its connection, which is closed, and the writer goes on with another one.
func (w *writer) attempt(group []*job, careful bool) attempted {
	if err := w.connect(); err != nil {
		return attempted{err: err}
	}
	w.number++
	g := &transaction{w: w, conn: w.conn, group: group, careful: careful, first: marking(w.process, w.number)}
	if w.named && time.Since(w.planned) > plansKept {
		w.planned = time.Now()
		g.first += `; discard plans`
	}
	ended := make(chan attempted, 1)
	go func() { ended <- g.run() }()
	timer := time.NewTimer(w.limit + endGrace)
	defer timer.Stop()
	for {
		select {
		case a := <-ended:
			switch {
			case readsOnly(a.err): // the primary is elsewhere by now, perhaps under the same name
				w.drop()
				w.moved()
			case losesNames(a.err):
				w.nameless = true
				w.drop()
			case a.err != nil:
				w.reset()
			}
			if a.overran != nil {
				w.overruns.Add(1)
			}
			return a
		case <-timer.C:
			j, took := g.current()
			if j == nil || took < w.limit+endGrace {
				timer.Reset(max(w.limit+endGrace-took, endGrace))
				continue
			}
			w.overruns.Add(1)
			_ = w.conn.PgConn().Conn().Close() // the connection is the goroutine's
			w.conn = nil
			return attempted{overran: j, err: errOverran}
		}
	}
}

// connect opens the connection unless it is open.
func (w *writer) connect() (err error) {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	if w.nameless {
		w.conn, err = w.settings.connect(w.running)
		w.named = false
	} else {
		w.conn, w.named, err = w.settings.connectNamed(w.running)
	}
	w.away = err != nil
	if err != nil {
		w.conn = nil
	}
	return err
}

// resolve finds out whether a transaction happened whose answer was lost.
func (w *writer) resolve(a attempted) attempted {
	until := time.Now().Add(patience)
	for pause := firstPause; ; pause = min(2*pause, time.Second) {
		happened, err := w.happened()
		switch {
		case err == nil && happened:
			return attempted{results: a.results}
		case err == nil:
			return attempted{err: errLostCommit}
		}
		w.drop()
		if time.Now().Add(pause).After(until) || !w.wait(pause) {
			return attempted{err: a.err}
		}
	}
}

// happened reports whether the latest transaction was committed. It waits until that has ended.
func (w *writer) happened() (bool, error) {
	if err := w.connect(); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(w.running, controlLimit)
	defer cancel()
	if err := begin(ctx, w.conn, `select 1 from writer where id = 1 for update`); err != nil {
		return false, err
	}
	var number int64
	err := w.conn.QueryRow(ctx, `select coalesce(max(number), 0) from commit_mark where process = $1`, w.process).Scan(&number)
	if err != nil {
		return false, err
	}
	return number == w.number, simply(ctx, w.conn, `rollback`)
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
