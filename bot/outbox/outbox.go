// Package outbox brings to Slack what the store wants to stand there.
//
// One loop looks at the outbox, picks for each Slack channel what is to happen
// next, and starts it; a channel does one thing at a time. It renders the
// present state at the last moment, so however much has changed, one call
// suffices. Between two rounds it sleeps until a wake-up, or until the next
// moment at which something becomes possible.
//
// A post whose result is not known is never simply repeated. Its attempt was
// committed before it began, so even a killed process knows of it; the
// channel's history tells whether Slack has the message, see [Deliverer.settle].
package outbox

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/store"
)

// CallTimeout bounds one call of Slack.
const CallTimeout = 8 * time.Second

// grace is how long a call that is open when the bot stops may still take.
const grace = 6 * time.Second

// Options are what a Deliverer needs.
type Options struct {
	Store *store.Store
	Slack *slack.Client
	// Channel is the support channel; Routes are the exceptions to it. Lead is where
	// bulletins go.
	Channel, Lead string
	Routes        map[feedback.Channel]string
	// Speaker says what stands in Slack.
	Speaker *message.Speaker
	// Pace is [SlackPace] when zero.
	Pace Pace
	// Count counts a call of Slack by its method and outcome.
	Count func(method, outcome string)
	// Posted is told when something new stands in Slack, if it is not nil.
	Posted   func()
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// Deliverer is the way out to Slack.
type Deliverer struct {
	Options
	wake          chan struct{}
	ended         chan work
	metrics       metrics
	throttle      *throttle
	busy          map[string]bool
	tokenAccepted bool                   // Slack has accepted the token
	address       atomic.Pointer[string] // of the token's workspace, once Slack has told
	operator      *message.Speaker       // of cures in the log, the metrics and /readyz

	mu       sync.Mutex
	troubles map[place]Trouble
	stumbles map[string]int // by key: how often an item failed in a row
}

// New returns a deliverer that [Deliverer.Run] starts.
func New(o Options) (*Deliverer, error) {
	if o.Pace == (Pace{}) {
		o.Pace = SlackPace()
	}
	if o.Posted == nil {
		o.Posted = func() {}
	}
	d := &Deliverer{
		Options:  o,
		wake:     make(chan struct{}, 1),
		ended:    make(chan work),
		throttle: newThrottle(o.Pace),
		busy:     make(map[string]bool),
		troubles: make(map[place]Trouble),
		stumbles: make(map[string]int),
		operator: message.NewSpeaker(message.Options{}),
	}
	var err error
	if d.metrics, err = newMetrics(o.Registry, d.Troubles); err != nil {
		return nil, err
	}
	return d, nil
}

// Wake tells that the outbox has changed. It never blocks.
func (d *Deliverer) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends. Then it starts nothing more, gives open calls
// six seconds, and cuts what is still open; the outbox knows that it is in
// doubt.
func (d *Deliverer) Run(ctx context.Context) error {
	calls, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	if err := d.resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	rounds := rate.NewLimiter(roundsASecond, roundsAtOnce)
	for ctx.Err() == nil {
		next := d.round(ctx, calls)
		d.wait(ctx, next)
		d.rest(ctx, rounds.Reserve().Delay())
	}
	timer := time.AfterFunc(grace, cut)
	defer timer.Stop()
	for len(d.busy) > 0 {
		d.finish(ctx, <-d.ended)
	}
	return nil
}

// round starts everything that can be started now and returns when the next
// thing may become possible, zero when only a wake-up can change that.
func (d *Deliverer) round(ctx, calls context.Context) time.Time {
	now := time.Now()
	todo, err := d.look(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			d.Log.Error("reading the outbox failed; trying again", "error", err.Error())
		}
		return now.Add(time.Second)
	}
	next := todo.next
	if at := latest(d.throttle.free("", tests), d.throttle.silent[methodAuth]); !d.tokenAccepted && !d.busy[""] {
		if at.After(now) {
			next = earliest(next, at)
		} else {
			d.start(calls, d.testingToken())
		}
	}
	for channel, lane := range todo.lanes {
		if d.busy[channel] {
			continue
		}
		w, at := d.choose(channel, lane, now)
		if w.do == nil {
			next = earliest(next, at)
			continue
		}
		d.start(calls, w)
	}
	return next
}

// wait waits for a wake-up, the end of something started, or a moment.
func (d *Deliverer) wait(ctx context.Context, until time.Time) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-d.wake:
	case w := <-d.ended:
		d.finish(ctx, w)
	case <-alarm:
	}
}

// Rounds that follow each other without end, as when ratings come in by the thousand, are
// made fifty times a second: Slack takes no more, and each costs the ratings some time.
const (
	roundsASecond = 50
	roundsAtOnce  = 10
)

// rest waits for a while, and meanwhile learns of what ends.
func (d *Deliverer) rest(ctx context.Context, long time.Duration) {
	if long <= 0 {
		return
	}
	timer := time.NewTimer(long)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-d.ended:
			d.finish(ctx, w)
		case <-timer.C:
			return
		}
	}
}

// work is one thing that is done in a channel, and how it went.
type work struct {
	what    sort
	channel string
	key     string // of the item it is about, if it is about one
	do      func(ctx context.Context) (verdict, error)
	verdict verdict
	err     error // the store's
}

func (d *Deliverer) start(calls context.Context, w work) {
	d.busy[w.channel] = true
	if w.what == edits {
		d.throttle.edits.Allow()
	}
	go func() {
		w.verdict, w.err = d.safely(calls, w)
		d.ended <- w
	}()
}

// safely does the work. A panic, over one message, must not end the process, nor
// hold the others up.
func (d *Deliverer) safely(ctx context.Context, w work) (v verdict, err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		d.Log.Error("delivering panicked: this is a bug", "key", w.key, "what", string(w.what), "stack", string(debug.Stack()))
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		if w.key != "" {
			err = d.Store.Postpone(ctx, w.key, time.Now().Add(refusedAgain))
		}
		v = verdict{class: classAway, reason: reasonPanic}
	}()
	return w.do(ctx)
}

// finish learns from how something went.
func (d *Deliverer) finish(ctx context.Context, w work) {
	now := time.Now()
	delete(d.busy, w.channel)
	if w.what == posts || w.what == notices {
		d.throttle.posted[w.channel] = now
	}
	if w.verdict.class == classLimited {
		d.limited(ctx, w.verdict.method, now.Add(w.verdict.wait))
	}
	if w.err != nil {
		d.Log.Error("the outbox could not be written; trying again", "slack_channel", w.channel, "error", w.err.Error())
		d.throttle.fail(w.place(), verdict{class: classAway}, now)
		return
	}
	switch v := w.verdict; v.class {
	case classLimited:
		if v.reason != "ratelimited" { // that is Slack's everyday word
			d.trouble(w, now)
		} else {
			d.Log.Warn("slack asked for silence", "method", v.method, "wait", v.wait)
		}
	case classAway, classDoubt, classOperator, classPayload:
		d.trouble(w, now)
	case classGone:
		if !w.what.shows() { // else a new message is on its way
			d.trouble(w, now)
		}
	case classOK:
		d.tokenAccepted = d.tokenAccepted || w.what == tests
		d.recovered(w)
	}
}

// limited keeps a method silent until Slack allows it again, over a restart too.
func (d *Deliverer) limited(ctx context.Context, method string, until time.Time) {
	until = latest(d.throttle.silent[method], until)
	d.throttle.silent[method] = until
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	if err := d.Store.RecordRateLimit(ctx, method, until); err != nil {
		d.Log.Error("the silence Slack asked for could not be kept over a restart", "method", method, "error", err.Error())
	}
}

// route is the Slack channel for a channel of feedback.
func (d *Deliverer) route(c feedback.Channel) string {
	if channel := d.Routes[c]; channel != "" {
		return channel
	}
	return d.Channel
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
