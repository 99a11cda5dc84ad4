package slackapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/websocket"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/time/rate"

	"smileybot/bot/internal/loop"
)

const (
	// socketConnections are held at once, of the ten that Slack allows: slack-go closes a connection
	// before it opens the next, and what people do in between would fail. Slack gives each request to
	// one of them.
	socketConnections = 2
	// socketStagger is how much later the second one begins, so that Slack does not refresh both at
	// once. It is longer than a refresh takes.
	socketStagger = time.Minute
	// A connection that could not be opened is retried after socketRetryMin, then after twice as long
	// each time. The most is socketRetryMax, so that a repaired set-up works within a minute.
	socketRetryMin = time.Second
	socketRetryMax = 30 * time.Second
	// Slack allows some 50 calls of apps.connections.open a minute. A connection that Slack accepts
	// and closes at once is no error to slack-go, which opens the next without any pause.
	socketPace  = 2 * time.Second // between two calls, once socketBurst are used up
	socketBurst = 10
	// ackTimeout bounds the wait for room among the acknowledgements. There is always some while the
	// connection is open.
	ackTimeout = time.Second
	// socketWriteBuffer holds a whole acknowledgement: Slack may not join a frame that came in parts
	// (slack-go's own default).
	socketWriteBuffer = 32 << 10
)

// SocketOptions are what a Socket needs.
type SocketOptions struct {
	Receiver Receiver
	// Remedy is what an operator does about the reason of a failure.
	Remedy   func(reason string) string
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// A Socket receives Slack's requests over Socket Mode, which Slack has authenticated
// (docs.slack.dev/apis/events-api/using-socket-mode): it acknowledges them at once, has them carried
// out, and reconnects.
type Socket struct {
	receiver Receiver
	api      *slack.Client
	dialer   *websocket.Dialer
	state    *socketState
	mu       sync.Mutex                         // guards recent
	recent   *simplelru.LRU[identity, struct{}] // the latest requests
	count    func(method, outcome string)       // of calls of Slack
	log      *slog.Logger
}

// NewSocket returns a Socket that [Socket.Run] connects.
func (c *Client) NewSocket(o SocketOptions) (*Socket, error) {
	state, err := newSocketState(o)
	if err != nil {
		return nil, err
	}
	recent, err := simplelru.NewLRU[identity, struct{}](maxRecent, nil)
	if err != nil {
		return nil, err
	}
	return &Socket{
		receiver: o.Receiver, state: state, recent: recent, count: c.options.Count, log: o.Log,
		api: slack.New(c.options.Token, slack.OptionAppLevelToken(c.options.AppToken), slack.OptionAPIURL(c.options.URL),
			slack.OptionHTTPClient(paced{c.http, rate.NewLimiter(rate.Every(socketPace), socketBurst)})),
		// This is slack-go's own dialer, with a limit on the handshake that lets the bot stop in time.
		dialer: &websocket.Dialer{
			Proxy:             http.ProxyFromEnvironment,
			HandshakeTimeout:  Timeout,
			WriteBufferSize:   socketWriteBuffer,
			NetDialContext:    c.options.Dial,
			NetDialTLSContext: c.options.Dial,
		},
	}, nil
}

// paced spaces calls of Slack out.
type paced struct {
	client *http.Client
	limit  *rate.Limiter
}

// Do makes a call when it is its turn.
func (p paced) Do(r *http.Request) (*http.Response, error) {
	if err := p.limit.Wait(r.Context()); err != nil {
		return nil, err
	}
	return p.client.Do(r) //nolint:gosec // the address is that of the settings
}

// Run holds the connections until ctx ends.
func (s *Socket) Run(ctx context.Context) {
	var held sync.WaitGroup
	for i := range socketConnections {
		held.Go(func() {
			if loop.Sleep(ctx, time.Duration(i)*socketStagger) {
				s.hold(ctx)
			}
		})
	}
	held.Wait()
}

// Failures lists what is wrong now: nothing while any connection is open.
func (s *Socket) Failures(now time.Time) []Failure { return s.state.failures(now) }

// hold keeps one connection open. slack-go replaces those that Slack ends; one that cannot be
// opened ends it, and is retried here.
func (s *Socket) hold(ctx context.Context) {
	retry := backoff.ExponentialBackOff{InitialInterval: socketRetryMin, Multiplier: 2, MaxInterval: socketRetryMax}
	for wait := time.Duration(0); loop.Sleep(ctx, wait); {
		opened, err := s.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		s.count(MethodOpenSocket, outcome(err))
		s.state.failed(socketReason(err), time.Now())
		if opened {
			retry.Reset()
		}
		wait = retry.NextBackOff()
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			wait = max(wait, limited.RetryAfter)
		}
	}
}

// A connection is one connection, and those that follow it without a failure between.
type connection struct {
	socket *Socket
	client *socketmode.Client
	fail   context.CancelCauseFunc
	open   bool
	opened bool // once at least
}

// errEnded is returned when slack-go ends a connection without a reason.
var errEnded = errors.New("the connection ended")

// connect holds a connection until it fails. It returns why, and whether it was ever open. slack-go
// retries some failures itself, with waits of up to five minutes, and others never; so every failure
// ends here.
func (s *Socket) connect(ctx context.Context) (opened bool, err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	client := socketmode.New(s.api, socketmode.OptionDialer(s.dialer), socketmode.OptionReadLimit(maxBody))
	c := &connection{socket: s, client: client, fail: fail}
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	for {
		select {
		case e := <-client.Events:
			c.handle(ctx, e)
		case err := <-ended:
			c.drain(ctx)
			if why := context.Cause(ctx); why != nil {
				err = why
			}
			if err == nil {
				err = errEnded
			}
			return c.opened, err
		}
	}
}

// drain handles what came before the end.
func (c *connection) drain(ctx context.Context) {
	for {
		select {
		case e := <-c.client.Events:
			c.handle(ctx, e)
		default:
			c.down()
			return
		}
	}
}

// handle handles an event of slack-go. It must be quick: the acknowledgements of others wait behind
// it.
func (c *connection) handle(ctx context.Context, e socketmode.Event) {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		c.down()
	case socketmode.EventTypeConnected:
		c.socket.count(MethodOpenSocket, "ok")
	case socketmode.EventTypeHello:
		c.up()
	case socketmode.EventTypeConnectionError:
		if failed, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
			c.fail(failed.ErrorObj)
		}
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		c.receive(ctx, *e.Request)
	case socketmode.EventTypeErrorBadMessage:
		// slack-go could not parse it; perhaps we can, and it needs an acknowledgement in any case.
		var r socketmode.Request
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok && json.Unmarshal(bad.Message, &r) == nil {
			c.receive(ctx, r)
		}
	default: // a frame was damaged: Slack delivers what was lost again
	}
}

func (c *connection) up() {
	if !c.open {
		c.open, c.opened = true, true
		c.socket.state.connected()
	}
}

func (c *connection) down() {
	if c.open {
		c.open = false
		c.socket.state.disconnected(time.Now())
	}
}

// receive acknowledges one request and passes it to the receiver, in the background. While the bot
// stops, Slack gets no acknowledgement and uses another connection.
func (c *connection) receive(ctx context.Context, r socketmode.Request) {
	if r.EnvelopeID == "" {
		return
	}
	started := c.socket.receiver.Start(ctx, func(ctx context.Context) {
		c.acknowledge(ctx, r.EnvelopeID)
		c.socket.carryOut(ctx, r)
	})
	if !started {
		c.socket.state.countRequest(r.Type, "stopping")
	}
}

// acknowledge reports to Slack that a request arrived. When that is lost, Slack delivers the request
// again, and it is not carried out again.
func (c *connection) acknowledge(ctx context.Context, envelopeID string) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := c.client.AckCtx(ctx, envelopeID, nil); err != nil {
		c.socket.log.Warn("could not acknowledge a request: the connection ended")
	}
}

// carryOut carries a request out unless it was before.
func (s *Socket) carryOut(ctx context.Context, r socketmode.Request) {
	if !s.firstTime(r) {
		s.state.countRequest(r.Type, "again")
		return
	}
	request, err := parseEnvelope(r)
	if err != nil {
		s.state.countRequest(r.Type, "unreadable")
		s.log.Warn("ignored unreadable request of slack", "type", envelopeType(r.Type), "bytes", len(r.Payload), "reason", parseError(err))
		return
	}
	s.state.countRequest(r.Type, "taken")
	s.receiver.Handle(ctx, request)
}

// maxRecent is how many identities are remembered: far more than come in the minutes in which Slack
// delivers something again, and less than a megabyte.
const maxRecent = 4096

// An identity is by what a request is recognised.
type identity [sha256.Size]byte

// firstTime reports whether a request is new, and remembers it: its envelope and, for what people do,
// its payload, which Slack may deliver again in another envelope. A payload without a trigger_id
// identifies nothing; to do an event twice does no harm.
func (s *Socket) firstTime(r socketmode.Request) bool {
	ids := []identity{sha256.Sum256([]byte("envelope " + r.EnvelopeID))}
	var unique struct {
		TriggerID string `json:"trigger_id"`
	}
	if json.Unmarshal(r.Payload, &unique) == nil && unique.TriggerID != "" {
		ids = append(ids, sha256.Sum256(r.Payload))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := true
	for _, id := range ids {
		fresh = fresh && !s.recent.Contains(id)
		s.recent.Add(id, struct{}{})
	}
	return fresh
}

// parseEnvelope parses a request from its payload: what slack-go made of it may lack what slack-go
// does not know.
func parseEnvelope(r socketmode.Request) (Request, error) {
	switch r.Type {
	case socketmode.RequestTypeSlashCommands:
		var c slack.SlashCommand
		err := json.Unmarshal(r.Payload, &c)
		return commandRequest(c), err
	case socketmode.RequestTypeInteractive:
		return interactionRequest(r.Payload)
	case socketmode.RequestTypeEventsAPI:
		return eventRequest(r.Payload)
	default:
		return Request{}, errors.New("unknown type of request")
	}
}

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
