package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
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

// TestForget: what is personal is gone wherever it was, the scores stay, and old events
// bring nothing back.
func TestForget(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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
		c.Feedback.Comment, c.Feedback.Customer, c.Feedback.Void.Reason, c.Feedback.ForgottenAt, c.FollowUp.Note, c.FollowUp.State,
	})
	assert.True(t, d.standing(t, nameless).Feedback.Forgotten(), "the same e-mail address, and no id")
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
		assert.True(t, c.Feedback.Forgotten())
		assert.Equal(t, feedback.Answer{Rating: 1}, feedback.Answer{Rating: c.Feedback.Rating, Comment: c.Feedback.Comment, Customer: c.Feedback.Customer})
	}
	fresh := d.take(t, of(storetest.Smiley("5", feedback.Red, after(40)), jan())).FeedbackID
	assert.Equal(t, "Jan de Vries", d.standing(t, fresh).Feedback.Customer.Name, "what they say from then on is theirs")
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// notices are the keys of what waits to be said, or was.
func (d *desk) notices(tb testing.TB, notice string) []string {
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
	t.Parallel()
	const customers, answers = 40, 12
	d := newDesk(t)
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
func (d *desk) holds(tb testing.TB, what string) bool {
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
