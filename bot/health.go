package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/followup"
	"smileybot/store"
)

// probeTimeout bounds what a readiness check or a scrape may wait for the store.
const probeTimeout = 2 * time.Second

// health reports how the bot is.
type health struct {
	store    *store.Store
	failures func() []slackapi.Failure
	operator *message.Renderer
}

// methodOutgoing is the method in a failure of the outgoing webhook, which is not a call of Slack.
const methodOutgoing = "outgoing_webhook"

// failures lists what is wrong now, with Slack first.
func (b *Bot) failures() []slackapi.Failure {
	failures := b.outbox.Failures()
	if b.socket != nil {
		failures = append(failures, b.socket.Failures(time.Now())...)
	}
	if b.notifier != nil {
		if f := b.notifier.Failure(); f.Reason != "" {
			remedy := message.NewRenderer(message.Options{}).OutgoingRemedy()
			failures = append(failures, slackapi.Failure{Method: methodOutgoing, Reason: f.Reason, Remedy: remedy, Since: f.Since})
		}
	}
	return failures
}

// readiness is the answer of /readyz.
type readiness struct {
	// Status is ok, degraded (Slack) or unavailable (the store).
	Status string `json:"status"`
	// Reason is Slack's error code, or what is wrong with the store.
	Reason   string             `json:"reason,omitempty"`
	Remedy   string             `json:"cure,omitempty"`
	Failures []slackapi.Failure `json:"troubles,omitempty"`
}

func (h *health) now(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if err := h.store.Ready(ctx, time.Now()); err != nil {
		return readiness{Status: "unavailable", Reason: h.operator.StoreReason(), Remedy: h.operator.StoreRemedy()}
	}
	if failures := h.failures(); len(failures) > 0 {
		return readiness{Status: "degraded", Reason: failures[0].Reason, Remedy: failures[0].Remedy, Failures: failures}
	}
	return readiness{Status: "ok"}
}

// alive answers /healthz.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintln(w, "ok")
}

// ready answers /readyz: 503 only when webhooks cannot be stored.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	now := h.now(r.Context())
	body, err := json.Marshal(now)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if now.Status == "unavailable" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n'))
}

// forPeople reports how the bot is to someone who asks in Slack.
func (h *health) forPeople(ctx context.Context) message.Health {
	now := h.now(ctx)
	var shown message.Health
	switch now.Status {
	case "unavailable":
		shown.StoreFailed = true
	case "degraded":
		first := now.Failures[0]
		if first.Method == methodOutgoing {
			break // which is for the operator only
		}
		shown.Slack = &message.Fault{Reason: first.Reason, Channel: first.Channel, Socket: first.Method == slackapi.MethodOpenSocket}
	}
	if b, err := h.store.Backlog(ctx); err == nil && b.Pending > 0 {
		shown.Pending, shown.Oldest = b.Pending, time.Since(b.Oldest)
	}
	return shown
}

// slackRequests registers the counter of all calls of Slack, and returns a function that counts one.
func slackRequests(registry prometheus.Registerer) (count func(method, outcome string), err error) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "smileybot_slack_requests_total",
		Help: "Calls of Slack by method and outcome. Messages: ok, limited, away, in_doubt, payload, gone, operator. People's requests: ok, limited, refused, failed.",
	}, []string{"method", "outcome"})
	if err := registry.Register(requests); err != nil {
		return nil, fmt.Errorf("registering the counter of Slack's calls: %w", err)
	}
	return func(method, outcome string) { requests.WithLabelValues(method, outcome).Inc() }, nil
}

// gauges reads metrics from the store when they are scraped.
type gauges struct{ store *store.Store }

// Describe lists nothing in advance: one that cannot be read is left out of a scrape.
func (g gauges) Describe(chan<- *prometheus.Desc) {}

// Collect reads the gauges.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	if b, err := g.store.Backlog(ctx); err == nil {
		age := 0.0
		if !b.Oldest.IsZero() {
			age = time.Since(b.Oldest).Seconds()
		}
		gauge(prometheus.NewDesc("smileybot_outbox_pending", "Messages that wait to be posted, edited or looked up in Slack.", nil, nil), float64(b.Pending))
		gauge(prometheus.NewDesc("smileybot_outbox_oldest_seconds", "Age of the oldest of them; 0 when no message waits.", nil, nil), age)
		gauge(prometheus.NewDesc("smileybot_outbox_in_doubt", "Posts whose result is unknown and is looked up in Slack's history.", nil, nil), float64(b.InDoubt))
	}
	if counted, err := g.store.FollowUps(ctx); err == nil {
		followUps := prometheus.NewDesc("smileybot_followups", "Follow-ups by state.", []string{"state"}, nil)
		for _, state := range followup.States() {
			gauge(followUps, float64(counted[state]), string(state))
		}
	}
	if e, err := g.store.Erasures(ctx); err == nil {
		erasures := prometheus.NewDesc("smileybot_erasures", "Messages with personal data that must still be erased (wanted), or that can be neither edited nor deleted (failed).", []string{"state"}, nil)
		gauge(erasures, float64(e.Wanted), "wanted")
		gauge(erasures, float64(len(e.Failed)), "failed")
	}
	if n, _, err := g.store.PendingCount(ctx); err == nil {
		gauge(prometheus.NewDesc("smileybot_outgoing_pending", "Events of follow-ups that wait to be delivered to the ticket system.", nil, nil), float64(n))
	}
	if u, err := g.store.Usage(ctx); err == nil {
		gauge(prometheus.NewDesc("smileybot_database_bytes", "Size of the database file.", nil, nil), float64(u.Database))
		gauge(prometheus.NewDesc("smileybot_database_log_bytes", "Size of the write-ahead log of the database; it stays under 64 MiB unless another program reads without a pause.", nil, nil), float64(u.Log))
		gauge(prometheus.NewDesc("smileybot_disk_free_bytes", "Free space on the disk of the database.", nil, nil), float64(u.DiskFree))
		overruns := prometheus.NewDesc("smileybot_database_overruns_total", "Writes that were rolled back because they took too long.", nil, nil)
		to <- prometheus.MustNewConstMetric(overruns, prometheus.CounterValue, float64(u.Overruns))
	}
}
