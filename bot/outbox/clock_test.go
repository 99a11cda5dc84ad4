package outbox_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// A slackClock is Slack's, which differs from the machine's.
type slackClock struct{ behind atomic.Int64 }

func (c *slackClock) now() time.Time           { return time.Now().Add(-time.Duration(c.behind.Load())) }
func (c *slackClock) set(behind time.Duration) { c.behind.Store(int64(behind)) }

// offsets are by how much the machine's clock is ahead of Slack's.
func offsets() []struct {
	name  string
	ahead time.Duration
} {
	return []struct {
		name  string
		ahead time.Duration
	}{
		{"four minutes ahead", 4 * time.Minute},
		{"eleven minutes ahead", 11 * time.Minute},
		{"two hours behind", -2 * time.Hour},
		{"three years ahead", 3 * 365 * 24 * time.Hour},
		{"three years behind", -3 * 365 * 24 * time.Hour},
	}
}

// TestDoubtWithAWrongClock: whether the clock was wrong from the start, or is set between a post and
// the look at the history, and whatever happened to the post, one message is left.
func TestDoubtWithAWrongClock(t *testing.T) {
	for _, test := range offsets() {
		for _, name := range []string{"503 before", "503 after", "cut after"} {
			kind := doubtful()[name]
			for _, when := range []string{"meanwhile", "from the start", "after a restart"} {
				if when != "meanwhile" && (testing.Short() || name != "503 after") {
					continue
				}
				t.Run(test.name+"/"+name+"/"+when, func(t *testing.T) {
					clock := new(slackClock)
					withSlackClock(t, clock, func(w *fixture) {
						if when == "from the start" {
							clock.set(test.ahead)
							w.restart()
						}
						w.pass(time.Second)
						w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: kind})
						id := w.take(red())
						w.pass(10 * time.Second)
						switch when {
						case "meanwhile":
							clock.set(test.ahead)
						case "after a restart":
							w.stop()
							clock.set(test.ahead)
							w.start()
						}
						w.pass(3 * time.Minute)
						w.whole(support, id)
					})
				})
			}
		}
	}
}

// TestDoubtOfAMachineWithAWrongClock: a post that is made at once when the bot starts, on a machine whose
// clock is wrong, leaves one message.
func TestDoubtOfAMachineWithAWrongClock(t *testing.T) {
	for _, test := range offsets() {
		for _, slow := range []bool{false, true} {
			t.Run(test.name+map[bool]string{false: "", true: ", and Slack says so late"}[slow], func(t *testing.T) {
				withFixture(t, func(w *fixture) {
					w.pass(time.Second)
					w.stop()
					w.openStore()
					_, err := w.store.Ingest(w.t.Context(), delivery(), red())
					require.NoError(w.t, err)
					require.NoError(w.t, w.store.Close())
					w.machine = func() time.Time { return time.Now().Add(test.ahead) }
					w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.StatusAfter(503)})
					if slow {
						w.slack.Fail(fakeslack.Fault{Method: "auth.test", Kind: fakeslack.CutBefore(), Times: 3})
					}
					w.start()
					if slow {
						w.pass(2 * time.Second)
						assert.Empty(w.t, w.calls("chat.postMessage"), "no post begins before Slack's time is known")
					}
					w.pass(3 * time.Minute)
					assert.Len(w.t, w.living(support), 1)
					assert.Len(w.t, w.calls("chat.postMessage"), 1)
				})
			})
		}
	}
}

// TestAttemptNotedAhead: an attempt that lies in the future, as a clock noted it that ran ahead, is
// looked for in the history of a whole day.
func TestAttemptNotedAhead(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.StatusAfter(503)})
		id := w.take(red())
		w.pass(time.Second)
		w.stop()
		w.openStore()
		items, err := w.store.Doubts(w.t.Context())
		require.NoError(w.t, err)
		require.Len(w.t, items, 1)
		ahead := time.Now().Add(72 * time.Hour)
		require.NoError(w.t, w.store.Abandon(w.t.Context(), id, time.Now()))
		require.NoError(w.t, w.store.Attempt(w.t.Context(), id, support, ahead))
		require.NoError(w.t, w.store.Close())
		w.pass(3 * time.Hour)
		w.start()
		w.pass(3 * time.Minute)
		w.whole(support, id)
		assert.Len(w.t, w.calls("chat.postMessage"), 1)
	})
}

// TestQueueDrainsThoughTheClockIsSet: posts that wait for an operator go within a minute after the
// fault is repaired, although the clock was set, also over a restart.
func TestQueueDrainsThoughTheClockIsSet(t *testing.T) {
	for _, test := range offsets() {
		for _, restarts := range []bool{false, true} {
			t.Run(test.name+map[bool]string{false: "", true: ", and a restart"}[restarts], func(t *testing.T) {
				clock := new(slackClock)
				withSlackClock(t, clock, func(w *fixture) {
					w.slack.Leave(support, w.slack.Options().BotUserID)
					ids := []string{w.take(red()), w.take(green("reply-2"))}
					w.pass(5 * time.Minute)
					require.Empty(w.t, w.living(support))
					clock.set(test.ahead)
					if restarts {
						w.restart()
					}
					w.slack.Join(support, w.slack.Options().BotUserID)
					w.pass(time.Minute)
					assert.Len(w.t, w.living(support), len(ids))
				})
			})
		}
	}
}

// TestPauseIsNoLongerThanSlackSaid, by whatever clock.
func TestPauseIsNoLongerThanSlackSaid(t *testing.T) {
	for _, test := range offsets() {
		for _, restarts := range []bool{false, true} {
			t.Run(test.name+map[bool]string{false: "", true: ", and a restart"}[restarts], func(t *testing.T) {
				clock := new(slackClock)
				withSlackClock(t, clock, func(w *fixture) {
					w.pass(time.Second)
					w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.RateLimited(40 * time.Second)})
					w.take(red())
					w.pass(10 * time.Second)
					if !restarts {
						clock.set(test.ahead)
					} else {
						w.machine = func() time.Time { return time.Now().Add(test.ahead) }
						w.restart()
					}
					w.pass(29 * time.Second)
					assert.Empty(w.t, w.living(support), "not earlier")
					w.pass(3 * time.Second)
					assert.Len(w.t, w.living(support), 1)
				})
			})
		}
	}
}
