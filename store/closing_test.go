package store_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

func (d *desk) remind(tb testing.TB, seconds float64) int {
	tb.Helper()
	n, err := d.Remind(tb.Context(), after(seconds))
	require.NoError(tb, err)
	return n
}

func (d *desk) nextReminder(tb testing.TB) time.Time {
	tb.Helper()
	next, err := d.NextReminder(tb.Context())
	require.NoError(tb, err)
	return next
}

// due is when what was opened at noon is due: noon is 13:00 in Amsterdam, on a Friday.
const due = 4 * 3600

// TestReminderIsSaidOnce for an opening, and once more after a snooze past the due time.
func TestReminderIsSaidOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	assert.Zero(t, d.nextReminder(t))
	id := d.take(t, red("1")).FeedbackID
	fu := d.standing(t, id).FollowUp
	assert.Equal(t, fu.DueAt, d.nextReminder(t))
	assert.Zero(t, d.remind(t, due), "not before it is due")
	assert.Equal(t, 1, d.remind(t, due+1))
	assert.Zero(t, d.remind(t, due+2))
	assert.Zero(t, d.nextReminder(t))
	first := fmt.Sprintf("due:%s:1", fu.ID)
	assert.Equal(t, []string{first}, d.notices(t, store.NoticeDue))

	d.step(t, id, followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: after(due + 3600), At: after(due + 60)})
	assert.Equal(t, after(due+3600), d.nextReminder(t))
	assert.Zero(t, d.remind(t, due+3599))
	assert.Equal(t, 2, d.remind(t, due+3600), "it is back, and due")
	c := d.standing(t, id)
	assert.Equal(t, []any{followup.StateOpen, followup.ByClock}, []any{c.FollowUp.State, c.FollowUp.ChangedBy})
	assert.Equal(t, []string{first, first + ":1"}, d.notices(t, store.NoticeDue))

	d.step(t, id, by("U1", followup.ActionFinish, due+4000))
	d.step(t, id, by("U1", followup.ActionReopen, due+5000))
	d.remind(t, due+10*24*3600)
	assert.Contains(t, d.notices(t, store.NoticeDue), fmt.Sprintf("due:%s:2", fu.ID))
}

// TestMissedRemindersAreSaidTogether: one alone in its thread, several in one bulletin;
// those on time are not among them.
func TestMissedRemindersAreSaidTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, d.takeAt(t, after(float64(i)), red(strconv.Itoa(i))).FeedbackID)
	}
	onTime := d.takeAt(t, after(900), red("on time")).FeedbackID
	assert.Equal(t, 6, d.remind(t, due+900))
	missed := d.notices(t, store.NoticeMissed)
	require.Len(t, missed, 1)
	covered, err := d.FeedbackOf(t.Context(), missed[0])
	require.NoError(t, err)
	require.Len(t, covered, 5)
	for i, w := range covered {
		assert.Equal(t, ids[i], w.Feedback.ID, "the due first")
	}
	assert.Equal(t, []string{fmt.Sprintf("due:%s:1", d.standing(t, onTime).FollowUp.ID)}, d.notices(t, store.NoticeDue))
	assert.Zero(t, d.remind(t, due+900))

	d = newDesk(t)
	d.take(t, red("1"))
	d.remind(t, 10*due)
	assert.Empty(t, d.notices(t, store.NoticeMissed))
	assert.Len(t, d.notices(t, store.NoticeDue), 1)
}

// TestEscalation: each overdue follow-up once since it opened; suspect ones when they
// are confirmed.
func TestEscalation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one := d.take(t, red("1")).FeedbackID
	d.take(t, green("2"))
	d.takeAt(t, after(2), storetest.Smiley("2", feedback.Red, after(2)))
	suspect := d.take(t, red("2")).FeedbackID
	require.True(t, d.standing(t, suspect).Feedback.Suspect)
	escalate := func(key string, seconds float64) int {
		t.Helper()
		n, err := d.Escalate(t.Context(), store.JobProgress{Name: "escalation", DoneAt: after(seconds)}, key, after(seconds))
		require.NoError(t, err)
		return n
	}
	assert.Zero(t, escalate("escalation:1", due+1))
	assert.Equal(t, 1, escalate("escalation:2", due+2))
	assert.Zero(t, escalate("escalation:3", due+3))
	assert.Equal(t, []string{"escalation:2"}, d.notices(t, store.NoticeEscalation))
	covered, err := d.FeedbackOf(t.Context(), "escalation:2")
	require.NoError(t, err)
	assert.Equal(t, one, covered[0].Feedback.ID)
	_, err = d.Moderate(t.Context(), suspect, feedback.Moderation{Action: feedback.ModerationConfirm, By: "U1", At: after(due + 4)})
	require.NoError(t, err)
	assert.Equal(t, 1, escalate("escalation:4", due+5))
	r, err := d.JobProgress(t.Context(), "escalation", after(0))
	require.NoError(t, err)
	assert.Equal(t, after(due+5), r.DoneAt)
}

// TestRulings: what is void is in no score, its follow-up is withdrawn, the thread says
// so, and all of it is history; restored, all is as it was.
func TestRulings(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, red("1")).FeedbackID
	d.step(t, id, by("U1", followup.ActionClaim, 10))
	before := d.standing(t, id)
	rule := func(act feedback.ModerationAction, who string, seconds float64) (followup.Snapshot, error) {
		c, err := d.Moderate(t.Context(), id, feedback.Moderation{Action: act, By: who, Reason: "a test", At: after(seconds)})
		if err == nil {
			assert.Equal(t, d.standing(t, id), c)
		}
		assert.Equal(t, d.recounted(t), d.tallied(t))
		return c, err
	}
	_, err := rule(feedback.ModerationRestore, "U2", 20)
	var refused *feedback.ModerationRefusedError
	require.ErrorAs(t, err, &refused)
	c, err := rule(feedback.ModerationVoid, "U2", 30)
	require.NoError(t, err)
	assert.Equal(t, feedback.Void{Reason: "a test", By: "U2", At: after(30)}, c.Feedback.Void)
	assert.Equal(t, followup.StateWithdrawn, c.FollowUp.State)
	c, err = rule(feedback.ModerationVoid, "U3", 31)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "U2", c.Feedback.Void.By, "the first reason stays")
	c, err = rule(feedback.ModerationRestore, "U4", 40)
	require.NoError(t, err)
	assert.False(t, c.Feedback.Voided())
	assert.Equal(t, []any{followup.StateClaimed, "U1", before.FollowUp.DueAt, before.FollowUp.OpenedAt, "U4"},
		[]any{c.FollowUp.State, c.FollowUp.Claimer, c.FollowUp.DueAt, c.FollowUp.OpenedAt, c.FollowUp.ChangedBy})
	assert.Equal(t, [][]any{
		{id, after(30).UnixMilli(), "U2", "void", "a test"}, {id, after(40).UnixMilli(), "U4", "restore", "a test"},
	}, d.rows(t, `select feedback_id, at_ms, made_by, what, reason from act order by id`))
	voided, err := d.Moderation(t.Context(), d.notices(t, store.NoticeVoid)[0])
	require.NoError(t, err)
	assert.Equal(t, feedback.Moderation{Action: feedback.ModerationVoid, By: "U2", Reason: "a test", At: after(30)}, voided)
	assert.Len(t, d.notices(t, store.NoticeRestored), 1)
	for _, key := range []string{"void:x:99", "void:x", "void"} {
		_, err = d.Moderation(t.Context(), key)
		require.Error(t, err, key)
		_, err = d.Transition(t.Context(), key)
		require.Error(t, err, key)
	}
	_, err = d.Moderate(t.Context(), "nobody", feedback.Moderation{Action: feedback.ModerationVoid, At: after(50)})
	require.ErrorIs(t, err, store.ErrNotFound)
}

// TestRulingsAtOnce: of many who void at once one wins, and the others are told who.
func TestRulingsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, red("1")).FeedbackID
	var all sync.WaitGroup
	told := make([]string, 20)
	for i := range told {
		all.Go(func() {
			c, _ := d.Moderate(t.Context(), id, feedback.Moderation{Action: feedback.ModerationVoid, By: fmt.Sprint("U", i), Reason: "r", At: after(10)})
			told[i] = c.Feedback.Void.By
		})
	}
	all.Wait()
	for _, by := range told {
		assert.Equal(t, d.standing(t, id).Feedback.Void.By, by)
	}
	assert.EqualValues(t, 1, d.one(t, `select count(*) from act`))
	assert.Len(t, d.notices(t, store.NoticeVoid), 1)
}

// TestHandedOverAndNoted: whoever is handed a follow-up is told in the thread, and the
// note with which it ends is kept there.
func TestHandedOverAndNoted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, red("1")).FeedbackID
	d.step(t, id, followup.Transition{Action: followup.ActionAssign, By: "U1", To: "U2", At: after(10)})
	d.step(t, id, followup.Transition{Action: followup.ActionAssign, By: "U2", To: "U3", At: after(20)})
	d.step(t, id, followup.Transition{Action: followup.ActionAssign, By: "U3", To: "U3", At: after(30)})
	assigned := d.rows(t, `select key, mention from outbox where notice = 'assigned' order by queued_ms`)
	require.Len(t, assigned, 2)
	assert.Equal(t, []any{"U2", "U3"}, []any{assigned[0][1], assigned[1][1]})
	handed, err := d.Transition(t.Context(), assigned[1][0].(string))
	require.NoError(t, err)
	fu := d.standing(t, id).FollowUp
	assert.Equal(t, store.Transition{FollowUpID: fu.ID, At: after(20), By: "U2", From: followup.StateClaimed, To: followup.StateClaimed, Claimer: "U3"}, handed)
	d.step(t, id, followup.Transition{Action: followup.ActionFinish, By: "U3", Outcome: followup.OutcomeNoReply, At: after(40)})
	assert.Empty(t, d.notices(t, store.NoticeDone), "without a note there is nothing to say")
	d.step(t, id, by("U3", followup.ActionReopen, 50))
	d.step(t, id, by("U3", followup.ActionFinish, 60))
	noted, err := d.Transition(t.Context(), d.notices(t, store.NoticeDone)[0])
	require.NoError(t, err)
	assert.Equal(t, []any{"step 3", followup.OutcomeGuideFixed}, []any{noted.Note, noted.Outcome})
}

// TestAtRisk: the answers of a streak are flagged while it lasts, and the leads are told
// once.
func TestAtRisk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	say := func(id string, smiley feedback.Smiley, hours float64) string {
		t.Helper()
		return d.takeAt(t, after(hours*3600+1), of(storetest.Smiley(id, smiley, after(hours*3600)), jan())).FeedbackID
	}
	flagged := func() (n int) {
		t.Helper()
		return len(d.rows(t, `select id from feedback where at_risk = 1`))
	}
	first, second := say("1", feedback.Red, 1), say("2", feedback.Yellow, 2)
	assert.Zero(t, flagged())
	third := say("3", feedback.Red, 3)
	assert.Equal(t, 3, flagged())
	assert.Equal(t, []string{"risk:" + third}, d.notices(t, store.NoticeRisk))
	assert.EqualValues(t, 2, d.standing(t, first).Feedback.Revision, "the message shows it")
	assert.EqualValues(t, 1, d.standing(t, third).Feedback.Revision, "from the beginning")
	fourth := say("4", feedback.Red, 4)
	assert.Equal(t, 4, flagged())
	_, err := d.Moderate(t.Context(), fourth, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "r", At: after(5 * 3600)})
	require.NoError(t, err)
	assert.Equal(t, 3, flagged(), "what is void tells nothing")
	say("2", feedback.Green, 6) // changes their mind
	assert.Zero(t, flagged())
	say("2", feedback.Red, 7)
	assert.Equal(t, 3, flagged())
	assert.Len(t, d.notices(t, store.NoticeRisk), 2, "that streak had ended")
	say("2", feedback.Green, 7.1)
	say("2", feedback.Red, 7.2)
	assert.Len(t, d.notices(t, store.NoticeRisk), 2, "of one answer the leads are told once")
	say("5", feedback.Green, 8)
	assert.Zero(t, flagged())
	assert.EqualValues(t, 7, d.standing(t, second).Feedback.Revision, "shown anew with each change, once")
	for i := range 3 {
		say(fmt.Sprint("again", i), feedback.Red, 9+float64(i))
	}
	assert.Equal(t, 3, flagged())
	assert.Len(t, d.notices(t, store.NoticeRisk), 3, "a new streak")
}

// TestAtRiskByNPS, by e-mail, and not by history.
func TestAtRiskByNPS(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	nps := storetest.Score("nps", feedback.KindNPS, 6, after(-89*24*3600))
	d.take(t, of(nps, feedback.Person{Email: "Jan@example.org"}))
	storetest.Import(t, d.Store, after(1), of(red("past"), jan()), of(red("past 2"), jan()))
	assert.Empty(t, d.notices(t, store.NoticeRisk))
	d.take(t, of(red("1"), jan()))
	assert.Len(t, d.notices(t, store.NoticeRisk), 1)
	assert.EqualValues(t, 2, d.one(t, `select count(*) from feedback where at_risk = 1`))
	d.take(t, of(red("other"), feedback.Person{ID: "c-1", Email: "piet@example.org"}))
	assert.EqualValues(t, 2, d.one(t, `select count(*) from feedback where at_risk = 1`))
}

// TestRecovery: the first answer knows how the second judges its follow-up, in whatever
// order they come.
func TestRecovery(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	second := func(id string, smiley feedback.Smiley, seconds float64) feedback.Event {
		e := storetest.Smiley(id, smiley, after(seconds))
		e.Answer.FollowUpOf, e.Mentions[feedback.FieldFollowUpOf] = "first", true
		return e
	}
	judge := d.take(t, second("second", feedback.Red, 100)).FeedbackID
	first := d.take(t, red("first")).FeedbackID
	assert.Equal(t, feedback.Red, d.standing(t, first).Recovery)
	d.takeAt(t, after(200), second("second", feedback.Green, 200))
	c := d.standing(t, first)
	assert.Equal(t, feedback.Green, c.Recovery)
	assert.EqualValues(t, 2, c.Feedback.Revision)
	_, err := d.Moderate(t.Context(), judge, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "r", At: after(300)})
	require.NoError(t, err)
	c = d.standing(t, first)
	assert.Empty(t, c.Recovery)
	assert.EqualValues(t, 3, c.Feedback.Revision)
	d.takeAt(t, after(400), second("third", feedback.Yellow, 400))
	assert.Equal(t, feedback.Yellow, d.standing(t, first).Recovery)
	assert.Empty(t, d.standing(t, judge).Recovery)
}

// TestEveryFirstAnswerIsFound: whatever a follow-up may follow stands in the lists by which it
// is looked for.
func TestEveryFirstAnswerIsFound(t *testing.T) {
	t.Parallel()
	for _, channel := range feedback.Channels() {
		assert.Contains(t, store.SelectSent, "'"+string(channel)+"'")
	}
	for _, kind := range feedback.Kinds() {
		assert.Contains(t, store.SelectSent, "'"+string(kind)+"'")
	}
}

// TestErasures: an erasure goes after all other edits, and ends with the edit, or fails.
func TestErasures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, of(red("1"), jan())).FeedbackID
	other := d.take(t, green("2")).FeedbackID
	d.post(t, id, "C1", "1.000001", 1, after(2))
	d.post(t, other, "C1", "1.000002", 1, after(2))
	_, err := d.Erase(t.Context(), "c-1042", after(3))
	require.NoError(t, err)
	_, err = d.Refresh(t.Context(), other, after(4))
	require.NoError(t, err)
	next := func() store.Item {
		t.Helper()
		edits, err := d.NextEdits(t.Context(), after(5))
		require.NoError(t, err)
		require.Len(t, edits, 1)
		return edits[0]
	}
	assert.Equal(t, []any{other, false}, []any{next().Key, next().Erasure}, "green, but somebody may look")
	require.NoError(t, d.Edited(t.Context(), other, 2))
	assert.Equal(t, []any{id, true}, []any{next().Key, next().Erasure})
	require.NoError(t, d.ErasureFailed(t.Context(), id))
	e, err := d.Erasures(t.Context())
	require.NoError(t, err)
	require.Len(t, e.Failed, 1)
	assert.Equal(t, []any{0, id, "1.000001"}, []any{e.Wanted, e.Failed[0].Key, e.Failed[0].TS})
	require.NoError(t, d.RetryErasures(t.Context(), after(6)))
	require.NoError(t, d.ErasureDone(t.Context(), id, next().Revision))
	e, err = d.Erasures(t.Context())
	require.NoError(t, err)
	assert.Zero(t, e)
}

// TestQueueViews: mine with what is snoozed, overdue, all.
func TestQueueViews(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := make(map[string]string)
	for i, name := range []string{"open", "claimed", "snoozed", "mine, snoozed", "done"} {
		ids[d.takeAt(t, after(float64(i)), red(name)).FeedbackID] = name
	}
	for id, name := range ids {
		switch name {
		case "claimed", "mine, snoozed":
			d.step(t, id, by("U1", followup.ActionClaim, 60))
		case "done":
			d.step(t, id, by("U1", followup.ActionFinish, 60))
		}
		if name == "snoozed" || name == "mine, snoozed" {
			d.step(t, id, followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: after(70 * 3600), At: after(61)})
		}
	}
	page, ctx := store.Page{Limit: 10}, t.Context()
	for want, list := range map[string]func() (store.QueuePage, error){
		"open claimed":                       func() (store.QueuePage, error) { return d.Queue(ctx, page) },
		"open claimed snoozed mine, snoozed": func() (store.QueuePage, error) { return d.WholeQueue(ctx, page) },
		"claimed mine, snoozed":              func() (store.QueuePage, error) { return d.AssignedTo(ctx, "U1", page) },
		"claimed":                            func() (store.QueuePage, error) { return d.ClaimedBy(ctx, "U1", page) },
		"open":                               func() (store.QueuePage, error) { return d.Overdue(ctx, after(due+0.5), page) },
	} {
		share, err := list()
		require.NoError(t, err)
		var got []string
		for _, w := range share.First {
			got = append(got, ids[w.Feedback.ID])
		}
		assert.Equal(t, want, strings.Join(got, " "))
		assert.Len(t, share.First, share.Total)
	}
}
