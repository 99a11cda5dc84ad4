package slackapi_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient returns a client of the stand-in, and the calls that it counted.
func newClient(s *fakeslack.Server) (c *slackapi.Client, counted map[string]int) {
	counted = make(map[string]int)
	c = slackapi.New(slackapi.Options{
		Token: s.Options().BotToken, AppToken: s.Options().AppToken, URL: s.APIURL(), Transport: s.Transport(),
		Count: func(method, outcome string) { counted[method+" "+outcome]++ },
	})
	return c, counted
}

func TestPermalinkOfAPostedMessage(t *testing.T) {
	t.Parallel()
	w := slackapi.Workspace{Address: "https://example.slack.com/"}
	assert.Equal(t, "https://example.slack.com/archives/C1/p1700000000000100", w.Permalink("C1", "1700000000.000100"))
	assert.Empty(t, slackapi.Workspace{}.Permalink("C1", "1700000000.000100"))
	assert.Empty(t, w.Permalink("C1", ""))
}

func TestClassifyEachKindOfError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want slackapi.Result
	}{
		{"no error", nil, slackapi.Result{Class: slackapi.ClassOK, Reason: "ok"}},
		{"Retry-After 90", &slack.RateLimitedError{RetryAfter: 90 * time.Second}, slackapi.Result{Class: slackapi.ClassLimited, Reason: "ratelimited", Wait: 90 * time.Second}},
		{"Retry-After 0", &slack.RateLimitedError{}, slackapi.Result{Class: slackapi.ClassLimited, Reason: "ratelimited", Wait: time.Second}},
		{"429 without Retry-After", slack.StatusCodeError{Code: http.StatusTooManyRequests}, slackapi.Result{Class: slackapi.ClassLimited, Reason: "ratelimited", Wait: 30 * time.Second}},
		{"429 as a code", slack.SlackErrorResponse{Err: "message_limit_exceeded"}, slackapi.Result{Class: slackapi.ClassLimited, Reason: "message_limit_exceeded", Wait: 30 * time.Second}},
		{"503", slack.StatusCodeError{Code: http.StatusServiceUnavailable}, slackapi.Result{Class: slackapi.ClassDoubt, Reason: "http_503"}},
		{"no status", slack.StatusCodeError{Code: 999}, slackapi.Result{Class: slackapi.ClassDoubt, Reason: "no_answer"}},
		{
			"a proxy that reads along", &url.Error{Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}},
			slackapi.Result{Class: slackapi.ClassAway, Reason: "certificate"},
		},
		{"no connection", &net.OpError{Op: "dial", Err: errors.New("refused")}, slackapi.Result{Class: slackapi.ClassAway, Reason: "unreachable"}},
		{"a cut connection", &net.OpError{Op: "read", Err: errors.New("reset")}, slackapi.Result{Class: slackapi.ClassDoubt, Reason: "no_answer"}},
		{"a bad payload", slack.SlackErrorResponse{Err: "invalid_blocks"}, slackapi.Result{Class: slackapi.ClassPayload, Reason: "invalid_blocks"}},
		{"a message that is gone", slack.SlackErrorResponse{Err: "message_not_found"}, slackapi.Result{Class: slackapi.ClassGone, Reason: "message_not_found"}},
		{"an unknown code", slack.SlackErrorResponse{Err: "surprise"}, slackapi.Result{Class: slackapi.ClassOperator, Reason: "surprise"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, slackapi.Classify(test.err))
		})
	}
}

// TestWorkspaceIsAskedOnce asks Slack once for all callers, and again only after a failure.
func TestWorkspaceIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakeslack.New(fakeslack.Options{})
		c, counted := newClient(s)
		s.Fail(fakeslack.Fault{Method: "auth.test", Kind: fakeslack.ErrorCode("invalid_auth")})
		_, err := c.Workspace(t.Context())
		require.ErrorIs(t, err, slackapi.ErrUnavailable)
		require.NoError(t, c.CheckTeam(t.Context(), s.Options().TeamID))
		require.ErrorIs(t, c.CheckTeam(t.Context(), "T0OTHER"), slackapi.ErrForeign)
		w, err := c.Workspace(t.Context())
		require.NoError(t, err)
		assert.Equal(t, s.Options().TeamID, w.ID)
		assert.Equal(t, map[string]int{"auth.test refused": 1, "auth.test ok": 1}, counted)
	})
}

// TestCheckTeamIsBounded gives up after a second while Slack does not answer.
func TestCheckTeamIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakeslack.New(fakeslack.Options{})
		s.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.Hang()})
		c, _ := newClient(s)
		began := time.Now()
		require.ErrorIs(t, c.CheckTeam(t.Context(), s.Options().TeamID), slackapi.ErrUnavailable)
		assert.Equal(t, time.Second, time.Since(began))
		time.Sleep(slackapi.Timeout)
	})
}

// TestCallsAreBounded: Slack has eight seconds for a call, whatever the call.
func TestCallsAreBounded(t *testing.T) {
	for _, test := range []struct {
		name string
		call func(context.Context, *slackapi.Client) error
		want time.Duration
	}{
		{"token", func(ctx context.Context, c *slackapi.Client) error { _, err := c.Identity(ctx); return err }, slackapi.Timeout},
		{"channel", func(ctx context.Context, c *slackapi.Client) error { _, err := c.Channel(ctx, "C1"); return err }, slackapi.Timeout},
		{"app token", func(ctx context.Context, c *slackapi.Client) error { return c.TestAppToken(ctx) }, slackapi.Timeout},
		{"modal", func(ctx context.Context, c *slackapi.Client) error {
			return c.OpenModal(ctx, "1", slack.ModalViewRequest{Type: slack.VTModal}, false)
		}, 2 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeslack.New(fakeslack.Options{})
				s.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.Hang()})
				c, _ := newClient(s)
				began := time.Now()
				require.ErrorIs(t, test.call(t.Context(), c), context.DeadlineExceeded)
				assert.Equal(t, test.want, time.Since(began))
			})
		})
	}
}

// TestSelfCheckCalls: what the self-check asks of a workspace where all is well.
func TestSelfCheckCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakeslack.New(fakeslack.Options{})
		s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{s.Options().BotUserID}})
		var headers http.Header
		c := slackapi.New(slackapi.Options{
			Token: s.Options().BotToken, AppToken: s.Options().AppToken, URL: s.APIURL(), Transport: s.Transport(),
			OnHeaders: func(h http.Header) { headers = h },
		})
		who, err := c.Identity(t.Context())
		require.NoError(t, err)
		assert.Equal(t, s.Options().TeamID, who.TeamID)
		assert.NotEmpty(t, headers.Get("X-Oauth-Scopes"))
		channel, err := c.Channel(t.Context(), "C1")
		require.NoError(t, err)
		assert.Equal(t, "support", channel.Name)
		require.NoError(t, c.TestAppToken(t.Context()))
		_, err = c.PostTest(t.Context(), "C1", slack.MsgOptionText("test", false))
		require.NoError(t, err)
		assert.Len(t, s.Messages("C1"), 1)
	})
}
