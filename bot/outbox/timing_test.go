package outbox_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// gaps are the times between the calls of a method, at most n of them.
func (w *fixture) gaps(method string, n int) []time.Duration {
	var gaps []time.Duration
	calls := w.calls(method)
	for i := 1; i < len(calls); i++ {
		gaps = append(gaps, calls[i].At.Sub(calls[i-1].At).Round(time.Millisecond))
	}
	return gaps[:min(n, len(gaps))]
}

func seconds(n ...float64) []time.Duration {
	var all []time.Duration
	for _, s := range n {
		all = append(all, time.Duration(s*float64(time.Second)))
	}
	return all
}

// fails has every call of a method, or only those that fit, answered with an error.
func (w *fixture) fails(method, code string, fits func(fakeslack.Call) bool) {
	w.slack.Fail(fakeslack.Fault{Method: method, Times: -1, When: fits, Kind: fakeslack.ErrorCode(code)})
}

// TestEachConstantGivesItsTimes has a row for each constant of rate.go, queue.go, send.go and failures.go. A row sets a
// scene and returns the times that follow from the constant.
func TestEachConstantGivesItsTimes(t *testing.T) {
	const post, update, history = "chat.postMessage", "chat.update", "conversations.history"
	reply := func(c fakeslack.Call) bool { return c.Args["thread_ts"] != "" }
	for _, test := range []struct {
		name  string
		scene func(w *fixture) []time.Duration
		want  []time.Duration
	}{
		{"Pace.Post: a second between posts", func(w *fixture) []time.Duration {
			for i := range 4 {
				w.take(green(strconv.Itoa(i)))
			}
			w.pass(time.Minute)
			return w.gaps(post, 3)
		}, seconds(1, 1, 1)},
		{"Pace.Edits: ten at once, then forty a minute", func(w *fixture) []time.Duration {
			var events []feedback.Event
			for i := range 14 {
				events = append(events, green(strconv.Itoa(i)))
				w.take(events[i])
			}
			w.pass(5 * time.Minute)
			for _, e := range events {
				w.take(storetest.Comment(e, "thanks", time.Now()))
			}
			w.pass(time.Minute)
			require.Len(w.t, w.calls(update), 14)
			began, ended := w.calls(update)[0].At, w.calls(update)[9].At
			assert.Less(w.t, ended.Sub(began), time.Second, "the first ten")
			return w.gaps(update, 13)[10:]
		}, seconds(1.5, 1.5, 1.5)},
		{"CallTimeout and resolveAfter: a call that hangs is looked up after 8 s and 30 s", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Kind: fakeslack.Hang()})
			w.take(red())
			began := time.Now()
			w.pass(time.Minute)
			return []time.Duration{w.calls(history)[0].At.Sub(began)}
		}, seconds(38)},
		{"resolveAfter: a post in doubt is looked up after 30 s", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Kind: fakeslack.CutAfter()})
			w.take(red())
			w.pass(time.Minute)
			return []time.Duration{w.calls(history)[0].At.Sub(w.calls(post)[0].At)}
		}, seconds(30)},
		{"clockSkew: the history is read from 10 min before the attempt", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Kind: fakeslack.CutAfter()})
			w.take(red())
			w.pass(time.Minute)
			oldest, err := strconv.ParseFloat(w.calls(history)[0].Args["oldest"], 64)
			require.NoError(w.t, err)
			attempt := w.calls(post)[0].At
			return []time.Duration{attempt.Sub(time.UnixMicro(int64(oldest * 1e6))).Round(time.Second)}
		}, seconds(600)},
		{"backoff of a scope: doubled up to 15 s", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Kind: fakeslack.CutAfter()})
			w.slack.Fail(fakeslack.Fault{Method: history, Times: -1, Kind: fakeslack.Status(503)})
			w.take(red())
			w.pass(2 * time.Minute)
			return w.gaps(history, 6)
		}, seconds(1, 2, 4, 8, 15, 15)},
		{"operatorRetry: a channel without the bot is retried every 20 s", func(w *fixture) []time.Duration {
			w.fails(post, "not_in_channel", nil)
			w.take(red())
			w.pass(90 * time.Second)
			return w.gaps(post, 4)
		}, seconds(20, 20, 20, 20)},
		{"severalFailures: three messages fail before their channel waits", func(w *fixture) []time.Duration {
			w.fails(post, "unheard_of", nil)
			for i := range 6 {
				w.take(green(strconv.Itoa(i)))
			}
			w.pass(30 * time.Second)
			return w.gaps(post, 4)
		}, seconds(1, 1, 1, 20)},
		{"itemRetryMin and itemRetryMax: one message waits 45 s, doubled up to 15 min", func(w *fixture) []time.Duration {
			w.fails(post, "unheard_of", nil)
			w.take(red())
			w.pass(time.Hour)
			return w.gaps(post, 7)
		}, seconds(45, 90, 180, 360, 720, 900, 900)},
		{"itemBackoff: a message that worked waits 45 s again", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Times: 3, Kind: fakeslack.ErrorCode("unheard_of")})
			e := red()
			w.take(e)
			w.pass(10 * time.Minute)
			w.one()
			w.fails(update, "unheard_of", nil)
			w.take(storetest.Comment(e, "why", time.Now()))
			w.pass(3 * time.Minute)
			return w.gaps(update, 2)
		}, seconds(45, 90)},
		{"operatorRetry: an edit in doubt is made again after 20 s", func(w *fixture) []time.Duration {
			e := red()
			w.take(e)
			w.pass(5 * time.Second)
			w.slack.Fail(fakeslack.Fault{Method: update, Kind: fakeslack.CutAfter()})
			w.take(storetest.Comment(e, "why", time.Now()))
			w.pass(time.Minute)
			return w.gaps(update, 1)
		}, seconds(20)},
		{"threadRetry: a reply whose thread is gone is retried after a minute", func(w *fixture) []time.Duration {
			e := red()
			id := w.take(e)
			w.step(id, followup.Transition{Action: followup.ActionClaim, By: "U0BART"})
			w.pass(5 * time.Second)
			w.fails(post, "thread_not_found", reply)
			w.take(storetest.Comment(e, "why", time.Now()))
			w.pass(3 * time.Minute)
			return w.gaps(post, 3)[1:]
		}, seconds(60, 60)},
		{"rejectedRetry: what is rejected as text too is retried after an hour", func(w *fixture) []time.Duration {
			w.fails(post, "invalid_blocks", nil)
			w.take(red())
			w.pass(2*time.Hour + time.Minute)
			return w.gaps(post, 3)
		}, seconds(1, 3600, 1)},
		{"rejectedRetry: an edit, too", func(w *fixture) []time.Duration {
			e := red()
			w.take(e)
			w.pass(5 * time.Second)
			w.fails(update, "invalid_blocks", nil)
			w.take(storetest.Comment(e, "why", time.Now()))
			w.pass(2*time.Hour + time.Minute)
			return w.gaps(update, 3)
		}, seconds(0, 3600, 0)},
		{"notYetMax: a list waits a minute for its messages", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Channel: support, Times: -1, Kind: fakeslack.ErrorCode("not_in_channel")})
			began := w.atRisk()
			w.pass(5 * time.Minute)
			require.Len(w.t, w.living(leads), 1)
			return []time.Duration{w.lastPost(leads).Sub(began).Round(time.Second)}
		}, seconds(60)},
		{"notYetRetry: a list follows its last message within two seconds", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Channel: support, Kind: fakeslack.ErrorCode("not_in_channel")})
			w.atRisk()
			w.pass(5 * time.Minute)
			require.Len(w.t, w.living(support), 3)
			return []time.Duration{w.lastPost(leads).Sub(w.lastPost(support)).Truncate(2 * time.Second)}
		}, seconds(0)},
		{"failureShown: a failure is reported a minute longer than its backoff", func(w *fixture) []time.Duration {
			e := red()
			w.take(e)
			w.pass(5 * time.Second)
			w.slack.Fail(fakeslack.Fault{Method: update, Kind: fakeslack.Status(503)})
			w.slack.Fail(fakeslack.Fault{Method: update, Kind: fakeslack.RateLimited(10 * time.Minute)})
			w.take(storetest.Comment(e, "why", time.Now()))
			w.pass(time.Millisecond)
			began := w.calls(update)[0].At
			for len(w.d.Failures()) > 0 {
				w.pass(100 * time.Millisecond)
			}
			return []time.Duration{time.Since(began).Round(time.Second)}
		}, seconds(61)},
		{"shutdownGrace: an open call is cut after 6 s", func(w *fixture) []time.Duration {
			w.slack.Fail(fakeslack.Fault{Method: post, Kind: fakeslack.HangAfter()})
			w.take(red())
			w.pass(time.Second)
			began := time.Now()
			w.stop()
			return []time.Duration{time.Since(began)}
		}, seconds(6)},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) { assert.Equal(w.t, test.want, test.scene(w)) })
		})
	}
}

// atRisk stores three unhappy answers of one customer, and returns when.
func (w *fixture) atRisk() time.Time {
	w.t.Helper()
	began := time.Now()
	for _, id := range []string{"1", "2", "3"} {
		w.take(of(storetest.Smiley(id, feedback.Red, time.Now()), ""))
	}
	return began
}

// lastPost is when the last message was posted in a channel.
func (w *fixture) lastPost(channel string) (at time.Time) {
	for _, c := range w.calls("chat.postMessage") {
		if c.Args["channel"] == channel && c.Outcome == "ok" {
			at = c.At
		}
	}
	return at
}

// TestRoundsAreBounded: however often the outbox changes, it is read twenty times a second.
func TestRoundsAreBounded(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.pass(time.Minute)
		require.NoError(w.t, w.store.Close()) // each round logs a failure
		for range 10_000 {
			w.d.Wake()
			w.pass(time.Millisecond)
		}
		assert.InDelta(w.t, 10*20+10, count(w.log.String(), "could not read the outbox"), 5)
	})
}

// TestAFailureKeepsItsBeginning while it lasts.
func TestAFailureKeepsItsBeginning(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.Leave(support, w.slack.Options().BotUserID)
		w.take(red())
		w.pass(time.Second)
		first := w.d.Failures()
		require.Len(w.t, first, 1)
		w.pass(time.Hour)
		assert.Equal(w.t, first, w.d.Failures())
	})
}

// TestAReplacedMessageIsNotAdopted: it is still in the history while the post that replaces it is in
// doubt.
func TestAReplacedMessageIsNotAdopted(t *testing.T) {
	withFixture(t, func(w *fixture) {
		e := red()
		id := w.take(e)
		w.pass(5 * time.Second)
		old := w.one()
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("cant_update_message")})
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutBefore()})
		w.take(storetest.Comment(e, "why", time.Now()))
		w.pass(3 * time.Minute)
		assert.NotEqual(w.t, old.TS, w.one().TS)
		assert.Len(w.t, w.calls("chat.postMessage"), 3)
		w.whole(support, id)
	})
}

// sameCursor answers each read of the history with the same cursor, a hundred times.
type sameCursor struct {
	http.RoundTripper

	reads atomic.Int64
}

func (c *sameCursor) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/conversations.history") || c.reads.Load() >= 100 {
		return c.RoundTripper.RoundTrip(r)
	}
	c.reads.Add(1)
	body := `{"ok": true, "messages": [], "response_metadata": {"next_cursor": "again"}}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestACursorThatRepeats ends the read, which is then retried like any other that failed.
func TestACursorThatRepeats(t *testing.T) {
	withFixture(t, func(w *fixture) {
		c := &sameCursor{RoundTripper: w.slack.Transport()}
		w.stop()
		w.transport = c
		w.start()
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutAfter()})
		id := w.take(red())
		w.pass(35 * time.Second) // the history is read at 30 s, 31 s and 33 s
		assert.Equal(w.t, int64(6), c.reads.Load(), "two pages each time")
		c.reads.Store(100)
		w.pass(time.Minute)
		w.whole(support, id)
		assert.Len(w.t, w.calls("chat.postMessage"), 1)
	})
}
