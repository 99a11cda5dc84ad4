package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

// stars is a review, which the customer may take back.
func stars(n int, seconds float64) feedback.Event {
	e := storetest.Score("review-1", feedback.KindReview, n, after(seconds))
	e.Channel = feedback.ChannelReview
	return e
}

// takenBack says that the review is gone; n of 0 is a sender that does not repeat the
// stars.
func takenBack(n int, seconds float64) feedback.Event {
	e := stars(n, seconds)
	e.TakenBack = true
	if n == 0 {
		delete(e.Mentions, feedback.FieldRating)
	}
	return e
}

// TestTakenBack: an answer that the customer took back does not count, its follow-up is
// withdrawn, and the thread says so; whatever the order in which the events arrive.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]feedback.Event{
		"in order":                {stars(1, -30), takenBack(1, -20)},
		"without the stars":       {stars(1, -30), takenBack(0, -20)},
		"twice":                   {stars(1, -30), takenBack(1, -20), takenBack(1, -20)},
		"before it was written":   {takenBack(1, -20), stars(1, -30)},
		"with an old edit after":  {stars(5, -40), takenBack(1, -20), stars(1, -30)},
		"at the same moment last": {stars(1, -20), takenBack(1, -20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := ""
			for _, e := range events {
				id = d.take(t, e).FeedbackID
			}
			c := d.standing(t, id)
			assert.Equal(t, feedback.Void{Reason: feedback.ReasonTakenBack, By: feedback.ByCustomer, At: after(-20)}, c.Feedback.Void)
			assert.Equal(t, 1, c.Feedback.Rating)
			assert.NotEqual(t, followup.StateOpen, c.FollowUp.State)
			assert.Len(t, d.notices(t, store.NoticeVoid), 1)
			assert.Equal(t, d.recounted(t), d.tallied(t))
		})
	}
}

// TestGivenAnew: who answers anew counts again, follow-up included. What a person voided
// is not for the customer to restore, and an older answer restores nothing.
func TestGivenAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, stars(1, -50)).FeedbackID
	d.take(t, takenBack(0, -40))
	assert.Equal(t, feedback.Stale, d.take(t, takenBack(0, -60)).Result, "older than what it takes back")
	require.Equal(t, followup.StateWithdrawn, d.standing(t, id).FollowUp.State)
	assert.Equal(t, feedback.Updated, d.take(t, stars(2, -30)).Result)
	c := d.standing(t, id)
	assert.False(t, c.Feedback.Voided())
	assert.Equal(t, followup.StateOpen, c.FollowUp.State)
	assert.Len(t, d.notices(t, store.NoticeRestored), 1)

	_, err := d.Moderate(t.Context(), id, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "a test", At: after(2)})
	require.NoError(t, err)
	d.take(t, takenBack(0, -20))
	d.take(t, stars(3, -10))
	assert.Equal(t, "U1", d.standing(t, id).Feedback.Void.By)
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// TestImportRestoresNothing: a row of history is no new answer of the customer.
func TestImportRestoresNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, stars(1, -50)).FeedbackID
	d.take(t, takenBack(0, -40))
	storetest.Import(t, d.Store, after(2), stars(2, -30))
	c := d.standing(t, id)
	assert.Equal(t, feedback.ByCustomer, c.Feedback.Void.By)
	assert.Equal(t, 2, c.Feedback.Rating)
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// TestBeganAt: a feedback counts on the day of its first answer, also where the sender
// tells of the latest change only.
func TestBeganAt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := red("1")
	e.BeganAt = noon().AddDate(0, 0, -2)
	id := d.take(t, e).FeedbackID
	assert.Equal(t, e.BeganAt, d.standing(t, id).Feedback.OccurredAt)
	older := green("1")
	older.OccurredAt = noon().AddDate(0, 0, -1)
	assert.Equal(t, feedback.Stale, d.take(t, older).Result, "fields keep the time of their change")
}

// TestOneOfSeveralHasNoRating: what is wrong with one event of a delivery does not cost
// the others.
func TestOneOfSeveralHasNoRating(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	gone := takenBack(0, -20)
	taken, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d1", ReceivedAt: after(1)}, gone, red("1"))
	require.NoError(t, err)
	assert.Equal(t, []feedback.Result{store.Ignored, feedback.Created}, []feedback.Result{taken[0].Result, taken[1].Result})
	again, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d1", ReceivedAt: after(2)}, gone, red("1"))
	require.NoError(t, err)
	assert.Equal(t, []store.Ingested{{FeedbackID: taken[1].FeedbackID, Result: store.Duplicate}}, again)
	_, err = d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: after(3)}, gone)
	require.ErrorIs(t, err, feedback.ErrRatingMissing)
}

// TestRawRating: the rating as the sender has it is kept beside ours, and changes with it.
func TestRawRating(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := green("1")
	e.Answer.Raw = "Great"
	id := d.take(t, e).FeedbackID
	assert.Equal(t, "Great", d.standing(t, id).Feedback.Raw)
	e.Answer.Raw, e.OccurredAt = "Superb", after(1)
	assert.Equal(t, feedback.Updated, d.take(t, e).Result)
	assert.Equal(t, "Superb", d.standing(t, id).Feedback.Raw)
	d.take(t, storetest.Comment(e, "Thanks", after(1)))
	assert.Equal(t, "Superb", d.standing(t, id).Feedback.Raw)
}

// TestForgetReview: the title and the page of a review go with its customer, and so does
// the payload that told of several.
func TestForgetReview(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	review := func(id, customer string) feedback.Event {
		e := stars(1, -30)
		e.ID, e.Answer.Customer.ID = id, customer
		e.Answer.Ticket = feedback.Ticket{Subject: "Never again", URL: "https://reviews.example.org/" + id}
		for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldTicketSubject, feedback.FieldTicketURL} {
			e.Mentions[f] = true
		}
		return e
	}
	taken, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", Body: []byte("both"), ReceivedAt: after(1)}, review("1", "c-1"), review("2", "c-2"))
	require.NoError(t, err)
	counted, err := d.CountErasable(t.Context(), "c-2")
	require.NoError(t, err)
	assert.Equal(t, 1, counted.Payloads)
	_, err = d.Erase(t.Context(), "c-2", after(2))
	require.NoError(t, err)
	assert.Zero(t, d.one(t, `select count(*) from payload`))
	assert.Zero(t, d.one(t, `select count(*) from payload_also`))
	assert.Equal(t, feedback.Ticket{}, d.standing(t, taken[1].FeedbackID).Feedback.Ticket)
	assert.NotEmpty(t, d.standing(t, taken[0].FeedbackID).Feedback.Ticket.URL)
	d.takeAt(t, after(3), review("2", "c-2"))
	assert.Equal(t, feedback.Ticket{}, d.standing(t, taken[1].FeedbackID).Feedback.Ticket, "an old event brings nothing back")
}
