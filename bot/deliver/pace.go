package deliver

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

// A place is where something can fail: one method in a channel, or in all of
// them when the channel is empty.
type place struct {
	channel, method string
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

// post is when the next post in a channel may go.
func (t *throttle) post(channel string) time.Time {
	return latest(t.free(channel, methodPost), t.posted[channel].Add(t.pace.Post))
}

// edit is when the next edit in a channel may go.
func (t *throttle) edit(channel string, now time.Time) time.Time {
	at := now
	if missing := 1 - t.edits.TokensAt(now); missing > 0 {
		at = now.Add(time.Duration(missing / float64(t.edits.Limit()) * float64(time.Second)))
	}
	return latest(t.free(channel, methodEdit), at)
}

// free is when a method is no longer held back in a channel.
func (t *throttle) free(channel, method string) time.Time {
	return latest(t.backoffs[place{channel, method}].until, t.backoffs[place{"", method}].until, t.silent[method])
}

// fail holds a place back: 1, 2, 4, 8 and then always 15 s, short enough for
// the channel to be whole again within two minutes of Slack's return. What
// somebody has to mend is tried again every 20 s.
func (t *throttle) fail(p place, c class, now time.Time) {
	s := t.backoffs[p]
	wait := min(time.Second<<min(s.failures, 4), 15*time.Second)
	if c == classOperator {
		wait = 20 * time.Second
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
