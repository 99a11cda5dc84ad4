package webhook

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders/feedback"
	"smileybot/store/storetest"
)

const (
	// secretA is the secret of the official test vector of Standard Webhooks.
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_c2Vjb25kLXNlY3JldC1vZi10aGUtdGVzdHM="
	tokenA  = "a-token-of-the-tests"
	tokenB  = "another-token-of-the-tests"

	red = `{"id":"reply-1","channel":"ticket","smiley":"red"}`
)

// noon is when requests arrive, a working day in Amsterdam.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// A door is an intake on a store of its own, with what can be seen of it.
type door struct {
	*Intake

	path     string
	registry *prometheus.Registry
	logs     bytes.Buffer
	woken    int
}

func newDoor(tb testing.TB) *door {
	tb.Helper()
	d := &door{path: filepath.Join(tb.TempDir(), "smileybot.db"), registry: prometheus.NewRegistry()}
	in, err := New(Options{
		Store:    storetest.Open(tb, d.path),
		Secrets:  []string{secretA, secretB},
		Tokens:   []string{tokenA, tokenB},
		Registry: d.registry,
		Log:      slog.New(slog.NewTextHandler(&d.logs, nil)),
		Stored:   func() { d.woken++ },
	})
	require.NoError(tb, err)
	in.now = noon
	d.Intake = in
	return d
}

// serve lets a request through the door.
func (d *door) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.Feedback().ServeHTTP(w, r)
	return w
}

// post posts a body as one signed delivery of its own.
func (d *door) post(tb testing.TB, deliveryID, body string) *httptest.ResponseRecorder {
	tb.Helper()
	return d.serve(signed(tb, secretA, deliveryID, noon(), body))
}

// request posts JSON without any proof.
func request(tb testing.TB, body string) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/webhooks/feedback", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// signed posts JSON signed at a time.
func signed(tb testing.TB, secret, deliveryID string, at time.Time, body string) *http.Request {
	tb.Helper()
	r := request(tb, body)
	r.Header.Set("webhook-id", deliveryID)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature(tb, secret, deliveryID, at, body))
	return r
}

func signature(tb testing.TB, secret, deliveryID string, at time.Time, body string) string {
	tb.Helper()
	webhook, err := standardwebhooks.NewWebhook(secret)
	require.NoError(tb, err)
	s, err := webhook.Sign(deliveryID, at, []byte(body))
	require.NoError(tb, err)
	return s
}

// borne posts JSON with a bearer token.
func borne(tb testing.TB, token, body string) *http.Request {
	tb.Helper()
	r := request(tb, body)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// A reply is any answer's body.
type reply struct {
	ID       string           `json:"id"`
	Result   string           `json:"result"`
	Ignored  []string         `json:"ignored_fields"`
	Warnings []sender.Problem `json:"warnings"`
	Type     string           `json:"type"`
	Title    string           `json:"title"`
	Status   int              `json:"status"`
	Detail   string           `json:"detail"`
	Errors   []sender.Problem `json:"errors"`
}

// wrong names the fields that are wrong.
func (r reply) wrong() []string { return names(r.Errors) }

func names(problems []sender.Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Field)
	}
	return list
}

func replyOf(tb testing.TB, w *httptest.ResponseRecorder) reply {
	tb.Helper()
	var r reply
	require.NoError(tb, json.Unmarshal(w.Body.Bytes(), &r), w.Body.String())
	return r
}

// decode reads a body of the own format that arrives at noon.
func decode(body []byte) (sender.Payload, error) {
	return sender.Enabled{Sender: feedback.Sender()}.Decode(sender.Delivery{Sender: "feedback", Body: body, ReceivedAt: noon()})
}
