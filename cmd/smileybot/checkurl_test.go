package main

import (
	"bytes"
	"context"
	"errors"
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
	"smileybot/config"
)

// reached is what check says of an address.
func reached(t *testing.T, settings config.Config, base string) (said string, failed bool) {
	t.Helper()
	var out bytes.Buffer
	r := &checklist{out: &out}
	r.reach(t.Context(), settings, base)
	return out.String(), r.failed
}

func TestCheckReachesARunningBot(t *testing.T) {
	_, environment := workspace(t)
	setenv(t, environment)
	settings, err := bot.LoadConfig(config.All)
	require.NoError(t, err)
	settings.Database = filepath.Join(t.TempDir(), "smileybot.db")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	b, err := bot.New(ctx, bot.Options{Config: settings, Listener: listener, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	defer func() { stop(); require.NoError(t, <-ended) }()

	base := "http://" + listener.Addr().String()
	said, failed := reached(t, settings, base)
	assert.False(t, failed, said)
	assert.Equal(t, "ok    webhooks at "+base+"/webhooks/feedback\nok    Slack's requests at "+base+"/slack/commands\n", said)

	settings.SlackSigningSecret = config.Secret{}
	said, _ = reached(t, settings, base)
	assert.NotContains(t, said, "/slack/", "with Socket Mode alone, Slack needs no way in")
}

func TestCheckTellsWhatStandsBetween(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"a proxy without the path": {http.NotFound, "404, not found; let the proxy pass /webhooks/ and /slack/"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusMovedPermanently)
		}, "it is redirected; senders do not follow"},
		"no bot":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "the proxy answers 502: it does not reach the bot; run 'smileybot serve'"},
		"a login": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "something before the bot asks for a login (403)"},
		"a page":  {func(http.ResponseWriter, *http.Request) {}, "what answers there (200) is not smileybot"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			said, failed := reached(t, config.Config{}, server.URL)
			assert.True(t, failed)
			assert.Contains(t, said, "FAIL  webhooks at "+server.URL+"/webhooks/feedback: "+c.says)
		})
	}
}

func TestCheckTellsWhyNothingAnswers(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for base, says := range map[string]string{
		untrusted.URL: "the certificate is not trusted; give the proxy a certificate for 127.0.0.1",
		strings.Replace(plain.URL, "http:", "https:", 1): "it speaks no TLS",
		closed.URL: "the connection is refused; start the proxy, or the bot",
	} {
		said, failed := reached(t, config.Config{}, base)
		assert.True(t, failed)
		assert.Contains(t, said, says)
	}
	reason, _ := unreached(&net.DNSError{IsNotFound: true}, "bot.example.org")
	assert.Equal(t, "there is no such name: bot.example.org", reason)
	reason, cure := unreached(&net.DNSError{IsTemporary: true}, "bot.example.org")
	assert.Equal(t, "the name bot.example.org could not be looked up just now", reason)
	assert.Contains(t, cure, "a passing trouble")
	_, cure = unreached(errors.New("broken pipe"), "bot.example.org")
	assert.Contains(t, cure, "perhaps a passing trouble")
}

func TestCheckRefusesAWrongURL(t *testing.T) {
	for _, wrong := range []string{"bot.example.org", "ftp://bot.example.org", "https://", "https://a:b@bot.example.org", "https://bot.example.org/?x"} {
		done := call(t, "check", "--url", wrong)
		assert.Equal(t, 2, done.status, wrong)
		assert.Contains(t, done.stderr, "for example 'smileybot check --url https://bot.example.org'")
	}
}

func TestCheckLooksAtTheSigningSecret(t *testing.T) {
	for secret, want := range map[string]string{
		signingSecret:             "ok    SLACK_SIGNING_SECRET\n",
		"":                        "",
		"another-shape-" + canary: "ok    SLACK_SIGNING_SECRET: set; but Slack's are 32 characters of 0-9 and a-f, so look at it again when clicks and commands get no answer\n",
		"xoxb-" + canary:          "FAIL  SLACK_SIGNING_SECRET: that is another secret, by how it begins; set it to the Signing Secret under Basic Information of the app\n",
		"whsec_" + canary:         "FAIL  SLACK_SIGNING_SECRET: that is another secret, by how it begins; set it to the Signing Secret under Basic Information of the app\n",
	} {
		var out bytes.Buffer
		(&checklist{out: &out}).signingSecret(secret)
		assert.Equal(t, want, out.String())
	}
}
