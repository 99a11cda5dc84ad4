package slackapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// noSocketAfter is how long no connection may be open before that is a failure of its own, when
// Slack gives no reason.
const noSocketAfter = 30 * time.Second

// socketState knows how Socket Mode is.
type socketState struct {
	log      *slog.Logger
	remedy   func(reason string) string
	requests *prometheus.CounterVec

	mu      sync.Mutex
	open    int
	since   time.Time // when none was open any more
	failure Failure   // why one could not be opened; zero when none failed since
}

func newSocketState(o SocketOptions) (*socketState, error) {
	s := &socketState{
		log:    o.Log,
		remedy: o.Remedy,
		since:  time.Now(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_socket_requests_total",
			Help: "Requests over Socket Mode by type (command, interaction, event, other) and outcome: taken, again (a repetition of one that was carried out), unreadable, stopping.",
		}, []string{"type", "outcome"}),
	}
	connections := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "smileybot_socket_connections",
		Help: fmt.Sprintf("Open Socket Mode connections, of %d. While there are none, no request from Slack arrives.", socketConnections),
	}, func() float64 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return float64(s.open)
	})
	for _, c := range []prometheus.Collector{s.requests, connections} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of Socket Mode: %w", err)
		}
	}
	return s, nil
}

func (s *socketState) countRequest(kind, outcome string) {
	s.requests.WithLabelValues(envelopeType(kind), outcome).Inc()
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

func (s *socketState) connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	if s.failure.Reason != "" {
		s.log.Info("socket mode works again")
	}
	s.failure = Failure{}
}

func (s *socketState) disconnected(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	if s.open == 0 {
		s.since = now
	}
}

// failed records why a connection cannot be opened. A new reason is logged once.
func (s *socketState) failed(reason string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure.Reason == reason {
		return
	}
	s.failure = Failure{Method: MethodOpenSocket, Reason: reason, Remedy: s.remedy(reason), Since: now}
	s.log.Error("cannot open a socket mode connection; will retry", "open", s.open, "method", MethodOpenSocket, "reason", reason, "remedy", s.failure.Remedy)
}

func (s *socketState) failures(now time.Time) []Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open > 0:
		return nil
	case s.failure.Reason != "":
		return []Failure{s.failure}
	case now.Sub(s.since) > noSocketAfter:
		return []Failure{{Method: MethodOpenSocket, Reason: reasonNoSocket, Remedy: s.remedy(reasonNoSocket), Since: s.since}}
	default:
		return nil
	}
}

// Our own reasons why no connection is open.
const (
	reasonNoSocket  = "not_connected"
	reasonHandshake = "bad_handshake"
	reasonNotFound  = "http_404"
)

// socketReason is why a connection could not be opened.
func socketReason(err error) string {
	status, isStatus := errors.AsType[slack.StatusCodeError](err)
	switch {
	case isStatus && status.Code == http.StatusNotFound:
		return reasonNotFound
	case errors.Is(err, websocket.ErrBadHandshake):
		return reasonHandshake
	default:
		return Classify(err).Reason
	}
}
