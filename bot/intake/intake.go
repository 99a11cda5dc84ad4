package intake

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/store"
)

// Options says what [New] needs. All fields are required, but one of Secrets
// and Tokens may be empty.
type Options struct {
	// Store takes the ratings.
	Store *store.Store
	// Secrets are the whsec_… secrets of the own format. Any of them verifies,
	// so that they can be rotated.
	Secrets []string
	// Tokens are the bearer tokens of the own format, for senders that cannot
	// sign. Any of them will do.
	Tokens []string
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
	if !p.possible() {
		return nil, errors.New("webhooks of the own format: neither a secret nor a token to prove a sender by")
	}
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	return &Intake{store: o.Store, proof: p, metrics: m, log: o.Log, taken: o.Taken, now: time.Now}, nil
}

// Feedback serves /webhooks/feedback: the own format, from a sender called
// "feedback".
func (in *Intake) Feedback() http.Handler {
	return in.receive(sender{name: "feedback", verify: in.proof.verify, decode: decodeFeedback})
}
