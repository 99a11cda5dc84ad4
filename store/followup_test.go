package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
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

func (d *desk) step(tb testing.TB, id string, s followup.Transition) followup.Snapshot {
	tb.Helper()
	c, err := d.ApplyTransition(tb.Context(), id, s)
	require.NoError(tb, err)
	assert.Equal(tb, d.standing(tb, id), c)
	return c
}

// TestTransitionsAreKept walks a follow-up through its life: who, when, from, to.
func TestTransitionsAreKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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

// TestStepRefused: who comes second is told the state that was found, and the
// message is shown anew.
func TestStepRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, red("1")).FeedbackID
	claimed := d.step(t, id, by("U1", followup.ActionClaim, 10))
	c, err := d.ApplyTransition(t.Context(), id, by("U2", followup.ActionClaim, 11))
	var refused *followup.InvalidTransitionError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, &followup.InvalidTransitionError{Action: followup.ActionClaim, Now: claimed.FollowUp}, refused)
	assert.Equal(t, claimed.FollowUp, c.FollowUp)
	assert.Equal(t, claimed.Feedback.Revision+1, c.Feedback.Revision)
	assert.Equal(t, c, d.standing(t, id))
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

// TestStepsAtOnce: of many who claim at once exactly one wins, and the others
// are told who.
func TestStepsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, red("1")).FeedbackID
	const n = 20
	var all sync.WaitGroup
	won, told := make([]bool, n), make([]string, n)
	for i := range n {
		all.Go(func() {
			c, err := d.ApplyTransition(t.Context(), id, by(fmt.Sprint("U", i), followup.ActionClaim, 10))
			won[i], told[i] = err == nil, c.FollowUp.Claimer
		})
	}
	all.Wait()
	claimer := d.standing(t, id).FollowUp.Claimer
	for i := range n {
		assert.Equal(t, fmt.Sprint("U", i) == claimer, won[i])
		assert.Equal(t, claimer, told[i])
	}
	assert.EqualValues(t, 1, d.one(t, `select count(*) from transition where to_state = 'claimed'`))
}

// TestClaimerIsTold: the comment on a claimed follow-up queues one notice for
// the claimer, and the follow-up stays claimed.
func TestClaimerIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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

// TestUrgency: the flag moves the due time without a transition.
func TestUrgency(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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

func TestQueue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	none, err := d.Queue(t.Context(), store.Page{Limit: 10})
	require.NoError(t, err)
	assert.Zero(t, none)
	ids := make(map[string]string)
	add := func(name string, seconds float64, urgent bool) {
		e := red(name)
		e.Answer.Ticket.Urgent, e.Mentions[feedback.FieldTicketUrgent] = urgent, true
		ids[d.takeAt(t, after(seconds), e).FeedbackID] = name
	}
	add("third", 30, false)
	add("second", 20, false)
	add("urgent, later", 50, true)
	add("urgent", 40, true)
	add("claimed", 10, false)
	add("done", 1, true)
	d.takeAt(t, after(2), storetest.With(red("explained"), "why"))
	d.takeAt(t, after(2), green("happy"))
	for id, name := range ids {
		switch name {
		case "claimed":
			d.step(t, id, by("U1", followup.ActionClaim, 60))
			require.NoError(t, d.Attempt(t.Context(), id, "C1", after(61)))
			require.NoError(t, d.Posted(t.Context(), id, "C1", store.FoundMessage{TS: "1.000001", Revision: 2}, after(61)))
		case "done":
			d.step(t, id, by("U1", followup.ActionFinish, 60))
		}
	}
	names := func(limit, skip int) []string {
		t.Helper()
		queue, err := d.Queue(t.Context(), store.Page{Limit: limit, Skip: skip})
		require.NoError(t, err)
		assert.Equal(t, 5, queue.Total)
		var found []string
		for _, w := range queue.First {
			assert.Equal(t, d.standing(t, w.Feedback.ID), w.Snapshot)
			if ids[w.Feedback.ID] == "claimed" {
				assert.Equal(t, []string{"C1", "1.000001"}, []string{w.SlackChannel, w.TS})
			} else {
				assert.Empty(t, w.TS)
			}
			found = append(found, ids[w.Feedback.ID])
		}
		return found
	}
	assert.Equal(t, []string{"urgent", "urgent, later", "claimed", "second", "third"}, names(10, 0))
	assert.Equal(t, []string{"urgent", "urgent, later", "claimed"}, names(3, 0))
	assert.Equal(t, []string{"second", "third"}, names(3, 3))
	counted, err := d.FollowUps(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[followup.State]int{followup.StateOpen: 4, followup.StateClaimed: 1, followup.StateDone: 1}, counted)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, red("1")).FeedbackID
	c, err := d.Refresh(t.Context(), id, after(10))
	require.NoError(t, err)
	assert.Equal(t, int64(2), c.Feedback.Revision)
	assert.Equal(t, d.standing(t, id), c)
	assert.EqualValues(t, 1, d.one(t, `select count(*) from transition`))
	c, err = d.Refresh(t.Context(), "nobody", after(10))
	require.ErrorIs(t, err, store.ErrNotFound)
	assert.Zero(t, c)
}

// TestUnansweredReviews: those of the period whose follow-up somebody still has to do,
// the oldest first.
func TestUnansweredReviews(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := map[string]string{}
	for id, at := range map[string]time.Time{
		"late": after(20), "early": after(10), "claimed": after(15), "snoozed": after(16), "done": after(1), "void": after(2),
		"before": noon().AddDate(0, 0, -1), "other": after(30),
	} {
		e := storetest.Score(id, feedback.KindReview, 2, at)
		if id != "other" {
			e.Channel = feedback.ChannelReview
		}
		ids[id] = d.takeAt(t, after(40), storetest.With(e, "I waited for a day.")).FeedbackID
	}
	happy := storetest.Score("happy", feedback.KindReview, 4, noon())
	d.takeAt(t, after(40), happy, red("no review"))
	d.step(t, ids["claimed"], by("U1", followup.ActionClaim, 50))
	d.step(t, ids["snoozed"], followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: after(5000), At: after(50)})
	finish := by("U1", followup.ActionFinish, 50)
	finish.Outcome = followup.OutcomeOther
	d.step(t, ids["done"], finish)
	_, err := d.Moderate(t.Context(), ids["void"], feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "a test", At: after(50)})
	require.NoError(t, err)

	today := office.DayOf(noon(), time.UTC)
	for _, c := range []struct {
		from    office.Day
		channel feedback.Channel
		page    store.Page
		want    []string
		total   int
	}{
		{today, "", store.Page{Limit: 10}, []string{"early", "claimed", "snoozed", "late", "other"}, 5},
		{today, feedback.ChannelReview, store.Page{Limit: 10}, []string{"early", "claimed", "snoozed", "late"}, 4},
		{today, feedback.ChannelChat, store.Page{Limit: 10}, nil, 0},
		{today - 1, "", store.Page{Limit: 2}, []string{"before", "early"}, 6},
		{today, "", store.Page{}, nil, 5},
	} {
		found, err := d.Unanswered(t.Context(), score.Period{From: c.from, To: today}, c.channel, c.page)
		require.NoError(t, err)
		assert.Equal(t, c.want, names(found.First))
		assert.Equal(t, c.total, found.Total)
	}
}
