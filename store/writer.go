package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"

	"smileybot/feedback"
)

// maxGroup bounds how many jobs share one commit, and so how long a job waits
// for its neighbours.
const maxGroup = 256

// A writer commits jobs in groups. There is one a database.
type writer struct {
	db     *sql.DB
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
	ctx  context.Context //nolint:containedctx // whether the caller still waits when the job's turn comes
	run  func(*tx) error
	done chan error
	err  error
}

// A tx is the open transaction, seen from inside one savepoint.
type tx struct {
	ctx   context.Context //nolint:containedctx // the writer's own, which no request can cancel
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	// moved are the moves of answers in the tallies that the job made, and counts
	// those of the group: they are written once, before the commit.
	moved  []move
	counts map[feedback.Place]feedback.Count
}

func newTx() *tx {
	return &tx{ctx: context.Background(), stmts: make(map[string]*sql.Stmt), counts: make(map[feedback.Place]feedback.Count)}
}

func startWriter(db *sql.DB, path string) *writer {
	w := &writer{db: db, turn: flock.New(turnFile(path)), jobs: make(chan *job, maxGroup), idle: make(chan struct{})}
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
	j := &job{ctx: ctx, run: run, done: make(chan error, 1)}
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

// commit runs a group in one transaction and leaves each job its result. After
// trouble with the database the connection is given up, so that whatever broke it
// does not break the next group.
func (w *writer) commit(t *tx, group []*job) {
	err := w.begin(t)
	for i := 0; err == nil && i < len(group); i++ {
		err = group[i].within(t)
	}
	if err == nil {
		err = t.count()
	}
	clear(t.counts)
	if err == nil {
		err = t.exec(`commit`)
	}
	if err != nil { // nothing of the group is on disk
		for _, j := range group {
			j.err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	if slices.ContainsFunc(group, func(j *job) bool { return errors.Is(j.err, ErrUnavailable) }) {
		t.drop()
	}
}

// begin waits until no other program writes. SQLite only looks now and then whether
// another transaction has ended, so whoever writes one after the other, as import
// does, would hardly ever let in a serve. Therefore the next to write stands at a
// lock of the kernel's until it has begun, and the other one, which wants to go on,
// waits behind it. Where that file cannot be locked, it is luck.
func (w *writer) begin(t *tx) error {
	if t.conn == nil {
		conn, err := w.db.Conn(t.ctx)
		if err != nil {
			return err
		}
		t.conn = conn
	}
	if w.turn.Lock() == nil {
		defer func() { _ = w.turn.Unlock() }()
	}
	return t.exec(`begin immediate`)
}

// within runs the job in a savepoint and keeps its result. The returned error is
// the transaction's: it is lost, with everything in it.
func (j *job) within(t *tx) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil //nolint:nilerr // the transaction still stands
	}
	if err := t.exec(`savepoint job`); err != nil {
		return err
	}
	t.moved = t.moved[:0]
	if j.err = passing(j.safely(t)); j.err == nil {
		t.settle()
		return t.exec(`release job`)
	}
	if t.lost() {
		return j.err
	}
	if err := t.exec(`rollback to job`); err != nil {
		return err
	}
	return t.exec(`release job`)
}

// passing marks an error of the database that is not the job's own fault, such as
// a full disk, as [ErrUnavailable].
func passing(err error) error {
	var broken sqlite3.Error
	if errors.As(err, &broken) && broken.Code != sqlite3.ErrConstraint {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// safely runs the job; a panic of one job is its own error and not the end of
// every neighbour.
func (j *job) safely(t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a write panicked", ErrUnavailable)
		}
	}()
	return j.run(t)
}

// lost reports whether SQLite has rolled the whole transaction back by itself,
// as it does when the disk is full.
func (t *tx) lost() bool {
	auto := true
	err := t.conn.Raw(func(opened any) error {
		conn, ok := opened.(*sqlite3.SQLiteConn)
		if !ok {
			return errors.New("not an SQLite connection")
		}
		auto = conn.AutoCommit()
		return nil
	})
	return err != nil || auto
}

// drop closes the connection, which rolls back what it had not committed; the
// next group opens a new one.
func (t *tx) drop() {
	for _, stmt := range t.stmts {
		_ = stmt.Close()
	}
	clear(t.stmts)
	if t.conn != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // else the pool would keep it
		t.conn = nil
	}
}

// prepared returns the statement of a query, prepared once a connection.
func (t *tx) prepared(query string) (*sql.Stmt, error) {
	if stmt := t.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := t.conn.PrepareContext(t.ctx, query)
	if err == nil {
		t.stmts[query] = stmt
	}
	return stmt, err
}

// exec runs a statement that returns no rows.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.affect(query, args...)
	return err
}

// affect is exec and tells how many rows the statement changed.
func (t *tx) affect(query string, args ...any) (int64, error) {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept with the connection, closed by drop
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row runs a query for one row.
func (t *tx) row(query string, args ...any) scanner {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept with the connection, closed by drop
	if err != nil {
		return failedRow{err}
	}
	return stmt.QueryRowContext(t.ctx, args...)
}

// each runs a query and hands every row to scan. Another statement may run while it
// does, but not the same one.
func (t *tx) each(scan func(scanner) error, query string, args ...any) error {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept with the connection, closed by drop
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A scanner is a row to be read: [*sql.Row] or [*sql.Rows].
type scanner interface {
	Scan(dest ...any) error
}

// A failedRow is the row of a query that could not be prepared.
type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }
