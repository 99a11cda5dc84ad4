package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestImport: history counts, and nothing else comes of it.
func TestImport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	day := feedback.DayOf(noon(), storetest.Options(t).Location)
	counted := func() feedback.Tally {
		t.Helper()
		tally, err := d.Tally(t.Context(), feedback.KindSmiley, day, day)
		require.NoError(t, err)
		return tally
	}
	events := []feedback.Event{red("1"), red("2"), storetest.With(green("3"), "nice"), red("1")}
	for range 2 { // the same again changes nothing
		require.NoError(t, d.Import(t.Context(), events, after(1)))
		assert.Equal(t, feedback.Tally{1: 2, 3: 1}, counted())
		for table, want := range map[string]int{"feedback": 3, "outbox": 0, "followup": 0, "transition": 0, "payload": 0, "delivery": 0} {
			assert.EqualValues(t, want, d.one(t, `select count(*) from `+table), table)
		}
	}
	assert.Equal(t, feedback.Unchanged, d.take(t, red("1")).Result)
	assert.EqualValues(t, 0, d.one(t, `select count(*) from outbox`), "there is nothing new to show")

	live := d.take(t, storetest.With(storetest.Smiley("1", feedback.Red, after(60)), "why"))
	assert.Equal(t, feedback.Updated, live.Result)
	assert.Equal(t, int64(1), d.standing(t, live.FeedbackID).Feedback.Revision)
	assert.Equal(t, []string{"posts"}, d.places(t, live.FeedbackID, after(2)))
	opened := d.take(t, storetest.Smiley("3", feedback.Red, after(60)), storetest.Comment(green("3"), "", after(60)))
	assert.Equal(t, feedback.StateOpen, d.standing(t, opened.FeedbackID).FollowUp.State)
	assert.Equal(t, feedback.Tally{1: 3}, counted())
}

// TestImportFails as a whole.
func TestImportFails(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	err := d.Import(t.Context(), []feedback.Event{red("1"), storetest.Comment(red("2"), "why", noon())}, after(1))
	require.ErrorIs(t, err, feedback.ErrRatingMissing)
	assert.EqualValues(t, 0, d.one(t, `select count(*) from feedback`))
	require.NoError(t, d.Close())
	require.ErrorIs(t, d.Import(t.Context(), []feedback.Event{red("1")}, after(1)), store.ErrUnavailable)
}
