package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testSecret = "whsec_" + canary + "AAAAAAAAAAAAAAAAAA"

// posted is what a server was sent.
type posted struct {
	header http.Header
	body   []byte
}

// receiver is a server that answers with a status and keeps what it was sent.
func receiver(t *testing.T, status int, answer string) (url string, got *posted) {
	t.Helper()
	got = new(posted)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.header = r.Header
		got.body, _ = io.ReadAll(r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/webhooks/feedback", got
}

func TestSendSigns(t *testing.T) {
	url, got := receiver(t, http.StatusAccepted, `{"result":"created"}`)
	done := call(t, "send", "--url", url, "--secret", testSecret, "--delivery", "msg_1", "--id", "reply-1",
		"--smiley", "red", "--customer-name", "Jan de Vries", "--urgent", "--ticket-url", "https://tickets.example.org/1",
		"--occurred-at", "2026-11-20T10:31:00Z")

	assert.Equal(t, called{status: 0, stdout: "202 Accepted\n{\"result\":\"created\"}\n"}, done)
	key, err := standardwebhooks.NewWebhook(testSecret)
	require.NoError(t, err)
	require.NoError(t, key.Verify(got.body, got.header))
	assert.Equal(t, "msg_1", got.header.Get("webhook-id"))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))
	assert.JSONEq(t, `{
		"id": "reply-1", "kind": "smiley", "channel": "ticket", "smiley": "red",
		"customer": {"name": "Jan de Vries"},
		"ticket": {"url": "https://tickets.example.org/1", "urgent": true},
		"occurred_at": "2026-11-20T10:31:00Z"
	}`, string(got.body))
}

func TestSendMentionsOnlyWhatIsGiven(t *testing.T) {
	url, got := receiver(t, http.StatusOK, "")
	done := call(t, "send", "--url", url, "--token", canary, "--id", "reply-1", "--comment", "", "--no-urgent")
	assert.Zero(t, done.status)
	assert.Equal(t, "Bearer "+canary, got.header.Get("Authorization"))
	assert.NotEmpty(t, got.header.Get("webhook-id"))
	assert.Empty(t, got.header.Get("webhook-signature"))
	assert.JSONEq(t, `{"id": "reply-1", "kind": "smiley", "channel": "ticket", "comment": "", "ticket": {"urgent": false}}`, string(got.body))
}

func TestSendInventsIDs(t *testing.T) {
	url, got := receiver(t, http.StatusOK, "")
	ids := map[string]bool{}
	for range 2 {
		require.Zero(t, call(t, "send", "--url", url, "--secret", testSecret, "--kind", "nps", "--channel", "panel", "--score", "9").status)
		var payload struct {
			ID    string
			Score int
		}
		require.NoError(t, json.Unmarshal(got.body, &payload))
		assert.Equal(t, 9, payload.Score)
		ids[payload.ID] = true
		ids[got.header.Get("webhook-id")] = true
	}
	assert.Len(t, ids, 4)
}

func TestSendFails(t *testing.T) {
	for _, test := range []struct {
		status int
		remedy string
	}{
		{http.StatusFound, "check the address"},
		{http.StatusUnauthorized, "check the secret"},
		{http.StatusNotFound, "check the address"},
		{http.StatusUnprocessableEntity, "change what the answer names"},
		{http.StatusServiceUnavailable, "send it again later"},
	} {
		url, _ := receiver(t, test.status, `{"title": "No"}`)
		done := call(t, "send", "--url", url, "--secret", testSecret, "--smiley", "red")
		assert.Equal(t, 1, done.status)
		assert.Contains(t, done.stdout, `{"title": "No"}`)
		assert.Contains(t, done.stderr, test.remedy)
	}
}

func TestSendWithoutServer(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	done := call(t, "send", "--url", s.URL+"/"+canary, "--secret", testSecret)
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "is 'smileybot serve' running there?")
}

func TestSendReadsTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte("0123456789abcdef\r\n"), 0o600))
	url, got := receiver(t, http.StatusOK, "")
	require.Zero(t, call(t, "send", "--url", url, "--token-file", path).status)
	assert.Equal(t, "Bearer 0123456789abcdef", got.header.Get("Authorization"))
	assert.Equal(t, exitUsage, call(t, "send", "--url", url, "--token-file", path, "--secret", testSecret).status)
}

func TestSendReadsSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(testSecret+"\n"), 0o600))
	url, got := receiver(t, http.StatusOK, "")
	require.Zero(t, call(t, "send", "--url", url, "--secret-file", path).status)
	key, err := standardwebhooks.NewWebhook(testSecret)
	require.NoError(t, err)
	assert.NoError(t, key.Verify(got.body, got.header))
}
