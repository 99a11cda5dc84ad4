// Package routine does what happens by the clock: the digest, the alert, and dropping
// what is old.
//
// Each routine has due moments, which follow from the office hours alone, and in the
// store stands up to which of them it is done. So a restart neither skips nor repeats
// one; of several that passed while the bot was down or the machine slept, the latest
// is made up for. Between due moments nothing is read: the clock is looked at once a
// minute, because a timer does not notice that a machine slept or that its clock was
// set.
package routine

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/feedback"
	"smileybot/store"
)

// The names of the routines.
const (
	Sweep  = "sweep"  // drops what is old
	Digest = "digest" // tells of the week and the month that ended
	Alert  = "alert"  // tells of a drop
)

// glance is how often the clock is looked at.
const glance = time.Minute

// Options are what the routines need.
type Options struct {
	Store *store.Store
	Hours feedback.Hours
	// Wake is called when there is something to post.
	Wake     func()
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// A routine is one thing that is done by the clock.
type routine struct {
	name string
	// next is the first due moment after another.
	next func(after time.Time) time.Time
	// do does what was due at a moment, and notes that it is done, all or nothing.
	do func(ctx context.Context, r store.Routine, due time.Time) error
}

// Clock does the routines.
type Clock struct {
	Options
	routines []routine
	done     map[string]store.Routine // how far each is, once it was read
	runs     *prometheus.CounterVec
}

// New returns a clock that [Clock.Run] starts.
func New(o Options) *Clock {
	c := &Clock{
		Options: o,
		done:    make(map[string]store.Routine),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_routine_runs_total",
			Help: "What was done by the clock, by routine (sweep, digest, alert) and outcome (ok, failed).",
		}, []string{"routine", "outcome"}),
	}
	c.routines = []routine{c.sweep(), c.digest(), c.alert()}
	for _, r := range c.routines {
		for _, outcome := range []string{"ok", "failed"} {
			c.runs.WithLabelValues(r.name, outcome)
		}
	}
	o.Registry.MustRegister(c.runs)
	return c
}

// Run does what is due, until ctx ends.
func (c *Clock) Run(ctx context.Context) {
	for ctx.Err() == nil {
		next := time.Now().Add(glance)
		for _, r := range c.routines {
			if due := c.turn(ctx, r); !due.IsZero() && due.Before(next) {
				next = due
			}
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// turn does a routine if it is due and tells when it is due next. What failed is tried
// again at the next glance.
func (c *Clock) turn(ctx context.Context, r routine) (next time.Time) {
	now := time.Now()
	known, err := c.known(ctx, r.name, now)
	if err == nil {
		last, after := latestDue(r.next, known.DoneAt, now)
		if last.IsZero() {
			return after
		}
		if err = c.safely(ctx, r, known, last); err == nil {
			delete(c.done, r.name) // it is read anew
			c.runs.WithLabelValues(r.name, "ok").Inc()
			return after
		}
	}
	if ctx.Err() == nil {
		c.runs.WithLabelValues(r.name, "failed").Inc()
		c.Log.Error("a routine failed; trying again in a minute", "routine", r.name, "error", err.Error())
	}
	return time.Time{}
}

// known is how far a routine is. A moment that is still to come was noted by a clock
// that went wrong.
func (c *Clock) known(ctx context.Context, name string, now time.Time) (store.Routine, error) {
	r, ok := c.done[name]
	if !ok {
		var err error
		if r, err = c.Store.Routine(ctx, name, now); err != nil {
			return r, err
		}
	}
	if r.DoneAt.After(now) {
		r.DoneAt = now
	}
	c.done[name] = r
	return r, nil
}

// safely does a routine. A panic must not end the others.
func (c *Clock) safely(ctx context.Context, r routine, known store.Routine, due time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.Error("a routine panicked: this is a bug", "routine", r.name, "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return r.do(ctx, known, due)
}

// latestDue is the last due moment after done that has come, zero when none has, and
// the one that comes next.
func latestDue(next func(time.Time) time.Time, done, now time.Time) (last, after time.Time) {
	for after = next(done); !after.After(now); after = next(after) {
		last = after
	}
	return last, after
}
