package webhook

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scrape is what the metrics say.
func (d *door) scrape(tb testing.TB) string {
	tb.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(d.registry, promhttp.HandlerOpts{}).
		ServeHTTP(w, httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(tb, http.StatusOK, w.Code)
	return w.Body.String()
}

// TestNothingLeaks sends customers' words and secrets in every place, in
// requests of every fate: no answer, log line, metric or kept detail has them.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	const word = "sesame"
	d := newDoor(t)
	complete := strings.ReplaceAll(`{"id":"%-id","channel":"ticket","smiley":"red","comment":"%","customer":{"id":"%","name":"%","email":"%"},
		"agent":{"id":"%","name":"%","email":"%"},"ticket":{"id":"%","subject":"%","url":"https://%.example"},"site":"%","follow_up_of":"%"}`, "%", word)
	wrong := strings.ReplaceAll(`{"id":["%"],"kind":"%","channel":"%","smiley":"%"}`, "%", word)
	dropped := strings.ReplaceAll(`{"id":"2","channel":"ticket","smiley":"red","comment":["%"],"customer":"%","agent":{"name":["%"]},
		"ticket":{"url":"%","urgent":"%","opened_at":"%","replies":"%"},"occurred_at":"%"}`, "%", word)
	var seen strings.Builder
	answers := make(map[int]bool)
	send := func(r *http.Request) {
		r.Header.Set("User-Agent", word)
		r.URL.RawQuery = word
		w := d.serve(r)
		answers[w.Code] = true
		seen.WriteString(w.Body.String())
		for name, values := range w.Header() {
			seen.WriteString(name + strings.Join(values, ""))
		}
	}
	bodies := []string{complete, wrong, dropped, `{"` + word + `":` + word, word, `{"id":"3","channel":"ticket","comment":"` + word + `"}`}
	for _, body := range bodies {
		send(signed(t, secretA, word, noon(), body))
		send(borne(t, tokenA, body))
		send(borne(t, word, body))
	}
	put := borne(t, tokenA, complete)
	put.Method = word
	send(put)
	text := borne(t, tokenA, complete)
	text.Header.Set("Content-Type", "text/"+word)
	send(text)
	send(borne(t, tokenA, complete+strings.Repeat(" ", maxBody)))
	refusals, err := d.store.RejectedDeliveries(t.Context())
	require.NoError(t, err)
	for _, r := range refusals {
		seen.WriteString(r.Detail)
	}
	require.NoError(t, d.store.Close())
	send(borne(t, tokenA, complete))
	seen.WriteString(d.logs.String() + d.scrape(t))

	for _, status := range []int{200, 202, 400, 401, 405, 413, 415, 422, 503} {
		assert.True(t, answers[status], status)
	}
	require.Contains(t, seen.String(), "smileybot_feedback_total")
	require.Contains(t, seen.String(), "webhook rejected")
	assert.NotContains(t, seen.String(), word)
	for _, secret := range []string{secretA, secretB, tokenA, tokenB, strings.TrimPrefix(secretA, "whsec_")} {
		assert.NotContains(t, seen.String(), secret)
	}
}

func TestMetricsCountWhatArrives(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.post(t, "1", red)
	d.post(t, "1", red)
	d.post(t, "2", `{"id":"x","channel":"panel","kind":"nps","score":9}`)
	d.post(t, "3", `{"id":"x","channel":"nowhere","kind":"nothing"}`)
	d.post(t, "4", `{`)
	d.serve(request(t, red))
	d.serve(httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/webhooks/feedback", nil))
	got := d.scrape(t)
	for _, line := range []string{
		`smileybot_feedback_total{channel="ticket",kind="smiley",result="created",sender="feedback"} 1`,
		`smileybot_feedback_total{channel="",kind="",result="duplicate",sender="feedback"} 1`,
		`smileybot_feedback_total{channel="panel",kind="nps",result="created",sender="feedback"} 1`,
		`smileybot_webhook_rejected_total{reason="invalid",sender="feedback"} 1`,
		`smileybot_webhook_rejected_total{reason="malformed",sender="feedback"} 1`,
		`smileybot_webhook_rejected_total{reason="proof",sender="feedback"} 1`,
		`smileybot_webhook_seconds_count 6`,
	} {
		assert.Contains(t, got, line+"\n")
	}
	assert.NotContains(t, got, "nowhere")
}
