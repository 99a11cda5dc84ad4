package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"smileybot/store"
)

// opening begins a transaction that writes. Everything is set for the transaction alone, so that a
// pooler may give the connection to another client after it.
//
//nolint:gochecknoglobals // constant
var opening = fmt.Sprintf(`begin isolation level read committed read write; `+
	`set local synchronous_commit = on; set local lock_timeout = %d; `+
	`set local statement_timeout = %d; set local idle_in_transaction_session_timeout = %d`,
	lockLimit.Milliseconds(), controlLimit.Milliseconds(), idleLimit.Milliseconds())

// marking locks the row of the writer, counts the change and sets the mark of the process.
func marking(process string, number int64) string {
	const now = `(extract(epoch from clock_timestamp()) * 1000)::bigint`
	mark := fmt.Sprintf(`with locked as (update writer set changes = changes + 1 where id = 1 returning id) `+
		`insert into commit_mark (process, number, at_ms) select '%s', %d, `+now+` from locked `+
		`on conflict (process) do update set number = excluded.number, at_ms = excluded.at_ms`, process, number)
	if number == 1 {
		mark += fmt.Sprintf(`; delete from commit_mark where at_ms < `+now+` - %d`, marksKept.Milliseconds())
	}
	return mark
}

// A transaction runs a group of jobs.
type transaction struct {
	w       *writer
	conn    *pgx.Conn
	group   []*job
	careful bool
	first   string // what goes with its begin
	wrote   bool

	mu    sync.Mutex // guards the rest
	job   *job       // runs now
	began time.Time
}

// current is the job that runs and for how long it has, nil between two jobs.
func (g *transaction) current() (*job, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.job == nil {
		return nil, 0
	}
	return g.job, time.Since(g.began)
}

func (g *transaction) enter(j *job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.job, g.began = j, time.Now()
}

// run runs the transaction from begin to commit.
func (g *transaction) run() attempted {
	t := &tx{conn: g.conn, joins: !g.careful}
	if err := g.control(func(ctx context.Context) error {
		return begin(ctx, g.conn, g.first)
	}); err != nil {
		return attempted{err: err}
	}
	unit, began := store.NewUnit(t), time.Now()
	var results []error
	for len(results) < len(g.group) && (len(results) == 0 || t.bytes <= maxBytes && time.Since(began) <= maxHold) {
		some, j, err := g.step(t, unit, g.group[len(results):])
		if errors.Is(err, errOverran) {
			return attempted{overran: j, err: err}
		}
		if err != nil {
			return attempted{err: err}
		}
		results = append(results, some...)
	}
	return attempted{results: results, err: g.end(t, unit)}
}

// step runs the first of some jobs, or the set with which they begin, and returns the results of those
// that it has dealt with. The error is the transaction's, and ran the job in which it happened.
func (g *transaction) step(t *tx, unit *store.Unit, jobs []*job) (results []error, ran *job, err error) {
	j := jobs[0]
	switch {
	case g.w.running.Err() != nil:
		return []error{errClosed}, j, nil //nolint:nilerr // it is the job's
	case j.ctx.Err() != nil:
		return []error{j.ctx.Err()}, j, nil //nolint:nilerr // it is the job's
	case j.set != nil && !g.careful:
		return g.set(t, unit, jobs)
	}
	result, err := g.one(t, unit, j, len(g.group) > 1 && (g.careful || !j.idempotent))
	return []error{result}, j, err
}

// set runs the jobs of sets with which jobs begin, without those whose callers have left.
func (g *transaction) set(t *tx, unit *store.Unit, jobs []*job) (results []error, ran *job, err error) {
	set := &job{idempotent: true}
	var values []any
	var places []int // of the members in jobs
	for i, j := range jobs {
		if j.set == nil {
			break
		}
		if j.ctx.Err() == nil {
			set.members, values, places = append(set.members, j), append(values, j.value), append(places, i)
		}
	}
	if len(values) == 0 { // the first caller has just left
		return []error{jobs[0].ctx.Err()}, jobs[0], nil
	}
	var done []error
	set.run = func(unit *store.Unit) (err error) {
		done, err = jobs[0].set(unit, values)
		if err == nil && (len(done) == 0 || len(done) > len(values)) {
			err = fmt.Errorf("a set of %d jobs has %d results: this is a bug", len(values), len(done))
		}
		return err
	}
	switch failed, err := g.one(t, unit, set, false); {
	case err != nil:
		return nil, set, err
	case failed != nil && len(values) > 1:
		return nil, set, errPartialWrite
	case failed != nil:
		done = []error{failed}
	}
	results = make([]error, places[len(done)-1]+1)
	for i := range results {
		results[i] = jobs[i].ctx.Err() // of those that are no members
	}
	for i, err := range done {
		results[places[i]] = err
	}
	return results, set, nil
}

// one runs a job and returns its result. lost is the transaction's error.
func (g *transaction) one(t *tx, unit *store.Unit, j *job, saved bool) (result, lost error) {
	ctx, cancel := context.WithTimeout(g.w.running, g.w.limit)
	defer cancel()
	g.enter(j)
	defer g.enter(nil)
	t.ctx, t.wrote, t.failed = ctx, false, nil
	if saved {
		t.before = append(t.before, savepoint)
	}
	began := time.Now()
	unit.BeginJob()
	result = j.recovering(unit)
	switch {
	case time.Since(began) >= g.w.limit:
		return nil, errOverran
	case t.failed != nil && (g.conn.IsClosed() || passes(t.failed)):
		return nil, t.failed
	case t.failed != nil && result == nil:
		result = t.failed
	}
	if result == nil {
		unit.KeepJob()
		g.wrote = g.wrote || t.wrote
	}
	return g.w.settings.ofJob(result), g.close(t, result, saved)
}

// savepoint goes with the first statement of a job that is rolled back alone when it fails.
const savepoint = `savepoint job`

// close ends the part of a job in the transaction.
func (g *transaction) close(t *tx, result error, saved bool) error {
	undo := t.failed != nil || result != nil && t.wrote
	t.failed = nil
	switch {
	case saved && len(t.before) > 0 && t.before[len(t.before)-1] == savepoint: // it ran no statement
		t.before = t.before[:len(t.before)-1]
	case saved && undo:
		return g.control(func(ctx context.Context) error {
			return simply(ctx, g.conn, `rollback to savepoint job; release savepoint job`)
		})
	case saved:
		t.before = append(t.before, `release savepoint job`)
	case undo && len(g.group) == 1:
		return g.control(func(ctx context.Context) error { return simply(ctx, g.conn, `rollback`) })
	case undo:
		return errPartialWrite
	}
	return nil
}

// end writes what the jobs collected and commits. A transaction that changed nothing is rolled back,
// so that it is not counted as a change.
func (g *transaction) end(t *tx, unit *store.Unit) error {
	if g.conn.PgConn().TxStatus() == 'I' { // the only job was rolled back
		return nil
	}
	return g.control(func(ctx context.Context) error {
		t.ctx, t.wrote = ctx, false
		if err := unit.Flush(); err != nil {
			return err
		}
		if !g.wrote && !t.wrote {
			return simply(ctx, g.conn, `rollback`)
		}
		ended, err := g.conn.PgConn().Exec(ctx, `commit`).ReadAll()
		switch {
		case err != nil && (g.conn.IsClosed() || lostConnection(err)):
			return fmt.Errorf("%w: %w", errUnknown, lostBy(err))
		case err != nil:
			return err
		case ended[len(ended)-1].CommandTag.String() != "COMMIT":
			return errLostCommit
		}
		return nil
	})
}

// begin begins a transaction that writes, with its first statements. A standby refuses that as something
// that it cannot do at all; the error is that of a transaction that may not write.
func begin(ctx context.Context, conn *pgx.Conn, statements string) error {
	err := simply(ctx, conn, opening+`; `+statements)
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok && failed.Code == featureNotSupported {
		failed.Code = readOnlyTransaction
	}
	return err
}

// simply runs statements without arguments in one round trip.
func simply(ctx context.Context, conn *pgx.Conn, statements string) error {
	_, err := conn.PgConn().Exec(ctx, statements).ReadAll()
	return err
}

// control runs statements of the transaction itself.
func (g *transaction) control(run func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(g.w.running, controlLimit)
	defer cancel()
	return run(ctx)
}
