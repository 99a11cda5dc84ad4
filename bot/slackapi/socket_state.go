package bot

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"smileybot/bot/outbox"
	"smileybot/bot/message"
)

// socketMethod is the call of Slack that opens a connection.
const socketMethod = "apps.connections.open"

// socketPatience is how long no connection may stand before that is trouble of
// its own, when Slack gives no reason.
const socketPatience = 30 * time.Second

// socketState is how Socket Mode is.
type socketState struct {
	log       *slog.Logger
	operator  *message.Speaker // of cures in the log and /readyz
	envelopes *prometheus.CounterVec

	mu       sync.Mutex
	standing int
	since    time.Time       // when none stood any more
	trouble  outbox.Trouble // why one could not be opened; zero: none
}

func newSocketState(registry prometheus.Registerer, log *slog.Logger) (*socketState, error) {
	s := &socketState{
		log:      log,
		operator: message.NewSpeaker(message.Options{}),
		since:    time.Now(),
		envelopes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_socket_requests_total",
			Help: "Requests over Socket Mode by type (command, interaction, event, other) and what became of them: taken, again (it was answered before), unreadable, stopping.",
		}, []string{"type", "outcome"}),
	}
	connections := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "smileybot_socket_connections",
		Help: fmt.Sprintf("Socket Mode connections that stand, of %d. While there is none, nobody in Slack is heard.", socketConnections),
	}, s.connections)
	for _, c := range []prometheus.Collector{s.envelopes, connections} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of Socket Mode: %w", err)
		}
	}
	return s, nil
}

func (s *socketState) connections() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(s.standing)
}

// envelope counts a request.
func (s *socketState) envelope(kind, outcome string) {
	s.envelopes.WithLabelValues(envelopeType(kind), outcome).Inc()
}

// envelopeType is a request's type in our words, of which there are four.
func envelopeType(kind string) string {
	switch kind {
	case socketmode.RequestTypeSlashCommands:
		return "command"
	case socketmode.RequestTypeInteractive:
		return "interaction"
	case socketmode.RequestTypeEventsAPI:
		return "event"
	default:
		return "other"
	}
}

// rose notes that a connection stands.
func (s *socketState) rose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing++
	if s.trouble.Reason != "" {
		s.log.Info("Socket Mode works again")
	}
	s.trouble = outbox.Trouble{}
}

// fell notes that a connection no longer stands.
func (s *socketState) fell(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing--
	if s.standing == 0 {
		s.since = now
	}
}

// failed notes that a connection cannot be opened. It is logged when the reason
// is new, and then not again.
func (s *socketState) failed(reason string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble.Reason == reason {
		return
	}
	s.trouble = outbox.Trouble{Method: socketMethod, Reason: reason, Cure: s.cure(reason), Since: now}
	s.log.Error("slack does not open a Socket Mode connection; it is tried again", "standing", s.standing, "reason", reason, "cure", s.trouble.Cure)
}

// cure is what an operator does about a reason.
func (s *socketState) cure(reason string) string {
	return s.operator.Cure(message.Fault{Reason: reason, Socket: true})
}

// troubles lists what is wrong now: nothing while any connection stands.
func (s *socketState) troubles(now time.Time) []outbox.Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.standing > 0:
		return nil
	case s.trouble.Reason != "":
		return []outbox.Trouble{s.trouble}
	case now.Sub(s.since) > socketPatience:
		return []outbox.Trouble{{Method: socketMethod, Reason: reasonNoSocket, Cure: s.cure(reasonNoSocket), Since: s.since}}
	default:
		return nil
	}
}

// Our own reasons, beside Slack's error codes.
const (
	reasonNoSocket  = "not_connected"
	reasonHandshake = "bad_handshake"
	reasonNotFound  = "http_404"
)

// socketReason is why a connection could not be opened.
func socketReason(err error) string {
	refused, isRefused := errors.AsType[slack.SlackErrorResponse](err)
	status, isStatus := errors.AsType[slack.StatusCodeError](err)
	_, isLimited := errors.AsType[*slack.RateLimitedError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case isRefused:
		return refused.Err
	case isLimited, isStatus && status.Code == http.StatusTooManyRequests:
		return "ratelimited"
	case isStatus && status.Code == http.StatusNotFound:
		return reasonNotFound
	case errors.Is(err, websocket.ErrBadHandshake):
		return reasonHandshake
	case isOp && op.Op == "dial":
		return "unreachable"
	default:
		return "no_answer"
	}
}

// socketOutcome is how opening a connection went, as the metric of Slack's calls
// counts people's requests.
func socketOutcome(err error) string {
	_, refused := errors.AsType[slack.SlackErrorResponse](err)
	_, limited := errors.AsType[*slack.RateLimitedError](err)
	switch {
	case refused:
		return "refused"
	case limited:
		return "limited"
	default:
		return "failed"
	}
}
