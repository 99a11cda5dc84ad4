package slackapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
)

// TestSignedBySlacksTime: whatever the machine's clock shows, what Slack signed now is accepted, and
// what it signed over five minutes ago is not.
func TestSignedBySlacksTime(t *testing.T) {
	t.Parallel()
	for _, clock := range steps() {
		for _, test := range []struct {
			name     string
			signed   time.Duration // from now
			secret   string
			accepted int
		}{
			{"now", 0, "", http.StatusOK},
			{"four minutes ago", -4 * time.Minute, "", http.StatusOK},
			{"six minutes ago", -6 * time.Minute, "", http.StatusUnauthorized},
			{"six minutes ahead", 6 * time.Minute, "", http.StatusUnauthorized},
			{"at what the machine's clock shows", clock.by, "", map[bool]int{false: http.StatusOK, true: http.StatusUnauthorized}[clock.wrong]},
			{"by another", 0, "another-secret", http.StatusUnauthorized},
		} {
			t.Run(clock.name+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := newClockTest(t, clock.by)
					_, _ = c.client.Identity(t.Context())
					secret := c.slack.Options().SigningSecret
					endpoint := c.client.NewEndpoint(slackapi.EndpointOptions{SigningSecret: secret, Receiver: receiver{}, Rejected: func(string, string) {}, Log: slog.New(slog.DiscardHandler)})
					body := `{"type":"url_verification","challenge":"3eZbrw1a"}`
					r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/events", strings.NewReader(body))
					if test.secret != "" {
						secret = test.secret
					}
					fakeslack.Sign(r.Header, secret, time.Now().Add(test.signed), []byte(body))
					w := httptest.NewRecorder()
					endpoint.Events().ServeHTTP(w, r)
					assert.Equal(t, test.accepted, w.Code)
				})
			})
		}
	}
}

// TestUnsigned refuses what has no signature, half of one, or one that is not Slack's kind.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	c := newClockTest(t, 0)
	for _, test := range []struct {
		name, secret     string
		stamp, signature string
	}{
		{"nothing", "secret", "", ""},
		{"no signature", "secret", "1795170000", ""},
		{"no version", "secret", "1795170000", strings.Repeat("00", 32)},
		{"not hexadecimal", "secret", "1795170000", "v0=" + strings.Repeat("zz", 32)},
		{"too short", "secret", "1795170000", "v0=00"},
		{"no time", "secret", "", "v0=" + strings.Repeat("00", 32)},
		{"a time that is no number", "secret", "now", "v0=" + strings.Repeat("00", 32)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			endpoint := c.client.NewEndpoint(slackapi.EndpointOptions{SigningSecret: test.secret, Receiver: receiver{}, Rejected: func(string, string) {}, Log: slog.New(slog.DiscardHandler)})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/events", strings.NewReader("{}"))
			r.Header.Set("X-Slack-Request-Timestamp", test.stamp)
			r.Header.Set("X-Slack-Signature", test.signature)
			w := httptest.NewRecorder()
			endpoint.Events().ServeHTTP(w, r)
			assert.Equal(t, http.StatusUnauthorized, w.Code)
		})
	}
	t.Run("an empty secret proves nothing", func(t *testing.T) {
		t.Parallel()
		endpoint := c.client.NewEndpoint(slackapi.EndpointOptions{Receiver: receiver{}, Rejected: func(string, string) {}, Log: slog.New(slog.DiscardHandler)})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/events", strings.NewReader("{}"))
		fakeslack.Sign(r.Header, "", time.Now(), []byte("{}"))
		w := httptest.NewRecorder()
		endpoint.Events().ServeHTTP(w, r)
		assert.Equal(t, http.StatusUnauthorized, w.Code)
	})
}

// A receiver takes nothing.
type receiver struct{}

// Start refuses.
func (receiver) Start(context.Context, func(context.Context)) bool { return false }

// Handle does nothing.
func (receiver) Handle(context.Context, slackapi.Request) {}

// TestReplayedCommandIsTakenOnce: the same signed request is acknowledged again and carried out once; one
// that could not be taken may come again.
func TestReplayedCommandIsTakenOnce(t *testing.T) {
	t.Parallel()
	c := newClockTest(t, 0)
	who, err := c.client.Identity(t.Context())
	assert.NoError(t, err)
	taking, at := &counting{}, c.client.Clock().Now()
	secret := c.slack.Options().SigningSecret
	endpoint := c.client.NewEndpoint(slackapi.EndpointOptions{SigningSecret: secret, Receiver: taking, Rejected: func(string, string) {}, Log: slog.New(slog.DiscardHandler)})
	for _, test := range []struct {
		trigger string
		closed  bool
		status  int
		taken   int
	}{
		{"1", true, http.StatusServiceUnavailable, 0},
		{"1", false, http.StatusOK, 1},
		{"1", false, http.StatusOK, 1},
		{"2", false, http.StatusOK, 2},
		{"1", false, http.StatusOK, 2},
	} {
		taking.closed = test.closed
		body := "command=%2Fnps&text=month+share&team_id=" + who.TeamID + "&trigger_id=" + test.trigger
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/commands", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		fakeslack.Sign(r.Header, secret, at, []byte(body))
		w := httptest.NewRecorder()
		endpoint.Commands().ServeHTTP(w, r)
		assert.Equal(t, test.status, w.Code)
		assert.Equal(t, test.taken, taking.taken)
	}
}

// A counting receiver counts what it takes.
type counting struct {
	closed bool
	taken  int
}

func (c *counting) Start(context.Context, func(context.Context)) bool {
	if !c.closed {
		c.taken++
	}
	return !c.closed
}

func (*counting) Handle(context.Context, slackapi.Request) {}

// TestAReplayOfAnotherWorkspacesForm gives the note back once.
func TestAReplayOfAnotherWorkspacesForm(t *testing.T) {
	t.Parallel()
	c := newClockTest(t, 0)
	_, err := c.client.Identity(t.Context())
	assert.NoError(t, err)
	taking, at, secret := &counting{}, c.client.Clock().Now(), c.slack.Options().SigningSecret
	endpoint := c.client.NewEndpoint(slackapi.EndpointOptions{SigningSecret: secret, Receiver: taking, Rejected: func(string, string) {}, Log: slog.New(slog.DiscardHandler)})
	body := "payload=" + url.QueryEscape(`{"type": "view_submission", "team": {"id": "T0OTHER"}, "view": {"app_installed_team_id": "T0OTHER"}}`)
	for range 3 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/interactions", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		fakeslack.Sign(r.Header, secret, at, []byte(body))
		w := httptest.NewRecorder()
		endpoint.Interactions().ServeHTTP(w, r)
		assert.Equal(t, http.StatusForbidden, w.Code)
		assert.Equal(t, 1, taking.taken)
	}
}
