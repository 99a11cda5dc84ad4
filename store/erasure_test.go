package store_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
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
	"smileybot/store"
	"smileybot/store/storetest"
)

// of is an event of a customer.
func of(e feedback.Event, c feedback.Person) feedback.Event {
	e.Answer.Customer = c
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail} {
		e.Mentions[f] = true
	}
	return e
}

func jan() feedback.Person {
	return feedback.Person{ID: "c-1042", Name: "Jan de Vries", Email: "jan@example.org"}
}

// TestEraseCustomer: what is personal is gone wherever it was, the scores stay, and old events
// bring nothing back.
func TestEraseCustomer(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	said := storetest.With(of(red("1"), jan()), "Stap 3 klopt niet")
	took, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "d-1", Body: []byte(`{"customer":"Jan de Vries"}`), ReceivedAt: after(1)}, said)
	require.NoError(t, err)
	id := took[0].FeedbackID
	d.takeAt(t, after(2), storetest.Comment(of(red("1"), jan()), "Stap 4 ook niet", after(2)))
	d.post(t, id, "C1", "1.000001", 2, after(3))
	d.step(t, id, by("U1", followup.ActionOpen, 4))
	d.step(t, id, by("U1", followup.ActionFinish, 4))
	d.post(t, d.notices(t, store.NoticeDone)[0], "C1", "1.000002", 1, after(5))
	_, err = d.Moderate(t.Context(), id, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "Jan de Vries asked", At: after(6)})
	require.NoError(t, err)
	nameless := d.take(t, of(green("2"), feedback.Person{Email: "JAN@example.org"})).FeedbackID
	other := d.take(t, of(green("3"), feedback.Person{ID: "c-1", Name: "Piet", Email: "piet@example.org"})).FeedbackID
	require.NoError(t, d.RecordRejected(t.Context(), store.RejectedDelivery{Sender: "feedback", Status: 422, Body: []byte("jan@example.org")}))
	before := d.tallied(t)

	would, err := d.CountErasable(t.Context(), "c-1042")
	require.NoError(t, err)
	assert.Equal(t, store.Erased{Feedback: 2, Comments: 1, Notes: 1, Payloads: 3, Messages: 2}, would)
	erased, err := d.Erase(t.Context(), "c-1042", after(10))
	require.NoError(t, err)
	assert.Equal(t, would, erased)
	again, err := d.Erase(t.Context(), "c-1042", after(11))
	require.NoError(t, err)
	assert.Zero(t, again)

	c := d.standing(t, id)
	assert.Equal(t, []any{"", feedback.Person{}, "–", after(10), "", followup.StateDone}, []any{
		c.Feedback.Comment, c.Feedback.Customer, c.Feedback.Void.Reason, c.Feedback.ErasedAt, c.FollowUp.Note, c.FollowUp.State,
	})
	assert.True(t, d.standing(t, nameless).Feedback.Erased(), "the same e-mail address, and no id")
	assert.Equal(t, "Piet", d.standing(t, other).Feedback.Customer.Name)
	assert.Equal(t, before, d.tallied(t))
	assert.Equal(t, d.recounted(t), d.tallied(t))
	erasures, err := d.Erasures(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, erasures.Wanted)

	for _, late := range []feedback.Event{
		storetest.Comment(of(red("1"), jan()), "Stap 5 nog minder", after(20)), // of a feedback that is forgotten
		storetest.With(of(storetest.Smiley("4", feedback.Red, after(5)), jan()), "te laat"),
	} {
		took, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", Body: []byte(`{"customer":"Jan de Vries"}`), ReceivedAt: after(30)}, late)
		require.NoError(t, err)
		c := d.standing(t, took[0].FeedbackID)
		assert.True(t, c.Feedback.Erased())
		assert.Equal(t, feedback.Answer{Rating: 1}, feedback.Answer{Rating: c.Feedback.Rating, Comment: c.Feedback.Comment, Customer: c.Feedback.Customer})
	}
	fresh := d.take(t, of(storetest.Smiley("5", feedback.Red, after(40)), jan())).FeedbackID
	assert.Equal(t, "Jan de Vries", d.standing(t, fresh).Feedback.Customer.Name, "what they say from then on is theirs")
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// notices are the keys of what waits to be said, or was.
func (d *fixture) notices(tb testing.TB, notice string) []string {
	tb.Helper()
	var keys []string
	for _, row := range d.rows(tb, `select key from outbox where notice = $1 order by key`, notice) {
		keys = append(keys, row[0].(string))
	}
	return keys
}

// TestForgetLeavesNoBytes fills a database so that its pages divide and grow together,
// forgets a customer in the middle of it, and looks for what they said in every byte of
// its files.
func TestForgetLeavesNoBytes(t *testing.T) {
	storetest.OnlyFile(t, "bytes of the file")
	t.Parallel()
	const answers = 12
	customers := 40
	if testing.Short() {
		customers = 20
	}
	d := newFixture(t)
	random := rand.New(rand.NewPCG(1, 2))
	words := func(n, i int) string {
		return fmt.Sprintf("mark-%02d-%02d %s", n, i, strings.Repeat("lorem ipsum ", random.IntN(400)))
	}
	who := func(n int) feedback.Person {
		return feedback.Person{ID: fmt.Sprintf("ident-%02d", n), Name: fmt.Sprintf("naam-%02d", n), Email: fmt.Sprintf("mail-%02d@example.org", n)}
	}
	for i := range answers {
		for _, n := range random.Perm(customers) {
			e := storetest.With(of(storetest.Smiley(fmt.Sprintf("%d-%d", n, i%8), feedback.Red, after(float64(i))), who(n)), words(n, i))
			delivery := store.Delivery{Sender: "feedback", Body: []byte(who(n).Email + words(n, i)), ReceivedAt: after(float64(i))}
			took, err := d.Ingest(t.Context(), delivery, e)
			require.NoError(t, err)
			if i == 7 {
				_, err := d.ApplyTransition(t.Context(), took[0].FeedbackID, followup.Transition{Action: followup.ActionOpen, By: "U1", At: after(60)})
				require.NoError(t, err)
				_, err = d.ApplyTransition(t.Context(), took[0].FeedbackID, followup.Transition{Action: followup.ActionFinish, By: "U1", Outcome: followup.OutcomeOther, Note: words(n, 99), At: after(61)})
				require.NoError(t, err)
			}
		}
	}
	require.NoError(t, d.Scrub(t.Context()))
	const gone = 17
	require.True(t, d.holds(t, "naam-17"), "or the search finds nothing")
	_, err := d.Erase(t.Context(), who(gone).ID, after(100))
	require.NoError(t, err)
	require.NoError(t, d.Scrub(t.Context()))
	for _, trace := range []string{"ident-17", "naam-17", "mail-17", "mark-17-"} {
		assert.False(t, d.holds(t, trace), trace)
	}
	assert.True(t, d.holds(t, "naam-18"))
	_, err = d.EraseBefore(t.Context(), office.DayOf(after(0).Add(48*time.Hour), time.UTC), after(100))
	require.NoError(t, err)
	require.NoError(t, d.Scrub(t.Context()))
	for _, trace := range []string{"ident-", "naam-", "mail-", "mark-"} {
		assert.False(t, d.holds(t, trace), trace)
	}
}

// holds reports whether some bytes are in a file of the database, free pages and the
// write-ahead log included.
func (d *fixture) holds(tb testing.TB, what string) bool {
	tb.Helper()
	files, err := filepath.Glob(d.path + "*")
	require.NoError(tb, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(tb, err)
		if bytes.Contains(content, []byte(what)) {
			return true
		}
	}
	return false
}

func (d *fixture) forget(tb testing.TB, who string, seconds float64) {
	tb.Helper()
	_, err := d.Erase(tb.Context(), who, after(seconds))
	require.NoError(tb, err)
}

func (d *fixture) erasures(tb testing.TB) store.Erasures {
	tb.Helper()
	e, err := d.Erasures(tb.Context())
	require.NoError(tb, err)
	return e
}

// TestEraseReachesRenderedMessages: a message that was rendered before its customer was
// forgotten, and whose post began after, is edited; one that was rendered after is not.
func TestEraseReachesRenderedMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		rendered func(before, now int64) int64
		places   []string
	}{
		{"before", func(before, _ int64) int64 { return before }, []string{"edits"}},
		{"after", func(_, now int64) int64 { return now }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			id := d.take(t, of(red("1"), jan())).FeedbackID
			before := item(d.NextPosts(t.Context(), after(2)))(t, id)
			d.forget(t, "c-1042", 3)
			assert.Zero(t, d.erasures(t), "nothing is in Slack")
			now := item(d.NextPosts(t.Context(), after(4)))(t, id)
			assert.Equal(t, []any{before.Rank, before.QueuedAt}, []any{now.Rank, now.QueuedAt}, "people wait for it as before")
			d.post(t, id, "C1", "1.000001", test.rendered(before.Revision, now.Revision), after(5))
			assert.Equal(t, test.places, d.places(t, id, after(6)))
			assert.Len(t, test.places, d.erasures(t).Wanted)
			if test.places != nil {
				assert.True(t, item(d.NextEdits(t.Context(), after(6)))(t, id).Erasure)
			}
		})
	}
}

// TestEraseContinuesAfterInterruption: killed after any of its transactions, the same call finds all that is
// left.
func TestEraseContinuesAfterInterruption(t *testing.T) {
	t.Parallel()
	const each, batch = 30, 100 // rows of a transaction at most, fewer on a slow machine
	people := []feedback.Person{
		{ID: "c-1042", Name: "Jan", Email: "jan@example.org"},
		{ID: "c-1042", Name: "Jan"},
		{Name: "Jan", Email: "Jan@example.org"},
	}
	for _, c := range []struct {
		who   string
		other feedback.Person
	}{
		{"c-1042", feedback.Person{Name: "Jan", Email: "jan@example.org"}},
		{"jan@example.org", feedback.Person{ID: "c-1042", Name: "Jan", Email: "jan@example.com"}},
	} {
		for killed := range 2 {
			t.Run(fmt.Sprint(c.who, " ", killed), func(t *testing.T) {
				t.Parallel()
				d := newFixture(t)
				var events []feedback.Event
				for i := range each {
					for j, p := range append(people[:3:3], c.other) {
						events = append(events, of(red(fmt.Sprint(i, "-", j)), p))
					}
				}
				for delivery := range slices.Chunk(events, 20) {
					d.take(t, delivery...)
				}
				revive := d.refuse(t, "update of forgotten_ms on feedback",
					fmt.Sprintf("(select count(*) from feedback where forgotten_ms is not null) >= %d", killed*batch), "killed")
				_, err := d.Erase(t.Context(), c.who, after(10))
				require.ErrorContains(t, err, "killed")
				erased := d.one(t, `select count(*) from feedback where forgotten_ms is not null`)
				assert.LessOrEqual(t, erased, int64(killed*batch))
				assert.Equal(t, killed > 0, erased != int64(0))
				revive()
				d.forget(t, c.who, 20)
				assert.Zero(t, d.one(t, `select count(*) from feedback where customer_name <> ''`))
			})
		}
	}
}

// TestEraseDuringAnswers: an old answer that arrives between the listing and the note
// of the erased customer is erased, too, and so are answers that only that one links.
func TestEraseDuringAnswers(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, of(red("1"), feedback.Person{ID: "c-1042", Name: "Jan"}), of(red("2"), feedback.Person{Name: "Jan", Email: "jan@example.org"}))
	var once sync.Once
	d.HookEngine(func(e store.Engine) store.Engine {
		return readListener{e, func(query string) {
			if strings.Contains(query, "lower(f.customer_email)") { // those with the id are listed
				once.Do(func() { d.take(t, of(red("3"), jan())) })
			}
		}}
	})
	d.forget(t, "c-1042", 10)
	d.take(t, of(red("4"), feedback.Person{Name: "Jan", Email: "jan@example.org"}))
	assert.Zero(t, d.one(t, `select count(*) from feedback where customer_name <> ''`))
}

// TestEraseLooksUpEachNameOnce: the cost does not depend on the number of answers.
func TestEraseLooksUpEachNameOnce(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range 20 {
		d.take(t, of(red(strconv.Itoa(i)), jan()))
	}
	looked := 0
	d.HookEngine(func(e store.Engine) store.Engine {
		return readListener{e, func(string) { looked++ }}
	})
	d.forget(t, "c-1042", 10)
	assert.LessOrEqual(t, looked, 10)
}

// TestEraseLowersASCIIOnly: an address in other letters than ASCII's is found in
// the case in which it was said, by the list and by the note alike.
func TestEraseLowersASCIIOnly(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	upper, lower := feedback.Person{Name: "Zoë", Email: "ZOË@Example.org"}, feedback.Person{Name: "Zoë", Email: "zoë@example.org"}
	d.take(t, of(red("1"), upper), of(red("2"), lower))
	d.forget(t, "zOË@example.org", 10)
	d.take(t, of(red("3"), upper), of(red("4"), lower))
	assert.Equal(t, [][]any{{"2"}, {"4"}}, d.rows(t, `select external_id from feedback where customer_name <> '' order by external_id`))
}

// TestErasureWaitsForOtherMessages: it does not end before replaced messages next to it
// is deleted.
func TestErasureWaitsForOtherMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		aside func(*testing.T, *fixture, string)
		over  func(context.Context, *fixture, string) error
	}{
		{
			"a former one",
			func(t *testing.T, d *fixture, id string) {
				t.Helper()
				d.post(t, id, "C1", "1.000001", 1, after(2))
				require.NoError(t, d.Unlink(t.Context(), id, after(3)))
				d.post(t, id, "C1", "1.000002", 1, after(4))
			},
			func(ctx context.Context, d *fixture, id string) error { return d.PredecessorsDeleted(ctx, id) },
		},
		{
			"a late one",
			func(t *testing.T, d *fixture, id string) {
				t.Helper()
				require.NoError(t, d.Attempt(t.Context(), id, "C1", after(2)))
				require.NoError(t, d.ResolveDoubts(t.Context(), "C1", nil, []string{id}, after(3)))
				d.post(t, id, "C1", "1.000002", 1, after(4))
			},
			func(ctx context.Context, d *fixture, id string) error { return d.Rechecked(ctx, id) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			id := d.take(t, of(red("1"), jan())).FeedbackID
			test.aside(t, d, id)
			d.forget(t, "c-1042", 5)
			require.NoError(t, d.ErasureDone(t.Context(), id, 2))
			assert.Equal(t, 1, d.erasures(t).Wanted)
			assert.NotContains(t, d.places(t, id, after(6)), "edits")
			require.NoError(t, test.over(t.Context(), d, id))
			assert.Zero(t, d.erasures(t))
		})
	}
	t.Run("one that must be posted again", func(t *testing.T) {
		t.Parallel()
		d := newFixture(t)
		id := d.take(t, of(red("1"), jan())).FeedbackID
		d.post(t, id, "C1", "1.000001", 1, after(2))
		require.NoError(t, d.Unlink(t.Context(), id, after(3)))
		d.forget(t, "c-1042", 5)
		assert.Equal(t, 1, d.erasures(t).Wanted)
		d.post(t, id, "C1", "1.000002", 2, after(6))
		assert.Equal(t, 1, d.erasures(t).Wanted)
		require.NoError(t, d.PredecessorsDeleted(t.Context(), id))
		assert.Zero(t, d.erasures(t))
	})
}

// TestUndeletableMessage: what Slack refuses to delete is reported when its customer is
// forgotten, and tried again.
func TestUndeletableMessage(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, of(red("1"), jan())).FeedbackID
	d.post(t, id, "C1", "1.000001", 1, after(2))
	require.NoError(t, d.Unlink(t.Context(), id, after(3)))
	d.post(t, id, "C1", "1.000002", 1, after(4))
	refused := func() {
		t.Helper()
		require.Equal(t, []store.Place{{SlackChannel: "C1", TS: "1.000001"}}, item(d.Predecessors(t.Context(), after(9)))(t, id).Predecessors)
		require.NoError(t, d.MarkUndeletable(t.Context(), id, store.Place{SlackChannel: "C1", TS: "1.000001"}))
		require.NoError(t, d.PredecessorsDeleted(t.Context(), id))
	}
	refused()
	assert.Zero(t, d.erasures(t), "no customer is erased")
	d.forget(t, "c-1042", 5)
	require.NoError(t, d.ErasureDone(t.Context(), id, 2))
	assert.Equal(t, store.Erasures{Wanted: 1}, d.erasures(t), "perhaps it can be deleted now")
	refused()
	left := store.Erasures{Failed: []store.Remnant{{Key: id, SlackChannel: "C1", TS: "1.000001"}}}
	assert.Equal(t, left, d.erasures(t))
	require.NoError(t, d.RetryErasures(t.Context(), after(8)))
	assert.Equal(t, store.Erasures{Wanted: 1}, d.erasures(t))
	refused()
	assert.Equal(t, left, d.erasures(t))
}

// TestFailedErasureStaysOne: what Slack let be neither edited nor deleted is never posted
// again, whatever else changes.
func TestFailedErasureStaysOne(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, of(red("1"), jan())).FeedbackID
	d.post(t, id, "C1", "1.000001", 1, after(2))
	d.forget(t, "c-1042", 5)
	require.NoError(t, d.ErasureFailed(t.Context(), id))
	_, err := d.Refresh(t.Context(), id, after(6))
	require.NoError(t, err)
	assert.True(t, item(d.NextEdits(t.Context(), after(7)))(t, id).Erasure)
	require.NoError(t, d.ErasureDone(t.Context(), id, 3))
	assert.Zero(t, d.erasures(t), "it can be edited after all")
}

// TestLateOldEvent: an old event of a customer who is forgotten is stripped. It takes
// nothing from an answer that they have given since, but all from one that was not known to
// be theirs.
func TestLateOldEvent(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	nameless := d.take(t, storetest.With(storetest.Smiley("2", feedback.Red, after(1)), "old words")).FeedbackID
	d.forget(t, "c-1042", 10)
	d.take(t, of(storetest.Smiley("2", feedback.Red, after(2)), jan()))
	assert.True(t, d.standing(t, nameless).Feedback.Erased())
	id := d.take(t, storetest.With(of(storetest.Smiley("1", feedback.Red, after(20)), jan()), "new words")).FeedbackID
	d.take(t, storetest.With(of(storetest.Smiley("1", feedback.Yellow, after(5)), jan()), "old words"))
	c := d.standing(t, id).Feedback
	assert.Equal(t, []any{"new words", "Jan de Vries", false, feedback.Red}, []any{c.Comment, c.Customer.Name, c.Erased(), c.Colour()})
	assert.Zero(t, d.one(t, `select count(*) from history where old = 'old words' or new = 'old words'`))
}

// TestErasureOrderAndEnd: an erasure goes after all other edits, and ends with the edit, or fails.
func TestErasureOrderAndEnd(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, of(red("1"), jan())).FeedbackID
	other := d.take(t, green("2")).FeedbackID
	d.post(t, id, "C1", "1.000001", 1, after(2))
	d.post(t, other, "C1", "1.000002", 1, after(2))
	_, err := d.Erase(t.Context(), "c-1042", after(3))
	require.NoError(t, err)
	_, err = d.Refresh(t.Context(), other, after(4))
	require.NoError(t, err)
	next := func() store.Item {
		t.Helper()
		edits, err := d.NextEdits(t.Context(), after(5))
		require.NoError(t, err)
		require.Len(t, edits, 1)
		return edits[0]
	}
	assert.Equal(t, []any{other, false}, []any{next().Key, next().Erasure}, "green, but a user may look")
	require.NoError(t, d.Edited(t.Context(), other, 2))
	assert.Equal(t, []any{id, true}, []any{next().Key, next().Erasure})
	require.NoError(t, d.ErasureFailed(t.Context(), id))
	e, err := d.Erasures(t.Context())
	require.NoError(t, err)
	require.Len(t, e.Failed, 1)
	assert.Equal(t, []any{0, id, "1.000001"}, []any{e.Wanted, e.Failed[0].Key, e.Failed[0].TS})
	require.NoError(t, d.RetryErasures(t.Context(), after(6)))
	require.NoError(t, d.ErasureDone(t.Context(), id, next().Revision))
	e, err = d.Erasures(t.Context())
	require.NoError(t, err)
	assert.Zero(t, e)
}

// TestEraseReview: the title and the page of a review go with its customer, and so does
// the payload of several.
func TestEraseReview(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
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
