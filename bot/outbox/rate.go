package outbox

import (
	"time"

	"golang.org/x/time/rate"

	"smileybot/bot/internal/loop"
	"smileybot/bot/slackapi"
)

// Pace is how fast messages may go to Slack.
type Pace struct {
	// Post is the least time between two posts in one channel.
	Post time.Duration
	// Edits is how many messages may be edited in any minute, in all channels.
	Edits int
}

// SlackPace is what Slack allows: about one message a second and channel, and 50 calls of chat.update
// a minute (docs.slack.dev/apis/web-api/rate-limits, tier 3).
func SlackPace() Pace { return Pace{Post: time.Second, Edits: 50} }

// A taskKind is a kind of task; each can fail by itself.
type taskKind string

// The kinds of tasks.
const (
	tests   taskKind = "test of the token"
	posts   taskKind = "posts"
	notices taskKind = "notices in threads"
	edits   taskKind = "edits"
	deletes taskKind = "deletions"
	reads   taskKind = "reads of the history"
)

// shows reports whether a task brings a message to Slack. A message that Slack rejects waits by
// itself; any other rejected task holds back its kind.
func (k taskKind) shows() bool { return k == posts || k == notices || k == edits }

// A scope is where something can fail: one kind of task in a channel, or everything when it is zero.
type scope struct {
	channel string
	kind    taskKind
}

// A backoff holds a scope back after a failure.
type backoff struct {
	until    time.Time
	failures int
}

// A throttle knows when the next task of each kind may begin. Only the loop of the Deliverer uses it,
// except for edits, which is safe for all.
type throttle struct {
	pace     Pace
	edits    *rate.Limiter
	posted   map[string]time.Time // by channel: when the last post ended
	paused   map[string]time.Time // by method: until when Slack asks not to be called
	backoffs map[scope]backoff
}

// newThrottle allows as many edits in any minute as the pace says: a fifth at once, and the rest
// evenly.
func newThrottle(pace Pace) *throttle {
	burst := max(pace.Edits/5, 1)
	steady := rate.Limit(float64(max(pace.Edits-burst, 1)) / time.Minute.Seconds())
	return &throttle{
		pace:     pace,
		edits:    rate.NewLimiter(steady, burst),
		posted:   make(map[string]time.Time),
		paused:   make(map[string]time.Time),
		backoffs: make(map[scope]backoff),
	}
}

// post is when the next post of a kind in a channel may go.
func (t *throttle) post(channel string, kind taskKind) time.Time {
	return loop.Latest(t.next(channel, kind, slackapi.MethodPost), t.posted[channel].Add(t.pace.Post))
}

// edit is when the next edit in a channel may go.
func (t *throttle) edit(channel string, now time.Time) time.Time {
	at := now
	if missing := 1 - t.edits.TokensAt(now); missing > 0 {
		at = now.Add(time.Duration(missing / float64(t.edits.Limit()) * float64(time.Second)))
	}
	return loop.Latest(t.next(channel, edits, slackapi.MethodUpdate), at)
}

// next is when a kind of task may begin in a channel, by its failures and the pauses of the methods
// that it calls.
func (t *throttle) next(channel string, kind taskKind, methods ...string) time.Time {
	at := loop.Latest(t.backoffs[scope{channel, kind}].until, t.backoffs[scope{}].until)
	for _, method := range methods {
		at = loop.Latest(at, t.paused[method])
	}
	return at
}

// severalFailures in a row are no longer about one message.
const severalFailures = 3

// failing reports whether a kind of task has failed in a channel several times in a row.
func (t *throttle) failing(channel string, kind taskKind) bool {
	return t.backoffs[scope{channel, kind}].failures >= severalFailures
}

// The backoff of a scope grows from a second to backoffMax, short enough for a channel to be whole
// again within two minutes of Slack's return.
const backoffMax = 15 * time.Second

// fail holds a scope back: 1, 2, 4, 8 and then always 15 s. What an operator must repair is retried
// every operatorRetry; as long as it may be about one message only, the next one is tried first.
func (t *throttle) fail(s scope, r slackapi.Result, now time.Time) {
	b := t.backoffs[s]
	wait := min(time.Second<<min(b.failures, 4), backoffMax)
	if r.Class == slackapi.ClassOperator {
		wait = operatorRetry
		if !slackapi.AffectsChannel(r.Reason) && b.failures < severalFailures {
			wait = 0
		}
	}
	t.backoffs[s] = backoff{until: now.Add(wait), failures: b.failures + 1}
}
