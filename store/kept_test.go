package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

// bare is an event without a rating.
func bare(e feedback.Event, comment string, seconds float64) feedback.Event {
	e = storetest.With(e, comment)
	e.OccurredAt = after(seconds)
	delete(e.Mentions, feedback.FieldRating)
	return e
}

// TestCommentBeforeItsRating: a comment waits for its rating without a message, and is then part of the
// first message; the same delivery again is a repeat.
func TestCommentBeforeItsRating(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	comment := bare(red("1"), "too slow", 1)
	first := store.Delivery{Sender: "feedback", ID: "d-1", Body: []byte(`{"comment":"too slow"}`), ReceivedAt: after(1)}
	for _, want := range []feedback.Result{feedback.Kept, store.Duplicate} {
		taken, err := d.Ingest(t.Context(), first, comment)
		require.NoError(t, err)
		assert.Equal(t, []store.Ingested{{Result: want}}, taken)
	}
	assert.EqualValues(t, 1, d.one(t, `select count(*) from kept`))
	for _, table := range []string{"feedback", "outbox", "followup", "payload", "tally"} {
		assert.EqualValues(t, 0, d.one(t, `select count(*) from `+table), table)
	}
	rated := d.takeAt(t, after(60), red("1"))
	assert.Equal(t, feedback.Created, rated.Result)
	c := d.standing(t, rated.FeedbackID)
	assert.Equal(t, "too slow", c.Feedback.Comment)
	assert.EqualValues(t, 1, c.Feedback.Revision, "one message, with the comment")
	assert.Equal(t, followup.StateNone, c.FollowUp.State, "the customer has explained")
	assert.EqualValues(t, 0, d.one(t, `select count(*) from kept`))
	assert.EqualValues(t, 1, d.one(t, `select count(*) from history where field = 'comment'`))
}

// TestDeletionBeforeItsCreation: what was deleted before it became known stays deleted, and a newer answer
// counts.
func TestDeletionBeforeItsCreation(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	gone := takenBack(0, 20)
	assert.Equal(t, feedback.Kept, d.takeAt(t, after(21), gone).Result)
	late := stars(2, 10)
	created := d.takeAt(t, after(30), late)
	assert.True(t, d.standing(t, created.FeedbackID).Feedback.Voided())
	assert.EqualValues(t, 0, d.one(t, `select count(*) from followup where state <> 'withdrawn'`))
	again := stars(4, 40)
	d.takeAt(t, after(41), again)
	assert.False(t, d.standing(t, created.FeedbackID).Feedback.Voided())
}

// TestImportedRatingHasTheKeptComment: a row of history takes what waits, too, and leaves it for a webhook,
// because the import may be undone.
func TestImportedRatingHasTheKeptComment(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.takeAt(t, after(1), bare(red("1"), "too slow", 1))
	imported, err := d.Import(t.Context(), storetest.Past(red("1")), after(2))
	require.NoError(t, err)
	require.NoError(t, imported[0].Err)
	assert.Equal(t, "too slow", d.one(t, `select comment from feedback`))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from outbox`))
	d.takeAt(t, after(3), green("1"))
	assert.Equal(t, "too slow", d.one(t, `select comment from feedback`))
}

// TestKeptIsForgotten: what waits is erased with its customer, by id or address, and after thirty days;
// and the comment of an erased customer does not come with a later rating.
func TestKeptIsForgotten(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.takeAt(t, after(1), bare(of(red("1"), jan()), "Jan de Vries was here", 1))
	d.takeAt(t, after(1), bare(of(red("2"), feedback.Person{Email: "JAN@example.org"}), "and here", 1))
	d.takeAt(t, after(1), bare(of(red("3"), feedback.Person{ID: "c-1"}), "Piet", 1))
	for _, count := range []func() (store.Erased, error){
		func() (store.Erased, error) { return d.CountErasable(t.Context(), "jan@example.org") },
		func() (store.Erased, error) { return d.Erase(t.Context(), "jan@example.org", after(2)) },
	} {
		erased, err := count()
		require.NoError(t, err)
		assert.Equal(t, store.Erased{Comments: 2}, erased)
	}
	assert.Equal(t, "3", d.one(t, `select external_id from kept`))
	require.NoError(t, d.Sweep(t.Context(), after(1).Add(store.DeliveryRetention-time.Millisecond)))
	assert.EqualValues(t, 1, d.one(t, `select count(*) from kept`))
	require.NoError(t, d.Sweep(t.Context(), after(1).Add(store.DeliveryRetention)))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from kept`))
}

// TestWaitingLong counts what waits for more than a day, by sender.
func TestWaitingLong(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	other := bare(red("3"), "too slow", 7200)
	other.Sender = "shop"
	d.takeAt(t, after(1), bare(red("1"), "too slow", 1))
	d.takeAt(t, after(3600), bare(red("2"), "rude", 3600))
	d.takeAt(t, after(7200), other)
	for _, row := range []struct {
		seconds float64
		want    []store.Waiting
	}{
		{86_400, nil},
		{86_401, []store.Waiting{{"feedback", 1, after(1)}}},
		{2 * 86_400, []store.Waiting{{"feedback", 2, after(1)}, {"shop", 1, after(7200)}}},
	} {
		all, err := d.WaitingLong(t.Context(), after(row.seconds))
		require.NoError(t, err)
		assert.Equal(t, row.want, all)
	}
}

// TestKeptIsBounded: a sender that never rates keeps at most a hundred events of one feedback.
func TestKeptIsBounded(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range 103 {
		d.takeAt(t, after(float64(i)), bare(red("1"), "again", float64(i)))
	}
	assert.EqualValues(t, 100, d.one(t, `select count(*) from kept`))
}

// TestClaimsOfAnErasedCustomer: a row brings no claims that name an erased customer, also when the
// feedback is another customer's now.
func TestClaimsOfAnErasedCustomer(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.takeAt(t, after(0), of(red("1"), jan()))
	better := of(green("1"), feedback.Person{ID: "c-piet", Name: "Piet"})
	better.OccurredAt = after(60)
	d.takeAt(t, after(60), better)
	var row feedback.Event
	require.NoError(t, d.Export(t.Context(), 0, 100_000, func(f feedback.Feedback) error {
		row = feedback.Event{Key: f.Key, OccurredAt: f.OccurredAt, Answer: f.Answer, Mentions: better.Mentions, SetAt: f.SetAt, Claims: f.UntoldClaims()}
		return nil
	}))
	for _, erased := range []bool{false, true} {
		other := newFixture(t)
		if erased {
			_, err := other.Erase(t.Context(), jan().ID, after(90))
			require.NoError(t, err)
		}
		_, err := other.Import(t.Context(), []store.HistoricEvent{{Event: row}}, after(100))
		require.NoError(t, err)
		assert.Equal(t, "c-piet", other.one(t, `select customer_id from feedback`))
		assert.Len(t, other.rows(t, `select 1 from feedback where claims like '%'||$1||'%'`, jan().ID), map[bool]int{false: 1}[erased])
	}
}

// TestAgentStaysWithTheRating: an event without a new rating moves the feedback to no one else, in
// whatever order the two arrive, and what the events said is erased with the customer.
func TestAgentStaysWithTheRating(t *testing.T) {
	t.Parallel()
	named := func(e feedback.Event, agent string) feedback.Event {
		e.Answer.Agent.Name, e.Mentions[feedback.FieldAgentName] = agent, true
		return e
	}
	rated := named(of(red("1"), jan()), "Bart")
	explained := named(storetest.With(of(red("1"), jan()), "slow"), "Kim")
	explained.OccurredAt = after(60)
	better := named(of(green("1"), feedback.Person{Name: "Piet"}), "Lee")
	better.OccurredAt = after(300)
	for _, order := range [][]feedback.Event{{rated, explained}, {explained, rated}, {explained, rated, explained}} {
		d := newFixture(t)
		for i, e := range order {
			d.takeAt(t, after(float64(100+i)), e)
		}
		assert.Equal(t, "Bart", d.one(t, `select agent_name from feedback`))
		assert.Equal(t, "slow", d.one(t, `select comment from feedback`))
		_, err := d.Erase(t.Context(), jan().ID, after(200))
		require.NoError(t, err)
		assert.Empty(t, d.rows(t, `select claims from feedback where claims like '%Jan%'`))
		d.takeAt(t, after(300), better)
		assert.Equal(t, "Lee", d.one(t, `select agent_name from feedback`), "a new rating names its agent")
		assert.Empty(t, d.rows(t, `select claims from feedback where claims like '%Piet%'`), "an erased feedback takes no customer")
	}
}
