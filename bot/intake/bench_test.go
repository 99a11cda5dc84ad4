package intake

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// BenchmarkTake takes signed ratings of ever new customers through the handler;
// each is on disk (synchronous=FULL) when it is answered. Serial is one sender
// after the other, parallel is many at once, which share commits.
func BenchmarkTake(b *testing.B) {
	b.Run("serial", func(b *testing.B) {
		send := newSender(b)
		for b.Loop() {
			send()
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ratings/s")
	})
	for _, senders := range []int{8, 64} {
		b.Run("parallel="+strconv.Itoa(senders), func(b *testing.B) {
			send := newSender(b)
			b.SetParallelism(senders)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					send()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ratings/s")
		})
	}
}

// newSender returns a function that posts the next rating.
func newSender(b *testing.B) func() {
	b.Helper()
	d := newDoor(b)
	d.taken = func() {}
	webhook, err := standardwebhooks.NewWebhook(secretA)
	require.NoError(b, err)
	handler := d.Feedback()
	var sent atomic.Int64
	return func() {
		n := sent.Add(1)
		id := "msg_" + strconv.FormatInt(n, 10)
		body := fmt.Sprintf(`{"id":"reply-%d","channel":"ticket","smiley":"red","comment":"Stap 3 klopt niet meer.",`+
			`"customer":{"id":"c-%d","name":"Jan de Vries"},"ticket":{"id":"%d","subject":"Website offline"}}`, n, n, n)
		s, err := webhook.Sign(id, noon(), []byte(body))
		if err != nil {
			b.Error(err)
		}
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/webhooks/feedback", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("webhook-id", id)
		r.Header.Set("webhook-timestamp", strconv.FormatInt(noon().Unix(), 10))
		r.Header.Set("webhook-signature", s)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted {
			b.Errorf("status %d", w.Code)
		}
	}
}
