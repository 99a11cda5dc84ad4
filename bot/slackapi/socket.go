package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/time/rate"

	"smileybot/bot/outbox"
)

const (
	// socketConnections stand at once, of the ten that Slack allows: slack-go
	// closes a connection before it opens the next, and what people do in
	// between would fail. Slack gives each request to one of them.
	socketConnections = 2
	// socketStagger is how much later the second one begins, so that Slack does
	// not refresh both at once. It is longer than a refresh takes.
	socketStagger = time.Minute
	// A connection that could not be opened is tried again after a second, then
	// twice as long each time. 30 s is the most: what was mended works within a
	// minute.
	socketWait    = time.Second
	socketMaxWait = 30 * time.Second
	// Slack allows some 50 calls of apps.connections.open a minute. A connection
	// that Slack takes and closes at once is no error to slack-go, which opens
	// the next without any pause.
	socketPace  = 2 * time.Second // between two calls, once socketBurst are used up
	socketBurst = 10
	// ackTimeout bounds the wait for room among the acknowledgements. There is
	// always some while the connection stands.
	ackTimeout = time.Second
	// socketWriteBuffer holds a whole acknowledgement: Slack may not put a frame
	// together that came in parts (slack-go's own default).
	socketWriteBuffer = 32 << 10
)

// socketDoor takes Slack's requests over Socket Mode, which Slack has
// authenticated (docs.slack.dev/apis/events-api/using-socket-mode): it
// acknowledges them at once and hands them on.
type socketDoor struct {
	people *people
	api    *slack.Client
	dialer *websocket.Dialer
	state  *socketState
	seen   seen
	count  func(method, outcome string) // of calls of Slack
	log    *slog.Logger
}

// dialFunc opens a connection.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// socketDialer is slack-go's own, with a limit on the handshake that lets the
// bot stop in time. A dial that is given is used for TLS too.
func socketDialer(dial dialFunc) *websocket.Dialer {
	return &websocket.Dialer{
		Proxy:             http.ProxyFromEnvironment,
		HandshakeTimeout:  outbox.CallTimeout,
		WriteBufferSize:   socketWriteBuffer,
		NetDialContext:    dial,
		NetDialTLSContext: dial,
	}
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

func newPaced(client *http.Client) paced {
	return paced{client, rate.NewLimiter(rate.Every(socketPace), socketBurst)}
}

// run holds the connections until ctx ends.
func (d *socketDoor) run(ctx context.Context) {
	var held sync.WaitGroup
	for i := range socketConnections {
		held.Go(func() {
			if rest(ctx, time.Duration(i)*socketStagger) {
				d.hold(ctx)
			}
		})
	}
	held.Wait()
}

// hold keeps one connection standing. Those that Slack ends are opened anew by
// slack-go; those that cannot be opened end it, and are tried again here.
func (d *socketDoor) hold(ctx context.Context) {
	for wait := time.Duration(0); rest(ctx, wait); {
		stood, err := d.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		d.count(socketMethod, socketOutcome(err))
		d.state.failed(socketReason(err), time.Now())
		if stood {
			wait = 0
		}
		wait = min(max(2*wait, socketWait), socketMaxWait)
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			wait = max(wait, limited.RetryAfter)
		}
	}
}

// rest waits. False says that ctx has ended.
func rest(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// A line is one connection, and those that follow it without a failure between.
type line struct {
	door     *socketDoor
	client   *socketmode.Client
	fail     context.CancelCauseFunc
	standing bool
	stood    bool // once at least
}

// connect holds a line until a connection cannot be opened, and tells why not
// and whether one stood before. slack-go would go on by itself after most
// failures, but five minutes later in the end, and never after others.
func (d *socketDoor) connect(ctx context.Context) (stood bool, err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	client := socketmode.New(d.api, socketmode.OptionDialer(d.dialer), socketmode.OptionReadLimit(maxSlackBody))
	l := &line{door: d, client: client, fail: fail}
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	for {
		select {
		case e := <-client.Events:
			l.hear(ctx, e)
		case err := <-ended:
			l.finish(ctx)
			if why := context.Cause(ctx); why != nil {
				err = why
			}
			return l.stood, err
		}
	}
}

// finish hears what came before the end.
func (l *line) finish(ctx context.Context) {
	for {
		select {
		case e := <-l.client.Events:
			l.hear(ctx, e)
		default:
			l.fall()
			return
		}
	}
}

// hear takes what slack-go tells, and must not tarry: the acknowledgements of
// others wait behind it.
func (l *line) hear(ctx context.Context, e socketmode.Event) {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		l.fall()
	case socketmode.EventTypeConnected:
		l.door.count(socketMethod, "ok")
	case socketmode.EventTypeHello:
		l.rise()
	case socketmode.EventTypeConnectionError:
		if failed, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
			l.fail(failed.ErrorObj)
		}
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		l.take(ctx, *e.Request)
	case socketmode.EventTypeErrorBadMessage:
		// slack-go could not parse it; perhaps we can, and it wants an
		// acknowledgement in any case.
		var r socketmode.Request
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok && json.Unmarshal(bad.Message, &r) == nil {
			l.take(ctx, r)
		}
	default: // a frame was spoilt: what that costs, Slack delivers again
	}
}

func (l *line) rise() {
	if !l.standing {
		l.standing, l.stood = true, true
		l.door.state.rose()
	}
}

func (l *line) fall() {
	if l.standing {
		l.standing = false
		l.door.state.fell(time.Now())
	}
}

// take has one request acknowledged and then answered, in the background. While
// the bot stops, Slack gets no acknowledgement and asks another connection.
func (l *line) take(ctx context.Context, r socketmode.Request) {
	if r.EnvelopeID == "" {
		return
	}
	taken := l.door.people.begin(ctx, request{answer: func(ctx context.Context) {
		l.acknowledge(ctx, r.EnvelopeID)
		l.door.answer(ctx, r)
	}})
	if !taken {
		l.door.state.envelope(r.Type, "stopping")
	}
}

// acknowledge tells Slack that a request arrived. What is lost on the way is
// delivered again, and not answered again.
func (l *line) acknowledge(ctx context.Context, envelopeID string) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := l.client.AckCtx(ctx, envelopeID, nil); err != nil {
		l.door.log.Warn("a request could not be acknowledged: the connection ended")
	}
}

// answer answers a request unless it was before.
func (d *socketDoor) answer(ctx context.Context, r socketmode.Request) {
	if !d.seen.first(identities(r)) {
		d.state.envelope(r.Type, "again")
		return
	}
	asked, err := d.read(r)
	if err != nil {
		d.state.envelope(r.Type, "unreadable")
		d.log.Warn("a request of Slack could not be read", "type", envelopeType(r.Type), "bytes", len(r.Payload), "cause", errorKind(err))
		return
	}
	d.state.envelope(r.Type, "taken")
	asked.answer(ctx)
}

// read parses a request. It is the payload that counts: what slack-go made of it
// may lack what slack-go does not know.
func (d *socketDoor) read(r socketmode.Request) (request, error) {
	switch r.Type {
	case socketmode.RequestTypeSlashCommands:
		var c slack.SlashCommand
		err := json.Unmarshal(r.Payload, &c)
		return d.people.command(c), err
	case socketmode.RequestTypeInteractive:
		return d.people.interaction(r.Payload)
	case socketmode.RequestTypeEventsAPI:
		return d.people.event(r.Payload)
	default:
		return request{}, errors.New("a type that is not known")
	}
}
