package feedback_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

// wholeOf is the event of a row of an export.
func wholeOf(f feedback.Feedback) feedback.Event {
	e := feedback.Event{
		Key: f.Key, OccurredAt: f.OccurredAt, Answer: f.Answer, Mentions: make(map[feedback.Field]bool), Whole: true,
		SetAt: f.SetAt, Claims: f.UntoldClaims(),
	}
	for field := range f.SetAt {
		e.Mentions[field] = true
	}
	return e
}

// TestCopiedClaims: a feedback that a row of an export makes takes every later event as the original
// does, the row changes nothing of the original, and a row without the claims leaves them.
func TestCopiedClaims(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s feedbacktest.History
		drawn := happenings(t)
		for round := range 4 {
			for _, h := range rapid.Permutation(drawn).Draw(t, "arriving")[:min(round*3+1, len(drawn))] {
				if h.TakenBack = false; s.Feedback != nil || h.Mentions[feedback.FieldRating] {
					_, err := s.Merge(h.Event)
					require.NoError(t, err)
				}
			}
			if s.Feedback == nil {
				continue
			}
			original := *s.Feedback
			row := wholeOf(original)
			for _, e := range []feedback.Event{row, wholeOf(feedback.Feedback{Key: row.Key, OccurredAt: row.OccurredAt, Answer: row.Answer, SetAt: row.SetAt})} {
				again, err := feedback.Merge(&original, e, nil)
				require.NoError(t, err)
				assert.Equal(t, feedback.Unchanged, again.Result)
				assert.True(t, feedback.SameClaims(original.Claims, again.After.Claims))
			}
			m, err := feedback.Merge(nil, row, nil)
			require.NoError(t, err)
			second := m.After
			for _, late := range happenings(t) {
				late.TakenBack = false
				one, err := feedback.Merge(&original, late.Event, nil)
				require.NoError(t, err)
				two, err := feedback.Merge(&second, late.Event, nil)
				require.NoError(t, err)
				require.Equal(t, one.Result, two.Result)
				original, second = one.After, two.After
				require.Equal(t, original.Answer, second.Answer)
				require.Equal(t, original.SetAt, second.SetAt)
				require.True(t, feedback.SameClaims(original.UntoldClaims(), second.UntoldClaims()))
			}
		}
	})
}

// TestClaimsThatDoNotLead: claims that do not lead to the people and the rating of their row are not
// kept, and those of an erased customer are not, either.
func TestClaimsThatDoNotLead(t *testing.T) {
	t.Parallel()
	rated := feedbacktest.Event(0, feedbacktest.Rating(1), feedbacktest.Customer("Jan"))
	changed := feedbacktest.Event(60, feedbacktest.Rating(3), feedbacktest.Customer("Piet"))
	f := after(t, rated, changed).After
	row := wholeOf(f)
	require.Len(t, row.Claims, 2)
	m, err := feedback.Merge(nil, row, nil)
	require.NoError(t, err)
	assert.True(t, feedback.SameClaims(f.Claims, m.After.Claims))
	for name, wrong := range map[string]func(*feedback.Event){
		"another name":   func(e *feedback.Event) { e.Answer.Customer.Name = "Kees" },
		"another rating": func(e *feedback.Event) { e.Answer.Rating = 2 },
		"another moment": func(e *feedback.Event) {
			e.SetAt = maps.Clone(e.SetAt)
			e.SetAt[feedback.FieldCustomerName] = feedbacktest.Noon(30)
		},
		"no name": func(e *feedback.Event) {
			e.Mentions = map[feedback.Field]bool{feedback.FieldRating: true}
			e.Answer.Customer.Name = ""
		},
		"fewer claims": func(e *feedback.Event) { e.Claims = slices.Clone(e.Claims[:1]) },
		"erased":       func(e *feedback.Event) { *e = e.Anonymous() },
	} {
		e := wholeOf(f)
		wrong(&e)
		m, err := feedback.Merge(nil, e, nil)
		require.NoError(t, err)
		assert.Empty(t, m.After.Claims, name)
	}
	erased := f
	erased.Claims, erased.Customer, erased.ErasedAt = nil, feedback.Person{}, feedbacktest.Noon(90)
	m, err = feedback.Merge(&erased, row, nil)
	require.NoError(t, err)
	assert.Empty(t, m.After.Claims)
}
