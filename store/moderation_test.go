package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestImportVoids: a row with a void reason does not count, and is counted as
// voided.
func TestImportVoids(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	day := office.DayOf(noon(), storetest.Options(t).Location)
	counts := func(n, voided int64) {
		t.Helper()
		report, err := d.Report(t.Context(), score.NewQuery(score.MetricCSAT, score.Period{From: day, To: day, Unit: score.UnitDay}))
		require.NoError(t, err)
		assert.Equal(t, n, report.Score.N)
		assert.Equal(t, voided, report.Voided)
		assert.Equal(t, d.recounted(t), d.tallied(t))
	}
	in := func(e feedback.Event, reason string) feedback.Result {
		t.Helper()
		imported, err := d.Import(t.Context(), []store.HistoricEvent{{Event: e, VoidReason: reason}}, after(60))
		require.NoError(t, err)
		require.NoError(t, imported[0].Err)
		return imported[0].Result
	}
	assert.Equal(t, feedback.Created, in(red("1"), "a test"))
	counts(0, 1)
	assert.Equal(t, feedback.Unchanged, in(red("1"), "a test"), "the same again")
	assert.Equal(t, feedback.Unchanged, in(red("1"), "another reason"), "the first reason stays")
	assert.Equal(t, feedback.Unchanged, in(red("1"), ""), "an empty cell says nothing")
	assert.Equal(t, feedback.Created, in(green("2"), ""))
	counts(1, 1)
	assert.Equal(t, feedback.Updated, in(green("2"), "a test"))
	counts(0, 2)
	assert.Equal(t, feedback.Updated, in(storetest.Smiley("2", feedback.Yellow, after(5)), ""), "it is changed and stays void")
	counts(0, 2)
}

// TestImportVoidsLiveFeedback: history may void what is in Slack: its follow-up is
// withdrawn, and events change it and open none.
func TestImportVoidsLiveFeedback(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	require.Equal(t, followup.StateOpen, d.standing(t, id).FollowUp.State)
	_, err := d.Import(t.Context(), []store.HistoricEvent{{Event: red("1"), VoidReason: "a test"}}, after(60))
	require.NoError(t, err)
	c := d.standing(t, id)
	assert.Equal(t, feedback.Void{Reason: "a test", By: feedback.ByImport, At: after(60)}, c.Feedback.Void)
	assert.Equal(t, followup.StateWithdrawn, c.FollowUp.State)
	assert.EqualValues(t, 2, c.Feedback.Revision, "Slack is to show it")
	d.take(t, storetest.Smiley("1", feedback.Green, after(70)))
	d.take(t, storetest.Smiley("1", feedback.Red, after(80)))
	c = d.standing(t, id)
	assert.True(t, c.Feedback.Voided())
	assert.Equal(t, feedback.Red, c.Feedback.Colour())
	assert.Equal(t, followup.StateWithdrawn, c.FollowUp.State)
	assert.Equal(t, d.recounted(t), d.tallied(t))

	_, err = d.Import(t.Context(), []store.HistoricEvent{{Event: red("2"), VoidReason: "a test"}}, after(60))
	require.NoError(t, err)
	live := d.take(t, storetest.Smiley("2", feedback.Yellow, after(90)))
	assert.Equal(t, followup.StateNone, d.standing(t, live.FeedbackID).FollowUp.State)
}

// TestModeration: what is void is in no score, its follow-up is withdrawn, the thread says
// so, and all of it is history; restored, all is as it was.
func TestModeration(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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
	}, d.rows(t, `select feedback_id, at_ms, actor, action, reason from moderation order by id`))
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

// TestConcurrentModerations: of many who void at once, one wins, and the others learn who.
func TestConcurrentModerations(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	var all sync.WaitGroup
	found := make([]string, 20)
	for i := range found {
		all.Go(func() {
			c, _ := d.Moderate(t.Context(), id, feedback.Moderation{Action: feedback.ModerationVoid, By: fmt.Sprint("U", i), Reason: "r", At: after(10)})
			found[i] = c.Feedback.Void.By
		})
	}
	all.Wait()
	for _, by := range found {
		assert.Equal(t, d.standing(t, id).Feedback.Void.By, by)
	}
	assert.EqualValues(t, 1, d.one(t, `select count(*) from moderation`))
	assert.Len(t, d.notices(t, store.NoticeVoid), 1)
}
