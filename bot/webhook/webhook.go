// Package webhook receives the webhooks of all senders. It reads top to bottom in receive.go:
// receive, prove, decode, store, answer. Every sender goes through the same steps in this order:
//
//	405  neither POST nor HEAD
//	415  not application/json (or form fields, where a sender may send them), or encoded
//	413  over 256 KiB
//	503  the requests on their way take all memory for bodies
//	401  the sender is not proved
//	200  this delivery was accepted before, whatever its body
//	400  not one JSON object
//	200  ignored: it carries no rating
//	422  a required field is missing or wrong
//	503  the store cannot take it now
//	202  stored, or kept for its rating, and on disk; or 200, accepted and nothing new
//
// A request whose headers prove nothing is 401 without its body, which is read and thrown away to tell
// it from 413.
//
// A body that breaks off on its way gets 400, one that takes too long 408; both before the proof,
// which covers the whole body.
//
// What differs between senders is a [sender.Sender]: its name, its proof, its format. The own format
// is package [smileybot/bot/webhook/senders/feedback], the others are next to it, and those that the
// operator describes are in package mapping.
//
// An optional field that is wrong never costs the rating: it is left out and named in the response.
// No response, log line, metric or stored detail quotes what a sender sent. The one exception are
// the names of unknown fields, which only the response has.
package webhook

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/internal/bodies"
	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders/feedback"
	"smileybot/store"
)

// Options configure an [Intake]. All fields but Bodies are required, except that one of Secrets,
// Tokens and Senders is enough, and that Store may come later.
type Options struct {
	// Store takes the ratings. Without one, webhooks get 503 until [Intake.Begin].
	Store *store.Store
	// Secrets are the whsec_… secrets of the own format. Any of them verifies,
	// so that they can be rotated.
	Secrets []string
	// Tokens are the bearer tokens of the own format, for senders that cannot
	// sign. Any of them will do.
	Tokens []string
	// Senders are those with formats of their own.
	Senders []sender.Enabled
	// NoneNeeded says that there may be no proof at all: no webhook is taken then, and reviews are pulled.
	NoneNeeded bool
	// Now is the time of what arrives; [time.Now] when nil. It may take up to a second.
	Now func() time.Time
	// Registry gets the metrics.
	Registry prometheus.Registerer
	// Log gets ids and bounded words, never what customers wrote.
	Log *slog.Logger
	// Bodies is the memory for bodies whose sender is not proved yet, a budget of its own when nil.
	Bodies *bodies.Budget
	// Stored is called after every delivery that was stored, to wake up the outbox. It must not
	// block.
	Stored func()
	// Refused is called, if it is not nil, for each request that was refused before or by its proof, with
	// the sender's name, empty where there is none, and a bounded reason. It must not block.
	Refused func(sender string, why Refusal)
	// Lost is called, if it is not nil, for each thing of a proved delivery that is not in the store. It must
	// not block.
	Lost func(sender string, what Loss)
}

// Intake receives webhooks. Its handlers may be used concurrently.
type Intake struct {
	store   *store.Store
	begun   atomic.Bool    // when store is set
	own     sender.Enabled // the own format
	senders []sender.Enabled
	metrics *metrics
	log     *slog.Logger
	bodies  *bodies.Budget
	stored  func()
	refused func(string, Refusal)
	lost    func(string, Loss)
	now     func() time.Time
}

// New returns an intake. It fails when a secret or token proves nothing, when there is none at all,
// or when the metrics are registered already; the error holds no secret.
func New(o Options) (*Intake, error) {
	own, err := feedback.Sender().Enable(sender.Settings{Secrets: o.Secrets, Tokens: o.Tokens})
	if err != nil {
		return nil, fmt.Errorf("webhooks of the own format: %w", err)
	}
	if !own.Provable() && len(o.Senders) == 0 && !o.NoneNeeded {
		return nil, errors.New("webhooks: neither a secret nor a token to prove a sender by")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	if o.Refused == nil {
		o.Refused = func(string, Refusal) {}
	}
	if o.Lost == nil {
		o.Lost = func(string, Loss) {}
	}
	if o.Bodies == nil {
		o.Bodies = bodies.NewBudget()
	}
	in := &Intake{bodies: o.Bodies, own: own, senders: o.Senders, metrics: m, log: o.Log, stored: o.Stored, refused: o.Refused, lost: o.Lost, now: o.Now}
	if o.Store != nil {
		in.Begin(o.Store)
	}
	return in, nil
}

// Begin takes webhooks into a store from now on. It is called once.
func (in *Intake) Begin(s *store.Store) {
	in.store = s
	in.begun.Store(true)
}

// Feedback serves /webhooks/feedback, the own format.
func (in *Intake) Feedback() http.Handler { return in.handler(in.own) }

// Route is an address and what serves it.
type Route struct {
	// Pattern is as [http.ServeMux] takes it.
	Pattern string
	Handler http.Handler
}

// Routes lists the addresses of all senders. The address of a sender with the secret in its path must
// not be logged.
func (in *Intake) Routes() []Route {
	routes := []Route{{Pattern: "/webhooks/feedback", Handler: in.Feedback()}}
	for _, s := range in.senders {
		route := Route{Pattern: "/webhooks/" + s.Name, Handler: in.handler(s)}
		routes = append(routes, route)
		if s.Proof.Kind == sender.PathSecret {
			route.Pattern += "/{" + sender.SecretInPath + "}"
			routes = append(routes, route)
		}
	}
	return routes
}

// metrics count what arrives. Every label has few values: a value from a webhook is a label only
// after it was checked.
type metrics struct {
	feedback *prometheus.CounterVec
	rejected *prometheus.CounterVec
	unproved *prometheus.CounterVec
	warnings *prometheus.CounterVec
	parts    *prometheus.CounterVec
	suspect  *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		feedback: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_feedback_total",
			Help: "Ratings that webhooks brought, by what they changed. Duplicates have no kind and channel.",
		}, []string{"sender", "kind", "channel", "result"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_webhook_rejected_total",
			Help: "Requests under /webhooks/ that were rejected, by the reason. Without a sender: those for no sender.",
		}, []string{"sender", "reason"}),
		unproved: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_webhook_unproved_total",
			Help: "Webhooks whose sender was not proved, by what the proof lacked: missing, time, wrong.",
		}, []string{"sender", "reason"}),
		warnings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_webhook_warnings_total",
			Help: "Fields of webhooks that were left out or corrected, by our name of the field. Names that are not known: unknown.",
		}, []string{"sender", "field"}),
		parts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_webhook_dropped_parts_total",
			Help: "Ratings of webhooks that were left out: invalid or no_rating, of several in one webhook; bot.",
		}, []string{"sender", "reason"}),
		suspect: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_suspect_clicks_total",
			Help: "Feedback that was marked suspect: a mail scanner probably clicked.",
		}, []string{"sender"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "smileybot_webhook_seconds",
			Help:    "Time from a webhook's headers to its answer, the disk included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	for _, c := range []prometheus.Collector{m.feedback, m.rejected, m.unproved, m.warnings, m.parts, m.suspect, m.seconds} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics of the webhooks: %w", err)
		}
	}
	return m, nil
}
