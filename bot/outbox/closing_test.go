package outbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

// of is an event of Jan's.
func of(e feedback.Event, comment string) feedback.Event {
	if comment != "" {
		e = storetest.With(e, comment)
	}
	e.Answer.Customer = feedback.Person{ID: "c-1042", Name: "Jan de Vries", Email: "jan@example.org"}
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail} {
		e.Mentions[f] = true
	}
	return e
}

// replies are those in the thread of the only message of the support channel.
func (w *fixture) replies() []fakeslack.Message {
	w.t.Helper()
	return w.slack.Thread(support, w.one().TS)
}

func (w *fixture) remind() {
	w.t.Helper()
	_, err := w.store.Remind(w.t.Context(), time.Now())
	require.NoError(w.t, err)
	w.d.Wake()
}

func (w *fixture) moderate(id string, act feedback.ModerationAction) {
	w.t.Helper()
	_, err := w.store.Moderate(w.t.Context(), id, feedback.Moderation{Action: act, By: "U0BART", Reason: "Jan de Vries asked for <it>", At: time.Now()})
	require.NoError(w.t, err)
	w.d.Wake()
}

// dueAfter is longer than any follow-up of these tests may wait: they begin at night.
const dueAfter = 5 * 24 * time.Hour

// TestReminderReachesClaimerOrChannel: unclaimed, it is sent to the channel as well; claimed, the claimer is
// mentioned; when no work is left by then, nothing is posted.
func TestReminderReachesClaimerOrChannel(t *testing.T) {
	for _, test := range []struct {
		name      string
		before    func(w *fixture, id string)
		says      string
		broadcast bool
	}{
		{"unclaimed", func(*fixture, string) {}, "not claimed yet", true},
		{"claimed", func(w *fixture, id string) {
			w.step(id, followup.Transition{Action: followup.ActionClaim, By: "U0BART"})
		}, "<@U0BART>, this follow-up is due", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				id := w.take(of(red(), ""))
				w.pass(dueAfter)
				test.before(w, id)
				w.remind()
				w.pass(10 * time.Second)
				w.remind()
				w.pass(10 * time.Second)
				said := w.replies()
				require.Len(t, said, 1)
				assert.Contains(t, said[0].Text, test.says)
				assert.Contains(t, said[0].Text, "/archives/C0SUPPORT/p"+strings.ReplaceAll(w.one().TS, ".", ""))
				assert.NotContains(t, said[0].Text, "Vries", "that stands in the message")
				assert.Equal(t, test.broadcast, said[0].Broadcast)
				assert.Equal(t, "smileybot_notice", said[0].Metadata.EventType)
				assert.Equal(t, "due:"+w.followUp(id).ID+":1", said[0].Metadata.EventPayload["key"])
				assert.Empty(t, w.log.String())
			})
		})
	}
}

func (w *fixture) followUp(id string) followup.FollowUp {
	w.t.Helper()
	c, err := w.store.Snapshot(w.t.Context(), id)
	require.NoError(w.t, err)
	return c.FollowUp
}

// TestPointlessNotices: while Slack was away it was all done.
func TestPointlessNotices(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		id := w.take(of(red(), ""))
		w.pass(5 * time.Second)
		w.slack.Fail(fakeslack.Fault{Kind: fakeslack.Status(503), Times: -1})
		w.pass(dueAfter)
		w.remind()
		_, err := w.store.Escalate(t.Context(), store.JobProgress{Name: "escalation"}, "escalation:2000-01-07", time.Now())
		require.NoError(t, err)
		w.pass(time.Minute)
		w.step(id, followup.Transition{Action: followup.ActionFinish, By: "U0BART", Outcome: followup.OutcomeOther})
		w.slack.Heal()
		w.pass(3 * time.Minute)
		assert.Empty(t, w.replies())
		assert.Empty(t, w.living(leads))
		w.whole(support, id)
	})
}

// TestADoubtfulReminderIsSettled: it is posted once in thread and channel, whatever Slack
// answered.
func TestADoubtfulReminderIsSettled(t *testing.T) {
	for name, kind := range doubtful() {
		t.Run(name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				w.take(of(red(), ""))
				w.pass(dueAfter)
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: kind})
				w.remind()
				w.pass(3 * time.Minute)
				assert.Len(t, w.replies(), 1)
			})
		})
	}
}

// TestTheThreadReports to which colleague it was handed, how it ended, who voided it and why.
func TestTheThreadReports(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		id := w.take(of(red(), ""))
		w.step(id, followup.Transition{Action: followup.ActionAssign, By: "U0BART", To: "U0LISE"})
		w.step(id, followup.Transition{Action: followup.ActionFinish, By: "U0LISE", Outcome: followup.OutcomeGuideFixed, Note: "Step 3 <rewritten>"})
		w.moderate(id, feedback.ModerationVoid)
		w.moderate(id, feedback.ModerationRestore)
		w.pass(20 * time.Second)
		var said []string
		for _, m := range w.replies() {
			said = append(said, m.Text)
			assert.False(t, m.Broadcast)
		}
		slices.Sort(said)
		require.Len(t, said, 4)
		assert.Contains(t, said[1], "<@U0BART> included")
		assert.Contains(t, said[0], "Jan de Vries asked for &lt;it&gt;")
		assert.Contains(t, said[2], "Guide fixed.\n“Step 3 &lt;rewritten&gt;”")
		assert.Contains(t, said[3], "<@U0LISE>, <@U0BART> handed you")
		assert.Empty(t, w.log.String())
	})
}

// TestTheLeadsAreNotified of what is overdue and of who is at risk; what was missed is reported
// in the support channel.
func TestTheLeadsAreNotified(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		for _, id := range []string{"1", "2", "3"} {
			w.take(of(storetest.Smiley(id, feedback.Red, time.Now()), ""))
			w.pass(time.Second)
		}
		w.pass(10 * time.Second)
		posted := w.living(leads)
		require.Len(t, posted, 1)
		assert.Contains(t, posted[0].Text, "Jan de Vries is at risk")
		assert.Equal(t, 3, strings.Count(posted[0].Text, "/archives/C0SUPPORT/"))
		w.pass(dueAfter)
		w.remind()
		_, err := w.store.Escalate(t.Context(), store.JobProgress{Name: "escalation"}, "escalation:2000-01-07", time.Now())
		require.NoError(t, err)
		w.d.Wake()
		w.pass(10 * time.Second)
		posted = w.living(leads)
		require.Len(t, posted, 2)
		assert.Contains(t, posted[1].Text, "3 follow-ups are overdue")
		assert.NotContains(t, posted[1].Text, "Vries")
		missed := w.living(support)[3]
		assert.Contains(t, missed.Text, "3 follow-ups came due while I was away")
		assert.NotContains(t, missed.Text, "Vries")
	})
}

// forget forgets Jan.
func (w *fixture) forget() {
	w.t.Helper()
	_, err := w.store.Erase(w.t.Context(), "jan@example.org", time.Now())
	require.NoError(w.t, err)
	w.d.Wake()
}

// secrets are what must not be in Slack any more.
func (w *fixture) secrets() []string {
	var found []string
	for _, channel := range []string{support, leads} {
		for _, m := range w.slack.Messages(channel) {
			for _, secret := range []string{"Vries", "jan@", "c-1042", "stap 3", "stap 4", "rewritten"} {
				if strings.Contains(m.Text+string(m.Blocks), secret) {
					found = append(found, secret+" in "+m.Text)
				}
			}
		}
	}
	return found
}

// postAboutJan makes all that Slack ever says of Jan: the message, the claimer's reply, the note,
// the reason, and what the leads are notified of.
func (w *fixture) postAboutJan() string {
	w.t.Helper()
	id := w.take(of(red(), ""))
	w.take(of(storetest.Smiley("2", feedback.Red, time.Now()), "stap 4 niet"))
	w.take(of(storetest.Smiley("3", feedback.Yellow, time.Now()), "stap 4 ook niet"))
	w.step(id, followup.Transition{Action: followup.ActionClaim, By: "U0BART"})
	w.pass(10 * time.Second)
	w.take(of(red(), "stap 3 klopt niet"))
	w.pass(10 * time.Second)
	w.step(id, followup.Transition{Action: followup.ActionFinish, By: "U0BART", Outcome: followup.OutcomeOther, Note: "rewritten with de Vries"})
	w.moderate(id, feedback.ModerationVoid)
	w.pass(20 * time.Second)
	require.Len(w.t, w.living(support), 3)
	require.Len(w.t, w.living(leads), 1)
	require.NotEmpty(w.t, w.secrets())
	return id
}

// TestForgottenInSlack: everything that named the customer is edited.
func TestForgottenInSlack(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.postAboutJan()
		before := len(w.slack.Messages(support))
		w.forget()
		w.pass(time.Minute)
		assert.Empty(t, w.secrets())
		assert.Len(t, w.slack.Messages(support), before, "edited, neither posted again nor deleted")
		e, err := w.store.Erasures(t.Context())
		require.NoError(t, err)
		assert.Zero(t, e)
		assert.Empty(t, w.log.String())
	})
}

// TestForgottenOverAnOutage, a restart and doubtful posts.
func TestForgottenOverAnOutage(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.postAboutJan()
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutAfter()})
		w.take(of(storetest.Smiley("4", feedback.Red, time.Now()), "stap 4 nooit"))
		w.pass(time.Second)
		w.slack.Fail(fakeslack.Fault{Kind: fakeslack.Status(503), Times: -1})
		w.forget()
		w.pass(20 * time.Second)
		w.restart()
		w.pass(10 * time.Minute)
		assert.NotEmpty(t, w.secrets())
		w.slack.Heal()
		w.pass(3 * time.Minute)
		assert.Empty(t, w.secrets())
		assert.Len(t, w.living(support), 4)
	})
}

// TestWhatCannotBeEditedIsDeleted, and not posted again.
func TestWhatCannotBeEditedIsDeleted(t *testing.T) {
	for _, code := range []string{"edit_window_closed", "cant_update_message", "message_not_found", "restricted_action", "invalid_blocks"} {
		t.Run(code, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				id := w.postAboutJan()
				w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode(code), Times: -1})
				w.forget()
				w.pass(5 * time.Minute)
				assert.Empty(t, w.secrets())
				assert.Empty(t, w.living(support))
				assert.Empty(t, w.living(leads))
				e, err := w.store.Erasures(t.Context())
				require.NoError(t, err)
				assert.Zero(t, e)
				w.slack.Heal()
				w.restart()
				w.pass(time.Minute)
				assert.Empty(t, w.living(support))
				assert.True(t, w.forgotten(id))
			})
		})
	}
}

func (w *fixture) forgotten(id string) bool {
	w.t.Helper()
	c, err := w.store.Snapshot(w.t.Context(), id)
	require.NoError(w.t, err)
	return c.Feedback.Erased()
}

// TestWhatCannotBeDeletedEither is reported once, and tried again at the next start.
func TestWhatCannotBeDeletedEither(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []fakeslack.Fault
	}{
		{"refused", []fakeslack.Fault{
			{Method: "chat.update", Kind: fakeslack.ErrorCode("edit_window_closed"), Times: -1},
			{Method: "chat.delete", Kind: fakeslack.ErrorCode("compliance_exports_prevent_deletion"), Times: -1},
		}},
		{"archived", []fakeslack.Fault{{Method: "chat.update", Kind: fakeslack.ErrorCode("is_archived"), Times: -1}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				id := w.postAboutJan()
				for _, f := range test.faults {
					w.slack.Fail(f)
				}
				w.forget()
				w.pass(10 * time.Minute)
				e, err := w.store.Erasures(t.Context())
				require.NoError(t, err)
				assert.Zero(t, e.Wanted)
				assert.Len(t, e.Failed, 7)
				assert.True(t, slices.ContainsFunc(e.Failed, func(r store.Remnant) bool { return r.Key == id }))
				assert.Equal(t, 7, strings.Count(w.log.String(), "can be neither edited nor deleted"))
				assert.NotContains(t, w.log.String(), "Vries")
				w.slack.Heal()
				w.restart()
				w.pass(5 * time.Minute)
				assert.Empty(t, w.secrets())
			})
		})
	}
}

// TestErasingGoesLast: who is unhappy now is shown first.
func TestErasingGoesLast(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		for range 30 {
			w.take(of(storetest.Smiley(time.Now().String(), feedback.Red, time.Now()), "stap 3"))
			w.pass(2 * time.Second)
		}
		other := w.take(green("other"))
		w.pass(2 * time.Minute)
		w.forget()
		w.pass(30 * time.Second)
		require.NotEmpty(t, w.secrets(), "it takes longer")
		w.step(other, followup.Transition{Action: followup.ActionOpen, By: "U0BART"})
		w.pass(3 * time.Second)
		assert.True(t, w.shows("Not claimed yet"))
		w.pass(2 * time.Minute)
		assert.Empty(t, w.secrets())
	})
}
