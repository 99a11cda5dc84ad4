// Package outbox brings Slack up to date with the store.
//
// One loop reads the outbox, picks the next task of each Slack channel, and starts it; a channel does
// one task at a time. A message is rendered at the last moment, so one call suffices however much
// has changed. Between two rounds the loop sleeps until a wake-up, or until the next moment at which
// something becomes possible.
//
// A post whose result is unknown is never simply repeated. Its attempt was committed before it began,
// so it is known even after the process was killed; the channel's history shows whether Slack has the
// message, see [Deliverer.look].
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"smileybot/bot/internal/loop"
	"smileybot/bot/internal/trust"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback"
	"smileybot/store"
)

// shutdownGrace is how long a call that is open when the bot stops may still take.
const shutdownGrace = 6 * time.Second

// Options are what a Deliverer needs.
type Options struct {
	Store *store.Store
	Slack *slackapi.Client
	// Channel is the support channel; Routes are the exceptions to it. Lead is where bulletins go.
	Channel, Lead string
	Routes        map[feedback.Channel]string
	// QuietGreen means that a green answer without a comment is not posted, see
	// smileybot/feedback/followup, Snapshot.Quiet.
	QuietGreen bool
	// Renderer renders the messages.
	Renderer *message.Renderer
	// Pace is [SlackPace] when zero.
	Pace Pace
	// Posted is called after something new was posted, if it is not nil.
	Posted   func()
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// Deliverer posts, edits and deletes messages in Slack.
type Deliverer struct {
	Options
	wake     loop.Wakeup
	delivery prometheus.Histogram
	operator *message.Renderer // of remedies in the log, the metrics and /readyz

	// What follows is of one [Deliverer.Run].
	store         *store.Store // whose writes fail once another bot posts
	throttle      *throttle
	busy          map[string]bool // by channel; "" is for no channel in particular
	tokenAccepted bool            // Slack has accepted the token
	resumed       bool            // what a former process or bot left is taken over
	superseded    bool            // another bot posts
	last          moment          // of the last round
	unread        string          // why the outbox could not be read, as it was logged last

	mu           sync.Mutex
	ended        []task // that the loop has not seen yet
	failures     map[scope]failure
	itemFailures map[string]int       // by key: how often an item failed in a row
	answered     map[string]time.Time // by key of a doubt: when to look it up, see noteAnswered
	walks        map[lookup]*walk
	silenced     map[string]time.Time // by method: until when Slack asks not to be called
}

// New returns a Deliverer that [Deliverer.Run] starts.
func New(o Options) (*Deliverer, error) {
	if o.Pace == (Pace{}) {
		o.Pace = SlackPace()
	}
	if o.Posted == nil {
		o.Posted = func() {}
	}
	d := &Deliverer{
		Options:  o,
		wake:     loop.NewWakeup(),
		operator: message.NewRenderer(message.Options{}),
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "smileybot_delivery_seconds",
			Help:    "Time from storing a feedback to its message being in Slack.",
			Buckets: []float64{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200},
		}),
	}
	d.reset(o.Store)
	for _, c := range []prometheus.Collector{d.delivery, failureGauge(d.Failures)} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the outbox's metrics: %w", err)
		}
	}
	return d, nil
}

// reset forgets what a former run knew: what another bot did since then is in the store.
func (d *Deliverer) reset(s *store.Store) {
	d.store = s
	d.throttle = newThrottle(d.Pace)
	d.busy = make(map[string]bool)
	d.tokenAccepted, d.resumed, d.superseded, d.unread, d.last = false, false, false, "", moment{}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = nil
	d.failures = make(map[scope]failure)
	d.itemFailures = make(map[string]int)
	d.answered = make(map[string]time.Time)
	d.walks = make(map[lookup]*walk)
	d.silenced = make(map[string]time.Time)
}

// Wake signals that the outbox has changed. It never blocks.
func (d *Deliverer) Wake() { d.wake.Signal() }

// roundsASecond limits rounds under load. More would not deliver faster, because Slack accepts no
// more, and each round competes with the ratings for the disk.
const (
	roundsASecond = 20
	roundsAtOnce  = 10
)

// Run delivers until ctx ends. Then it starts nothing more, gives open calls six seconds, and cuts
// what is still open; the outbox records that as in doubt. When held ends, or s refuses a write because
// another bot posts, it cuts open calls at once. It may be called again after it returned.
func (d *Deliverer) Run(ctx, held context.Context, s *store.Store) {
	d.reset(s)
	calls, cut := context.WithCancel(held)
	defer cut()
	rounds := rate.NewLimiter(roundsASecond, roundsAtOnce)
	for ctx.Err() == nil && !d.superseded {
		loop.Wait(ctx, d.round(ctx, calls), d.wake)
		loop.Sleep(ctx, rounds.Reserve().Delay())
	}
	if d.superseded {
		cut()
	}
	timer := time.AfterFunc(shutdownGrace, cut)
	defer timer.Stop()
	for d.finishEnded(ctx, calls); len(d.busy) > 0; d.finishEnded(ctx, calls) {
		loop.Wait(context.WithoutCancel(ctx), time.Time{}, d.wake)
	}
	if calls.Err() != nil || held.Err() != nil {
		d.reset(d.Store) // what failed is for the next holder to tell
	}
}

// round starts everything that can be started now and returns when the next task may become possible,
// zero when only a wake-up can change that.
func (d *Deliverer) round(ctx, calls context.Context) time.Time {
	d.wake.Clear()
	if d.finishEnded(ctx, calls); d.superseded {
		return time.Now()
	}
	known := d.Slack.Clock().IsKnown() // before the moment is taken: the next answer may correct it
	m := d.moment()
	next := d.roundOfToken(calls, m)
	if !known {
		return next
	}
	p, err := d.resumeAndLoad(ctx, m)
	if errors.Is(err, store.ErrSuperseded) {
		d.superseded = true
		return m.local
	}
	if err != nil {
		_, lasting := errors.AsType[*store.Fault](err)
		if why := err.Error(); ctx.Err() == nil && (!lasting || why != d.unread) {
			d.unread = why
			d.Log.Error("could not read the outbox; will retry", "error", err)
		}
		return m.local.Add(time.Second)
	}
	d.unread = ""
	next = loop.Earliest(next, m.wait(p.next))
	for channel, queue := range p.queues {
		if d.busy[channel] {
			continue
		}
		t, at := d.nextTask(channel, queue, m)
		if t.do == nil {
			next = loop.Earliest(next, at)
			continue
		}
		d.start(calls, t)
	}
	return next
}

// roundOfToken tests the token until Slack accepts it, and returns when the next test may begin. The
// first answer to it, whatever it says, tells Slack's time. No post begins before: the history could
// not be searched for it.
func (d *Deliverer) roundOfToken(calls context.Context, m moment) (next time.Time) {
	if d.tokenAccepted || d.busy[""] {
		return time.Time{}
	}
	if at := d.throttle.next("", tests, slackapi.MethodAuthTest); at.After(m.local) {
		return at
	}
	d.start(calls, d.testToken())
	return time.Time{}
}

// resumeAndLoad takes over what a former process left, once, and reads the outbox.
func (d *Deliverer) resumeAndLoad(ctx context.Context, m moment) (pending, error) {
	if !d.resumed {
		if err := d.resume(ctx, m); err != nil {
			return pending{}, err
		}
		d.resumed, d.last = true, m
	}
	if err := d.followClock(ctx, m); err != nil {
		return pending{}, err
	}
	return d.loadPending(ctx, m)
}

// now is the time of what is stored, by the clock that Slack's answers correct.
func (d *Deliverer) now() time.Time { return d.Slack.Clock().Now() }

// A moment is now by two clocks. Waiting in this process goes by local, which has a monotonic reading.
// What is stored goes by stored.
type moment struct{ local, stored time.Time }

func (d *Deliverer) moment() moment { return moment{local: time.Now(), stored: d.now()} }

// wait is a stored moment by the local clock; zero stays zero.
func (m moment) wait(until time.Time) time.Time {
	if until.IsZero() {
		return until
	}
	return m.local.Add(until.Sub(m.stored))
}

// clockMoved is the least correction of the clock of which the outbox takes notice.
const clockMoved = 5 * time.Second

// by is by how much the clock was set forward between two moments.
func (m moment) by(later moment) time.Duration {
	return later.stored.Sub(m.stored) - later.local.Sub(m.local)
}

// moved reports whether the clock was corrected between two moments.
func (m moment) moved(later moment) bool { return m.by(later).Abs() > clockMoved }

// followClock moves what waits by as much as the clock was corrected back since the last round, so
// that nothing waits longer than it should.
func (d *Deliverer) followClock(ctx context.Context, m moment) error {
	if by := d.last.by(m); d.resumed && by < -clockMoved {
		if err := d.store.MoveRetries(ctx, d.last.stored, by); err != nil {
			return err
		}
	}
	d.last = m
	return nil
}

// A task is one thing that is done in a channel, and how it went.
type task struct {
	kind    taskKind
	channel string
	key     string // of the item that it is about, if it is about one
	do      func(ctx context.Context) (slackapi.Result, error)

	result  slackapi.Result
	err     error // the store's
	endedAt time.Time
}

func (d *Deliverer) start(calls context.Context, t task) {
	d.busy[t.channel] = true
	if t.kind == edits {
		d.throttle.edits.Allow()
	}
	go func() {
		t.result, t.err = d.do(calls, t)
		t.endedAt = time.Now()
		d.mu.Lock()
		d.ended = append(d.ended, t)
		d.mu.Unlock()
		d.wake.Signal()
	}()
}

// reasonPanic is our reason for a panic over one message.
const reasonPanic = "panic"

// reasonClock is our reason for a history that is read again, because the clock was corrected.
const reasonClock = "clock"

// do does a task. A panic over one message neither ends the process nor holds the others up.
func (d *Deliverer) do(ctx context.Context, t task) (r slackapi.Result, err error) {
	err = loop.Protect(ctx, d.Log, "panic in outbox", func() (err error) {
		r, err = t.do(ctx)
		return err
	}, slog.String("key", t.key), slog.String("task", string(t.kind)))
	if !errors.Is(err, loop.ErrPanic) {
		return r, err
	}
	r, err = slackapi.Result{Class: slackapi.ClassAway, Reason: reasonPanic}, nil
	if t.key != "" {
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		err = d.store.Postpone(ctx, t.key, d.now().Add(rejectedRetry))
	}
	return r, err
}

// finishEnded finishes the tasks that have ended.
func (d *Deliverer) finishEnded(ctx, calls context.Context) {
	d.mu.Lock()
	ended := d.ended
	d.ended = nil
	d.mu.Unlock()
	for _, t := range ended {
		delete(d.busy, t.channel)
		d.superseded = d.superseded || errors.Is(t.err, store.ErrSuperseded) || trust.Check(calls) != nil
		if !d.superseded {
			d.finish(ctx, t)
		}
	}
}

// finish records how a task went.
func (d *Deliverer) finish(ctx context.Context, t task) {
	asked := t.err != nil || t.result != slackapi.Result{}
	if asked && (t.kind == posts || t.kind == notices) {
		d.throttle.posted[t.channel] = t.endedAt
	}
	if t.result.Class == slackapi.ClassLimited {
		d.pause(ctx, t.result.Method, t.endedAt.Add(t.result.Wait))
	}
	if t.err != nil {
		d.Log.Error("could not write the outbox; will retry", "slack_channel", t.channel, "error", t.err)
		d.throttle.fail(t.scope(), slackapi.Result{Class: slackapi.ClassAway}, t.endedAt)
		return
	}
	switch t.result.Class {
	case slackapi.ClassLimited:
		if t.result.Reason != slackapi.ReasonRateLimited { // which is Slack's everyday reason
			d.failed(t)
		} else {
			d.Log.Warn("rate limited by slack", "method", t.result.Method, "wait", t.result.Wait.String())
		}
	case slackapi.ClassAway, slackapi.ClassDoubt, slackapi.ClassOperator, slackapi.ClassPayload:
		d.failed(t)
	case slackapi.ClassGone:
		if !t.kind.shows() { // else a new message is on its way
			d.failed(t)
		}
	case slackapi.ClassOK:
		d.tokenAccepted = d.tokenAccepted || t.kind == tests
		d.succeeded(t)
	}
}

// pause does not call a method until Slack allows it again, over a restart too.
func (d *Deliverer) pause(ctx context.Context, method string, until time.Time) {
	until = loop.Latest(d.throttle.paused[method], until)
	d.holdBack(method, until)
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	if err := d.store.RecordRateLimit(ctx, method, d.now().Add(time.Until(until))); err != nil {
		d.Log.Error("could not persist rate limit", "method", method, "error", err)
	}
}

// holdBack does not call a method until a moment.
func (d *Deliverer) holdBack(method string, until time.Time) {
	d.throttle.paused[method] = until
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silenced[method] = until
}

// maxPause is the longest stored pause that is kept after a restart. A longer one was stored by a
// clock that was fast.
const maxPause = time.Hour

// resumeRetry is the longest that a message waits after a restart, which may have repaired what was
// wrong. What is noted as later may also be by a clock that ran ahead.
const resumeRetry = 30 * time.Second

// resume takes over what a former process left: its pace, the pauses that Slack asked for, and the
// posts that it had begun.
func (d *Deliverer) resume(ctx context.Context, m moment) error {
	now := m.stored
	posted, err := d.store.LastPosts(ctx, now.Add(-d.Pace.Post))
	if err != nil {
		return err
	}
	for channel, at := range posted {
		d.throttle.posted[channel] = m.wait(loop.Earliest(at, now))
	}
	edited, err := d.store.EditsSince(ctx, now.Add(-time.Minute))
	if err != nil {
		return err
	}
	d.throttle.edits.AllowN(m.local, min(edited, d.throttle.edits.Burst()))
	paused, err := d.store.RateLimits(ctx)
	if err != nil {
		return err
	}
	for method, until := range paused {
		if until.Before(now.Add(maxPause)) {
			d.holdBack(method, m.wait(until))
		}
	}
	doubts, err := d.store.Doubts(ctx)
	if err != nil {
		return err
	}
	for _, i := range doubts {
		i = withEndTime(i, now)
		if err := d.store.Doubt(ctx, i.Key, i.DoubtAt); err != nil {
			return err
		}
		d.throttle.posted[i.SlackChannel] = loop.Latest(d.throttle.posted[i.SlackChannel], m.wait(i.DoubtAt))
	}
	if err := d.store.RetryErasures(ctx, now); err != nil {
		return err
	}
	return d.store.ClampRetryTimes(ctx, now.Add(resumeRetry))
}

// noteTimeout bounds the write that records a call, also while the bot stops. A call that could not
// be recorded is in doubt.
const noteTimeout = 2 * time.Second

// bookkeeping outlives the stop of the bot, for what must be recorded after a call.
func bookkeeping(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
}
