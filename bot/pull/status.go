package pull

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/store"
)

// Status is how the pull of a sender is.
type Status struct {
	Sender string `json:"sender"`
	// LastSuccess is left out before the first.
	LastSuccess time.Time `json:"last_success,omitzero"`
	Next        time.Time `json:"next,omitzero"`
	// Failures are those in a row, Reason is that of the last.
	Failures int    `json:"failures,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Remedy   string `json:"cure,omitempty"`
}

// Statuses lists how the pulls are, in the order of their senders. One that was never tried has only
// its name.
func (p *Puller) Statuses(ctx context.Context) ([]Status, error) {
	known, err := p.known(ctx)
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, s := range p.sources {
		one := Status{Sender: s.name}
		if state, tried := known[s.name]; tried {
			one.LastSuccess, one.Next, one.Failures, one.Reason = state.SucceededAt, state.NextAt, state.Failures, state.Reason
			if one.Reason != "" {
				one.Remedy = Remedy(one.Reason)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// known are the states of the senders whose present source was asked.
func (p *Puller) known(ctx context.Context) (map[string]store.Pull, error) {
	states, err := p.Store.Pulls(ctx)
	known := make(map[string]store.Pull)
	for _, s := range p.sources {
		for _, state := range states {
			if state.Sender == s.name && state.Source == s.source.address() {
				known[s.name] = state
			}
		}
	}
	return known, err
}

// A Trial is what one sender said when it was asked once, without storing anything.
type Trial struct {
	Sender string
	// Reviews are those on its first page, Warnings what of them was not understood.
	Reviews, Warnings int
	Failure           *Failure // why it could not be read, nil when it could
}

// Check asks each sender for its first page, and stores nothing. The error is that of a sender whose
// settings are wrong.
func Check(ctx context.Context, senders []Sender, transport http.RoundTripper, version string, report func(Trial)) error {
	sources, err := open(senders, newHTTP(transport, version, time.Now))
	if err != nil {
		return err
	}
	for _, s := range sources {
		page, _, err := s.get(ctx, position{now: time.Now()})
		t := Trial{Sender: s.name, Reviews: len(page.Events), Warnings: len(page.Told())}
		t.Failure, _ = errors.AsType[*Failure](err)
		report(t)
	}
	return nil
}

// Validate reports a sender whose settings are wrong. The error holds no secret.
func Validate(s Sender) error {
	_, err := newSource(s)
	return err
}

// metrics count what is pulled. Every label has few values.
type metrics struct{ pulls, failures, reviews *prometheus.CounterVec }

func newMetrics() *metrics {
	return &metrics{
		pulls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_pulls_total",
			Help: "Pulls of a review site by outcome (ok, failed).",
		}, []string{"sender", "outcome"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_pull_failures_total",
			Help: "Pulls that failed, by reason.",
		}, []string{"sender", "reason"}),
		reviews: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_pull_reviews_total",
			Help: "Reviews that pulls brought: created, updated, stale, imported, taken_back, ignored (without a rating); warned counts fields and reviews that could not be read.",
		}, []string{"sender", "result"}),
	}
}

// ages reads from the store how old the last success is.
type ages struct{ *Puller }

// Describe lists nothing in advance: what cannot be read is left out of a scrape.
func (ages) Describe(chan<- *prometheus.Desc) {}

// Collect reads the ages.
func (a ages) Collect(to chan<- prometheus.Metric) {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	known, err := a.known(ctx)
	if err != nil {
		return
	}
	age := prometheus.NewDesc("smileybot_pull_age_seconds", "Time since the last pull of a site that succeeded; since the first one while none has.", []string{"sender"}, nil)
	for name, state := range known {
		since := state.SucceededAt
		if since.IsZero() {
			since = state.BeganAt
		}
		to <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, max(a.Now().Sub(since).Seconds(), 0), name)
	}
}
