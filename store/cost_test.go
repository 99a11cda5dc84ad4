package store_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store/storetest"
)

// TestNewRatingsAreCheap: no statement by which a new rating is taken makes a temporary table, which
// would cost more than the statement itself.
func TestNewRatingsAreCheap(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	queries := d.queries()
	for i, id := range []string{"1", "2", "3", "4", "5", "6"} {
		e := storetest.Smiley(id, feedback.Smileys()[i%3], after(float64(100*i)))
		if i%2 == 0 {
			e = storetest.With(e, "Stap 3 klopt niet meer.")
		}
		e = of(e, feedback.Person{ID: "c-1", Name: "Jan de Vries", Email: "jan@example.org"})
		e.Answer.Agent, e.Answer.Ticket.ID = feedback.Person{ID: "a-7", Name: "Bart"}, "4711"
		e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName], e.Mentions[feedback.FieldTicketID] = true, true, true
		d.takeAt(t, after(float64(100*i+1)), e)
	}
	assert.GreaterOrEqual(t, len(queries), 15)
	for query := range queries {
		for _, step := range d.explained(t, query) {
			assert.NotContains(t, []string{"OpenEphemeral", "OpenAutoindex", "SorterOpen"}, step, query)
		}
	}
}

// explained lists the steps of a query's program.
func (d *desk) explained(tb testing.TB, query string) []string {
	tb.Helper()
	var args []any
	for n := 1; strings.Contains(query, "$"+strconv.Itoa(n)); n++ {
		args = append(args, nil)
	}
	rows, err := d.raw.QueryContext(tb.Context(), "explain "+query, args...)
	require.NoError(tb, err, query)
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var step string
		var other any
		require.NoError(tb, rows.Scan(&other, &step, &other, &other, &other, &other, &other, &other))
		steps = append(steps, step)
	}
	require.NoError(tb, rows.Err())
	return steps
}
