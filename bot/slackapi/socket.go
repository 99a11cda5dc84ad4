package slackapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
	// socketConnections are held at once, of the ten that Slack allows: Slack ends each after some hours,
	// and what people do until the next is open would fail. Slack gives each request to one of them.
	socketConnections = 2
	// socketStagger is how much later the second one begins, so that Slack does not refresh both at
	// once. It is longer than a refresh takes.
	socketStagger = time.Minute
	// A connection that could not be opened, or that did not last, is followed by the next after
	// socketRetryMin, then after twice as long each time. The most is socketRetryMax, so that a repaired
	// set-up works within a minute.
	socketRetryMin = time.Second
	socketRetryMax = 30 * time.Second
	// socketLasting is how long a connection is open before it counts as sound.
	socketLasting = 30 * time.Second
	// severalDrops of one place in a row are no coincidence.
	severalDrops = 3
	// Slack allows some 50 calls of apps.connections.open a minute, for all that use the token.
	socketPace  = 2 * time.Second // between two calls, once socketBurst are used up
	socketBurst = 4
	// socketWriteBuffer holds a whole acknowledgement: Slack may not join a frame that came in parts
	// (slack-go's own default).
	socketWriteBuffer = 32 << 10
)

// SocketOptions are what a Socket needs.
type SocketOptions struct {
	Receiver Receiver
	// Bots is how many bots use the app, with this one; 1 when nil.
	Bots func() int
	// Remedy is what an operator does about a failure.
	Remedy func(Failure) string
	// Foreign is called for each request of another workspace, with its kind: command, interaction,
	// event or other.
	Foreign  func(kind string)
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
	foreign  func(kind string)
	// checkTeam is [Client.CheckTeam].
	checkTeam func(ctx context.Context, team string) error
	log       *slog.Logger
}

// NewSocket returns a Socket that [Socket.Run] connects.
func (c *Client) NewSocket(o SocketOptions) (*Socket, error) {
	if o.Bots == nil {
		o.Bots = func() int { return 1 }
	}
	state, err := newSocketState(o)
	if err != nil {
		return nil, err
	}
	recent, err := simplelru.NewLRU[identity, struct{}](maxRecent, nil)
	if err != nil {
		return nil, err
	}
	return &Socket{
		receiver: o.Receiver, state: state, recent: recent, count: c.options.Count, log: o.Log, foreign: o.Foreign, checkTeam: c.CheckTeam,
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

// Failures lists what is wrong now. A connection that could not be opened is nothing while another is
// open.
func (s *Socket) Failures(now time.Time) []Failure { return s.state.failures(now) }

// hold keeps one connection open. A sound one that ends is followed by the next at once; any other
// after a pause, which grows.
func (s *Socket) hold(ctx context.Context) {
	retry := backoff.ExponentialBackOff{InitialInterval: socketRetryMin, Multiplier: 2, MaxInterval: socketRetryMax}
	drops := 0
	for wait := time.Duration(0); loop.Sleep(ctx, wait); {
		lasted, err := s.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		sound := lasted >= socketLasting
		if drops++; sound {
			drops = 0
			retry.Reset()
		}
		wait = retry.NextBackOff()
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			wait = max(wait, limited.RetryAfter)
		}
		ended, byslack := errors.AsType[*endedError](err)
		switch {
		case !byslack:
			s.state.failed(socketReason(err), false, time.Now())
		case !ended.routine():
			s.state.failed(ended.reason, true, time.Now())
		case sound:
			retry.Reset()
			wait = ended.pause()
		case drops >= severalDrops:
			s.state.failed(reasonDropped, true, time.Now())
		}
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
	outcome := "taken"
	if errors.Is(s.checkTeam(ctx, request.TeamID), ErrForeign) {
		outcome = RejectedForeign
		s.foreign(envelopeType(r.Type))
	}
	s.state.countRequest(r.Type, outcome)
	s.receiver.Handle(ctx, request) // which refuses it again, and gives back what was typed
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
