package store_test

import (
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
	d := newDesk(t)
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

// TestVoidedLive: history may void what stands in Slack: its follow-up is
// withdrawn, and events change it and open none.
func TestVoidedLive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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
