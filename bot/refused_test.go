package bot_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// counts are the values of a metric by their labels.
func (s *fixture) counts(metric string) map[string]int {
	s.t.Helper()
	_, page := s.get(s.admin + "/metrics")
	counts := make(map[string]int)
	for _, found := range regexp.MustCompile(`(?m)^`+metric+`\{(.*)\} (\d+)$`).FindAllStringSubmatch(page, -1) {
		n, err := strconv.Atoi(found[2])
		require.NoError(s.t, err)
		counts[found[1]] = n
	}
	return counts
}

// TestEveryRefusalIsCountedAndNoneLogged: whatever is refused before its proof, under both folders, is in
// the metrics, and a flood of it writes nothing into the log.
func TestEveryRefusalIsCountedAndNoneLogged(t *testing.T) {
	s := newFixture(t)
	secret := s.slack.Options().SigningSecret
	const (
		webhooks = "smileybot_webhook_rejected_total"
		slack    = "smileybot_slack_rejected_total"
	)
	own := func(reason string) string { return fmt.Sprintf(`reason=%q,sender="feedback"`, reason) }
	nobody := func(reason string) string { return fmt.Sprintf(`reason=%q,sender=""`, reason) }
	path := func(path, reason string) string { return fmt.Sprintf(`path=%q,reason=%q`, path, reason) }
	const (
		jsonType, formType = "application/json", "application/x-www-form-urlencoded"
		commands           = "/slack/commands"
	)
	large := strings.Repeat("x", 1<<20+1)
	stale := func(r *http.Request) {
		fakeslack.Sign(r.Header, secret, time.Now().Add(-6*time.Minute), nil)
	}
	wrong := func(r *http.Request) { fakeslack.Sign(r.Header, "wrong", time.Now(), nil) }
	for _, row := range []struct {
		name, method, path, mediaType, body string
		change                              func(*http.Request)
		status                              int
		metric, labels                      string
	}{
		{"a webhook by GET", "GET", "/webhooks/feedback", "", "", nil, 405, webhooks, own("method")},
		{"a webhook by PUT", "PUT", "/webhooks/feedback", jsonType, "{}", nil, 405, webhooks, own("method")},
		{"a webhook as text", "POST", "/webhooks/feedback", "text/plain", "{}", nil, 415, webhooks, own("media_type")},
		{"a large webhook", "POST", "/webhooks/feedback", jsonType, large, nil, 413, webhooks, own("too_large")},
		{"an unproved webhook", "POST", "/webhooks/feedback", jsonType, "{}", nil, 401, webhooks, own("proof")},
		{"a wrong token", "POST", "/webhooks/feedback", jsonType, "{}", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401, webhooks, own("proof")},
		{"a slash too many", "POST", "/webhooks/feedback/", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"two slashes", "POST", "//webhooks/feedback", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"two slashes inside", "POST", "/webhooks//feedback", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"dots", "POST", "/webhooks/./feedback", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"an unknown sender", "POST", "/webhooks/none", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"a sender without its setting", "POST", "/webhooks/zendesk", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"a secret of a sender without its setting", "POST", "/webhooks/trustpilot/secret", jsonType, "{}", nil, 404, webhooks, nobody("address")},
		{"no sender", "GET", "/webhooks", "", "", nil, 404, webhooks, nobody("address")},
		{"no sender, only the folder", "GET", "/webhooks/", "", "", nil, 404, webhooks, nobody("address")},
		{"a command by GET", "GET", commands, "", "", nil, 405, slack, path(commands, "method")},
		{"an event by PUT", "PUT", "/slack/events", jsonType, "{}", nil, 405, slack, path("/slack/events", "method")},
		{"a large command", "POST", commands, formType, large, nil, 413, slack, path(commands, "too_large")},
		{"an unsigned command", "POST", commands, formType, "a=b", nil, 401, slack, path(commands, "proof")},
		{"a command signed long ago", "POST", commands, formType, "", stale, 401, slack, path(commands, "proof")},
		{"a click with a wrong signature", "POST", "/slack/interactions", formType, "", wrong, 401, slack, path("/slack/interactions", "proof")},
		{"an address like Slack's", "POST", "/slack/command", formType, "a=b", nil, 404, slack, path("other", "address")},
		{"a slash too many for slack", "POST", "/slack/events/", jsonType, "{}", nil, 404, slack, path("/slack/events", "address")},
	} {
		t.Run(row.name, func(t *testing.T) {
			s.t = t
			before, log := s.counts(row.metric)[row.labels], s.log.String()
			for range 3 {
				r, err := http.NewRequestWithContext(t.Context(), row.method, s.url+row.path, strings.NewReader(row.body))
				require.NoError(t, err)
				if row.mediaType != "" {
					r.Header.Set("Content-Type", row.mediaType)
				}
				if row.change != nil {
					row.change(r)
				}
				status, _ := s.do(r)
				assert.Equal(t, row.status, status)
			}
			assert.Equal(t, before+3, s.counts(row.metric)[row.labels])
			assert.Equal(t, log, s.log.String())
		})
	}
	s.t = t
	for _, row := range []struct{ name, text, metric, labels string }{
		{"an ambiguous webhook", "POST /webhooks/feedback HTTP/1.1\r\nHost: bot\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", webhooks, nobody("ambiguous")},
		{"an ambiguous command", "POST /slack/commands HTTP/1.1\r\nHost: bot\r\nX: y\n\r\n", slack, path(commands, "ambiguous")},
		{"many headers", "POST /webhooks/x HTTP/1.1\r\nHost: bot\r\n" + names(120) + "\r\n", webhooks, nobody("headers")},
		{"what is no HTTP", "POST /webhooks/feedback HTTP/1.1\r\nno header\r\n\r\n", webhooks, nobody("http")},
		{"a large head", "POST /slack/events HTTP/1.1\r\nHost: bot\r\nX: " + strings.Repeat("y", 40_000) + "\r\n\r\n", slack, path("/slack/events", "http")},
		{"a head of many lines", "POST /webhooks/feedback HTTP/1.1\r\n" + names(3000) + "\r\n", webhooks, nobody("http")},
		{"an unknown coding", "POST /webhooks/feedback HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: x\r\n\r\n", webhooks, nobody("http")},
	} {
		before, log := s.counts(row.metric)[row.labels], s.log.String()
		s.raw(row.text)
		assert.Equal(t, before+1, s.counts(row.metric)[row.labels], row.name)
		assert.Equal(t, log, s.log.String(), row.name)
	}
	assert.Empty(t, s.counts("smileybot_feedback_total"))
}

// TestChunkedRequestsCloseTheirConnection: another server in front may see the end of such a request
// elsewhere, so nothing that follows it is read.
func TestChunkedRequestsCloseTheirConnection(t *testing.T) {
	s := newFixture(t)
	for _, row := range []struct {
		name   string
		body   io.Reader
		closes bool
	}{
		{"a length", strings.NewReader("{}"), false},
		{"chunks", io.MultiReader(bytes.NewReader([]byte("{")), strings.NewReader("}")), true},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/webhooks/feedback", row.body)
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		answer, err := s.client.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusUnauthorized, answer.StatusCode, row.name)
		assert.Equal(t, row.closes, answer.Close, row.name)
	}
}
