package main

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
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const secret = "whsec_YmVuY2htYXJrcyBuZWVkIGEgc2VjcmV0IGFzIHdlbGw="

// A load sends ratings of ever new customers, each signed, over connections that are kept open.
type load struct {
	url         string
	connections int
	client      *http.Client
	webhook     *standardwebhooks.Webhook
	run         string // makes its ids unique
	sent        atomic.Int64
}

func newLoad(url string, connections int) *load {
	webhook, err := standardwebhooks.NewWebhook(secret)
	must(err)
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}
	return &load{
		url: url, connections: connections, client: &http.Client{Transport: transport, Timeout: time.Minute},
		webhook: webhook, run: rand.Text()[:8],
	}
}

// post sends the next rating. Half of the ratings are unhappy and unexplained, which opens a
// follow-up; half have a comment.
func (l *load) post() error {
	n := l.sent.Add(1)
	id, rated := l.run+"-"+strconv.FormatInt(n, 10), `"smiley":"red"`
	if n%2 == 0 {
		rated = `"smiley":"green","comment":"Stap 3 klopt niet meer, maar Bart wist raad."`
	}
	return l.send(id, fmt.Sprintf(`{"id":"reply-%s","channel":"ticket",%s,"customer":{"id":"c-%s","name":"Jan de Vries"},`+
		`"agent":{"id":"a-%d","name":"Bart %d"},"ticket":{"id":"%s","subject":"Website offline na update"}}`, id, rated, id, n%12, n%12, id))
}

func (l *load) send(id, body string) error {
	now := time.Now()
	signature, err := l.webhook.Sign(id, now, []byte(body))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, l.url, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(standardwebhooks.HeaderWebhookID, id)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	answer, err := l.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// answers are the rate of a load's answers a second, and how long they took.
type answers struct {
	rate     float64
	p50, p99 time.Duration
}

// during sends on all connections at once for a time.
func (l *load) during(long time.Duration) answers {
	var all sync.WaitGroup
	took, failed := make([][]time.Duration, l.connections), make([]error, l.connections)
	began := time.Now()
	for i := range l.connections {
		all.Go(func() {
			for time.Since(began) < long && failed[i] == nil {
				start := time.Now()
				failed[i] = l.post()
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	for _, err := range failed {
		must(err)
	}
	sorted := slices.Concat(took...)
	slices.Sort(sorted)
	return answers{rate: float64(len(sorted)) / elapsed.Seconds(), p50: quantile(sorted, 50), p99: quantile(sorted, 99)}
}

// middle is the median by rate.
func middle(met []answers) answers {
	slices.SortFunc(met, func(a, b answers) int { return int(a.rate - b.rate) })
	return met[len(met)/2]
}

// quantile is the nearest rank of sorted durations.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
