package outbox

import (
	"time"

	"golang.org/x/time/rate"
)

// Pace is how fast messages may go to Slack.
type Pace struct {
	// Post is the least time between two posts in one channel.
	Post time.Duration
	// Edits is how many messages may be edited in any minute, in all channels.
	Edits int
}

// SlackPace is what Slack allows: about one message a second and channel, and
// 50 calls of chat.update a minute (docs.slack.dev/apis/web-api/rate-limits,
// tier 3).
func SlackPace() Pace { return Pace{Post: time.Second, Edits: 50} }

// The methods of Slack that are paced, and that Slack may ask to be silent.
const (
	methodAuth    = "auth.test"
	methodPost    = "chat.postMessage"
	methodEdit    = "chat.update"
	methodDelete  = "chat.delete"
	methodHistory = "conversations.history"
	methodReplies = "conversations.replies"
)

// A throttle knows when the next call of each sort may be made. Only the loop
// of the deliverer uses it, but for edits, which is safe for all.
type throttle struct {
	pace     Pace
	edits    *rate.Limiter
	posted   map[string]time.Time // by channel: when the last post ended
	silent   map[string]time.Time // by method: until when Slack wants silence
	backoffs map[place]backoff
}

// A sort of work; each can fail by itself.
type sort string

// The sorts of work.
const (
	tests   sort = "test of the token"
	posts   sort = "posts"
	notices sort = "notices in threads"
	edits   sort = "edits"
	deletes sort = "deletions"
	reads   sort = "readings of the history"
)

// shows reports whether the work brings a message to Slack. Then a message that
// Slack refuses waits by itself; else the work has to.
func (s sort) shows() bool { return s == posts || s == notices || s == edits }

// A place is where something can fail: one sort of work in a channel, or
// everything when it is empty.
type place struct {
	channel string
	what    sort
}

// A backoff holds a channel back after a failure.
type backoff struct {
	until    time.Time
	failures int
}

// newThrottle allows as many edits in any minute as the pace says: a fifth at
// once, and the rest evenly.
func newThrottle(pace Pace) *throttle {
	burst := max(pace.Edits/5, 1)
	steady := rate.Limit(float64(max(pace.Edits-burst, 1)) / time.Minute.Seconds())
	return &throttle{
		pace:     pace,
		edits:    rate.NewLimiter(steady, burst),
		posted:   make(map[string]time.Time),
		silent:   make(map[string]time.Time),
		backoffs: make(map[place]backoff),
	}
}

// post is when the next post of a sort in a channel may go.
func (t *throttle) post(channel string, what sort) time.Time {
	return latest(t.free(channel, what), t.silent[methodPost], t.posted[channel].Add(t.pace.Post))
}

// edit is when the next edit in a channel may go.
func (t *throttle) edit(channel string, now time.Time) time.Time {
	at := now
	if missing := 1 - t.edits.TokensAt(now); missing > 0 {
		at = now.Add(time.Duration(missing / float64(t.edits.Limit()) * float64(time.Second)))
	}
	return latest(t.free(channel, edits), t.silent[methodEdit], at)
}

// read is when a channel's history may be read.
func (t *throttle) read(channel string) time.Time {
	return latest(t.free(channel, reads), t.silent[methodHistory], t.silent[methodReplies], t.silent[methodDelete])
}

// free is when a sort of work is no longer held back in a channel.
func (t *throttle) free(channel string, what sort) time.Time {
	return latest(t.backoffs[place{channel, what}].until, t.backoffs[place{}].until)
}

// severalFailures in a row are no longer about one message.
const severalFailures = 3

// failing reports whether a sort of work has failed in a channel several times in
// a row.
func (t *throttle) failing(channel string, what sort) bool {
	return t.backoffs[place{channel, what}].failures >= severalFailures
}

// fail holds a place back: 1, 2, 4, 8 and then always 15 s, short enough for
// the channel to be whole again within two minutes of Slack's return. What
// somebody has to mend is tried again every 20 s; as long as it may be about one
// message only, the next one is tried first.
func (t *throttle) fail(p place, v verdict, now time.Time) {
	s := t.backoffs[p]
	wait := min(time.Second<<min(s.failures, 4), 15*time.Second)
	if v.class == classOperator {
		wait = operatorAgain
		if !channelWide(v.reason) && s.failures < severalFailures {
			wait = 0
		}
	}
	t.backoffs[p] = backoff{until: now.Add(wait), failures: s.failures + 1}
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
