package webhook

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/store"
)

// Options says what [New] needs. All fields are required, but of Secrets, Tokens and
// Senders one is enough.
type Options struct {
	// Store takes the ratings.
	Store *store.Store
	// Secrets are the whsec_… secrets of the own format. Any of them verifies,
	// so that they can be rotated.
	Secrets []string
	// Tokens are the bearer tokens of the own format, for senders that cannot
	// sign. Any of them will do.
	Tokens []string
	// Senders are those with formats of their own.
	Senders []Sender
	// Registry gets the metrics.
	Registry prometheus.Registerer
	// Log gets ids and bounded words, never what customers wrote.
	Log *slog.Logger
	// Taken is called after every delivery that was taken, to wake whoever
	// shows it. It must not block.
	Taken func()
}

// Intake receives webhooks. Its handlers may be used concurrently.
type Intake struct {
	store   *store.Store
	proof   proof // of the own format
	senders []Sender
	metrics *metrics
	log     *slog.Logger
	taken   func()
	now     func() time.Time
}

// New returns an intake. It fails when a secret or token proves nothing, when
// there is none at all, or when the metrics are registered already; the error
// holds no secret.
func New(o Options) (*Intake, error) {
	p, err := newProof(o.Secrets, o.Tokens)
	if err != nil {
		return nil, fmt.Errorf("webhooks of the own format: %w", err)
	}
	if !p.possible() && len(o.Senders) == 0 {
		return nil, errors.New("webhooks: neither a secret nor a token to prove a sender by")
	}
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	return &Intake{store: o.Store, proof: p, senders: o.Senders, metrics: m, log: o.Log, taken: o.Taken, now: time.Now}, nil
}

// Feedback serves /webhooks/feedback: the own format, from a sender called
// "feedback".
func (in *Intake) Feedback() http.Handler {
	return in.receive(sender{
		name: "feedback", verify: in.proof.verify,
		unproved: "Sign the request as Standard Webhooks describes, not more than 5 minutes ago, or send a bearer token.",
		decode:   func(p parcel) (decoded, *rejection) { return decodeFeedback(p.Delivery) },
	})
}

// Route is an address of the door.
type Route struct {
	// Pattern is as [http.ServeMux] takes it.
	Pattern string
	Handler http.Handler
}

// Routes lists the addresses of all senders. That of a sender whose proof is in its
// path must not be logged.
func (in *Intake) Routes() []Route {
	routes := []Route{{Pattern: "/webhooks/feedback", Handler: in.Feedback()}}
	for _, s := range in.senders {
		route := Route{Pattern: "/webhooks/" + s.inner.name, Handler: in.receive(s.inner)}
		routes = append(routes, route)
		if s.inner.secretPath {
			route.Pattern += "/{" + secretInPath + "}"
			routes = append(routes, route)
		}
	}
	return routes
}
