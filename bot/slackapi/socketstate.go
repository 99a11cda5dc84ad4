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
	bots     func() int
	remedy   func(Failure) string
	requests *prometheus.CounterVec

	mu      sync.Mutex
	open    int
	since   time.Time // when none was open any more
	failure Failure   // why one could not be opened or did not last; zero when none failed since
	flaps   bool      // the failure is of connections that open and do not last
	foreign Failure   // of connections that are not ours; zero while there are none
	unclear time.Time // until when Slack may count a connection of ours that is gone
}

func newSocketState(o SocketOptions) (*socketState, error) {
	s := &socketState{
		log:    o.Log,
		bots:   o.Bots,
		remedy: o.Remedy,
		since:  time.Now(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_socket_requests_total",
			Help: "Requests over Socket Mode by type (command, interaction, event, other) and outcome: taken, again (a repetition of one that was carried out), unreadable, foreign (of another workspace), stopping.",
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

// unclearFor is how long Slack may take to see that a connection is gone.
const unclearFor = time.Minute

// connected notes a connection that is open now, with how many of the app Slack counts. It reports
// whether some of them seem to be of others.
func (s *socketState) connected(all int, now time.Time) (others bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	if !s.flaps {
		s.works()
	}
	n := all - socketConnections*s.bots()
	switch {
	case n <= 0:
		if s.foreign.Reason != "" {
			s.log.Info("no other program uses the app token any more")
		}
		s.foreign = Failure{}
	case now.Before(s.unclear): // they may be ours
	case s.foreign.Reason == "":
		s.foreign = s.fault(ReasonForeignSockets, n, now)
		s.log.Error("other programs use the app token, and slack gives them some of the requests", "reason", s.foreign.Reason, "connections", n, "remedy", s.foreign.Remedy)
	default:
		s.foreign = s.fault(ReasonForeignSockets, n, s.foreign.Since)
	}
	return n > 0
}

func (s *socketState) fault(reason string, count int, since time.Time) Failure {
	f := Failure{Method: MethodOpenSocket, Reason: reason, Count: count, Since: since}
	f.Remedy = s.remedy(f)
	return f
}

// sound notes that a connection lasts.
func (s *socketState) sound() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.works()
}

func (s *socketState) works() {
	if s.failure.Reason != "" {
		s.log.Info("socket mode works again")
	}
	s.failure, s.flaps = Failure{}, false
}

// disconnected notes that a connection has ended, and why.
func (s *socketState) disconnected(why error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ended, ok := errors.AsType[*endedError](why); ok && ended.reason == reasonDropped {
		s.unclear = now.Add(unclearFor)
	}
	s.open--
	if s.open == 0 {
		s.since = now
	}
}

// failed records why connections cannot be opened, or that they open and do not last. A new reason is
// logged once.
func (s *socketState) failed(reason string, flaps bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flaps = flaps; s.failure.Reason == reason {
		return
	}
	s.failure = s.fault(reason, 0, now)
	s.log.Error("cannot hold a socket mode connection; will retry", "open", s.open, "method", MethodOpenSocket, "reason", reason, "remedy", s.failure.Remedy)
}

func (s *socketState) failures(now time.Time) (failures []Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failure.Reason != "" && (s.open == 0 || s.flaps):
		failures = append(failures, s.failure)
	case s.open == 0 && now.Sub(s.since) > noSocketAfter:
		failures = append(failures, s.fault(reasonNoSocket, 0, s.since))
	}
	if s.foreign.Reason != "" {
		failures = append(failures, s.foreign)
	}
	return failures
}

// ReasonForeignSockets is our reason for connections that are not the bot's.
const ReasonForeignSockets = "foreign_connections"

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
