package selfcheck_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/bot/selfcheck"
	"smileybot/config"
)

// TestPublicURL reaches a running bot.
func TestPublicURL(t *testing.T) {
	_, o := workspace(t)
	settings := config.Config{
		SlackBotToken: config.NewSecret(o.BotToken), SlackSigningSecret: config.NewSecret(signingSecret), SlackChannel: o.Channel,
		SlackAPIURL: o.SlackAPIURL, WebhookSecrets: []config.Secret{config.NewSecret("whsec_" + strings.Repeat("QUJD", 8))},
		LeadChannel: o.LeadChannel, Location: o.Store.Location, Language: "en", OfficeHours: o.Store.Policy.Hours,
		FollowUpDue: o.Store.Policy.Due, FollowUpDueUrgent: o.Store.Policy.DueUrgent,
		AdminListen: "127.0.0.1:0", Database: config.NewSecret(filepath.Join(t.TempDir(), "smileybot.db")),
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	b, err := bot.New(ctx, bot.Options{Config: settings, Listener: listener, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	defer func() { stop(); require.NoError(t, <-ended) }()

	o.PublicURL = "http://" + listener.Addr().String()
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	assert.Contains(t, results, selfcheck.Result{Text: "webhooks at " + o.PublicURL + "/webhooks/feedback"})
	assert.Contains(t, results, selfcheck.Result{Text: "Slack's requests at " + o.PublicURL + "/slack/commands"})

	o.SigningSecret = ""
	results, _ = run(t, o)
	for _, r := range results {
		assert.NotContains(t, r.Text, "/slack/", "with Socket Mode alone, Slack sends no requests")
	}
}

func TestProxyInBetween(t *testing.T) {
	for _, tc := range []struct {
		name         string
		response     http.HandlerFunc
		text, remedy string
	}{
		{"without the path", http.NotFound, "404, not found", "let the proxy pass /webhooks/ and /slack/"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusMovedPermanently)
		}, "it is redirected", "senders do not follow"},
		{"no bot", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "the proxy answers 502: it does not reach the bot", "run 'smileybot serve'"},
		{"a login", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "something before the bot asks for a login (403)", "let the proxy pass"},
		{"a page", func(http.ResponseWriter, *http.Request) {}, "what answers there (200) is not smileybot", "see where the proxy passes this path to"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(tc.response)
			defer server.Close()
			_, o := workspace(t)
			o.PublicURL = server.URL
			results, failed := run(t, o)
			assert.Equal(t, 2, failed)
			r := find(t, results, "webhooks at "+server.URL+"/webhooks/feedback: ")
			assert.True(t, strings.HasSuffix(r.Text, ": "+tc.text), r.Text)
			assert.True(t, strings.HasPrefix(r.Remedy, tc.remedy), r.Remedy)
		})
	}
}

func TestNothingAnswers(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, tc := range []struct{ url, text, remedy string }{
		{untrusted.URL, "the certificate is not trusted", "give the proxy a certificate for 127.0.0.1"},
		{strings.Replace(plain.URL, "http:", "https:", 1), "it speaks no TLS", "put a proxy with TLS before the bot"},
		{closed.URL, "the connection is refused", "start the proxy, or the bot"},
	} {
		_, o := workspace(t)
		o.PublicURL = tc.url
		results, failed := run(t, o)
		assert.Equal(t, 2, failed)
		r := find(t, results, "webhooks at ")
		assert.True(t, strings.HasSuffix(r.Text, ": "+tc.text), r.Text)
		assert.True(t, strings.HasPrefix(r.Remedy, tc.remedy), r.Remedy)
	}
}
