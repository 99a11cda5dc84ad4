package store_test

import (
	"fmt"
	"strconv"
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

func by(user string, action followup.Action, seconds float64) followup.Transition {
	s := followup.Transition{Action: action, By: user, At: after(seconds)}
	if action == followup.ActionFinish {
		s.Outcome, s.Note = followup.OutcomeGuideFixed, "step 3"
	}
	return s
}

func (d *fixture) step(tb testing.TB, id string, s followup.Transition) followup.Snapshot {
	tb.Helper()
	c, err := d.ApplyTransition(tb.Context(), id, s)
	require.NoError(tb, err)
	assert.Equal(tb, d.standing(tb, id), c)
	return c
}

// TestTransitionsAreKept walks a follow-up through its life: who, when, from, to.
func TestTransitionsAreKept(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	opened := d.standing(t, id).FollowUp
	assert.Equal(t, followup.StateOpen, opened.State)
	assert.Equal(t, after(1), opened.OpenedAt, "when it arrived")
	assert.Equal(t, after(1+4*3600), opened.DueAt)
	d.step(t, id, by("U1", followup.ActionClaim, 10))
	d.step(t, id, by("U2", followup.ActionRelease, 20))
	d.takeAt(t, after(30), storetest.Comment(red("1"), "why", after(30)))
	d.takeAt(t, after(40), storetest.Comment(red("1"), "", after(40)))
	d.takeAt(t, after(50), storetest.Smiley("1", feedback.Green, after(50)))
	d.takeAt(t, after(60), storetest.Smiley("1", feedback.Yellow, after(60)))
	done := d.step(t, id, by("U3", followup.ActionFinish, 70))
	assert.Equal(t, followup.OutcomeGuideFixed, done.FollowUp.Outcome)
	assert.Equal(t, int64(9-1), done.Feedback.Revision, "each is shown")
	last := d.step(t, id, by("U4", followup.ActionReopen, 80)).FollowUp
	assert.Equal(t, 4, last.Openings)
	assert.Equal(t, opened.ID, last.ID)
	at := func(seconds float64) int64 { return after(seconds).UnixMilli() }
	assert.Equal(t, [][]any{
		{opened.ID, at(1), "customer", "", "open", "", ""},
		{opened.ID, at(10), "U1", "open", "claimed", "", ""},
		{opened.ID, at(20), "U2", "claimed", "open", "", ""},
		{opened.ID, at(30), "customer", "open", "explained", "", ""},
		{opened.ID, at(40), "customer", "explained", "open", "", ""},
		{opened.ID, at(50), "customer", "open", "withdrawn", "", ""},
		{opened.ID, at(60), "customer", "withdrawn", "open", "", ""},
		{opened.ID, at(70), "U3", "open", "done", "guide_fixed", "step 3"},
		{opened.ID, at(80), "U4", "done", "open", "", ""},
	}, d.rows(t, `select followup_id, at_ms, made_by, from_state, to_state, outcome, note from transition order by id`))
}

// TestRefusedTransition: the second user gets the state that was found, and the
// message is refreshed.
func TestRefusedTransition(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	claimed := d.step(t, id, by("U1", followup.ActionClaim, 10))
	d.post(t, id, "C1", "1.000001", claimed.Feedback.Revision, after(10))
	claimed = d.standing(t, id)
	c, err := d.ApplyTransition(t.Context(), id, by("U2", followup.ActionClaim, 11))
	var refused *followup.InvalidTransitionError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, &followup.InvalidTransitionError{Action: followup.ActionClaim, Now: claimed.FollowUp}, refused)
	assert.Equal(t, claimed.FollowUp, c.FollowUp)
	assert.Equal(t, claimed.Feedback.Revision+1, c.Feedback.Revision)
	assert.Equal(t, c, d.standing(t, id))
	c, err = d.ApplyTransition(t.Context(), id, by("U2", followup.ActionClaim, 12))
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, claimed.Feedback.Revision+1, c.Feedback.Revision, "the edit is under way")
	_, err = d.ApplyTransition(t.Context(), "nobody", by("U2", followup.ActionClaim, 11))
	require.ErrorIs(t, err, store.ErrNotFound)

	other := d.take(t, green("2")).FeedbackID
	_, err = d.ApplyTransition(t.Context(), other, by("U2", followup.ActionClaim, 11))
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, followup.StateNone, refused.Now.State)
	opened := d.step(t, other, by("U2", followup.ActionOpen, 12))
	assert.Equal(t, followup.StateOpen, opened.FollowUp.State)
	assert.Equal(t, "U2", opened.FollowUp.ChangedBy)
}

// TestConcurrentTransitions: of many who claim at once exactly one wins, and the others
// learn who.
func TestConcurrentTransitions(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	const n = 20
	var all sync.WaitGroup
	won, found := make([]bool, n), make([]string, n)
	for i := range n {
		all.Go(func() {
			c, err := d.ApplyTransition(t.Context(), id, by(fmt.Sprint("U", i), followup.ActionClaim, 10))
			won[i], found[i] = err == nil, c.FollowUp.Claimer
		})
	}
	all.Wait()
	claimer := d.standing(t, id).FollowUp.Claimer
	for i := range n {
		assert.Equal(t, fmt.Sprint("U", i) == claimer, won[i])
		assert.Equal(t, claimer, found[i])
	}
	assert.EqualValues(t, 1, d.one(t, `select count(*) from transition where to_state = 'claimed'`))
}

// TestClaimerIsNotified: the comment on a claimed follow-up queues one notice for
// the claimer, and the follow-up stays claimed.
func TestClaimerIsNotified(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	d.step(t, id, by("U1", followup.ActionClaim, 10))
	comment := storetest.Comment(red("1"), "why", after(20))
	d.takeAt(t, after(20), comment)
	d.takeAt(t, after(21), comment)
	d.takeAt(t, after(22), storetest.Comment(red("1"), "because", after(22)))
	got := d.standing(t, id)
	assert.Equal(t, followup.StateClaimed, got.FollowUp.State)
	assert.Equal(t, "U1", got.FollowUp.Claimer)
	assert.Equal(t, int64(4), got.Feedback.Revision)
	assert.Equal(t, [][]any{{fmt.Sprintf("explained:%s:3", id), id, "explained", "U1", int64(0), int64(1), after(20).UnixMilli()}},
		d.rows(t, `select key, feedback_id, notice, mention, shown, revision, queued_ms from outbox where notice is not null`))
	d.takeAt(t, after(30), storetest.Comment(red("1"), "", after(30)))
	d.takeAt(t, after(40), storetest.Comment(red("1"), "again", after(40)))
	assert.EqualValues(t, 2, d.one(t, `select count(*) from outbox where notice is not null`), "once for each explanation")
}

// TestUrgencyMovesDueTime: the flag moves the due time without a transition.
func TestUrgencyMovesDueTime(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	flag := red("1")
	flag.Answer.Ticket.Urgent, flag.Mentions = true, map[feedback.Field]bool{feedback.FieldTicketUrgent: true}
	d.takeAt(t, after(60), flag)
	got := d.standing(t, id).FollowUp
	assert.Equal(t, after(1), got.OpenedAt)
	assert.Equal(t, after(3601), got.DueAt)
	assert.EqualValues(t, 1, d.one(t, `select count(*) from transition`))
	urgent := red("2")
	urgent.Answer.Ticket.Urgent, urgent.Mentions[feedback.FieldTicketUrgent] = true, true
	assert.Equal(t, after(3601), d.standing(t, d.take(t, urgent).FeedbackID).FollowUp.DueAt)
}

func TestRefreshQueuesRevision(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	c, err := d.Refresh(t.Context(), id, after(5))
	require.NoError(t, err)
	assert.Equal(t, int64(1), c.Feedback.Revision, "its post is under way")
	d.post(t, id, "C1", "1.000001", 1, after(6))
	c, err = d.Refresh(t.Context(), id, after(10))
	require.NoError(t, err)
	assert.Equal(t, int64(2), c.Feedback.Revision)
	assert.Equal(t, d.standing(t, id), c)
	assert.EqualValues(t, 1, d.one(t, `select count(*) from transition`))
	c, err = d.Refresh(t.Context(), "nobody", after(10))
	require.ErrorIs(t, err, store.ErrNotFound)
	assert.Zero(t, c)
}

func (d *fixture) remind(tb testing.TB, seconds float64) int {
	tb.Helper()
	n, err := d.Remind(tb.Context(), after(seconds))
	require.NoError(tb, err)
	return n
}

func (d *fixture) nextReminder(tb testing.TB) time.Time {
	tb.Helper()
	next, err := d.NextReminder(tb.Context())
	require.NoError(tb, err)
	return next
}

const due = 4 * 3600

// due is when what was opened at noon is due: noon is 13:00 in Amsterdam, on a Friday.
// TestReminderIsQueuedOnce for an opening, and once more after a snooze past the due time.
func TestReminderIsQueuedOnce(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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

// TestMissedRemindersShareABulletin: one alone in its thread, several in one bulletin;
// those on time are not among them.
func TestMissedRemindersShareABulletin(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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

	d = newFixture(t)
	d.take(t, red("1"))
	d.remind(t, 10*due)
	assert.Empty(t, d.notices(t, store.NoticeMissed))
	assert.Len(t, d.notices(t, store.NoticeDue), 1)
}

// TestEscalateOncePerOpening: each overdue follow-up once since it opened; suspect ones when they
// are confirmed.
func TestEscalateOncePerOpening(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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

// TestHandoverAndNoteNotices: the new claimer is notified in the thread, and the
// note with which it ends is kept there.
func TestHandoverAndNoteNotices(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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

// TestSecondOfTwoIsRefused: of two people who saw the same message, the second is refused in the
// transaction, whatever the two do, unless it shows what the follow-up still is.
func TestSecondOfTwoIsRefused(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	actions := map[followup.State][]followup.Action{
		followup.StateOpen:    {followup.ActionClaim, followup.ActionSnooze, followup.ActionAssign, followup.ActionFinish},
		followup.StateClaimed: {followup.ActionRelease, followup.ActionSnooze, followup.ActionAssign, followup.ActionFinish},
	}
	for state, possible := range actions {
		for _, first := range possible {
			for _, second := range possible {
				name := fmt.Sprint(state, " ", first, " ", second)
				id := d.take(t, red(name)).FeedbackID
				if state == followup.StateClaimed {
					d.step(t, id, by("U0", followup.ActionClaim, 5))
				}
				saw := followup.Seen{Revision: d.standing(t, id).Feedback.Revision}
				act := func(user string, a followup.Action) error {
					s := by(user, a, 10)
					s.Seen, s.To, s.Until = saw, "U"+user, after(3600)
					_, err := d.ApplyTransition(t.Context(), id, s)
					return err
				}
				require.NoError(t, act("U1", first), name)
				won := d.standing(t, id)
				require.ErrorAs(t, act("U2", second), new(*followup.InvalidTransitionError), name)
				assert.Equal(t, won, d.standing(t, id), "%s: the refused one changes nothing, and an edit is under way", name)
			}
		}
	}
}

// TestAClaimOfAFormerVersion was recorded without a revision. Who clicks on a message of before it looks
// again, and who clicks on the present one acts.
func TestAClaimOfAFormerVersion(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	before := d.standing(t, id).Feedback.Revision
	d.step(t, id, by("U1", followup.ActionClaim, 5))
	_, err := d.raw.ExecContext(t.Context(), `update transition set revision = 0`)
	require.NoError(t, err)
	finish := by("U2", followup.ActionFinish, 10)
	finish.Seen.Revision = before
	_, err = d.ApplyTransition(t.Context(), id, finish)
	require.ErrorAs(t, err, new(*followup.InvalidTransitionError))
	finish.Seen.Revision = d.standing(t, id).Feedback.Revision
	_, err = d.ApplyTransition(t.Context(), id, finish)
	require.NoError(t, err)
}

// TestHandOverCountsWhatChanged, and may be called again.
func TestHandOverCountsWhatChanged(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range 3 {
		d.step(t, d.take(t, red(strconv.Itoa(i))).FeedbackID, by("U1", followup.ActionClaim, 5))
	}
	for _, want := range []struct {
		from, to string
		n        int
	}{{"U1", "U1", 0}, {"U1", "U2", 3}, {"U1", "U2", 0}, {"", "U2", 0}} {
		n, err := d.HandOver(t.Context(), want.from, want.to, "U9", after(10))
		require.NoError(t, err)
		assert.Equal(t, want.n, n, "%s to %s", want.from, want.to)
	}
}
