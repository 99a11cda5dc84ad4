package store_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

func (d *desk) forget(tb testing.TB, who string, seconds float64) {
	tb.Helper()
	_, err := d.Forget(tb.Context(), who, after(seconds))
	require.NoError(tb, err)
}

func (d *desk) erasures(tb testing.TB) store.Erasures {
	tb.Helper()
	e, err := d.Erasures(tb.Context())
	require.NoError(tb, err)
	return e
}

// TestForgetReachesWhatIsRendered: a message that was rendered before its customer was
// forgotten, and whose post began after, is edited; one that was rendered after is not.
func TestForgetReachesWhatIsRendered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rendered func(before, now int64) int64
		places   []string
	}{
		"before": {func(before, _ int64) int64 { return before }, []string{"edits"}},
		"after":  {func(_, now int64) int64 { return now }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.take(t, of(red("1"), jan())).FeedbackID
			before := item(d.NextPosts(t.Context(), after(2)))(t, id)
			d.forget(t, "c-1042", 3)
			assert.Zero(t, d.erasures(t), "nothing stands in Slack")
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

// TestForgetGoesOn: killed after any of its transactions, the same call finds all that is
// left.
func TestForgetGoesOn(t *testing.T) {
	t.Parallel()
	const each = 60
	people := []feedback.Person{
		{ID: "c-1042", Name: "Jan", Email: "jan@example.org"},
		{ID: "c-1042", Name: "Jan"},
		{Name: "Jan", Email: "Jan@example.org"},
	}
	for who, other := range map[string]feedback.Person{
		"c-1042":          {Name: "Jan", Email: "jan@example.org"},
		"jan@example.org": {ID: "c-1042", Name: "Jan", Email: "jan@example.com"},
	} {
		for killed := range 3 {
			t.Run(fmt.Sprint(who, " ", killed), func(t *testing.T) {
				t.Parallel()
				d := newDesk(t)
				var events []feedback.Event
				for i := range each {
					for j, p := range append(people[:3:3], other) {
						events = append(events, of(red(fmt.Sprint(i, "-", j)), p))
					}
				}
				d.take(t, events...)
				_, err := d.raw.ExecContext(t.Context(), fmt.Sprintf(`
create trigger killed before update of forgotten_ms on feedback
when (select count(*) from feedback where forgotten_ms is not null) >= %d begin select raise(abort, 'killed'); end`, killed*100))
				require.NoError(t, err)
				_, err = d.Forget(t.Context(), who, after(10))
				require.ErrorContains(t, err, "killed")
				assert.EqualValues(t, killed*100, d.one(t, `select count(*) from feedback where forgotten_ms is not null`))
				_, err = d.raw.ExecContext(t.Context(), `drop trigger killed`)
				require.NoError(t, err)
				d.forget(t, who, 20)
				assert.Zero(t, d.one(t, `select count(*) from feedback where customer_name <> ''`))
			})
		}
	}
}

// TestForgetWhileTheyAnswer: an old answer that arrives between the listing and the note
// of who is forgotten is forgotten, too, and so is whom only that one names.
func TestForgetWhileTheyAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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

// TestForgetLooksOnce for each name, however many answers tell it.
func TestForgetLooksOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 20 {
		d.take(t, of(red(strconv.Itoa(i)), jan()))
	}
	looked := 0
	d.HookEngine(func(e store.Engine) store.Engine {
		return readListener{e, func(string) { looked++ }}
	})
	d.forget(t, "c-1042", 10)
	assert.LessOrEqual(t, looked, 6)
}

// TestForgetKnowsLettersAsSQLiteDoes: an address in other letters than ASCII's is found in
// the case in which it was said, by the list and by the note alike.
func TestForgetKnowsLettersAsSQLiteDoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	upper, lower := feedback.Person{Name: "Zoë", Email: "ZOË@Example.org"}, feedback.Person{Name: "Zoë", Email: "zoë@example.org"}
	d.take(t, of(red("1"), upper), of(red("2"), lower))
	d.forget(t, "zOË@example.org", 10)
	d.take(t, of(red("3"), upper), of(red("4"), lower))
	assert.Equal(t, [][]any{{"2"}, {"4"}}, d.rows(t, `select sender_id from feedback where customer_name <> '' order by sender_id`))
}

// TestErasureWaitsForOtherMessages: it is not over before what stands beside the message
// is deleted.
func TestErasureWaitsForOtherMessages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		aside func(*testing.T, *desk, string)
		over  func(context.Context, *desk, string) error
	}{
		"a former one": {
			func(t *testing.T, d *desk, id string) {
				t.Helper()
				d.post(t, id, "C1", "1.000001", 1, after(2))
				require.NoError(t, d.Unlink(t.Context(), id, after(3)))
				d.post(t, id, "C1", "1.000002", 1, after(4))
			},
			func(ctx context.Context, d *desk, id string) error { return d.FormersGone(ctx, id) },
		},
		"a late one": {
			func(t *testing.T, d *desk, id string) {
				t.Helper()
				require.NoError(t, d.Attempt(t.Context(), id, "C1", after(2)))
				require.NoError(t, d.Settle(t.Context(), "C1", nil, []string{id}, after(3)))
				d.post(t, id, "C1", "1.000002", 1, after(4))
			},
			func(ctx context.Context, d *desk, id string) error { return d.Rechecked(ctx, id) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
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
	t.Run("one that is to be posted again", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		id := d.take(t, of(red("1"), jan())).FeedbackID
		d.post(t, id, "C1", "1.000001", 1, after(2))
		require.NoError(t, d.Unlink(t.Context(), id, after(3)))
		d.forget(t, "c-1042", 5)
		assert.Equal(t, 1, d.erasures(t).Wanted)
		d.post(t, id, "C1", "1.000002", 2, after(6))
		assert.Equal(t, 1, d.erasures(t).Wanted)
		require.NoError(t, d.FormersGone(t.Context(), id))
		assert.Zero(t, d.erasures(t))
	})
}

// TestNotDeleted: what Slack does not let be deleted is told when its customer is
// forgotten, and tried again.
func TestNotDeleted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.take(t, of(red("1"), jan())).FeedbackID
	d.post(t, id, "C1", "1.000001", 1, after(2))
	require.NoError(t, d.Unlink(t.Context(), id, after(3)))
	d.post(t, id, "C1", "1.000002", 1, after(4))
	refused := func() {
		t.Helper()
		require.Equal(t, []string{"1.000001"}, item(d.Formers(t.Context(), after(9)))(t, id).Formers)
		require.NoError(t, d.NotDeleted(t.Context(), id, "1.000001"))
		require.NoError(t, d.FormersGone(t.Context(), id))
	}
	refused()
	assert.Zero(t, d.erasures(t), "nobody is forgotten")
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
// anew, whatever else changes.
func TestFailedErasureStaysOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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
// nothing from an answer that they have given since, but all from one that nobody knew to
// be theirs.
func TestLateOldEvent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	nameless := d.take(t, storetest.With(storetest.Smiley("2", feedback.Red, after(1)), "old words")).FeedbackID
	d.forget(t, "c-1042", 10)
	d.take(t, of(storetest.Smiley("2", feedback.Red, after(2)), jan()))
	assert.True(t, d.standing(t, nameless).Feedback.Forgotten())
	id := d.take(t, storetest.With(of(storetest.Smiley("1", feedback.Red, after(20)), jan()), "new words")).FeedbackID
	d.take(t, storetest.With(of(storetest.Smiley("1", feedback.Yellow, after(5)), jan()), "old words"))
	c := d.standing(t, id).Feedback
	assert.Equal(t, []any{"new words", "Jan de Vries", false, feedback.Red}, []any{c.Comment, c.Customer.Name, c.Forgotten(), c.Colour()})
	assert.Zero(t, d.one(t, `select count(*) from history where old = 'old words' or new = 'old words'`))
}
