package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/duty"
	"smileybot/bot/message"
	"smileybot/bot/pull"
	"smileybot/bot/slackapi"
	"smileybot/feedback/followup"
	"smileybot/store"
)

// probeTimeout bounds what a readiness check or a scrape may wait for the store.
const probeTimeout = 2 * time.Second

// health reports how the bot is.
type health struct {
	bot      string
	duties   func() []duty.State // once the startup has ended
	stopping atomic.Bool
	startup  *startup
	store    *store.Store // once the startup has ended
	clock    *clockWatch
	failures func(context.Context) []slackapi.Failure
	refused  func() []refusedRequests
	lost     func() []lostThings
	left     func() []leftChannel
	pulls    func(context.Context) ([]pull.Status, error) // nil without a sender that is asked
	operator *message.Renderer
}

// methodOutgoing is the method in a failure of the outgoing webhook, which is not a call of Slack.
const methodOutgoing = "outgoing_webhook"

// methodPull begins the method in a failure of a pull, which is not a call of Slack; the name of the
// sender follows.
const methodPull = "pull "

// pullFailures is how many pulls fail in a row until the bot is degraded: a site may be away for some
// minutes.
const pullFailures = 3

// failedPulls are the pulls that fail.
func failedPulls(pulls []pull.Status) []slackapi.Failure {
	var failures []slackapi.Failure
	for _, s := range pulls {
		if s.Failures >= pullFailures {
			failures = append(failures, slackapi.Failure{Method: methodPull + s.Sender, Reason: s.Reason, Remedy: s.Remedy, Count: s.Failures, Since: s.LastSuccess})
		}
	}
	return failures
}

// failures lists what is wrong now, with Slack first.
func (b *Bot) failures(ctx context.Context) []slackapi.Failure {
	failures := b.outbox.Failures()
	overdue, err := b.outbox.Overdue(ctx)
	if err != nil {
		b.log.WarnContext(ctx, "could not read what waits in the outbox", "error", err)
	}
	failures = append(failures, overdue...)
	failures = b.places.failures(failures)
	orgWide := b.orgWide.Load()
	if orgWide != nil {
		failures = append(failures, *orgWide)
	}
	for _, f := range b.client.Failures() { // the same of another call says nothing more
		if !slices.ContainsFunc(failures, func(known slackapi.Failure) bool {
			return known.Reason == f.Reason && known.Scope == f.Scope && (known.Channel == f.Channel || f.Scope != "")
		}) {
			failures = append(failures, f)
		}
	}
	if b.socket != nil {
		failures = append(failures, b.socket.Failures(time.Now())...)
	}
	if b.notifier != nil {
		if f := b.notifier.Failure(); f.Reason != "" {
			remedy := message.NewRenderer(message.Options{}).OutgoingRemedy()
			failures = append(failures, slackapi.Failure{Method: methodOutgoing, Reason: f.Reason, Remedy: remedy, Since: f.Since})
		}
	}
	for _, f := range b.refusals.failures() {
		if orgWide == nil || f.Reason != reasonForeign { // which an app of the whole organisation causes
			failures = append(failures, f)
		}
	}
	return slices.Concat(failures, b.clock.failures(), b.follower.failures())
}

// fault is a failure as remedies and people know it.
func fault(f slackapi.Failure) message.Fault {
	return message.Fault{Reason: f.Reason, Channel: f.Channel, Scope: f.Scope, Count: f.Count, Socket: f.Method == slackapi.MethodOpenSocket}
}

// readiness is the answer of /readyz.
type readiness struct {
	// Status is ok, degraded (Slack), unavailable (the store), starting or stopping.
	Status string `json:"status"`
	// Bot is the name of the process that answers.
	Bot string `json:"bot"`
	// Duties says by duty which bot does what one of several does.
	Duties map[string]duty.State `json:"duties,omitempty"`
	// Reason is Slack's error code, what is wrong with the store, or what the bot does before it takes
	// webhooks.
	Reason   string             `json:"reason,omitempty"`
	Remedy   string             `json:"cure,omitempty"`
	Progress *progress          `json:"progress,omitempty"`
	Failures []slackapi.Failure `json:"troubles,omitempty"`
	// Refused are the requests that were refused since the start. Strangers can send most kinds, so they
	// do not change the status.
	Refused []refusedRequests `json:"refused,omitempty"`
	// Lost is what proved webhooks brought since the start and the store has not.
	Lost []lostThings `json:"lost,omitempty"`
	// Left are the channels that the settings name no more, and with messages that cannot be edited
	// there. What changes is posted elsewhere, so they do not change the status.
	Left []leftChannel `json:"left_channels,omitempty"`
	// Pulls are how the senders are that are asked.
	Pulls []pull.Status `json:"pulls,omitempty"`
	// Clock is left out while the machine's clock agrees with Slack's to the second.
	Clock *clockState `json:"clock,omitempty"`
}

// The statuses of a readiness that is answered with 503.
const (
	statusUnavailable = "unavailable"
	statusStarting    = "starting"
	statusStopping    = "stopping"
)

// progress is how far a step of the start is, in steps of its own.
type progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// stop has /readyz say that the bot stops.
func (h *health) stop() { h.stopping.Store(true) }

// now is how the bot is.
func (h *health) now(ctx context.Context) readiness {
	var r readiness
	switch {
	case !h.startup.ended():
		r = h.startup.readiness()
	case h.stopping.Load():
		r = readiness{Status: statusStopping, Reason: "it was asked to stop", Remedy: "wait: another bot answers, or this one when it is started again"}
	default:
		r = h.running(ctx)
	}
	r.Bot = h.bot
	return r
}

// running is how a bot is that has started.
func (h *health) running(ctx context.Context) readiness {
	r := h.working(ctx)
	r.Duties = make(map[string]duty.State)
	for _, d := range h.duties() {
		r.Duties[d.Duty] = d
	}
	return r
}

// working is how a bot is, apart from its duties.
func (h *health) working(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	clock := h.clock.state()
	if err := h.store.Ready(ctx, h.clock.clock.Now()); err != nil {
		r := readiness{Status: statusUnavailable, Reason: h.operator.StoreReason(), Remedy: h.operator.StoreRemedy(), Clock: clock}
		if fault, ok := errors.AsType[*store.Fault](err); ok {
			r.Reason, r.Remedy = fault.Reason, fault.Remedy
		}
		return r
	}
	r := readiness{Status: "ok", Refused: h.refused(), Lost: h.lost(), Left: h.left(), Clock: clock}
	if h.pulls != nil {
		r.Pulls, _ = h.pulls(ctx) // what cannot be read is left out
	}
	if failures := append(h.failures(ctx), failedPulls(r.Pulls)...); len(failures) > 0 {
		r.Status, r.Reason, r.Remedy, r.Failures = "degraded", failures[0].Reason, failures[0].Remedy, failures
	}
	return r
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
	switch now.Status {
	case statusUnavailable, statusStarting, statusStopping:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n'))
}

// forPeople reports how the bot is to someone who asks in Slack.
func (h *health) forPeople(ctx context.Context) message.Health {
	now := h.now(ctx)
	var shown message.Health
	switch now.Status {
	case statusUnavailable:
		shown.StoreFailed = true
	case "degraded":
		first := now.Failures[0]
		if strings.HasPrefix(first.Method, methodPull) || slices.Contains([]string{methodOutgoing, methodClock, methodRequests, methodSettings}, first.Method) {
			break // which are for the operator only
		}
		f := fault(first)
		shown.Slack = &f
	}
	if b, err := h.store.Backlog(ctx); err == nil && b.Pending > 0 {
		shown.Pending, shown.Oldest = b.Pending, h.clock.clock.Now().Sub(b.Oldest)
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
type gauges struct {
	store *store.Store
	clock *slackapi.Clock
}

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
			age = max(g.clock.Now().Sub(b.Oldest).Seconds(), 0)
		}
		gauge(prometheus.NewDesc("smileybot_outbox_pending", "Messages that wait to be posted, edited or looked up in Slack.", nil, nil), float64(b.Pending))
		gauge(prometheus.NewDesc("smileybot_outbox_oldest_seconds", "Age of the oldest of them; 0 when no message waits.", nil, nil), age)
		gauge(prometheus.NewDesc("smileybot_outbox_in_doubt", "Posts whose result is unknown and is looked up in Slack's history.", nil, nil), float64(b.InDoubt))
	}
	if offset, known := g.clock.Offset(); known {
		gauge(prometheus.NewDesc("smileybot_clock_offset_seconds", "By how much the machine's clock is ahead of Slack's, to about a second; negative when it is behind.", nil, nil), offset.Seconds())
	}
	if counted, err := g.store.FollowUps(ctx); err == nil {
		followUps := prometheus.NewDesc("smileybot_followups", "Follow-ups by state.", []string{"state"}, nil)
		for _, state := range followup.States() {
			gauge(followUps, float64(counted[state]), string(state))
		}
	}
	if all, err := g.store.WaitingLong(ctx, g.clock.Now()); err == nil {
		waiting := prometheus.NewDesc("smileybot_waiting_events", "Events that have waited for more than a day for the first rating of their feedback.", []string{"sender"}, nil)
		for _, w := range all {
			gauge(waiting, float64(w.Count), w.Sender)
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
		gauge(prometheus.NewDesc("smileybot_database_bytes", "Size of the database.", nil, nil), float64(u.Database))
		overruns := prometheus.NewDesc("smileybot_database_overruns_total", "Writes that were rolled back because they took too long.", nil, nil)
		to <- prometheus.MustNewConstMetric(overruns, prometheus.CounterValue, float64(u.Overruns))
		if u.Remote {
			return
		}
		gauge(prometheus.NewDesc("smileybot_database_log_bytes", "Size of the write-ahead log of the database; it stays under 64 MiB unless another program reads without a pause.", nil, nil), float64(u.Log))
		gauge(prometheus.NewDesc("smileybot_disk_free_bytes", "Free space on the disk of the database.", nil, nil), float64(u.DiskFree))
	}
}
