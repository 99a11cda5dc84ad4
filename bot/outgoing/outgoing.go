// Package outgoing notifies the ticket system of what happens to follow-ups, through a webhook of our
// own, so that a ticket can be reopened or assigned there.
//
// An event is written in the transaction that changes the follow-up, and stays until it is delivered:
// at least once, in order for each feedback, with the same id at every attempt. After three days it is
// given up.
package outgoing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/bot/internal/loop"
	"smileybot/bot/internal/trust"
	"smileybot/feedback/followup"
	"smileybot/store"
)

const (
	// callTimeout bounds one attempt; Standard Webhooks recommends 15 to 30 s, but a bot that stops has
	// less.
	callTimeout = 8 * time.Second
	// giveUpAfter is how long an event is retried.
	giveUpAfter = 3 * 24 * time.Hour
	// An event waits for retryMin after the first failure, and three times as long after each further one,
	// up to retryMax.
	retryMin = 5 * time.Second
	retryMax = time.Hour
	// maxWait is the longest that a receiver may ask to wait.
	maxWait = 24 * time.Hour
	// maxAnswer bounds how much of an answer is read, so that the connection can be used again.
	maxAnswer = 64 << 10
	// noteTimeout bounds recording how an attempt went, also when the bot stops.
	noteTimeout = 2 * time.Second
)

// Options are what a Notifier needs.
type Options struct {
	// URL is where events are posted; Secret, which begins with whsec_, signs them.
	URL, Secret string
	// Transport is used instead of the default one when it is not nil.
	Transport http.RoundTripper
	// Now is the clock, [time.Now] when nil. ClockAgrees reports whether an event may be given up by it,
	// always when nil; it may take some seconds.
	Now         func() time.Time
	ClockAgrees func(context.Context) bool
	Registry    prometheus.Registerer
	Log         *slog.Logger
	Version     string
}

// Notifier notifies the ticket system.
type Notifier struct {
	Options
	client   *http.Client
	signer   *standardwebhooks.Webhook
	wake     loop.Wakeup
	attempts *prometheus.CounterVec
	store    *store.Store // of one [Notifier.Run]; its writes fail once another bot delivers

	mu      sync.Mutex
	failure Failure
}

// Failure is why nothing is delivered. It is zero when all is well.
type Failure struct {
	// Reason is http_ and the status, no_answer, unsigned or panic.
	Reason string
	Since  time.Time
}

// New returns a Notifier that [Notifier.Run] starts.
func New(o Options) (*Notifier, error) {
	signer, err := standardwebhooks.NewWebhook(o.Secret)
	if err != nil {
		return nil, errors.New("the secret of the outgoing webhook is not whsec_ and base64")
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ClockAgrees == nil {
		o.ClockAgrees = func(context.Context) bool { return true }
	}
	n := &Notifier{
		Options: o, signer: signer, wake: loop.NewWakeup(),
		client: &http.Client{
			Transport: o.Transport, Timeout: callTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_outgoing_total",
			Help: "Attempts to notify the ticket system of a follow-up, by type of event and outcome (ok, failed, given_up).",
		}, []string{"type", "outcome"}),
	}
	for _, what := range followup.Announcements() {
		for _, outcome := range []string{"ok", "failed", "given_up"} {
			n.attempts.WithLabelValues(string(what), outcome)
		}
	}
	if err := o.Registry.Register(n.attempts); err != nil {
		return nil, fmt.Errorf("registering the metrics of the outgoing webhook: %w", err)
	}
	return n, nil
}

// Wake signals that there may be an event to deliver. It never blocks.
func (n *Notifier) Wake() { n.wake.Signal() }

// Failure returns why nothing is delivered.
func (n *Notifier) Failure() Failure {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.failure
}

// Run delivers events until ctx ends, or until s refuses a write because another bot delivers them. An
// attempt that is under way when ctx ends is cut, and made again at the next start. It may be called
// again after it returned.
func (n *Notifier) Run(ctx context.Context, s *store.Store) {
	n.store = s
	for ctx.Err() == nil {
		next, err := n.round(ctx)
		if errors.Is(err, store.ErrSuperseded) {
			break
		}
		loop.Wait(ctx, next, n.wake)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failure = Failure{} // what fails from now on is for the next holder to tell
}

// round delivers everything that may be delivered now, and returns when there is more, zero when only
// a wake-up can change that. The error is [store.ErrSuperseded].
func (n *Notifier) round(ctx context.Context) (time.Time, error) {
	for ctx.Err() == nil {
		next, err := n.store.NextOutgoing(ctx)
		wait := next.RetryAt.Sub(n.Now())
		switch {
		case errors.Is(err, store.ErrNotFound):
			n.recovered()
			return time.Time{}, nil
		case err == nil && wait > 0 && wait <= maxWait: // a longer one was noted by a clock that ran ahead
			return time.Now().Add(wait), nil
		case err == nil:
			err = n.deliver(ctx, next)
		}
		if errors.Is(err, store.ErrSuperseded) {
			return time.Time{}, err
		}
		if err != nil && ctx.Err() == nil {
			n.Log.Error("could not read or write the outgoing events; will retry", "error", err)
			return time.Now().Add(retryMin), nil
		}
	}
	return time.Time{}, nil
}

// deliver makes one attempt and records how it went. The error is the store's.
func (n *Notifier) deliver(ctx context.Context, o store.Outgoing) error {
	a := n.attempt(ctx, o)
	switch {
	case ctx.Err() != nil:
		return nil
	case a.reason == reasonNotHeld:
		return store.ErrSuperseded
	}
	now := n.Now()
	old := a.reason != "" && now.Sub(o.At) >= giveUpAfter && n.ClockAgrees(ctx)
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	switch {
	case a.reason == "":
		n.count(o, "ok")
		n.recovered()
		return n.store.MarkSent(noting, o.ID, true)
	case old:
		n.count(o, "given_up")
		n.Log.Error("could not notify the ticket system of a follow-up in three days; given up", "event", o.ID, "type", string(o.Type), "feedback_id", o.FeedbackID, "reason", a.reason)
		return n.store.MarkSent(noting, o.ID, false)
	default:
		n.count(o, "failed")
		n.failed(a.reason, now)
		return n.store.ScheduleRetry(noting, o.ID, now.Add(max(a.wait, retryAfterAttempts(o.Attempts))), a.poison)
	}
}

func (n *Notifier) count(o store.Outgoing, outcome string) {
	n.attempts.WithLabelValues(string(o.Type), outcome).Inc()
}

// retryAfterAttempts is how long an event waits after so many attempts before this one: 5 s, 15 s, 45 s … up to an
// hour, a fifth more or less, so that not all are retried at once.
func retryAfterAttempts(attempts int) time.Duration {
	b := backoff.ExponentialBackOff{InitialInterval: retryMin, RandomizationFactor: 0.2, Multiplier: 3, MaxInterval: retryMax}
	for range attempts {
		b.NextBackOff()
	}
	return b.NextBackOff()
}

// failed records why nothing is delivered. A new reason is logged once.
func (n *Notifier) failed(reason string, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failure.Reason != reason {
		n.Log.Warn("the ticket system rejected an event; will retry for three days", "reason", reason)
		n.failure = Failure{Reason: reason, Since: now}
	}
}

// recovered records that all is well.
func (n *Notifier) recovered() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failure.Reason != "" {
		n.Log.Info("the ticket system accepts events again")
		n.failure = Failure{}
	}
}

// An attempt is how one went.
type attempt struct {
	// reason is why the event was not accepted, empty when it was.
	reason string
	// wait is how long the receiver asks not to be called.
	wait time.Duration
	// poison means that the reason is about this event, not the receiver.
	poison bool
}

// attempt posts an event, and survives a panic.
func (n *Notifier) attempt(ctx context.Context, o store.Outgoing) (a attempt) {
	err := loop.Protect(ctx, n.Log, "panic in notifier", func() error {
		a = n.post(ctx, o)
		return nil
	}, slog.String("event", o.ID))
	if err != nil {
		return attempt{reason: "panic", poison: true}
	}
	return a
}

// reasonNotHeld is why this bot did not call the ticket system, which another may call.
const reasonNotHeld = "not_held"

// post posts an event once, signed with the time of this attempt.
func (n *Notifier) post(ctx context.Context, o store.Outgoing) attempt {
	now := n.Now()
	signature, unsigned := n.signer.Sign(o.ID, now, o.Body)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.URL, bytes.NewReader(o.Body))
	if err != nil || unsigned != nil {
		return attempt{reason: "unsigned"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "smileybot/"+n.Version)
	request.Header.Set(standardwebhooks.HeaderWebhookID, o.ID)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	if trust.Check(ctx) != nil {
		return attempt{reason: reasonNotHeld}
	}
	answer, err := n.client.Do(request)
	if err != nil {
		return attempt{reason: "no_answer"} // its text may hold the address
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
	status := answer.StatusCode
	if status >= http.StatusOK && status < http.StatusMultipleChoices {
		return attempt{}
	}
	return attempt{
		reason: "http_" + strconv.Itoa(status), wait: retryAfter(answer.Header),
		poison: status == http.StatusBadRequest || status == http.StatusConflict || status == http.StatusUnprocessableEntity,
	}
}

// retryAfter is how long an answer asks to wait, in seconds (RFC 9110, section 10.2.3);
// no longer than a day.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, int(maxWait/time.Second))) * time.Second
}
