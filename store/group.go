package store

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/mattn/go-sqlite3"
)

// errSpoiled is the end of a transaction without savepoints in which a job failed after
// it had written something.
var errSpoiled = errors.New("a write failed half-way")

// errLost is the end of a transaction that SQLite has rolled back while a job went on as if
// nothing had happened.
var errLost = errors.New("the transaction is lost")

// commit runs a group in one transaction and leaves each job its result. After
// trouble with the database the connection is given up, so that whatever broke it
// does not break the next group.
//
// A savepoint costs a job a copy of every page that it changes, and hardly any job fails
// after it has begun to write. So when all of a group may be run again, they are run
// without; if one spoils the transaction, all are run again, each in a savepoint.
func (w *writer) commit(t *tx, group []*job) {
	bare := !slices.ContainsFunc(group, func(j *job) bool { return !j.again })
	err := w.transact(t, group, bare)
	if errors.Is(err, errSpoiled) {
		if err = t.exec(`rollback`); err == nil {
			err = w.transact(t, group, false)
		}
	}
	if err != nil { // nothing of the group is on disk, for one reason, be it one job's own or not
		for _, j := range group {
			j.err = fmt.Errorf("%w: %s", ErrUnavailable, err.Error())
		}
	}
	if slices.ContainsFunc(group, func(j *job) bool { return errors.Is(j.err, ErrUnavailable) }) {
		t.drop()
	}
}

// transact runs the jobs from begin to commit. Its error is the transaction's.
func (w *writer) transact(t *tx, group []*job, bare bool) error {
	t.reset()
	if err := w.begin(t); err != nil {
		return err
	}
	for _, j := range group {
		var err error
		if bare {
			err = j.bare(t)
		} else {
			err = j.within(t)
		}
		if err != nil {
			return err
		}
	}
	if err := t.count(); err != nil {
		return err
	}
	return t.exec(`commit`)
}

// begin waits until no other program writes. SQLite only looks now and then whether
// another transaction has ended, so whoever writes one after the other, as import
// does, would hardly ever let in a serve. Therefore the next to write stands at a
// lock of the kernel's until it has begun, and the other one, which wants to go on,
// waits behind it. Where that file cannot be locked, it is luck.
func (w *writer) begin(t *tx) error {
	if err := t.connect(w.open); err != nil {
		return err
	}
	if w.turn.Lock() == nil {
		defer func() { _ = w.turn.Unlock() }()
	}
	return t.exec(`begin immediate`)
}

// bare runs the job without a savepoint and keeps its result. The returned error is
// the transaction's: it is lost, or [errSpoiled].
func (j *job) bare(t *tx) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil //nolint:nilerr // the transaction still stands
	}
	t.moved, t.wrote = t.moved[:0], false
	j.err = passing(j.safely(t))
	switch {
	case t.lost(): // which a statement that only reads can do, too, when memory or the disk fails it
		return cmp.Or(j.err, errLost)
	case j.err == nil:
		t.settle()
		return nil
	case !t.wrote:
		return nil
	default:
		return errSpoiled
	}
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

// safely runs the job; a panic of one job is its own error, which says where but not with
// what, since that may be a customer's words, and not the end of every neighbour.
func (j *job) safely(t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a write panicked: this is a bug\n%s", ErrUnavailable, debug.Stack())
		}
	}()
	return j.run(t)
}
