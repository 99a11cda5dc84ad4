package outbox_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// TestARefusedPostIsLookedUp: Slack may have made what it refused. It is posted again only when it is
// not in the channel, and then one message is left.
func TestARefusedPostIsLookedUp(t *testing.T) {
	all, typed, none := fakeslack.ShownAll, fakeslack.ShownType, fakeslack.ShownNone
	for _, test := range []struct {
		name  string
		kind  fakeslack.Kind
		shown fakeslack.Shown // of the metadata, in the history
		made  bool
		wait  time.Duration // until it is resolved
	}{
		{"429 after", fakeslack.RateLimitedAfter(20 * time.Second), all, true, 21 * time.Second},
		{"429 after, type of the metadata", fakeslack.RateLimitedAfter(20 * time.Second), typed, true, 21 * time.Second},
		{"429 after, no metadata", fakeslack.RateLimitedAfter(20 * time.Second), none, true, 21 * time.Second},
		{"429 before", fakeslack.RateLimited(20 * time.Second), none, false, 22 * time.Second},
		{"429 for long, after", fakeslack.RateLimitedAfter(15 * time.Minute), all, true, 31 * time.Second},
		{"message_limit_exceeded after", fakeslack.ErrorCodeAfter("message_limit_exceeded"), typed, true, 31 * time.Second},
		{"message_limit_exceeded before", fakeslack.ErrorCode("message_limit_exceeded"), all, false, 33 * time.Second},
		{"ratelimited in a 200, after", fakeslack.ErrorCodeAfter("ratelimited"), none, true, 31 * time.Second},
		{"an unknown code after", fakeslack.ErrorCodeAfter("unheard_of"), typed, true, 31 * time.Second},
		{"an unknown code before", fakeslack.ErrorCode("unheard_of"), all, false, 47 * time.Second},
		{"500 after, type of the metadata", fakeslack.StatusAfter(500), typed, true, 32 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.ShowMetadata(test.shown)
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: test.kind})
				id := w.take(red())
				w.pass(test.wait)
				w.whole(support, id)
				w.pass(3 * time.Minute)
				w.whole(support, id)
				want := 2
				if test.made {
					want = 1
				}
				assert.Len(w.t, w.calls("chat.postMessage"), want)
			})
		})
	}
}

// TestANoticeIsRecognisedWithoutMetadata, as a message is.
func TestANoticeIsRecognisedWithoutMetadata(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.ShowMetadata(fakeslack.ShownNone)
		id := w.take(red())
		w.pass(5 * time.Second)
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.RateLimitedAfter(time.Second)})
		w.step(id, followup.Transition{Action: followup.ActionFinish, By: "U0BART", Outcome: followup.OutcomeGuideFixed, Note: "the guide"})
		w.pass(3 * time.Minute)
		assert.Len(w.t, w.slack.Thread(support, w.one().TS), 1)
		assert.Len(w.t, w.calls("chat.postMessage"), 2)
	})
}

// TestAMessageOfAnotherIsNotOurs, whatever it has in its metadata and blocks.
func TestAMessageOfAnotherIsNotOurs(t *testing.T) {
	for _, foreign := range []string{"a person's", "another bot's"} {
		t.Run(foreign, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutBefore()})
				id := w.take(red())
				w.pass(time.Second)
				as := "U0ANNA"
				if foreign == "another bot's" {
					as = ""
				}
				copied := w.slack.PostCopy(support, as, []byte(`[{"type": "actions", "block_id": "feedback:`+id+`:1", "elements": []}]`),
					&fakeslack.Metadata{EventType: "smileybot_feedback", EventPayload: map[string]any{"feedback_id": id, "revision": 1}})
				w.pass(3 * time.Minute)
				living := w.living(support)
				require.Len(w.t, living, 2)
				assert.Equal(w.t, copied, living[0].TS, "it stays")
				assert.Equal(w.t, w.slack.Options().BotID, living[1].BotID)
			})
		})
	}
}

// TestALookupInSmallPages: with 15 messages a page and one call a minute, a post in a busy channel is
// found, and posts elsewhere and in the channel itself go on meanwhile.
func TestALookupInSmallPages(t *testing.T) {
	for _, kind := range []fakeslack.Kind{fakeslack.StatusAfter(503), fakeslack.CutBefore(), fakeslack.RateLimitedAfter(time.Second)} {
		withFixture(t, func(w *fixture) {
			w.slack.LimitHistory(15, time.Minute)
			for i := range 20 {
				w.slack.PostAs(support, "U0ANNA", strconv.Itoa(i), "")
			}
			w.pass(time.Second)
			w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: kind})
			id := w.take(red())
			w.pass(time.Second)
			for i := range 40 {
				w.slack.PostAs(support, "U0ANNA", strconv.Itoa(i), "")
			}
			w.pass(time.Minute)
			other := w.take(green("other"))
			elsewhere := w.take(storetest.Score("c-1", feedback.KindNPS, 9, time.Now()))
			w.pass(2 * time.Second)
			w.stands(nps, elsewhere)
			assert.True(w.t, w.has(other), "a post in the channel does not wait")
			w.pass(15 * time.Minute)
			assert.True(w.t, w.has(id))
			assert.False(w.t, w.doubled())
			backlog, err := w.store.Backlog(w.t.Context())
			require.NoError(w.t, err)
			assert.Zero(w.t, backlog.Pending)
			var last time.Time
			for _, c := range w.calls("conversations.history") {
				if c.Outcome == "ok" {
					assert.GreaterOrEqual(w.t, c.At.Sub(last), time.Minute)
					assert.NotEmpty(w.t, c.Args["oldest"])
					assert.NotEmpty(w.t, c.Args["latest"])
					last = c.At
				}
			}
		})
	}
}

// has reports whether the support channel has the message of a feedback.
func (w *fixture) has(id string) bool { return w.copies()[id] > 0 }

func (w *fixture) doubled() bool {
	for _, n := range w.copies() {
		if n > 1 {
			return true
		}
	}
	return false
}

func (w *fixture) copies() map[string]int {
	copies := make(map[string]int)
	for _, m := range w.living(support) {
		if m.Metadata != nil {
			copies[fmt.Sprint(m.Metadata.EventPayload["feedback_id"])]++
		}
	}
	return copies
}

// TestPagesThatSlackForgets are read again from the first one.
func TestPagesThatSlackForgets(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.slack.LimitHistory(15, 0)
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.StatusAfter(503)})
		id := w.take(red())
		w.pass(time.Second)
		for i := range 40 {
			w.slack.PostAs(support, "U0ANNA", strconv.Itoa(i), "")
		}
		w.slack.Fail(fakeslack.Fault{
			Method: "conversations.history", Times: 2, Kind: fakeslack.ErrorCode("invalid_cursor"),
			When: func(c fakeslack.Call) bool { return c.Args["cursor"] != "" },
		})
		w.pass(2 * time.Minute)
		assert.True(w.t, w.has(id))
		assert.Len(w.t, w.calls("chat.postMessage"), 1)
	})
}

// TestOverdue: what has waited for five minutes is shown with its reason.
func TestOverdue(t *testing.T) {
	for _, test := range []struct {
		name, method, reason string
		post, history        fakeslack.Kind
	}{
		{"in doubt", "conversations.history", "in_doubt", fakeslack.CutAfter(), fakeslack.RateLimited(15 * time.Minute)},
		{"silenced", "chat.postMessage", "ratelimited", fakeslack.RateLimited(15 * time.Minute), fakeslack.Kind{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: test.post})
				if test.reason == "in_doubt" {
					w.slack.Fail(fakeslack.Fault{Method: "conversations.history", Kind: test.history})
				}
				since := time.Now()
				w.take(red())
				w.pass(4 * time.Minute)
				overdue, err := w.d.Overdue(w.t.Context())
				require.NoError(w.t, err)
				assert.Empty(w.t, overdue)
				w.pass(2 * time.Minute)
				overdue, err = w.d.Overdue(w.t.Context())
				require.NoError(w.t, err)
				require.Len(w.t, overdue, 1)
				assert.Equal(w.t, []string{support, test.method, test.reason}, []string{overdue[0].Channel, overdue[0].Method, overdue[0].Reason})
				assert.NotEmpty(w.t, overdue[0].Remedy)
				assert.WithinDuration(w.t, since, overdue[0].Since, time.Second)
				w.pass(12 * time.Minute)
				overdue, err = w.d.Overdue(w.t.Context())
				require.NoError(w.t, err)
				assert.Empty(w.t, overdue)
			})
		})
	}
}
