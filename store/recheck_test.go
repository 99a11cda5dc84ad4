package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestRecheck: what an older version kept of texts that say nothing is emptied once after the upgrade,
// with what follows from it.
func TestRecheck(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	named := storetest.With(red("named"), "why")
	named.Answer.Customer.Name, named.Answer.Agent.Name = "\u200b", "\u2800"
	named.Mentions[feedback.FieldCustomerName], named.Mentions[feedback.FieldAgentName] = true, true
	past := storetest.With(red("past"), "\u00ad")
	storetest.Import(t, d.Store, after(1), past)
	ids := make(map[string]string)
	take := func(e feedback.Event) string {
		ids[e.ID] = d.take(t, e).FeedbackID
		return ids[e.ID]
	}
	take(storetest.With(red("never asked"), "\u200b"))
	take(red("closed"))
	d.takeAt(t, after(20), storetest.Comment(red("closed"), "\ufeff\u0301", after(20)))
	d.step(t, take(red("claimed")), by("U1", followup.ActionClaim, 10))
	d.takeAt(t, after(20), storetest.Comment(red("claimed"), "&nbsp;", after(20)))
	d.step(t, take(red("done")), by("U1", followup.ActionFinish, 10))
	d.takeAt(t, after(20), storetest.Comment(red("done"), "\u3164", after(20)))
	take(storetest.With(storetest.Smiley("happy", feedback.Green, after(1)), "\u2060"))
	take(storetest.With(red("explained"), "-"))
	take(named)
	require.Equal(t, followup.StateExplained, d.standing(t, ids["closed"]).FollowUp.State)
	revision := d.standing(t, ids["closed"]).Feedback.Revision

	n, err := d.Recheck(t.Context(), after(100))
	require.NoError(t, err)
	assert.Zero(t, n, "a new database needs no look")
	_, err = d.raw.ExecContext(t.Context(), `insert into recheck (id, last_id) values (1, '')`)
	require.NoError(t, err)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.Recheck(cancelled, after(100))
	require.Error(t, err)
	n, err = d.Recheck(t.Context(), after(100))
	require.NoError(t, err)
	assert.Equal(t, 7, n)

	for _, want := range []struct {
		id, comment string
		state       followup.State
	}{
		{"never asked", "", followup.StateOpen},
		{"closed", "", followup.StateOpen},
		{"claimed", "", followup.StateClaimed},
		{"done", "", followup.StateDone},
		{"happy", "", followup.StateNone},
		{"explained", "-", followup.StateNone},
		{"named", "why", followup.StateNone},
	} {
		c := d.standing(t, ids[want.id])
		assert.Equal(t, want.comment, c.Feedback.Comment, want.id)
		assert.Equal(t, want.state, c.FollowUp.State, want.id)
	}
	closed := d.standing(t, ids["closed"])
	assert.Equal(t, after(100), closed.FollowUp.OpenedAt)
	assert.Equal(t, after(100+4*3600), closed.FollowUp.DueAt)
	assert.Greater(t, closed.Feedback.Revision, revision, "its message is edited")
	assert.Empty(t, d.standing(t, ids["named"]).Feedback.Customer.Name)
	assert.Equal(t, [][]any{{"", nil}}, d.rows(t, `select f.comment, o.key from feedback f left join outbox o on o.key = f.id where f.external_id = 'past'`),
		"history stays without a message")
	assert.Empty(t, d.rows(t, `select * from recheck`))
	rebuilt, err := d.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)

	n, err = d.Recheck(t.Context(), after(200))
	require.NoError(t, err)
	assert.Zero(t, n, "once")
}

// TestAnImportIsUndoneAfterARecheck: what the recheck emptied is no change that keeps an import's.
func TestAnImportIsUndoneAfterARecheck(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, storetest.With(red("said"), "why")).FeedbackID
	number, _ := numberedImport(t, d, store.ImportOptions{Now: after(60)},
		storetest.With(storetest.Smiley("said", feedback.Red, after(30)), "\u200b"), storetest.With(red("new"), "\u2060"))
	_, err := d.raw.ExecContext(t.Context(), `insert into recheck (id, last_id) values (1, '')`)
	require.NoError(t, err)
	n, err := d.Recheck(t.Context(), after(100))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, followup.StateOpen, d.standing(t, id).FollowUp.State)
	undone, err := d.Undo(t.Context(), number, after(200))
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 1, 0}, []int64{undone.Removed, undone.Restored, undone.Left})
	c := d.standing(t, id)
	assert.Equal(t, "why", c.Feedback.Comment)
	assert.Equal(t, followup.StateExplained, c.FollowUp.State)
	rebuilt, err := d.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)
}
