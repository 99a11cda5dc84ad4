package feedback_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

// A mention sets one field of an event to a value made from n.
type mention struct {
	field feedback.Field
	set   func(*feedback.Answer, int)
}

// mentions lists a setter for every field an event can speak of.
func mentions() []mention {
	text := func(n int) string { return []string{"", "a", "b", "c"}[n] }
	when := func(n int) time.Time {
		return []time.Time{{}, feedbacktest.Noon(1), feedbacktest.Noon(2), feedbacktest.Noon(3)}[n]
	}
	return []mention{
		{feedback.FieldRating, func(a *feedback.Answer, n int) { a.Rating = n%3 + 1 }},
		{feedback.FieldComment, func(a *feedback.Answer, n int) { a.Comment = text(n) }},
		{feedback.FieldCustomerID, func(a *feedback.Answer, n int) { a.Customer.ID = text(n) }},
		{feedback.FieldCustomerName, func(a *feedback.Answer, n int) { a.Customer.Name = text(n) }},
		{feedback.FieldCustomerEmail, func(a *feedback.Answer, n int) { a.Customer.Email = text(n) }},
		{feedback.FieldAgentID, func(a *feedback.Answer, n int) { a.Agent.ID = text(n) }},
		{feedback.FieldAgentName, func(a *feedback.Answer, n int) { a.Agent.Name = text(n) }},
		{feedback.FieldAgentEmail, func(a *feedback.Answer, n int) { a.Agent.Email = text(n) }},
		{feedback.FieldTicketID, func(a *feedback.Answer, n int) { a.Ticket.ID = text(n) }},
		{feedback.FieldTicketSubject, func(a *feedback.Answer, n int) { a.Ticket.Subject = text(n) }},
		{feedback.FieldTicketURL, func(a *feedback.Answer, n int) { a.Ticket.URL = text(n) }},
		{feedback.FieldTicketUrgent, func(a *feedback.Answer, n int) { a.Ticket.Urgent = n%2 == 1 }},
		{feedback.FieldTicketOpenedAt, func(a *feedback.Answer, n int) { a.Ticket.OpenedAt = when(n) }},
		{feedback.FieldTicketFirstReplyAt, func(a *feedback.Answer, n int) { a.Ticket.FirstReplyAt = when(n) }},
		{feedback.FieldTicketResolvedAt, func(a *feedback.Answer, n int) { a.Ticket.ResolvedAt = when(n) }},
		{feedback.FieldTicketReplies, func(a *feedback.Answer, n int) { a.Ticket.Replies = n }},
		{feedback.FieldSite, func(a *feedback.Answer, n int) { a.Site = text(n) }},
		{feedback.FieldFollowUpOf, func(a *feedback.Answer, n int) { a.FollowUpOf = text(n) }},
	}
}

// A happening is an event and the values it said.
type happening struct {
	feedback.Event
	values map[feedback.Field]int
}

// happenings draws events at distinct moments, one of them at least with a
// rating.
func happenings(t *rapid.T) []happening {
	moments := rapid.SliceOfNDistinct(rapid.IntRange(0, 40), 1, 7, rapid.ID[int]).Draw(t, "moments")
	rated := rapid.IntRange(0, len(moments)-1).Draw(t, "rated")
	var drawn []happening
	for i, at := range moments {
		h := happening{feedbacktest.Event(float64(at)), make(map[feedback.Field]int)}
		h.TakenBack = rapid.IntRange(0, 4).Draw(t, "taken back") == 0
		for _, m := range mentions() {
			if i == rated && m.field == feedback.FieldRating || rapid.IntRange(0, 2).Draw(t, string(m.field)) == 0 {
				n := rapid.IntRange(0, 3).Draw(t, "value")
				m.set(&h.Answer, n)
				h.Mentions[m.field], h.values[m.field] = true, n
			}
		}
		drawn = append(drawn, h)
	}
	return drawn
}

// isOfPerson reports whether a field names an agent or a customer.
func isOfPerson(f feedback.Field) bool {
	return strings.HasPrefix(string(f), "agent.") || strings.HasPrefix(string(f), "customer.")
}

// wanted is what events come to whatever their order: in every field the latest that mentions it, and the
// people that the events name in the order of their moments.
func wanted(drawn []happening) (a feedback.Answer, setAt map[feedback.Field]time.Time, earliest time.Time) {
	setAt = make(map[feedback.Field]time.Time)
	drawn = slices.Clone(drawn)
	slices.SortFunc(drawn, func(a, b happening) int { return a.OccurredAt.Compare(b.OccurredAt) })
	rated, rating := false, 0
	for _, h := range drawn {
		n, said := h.values[feedback.FieldRating]
		changes := said && (!rated || n%3 != rating)
		if said {
			rated, rating = true, n%3
		}
		adds := map[string]bool{"agent": agrees(a.Agent, h.Answer.Agent), "customer": agrees(a.Customer, h.Answer.Customer)}
		for _, m := range mentions() {
			n, said := h.values[m.field]
			person, _, _ := strings.Cut(string(m.field), ".")
			if said && (!isOfPerson(m.field) || changes || a.IsZero(m.field) && adds[person]) {
				m.set(&a, n)
				setAt[m.field] = h.OccurredAt
			}
		}
	}
	return a, setAt, drawn[0].OccurredAt
}

// agrees reports whether two descriptions may be of one person.
func agrees(a, b feedback.Person) bool {
	for _, pair := range [][2]string{{a.ID, b.ID}, {a.Email, b.Email}, {a.Name, b.Name}} {
		if pair[0] != "" && pair[1] != "" {
			return pair[0] == pair[1]
		}
	}
	return true
}

// wantedVoid reports whether events leave the answer taken back: the latest that rates or takes back
// decides.
func wantedVoid(drawn []happening) bool {
	latest, void := time.Time{}, false
	for _, h := range drawn {
		if (h.TakenBack || h.Mentions[feedback.FieldRating]) && h.OccurredAt.After(latest) {
			latest, void = h.OccurredAt, h.TakenBack
		}
	}
	return void
}

// TestAnyOrder: events that arrive out of order end with the same values, a comment or a deletion before
// the first rating among them. What cannot wait is refused, and sent again.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := happenings(t)
		answer, setAt, earliest := wanted(drawn)
		arriving := rapid.Permutation(drawn).Draw(t, "arriving")
		var s feedbacktest.History
		var again []happening
		for _, h := range arriving {
			before := s.Feedback
			m, err := s.Merge(h.Event)
			switch {
			case errors.Is(err, feedback.ErrRatingMissing):
				assert.Nil(t, before)
				again = append(again, h)
				continue
			case m.Result == feedback.Kept:
				assert.Nil(t, s.Feedback)
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, before == nil, m.Result == feedback.Created)
			if before != nil {
				changed := before.Answer != m.After.Answer || before.Voided() != m.After.Voided()
				assert.Equal(t, changed, m.Result == feedback.Updated, "result %s", m.Result)
				assert.Equal(t, changed || before.Suspect != m.After.Suspect, m.Visible)
			}
		}
		for _, h := range again {
			_, err := s.Merge(h.Event)
			require.NoError(t, err)
		}
		assert.Equal(t, answer, s.Feedback.Answer)
		assert.Equal(t, setAt, s.Feedback.SetAt)
		assert.Equal(t, earliest, s.Feedback.OccurredAt)
		assert.Equal(t, wantedVoid(drawn), s.Feedback.Voided())
	})
}

// TestEveryFieldIsMerged: no field of an answer is forgotten by the merge.
func TestEveryFieldIsMerged(t *testing.T) {
	t.Parallel()
	for _, m := range mentions() {
		t.Run(string(m.field), func(t *testing.T) {
			t.Parallel()
			e := feedbacktest.Event(60)
			m.set(&e.Answer, 1)
			e.Mentions[m.field] = true
			got := after(t, feedbacktest.Event(0, feedbacktest.Rating(1)), e)
			want := feedback.Answer{Rating: 1}
			m.set(&want, 1)
			assert.Equal(t, want, got.After.Answer)
			assert.Equal(t, feedback.Updated, got.Result)
			assert.Equal(t, feedbacktest.Noon(60), got.After.SetAt[m.field], fmt.Sprint(m.field))
		})
	}
}
