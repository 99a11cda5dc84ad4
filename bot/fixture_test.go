package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/fakeslack"
	"smileybot/feedback/office"
	"smileybot/store/storetest"
)

const (
	support       = "C0SUPPORT"
	webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // the specification's own test vector
	patience      = 20 * time.Second                         // far more than anything needs
)

// A fixture is a bot with the stand-in as its Slack.
type fixture struct {
	t      *testing.T
	way    way
	listen func(*testing.T) (l net.Listener, url string)
	client *http.Client  // reaches the bot
	waits  time.Duration // until something is believed never to come
	slack  *fakeslack.Server
	config config.Config
	log    *lockedBuffer
	url    string
	admin  string
	stop   func()
	// sites answers for review sites; the default transport when nil.
	sites http.RoundTripper
	// machine is the clock of the bot's machine; that of the test when nil.
	machine func() time.Time
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newFixture runs a bot on real sockets, to which Slack speaks HTTP.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureWith(t, overHTTP)
}

// newFixtureWith runs a bot on real sockets.
func newFixtureWith(t *testing.T, w way) *fixture {
	t.Helper()
	s := &fixture{t: t, way: w, listen: onSocket, client: &http.Client{Timeout: patience}, waits: patience}
	s.open()
	return s
}

// newFixtureInBubble runs a bot in Socket Mode in a testing/synctest bubble, where
// no real socket may be.
func newFixtureInBubble(t *testing.T) *fixture {
	t.Helper()
	var lines pipes
	s := &fixture{t: t, way: overSocket, listen: lines.listen, client: &http.Client{Transport: &http.Transport{DialContext: lines.dial}}, waits: time.Hour}
	s.open()
	return s
}

func (s *fixture) open() {
	s.t.Helper()
	s.slack = fakeslack.New(fakeslack.Options{PostInterval: time.Second})
	s.log = &lockedBuffer{}
	s.configure(filepath.Join(storetest.Folder(s.t), "smileybot.db"))
	s.start()
	s.t.Cleanup(func() {
		s.stop()
		s.client.CloseIdleConnections()
	})
}

// configure fills the workspace and the settings.
func (s *fixture) configure(path string) {
	s.t.Helper()
	options := s.slack.Options()
	s.slack.AddUser(fakeslack.User{ID: "U0BART", Name: "bart"})
	s.slack.AddUser(fakeslack.User{ID: "U0ANNA", Name: "anna"})
	s.slack.AddUser(fakeslack.User{ID: "U0GUEST", Name: "gus", Restricted: true})
	s.slack.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: []string{options.BotUserID, "U0BART", "U0ANNA", "U0GUEST"}})
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(s.t, err)
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", amsterdam, office.Holidays{})
	require.NoError(s.t, err)
	s.config = config.Config{
		SlackBotToken:     config.NewSecret(options.BotToken),
		SlackChannel:      support,
		LeadChannel:       support,
		SlackAPIURL:       s.slack.APIURL(),
		Database:          config.NewSecret(path),
		WebhookSecrets:    []config.Secret{config.NewSecret(webhookSecret)},
		Location:          amsterdam,
		OfficeHours:       hours,
		FollowUpDue:       4 * time.Hour,
		FollowUpDueUrgent: time.Hour,
	}
	s.way.set(&s.config, options)
}

func (s *fixture) start() {
	s.t.Helper()
	public, url := s.listen(s.t)
	admin, adminURL := s.listen(s.t)
	s.url, s.admin = url, adminURL
	b, err := bot.New(s.t.Context(), bot.Options{
		Config: s.config, Listener: public, AdminListener: admin, SlackTransport: s.slack.Transport(), SlackDial: s.slack.Dial, PullTransport: s.sites, Machine: s.machine,
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), Version: "test",
	})
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	s.stop = func() {
		s.stop = func() {}
		cancel()
		assert.NoError(s.t, <-done)
	}
}

// do makes a request and returns its status and body.
func (s *fixture) do(r *http.Request) (int, string) {
	s.t.Helper()
	answer, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	return answer.StatusCode, string(body)
}

func (s *fixture) get(url string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url, nil)
	require.NoError(s.t, err)
	return s.do(r)
}

// fire posts a signed webhook as a sender does.
func (s *fixture) fire(delivery string, event map[string]any) (int, map[string]any) {
	s.t.Helper()
	body, err := json.Marshal(event)
	require.NoError(s.t, err)
	hook, err := standardwebhooks.NewWebhook(webhookSecret)
	require.NoError(s.t, err)
	now := time.Now()
	signature, err := hook.Sign(delivery, now, body)
	require.NoError(s.t, err)
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/webhooks/feedback", bytes.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", delivery)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	status, text := s.do(r)
	var answer map[string]any
	require.NoError(s.t, json.Unmarshal([]byte(text), &answer), text)
	return status, answer
}

// until waits for what people in Slack would see.
func (s *fixture) until(what string, condition func(*fakeslack.Server) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), s.waits)
	defer cancel()
	require.NoError(s.t, s.slack.Wait(ctx, condition), what)
}

// message is the only message in the channel, thread replies apart.
func (s *fixture) message() fakeslack.Message {
	s.t.Helper()
	messages := s.slack.Messages(support)
	require.NotEmpty(s.t, messages)
	return messages[0]
}
