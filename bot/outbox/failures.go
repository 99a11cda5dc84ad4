package outbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"smileybot/bot/message"
)

// Trouble is why something does not get to Slack.
type Trouble struct {
	// Channel is the Slack channel it concerns, empty for the whole workspace.
	Channel string `json:"channel,omitempty"`
	// Method is the call of Slack that failed.
	Method string `json:"method"`
	// Reason is Slack's error code, or "unreachable", or "no_answer".
	Reason string `json:"reason"`
	// Cure says what to do about it.
	Cure  string    `json:"cure"`
	Since time.Time `json:"since"`

	class class
	until time.Time       // for a trouble that ends by itself
	stuck map[string]bool // the items it is about, when it may be about them only
}

// passing is how long a trouble that ends by itself is told after it last
// showed.
const passing = time.Minute

// Troubles lists what is wrong now.
func (d *Deliverer) Troubles() []Trouble {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	var present []Trouble
	for _, t := range d.troubles {
		if t.present(now) {
			present = append(present, t)
		}
	}
	slices.SortFunc(present, func(a, b Trouble) int {
		return cmp.Or(strings.Compare(a.Channel, b.Channel), strings.Compare(a.Method, b.Method))
	})
	return present
}

// present reports whether the trouble still counts.
func (t Trouble) present(now time.Time) bool { return t.until.IsZero() || now.Before(t.until) }

// place is where a piece of work went wrong.
func (w work) place() place {
	if everywhere(w.verdict.reason) {
		return place{}
	}
	return place{w.channel, w.what}
}

// trouble holds a place back after a failure. It is logged when its reason is
// new, and then not again.
func (d *Deliverer) trouble(w work, now time.Time) {
	p, v := w.place(), w.verdict
	t := Trouble{Channel: p.channel, Method: v.method, Reason: v.reason, Cure: d.operator.Cure(message.Fault{Reason: v.reason, Channel: w.channel}), Since: now, class: v.class}
	refused := v.class == classPayload && w.what.shows() // it is about one message and holds nothing else back
	if !refused {
		d.throttle.fail(p, v, now)
	}
	switch {
	case refused, v.class == classOperator && w.key != "" && !channelWide(v.reason):
		t.stuck = map[string]bool{w.key: true}
	case v.class != classOperator:
		t.until = d.throttle.backoffs[p].until.Add(passing)
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	if was := d.troubles[p]; was.Reason == t.Reason && was.present(now) {
		t.Since = was.Since
		if t.stuck != nil {
			maps.Copy(t.stuck, was.stuck)
		}
	} else {
		d.Log.Error("slack does not take what is to stand there; it is kept", "slack_channel", p.channel, "method", t.Method, "reason", t.Reason, "cure", t.Cure)
	}
	d.troubles[p] = t
}

// recovered ends the troubles that a success disproves: those of its sort of
// work in its channel, unless they are about other messages, and those of
// everything. That the history can be read again tells that posts can be tried
// again, too.
func (d *Deliverer) recovered(w work) {
	if w.what == reads {
		delete(d.throttle.backoffs, place{w.channel, posts})
		delete(d.throttle.backoffs, place{w.channel, notices})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.stumbles, w.key)
	for _, p := range []place{{w.channel, w.what}, {}} {
		delete(d.throttle.backoffs, p)
		t, was := d.troubles[p]
		delete(t.stuck, w.key)
		if was && len(t.stuck) == 0 {
			delete(d.troubles, p)
			d.Log.Info("slack works again", "slack_channel", p.channel, "method", t.Method)
		}
	}
}

// label keeps a metric's label bounded: Slack's codes are short words.
func label(reason string) string {
	if len(reason) > 64 || strings.Trim(reason, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "other"
	}
	return reason
}
