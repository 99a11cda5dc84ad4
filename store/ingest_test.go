package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

func TestIngestResults(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	first := d.take(t, red("1"))
	assert.Equal(t, feedback.Created, first.Result)
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7`, first.FeedbackID)
	for _, step := range []struct {
		event    feedback.Event
		result   feedback.Result
		revision int64
	}{
		{red("1"), feedback.Unchanged, 1},
		{storetest.Smiley("1", feedback.Red, after(60)), feedback.Unchanged, 1},
		{storetest.Smiley("1", feedback.Green, after(30)), feedback.Stale, 1},
		{storetest.Smiley("1", feedback.Green, after(90)), feedback.Updated, 2},
		{storetest.Comment(red("1"), "why", after(120)), feedback.Updated, 3},
		{storetest.Comment(red("1"), "why", after(130)), feedback.Unchanged, 3},
		{storetest.Comment(red("1"), "", after(140)), feedback.Updated, 4},
		{storetest.Smiley("1", feedback.Red, after(-60)), feedback.Stale, 4}, // earlier than was known, and nothing to do in Slack
	} {
		assert.Equal(t, store.Ingested{FeedbackID: first.FeedbackID, Result: step.result}, d.take(t, step.event))
		assert.Equal(t, step.revision, d.standing(t, first.FeedbackID).Feedback.Revision)
	}
	other := red("1")
	other.Channel = feedback.ChannelChat
	got := d.take(t, other)
	assert.Equal(t, feedback.Created, got.Result, "another channel is another feedback")
	assert.NotEqual(t, first.FeedbackID, got.FeedbackID)
}

// TestCaseHasEveryField writes every field and reads it back.
func TestCaseHasEveryField(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	e := storetest.With(red("1"), "Stap 3 klopt niet 😀\nmeer.")
	e.Answer.Customer = feedback.Person{ID: "c", Name: "Jan", Email: "jan@example.org"}
	e.Answer.Agent = feedback.Person{ID: "a", Name: "Bart", Email: "bart@example.net"}
	e.Answer.Ticket = feedback.Ticket{
		ID: "4711", Subject: "Website", URL: "https://tickets.example.org/4711", Urgent: true,
		OpenedAt: after(-3600), FirstReplyAt: after(-1800), ResolvedAt: after(-60.5), Replies: 2,
	}
	e.Answer.Site, e.Answer.FollowUpOf = "trustpilot", "reply-0"
	for _, f := range []feedback.Field{
		feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail,
		feedback.FieldAgentID, feedback.FieldAgentName, feedback.FieldAgentEmail,
		feedback.FieldTicketID, feedback.FieldTicketSubject, feedback.FieldTicketURL, feedback.FieldTicketUrgent,
		feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt, feedback.FieldTicketResolvedAt, feedback.FieldTicketReplies,
		feedback.FieldSite, feedback.FieldFollowUpOf,
	} {
		e.Mentions[f] = true
	}
	id := d.take(t, e).FeedbackID
	setAt := make(map[feedback.Field]time.Time)
	for f := range e.Mentions {
		setAt[f] = noon()
	}
	require.Len(t, setAt, 18)
	want := followup.Snapshot{Feedback: feedback.Feedback{
		ID: id, Key: e.Key, Answer: e.Answer, SetAt: setAt, OccurredAt: noon(), ReceivedAt: after(1), Revision: 1,
	}}
	assert.Equal(t, want, d.standing(t, id))

	bare := d.take(t, green("2")).FeedbackID
	got := d.standing(t, bare).Feedback
	assert.Equal(t, green("2").Answer, got.Answer, "an unknown moment is the zero time")
	_, err := d.Snapshot(t.Context(), "nobody")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestDuplicateDeliveries(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	deliver := func(sender, id string, at time.Time, e feedback.Event) store.Ingested {
		t.Helper()
		taken, err := d.Ingest(t.Context(), store.Delivery{Sender: sender, ID: id, ReceivedAt: at}, e)
		require.NoError(t, err)
		require.Len(t, taken, 1)
		return taken[0]
	}
	first := deliver("feedback", "d-1", noon(), red("1"))
	assert.Equal(t, store.Ingested{FeedbackID: first.FeedbackID, Result: store.Duplicate}, deliver("feedback", "d-1", after(60), green("2")), "whatever the body")
	assert.Equal(t, feedback.Created, deliver("other", "d-1", noon(), green("2")).Result, "within its sender")
	assert.Equal(t, feedback.Unchanged, deliver("feedback", "d-2", noon(), red("1")).Result)
	assert.Equal(t, feedback.Unchanged, deliver("feedback", "", noon(), red("1")).Result, "without an id none is a repeat")
	assert.Equal(t, feedback.Unchanged, deliver("feedback", "", noon(), red("1")).Result)

	last := noon().Add(store.DeliveryRetention - time.Millisecond)
	assert.Equal(t, store.Duplicate, deliver("feedback", "d-1", last, red("1")).Result)
	_, found, err := d.Delivered(t.Context(), "feedback", "d-1", noon().Add(store.DeliveryRetention))
	require.NoError(t, err)
	assert.False(t, found)
	assert.Equal(t, feedback.Unchanged, deliver("feedback", "d-1", noon().Add(store.DeliveryRetention), red("1")).Result, "forgotten after 30 days")
	id, found, err := d.Delivered(t.Context(), "feedback", "d-1", noon().Add(store.DeliveryRetention))
	require.NoError(t, err)
	assert.True(t, found, "and known again")
	assert.Equal(t, first.FeedbackID, id)
}

// TestConcurrentDuplicates: of many deliveries with one id that arrive at once
// exactly one is taken.
func TestConcurrentDuplicates(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var mu sync.Mutex
	results := make(map[feedback.Result]int)
	ids := make(map[string]bool)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			taken, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d-1", ReceivedAt: noon()}, red("1"))
			if assert.NoError(t, err) {
				mu.Lock()
				defer mu.Unlock()
				results[taken[0].Result]++
				ids[taken[0].FeedbackID] = true
			}
		})
	}
	all.Wait()
	assert.Equal(t, map[feedback.Result]int{feedback.Created: 1, store.Duplicate: 49}, results)
	assert.Len(t, ids, 1)
	assert.EqualValues(t, 1, d.one(t, `select count(*) from payload`))
}

func TestRatingMissing(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	delivery := store.Delivery{Sender: "feedback", ID: "d-1", Body: []byte("{}"), ReceivedAt: noon(), Strict: true}
	comment := storetest.Comment(red("1"), "why", noon())
	_, err := d.Ingest(t.Context(), delivery, comment, storetest.Comment(green("2"), "well", noon()))
	require.ErrorIs(t, err, feedback.ErrRatingMissing)
	for _, table := range []string{"feedback", "history", "delivery", "payload", "tally", "outbox", "followup", "transition"} {
		assert.EqualValues(t, 0, d.one(t, `select count(*) from `+table), table)
	}
	taken, err := d.Ingest(t.Context(), delivery, red("1"))
	require.NoError(t, err)
	assert.Equal(t, feedback.Created, taken[0].Result, "a refused delivery is not remembered")
	d.take(t, comment)
	assert.Equal(t, "why", d.standing(t, taken[0].FeedbackID).Feedback.Comment)
}

func TestHistoryAndPayloadAreKept(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	body := []byte("{\"id\":\"1\"}\x00\xff")
	taken, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", Body: body, ReceivedAt: after(1)}, red("1"))
	require.NoError(t, err)
	id := taken[0].FeedbackID
	body[0] = 'X' // the caller's buffer is the caller's
	d.takeAt(t, after(20), storetest.With(storetest.Smiley("1", feedback.Green, after(15)), "better"))
	d.takeAt(t, after(21), storetest.Smiley("1", feedback.Yellow, after(-20)))
	d.takeAt(t, after(22), storetest.Smiley("1", feedback.Yellow, after(-20)))
	d.takeAt(t, after(23), storetest.Comment(red("1"), "", after(23)))
	at := func(seconds float64) int64 { return after(seconds).UnixMilli() }
	assert.Equal(t, [][]any{
		{id, "rating", "", "red", at(0), at(1), int64(1)},
		{id, "rating", "red", "green", at(15), at(20), int64(1)},
		{id, "comment", "", "better", at(15), at(20), int64(1)},
		{id, "rating", "green", "yellow", at(-20), at(21), int64(0)}, // once for its moment
		{id, "comment", "better", "", at(23), at(23), int64(1)},
	}, d.rows(t, `select feedback_id, field, old, new, occurred_ms, recorded_ms, applied from history order by id`))
	assert.Equal(t, [][]any{{id, at(1), []byte("{\"id\":\"1\"}\x00\xff")}},
		d.rows(t, `select feedback_id, received_ms, body from payload order by id limit 1`))
	assert.EqualValues(t, 5, d.one(t, `select count(*) from payload`))
}

// TestSuspectAcrossDeliveries: the smileys that were seen are remembered, also
// those that came to nothing, and which of them came with a comment.
func TestSuspectAcrossDeliveries(t *testing.T) {
	t.Parallel()
	click := func(s feedback.Smiley, seconds float64) feedback.Event {
		return storetest.Smiley("1", s, after(seconds))
	}
	for _, test := range []struct {
		name     string
		arriving []feedback.Event
		want     bool
	}{
		{"within 10 s", []feedback.Event{click(feedback.Red, 0), click(feedback.Green, 9.999)}, true},
		{"10 s apart", []feedback.Event{click(feedback.Red, 0), click(feedback.Green, 10)}, false},
		{"the older last", []feedback.Event{click(feedback.Red, 9.999), click(feedback.Green, 0)}, true},
		{"the older last, too far", []feedback.Event{click(feedback.Red, 10), click(feedback.Green, 0)}, false},
		{"the same again", []feedback.Event{click(feedback.Red, 0), click(feedback.Red, 1)}, false},
		{"against a stale one", []feedback.Event{click(feedback.Red, 60), click(feedback.Yellow, 0), click(feedback.Green, 5)}, true},
		{"against an unchanged one", []feedback.Event{click(feedback.Red, 0), click(feedback.Red, 60), click(feedback.Green, 65)}, true},
		{"the first had a comment", []feedback.Event{storetest.With(click(feedback.Red, 0), "why"), storetest.With(click(feedback.Green, 1), "")}, false},
		{"the second has a comment", []feedback.Event{click(feedback.Red, 0), storetest.With(click(feedback.Green, 1), "oops")}, false},
		{"one of several commented", []feedback.Event{click(feedback.Red, 0), storetest.With(click(feedback.Red, 1), "a"), storetest.Comment(red("1"), "", after(2)), click(feedback.Green, 5)}, true},
		{"the nearest of several", []feedback.Event{click(feedback.Red, 0), click(feedback.Red, 9), click(feedback.Green, 10)}, true},
		{"the third finds the first", []feedback.Event{click(feedback.Red, 0), click(feedback.Red, 9), click(feedback.Green, 9.5)}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			var id string
			for _, e := range test.arriving {
				id = d.takeAt(t, after(100), e).FeedbackID
			}
			assert.Equal(t, test.want, d.standing(t, id).Feedback.Suspect)
		})
	}
}

// TestReopenKeepsEverything: the file keeps everything.
func TestReopenKeepsEverything(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, storetest.With(red("1"), "why")).FeedbackID
	d.take(t, storetest.Score("2", feedback.KindNPS, 9, noon()))
	before, day := d.standing(t, id), office.DayOf(noon(), time.UTC)
	require.NoError(t, d.Close())
	again := storetest.Open(t, d.path)
	got, err := again.Snapshot(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, before, got)
	tally, err := again.Tally(t.Context(), feedback.KindNPS, day, day)
	require.NoError(t, err)
	assert.Equal(t, score.Tally{9: 1}, tally)
	posts, err := again.NextPosts(t.Context(), after(1))
	require.NoError(t, err)
	assert.Len(t, posts, 2)
}

// TestErrorsTellNoValues: what a customer wrote is in no error.
func TestErrorsTellNoValues(t *testing.T) {
	t.Parallel()
	const word = "sesame"
	d := newFixture(t)
	e := storetest.With(storetest.Score(word, feedback.KindNPS, 9, noon()), word)
	e.Answer.Rating, e.Answer.Customer.Name, e.Mentions[feedback.FieldCustomerName] = 99, word, true
	_, err := d.Ingest(t.Context(), store.Delivery{Sender: word, ID: word, Body: []byte(word), ReceivedAt: noon()}, e)
	require.Error(t, err)
	require.Contains(t, strings.ToLower(err.Error()), "check constraint")
	assert.NotContains(t, strings.ToLower(err.Error()), word)
	_, err = d.Import(t.Context(), storetest.Past(e), noon())
	require.Error(t, err)
	require.NotContains(t, fmt.Sprintf("%+v", err), word)

	id := d.take(t, red("1")).FeedbackID
	_, err = d.ApplyTransition(t.Context(), id, followup.Transition{Action: followup.ActionFinish, By: "U1", Note: word, At: noon()})
	require.Error(t, err)
	require.Contains(t, strings.ToLower(err.Error()), "check constraint")
	assert.NotContains(t, err.Error(), word)
	require.NoError(t, d.Close())
	_, err = d.Ingest(t.Context(), store.Delivery{Sender: word}, e)
	require.ErrorIs(t, err, store.ErrUnavailable)
	assert.NotContains(t, err.Error(), word)
}

// TestSameMillisecond: the order within a millisecond survives being kept.
func TestSameMillisecond(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	late := red("1")
	late.OccurredAt = late.OccurredAt.Add(800 * time.Nanosecond)
	d.take(t, late)
	early := storetest.Smiley("1", feedback.Green, late.OccurredAt)
	assert.Equal(t, feedback.Stale, d.take(t, early).Result)
}

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

// TestRetractedAnswer: an answer that the customer took back does not count, its follow-up is
// withdrawn, and the thread says so; whatever the order in which the events arrive.
func TestRetractedAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		events []feedback.Event
	}{
		{"in order", []feedback.Event{stars(1, -30), takenBack(1, -20)}},
		{"without the stars", []feedback.Event{stars(1, -30), takenBack(0, -20)}},
		{"twice", []feedback.Event{stars(1, -30), takenBack(1, -20), takenBack(1, -20)}},
		{"before it was written", []feedback.Event{takenBack(1, -20), stars(1, -30)}},
		{"with an old edit after", []feedback.Event{stars(5, -40), takenBack(1, -20), stars(1, -30)}},
		{"at the same moment last", []feedback.Event{stars(1, -20), takenBack(1, -20)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			id := ""
			for _, e := range test.events {
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

// TestAnswerAfterRetraction: a new answer counts again, with its follow-up. What a person voided
// is not for the customer to restore, and an older answer restores nothing.
func TestAnswerAfterRetraction(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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
	d := newFixture(t)
	id := d.take(t, stars(1, -50)).FeedbackID
	d.take(t, takenBack(0, -40))
	storetest.Import(t, d.Store, after(2), stars(2, -30))
	c := d.standing(t, id)
	assert.Equal(t, feedback.ByCustomer, c.Feedback.Void.By)
	assert.Equal(t, 2, c.Feedback.Rating)
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// TestBeganAt: a feedback counts on the day of its first answer, also where the sender
// shows the latest change only.
func TestBeganAt(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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
	d := newFixture(t)
	gone := takenBack(0, -20)
	gone.TakenBack = false
	taken, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d1", ReceivedAt: after(1)}, gone, red("1"))
	require.NoError(t, err)
	assert.Equal(t, []feedback.Result{store.Ignored, feedback.Created}, []feedback.Result{taken[0].Result, taken[1].Result})
	again, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d1", ReceivedAt: after(2)}, gone, red("1"))
	require.NoError(t, err)
	assert.Equal(t, []store.Ingested{{FeedbackID: taken[1].FeedbackID, Result: store.Duplicate}}, again)
	_, err = d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: after(3)}, gone)
	require.ErrorIs(t, err, feedback.ErrRatingMissing)
}

// TestRawRating: the rating as the sender has it is kept next to ours, and changes with it.
func TestRawRating(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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

// TestForgottenCustomerLeavesNoPayload: the body of a late delivery is not kept when one of
// its events is about an erased customer or feedback, whatever the other events are about.
func TestForgottenCustomerLeavesNoPayload(t *testing.T) {
	t.Parallel()
	late := func() feedback.Event { return of(storetest.Smiley("late", feedback.Red, after(2)), jan()) }
	erased := func() feedback.Event { return storetest.Comment(red("1"), "words", after(30)) } // names no customer
	other := func() feedback.Event {
		return of(storetest.Smiley("other", feedback.Red, after(2)), feedback.Person{ID: "c-1"})
	}
	for _, test := range []struct {
		name   string
		events []feedback.Event
		kept   int64
	}{
		{"of the customer", []feedback.Event{late()}, 0},
		{"of the erased feedback", []feedback.Event{erased()}, 0},
		{"of the customer and another one", []feedback.Event{late(), other()}, 0},
		{"of another one and the customer", []feedback.Event{other(), late()}, 0},
		{"of another one", []feedback.Event{other()}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			d.take(t, of(red("1"), jan()))
			d.forget(t, "c-1042", 10)
			require.Zero(t, d.one(t, `select count(*) from payload`))
			d.takeAt(t, after(40), test.events...)
			assert.Equal(t, test.kept, d.one(t, `select count(*) from payload`))
		})
	}
}

// A rerunner is an engine that runs every set twice and rolls the first run back.
type rerunner struct{ store.Engine }

func (r rerunner) WriteSet(ctx context.Context, job any, do store.SetFunc) error {
	return r.Engine.WriteSet(ctx, job, func(t *store.Unit, jobs []any) ([]error, error) {
		if err := t.Tx.Exec(`savepoint first`); err != nil {
			return nil, err
		}
		_, err := do(t, jobs) // its results are lost with its writes
		if err := errors.Join(err, t.EndJob(), t.Tx.Exec(`rollback to first`), t.Tx.Exec(`release first`)); err != nil {
			return nil, err
		}
		t.BeginJob()
		return do(t, jobs)
	})
}

// TestRerunAnswersOnce: a delivery whose job runs again is answered and counted once.
func TestRerunAnswersOnce(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.HookEngine(func(e store.Engine) store.Engine { return rerunner{e} })
	taken, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d-1", ReceivedAt: after(1)}, red("1"), green("2"))
	require.NoError(t, err)
	require.Len(t, taken, 2)
	assert.Equal(t, []feedback.Result{feedback.Created, feedback.Created}, []feedback.Result{taken[0].Result, taken[1].Result})
	assert.EqualValues(t, 2, d.one(t, everything))
	taken, err = d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d-1", ReceivedAt: after(2)}, red("1"))
	require.NoError(t, err)
	require.Len(t, taken, 1)
	assert.Equal(t, store.Duplicate, taken[0].Result)
}

// TestSuspectIsReportedOnce: only the event that makes a feedback suspect is a new suspect.
func TestSuspectIsReportedOnce(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var suspect []bool
	for _, e := range []feedback.Event{red("1"), storetest.Smiley("1", feedback.Green, after(5)), of(storetest.Smiley("1", feedback.Green, after(5)), jan())} {
		suspect = append(suspect, d.take(t, e).Suspect)
	}
	assert.Equal(t, []bool{false, true, false}, suspect)
	assert.EqualValues(t, 1, d.one(t, `select suspect from feedback`))
}

// TestEveryWriteOfARatingCounts: a rating that any table refuses is not stored, and its
// sender gets an error.
func TestEveryWriteOfARatingCounts(t *testing.T) {
	t.Parallel()
	delivery := store.Delivery{Sender: "feedback", ID: "d-1", Body: []byte("{}"), ReceivedAt: after(1)}
	event := ordinary("1", 1)
	event.Answer.Ticket.OpenedAt, event.Mentions[feedback.FieldTicketOpenedAt] = after(-3600), true
	written := func(t *testing.T, d *fixture) (tables []string) {
		t.Helper()
		for _, table := range d.tables(t) {
			if d.one(t, `select count(*) from `+table) != int64(0) {
				tables = append(tables, table)
			}
		}
		return tables
	}
	d := newFixture(t)
	before := written(t, d)
	_, err := d.Ingest(t.Context(), delivery, event)
	require.NoError(t, err)
	tables := slices.DeleteFunc(written(t, d), func(table string) bool { return slices.Contains(before, table) })
	require.Subset(t, tables, []string{"feedback", "history", "delivery", "payload", "outbox", "followup", "transition", "tally", "agent"})
	require.Greater(t, len(tables), 9, "and how the ticket was served")
	for _, table := range tables {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			d.refuse(t, "insert on "+table, "true", "refused here")
			taken, err := d.Ingest(t.Context(), delivery, event)
			require.ErrorContains(t, err, "refused here")
			assert.Empty(t, taken)
			assert.Equal(t, before, written(t, d))
		})
	}
}

// TestOneOfAGroupFailsAlone: of ratings that arrive at once, the one that the database refuses fails, and
// the others are stored.
func TestOneOfAGroupFailsAlone(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.refuse(t, "insert on feedback", "new.external_id = '7'", "refused here")
	var running sync.WaitGroup
	for i := range 30 {
		running.Go(func() {
			id := strconv.Itoa(i)
			_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: id, Body: []byte("{}"), ReceivedAt: after(1)}, ordinary(id, i))
			if i == 7 {
				assert.ErrorContains(t, err, "refused here")
			} else {
				assert.NoError(t, err)
			}
		})
	}
	running.Wait()
	for _, table := range []string{"feedback", "delivery", "payload", "outbox"} {
		assert.EqualValues(t, 29, d.one(t, `select count(*) from `+table), table)
	}
	assert.EqualValues(t, 29, d.one(t, `select sum(v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10) from tally where unit = 'day' and channel = '' and agent = 0`))
}

// TestRatingOfAClockThatRanAhead: a rating that came while the clock was three days ahead makes no
// later one stale.
func TestRatingOfAClockThatRanAhead(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	wrong := after(3 * 24 * 3600)
	first := d.takeAt(t, wrong, storetest.Smiley("1", feedback.Red, wrong))
	assert.Equal(t, feedback.Created, first.Result)
	assert.Equal(t, feedback.Updated, d.takeAt(t, after(60), storetest.Smiley("1", feedback.Green, after(30))).Result)
	assert.Equal(t, feedback.Stale, d.takeAt(t, after(61), storetest.Smiley("1", feedback.Yellow, after(20))).Result, "the right moments have an order")
	c, err := d.Snapshot(t.Context(), first.FeedbackID)
	require.NoError(t, err)
	assert.Equal(t, feedback.Green, c.Feedback.Colour())
	assert.Equal(t, after(20), c.Feedback.OccurredAt, "it counts when it happened")
}
