package outbox_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

func TestOneLivingMessage(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		e := red()
		id := w.take(e)
		w.pass(100 * time.Millisecond)
		first := w.one()
		assert.Contains(t, first.Text, "Red")

		w.take(storetest.Comment(e, "Step 3 is wrong", time.Now()))
		w.pass(100 * time.Millisecond)
		second := w.one()
		assert.Equal(t, first.TS, second.TS, "the same message is edited")
		assert.Contains(t, string(second.Blocks), "Step 3 is wrong")
		w.whole(support, id)
	})
}

func TestRouteNamesTheChannel(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		id := w.take(storetest.Score("c-1", feedback.KindNPS, 9, time.Now()))
		w.pass(100 * time.Millisecond)
		assert.Empty(t, w.living(support))
		w.whole(nps, id)
	})
}

func TestPaceAndOrder(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.RateLimited(30 * time.Second)})
		w.pass(10 * time.Second)
		var ids []string
		for i := range 20 {
			smiley := feedback.Smileys()[2-i%3]
			ids = append(ids, w.take(storetest.Smiley(strconv.Itoa(i), smiley, time.Now())))
			w.pass(time.Millisecond)
		}
		w.slack.Heal()
		w.pass(2 * time.Minute)
		w.whole(support, ids...)

		var order []string
		var last time.Time
		for _, c := range w.calls("chat.postMessage") {
			if c.Outcome != "ok" {
				continue
			}
			assert.GreaterOrEqual(t, c.At.Sub(last), time.Second, "one post a second")
			last = c.At
		}
		for _, m := range w.living(support) {
			order = append(order, m.Text)
		}
		assert.IsNonDecreasing(t, colours(order), "red before yellow before green: %v", order)
	})
}

// colours ranks messages as the queue does.
func colours(texts []string) []int {
	ranks := make([]int, len(texts))
	for i, text := range texts {
		for rank, word := range []string{"Red", "Yellow", "Green"} {
			if strings.Contains(text, word) {
				ranks[i] = rank
			}
		}
	}
	return ranks
}

func TestEditsAreBounded(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		e := red()
		id := w.take(e)
		for i := range 300 {
			w.take(storetest.Comment(e, fmt.Sprint("comment ", i), time.Now()))
			w.pass(500 * time.Millisecond)
		}
		w.pass(10 * time.Second)
		w.whole(support, id)
		edits := w.calls("chat.update")
		for i := range edits {
			if i >= 50 {
				assert.Greater(t, edits[i].At.Sub(edits[i-50].At), time.Minute, "more than 50 edits in a minute")
			}
		}
		assert.Greater(t, len(edits), 80, "the pace is used")
	})
}

func TestRetryAfterIsObeyedOverARestart(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.RateLimited(90 * time.Second)})
		id := w.take(red())
		w.pass(time.Second)
		w.restart()
		w.pass(3 * time.Minute)
		w.whole(support, id)
		posts := w.calls("chat.postMessage")
		require.Len(t, posts, 2)
		assert.GreaterOrEqual(t, posts[1].At.Sub(posts[0].At), 90*time.Second)
	})
}

func TestNoEditBeforeAPostThatCouldGo(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		e := green("old")
		old := w.take(e)
		w.pass(5 * time.Second)
		w.stop()
		w.openStore()
		_, err := w.store.Ingest(t.Context(), delivery(), storetest.Comment(e, "nice", time.Now()))
		require.NoError(t, err)
		taken, err := w.store.Ingest(t.Context(), delivery(), green("new"))
		require.NoError(t, err)
		require.NoError(t, w.store.Close())
		w.start()
		w.pass(5 * time.Second)
		w.whole(support, old, taken[0].FeedbackID)
		var done []string
		for _, c := range w.slack.Calls() {
			if c.Method != "auth.test" {
				done = append(done, c.Method)
			}
		}
		assert.Equal(t, []string{"chat.postMessage", "chat.postMessage", "chat.update"}, done)
	})
}

func TestAPermanentErrorKeepsTheQueue(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Leave(support, w.slack.Options().BotUserID)
		id := w.take(red())
		other := w.take(storetest.Score("c-1", feedback.KindNPS, 9, time.Now()))
		w.pass(10 * time.Minute)
		w.stands(nps, other)

		troubles := w.d.Failures()
		require.Len(t, troubles, 1)
		assert.Equal(t, "not_in_channel", troubles[0].Reason)
		assert.Contains(t, troubles[0].Remedy, "/invite @smileybot")
		assert.Equal(t, 1, count(w.log.String(), "not_in_channel"), "it is logged once")

		w.slack.Join(support, w.slack.Options().BotUserID)
		w.pass(time.Minute)
		w.whole(support, id)
		assert.Empty(t, w.d.Failures())
	})
}

func TestARefusedTokenIsSaidBeforeTheFirstRating(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.stop()
		w.slack.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.ErrorCode("invalid_auth")})
		w.start()
		w.pass(time.Second)
		require.Len(t, w.d.Failures(), 1)
		assert.Contains(t, w.d.Failures()[0].Remedy, "SLACK_BOT_TOKEN")
		id := w.take(red())
		w.pass(5 * time.Minute)
		w.slack.Heal()
		w.pass(time.Minute)
		assert.Empty(t, w.d.Failures())
		w.whole(support, id)
	})
}

func TestRefusedBlocksAreSentOnceMoreAsText(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.ErrorCode("invalid_blocks")})
		e := red()
		id := w.take(storetest.With(e, "It is still down"))
		w.pass(5 * time.Second)
		m := w.one()
		assert.Empty(t, m.Blocks)
		assert.Contains(t, m.Text, "It is still down")
		w.whole(support, id)

		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("invalid_blocks")})
		w.take(storetest.Comment(e, "It is up again", time.Now()))
		w.pass(5 * time.Second)
		assert.Contains(t, w.one().Text, "It is up again")
		w.whole(support, id)
	})
}

func TestAMessageThatCannotBeEditedIsReplaced(t *testing.T) {
	for _, reason := range []string{"message_not_found", "cant_update_message", "edit_window_closed"} {
		t.Run(reason, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				e := red()
				id := w.take(e)
				w.pass(5 * time.Second)
				before := w.one()
				if reason == "message_not_found" {
					require.True(t, w.slack.Delete(support, before.TS))
				} else {
					w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode(reason)})
				}
				w.take(storetest.Comment(e, "late", time.Now()))
				w.pass(5 * time.Second)
				after := w.one()
				assert.NotEqual(t, before.TS, after.TS)
				w.whole(support, id)

				w.take(storetest.Comment(e, "later still", time.Now()))
				w.pass(5 * time.Second)
				assert.Equal(t, after.TS, w.one().TS, "the new one is linked")
				w.whole(support, id)
			})
		})
	}
}

func TestTheClaimerHearsTheExplanation(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		e := red()
		id := w.take(e)
		w.step(id, followup.Transition{Action: followup.ActionClaim, By: "U0BART"})
		w.pass(5 * time.Second)
		w.take(storetest.Comment(e, "Nobody called me back", time.Now()))
		w.pass(5 * time.Second)
		thread := w.slack.Thread(support, w.one().TS)
		require.Len(t, thread, 1)
		assert.Contains(t, thread[0].Text+string(thread[0].Blocks), "U0BART")
		assert.Contains(t, string(thread[0].Blocks), "Nobody called me back")
		assert.Equal(t, "smileybot_notice", thread[0].Metadata.EventType)
		w.whole(support, id)

		w.restart()
		w.pass(5 * time.Minute)
		assert.Len(t, w.slack.Thread(support, w.one().TS), 1, "it is said once")
	})
}
