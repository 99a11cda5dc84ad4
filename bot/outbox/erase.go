package outbox

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"smileybot/bot/internal/loop"
	"smileybot/store"
)

const (
	// eraseInterval is how often Erase counts the messages that are left.
	eraseInterval = 200 * time.Millisecond
	// eraseStuckAfter is how long the number of messages may stay the same.
	eraseStuckAfter = 2 * time.Minute
)

// Alone waits until no bot posts, keeps others from it, and runs run, see [Deliverer.Run]. When ctx ends
// first, it returns nil.
type Alone func(ctx context.Context, run func(ctx, held context.Context, s *store.Store)) error

// Erase waits until the messages in Slack that show erased data are edited or deleted, including
// those that failed earlier. When a bot posts, it edits the messages; otherwise Erase runs the
// Deliverer. It calls progress with the number of messages that are done,
// and that of all. It returns the messages that Slack lets be neither edited nor deleted, and an
// error when Slack accepts no changes for two minutes.
func (d *Deliverer) Erase(ctx context.Context, alone Alone, progress func(done, total int64)) (failed []store.Remnant, err error) {
	if err := d.Store.RetryErasures(ctx, d.now()); err != nil {
		return nil, err
	}
	if err := d.Store.Notify(); err != nil { // also when nothing is in the channels: Home tabs show names
		return nil, err
	}
	begin, err := d.Store.Erasures(ctx)
	if err != nil || begin.Wanted == 0 {
		return begin.Failed, err
	}
	group, running := errgroup.WithContext(ctx)
	running, stop := context.WithCancel(running)
	group.Go(func() error { return alone(running, d.Run) })
	group.Go(func() (err error) {
		defer stop()
		failed, err = d.awaitErasures(running, begin.Wanted, progress)
		return err
	})
	err = group.Wait()
	return failed, err
}

// awaitErasures returns when none of total messages is left, or when their number has not changed for
// too long.
func (d *Deliverer) awaitErasures(ctx context.Context, total int, progress func(done, total int64)) ([]store.Remnant, error) {
	fewest, improved := total, time.Now()
	for {
		left, err := d.Store.Erasures(ctx)
		if err != nil {
			return nil, err
		}
		if left.Wanted < fewest {
			fewest, improved = left.Wanted, time.Now()
		}
		progress(int64(total-left.Wanted), int64(total))
		switch {
		case left.Wanted == 0:
			return left.Failed, nil
		case time.Since(improved) > eraseStuckAfter:
			return nil, fmt.Errorf("slack accepts no edits now, messages still to be erased: %d; 'smileybot check' shows why; "+
				"then run the same command again, or a running serve continues", left.Wanted)
		case !loop.Sleep(ctx, eraseInterval):
			return nil, ctx.Err()
		}
	}
}
