// Package loop has what every loop of the bot needs: to wait for a moment or a wake-up, to survive
// a panic, and to compare moments of which some are unknown. It works in fake time
// (testing/synctest).
package loop

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"
)

// A Wakeup is a signal that there is work. Signals that come before anyone waits are one signal.
type Wakeup chan struct{}

// NewWakeup returns a Wakeup without a signal.
func NewWakeup() Wakeup { return make(Wakeup, 1) }

// Signal wakes the waiting loop. It never blocks.
func (w Wakeup) Signal() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// Clear drops a signal, for a loop that is about to look at all its work.
func (w Wakeup) Clear() {
	select {
	case <-w:
	default:
	}
}

// Wait returns when it is until, when w has a signal, or when ctx ends, and reports whether it was
// the signal. The zero time never comes, and nor does a signal of a nil Wakeup.
func Wait(ctx context.Context, until time.Time, w Wakeup) (woken bool) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-alarm:
		return false
	case <-w:
		return true
	case <-ctx.Done():
		return false
	}
}

// Sleep waits for a while and reports whether ctx has not ended.
func Sleep(ctx context.Context, long time.Duration) bool {
	if long > 0 {
		Wait(ctx, time.Now().Add(long), nil)
	}
	return ctx.Err() == nil
}

// ErrPanic is returned for work that panicked.
var ErrPanic = errors.New("panic")

// Protect does work and returns its error, or [ErrPanic] when it panics. A panic is logged with its
// stack, and without its value, which may quote a customer.
func Protect(ctx context.Context, log *slog.Logger, message string, do func() error, attrs ...slog.Attr) (err error) {
	defer func() {
		if recover() != nil {
			attrs = append(attrs, slog.String("stack", string(debug.Stack())))
			log.LogAttrs(context.WithoutCancel(ctx), slog.LevelError, message, attrs...) //nolint:sloglint // each caller passes a constant
			err = ErrPanic
		}
	}()
	return do()
}

// Earliest returns the earliest of the times that are not zero, zero when all are.
func Earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if first.IsZero() || !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

// Latest returns the latest of times, zero when there are none.
func Latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
