package webhook_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook"
	"smileybot/store/storetest"
)

// TestSchemaAgreesWithDecoding compares docs/webhook.schema.json with the decoder: both accept, or
// both refuse, each of these bodies. Every body has a rating or an error, because whether an event
// is the first of its feedback is not in the schema.
func TestSchemaAgreesWithDecoding(t *testing.T) {
	t.Parallel()
	schema := compile(t)
	post := newEndpoint(t)
	tests := []struct {
		name, body string
		accepted   bool
	}{
		{"smiley", `{"id":"a","channel":"ticket","smiley":"red"}`, true},
		{"kind of null", `{"id":"a","kind":null,"channel":"chat","smiley":"green"}`, true},
		{"every channel: phone", `{"id":"a","channel":"phone","smiley":"yellow"}`, true},
		{"nps of 0", `{"id":"a","kind":"nps","channel":"panel","score":0}`, true},
		{"nps of 10", `{"id":"a","kind":"nps","channel":"panel","score":10}`, true},
		{"whole number with a point", `{"id":"a","kind":"nls","channel":"panel","score":9.0}`, true},
		{"csat of 1", `{"id":"a","kind":"csat","channel":"email","score":1}`, true},
		{"ces of 7", `{"id":"a","kind":"ces","channel":"social","score":7}`, true},
		{"review", `{"id":"a","kind":"review","channel":"review","score":5,"site":"trustpilot"}`, true},
		{"score that the kind does not have", `{"id":"b","channel":"ticket","smiley":"red","score":"many"}`, true},
		{"smiley that the kind does not have", `{"id":"b","kind":"nps","channel":"ticket","smiley":"blue","score":3}`, true},
		{"unknown field", `{"id":"b","channel":"ticket","smiley":"red","coment":"x"}`, true},
		{"wrong optional fields", `{"id":"b","channel":"ticket","smiley":"red","comment":7,"customer":"Jan","agent":[],` +
			`"ticket":{"url":"no address","replies":-1},"occurred_at":"yesterday"}`, true},
		{"everything", everything, true},
		{"id of 200 characters", `{"id":"` + strings.Repeat("é", 200) + `","channel":"ticket","smiley":"red"}`, true},
		{"id of 201 characters", `{"id":"` + strings.Repeat("é", 201) + `","channel":"ticket","smiley":"red"}`, false},
		{"nothing", `{}`, false},
		{"no id", `{"channel":"ticket","smiley":"red"}`, false},
		{"empty id", `{"id":"","channel":"ticket","smiley":"red"}`, false},
		{"id that is a number", `{"id":7,"channel":"ticket","smiley":"red"}`, false},
		{"id of null", `{"id":null,"channel":"ticket","smiley":"red"}`, false},
		{"no channel", `{"id":"c","smiley":"red"}`, false},
		{"channel of null", `{"id":"c","channel":null,"smiley":"red"}`, false},
		{"unknown channel", `{"id":"c","channel":"fax","smiley":"red"}`, false},
		{"channel with a capital", `{"id":"c","channel":"Ticket","smiley":"red"}`, false},
		{"unknown kind", `{"id":"c","kind":"stars","channel":"ticket","score":3}`, false},
		{"empty kind", `{"id":"c","kind":"","channel":"ticket","smiley":"red"}`, false},
		{"unknown colour", `{"id":"c","channel":"ticket","smiley":"blue"}`, false},
		{"colour that is a number", `{"id":"c","channel":"ticket","smiley":3}`, false},
		{"colour of the kind null", `{"id":"c","kind":null,"channel":"ticket","smiley":"blue"}`, false},
		{"score in quotes", `{"id":"c","kind":"nps","channel":"panel","score":"9"}`, false},
		{"score with a fraction", `{"id":"c","kind":"nps","channel":"panel","score":9.5}`, false},
		{"score that is a list", `{"id":"c","kind":"nps","channel":"panel","score":[9]}`, false},
		{"nps of 11", `{"id":"c","kind":"nps","channel":"panel","score":11}`, false},
		{"nps of -1", `{"id":"c","kind":"nps","channel":"panel","score":-1}`, false},
		{"nls of 11", `{"id":"c","kind":"nls","channel":"panel","score":11}`, false},
		{"csat of 0", `{"id":"c","kind":"csat","channel":"panel","score":0}`, false},
		{"csat of 6", `{"id":"c","kind":"csat","channel":"panel","score":6}`, false},
		{"ces of 8", `{"id":"c","kind":"ces","channel":"panel","score":8}`, false},
		{"review of 0", `{"id":"c","kind":"review","channel":"review","score":0}`, false},
		{"a list", `[]`, false},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(test.body))
			require.NoError(t, err)
			refusal := schema.Validate(value)
			assert.Equal(t, test.accepted, refusal == nil, "the schema: %v", refusal)

			w := post(t, strconv.Itoa(i), test.body)
			assert.Equal(t, test.accepted, w.Code/100 == 2, "the decoder: %d %s", w.Code, w.Body)
		})
	}
}

// everything is the example of docs/webhook.md.
const everything = `{
  "id": "reply-88213", "kind": "smiley", "channel": "ticket", "smiley": "red", "comment": "Step 3 of the guide is wrong.",
  "customer": {"id": "c-1042", "name": "Jan de Vries", "email": "jan@example.org"},
  "agent": {"id": "a-7", "name": "Bart", "email": "bart@example.net"},
  "ticket": {"id": "4711", "subject": "Website offline", "url": "https://tickets.example.org/4711", "urgent": false,
    "opened_at": "2026-11-20T09:12:00Z", "first_reply_at": "2026-11-20T09:40:00Z", "resolved_at": "2026-11-20T10:05:00Z", "replies": 1},
  "follow_up_of": "reply-1", "site": "", "occurred_at": "2026-11-20T10:31:00Z"
}`

// TestSchemaNamesEveryField sends all fields of the schema: the decoder knows each of them.
func TestSchemaNamesEveryField(t *testing.T) {
	t.Parallel()
	w := newEndpoint(t)(t, "1", strings.Replace(everything, `"smiley": "red"`, `"smiley": "red", "score": null`, 1))
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.NotContains(t, w.Body.String(), "ignored_fields")
	assert.NotContains(t, w.Body.String(), "warnings")
	for name := range compile(t).Properties {
		assert.Contains(t, everything+`"score"`, `"`+name+`"`)
	}
}

func compile(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	text, err := os.ReadFile("../../docs/webhook.schema.json")
	require.NoError(tb, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(tb, err)
	c := jsonschema.NewCompiler()
	require.NoError(tb, c.AddResource("webhook.schema.json", document))
	schema, err := c.Compile("webhook.schema.json")
	require.NoError(tb, err)
	return schema
}

// newEndpoint serves /webhooks/feedback on a store of its own.
func newEndpoint(tb testing.TB) func(tb testing.TB, deliveryID, body string) *httptest.ResponseRecorder {
	tb.Helper()
	const token = "a-token-of-the-schema-test"
	in, err := webhook.New(webhook.Options{
		Store:    storetest.Open(tb, filepath.Join(tb.TempDir(), "smileybot.db")),
		Tokens:   []string{token},
		Registry: prometheus.NewRegistry(),
		Log:      slog.New(slog.DiscardHandler),
		Stored:   func() {},
	})
	require.NoError(tb, err)
	return func(tb testing.TB, deliveryID, body string) *httptest.ResponseRecorder {
		tb.Helper()
		r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/webhooks/feedback", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("webhook-id", deliveryID)
		w := httptest.NewRecorder()
		in.Feedback().ServeHTTP(w, r)
		return w
	}
}
