package bot

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/internal/bodies"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
	"smileybot/config"
	"smileybot/fakeslack"
	"smileybot/store/storetest"
)

// fill takes all that a budget has for first chunks, until it is given back.
func fill(t *testing.T, b *bodies.Budget) (giveBack func()) {
	t.Helper()
	const connections = 1024
	var waiting, ended sync.WaitGroup
	waiting.Add(connections)
	ends := make(chan struct{})
	for range connections {
		ended.Go(func() {
			body := readerFunc(func([]byte) (int, error) {
				waiting.Done()
				<-ends
				return 0, io.ErrUnexpectedEOF
			})
			_, _, err := b.Read(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body), 1)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		})
	}
	waiting.Wait()
	return func() {
		close(ends)
		ended.Wait()
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestFullMemoryIs503: webhooks and requests of Slack share the memory. When it is taken, what would need
// some is 503, after 413; what cannot be proved needs none, and is 401 as always.
func TestFullMemoryIs503(t *testing.T) {
	t.Parallel()
	standIn := fakeslack.New(fakeslack.Options{})
	secret := standIn.Options().SigningSecret
	client := slackapi.New(slackapi.Options{Token: standIn.Options().BotToken, URL: standIn.APIURL(), Transport: standIn.Transport()})
	budget, registry, log := bodies.NewBudget(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler)
	intake, err := webhook.New(webhook.Options{
		Store: storetest.New(t), Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, Tokens: []string{"a-token-of-the-tests"},
		Bodies: budget, Registry: registry, Log: log, Stored: func() {},
	})
	require.NoError(t, err)
	outside, err := newFront(intake, newRefusals(config.Config{}, []string{"feedback"}, log, time.Now), registry)
	require.NoError(t, err)
	outside.serveSlack(client.NewEndpoint(slackapi.EndpointOptions{
		SigningSecret: secret, Receiver: &dispatcher{log: log}, Bodies: budget, Rejected: outside.rejectedSlack, Log: log,
	}))
	const rating = `{"id":"1","channel":"ticket","smiley":"green"}`
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer a-token-of-the-tests") }
	timely := func(r *http.Request) {
		r.Header.Set("webhook-id", "1")
		r.Header.Set("webhook-timestamp", strconv.FormatInt(time.Now().Unix(), 10))
		r.Header.Set("webhook-signature", "v1,AAAA")
	}
	rows := []struct {
		name, path, body string
		change           func(*http.Request)
		full, other      int
	}{
		{"a proved webhook", "/webhooks/feedback", rating, bearer, 503, 202},
		{"a webhook that may be proved", "/webhooks/feedback", rating, timely, 503, 401},
		{"a webhook that is too large", "/webhooks/feedback", strings.Repeat("x", 300_000), bearer, 413, 413},
		{"an unproved webhook", "/webhooks/feedback", rating, func(*http.Request) {}, 401, 401},
		{"Slack's", "/slack/commands", "ssl_check=1", func(r *http.Request) { fakeslack.Sign(r.Header, secret, time.Now(), []byte("ssl_check=1")) }, 503, 200},
		{"one that may be Slack's", "/slack/commands", "ssl_check=1", func(r *http.Request) { fakeslack.Sign(r.Header, "x", time.Now(), nil) }, 503, 401},
		{"one that is not", "/slack/commands", "ssl_check=1", func(*http.Request) {}, 401, 401},
	}
	giveBack := fill(t, budget)
	for _, full := range []bool{true, false} {
		for _, row := range rows {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, row.path, strings.NewReader(row.body))
			r.Header.Set("Content-Type", "application/json")
			if strings.HasPrefix(row.path, "/slack") {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			row.change(r)
			w := httptest.NewRecorder()
			outside.ServeHTTP(w, r)
			want := row.other
			if full {
				want = row.full
			}
			assert.Equal(t, want, w.Code, "%s %t", row.name, full)
			assert.Equal(t, want == 503, w.Header().Get("Retry-After") != "", row.name)
		}
		if full {
			giveBack()
		}
	}
}

// TestAHeadIsReadInAnyPieces: what is seen of a head does not depend on how its bytes arrive.
func TestAHeadIsReadInAnyPieces(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	for _, row := range []struct {
		text      string
		ambiguous bool
	}{
		{"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}\n\n", false},
		{"POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"POST / HTTP/1.1\r\nX-Content-Length: 1\r\nContent-Length-X: 1\r\nContent-Length: 2\r\nX: Transfer-Encoding: x\r\n\r\n", false},
		{"POST /content-length: HTTP/1.1\r\nContent-Length: 2\r\n\r\n", false},
		{"POST / HTTP/1.1\r\nContent-Length: 2\r\nCONTENT-LENGTH:2\r\n\r\n", true},
		{"POST / HTTP/1.1\r\nContent-Length: 2\r\ntransfer-encoding:chunked\r\n\r\n", true},
		{"POST / HTTP/1.1\r\nX: y\r\n\tz\r\n\r\n", true},
		{"POST / HTTP/1.1\r\nX: y\n\r\n", true},
		{"POST / HTTP/1.1\nX: y\r\n\r\n", true},
		{"POST / HTTP/1.1\r\nX: y\rz\r\n\r\n", true},
		{"POST / HTTP/1.1\r\nX: y\r\r\n\r\n", true},
		{"POST / HTTP/1.1\r\nX: y\r\n\n", true},
		{"POST / HTTP/1.1\r\nX: y\r\n", true},
	} {
		for size := 1; size <= len(row.text); size++ {
			var h head
			for at := 0; at < len(row.text); at += size {
				h.watch([]byte(row.text[at:min(at+size, len(row.text))]))
			}
			require.Equal(t, row.ambiguous, h.ambiguous(r), "%q in pieces of %d", row.text, size)
		}
	}
}
