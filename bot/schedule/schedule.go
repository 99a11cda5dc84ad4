// Package schedule does what happens by the clock: reminders, escalation, the digest, the
// alert, dropping what is old, and forgetting it.
//
// Each routine has due moments, which follow from the office hours alone, and in the
// store stands up to which of them it is done. So a restart neither skips nor repeats
// one; of several that passed while the bot was down or the machine slept, the latest
// is made up for. What the leads are told is made up for in office time. When a follow-up
// is due, or comes back from its snooze, stands in the store with it.
//
// The loop sleeps until the next due moment, or until it is told that there may be an
// earlier one. While it sleeps, nothing is read; but it looks at the clock once a
// minute, because a timer does not notice that a machine slept or that its clock was
// set.
package schedule

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/feedback"
	"smileybot/store"
)

// The names of the routines.
const (
	Remind     = "remind"     // tells what is due, and brings back what was snoozed
	Escalation = "escalation" // tells the leads what is overdue
	Digest     = "digest"     // tells of the week and the month that ended
	Alert      = "alert"      // tells of a drop
	Sweep      = "sweep"      // drops what is old
	Retention  = "retention"  // forgets what is old
)

// glance is how often the clock is looked at.
const glance = time.Minute

// Options are what the routines need.
type Options struct {
	Store *store.Store
	Hours feedback.Hours
	// Retention is how long feedback keeps what it tells of its customer; 0 is for ever.
	Retention time.Duration
	// Wake is called when there is something to post, or to show anew.
	Wake     func()
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// A routine is one thing that is done by the clock.
type routine struct {
	name string
	// next is the first due moment after another.
	next func(after time.Time) time.Time
	// office says that what was missed waits for office time.
	office bool
	// do does what was due at a moment, and notes that it is done, all or nothing.
	do func(ctx context.Context, r store.JobProgress, due time.Time) error
}

// Clock does the routines.
type Clock struct {
	Options
	routines []routine
	done     map[string]store.JobProgress // how far each is, once it was read
	earlier  chan struct{}
	runs     *prometheus.CounterVec
}

// New returns a clock that [Clock.Run] starts.
func New(o Options) *Clock {
	c := &Clock{
		Options: o,
		done:    make(map[string]store.JobProgress),
		earlier: make(chan struct{}, 1),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_routine_runs_total",
			Help: "What was done by the clock, by routine (remind, escalation, digest, alert, sweep, retention) and outcome (ok, failed).",
		}, []string{"routine", "outcome"}),
	}
	c.routines = []routine{c.escalation(), c.digest(), c.alert(), c.sweep()}
	if o.Retention > 0 {
		c.routines = append(c.routines, c.retention())
	}
	for _, name := range []string{Remind, Escalation, Digest, Alert, Sweep, Retention} {
		for _, outcome := range []string{"ok", "failed"} {
			c.runs.WithLabelValues(name, outcome)
		}
	}
	o.Registry.MustRegister(c.runs)
	return c
}

// Earlier tells that something may be due earlier than it was. It never blocks.
func (c *Clock) Earlier() {
	select {
	case c.earlier <- struct{}{}:
	default:
	}
}

// Run does what is due, until ctx ends.
func (c *Clock) Run(ctx context.Context) {
	for ctx.Err() == nil {
		next := c.remind(ctx)
		for _, r := range c.routines {
			next = sooner(next, c.turn(ctx, r))
		}
		c.sleep(ctx, next)
	}
}

// sooner is the sooner of two moments, of which zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// settles is how long after it was told that something may be due earlier the clock
// looks: ratings come in floods.
const settles = time.Second

// sleep returns at a moment of the clock on the wall, or soon after something may be due
// earlier, or when ctx ends.
func (c *Clock) sleep(ctx context.Context, until time.Time) {
	for left := time.Until(until.Round(0)); left > 0; left = time.Until(until.Round(0)) {
		timer := time.NewTimer(min(left, glance))
		select {
		case <-timer.C:
		case <-c.earlier:
			until = sooner(until, time.Now().Add(settles))
		case <-ctx.Done():
			until = time.Time{}
		}
		timer.Stop()
	}
}

// again is how long after a failure a routine is tried again.
const again = time.Minute

// remind tells what has come due, brings back what was snoozed, and returns when there
// is more to do, zero when nothing waits.
func (c *Clock) remind(ctx context.Context) time.Time {
	now := time.Now()
	next, err := c.Store.NextReminder(ctx)
	if err == nil && !next.IsZero() && !next.After(now) {
		err = c.safely(Remind, func() error {
			n, err := c.Store.Remind(ctx, now)
			if err == nil && n > 0 {
				c.runs.WithLabelValues(Remind, "ok").Inc()
				c.Wake()
			}
			return err
		})
		if err == nil {
			next, err = c.Store.NextReminder(ctx)
		}
	}
	if err != nil {
		return c.failed(ctx, Remind, err, now)
	}
	return next
}

// turn does a routine if it is due and tells when it is due next. What failed is tried
// again a minute later.
func (c *Clock) turn(ctx context.Context, r routine) (next time.Time) {
	now := time.Now()
	known, err := c.known(ctx, r.name, now)
	if err != nil {
		return c.failed(ctx, r.name, err, now)
	}
	last, after := latestDue(r.next, known.DoneAt, now)
	if last.IsZero() {
		return after
	}
	if r.office && !c.Hours.Open(now) {
		return c.Hours.NextOpening(now)
	}
	if err := c.safely(r.name, func() error { return r.do(ctx, known, last) }); err != nil {
		return c.failed(ctx, r.name, err, now)
	}
	delete(c.done, r.name) // it is read anew
	c.runs.WithLabelValues(r.name, "ok").Inc()
	return after
}

// failed notes that a routine failed, and returns when it is tried again.
func (c *Clock) failed(ctx context.Context, name string, err error, now time.Time) time.Time {
	if ctx.Err() == nil {
		c.runs.WithLabelValues(name, "failed").Inc()
		c.Log.Error("a routine failed; trying again in a minute", "routine", name, "error", err.Error())
	}
	return now.Add(again)
}

// known is how far a routine is. A moment that is still to come was noted by a clock
// that went wrong.
func (c *Clock) known(ctx context.Context, name string, now time.Time) (store.JobProgress, error) {
	r, ok := c.done[name]
	if !ok {
		var err error
		if r, err = c.Store.JobProgress(ctx, name, now); err != nil {
			return r, err
		}
	}
	if r.DoneAt.After(now) {
		r.DoneAt = now
	}
	c.done[name] = r
	return r, nil
}

var errPanic = errors.New("it panicked")

// safely does a routine. A panic must not end the others.
func (c *Clock) safely(name string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.Error("a routine panicked: this is a bug", "routine", name, "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return do()
}

// latestDue is the last due moment after done that has come, zero when none has, and
// the one that comes next.
func latestDue(next func(time.Time) time.Time, done, now time.Time) (last, after time.Time) {
	for after = next(done); !after.After(now); after = next(after) {
		last = after
	}
	return last, after
}
