// Package pull asks review sites that send no webhooks for their reviews, and takes what they say into
// the store.
//
// A [source] knows one site's API: which request is for a page, and where a page says that there is
// another. Each ready-made site has a file here; feed.go is any address that a mapping describes. A page
// becomes [feedback.Event]s by the rules of the own format, as a webhook does, and the store takes them,
// see [store.Store.TakePulled]: a review that is read again changes nothing, an edited one updates its
// message, and one that the site lacks is taken back.
//
// How far a pull is, is kept in the store, see [store.Pull]. So [Puller.Run] may be started, stopped and
// started again, here or by another bot; one at a time asks.
package pull

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/internal/loop"
	"smileybot/bot/webhook/sender"
	"smileybot/store"
)

const (
	// After a first failure a site is asked again after retryMin, and after twice as long after each
	// further one, up to retryMax or its own interval, whichever is longer.
	retryMin = time.Minute
	retryMax = time.Hour
	// maxWait is the longest that a site may ask to wait.
	maxWait = 24 * time.Hour
	// noteTimeout bounds recording how a pull went, also when the bot stops.
	noteTimeout = 2 * time.Second
)

// Sender is a sender that is asked, with its secrets in the order of its setting.
type Sender struct {
	sender.Sender

	Secrets []string
}

// Options are what a [Puller] needs.
type Options struct {
	Senders []Sender
	// Store is where the state of the pulls is read.
	Store *store.Store
	// Transport is used instead of the default one when it is not nil.
	Transport http.RoundTripper
	// Now is the clock, [time.Now] when nil.
	Now func() time.Time
	// Stored is called after a page that brought something, to wake up the outbox. It must not block.
	Stored func()
	// Lost is called, if it is not nil, for what the store has not: with our name of a field that was
	// left out, "" for one that has none, and with [WholeReview] for a review that cannot be read.
	Lost     func(sender, field string)
	Registry prometheus.Registerer
	// Log gets ids and bounded words, never what customers wrote.
	Log     *slog.Logger
	Version string
}

// Puller asks all senders that are asked.
type Puller struct {
	Options
	store   *store.Store // of the present [Puller.Run]
	sources []*pulled
	metrics *metrics
}

// pulled is one sender and its source.
type pulled struct {
	name    string
	every   time.Duration
	source  source
	decoder sender.Enabled
	client  *client
	kept    map[[sha256.Size]byte]bool // the reviews that cannot be read and are kept
}

// New returns a Puller that [Puller.Run] starts.
func New(o Options) (*Puller, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lost == nil {
		o.Lost = func(string, string) {}
	}
	p := &Puller{Options: o, metrics: newMetrics()}
	sources, err := open(o.Senders, newHTTP(o.Transport, o.Version, o.Now))
	if err != nil {
		return nil, err
	}
	p.sources = sources
	for _, c := range []prometheus.Collector{p.metrics.pulls, p.metrics.failures, p.metrics.reviews, ages{p}} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of pulls: %w", err)
		}
	}
	for _, s := range sources {
		for _, outcome := range []string{"ok", "failed"} {
			p.metrics.pulls.WithLabelValues(s.name, outcome)
		}
	}
	return p, nil
}

// open makes the sources of senders. Those on one host take turns.
func open(senders []Sender, h *httpClient) ([]*pulled, error) {
	var all []*pulled
	for _, s := range senders {
		src, err := newSource(s)
		if err != nil {
			return nil, fmt.Errorf("the sender %s: %w", s.Name, err)
		}
		if s.Pull.Site != "" {
			s.Translate = src.(site).translate
		}
		decoder, err := s.Enable(sender.Settings{})
		if err != nil {
			return nil, fmt.Errorf("the sender %s: %w", s.Name, err)
		}
		all = append(all, &pulled{
			name: s.Name, every: s.Pull.Every, source: src, decoder: decoder, client: &client{http: h, source: src},
			kept: make(map[[sha256.Size]byte]bool),
		})
	}
	return all, nil
}

// Run asks the senders until ctx ends, or until s refuses a write because another bot asks them. What is
// under way when ctx ends is given up. It may be called again after it returned.
func (p *Puller) Run(ctx context.Context, s *store.Store) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	p.store = s
	var all sync.WaitGroup
	for _, from := range p.sources {
		all.Go(func() {
			for ctx.Err() == nil {
				next, err := p.round(ctx, from)
				if errors.Is(err, store.ErrSuperseded) {
					end()
				}
				loop.Wait(ctx, next, nil)
			}
		})
	}
	all.Wait()
}

// round asks a sender if it is due, and returns when it is due next. The error is the store's.
func (p *Puller) round(ctx context.Context, s *pulled) (next time.Time, err error) {
	state, err := p.store.PullOf(ctx, s.name, s.source.address(), p.Now())
	if err == nil {
		wait := state.NextAt.Sub(p.Now())
		if wait > 0 && wait <= 2*maxWait { // a longer one was noted by a clock that ran ahead
			return time.Now().Add(wait), nil
		}
		err = p.pull(ctx, s, state)
	}
	if errors.Is(err, store.ErrSuperseded) {
		return time.Time{}, err
	}
	if err != nil && ctx.Err() == nil {
		p.Log.Error("could not read or write the reviews that were pulled; will retry", "sender", s.name, "error", err)
		return time.Now().Add(retryMin), err
	}
	return time.Now(), err
}

// pull asks a sender once, and records how it went. The error is the store's.
func (p *Puller) pull(ctx context.Context, s *pulled, state store.Pull) error {
	was := state.Reason
	err := loop.Protect(ctx, p.Log, "panic in puller", func() (err error) {
		state, err = p.pass(ctx, s, state)
		return err
	}, slog.String("sender", s.name))
	if ctx.Err() != nil {
		return nil
	}
	if errors.Is(err, loop.ErrPanic) {
		err = &Failure{Reason: "panic"}
	}
	failure, failed := errors.AsType[*Failure](err)
	if err != nil && !failed {
		return err
	}
	now := p.Now()
	switch {
	case failed:
		state.Failures++
		state.Reason = failure.Reason
		state.NextAt = now.Add(max(failure.Wait, retryAfterFailures(state.Failures, s.every)))
		p.metrics.failures.WithLabelValues(s.name, failure.Reason).Inc()
		p.metrics.pulls.WithLabelValues(s.name, "failed").Inc()
		if was != failure.Reason {
			p.Log.Warn("could not pull reviews; will retry", "sender", s.name, "reason", failure.Reason, "remedy", Remedy(failure.Reason))
		}
	default:
		state.Failures, state.Reason, state.SucceededAt = 0, "", now
		state.NextAt = now.Add(spread(s.every))
		p.metrics.pulls.WithLabelValues(s.name, "ok").Inc()
		if was != "" {
			p.Log.Info("reviews are pulled again", "sender", s.name)
		}
	}
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	return p.store.SavePull(noting, state)
}

// retryAfterFailures is how long a site is left alone after so many failures in a row, a fifth more or
// less.
func retryAfterFailures(failures int, every time.Duration) time.Duration {
	b := backoff.ExponentialBackOff{InitialInterval: retryMin, RandomizationFactor: 0.2, Multiplier: 2, MaxInterval: max(every, retryMax)}
	const enough = 20 // the interval has its maximum long before
	for range min(failures, enough) - 1 {
		b.NextBackOff()
	}
	return b.NextBackOff()
}

// spread is an interval, a tenth more or less, so that not all bots of the world ask at once.
func spread(every time.Duration) time.Duration {
	return every - every/10 + rand.N(every/5+1) //nolint:gosec // no secret
}
