package bot

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"smileybot/bot/pull"
	"smileybot/bot/webhook"
)

// losses are what proved webhooks and pulls brought and the store has not, for the operator. All of what they hold
// is bounded: senders, kinds and fields are the labels of the metrics.
type losses struct {
	log      *slog.Logger
	now      func() time.Time
	refusals *refusals

	mu    sync.Mutex
	kinds map[lossKind]*lostThings
	told  map[string]int // the counts when the log last had them
}

// A lossKind is what losses have in common.
type lossKind struct {
	at   string
	what webhook.Loss
}

// lostThings are those of one kind, in the answer of /readyz.
type lostThings struct {
	// At is the name of the sender.
	At   string           `json:"at"`
	What webhook.LossKind `json:"what"`
	// Field is the name in the own format, of a field that was left out.
	Field  string    `json:"field,omitempty"`
	Count  int       `json:"count"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Remedy string    `json:"cure"`
}

func newLosses(log *slog.Logger, now func() time.Time, r *refusals) *losses {
	return &losses{log: log, now: now, refusals: r, kinds: make(map[lossKind]*lostThings), told: make(map[string]int)}
}

// note counts a loss.
func (l *losses) note(at string, what webhook.Loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	k := lossKind{at, what}
	seen, ok := l.kinds[k]
	if !ok {
		seen = &lostThings{At: at, What: what.Kind, Field: what.Field, First: now, Remedy: lossRemedy(what.Kind)}
		l.kinds[k] = seen
	}
	seen.Count++
	seen.Last = now
}

// notePulled counts what was left out of a review site's answer.
func (l *losses) notePulled(at, field string) {
	what := webhook.Loss{Kind: webhook.LostField, Field: cmp.Or(field, "unknown")}
	if field == pull.WholeReview {
		what = webhook.Loss{Kind: webhook.LostPart}
	}
	l.note(at, what)
}

// lossRemedy is what an operator does about a kind of losses.
func lossRemedy(k webhook.LossKind) string {
	switch k {
	case webhook.LostField:
		return "compare what the sender sends with its page in docs/senders, for a mapping with `smileybot map`; the answer to each delivery names the field and what it must be"
	case webhook.LostPart:
		return "`smileybot check` lists the delivery, or the review of a site, among the rejected ones and says what is wrong with the part"
	case webhook.LostWaiting:
		return "nothing, when the rating follows; when `smileybot check` finds some that wait for more than a day, look where the mapping, or the setting of the questions, has the rating"
	case webhook.LostBot:
		return "nothing: ratings of bots stay out of the team's scores; a mapping of yours can take them as a sender of their own"
	default:
		return "nothing, when the sender also sends events that are no ratings; else compare its settings with its page in docs/senders"
	}
}

// list lists what was lost since the start, the latest first.
func (l *losses) list() []lostThings {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []lostThings
	for _, seen := range l.kinds {
		all = append(all, *seen)
	}
	slices.SortFunc(all, func(a, b lostThings) int {
		return cmp.Or(b.Last.Compare(a.Last), strings.Compare(a.At, b.At), strings.Compare(string(a.What), string(b.What)), strings.Compare(a.Field, b.Field))
	})
	return all
}

// maxLossesLogged bounds the list in a line of the log.
const maxLossesLogged = 50

// report logs in one line what was lost, and which webhooks were not proved, since the last report. It
// logs nothing when that is nothing.
func (l *losses) report() {
	counts := make(map[string]int)
	for _, seen := range l.list() {
		counts[strings.TrimSpace(fmt.Sprintf("%s %s %s", seen.At, seen.What, seen.Field))] = seen.Count
	}
	for _, seen := range l.refusals.list() {
		if seen.Unproved != "" {
			counts[fmt.Sprintf("%s unproved %s", seen.At, seen.Unproved)] = seen.Count
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var said []string
	total := 0
	for what, n := range counts {
		if since := n - l.told[what]; since > 0 {
			said, total = append(said, fmt.Sprintf("%s %d", what, since)), total+since
		}
	}
	l.told = counts
	if total == 0 {
		return
	}
	slices.Sort(said)
	left := max(len(said)-maxLossesLogged, 0)
	l.log.Info("left out of webhooks and pulls since the last such line", "count", total, "by", strings.Join(said[:len(said)-left], "; "), "more_kinds", left)
}
