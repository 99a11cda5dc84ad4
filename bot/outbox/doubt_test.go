package outbox_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/store/storetest"
)

func count(text, what string) int { return strings.Count(text, what) }

// stands asserts that a channel shows only this feedback, while another channel
// is in trouble.
func (w *fixture) stands(channel, id string) {
	w.t.Helper()
	living := w.living(channel)
	require.Len(w.t, living, 1)
	assert.Equal(w.t, id, living[0].Metadata.EventPayload["feedback_id"])
}

// doubtful are the faults after which it is unknown whether Slack has the
// message; half of the time it does.
func doubtful() map[string]fakeslack.Kind {
	return map[string]fakeslack.Kind{
		"503 before":            fakeslack.Status(503),
		"503 after":             fakeslack.StatusAfter(503),
		"cut before":            fakeslack.CutBefore(),
		"cut after":             fakeslack.CutAfter(),
		"hang before":           fakeslack.Hang(),
		"hang after":            fakeslack.HangAfter(),
		"internal_error before": fakeslack.ErrorCode("internal_error"),
		"fatal_error after":     fakeslack.ErrorCodeAfter("fatal_error"),
	}
}

func TestADoubtfulPostIsSettled(t *testing.T) {
	for name, kind := range doubtful() {
		t.Run(name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: kind})
				e := red()
				id := w.take(e)
				w.take(storetest.Comment(e, "meanwhile", time.Now()))
				w.pass(2 * time.Minute)
				w.whole(support, id)
				assert.LessOrEqual(t, len(w.calls("chat.postMessage")), 2)
			})
		})
	}
}

func TestADoubtfulPostIsNotRepeatedBlindly(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutAfter()})
		w.slack.Fail(fakeslack.Fault{Method: "conversations.history", Times: -1, Kind: fakeslack.ErrorCode("missing_scope")})
		id := w.take(red())
		w.pass(10 * time.Minute)
		assert.Len(t, w.calls("chat.postMessage"), 1, "the history cannot be read, so it stays in doubt")
		require.Len(t, w.d.Failures(), 1)
		assert.Equal(t, "conversations.history", w.d.Failures()[0].Method)
		assert.Equal(t, 1, testutil.CollectAndCount(w.registry, "smileybot_slack_trouble"))

		other := w.take(green("reply-2"))
		w.pass(5 * time.Second)
		assert.Len(t, w.living(support), 2, "the next one is posted all the same")

		w.slack.Heal()
		w.pass(time.Minute)
		w.whole(support, id, other)
		assert.Len(t, w.calls("chat.postMessage"), 2)
	})
}

func TestTheSettlingWaits(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutBefore()})
		w.take(red())
		w.pass(29 * time.Second)
		assert.Empty(t, w.calls("conversations.history"))
		w.pass(time.Minute)
		assert.NotEmpty(t, w.calls("conversations.history"))
	})
}

func TestALateMessageIsDeleted(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutBefore()})
		id := w.take(red())
		w.pass(40 * time.Second)
		linked := w.one()
		// What was sent first turns up after all.
		_, _, err := w.api().PostMessageContext(t.Context(), support, slack.MsgOptionText("late", false),
			slack.MsgOptionMetadata(slack.SlackMetadata{
				EventType:    "smileybot_feedback",
				EventPayload: map[string]any{"feedback_id": id, "revision": 1},
			}))
		require.NoError(t, err)
		w.pass(2 * time.Minute)
		assert.Equal(t, linked.TS, w.one().TS, "the linked one stays")
		w.whole(support, id)
	})
}

func TestAKilledProcess(t *testing.T) {
	for _, arrived := range []bool{false, true} {
		t.Run(fmt.Sprintf("arrived=%t", arrived), func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				w.stop()
				w.openStore()
				taken, err := w.store.Ingest(t.Context(), delivery(), red())
				require.NoError(t, err)
				id := taken[0].FeedbackID
				require.NoError(t, w.store.Attempt(t.Context(), id, support, time.Now()))
				if arrived {
					_, _, err := w.api().PostMessageContext(t.Context(), support, slack.MsgOptionText("Red", false),
						slack.MsgOptionMetadata(slack.SlackMetadata{
							EventType:    "smileybot_feedback",
							EventPayload: map[string]any{"feedback_id": id, "revision": 1},
						}))
					require.NoError(t, err)
				}
				require.NoError(t, w.store.Close())
				w.start()
				w.pass(2 * time.Minute)
				w.whole(support, id)
			})
		})
	}
}

func TestTheStopCutsAnOpenCall(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.HangAfter()})
		id := w.take(red())
		w.pass(time.Second)
		begun := time.Now()
		w.stop()
		assert.LessOrEqual(t, time.Since(begun), 7*time.Second)
		w.start()
		w.pass(2 * time.Minute)
		w.whole(support, id)
		assert.Len(t, w.calls("chat.postMessage"), 1)
	})
}

// TestOneMessageEachOverABadDay plays hours of ratings against a Slack that fails in every way,
// with restarts. Afterwards each is in Slack exactly once in its last state.
func TestOneMessageEachOverABadDay(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			withFixture(t, func(w *fixture) { badDay(w, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func badDay(w *fixture, random *rand.Rand) {
	w.t.Helper()
	var ids []string
	var events []feedback.Event
	kinds := doubtful()
	kinds["429"] = fakeslack.RateLimited(20 * time.Second)
	kinds["not_in_channel"] = fakeslack.ErrorCode("not_in_channel")
	kinds["invalid_blocks"] = fakeslack.ErrorCode("invalid_blocks")
	kinds["message_not_found"] = fakeslack.ErrorCode("edit_window_closed")
	names := []string{
		"503 before", "503 after", "cut before", "cut after", "hang before", "hang after", "internal_error before",
		"fatal_error after", "429", "not_in_channel", "invalid_blocks", "message_not_found",
	}
	methods := []string{"chat.postMessage", "chat.update", "conversations.history", "chat.delete"}
	for i := range 60 {
		if random.IntN(3) == 0 {
			method := methods[random.IntN(len(methods))]
			name := names[random.IntN(len(names))]
			if name == "message_not_found" && method != "chat.update" {
				name = "503 after"
			}
			w.slack.Fail(fakeslack.Fault{Method: method, Times: 1 + random.IntN(3), Kind: kinds[name]})
		}
		switch {
		case random.IntN(2) == 0 || len(events) == 0:
			e := storetest.Smiley(strconv.Itoa(i), feedback.Smileys()[random.IntN(3)], time.Now())
			events, ids = append(events, e), append(ids, w.take(e))
		default:
			w.take(storetest.Comment(events[random.IntN(len(events))], fmt.Sprint("comment ", i), time.Now()))
		}
		w.pass(time.Duration(random.IntN(20_000)) * time.Millisecond)
		if random.IntN(12) == 0 {
			w.restart()
		}
	}
	w.slack.Heal()
	w.pass(70 * time.Minute) // what Slack refused even as text waits an hour
	w.whole(support, ids...)
	w.paced()
}

// paced asserts that posts kept their distance.
func (w *fixture) paced() {
	w.t.Helper()
	var last time.Time
	for _, c := range w.calls("chat.postMessage") {
		assert.GreaterOrEqual(w.t, c.At.Sub(last), time.Second)
		last = c.At
	}
}
