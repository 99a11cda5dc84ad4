// Package outgoing tells the ticket system what becomes of follow-ups, through a webhook
// of our own, so that a ticket can be reopened or assigned there.
//
// What is to be told is written in the transaction that changes the follow-up, and stays
// until it was taken: whatever happens, it is told at least once, of one feedback in
// order, with the same id at every attempt. After three days it is given up.
package outgoing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/feedback"
	"smileybot/store"
)

const (
	// callTimeout bounds one attempt; Standard Webhooks recommends 15 to 30 s, but a
	// bot that stops has less.
	callTimeout = 8 * time.Second
	// giveUpAfter is how long an event is tried.
	giveUpAfter = 3 * 24 * time.Hour
	// firstBackoff, trebled at each attempt, and longestBackoff are how long an event
	// waits after it was not taken.
	firstBackoff   = 5 * time.Second
	longestBackoff = time.Hour
	// maxAnswer bounds how much of an answer is read, so that the connection can be
	// used again.
	maxAnswer = 64 << 10
	// noteTimeout bounds the note of how an attempt went, also when the bot stops.
	noteTimeout = 2 * time.Second
)

// Options are what a Teller needs.
type Options struct {
	Store *store.Store
	// URL is where it is told; Secret is a whsec_… one, with which it is signed.
	URL, Secret string
	// Transport is used instead of the default one when it is not nil.
	Transport http.RoundTripper
	Registry  prometheus.Registerer
	Log       *slog.Logger
	Version   string
}

// Teller tells the ticket system.
type Teller struct {
	Options
	client *http.Client
	signer *standardwebhooks.Webhook
	wake   chan struct{}
	told   *prometheus.CounterVec

	mu      sync.Mutex
	trouble Trouble
}

// Trouble is why nothing is taken, the zero Trouble when all is well.
type Trouble struct {
	// Reason is http_ and the status, no_answer or unsigned.
	Reason string
	Since  time.Time
}

// New returns a teller that [Teller.Run] starts.
func New(o Options) (*Teller, error) {
	signer, err := standardwebhooks.NewWebhook(o.Secret)
	if err != nil {
		return nil, errors.New("the secret of the outgoing webhook is not whsec_ and base64")
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	t := &Teller{
		Options: o, signer: signer, wake: make(chan struct{}, 1),
		client: &http.Client{
			Transport: o.Transport, Timeout: callTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		told: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_outgoing_total",
			Help: "Attempts to tell the ticket system of a follow-up, by type of event and outcome (ok, failed, given_up).",
		}, []string{"type", "outcome"}),
	}
	for _, what := range feedback.Announcements() {
		for _, outcome := range []string{"ok", "failed", "given_up"} {
			t.told.WithLabelValues(string(what), outcome)
		}
	}
	if err := o.Registry.Register(t.told); err != nil {
		return nil, fmt.Errorf("registering the metrics of the outgoing webhook: %w", err)
	}
	return t, nil
}

// Wake tells that there may be something to tell. It never blocks.
func (t *Teller) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Trouble is why nothing is taken.
func (t *Teller) Trouble() Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.trouble
}

// Run tells what is to be told, until ctx ends. An attempt that is under way then is cut,
// and made again at the next start.
func (t *Teller) Run(ctx context.Context) {
	for ctx.Err() == nil {
		t.sleep(ctx, t.round(ctx))
	}
}

// sleep returns at a moment, or when there may be something to tell; the zero time is
// never.
func (t *Teller) sleep(ctx context.Context, until time.Time) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-alarm:
	case <-t.wake:
	case <-ctx.Done():
	}
}

// round tells everything that may be told now, and returns when there is more.
func (t *Teller) round(ctx context.Context) time.Time {
	for ctx.Err() == nil {
		next, err := t.Store.NextOutgoing(ctx)
		switch {
		case errors.Is(err, store.ErrNotFound):
			t.recovered()
			return time.Time{}
		case err == nil && next.RetryAt.After(time.Now()):
			return next.RetryAt
		case err == nil:
			err = t.tell(ctx, next)
		}
		if err != nil && ctx.Err() == nil {
			t.Log.Error("what the ticket system is to be told could not be read or noted; trying again", "error", err.Error())
			return time.Now().Add(firstBackoff)
		}
	}
	return time.Time{}
}

// tell makes one attempt and notes how it went. The error is the store's.
func (t *Teller) tell(ctx context.Context, o store.Outgoing) error {
	a := t.attempt(ctx, o)
	if ctx.Err() != nil {
		return nil
	}
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	now := time.Now()
	switch {
	case a.reason == "":
		t.count(o, "ok")
		t.recovered()
		return t.Store.MarkSent(noting, o.ID, true)
	case now.Sub(o.At) >= giveUpAfter:
		t.count(o, "given_up")
		t.Log.Error("the ticket system was not told of a follow-up in three days; given up", "event", o.ID, "type", string(o.Type), "feedback_id", o.FeedbackID, "reason", a.reason)
		return t.Store.MarkSent(noting, o.ID, false)
	default:
		t.count(o, "failed")
		t.failed(a.reason, now)
		return t.Store.ScheduleRetry(noting, o.ID, now.Add(max(a.wait, backoff(o.Attempts))), a.aside)
	}
}

func (t *Teller) count(o store.Outgoing, outcome string) {
	t.told.WithLabelValues(string(o.Type), outcome).Inc()
}

// backoff is how long an event waits after so many attempts before this one: 5 s, 15 s,
// 45 s … up to an hour, a fifth more or less, so that not all come back at once.
func backoff(attempts int) time.Duration {
	wait := firstBackoff
	for range attempts {
		wait = min(3*wait, longestBackoff)
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // nobody gains by guessing it
}

// failed notes why nothing is taken; what is new is logged, once.
func (t *Teller) failed(reason string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trouble.Reason != reason {
		t.Log.Warn("the ticket system does not take what it is told of follow-ups; it is tried again for three days", "reason", reason)
		t.trouble = Trouble{Reason: reason, Since: now}
	}
}

// recovered notes that all is well.
func (t *Teller) recovered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trouble.Reason != "" {
		t.Log.Info("the ticket system takes what it is told again")
		t.trouble = Trouble{}
	}
}
