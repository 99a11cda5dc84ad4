package slackapi

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// MaxClockOffset is how far the machine's clock may be from Slack's before nothing is done that
	// cannot be undone. Slack and most senders refuse signatures that are older
	// (docs.slack.dev/authentication/verifying-requests-from-slack).
	MaxClockOffset = 5 * time.Minute
	// dateResolution is that of the Date header (RFC 9110, section 5.6.7).
	dateResolution = time.Second
	// confirmedFor is how long an answer of Slack confirms the clock for what cannot be undone.
	confirmedFor = time.Minute
	// clockJump is by how much the machine's clock may leave the monotonic one before Slack is asked.
	clockJump = 2 * time.Second
	// clockIdle is after which time without an answer Slack is asked for its time.
	clockIdle = 10 * time.Minute
)

// A Clock tells the time. Between two answers of Slack it goes on by the monotonic clock, so that
// setting the machine's clock does not move it. The Date header of each answer corrects it: it
// follows the machine's clock while that agrees with Slack's, and Slack's otherwise. Until Slack has
// answered it goes on from the machine's clock at the start, see also [Clock.NotBefore]. It is safe for concurrent use.
type Clock struct {
	machine func() time.Time
	ask     func(context.Context) error // makes a call, whose answer is observed
	start   time.Time                   // only its monotonic reading is used
	known   chan struct{}               // closed by the first answer of Slack

	mu       sync.Mutex
	base     time.Time // what Now was at start
	slack    time.Time // what Slack's clock showed at start; zero until Slack has said its time
	jumped   time.Duration
	answered time.Duration // since start: when Slack said its time last
	asked    time.Duration // since start: when the call with that answer was sent
}

// newClock returns a clock that begins with the machine's.
func newClock(machine func() time.Time) *Clock {
	if machine == nil {
		machine = time.Now
	}
	return &Clock{machine: machine, start: time.Now(), base: machine().Round(0), known: make(chan struct{})}
}

// Now is the time, without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Add(time.Since(c.start))
}

// NotBefore moves a clock that Slack has not corrected yet up to a moment that has been: what comes must
// not get a time at which it would be old already, and erased.
func (c *Clock) NotBefore(moment time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if base := moment.Round(0).Add(-time.Since(c.start)); c.slack.IsZero() && base.After(c.base) {
		c.base = base
	}
}

// Known is closed once Slack has answered. Until then Now may be wrong.
func (c *Clock) Known() <-chan struct{} { return c.known }

// IsKnown reports whether Slack has answered.
func (c *Clock) IsKnown() bool {
	select {
	case <-c.known:
		return true
	default:
		return false
	}
}

// Arrival is Now for something that arrives. In the first second of the process it waits for
// Slack's first answer, so that what arrives at once does not get the time of a wrong clock.
func (c *Clock) Arrival() time.Time {
	if wait := gateTimeout - time.Since(c.start); wait > 0 && !c.IsKnown() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-c.known:
		case <-timer.C:
		}
	}
	return c.Now()
}

// Offset is by how much the machine's clock is ahead of Slack's, negative when it is behind. It is
// exact to about a second, and false is returned until Slack has said its time.
func (c *Clock) Offset() (offset time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slack.IsZero() {
		return 0, false
	}
	return c.machine().Round(0).Sub(c.slack.Add(time.Since(c.start))), true
}

// IsWrong reports whether the machine's clock is more than [MaxClockOffset] from Slack's.
func (c *Clock) IsWrong() bool {
	offset, _ := c.Offset()
	return offset < -MaxClockOffset || offset > MaxClockOffset
}

// Agrees reports whether what cannot be undone may be done by the clock: Slack has answered, and
// the machine's clock agrees with it. It asks Slack when its latest answer is older than a minute;
// while Slack is away, its latest answer counts.
func (c *Clock) Agrees(ctx context.Context) bool {
	c.refresh(ctx, confirmedFor)
	return c.IsKnown() && !c.IsWrong()
}

// Refresh asks Slack for its time when it has not said it for long, or when the machine's clock was
// set, or slept, since.
func (c *Clock) Refresh(ctx context.Context) {
	idle := clockIdle
	if c.hasJumped() {
		idle = 0
	}
	c.refresh(ctx, idle)
}

// refresh asks Slack when its latest answer is older.
func (c *Clock) refresh(ctx context.Context, older time.Duration) {
	c.mu.Lock()
	age := time.Since(c.start) - c.answered
	c.mu.Unlock()
	if c.ask != nil && (age >= older || !c.IsKnown()) {
		_ = c.ask(ctx) // an answer that does not come leaves the clock as it is
	}
}

// hasJumped reports whether the machine's clock has left the monotonic one since Slack's latest
// answer.
func (c *Clock) hasJumped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return (c.lead() - c.jumped).Abs() > clockJump
}

// lead is by how much the machine's clock is ahead of where it would be by the monotonic one.
func (c *Clock) lead() time.Duration {
	return c.machine().Round(0).Sub(c.start.Round(0).Add(time.Since(c.start)))
}

// observe corrects the clock by an answer to a call that was sent and answered at these times since
// the start. Slack wrote its Date between the two, and cut it to a second. An answer that a later call
// has overtaken says nothing: one of the clocks may have been set meanwhile.
func (c *Clock) observe(h http.Header, sent, received time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	date, err := http.ParseTime(h.Get("Date"))
	if err == nil && sent >= c.asked {
		earliest, latest := date.Add(-received), date.Add(dateResolution-sent)
		if !within(c.slack, earliest, latest, 0) {
			c.slack = earliest.Add(latest.Sub(earliest) / 2)
		}
		switch machine := c.machine().Round(0).Add(-time.Since(c.start)); {
		case within(machine, earliest, latest, dateResolution):
			c.base = machine
		case !within(c.base, earliest, latest, dateResolution):
			c.base = c.slack
		}
		c.jumped, c.answered, c.asked = c.lead(), received, sent
	}
	if !c.IsKnown() { // also without a Date: then the machine's clock is all there is
		close(c.known)
	}
}

// within reports whether t is between two times, or as close to them as the tolerance.
func within(t, earliest, latest time.Time, tolerance time.Duration) bool {
	return !t.Before(earliest.Add(-tolerance)) && !t.After(latest.Add(tolerance))
}

// roundTripper returns a transport that lets the clock observe each answer of another. An answer of
// 5xx counts only as long as there is no better one: it may be that of a proxy on the way.
func (c *Clock) roundTripper(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		sent := time.Since(c.start)
		answer, err := next.RoundTrip(r)
		if err == nil && (answer.StatusCode < http.StatusInternalServerError || !c.IsKnown()) {
			c.observe(answer.Header, sent, time.Since(c.start))
		}
		return answer, err
	})
}

// roundTripper is a function as [http.RoundTripper].
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip makes a call.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
