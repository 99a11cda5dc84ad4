package slackapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	"smileybot/bot/internal/loop"
)

const (
	// helloTimeout is how long a connection may stay without Slack's greeting.
	helloTimeout = 10 * time.Second
	// pingTimeout is how long a connection may stay silent: Slack pings every few seconds. One that is
	// silent is dead, whatever the system believes.
	pingTimeout = 30 * time.Second
	// warningGrace is longer than Slack takes from its warning to the end of a connection, some 10 s.
	warningGrace = 15 * time.Second
	// countAgain is how long a connection is held whose greeting counts connections of others. The next
	// one's greeting shows whether they are gone.
	countAgain = 5 * time.Minute
	// ackTimeout bounds an acknowledgement, and the wait for those before it.
	ackTimeout = time.Second
)

// A connection is one WebSocket of Socket Mode.
type connection struct {
	socket  *Socket
	ws      *websocket.Conn
	writing chan struct{} // is full while an acknowledgement is written
	since   time.Time     // of the greeting; zero before it
	ending  string        // why it ends at end, empty while it is to last
	end     time.Time
}

// An endedError is returned for a connection that was open and has ended.
type endedError struct {
	// reason is Slack's, or one of our own.
	reason string
	cause  error
}

func (e *endedError) Error() string {
	return fmt.Sprintf("the connection ended: %s: %v", e.reason, e.cause)
}

// Why a connection ends. The first two are Slack's, when it refreshes its machines.
const (
	reasonWarning = "warning"
	reasonRefresh = "refresh_requested"
	reasonRecount = "recount"            // so that the next greeting counts again
	reasonDropped = "connection_dropped" // by something on the way, or by Slack without a word
)

// routine reports whether connections end in this way while all is well.
func (e *endedError) routine() bool {
	switch e.reason {
	case reasonWarning, reasonRefresh, reasonRecount, reasonDropped:
		return true
	default:
		return false
	}
}

// recountPause is longer than Slack takes to see that a connection was closed, so that it does not count
// it any more.
const recountPause = 10 * time.Second

// pause is how long the next connection waits after one that was sound.
func (e *endedError) pause() time.Duration {
	if e.reason == reasonRecount {
		return recountPause
	}
	return 0
}

// connect opens a connection and holds it until it ends. It returns how long it was open. The error is
// an [endedError] when it ever was.
func (s *Socket) connect(ctx context.Context) (lasted time.Duration, err error) {
	_, address, err := s.api.StartSocketModeContext(ctx)
	if err != nil {
		s.count(MethodOpenSocket, outcome(err))
		return 0, err
	}
	ws, response, err := s.dialer.DialContext(ctx, address, nil)
	s.count(MethodOpenSocket, outcome(err))
	if err != nil {
		return 0, err
	}
	_ = response.Body.Close() // it has none
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	defer ws.Close()
	c := &connection{socket: s, ws: ws, writing: make(chan struct{}, 1)}
	err = c.read(ctx)
	if c.since.IsZero() {
		return 0, err
	}
	s.state.disconnected(err, time.Now())
	return time.Since(c.since), err
}

// read handles frames until the connection ends. It must be quick: what follows waits behind it.
func (c *connection) read(ctx context.Context) error {
	c.ws.SetReadLimit(maxBody)
	c.ws.SetPingHandler(c.ping)
	_ = c.ws.SetReadDeadline(time.Now().Add(helloTimeout)) // the first read returns its error
	var sound *time.Timer
	defer func() {
		if sound != nil {
			sound.Stop()
		}
	}()
	for {
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			return c.ended(err)
		}
		c.alive()
		var r socketmode.Request
		if json.Unmarshal(text, &r) != nil {
			continue // a frame was damaged: Slack delivers what was lost again
		}
		switch r.Type {
		case socketmode.RequestTypeHello:
			if c.since.IsZero() {
				c.since = time.Now()
				sound = time.AfterFunc(socketLasting, c.socket.state.sound)
				c.greeted(r.NumConnections)
			}
		case socketmode.RequestTypeDisconnect:
			if r.Reason != reasonWarning {
				return c.ended(&endedError{reason: r.Reason, cause: errors.New("slack asked for it")})
			}
			c.endIn(warningGrace, reasonWarning) // until Slack ends it, it brings requests
		default:
			c.receive(ctx, r)
		}
	}
}

// greeted takes the greeting, which says how many connections the app has. Slack counts this one.
func (c *connection) greeted(all int) {
	c.alive()
	if c.socket.state.connected(all, c.since) {
		c.endIn(countAgain, reasonRecount)
	}
}

// ended is the error of a connection that can no longer be read.
func (c *connection) ended(err error) error {
	if _, said := errors.AsType[*endedError](err); said || c.since.IsZero() {
		return err
	}
	if c.ending == reasonWarning || c.ending != "" && !time.Now().Before(c.end) {
		return &endedError{c.ending, err}
	}
	return &endedError{reasonDropped, err}
}

// alive notes that Slack has been heard.
func (c *connection) alive() {
	if c.since.IsZero() {
		return
	}
	deadline := time.Now().Add(pingTimeout)
	if c.ending != "" {
		deadline = loop.Earliest(deadline, c.end)
	}
	_ = c.ws.SetReadDeadline(deadline)
}

// endIn lets the connection end after a while, whether Slack is heard or not.
func (c *connection) endIn(wait time.Duration, reason string) {
	c.ending, c.end = reason, time.Now().Add(wait)
	c.alive()
}

// ping answers a ping. A connection that takes no answer is found dead by Slack.
func (c *connection) ping(data string) error {
	c.alive()
	_ = c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(ackTimeout))
	return nil
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
// again, and it is not carried out again. A connection that takes no acknowledgement is ended.
func (c *connection) acknowledge(ctx context.Context, envelopeID string) {
	deadline := time.Now().Add(ackTimeout)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	select {
	case c.writing <- struct{}{}:
	case <-ctx.Done():
		c.socket.log.Warn("could not acknowledge a request: the connection is too slow")
		return
	}
	defer func() { <-c.writing }()
	_ = c.ws.SetWriteDeadline(deadline)
	if err := c.ws.WriteJSON(socketmode.Response{EnvelopeID: envelopeID}); err != nil {
		_ = c.ws.Close()
		c.socket.log.Warn("could not acknowledge a request: the connection ended")
	}
}
