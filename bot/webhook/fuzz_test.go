package webhook

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// seeds are bodies: right, wrong and strange.
func seeds() []string {
	return []string{
		red, "\ufeff" + red, `{}`, ``, `[]`, `null`, "\xff", `{"a":"\u0000"}`, `{"a":"\\u0000"}`,
		`{"id":"x","channel":"panel","kind":"nps","score":1e1,"smiley":"red"}`,
		`{"id":"x","channel":"panel","kind":"ces","score":1e999}`,
		`{"id":"x","channel":"ticket","smiley":"red","comment":null,"customer":{"name":"","x.y":1},"agent":[],"customer.id":1}`,
		`{"id":"x","channel":"ticket","smiley":"red","ticket":{"url":"https://e.x","urgent":true,"opened_at":"2026-11-20T09:12:00Z","replies":3}}`,
		`{"id":"x","channel":"ticket","smiley":"red","occurred_at":"2026-11-20T09:12:00+02:00","site":1,"follow_up_of":"y"}`,
		strings.Repeat("[", 1000), `{"":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		`{"id":"s\udc00"}`, `{"\ud83d\ude00":"\\ud83d","a":"\ud83d"}`,
	}
}

// FuzzDoor sends anything: the answer is always one of those in docs/webhook.md, and always JSON;
// and nothing is taken unproved.
func FuzzDoor(f *testing.F) {
	for i, body := range seeds() {
		f.Add("POST", "application/json", "", "Bearer "+tokenA, "msg", "", "", []byte(body))
		f.Add("POST", "application/json; charset=utf-8", "", "", strings.Repeat("m", i*50), "1795176000", "v1,", []byte(body))
	}
	f.Add("HEAD", "", "", "", "", "", "", []byte{})
	f.Add("post", "", "gzip", "Basic x", "\xff", "-1", "v1", []byte{})
	d := newDoor(f)
	statuses := []int{200, 202, 400, 401, 405, 413, 415, 422}
	f.Fuzz(func(t *testing.T, method, contentType, encoding, authorization, id, timestamp, signatures string, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/feedback", bytes.NewReader(body))
		r.Method = method
		for _, c := range []struct {
			name  string
			value string
		}{
			{"Content-Type", contentType},
			{"Authorization", authorization},
			{"Content-Encoding", encoding},
			{"Webhook-Id", id},
			{"Webhook-Timestamp", timestamp},
			{"Webhook-Signature", signatures},
		} {
			if c.value != "" {
				r.Header.Set(c.name, c.value)
			}
		}
		w := d.serve(r)
		require.Contains(t, statuses, w.Code)
		if method == http.MethodHead {
			require.Equal(t, http.StatusOK, w.Code)
			return
		}
		got := replyOf(t, w)
		if w.Code >= 400 {
			require.Equal(t, w.Code, got.Status)
			return
		}
		require.True(t, strings.HasSuffix(authorization, tokenA) || strings.HasSuffix(authorization, tokenB), "taken unproved")
		require.NotEmpty(t, got.ID)
		require.Equal(t, w.Code == http.StatusAccepted, got.Result == "created" || got.Result == "updated")
	})
}

// FuzzDecode reads anything as the own format. What it refuses as malformed is
// so by other means too, and what it takes keeps every limit.
func FuzzDecode(f *testing.F) {
	for _, body := range seeds() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body)
		if err == nil {
			require.True(t, oneObject(body))
			require.True(t, slices.IsSorted(got.Ignored))
			assertBounded(t, got.Events[0])
			return
		}
		rejected := unreadable(err)
		malformed := rejected.status == http.StatusBadRequest
		require.Equal(t, !oneObject(body), malformed)
		if malformed {
			require.Contains(t, rejected.explained(), ".")
			return
		}
		require.NotEmpty(t, rejected.errors)
	})
}

// oneObject is what docs/webhook.md asks of a body, the slow way.
func oneObject(body []byte) bool {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) || !json.Valid(body) {
		return false
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		// A number too large for a float64 is still JSON.
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			return false
		}
	}
	escapes := bytes.ReplaceAll(body, []byte(`\\`), nil)
	escapes = regexp.MustCompile(`(?i)\\ud[89ab]..\\ud[c-f]`).ReplaceAll(escapes, nil)
	if regexp.MustCompile(`(?i)\\ud[89a-f]`).Match(escapes) {
		return false // half of a surrogate pair
	}
	// Of a name that comes twice v has one value only; tokens show both.
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	depth := 0
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > 100 {
				return false
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if s, ok := token.(string); ok && strings.Contains(s, "\x00") {
			return false
		}
	}
	_, object := v.(map[string]any)
	return object
}

func assertBounded(t *testing.T, e feedback.Event) {
	t.Helper()
	a := e.Answer
	for _, s := range []string{
		e.ID, a.Customer.ID, a.Customer.Name, a.Customer.Email, a.Agent.ID, a.Agent.Name, a.Agent.Email,
		a.Ticket.ID, a.Ticket.Subject, a.Site, a.FollowUpOf,
	} {
		assert.LessOrEqual(t, utf8.RuneCountInString(s), 200)
	}
	assert.NotEmpty(t, e.ID)
	assert.True(t, e.Kind.Known())
	assert.True(t, e.Channel.Known())
	assert.LessOrEqual(t, utf8.RuneCountInString(a.Ticket.URL), feedback.MaxURL)
	assert.GreaterOrEqual(t, a.Ticket.Replies, 0)
	if low, high := e.Kind.Scale(); e.Mentions[feedback.FieldRating] {
		assert.GreaterOrEqual(t, a.Rating, low)
		assert.LessOrEqual(t, a.Rating, high)
	}
	assert.False(t, e.OccurredAt.After(noon()))
	for _, at := range []time.Time{e.OccurredAt, a.Ticket.OpenedAt, a.Ticket.FirstReplyAt, a.Ticket.ResolvedAt} {
		assert.True(t, at.IsZero() || at.Unix() >= 0)
		assert.Equal(t, time.UTC, at.Location())
		assert.Zero(t, at.Nanosecond()%int(time.Millisecond))
	}
}
