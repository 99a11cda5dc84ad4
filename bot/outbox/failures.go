package outbox

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/store"
)

// A failure is why something does not get to Slack.
type failure struct {
	slackapi.Failure

	class slackapi.Class
	until time.Time       // for a failure that ends by itself
	stuck map[string]bool // the items that it is about, when it may be about them only
}

// failureShown is how long a failure that ends by itself is reported after its last retry was due.
const failureShown = time.Minute

// present reports whether the failure still counts.
func (f failure) present(now time.Time) bool { return f.until.IsZero() || now.Before(f.until) }

// Failures lists what is wrong now.
func (d *Deliverer) Failures() []slackapi.Failure {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	var present []slackapi.Failure
	for _, f := range d.failures {
		if f.present(now) {
			present = append(present, f.Failure)
		}
	}
	slices.SortFunc(present, func(a, b slackapi.Failure) int {
		return cmp.Or(strings.Compare(a.Channel, b.Channel), strings.Compare(a.Method, b.Method))
	})
	return present
}

// overdueAfter is how long a post may wait before an operator should know.
const overdueAfter = 5 * time.Minute

// Our own reasons for what waits too long without a failed call.
const (
	reasonInDoubt = "in_doubt" // it is looked up in the history
	reasonWaiting = "waiting"  // others go first
)

// Overdue lists what has waited for more than five minutes, for a reason that [Deliverer.Failures] does
// not name: posts that are in doubt, that Slack's Retry-After holds back, or whose turn has not come; and
// edits that Retry-After holds back. The error is the store's.
func (d *Deliverer) Overdue(ctx context.Context) ([]slackapi.Failure, error) {
	known := d.Failures()
	d.mu.Lock()
	silenced := maps.Clone(d.silenced)
	d.mu.Unlock()
	before := d.now().Add(-overdueAfter)
	var overdue []slackapi.Failure
	for _, waiting := range []struct {
		read    func(context.Context, time.Time) (store.Item, error)
		channel func(store.Item) string
		method  string // that the message waits for
		reason  string // unless Slack asks not to call the method; "" is none
	}{
		{d.Store.OldestDoubt, func(i store.Item) string { return i.SlackChannel }, slackapi.MethodHistory, reasonInDoubt},
		{d.Store.OldestPost, d.home, slackapi.MethodPost, reasonWaiting},
		{d.Store.OldestEdit, func(i store.Item) string { return i.SlackChannel }, slackapi.MethodUpdate, ""},
	} {
		item, err := waiting.read(ctx, before)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f := slackapi.Failure{Channel: waiting.channel(item), Method: waiting.method, Reason: waiting.reason, Since: item.QueuedAt}
		if f.Reason != reasonInDoubt && silenced[f.Method].After(time.Now()) {
			f.Reason = slackapi.ReasonRateLimited
		}
		named := func(k slackapi.Failure) bool {
			return k.Channel == "" || k.Channel == f.Channel && k.Method == f.Method
		}
		if f.Reason == "" || slices.ContainsFunc(known, named) {
			continue
		}
		f.Remedy = d.operator.Remedy(message.Fault{Reason: f.Reason, Channel: f.Channel})
		overdue = append(overdue, f)
	}
	return overdue, nil
}

// home is the Slack channel in which an unposted item waits.
func (d *Deliverer) home(i store.Item) string {
	if i.OfFeedback() || i.Bulletin() {
		return d.destination(i)
	}
	return i.SlackChannel
}

// scope is where a task went wrong.
func (t task) scope() scope {
	if slackapi.AffectsWorkspace(t.result.Reason) {
		return scope{}
	}
	return scope{t.channel, t.kind}
}

// failed holds a scope back after a failure. A new reason is logged once.
func (d *Deliverer) failed(t task) {
	s, r, now := t.scope(), t.result, t.endedAt
	f := failure{class: r.Class, Failure: slackapi.Failure{
		Channel: s.channel, Method: r.Method, Reason: r.Reason, Scope: r.Scope, Since: now,
		Remedy: d.operator.Remedy(message.Fault{Reason: r.Reason, Channel: t.channel, Scope: r.Scope}),
	}}
	rejected := r.Class == slackapi.ClassPayload && t.kind.shows() // it is about one message and holds nothing else back
	if !rejected {
		d.throttle.fail(s, r, now)
	}
	switch {
	case rejected, r.Class == slackapi.ClassOperator && t.key != "" && !slackapi.AffectsChannel(r.Reason):
		f.stuck = map[string]bool{t.key: true}
	case r.Class != slackapi.ClassOperator:
		f.until = d.throttle.backoffs[s].until.Add(failureShown)
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	if was := d.failures[s]; was.Reason == f.Reason && was.present(now) {
		f.Since = was.Since
		if f.stuck != nil {
			maps.Copy(f.stuck, was.stuck)
		}
	} else {
		d.Log.Error("slack call failed; will retry", "slack_channel", f.Channel, "method", f.Method, "reason", f.Reason, "remedy", f.Remedy)
	}
	d.failures[s] = f
}

// succeeded removes the failures that a success disproves: that of its channel and kind of task,
// unless it is about other messages, and that of the workspace. When the history can be read again,
// posts are tried again, too.
func (d *Deliverer) succeeded(t task) {
	if t.kind == reads {
		delete(d.throttle.backoffs, scope{t.channel, posts})
		delete(d.throttle.backoffs, scope{t.channel, notices})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.itemFailures, t.key)
	for _, s := range []scope{{t.channel, t.kind}, {}} {
		delete(d.throttle.backoffs, s)
		f, was := d.failures[s]
		delete(f.stuck, t.key)
		if was && len(f.stuck) == 0 {
			delete(d.failures, s)
			d.Log.Info("slack works again", "slack_channel", s.channel, "method", f.Method)
		}
	}
}

// A failureGauge returns what is wrong when the metrics are scraped.
type failureGauge func() []slackapi.Failure

func (failureGauge) desc() *prometheus.Desc {
	return prometheus.NewDesc("smileybot_slack_trouble",
		"1 while calls of Slack fail for a channel (empty: for all), with the reason and its remedy.",
		[]string{"channel", "method", "reason", "cure"}, nil)
}

// Describe names the gauge.
func (g failureGauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc() }

// Collect reports each present failure.
func (g failureGauge) Collect(to chan<- prometheus.Metric) {
	for _, f := range g() {
		to <- prometheus.MustNewConstMetric(g.desc(), prometheus.GaugeValue, 1, f.Channel, f.Method, label(f.Reason), f.Remedy)
	}
}

// label keeps a metric's label bounded: Slack's codes are short words.
func label(reason string) string {
	if len(reason) > 64 || strings.Trim(reason, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "other"
	}
	return reason
}
