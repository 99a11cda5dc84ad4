package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

func piet() feedback.Person {
	return feedback.Person{ID: "c-7", Name: "Piet Smit", Email: "piet@example.org"}
}

// traces are the rows of all tables that have a person's id, name or address.
func (d *fixture) traces(tb testing.TB, p feedback.Person) (found []string) {
	tb.Helper()
	for _, table := range []string{"feedback", "history", "payload", "kept", "import_change", "moderation", "transition", "followup", "refusal"} {
		for _, row := range d.rows(tb, `select * from `+table) {
			for _, cell := range row {
				text := fmt.Sprintf("%s", cell)
				for _, trace := range []string{p.ID, p.Name, p.Email} {
					if strings.Contains(text, `"`+trace+`"`) || text == trace {
						found = append(found, table+": "+trace)
					}
				}
			}
		}
	}
	return found
}

// moved is an answer of Jan that a later rating made Piet's.
func (d *fixture) moved(t *testing.T, key string) string {
	t.Helper()
	var id string
	for i, e := range []feedback.Event{of(red(key), jan()), of(green(key), piet())} {
		e.OccurredAt = after(float64(1 + 60*i))
		took, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", Body: []byte(e.Answer.Customer.Email), ReceivedAt: e.OccurredAt}, e)
		require.NoError(t, err)
		id = took[0].FeedbackID
	}
	require.Equal(t, piet(), d.standing(t, id).Feedback.Customer)
	return id
}

// TestForgetFormerCustomer: erasing Jan, by any of his names, takes him out of the feedback that is Piet's
// now, and no more; erasing Piet erases it all.
func TestForgetFormerCustomer(t *testing.T) {
	t.Parallel()
	for _, who := range []string{jan().ID, "JAN@example.org"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			id := d.moved(t, "1")
			require.NotEmpty(t, d.traces(t, jan()), "or the search finds nothing")
			would, err := d.CountErasable(t.Context(), who)
			require.NoError(t, err)
			assert.Equal(t, store.Erased{Feedback: 1, Payloads: 2}, would)
			for _, want := range []store.Erased{would, {}} {
				erased, err := d.Erase(t.Context(), who, after(100))
				require.NoError(t, err)
				assert.Equal(t, want, erased)
			}
			assert.Empty(t, d.traces(t, jan()))
			f := d.standing(t, id).Feedback
			assert.Equal(t, []any{piet(), false, feedback.Green.Value()}, []any{f.Customer, f.Erased(), f.Rating})
			d.takeAt(t, after(200), storetest.Comment(of(green("1"), piet()), "thanks", after(200)))
			assert.Equal(t, piet(), d.standing(t, id).Feedback.Customer)

			d.forget(t, piet().ID, 300)
			assert.Empty(t, d.traces(t, piet()))
			assert.Equal(t, "", d.one(t, `select claims from feedback`))
			assert.EqualValues(t, 0, d.one(t, `select former from feedback`))
		})
	}
}

// TestForgetCurrentCustomer: erasing Piet leaves nothing of Jan either.
func TestForgetCurrentCustomer(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.moved(t, "1")
	d.forget(t, piet().Email, 100)
	assert.Empty(t, append(d.traces(t, jan()), d.traces(t, piet())...))
}

// TestForgetFormerOfImport: what was before an import is erased with the customer that it names, and the
// import leaves such a feedback when it is undone.
func TestForgetFormerOfImport(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, of(red("1"), jan()))
	number, err := d.BeginImport(t.Context(), "history.csv", after(10))
	require.NoError(t, err)
	row := of(green("1"), piet())
	row.OccurredAt = after(60)
	_, err = d.ImportWith(t.Context(), storetest.Past(row), store.ImportOptions{Number: number, Replace: true, Now: after(70)})
	require.NoError(t, err)
	require.Contains(t, d.traces(t, jan()), "import_change: "+jan().ID)
	require.Equal(t, piet().ID, d.one(t, `select customer_id from feedback`))
	d.forget(t, jan().ID, 100)
	assert.Empty(t, d.traces(t, jan()))
	undone, err := d.Undo(t.Context(), number, after(110))
	require.NoError(t, err)
	assert.EqualValues(t, 1, undone.Left)
	assert.Equal(t, piet().ID, d.one(t, `select customer_id from feedback`))
}

// TestForgetFormerWithMore: a feedback that still shows what the former customer said, their name or
// their comment, is erased whole.
func TestForgetFormerWithMore(t *testing.T) {
	t.Parallel()
	onlyID := of(green("1"), feedback.Person{ID: piet().ID})
	delete(onlyID.Mentions, feedback.FieldCustomerName)
	delete(onlyID.Mentions, feedback.FieldCustomerEmail)
	for name, events := range map[string][]feedback.Event{
		"name":    {of(red("1"), jan()), onlyID},
		"comment": {storetest.With(of(red("1"), jan()), "slow"), of(green("1"), piet())},
	} {
		d := newFixture(t)
		for i, e := range events {
			e.OccurredAt = after(float64(60 * i))
			d.takeAt(t, e.OccurredAt, e)
		}
		require.Equal(t, piet().ID, d.one(t, `select customer_id from feedback`), name)
		would, err := d.CountErasable(t.Context(), jan().ID)
		require.NoError(t, err)
		erased, err := d.Erase(t.Context(), jan().ID, after(100))
		require.NoError(t, err)
		assert.Equal(t, would, erased, name)
		assert.Empty(t, d.traces(t, jan()), name)
		assert.Equal(t, "", d.one(t, `select comment from feedback`), name)
	}
}
