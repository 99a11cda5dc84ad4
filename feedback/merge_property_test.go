package feedback_test

import (
	"fmt"
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

// wanted is what events come to whatever their order: in every field the latest
// that mentions it.
func wanted(drawn []happening) (a feedback.Answer, setAt map[feedback.Field]time.Time, earliest time.Time) {
	setAt = make(map[feedback.Field]time.Time)
	earliest = drawn[0].OccurredAt
	for _, h := range drawn {
		if h.OccurredAt.Before(earliest) {
			earliest = h.OccurredAt
		}
		for _, m := range mentions() {
			if n, said := h.values[m.field]; said && !h.OccurredAt.Before(setAt[m.field]) {
				m.set(&a, n)
				setAt[m.field] = h.OccurredAt
			}
		}
	}
	return a, setAt, earliest
}

// TestAnyOrder: events that arrive out of order end with the same values.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := happenings(t)
		answer, setAt, earliest := wanted(drawn)
		arriving := rapid.Permutation(drawn).Draw(t, "arriving")
		for i, h := range arriving { // the first to arrive has a rating
			if h.Mentions[feedback.FieldRating] {
				arriving[0], arriving[i] = arriving[i], arriving[0]
				break
			}
		}
		var s feedbacktest.History
		for i, h := range arriving {
			before := s.Feedback
			m, err := s.Merge(h.Event)
			require.NoError(t, err)
			assert.Equal(t, i == 0, m.Result == feedback.Created)
			if before != nil {
				assert.Equal(t, before.Answer != m.After.Answer, m.Result == feedback.Updated, "result %s", m.Result)
				shown := before.Answer != m.After.Answer || before.Suspect != m.After.Suspect
				assert.Equal(t, shown, m.Visible)
			}
		}
		assert.Equal(t, answer, s.Feedback.Answer)
		assert.Equal(t, setAt, s.Feedback.SetAt)
		assert.Equal(t, earliest, s.Feedback.OccurredAt)
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
