// Package trust ends what a process may do by looking at a clock, and not only by a signal: a process
// that was stopped and goes on has signals that it has not noticed yet.
package trust

import (
	"context"
	"errors"
	"time"
)

// ErrOver is returned once a context is no longer trusted.
var ErrOver = errors.New("this bot may no longer do that: it has not renewed its lease")

type key struct{}

// With returns a context whose work may go on as long as trusted reports so.
func With(ctx context.Context, trusted func() bool) context.Context {
	return context.WithValue(ctx, key{}, trusted)
}

// Check returns [ErrOver] when a context of [With] is no longer trusted. Its caller does next what may
// not be done then.
func Check(ctx context.Context) error {
	if trusted, limited := ctx.Value(key{}).(func() bool); limited && !trusted() {
		return ErrOver
	}
	return nil
}

// Within reports whether less than a while has passed from one moment to another, by the monotonic clock
// and by the clock of the machine: the first one stops while a virtual machine is suspended.
func Within(long time.Duration, from, to time.Time) bool {
	return to.Sub(from) < long && to.Round(0).Sub(from.Round(0)) < long
}
