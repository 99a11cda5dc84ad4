package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/store"
	"smileybot/store/sqlite"
)

// EraseOptions are what [Erase] needs.
type EraseOptions struct {
	Store *store.Store
	// Database is the path of the database, whose lock a running bot holds.
	Database string
	// New returns a deliverer for the time in which no bot runs. It may be called several times.
	New func() (*Deliverer, error)
	// Progress is called with the number of messages that are done, and that of all.
	Progress func(done, total int64)
}

const (
	// lockWait is how long Erase waits for the lock of a running bot before it counts again.
	lockWait = 500 * time.Millisecond
	// eraseStuckAfter is how long the number of messages may stay the same.
	eraseStuckAfter = 2 * time.Minute
)

// Erase waits until the messages in Slack that show erased data are edited or deleted, including
// those that failed earlier. A running bot does that; while none runs, Erase does. It returns the
// messages that Slack lets be neither edited nor deleted, and an error when Slack accepts no changes
// for two minutes.
func Erase(ctx context.Context, o EraseOptions) (failed []store.Remnant, err error) {
	if err := o.Store.RetryErasures(ctx, time.Now()); err != nil {
		return nil, err
	}
	begin, err := o.Store.Erasures(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.Store.Notify(); err != nil {
		return nil, err
	}
	e := &eraser{EraseOptions: o, total: begin.Wanted, fewest: begin.Wanted, improved: time.Now()}
	for {
		left, err := e.count(ctx)
		if err != nil {
			return nil, err
		}
		if left.Wanted == 0 {
			return left.Failed, nil
		}
		if err := e.deliver(ctx); err != nil {
			return nil, err
		}
	}
}

// An eraser is a running [Erase].
type eraser struct {
	EraseOptions
	total    int
	fewest   int       // the smallest number of messages left
	improved time.Time // when fewest changed
}

// count returns what is left, or an error when nothing has changed for too long.
func (e *eraser) count(ctx context.Context) (store.Erasures, error) {
	left, err := e.Store.Erasures(ctx)
	if err != nil {
		return left, err
	}
	if left.Wanted < e.fewest {
		e.fewest, e.improved = left.Wanted, time.Now()
	}
	if left.Wanted > 0 && time.Since(e.improved) > eraseStuckAfter {
		return left, fmt.Errorf("slack accepts no edits now, messages still to be erased: %d; 'smileybot check' shows why; "+
			"then run the same command again, or a running serve continues", left.Wanted)
	}
	e.Progress(int64(e.total-left.Wanted), int64(e.total))
	return left, nil
}

// deliver runs a deliverer until nothing is left. While a bot holds the lock it only waits a moment.
func (e *eraser) deliver(ctx context.Context) error {
	release, err := sqlite.Lock(ctx, e.Database, lockWait)
	if errors.Is(err, sqlite.ErrLocked) {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	d, err := e.New()
	if err != nil {
		return errors.Join(err, release())
	}
	_, err = d.Drain(ctx, func(ctx context.Context) (bool, error) {
		left, err := e.count(ctx)
		return left.Wanted == 0, err
	})
	return errors.Join(err, release())
}
