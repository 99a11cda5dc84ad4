package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// numberedImport imports events under a number.
func numberedImport(t *testing.T, d *fixture, o store.ImportOptions, events ...feedback.Event) (number int64, results []store.Imported) {
	t.Helper()
	number, err := d.BeginImport(t.Context(), "history.csv", o.Now)
	require.NoError(t, err)
	o.Number = number
	results, err = d.ImportWith(t.Context(), storetest.Past(events...), o)
	require.NoError(t, err)
	return number, results
}

// TestUndoOfLiveFeedback: its message is edited back; what a webhook made live since is left.
func TestUndoOfLiveFeedback(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	before := d.standing(t, id)
	number, _ := numberedImport(t, d, store.ImportOptions{Now: after(60)}, storetest.Smiley("1", feedback.Green, after(30)), red("2"), red("3"))
	require.Equal(t, int64(2), d.standing(t, id).Feedback.Revision)
	d.take(t, red("3"))
	undone, err := d.Undo(t.Context(), number, after(90))
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 1, 1}, []int64{undone.Removed, undone.Restored, undone.Left})
	assert.Equal(t, []feedback.Key{red("3").Key}, undone.LeftKeys)
	present := d.standing(t, id)
	assert.Equal(t, int64(3), present.Feedback.Revision, "the message is edited once more")
	assert.Equal(t, before.Feedback.Answer, present.Feedback.Answer)
	assert.Equal(t, before.Feedback.SetAt, present.Feedback.SetAt)
	assert.EqualValues(t, 2, d.one(t, `select count(*) from feedback`))
	assert.EqualValues(t, 1, d.one(t, `select count(*) from history where feedback_id = '`+id+`'`))
	_, err = d.Undo(t.Context(), 0, after(90))
	require.ErrorIs(t, err, store.ErrNotFound)
	undone, err = d.Undo(t.Context(), number, after(90))
	require.NoError(t, err)
	assert.EqualValues(t, 1, undone.Left, "the rest is tried again")
	rebuilt, err := d.Rebuild(t.Context(), func(int64, int64) {})
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)
}

// TestErasureReachesUndo: nothing of an erased customer is kept for an undo.
func TestErasureReachesUndo(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	first := storetest.With(of(red("1"), jan()), "my words")
	storetest.Import(t, d.Store, after(1), first)
	changed := storetest.With(of(storetest.Smiley("1", feedback.Green, after(30)), jan()), "others")
	number, _ := numberedImport(t, d, store.ImportOptions{Now: after(60)}, changed)
	require.Contains(t, d.one(t, `select before from import_change`), "my words")
	_, err := d.Erase(t.Context(), jan().ID, after(70))
	require.NoError(t, err)
	assert.Empty(t, d.one(t, `select before from import_change`))
	undone, err := d.Undo(t.Context(), number, after(90))
	require.NoError(t, err)
	assert.EqualValues(t, 1, undone.Left)

	_, results := numberedImport(t, d, store.ImportOptions{Now: after(95), Replace: true}, changed)
	require.NoError(t, results[0].Err)
	for _, row := range d.rows(t, `select before from import_change where before is not null`) {
		assert.NotContains(t, row[0], "words")
		assert.NotContains(t, row[0], "others")
	}
}

// TestReplace: rows win whatever their moment, and merge by it among themselves; the same rows again
// change nothing.
func TestReplace(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	storetest.Import(t, d.Store, after(1000), storetest.Smiley("1", feedback.Red, after(900)))
	rows := []feedback.Event{storetest.Smiley("1", feedback.Yellow, noon()), storetest.Smiley("1", feedback.Green, after(-60)), storetest.Smiley("1", feedback.Green, after(60))}
	number, results := numberedImport(t, d, store.ImportOptions{Now: after(1000), Replace: true}, rows...)
	assert.Equal(t, []store.Imported{
		{Result: feedback.Updated, Changed: true}, {Result: feedback.Stale, Changed: true}, {Result: feedback.Updated, Changed: true, Again: true},
	}, results)
	assert.Equal(t, [][]any{{int64(3), after(-60).UnixMilli()}}, d.rows(t, `select rating, occurred_ms from feedback`))
	_, err := d.Undo(t.Context(), number, after(1000))
	require.NoError(t, err)
	assert.Equal(t, [][]any{{int64(1), after(900).UnixMilli()}}, d.rows(t, `select rating, occurred_ms from feedback`))
}

// TestVoidIsTakenBack by a row, also of a live feedback.
func TestVoidIsTakenBack(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	number, err := d.BeginImport(t.Context(), "history.csv", noon())
	require.NoError(t, err)
	for i, p := range []store.HistoricEvent{{Event: red("1"), VoidReason: "spam"}, {Event: red("1"), Restores: true}} {
		_, err := d.ImportWith(t.Context(), []store.HistoricEvent{p}, store.ImportOptions{Number: number, Now: after(60)})
		require.NoError(t, err)
		present := d.standing(t, id)
		assert.Equal(t, i == 0, present.Feedback.Voided())
		assert.Equal(t, int64(i+2), present.Feedback.Revision)
	}
	assert.Equal(t, [][]any{{"void"}, {"restore"}}, d.rows(t, `select action from moderation order by id`))
	assert.Equal(t, "open", d.one(t, `select state from followup`))
}
