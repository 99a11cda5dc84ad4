package outbox_test

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// about is a fault's condition: the call is about this feedback.
func about(id string) func(fakeslack.Call) bool {
	return func(c fakeslack.Call) bool { return strings.Contains(c.Args["metadata"], id) }
}

func TestANoticeWhoseMessageIsGoneHoldsNobodyUp(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		e := red()
		id := w.take(e)
		w.step(id, followup.Transition{Action: followup.ActionClaim, By: "U0BART"})
		w.pass(5 * time.Second)
		require.True(t, w.slack.Delete(support, w.one().TS))
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.RateLimited(30 * time.Second)})
		w.take(storetest.Comment(e, "Nobody called me back", time.Now()))
		w.pass(5 * time.Second)
		other := w.take(green("reply-2"))
		w.pass(2 * time.Second)
		w.stands(support, other)
		w.pass(3 * time.Minute)
		w.whole(support, id, other)
		var replies int
		for _, m := range w.living(support) {
			replies += len(w.slack.Thread(support, m.TS))
		}
		assert.Equal(t, 1, replies)
	})
}

// TestAPoisonedMessageHoldsNobodyUp: an error that may be about one message only
// does not keep its channel from showing the others.
func TestAPoisonedMessageHoldsNobodyUp(t *testing.T) {
	for _, reason := range []string{"restricted_action_thread_locked", "unheard_of", "update_failed", "internal_error"} {
		t.Run(reason, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				e := red()
				poisoned := w.take(e)
				w.pass(5 * time.Second)
				w.slack.Fail(fakeslack.Fault{Method: "chat.update", Times: -1, When: about(poisoned), Kind: fakeslack.ErrorCode(reason)})
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Times: -1, When: about("reply-2"), Kind: fakeslack.ErrorCode(reason)})
				w.take(storetest.Comment(e, "why", time.Now()))
				w.pass(time.Second)
				for _, id := range []string{"a", "b", "c"} {
					other := green(id)
					w.take(other)
					w.pass(5 * time.Second)
					w.take(storetest.Comment(other, "thanks "+id, time.Now()))
				}
				w.pass(30 * time.Second)
				for _, id := range []string{"a", "b", "c"} {
					assert.True(t, w.shows("thanks "+id), id)
				}
				w.slack.Heal()
				w.pass(3 * time.Minute) // an item that failed several times waits longer
				assert.True(t, w.shows("why"))
			})
		})
	}
}

// TestAnUnreachableOldChannel: a message that must be replaced in a channel the
// bot has left does not keep new ones from their own channel.
func TestAnUnreachableOldChannel(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		var old []feedback.Event
		for _, id := range []string{"a", "b", "c"} {
			old = append(old, storetest.Score(id, feedback.KindNPS, 2, time.Now()))
			w.take(old[len(old)-1])
			w.pass(2 * time.Second)
		}
		w.slack.Leave(nps, w.slack.Options().BotUserID)
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Times: 3, Kind: fakeslack.ErrorCode("message_not_found")})
		w.stop()
		w.routes = nil // the panel's answers go to the support channel from now on
		w.start()
		for _, e := range old {
			w.take(storetest.Comment(e, "why", time.Now()))
		}
		w.pass(10 * time.Second)
		w.take(storetest.Score("new", feedback.KindNPS, 3, time.Now()))
		w.pass(30 * time.Second)
		assert.Len(t, w.living(support), 4, "what can no longer be edited is posted where it is routed today")
		assert.Empty(t, w.d.Failures())
	})
}

// TestAResultThatCouldNotBeNoted: when the store cannot take how a post ended, it
// is in doubt, and looked up.
func TestAResultThatCouldNotBeNoted(t *testing.T) {
	withFixture(t, func(w *fixture) {
		db, err := sql.Open("sqlite3", "file:"+w.path+"?_busy_timeout=5000")
		require.NoError(w.t, err)
		defer db.Close()
		run := func(statement string) {
			_, err := db.ExecContext(context.Background(), statement)
			require.NoError(w.t, err)
		}
		run(`create trigger broken before update of ts on outbox begin select raise(abort, 'broken'); end`)
		e := red()
		id := w.take(e)
		w.pass(5 * time.Second)
		run(`drop trigger broken`)
		w.take(storetest.Comment(e, "why", time.Now()))
		w.pass(2 * time.Minute)
		w.whole(support, id)
		assert.Len(w.t, w.calls("chat.postMessage"), 1)
	})
}

// TestTwoFormerMessages: each message that could no longer be edited goes, also
// when the first could not be deleted at once.
func TestTwoFormerMessages(t *testing.T) {
	withFixture(t, func(w *fixture) {
		e := red()
		id := w.take(e)
		w.slack.Fail(fakeslack.Fault{Method: "chat.delete", Times: -1, Kind: fakeslack.Status(503)})
		for range 2 {
			w.pass(5 * time.Second)
			w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("edit_window_closed")})
			w.take(storetest.Comment(e, "why "+time.Now().String(), time.Now()))
		}
		w.pass(5 * time.Second)
		assert.Len(w.t, w.living(support), 3)
		w.slack.Heal()
		w.pass(time.Minute)
		w.whole(support, id)
	})
}

// TestAClockThatWasAhead: what a former process noted in the future does not stop
// this one.
func TestAClockThatWasAhead(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.take(red())
		w.pass(5 * time.Second)
		w.stop()
		db, err := sql.Open("sqlite3", "file:"+w.path)
		require.NoError(w.t, err)
		defer db.Close()
		_, err = db.ExecContext(context.Background(), `update outbox set posted_ms = posted_ms + 86400000`)
		require.NoError(w.t, err)
		w.start()
		w.take(green("reply-2"))
		w.pass(5 * time.Second)
		assert.Len(w.t, w.living(support), 2)
	})
}

// TestRefusedEvenAsText: it is said, and a newer revision is tried at once.
func TestRefusedEvenAsText(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Times: 2, Kind: fakeslack.ErrorCode("invalid_blocks")})
		e := red()
		id := w.take(e)
		w.pass(time.Minute)
		require.Len(w.t, w.d.Failures(), 1)
		assert.Equal(w.t, "invalid_blocks", w.d.Failures()[0].Reason)
		assert.Len(w.t, w.calls("chat.postMessage"), 2)
		w.take(storetest.Comment(e, "why", time.Now()))
		w.pass(5 * time.Second)
		w.whole(support, id)
		assert.Empty(w.t, w.d.Failures())
	})
}

// TestALongOutageLeavesFewDoubts: while posts fail one after the other, reading
// the history finds out when Slack is back.
func TestALongOutageLeavesFewDoubts(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.pass(time.Second)
		w.slack.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.Status(503)})
		var ids []string
		for i := range 40 {
			ids = append(ids, w.take(green(strconv.Itoa(i))))
		}
		w.pass(2 * time.Hour)
		assert.Less(w.t, len(w.calls("chat.postMessage")), 8)
		w.slack.Heal()
		w.pass(2 * time.Minute)
		w.whole(support, ids...)
	})
}

// TestEditsAreBoundedOverRestarts: the limit is Slack's, not one process's.
func TestEditsAreBoundedOverRestarts(t *testing.T) {
	withFixture(t, func(w *fixture) {
		e := red()
		w.take(e)
		for i := range 240 {
			w.take(storetest.Comment(e, strconv.Itoa(i), time.Now()))
			w.pass(500 * time.Millisecond)
			if i%20 == 19 {
				w.restart()
			}
		}
		edits := w.calls("chat.update")
		for i := range edits {
			if i >= 50 {
				assert.Greater(w.t, edits[i].At.Sub(edits[i-50].At), time.Minute, "more than 50 edits in a minute")
			}
		}
		assert.Greater(w.t, len(edits), 60)
	})
}

// TestAHistoryThatRefusesTheQuestion: it is asked again, but not in a hurry.
func TestAHistoryThatRefusesTheQuestion(t *testing.T) {
	for _, reason := range []string{"invalid_arguments", "message_not_found", "ratelimited"} {
		t.Run(reason, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutAfter()})
				w.slack.Fail(fakeslack.Fault{Method: "conversations.history", Times: -1, Kind: fakeslack.ErrorCode(reason)})
				id := w.take(red())
				w.pass(10 * time.Minute)
				assert.Less(w.t, len(w.calls("conversations.history")), 60)
				w.slack.Heal()
				w.pass(time.Minute)
				w.whole(support, id)
			})
		})
	}
}

// TestOnePoisonedMessageForLong: a message that keeps failing does not keep the
// ones that come later waiting.
func TestOnePoisonedMessageForLong(t *testing.T) {
	withFixture(t, func(w *fixture) {
		isRed := func(c fakeslack.Call) bool { return strings.Contains(c.Args["text"], "Red") }
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Times: -1, When: isRed, Kind: fakeslack.ErrorCode("unheard_of")})
		for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
			w.take(storetest.Smiley(id, feedback.Red, time.Now()))
		}
		w.pass(10 * time.Minute)
		require.Len(w.t, w.d.Failures(), 1)
		for i := range 5 {
			w.take(green(strconv.Itoa(i)))
			w.pass(time.Minute)
			assert.Len(w.t, w.living(support), i+1)
			require.Len(w.t, w.d.Failures(), 1, "the others still wait")
		}
		assert.Equal(w.t, 1, count(w.log.String(), "unheard_of"), "it is logged once")
		w.slack.Heal()
		w.pass(16 * time.Minute)
		assert.Len(w.t, w.living(support), 10)
		assert.Empty(w.t, w.d.Failures())
	})
}

// TestRefusedEditsCountOverRestarts: what Slack refused was a call, too.
func TestRefusedEditsCountOverRestarts(t *testing.T) {
	withFixture(t, func(w *fixture) {
		var ids []feedback.Event
		for i := range 60 {
			ids = append(ids, green(strconv.Itoa(i)))
			w.take(ids[i])
		}
		w.pass(2 * time.Minute)
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Times: -1, Kind: fakeslack.ErrorCode("invalid_blocks")})
		for _, e := range ids {
			w.take(storetest.Comment(e, "why", time.Now()))
		}
		for range 12 {
			w.pass(8 * time.Second)
			w.restart()
		}
		edits := w.calls("chat.update")
		for i := range edits {
			if i >= 50 {
				assert.Greater(w.t, edits[i].At.Sub(edits[i-50].At), time.Minute, "more than 50 edits in a minute")
			}
		}
		assert.Greater(w.t, len(edits), 40)
	})
}

// TestALateMessageOfTheSecondAttempt: each attempt may have left one.
func TestALateMessageOfTheSecondAttempt(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Times: 2, Kind: fakeslack.CutBefore()})
		w.slack.Fail(fakeslack.Fault{Method: "conversations.history", Times: 60, Kind: fakeslack.Status(503)})
		id := w.take(red())
		for len(w.living(support)) == 0 {
			w.pass(time.Second)
		}
		linked := w.one()
		_, _, err := w.api().PostMessageContext(w.t.Context(), support, slack.MsgOptionText("late", false),
			slack.MsgOptionMetadata(slack.SlackMetadata{
				EventType: "smileybot_feedback", EventPayload: map[string]any{"feedback_id": id, "revision": 1},
			}))
		if err != nil { // the stand-in keeps the pace, too
			w.pass(2 * time.Second)
			_, _, err = w.api().PostMessageContext(w.t.Context(), support, slack.MsgOptionText("late", false),
				slack.MsgOptionMetadata(slack.SlackMetadata{
					EventType: "smileybot_feedback", EventPayload: map[string]any{"feedback_id": id, "revision": 1},
				}))
		}
		require.NoError(w.t, err)
		w.pass(3 * time.Minute)
		assert.Equal(w.t, linked.TS, w.one().TS)
		w.whole(support, id)
	})
}

// TestAMessageThatCannotBeDeleted holds no other deletion up.
func TestAMessageThatCannotBeDeleted(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.Fail(fakeslack.Fault{Method: "chat.delete", Kind: fakeslack.ErrorCode("compliance_exports_prevent_deletion")})
		var events []feedback.Event
		for _, id := range []string{"a", "b"} {
			events = append(events, green(id))
			w.take(events[len(events)-1])
			w.pass(2 * time.Second)
		}
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Times: 2, Kind: fakeslack.ErrorCode("edit_window_closed")})
		for _, e := range events {
			w.take(storetest.Comment(e, "thanks", time.Now()))
		}
		w.pass(time.Minute)
		assert.Len(w.t, w.living(support), 3, "one of the former two could not go")
		assert.Len(w.t, w.calls("chat.delete"), 2)
	})
}

// TestAHistoryThatCannotBeReadHoldsNoPostsUp, however often posts fail.
func TestAHistoryThatCannotBeReadHoldsNoPostsUp(t *testing.T) {
	for _, reason := range []string{"missing_scope", "invalid_arguments"} {
		t.Run(reason, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Times: 5, Kind: fakeslack.CutBefore()})
				w.slack.Fail(fakeslack.Fault{Method: "conversations.history", Times: -1, Kind: fakeslack.ErrorCode(reason)})
				for i := range 8 {
					w.take(green(strconv.Itoa(i)))
				}
				w.pass(5 * time.Minute)
				assert.Len(w.t, w.living(support), 3)
			})
		})
	}
}
