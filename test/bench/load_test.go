package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

const secret = "whsec_YmVuY2htYXJrcyBuZWVkIGEgc2VjcmV0IGFzIHdlbGw="

// A load sends ratings of ever new customers, each signed, over so many connections that
// are kept open.
type load struct {
	url         string
	connections int
	client      *http.Client
	webhook     *standardwebhooks.Webhook
	run         string // makes its ids its own
	sent        *atomic.Int64
}

func newLoad(tb testing.TB, url string, connections int) *load {
	tb.Helper()
	webhook, err := standardwebhooks.NewWebhook(secret)
	require.NoError(tb, err)
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	return &load{
		url: url, connections: connections, client: &http.Client{Transport: transport, Timeout: time.Minute},
		webhook: webhook, run: rand.Text()[:8], sent: new(atomic.Int64),
	}
}

// rating is the n-th webhook: half of them unhappy and unexplained, which open a
// follow-up, half with a comment.
func (l *load) rating(n int64) (id, body string) {
	id = l.run + "-" + strconv.FormatInt(n, 10)
	said := `"smiley":"red"`
	if n%2 == 0 {
		said = `"smiley":"green","comment":"Stap 3 klopt niet meer, maar Bart wist raad."`
	}
	return id, fmt.Sprintf(`{"id":"reply-%s","channel":"ticket",%s,"customer":{"id":"c-%s","name":"Jan de Vries"},`+
		`"agent":{"id":"a-%d","name":"Bart %d"},"ticket":{"id":"%s","subject":"Website offline na update"}}`, id, said, id, n%12, n%12, id)
}

// post sends the next rating and returns how long the answer took.
func (l *load) post(ctx context.Context) (time.Duration, error) {
	id, body := l.rating(l.sent.Add(1))
	return l.send(ctx, id, body)
}

func (l *load) send(ctx context.Context, id, body string) (time.Duration, error) {
	began := time.Now()
	signature, err := l.webhook.Sign(id, began, []byte(body))
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(standardwebhooks.HeaderWebhookID, id)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(began.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	answer, err := l.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != http.StatusAccepted {
		return 0, fmt.Errorf("status %d", answer.StatusCode)
	}
	return time.Since(began), err
}

// A pull is what a load met.
type pull struct {
	rate     float64 // answers a second
	p50, p99 time.Duration
}

// during sends for a time on all connections at once.
func (l *load) during(tb testing.TB, long time.Duration) pull {
	tb.Helper()
	began := time.Now()
	return l.until(tb, began, func(int64) bool { return time.Since(began) >= long })
}

// times sends so many ratings on all connections at once.
func (l *load) times(tb testing.TB, n int) pull {
	tb.Helper()
	return l.until(tb, time.Now(), func(done int64) bool { return done >= int64(n) })
}

func (l *load) until(tb testing.TB, began time.Time, enough func(done int64) bool) pull {
	tb.Helper()
	var all sync.WaitGroup
	var done atomic.Int64
	took := make([][]time.Duration, l.connections)
	for i := range l.connections {
		all.Go(func() {
			for !enough(done.Add(1) - 1) {
				one, err := l.post(tb.Context())
				if err != nil {
					tb.Error(err)
					return
				}
				took[i] = append(took[i], one)
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	sorted := slices.Concat(took...)
	slices.Sort(sorted)
	return pull{rate: float64(len(sorted)) / elapsed.Seconds(), p50: quantile(sorted, 50), p99: quantile(sorted, 99)}
}

// quantile is the nearest rank of sorted durations.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
