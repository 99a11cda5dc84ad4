package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
	"smileybot/fakeslack"
)

// A way is how Slack's requests reach the bot.
type way string

const (
	overHTTP   way = "HTTP"
	overSocket way = "Socket Mode"
)

// eachWay runs a test for each way: both behave alike.
func eachWay(t *testing.T, test func(*fixture)) {
	t.Helper()
	for _, w := range []way{overHTTP, overSocket} {
		t.Run(string(w), func(t *testing.T) { test(newFixtureWith(t, w)) })
	}
}

// set sets what the way needs, and that alone.
func (w way) set(c *config.Config, o fakeslack.Options) {
	if w == overSocket {
		c.SlackAppToken = config.NewSecret(o.AppToken)
		return
	}
	c.SlackSigningSecret = config.NewSecret(o.SigningSecret)
}

// types types a slash command.
func (s *fixture) types(user, command, text string) {
	s.t.Helper()
	s.asks(fakeslack.Slash{User: user, Channel: support, Command: command, Text: text})
}

func (s *fixture) asks(c fakeslack.Slash) {
	s.t.Helper()
	if s.way == overSocket {
		s.acknowledged(s.slack.PushSlash(c), nil)
		return
	}
	r, err := s.slack.SlashRequest(s.t.Context(), s.url+"/slack/commands", c)
	s.accepted(r, err, c.TeamID)
}

// clicks presses a button of the channel's first message as it is.
func (s *fixture) clicks(user, action string) {
	s.t.Helper()
	s.presses(fakeslack.Click{User: user, Channel: support, MessageTS: s.message().TS, ActionID: action})
}

func (s *fixture) presses(c fakeslack.Click) {
	s.t.Helper()
	if s.way == overSocket {
		n, err := s.slack.PushClick(c)
		s.acknowledged(n, err)
		return
	}
	r, err := s.slack.ClickRequest(s.t.Context(), s.url+"/slack/interactions", c)
	s.accepted(r, err, c.TeamID)
}

// sends makes a request of any payload.
func (s *fixture) sends(envelope string, payload []byte) {
	s.t.Helper()
	if s.way == overSocket {
		s.acknowledged(s.slack.Push(envelope, payload), nil)
		return
	}
	path, kind, body := "/slack/events", "application/json", string(payload)
	if envelope == fakeslack.EnvelopeInteractive {
		path, kind, body = "/slack/interactions", "application/x-www-form-urlencoded", url.Values{"payload": {body}}.Encode()
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", kind)
	fakeslack.Sign(r.Header, s.slack.Options().SigningSecret, time.Now(), []byte(body))
	s.accepted(r, nil, "")
}

// submits fills in the modal that the user has open.
func (s *fixture) submits(user string, values map[string]string) {
	s.t.Helper()
	f := fakeslack.Submission{ViewID: s.slack.Views(user)[0].ID, Values: values}
	if s.way == overSocket {
		n, err := s.slack.PushSubmission(f)
		s.acknowledged(n, err)
		return
	}
	r, err := s.slack.SubmitRequest(s.t.Context(), s.url+"/slack/interactions", f)
	s.accepted(r, err, "")
	require.NoError(s.t, s.slack.Answered(f.ViewID, nil))
}

// pushes sends the bot an event.
func (s *fixture) pushes(e fakeslack.Event) {
	s.t.Helper()
	if s.way == overSocket {
		n, err := s.slack.PushEvent(e)
		s.acknowledged(n, err)
		return
	}
	r, err := s.slack.EventRequest(s.t.Context(), s.url+"/slack/events", e)
	s.accepted(r, err, e.TeamID)
}

// accepted checks that the bot took a request with nothing to say, or refused
// one of another workspace.
func (s *fixture) accepted(r *http.Request, err error, team string) {
	s.t.Helper()
	require.NoError(s.t, err)
	status, body := s.do(r)
	if team != "" && team != s.slack.Options().TeamID {
		assert.Equal(s.t, http.StatusForbidden, status)
		return
	}
	assert.Equal(s.t, http.StatusOK, status)
	assert.Empty(s.t, body)
}

// acknowledged waits until the bot has acknowledged an envelope, with nothing to
// say, the first time that it came.
func (s *fixture) acknowledged(n int, err error) {
	s.t.Helper()
	require.NoError(s.t, err)
	s.until("the acknowledgement", func(f *fakeslack.Server) bool { return f.Envelope(n).Acked })
	e := s.slack.Envelope(n)
	assert.Nil(s.t, e.Ack)
	assert.Equal(s.t, 1, e.Sent)
	assert.NoError(s.t, e.Err)
}

// answerTo waits until the user got n answers, and returns the last.
func (s *fixture) answerTo(user string, n int) string {
	s.t.Helper()
	s.until("an answer", func(f *fakeslack.Server) bool { return len(f.Ephemerals(user)) >= n })
	all := s.slack.Ephemerals(user)
	require.Len(s.t, all, n)
	return all[n-1].Text
}

// onSocket listens on a real socket.
func onSocket(t *testing.T) (l net.Listener, address string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l, "http://" + l.Addr().String()
}

// pipes are in-process connections to listeners that it makes.
type pipes struct {
	mu  sync.Mutex
	all []*pipeListener
}

type pipeListener struct {
	name  string
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
}

func (p *pipes) listen(*testing.T) (l net.Listener, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made := &pipeListener{name: "bot" + strconv.Itoa(len(p.all)), conns: make(chan net.Conn), done: make(chan struct{})}
	p.all = append(p.all, made)
	return made, "http://" + made.name
}

func (p *pipes) dial(ctx context.Context, _, address string) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.all {
		if address != l.name+":80" {
			continue
		}
		near, far := net.Pipe()
		select {
		case l.conns <- far:
			return near, nil
		case <-l.done:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, errors.New("nothing listens at " + address)
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.close.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.name) }

type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }

// readiness is what /readyz says.
func (s *fixture) readiness() (ready struct{ Status, Reason, Cure string }) {
	s.t.Helper()
	status, body := s.get(s.admin + "/readyz")
	assert.Equal(s.t, http.StatusOK, status)
	require.NoError(s.t, json.Unmarshal([]byte(body), &ready))
	return ready
}
