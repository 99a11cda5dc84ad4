package webhook

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// BenchmarkTake takes signed ratings of ever new customers over HTTP with
// keep-alive connections; each is on disk (synchronous=FULL) when it is answered.
// The senders share the processors with the bot. Serial is one sender, parallel
// is as many at once, which share commits.
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
			b.SetParallelism(senders / runtime.GOMAXPROCS(0))
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
	d.stored = func() {}
	webhook, err := standardwebhooks.NewWebhook(secretA)
	require.NoError(b, err)
	server := httptest.NewServer(d.Feedback())
	b.Cleanup(server.Close)
	client := server.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 256
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
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL, strings.NewReader(body))
		if err != nil {
			b.Error(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("webhook-id", id)
		r.Header.Set("webhook-timestamp", strconv.FormatInt(noon().Unix(), 10))
		r.Header.Set("webhook-signature", s)
		answer, err := client.Do(r)
		if err != nil {
			b.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusAccepted {
			b.Errorf("status %d", answer.StatusCode)
		}
	}
}
