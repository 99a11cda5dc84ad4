package feedback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

// TestCorrected merges a rating into one that a clock stamped, at a moment that is known to be right.
func TestCorrected(t *testing.T) {
	t.Parallel()
	const now = 1000 // seconds after noon
	for _, test := range []struct {
		name           string
		stamped, later float64
		wins           bool
	}{
		{"three days ahead", now + 3*24*3600, now, true},
		{"three years ahead", now + 3*365*24*3600, now, true},
		{"three days ahead, and the later one waited on its way", now + 3*24*3600, now - 900, true},
		{"just over five minutes ahead", now + 301, now, true},
		{"within five minutes ahead", now + 300, now, false},
		{"not ahead", now - 1, now, true},
		{"not ahead, and the later arrival is older", now - 1, now - 2, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			first := feedbacktest.Event(test.stamped, feedbacktest.Rating(1))
			m, err := feedback.Merge(nil, first, nil)
			require.NoError(t, err)
			before := m.After.Corrected(feedbacktest.Noon(now))
			later := feedbacktest.Event(test.later, feedbacktest.Rating(3))
			m, err = feedback.Merge(&before, later, nil)
			require.NoError(t, err)
			assert.Equal(t, test.wins, m.After.Rating == 3)
			if test.wins {
				assert.Equal(t, later.OccurredAt, m.After.SetAt[feedback.FieldRating])
			}
		})
	}
}

// TestCorrectedTakenBack lets a customer answer again who took the answer back while the clock ran
// ahead.
func TestCorrectedTakenBack(t *testing.T) {
	t.Parallel()
	now := feedbacktest.Noon(0)
	f := feedback.Feedback{SetAt: make(map[feedback.Field]time.Time), Void: feedback.Void{Reason: feedback.ReasonTakenBack, By: feedback.ByCustomer, At: now.Add(72 * time.Hour)}}
	again := feedbacktest.Event(0, feedbacktest.Rating(3))
	before := f.Corrected(now)
	m, err := feedback.Merge(&before, again, nil)
	require.NoError(t, err)
	assert.False(t, m.After.Voided())
}

// TestCorrectedChangesNothingOfThePast: events whose moments have come merge as without it, in any
// order.
func TestCorrectedChangesNothingOfThePast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s feedbacktest.History
		for _, h := range happenings(t) {
			if s.Feedback == nil && !h.Mentions[feedback.FieldRating] {
				continue
			}
			_, err := s.Merge(h.Event)
			require.NoError(t, err)
			assert.Equal(t, *s.Feedback, s.Feedback.Corrected(feedbacktest.Noon(40)))
		}
	})
}

// TestCorrectedLeavesNoneStale: whatever the clock stamped ahead, what arrives at the right time
// decides each field it speaks of, and those that come after it merge in any order.
func TestCorrectedLeavesNoneStale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := feedbacktest.Event(float64(rapid.IntRange(1000, 1_000_000_000).Draw(t, "stamped")))
		for _, m := range mentions() {
			m.set(&first.Answer, rapid.IntRange(0, 3).Draw(t, "value"))
			first.Mentions[m.field] = true
		}
		m, err := feedback.Merge(nil, first, nil)
		require.NoError(t, err)
		f := m.After
		drawn := happenings(t)
		for _, h := range rapid.Permutation(drawn).Draw(t, "arriving") {
			before := f.Corrected(feedbacktest.Noon(40))
			m, err := feedback.Merge(&before, h.Event, nil)
			require.NoError(t, err)
			assert.NotEqual(t, first.OccurredAt, m.After.OccurredAt)
			f = m.After
		}
		answer, setAt, earliest := wanted(drawn)
		for _, m := range mentions() {
			if isOfPerson(m.field) {
				assert.False(t, f.SetAt[m.field].After(feedbacktest.Noon(40)), m.field)
			} else if at, said := setAt[m.field]; said {
				assert.Equal(t, at, f.SetAt[m.field], m.field)
			} else {
				continue
			}
			if m.field == feedback.FieldRating {
				assert.Equal(t, answer.Rating, f.Rating)
			}
		}
		assert.Equal(t, earliest, f.OccurredAt)
	})
}

// TestCorrectedKeepsPeople: an event that adds nothing to the people leaves them when their moments, or the
// claims, lay ahead; and a new rating still names its own.
func TestCorrectedKeepsPeople(t *testing.T) {
	t.Parallel()
	agent := func(e *feedback.Event) {
		e.Answer.Agent.Name, e.Mentions[feedback.FieldAgentName] = "Bart", true
	}
	const ahead = 3 * 24 * 3600
	for name, events := range map[string][]feedback.Event{
		"all ahead":         {feedbacktest.Event(ahead, feedbacktest.Rating(1), feedbacktest.Customer("Jan"), agent)},
		"the rating ahead":  {feedbacktest.Event(0, feedbacktest.Rating(1), feedbacktest.Customer("Jan"), agent), feedbacktest.Event(ahead, feedbacktest.Rating(2))},
		"the agent ahead":   {feedbacktest.Event(0, feedbacktest.Rating(1), feedbacktest.Customer("Jan")), feedbacktest.Event(ahead, agent)},
		"nothing ahead":     {feedbacktest.Event(0, feedbacktest.Rating(1), feedbacktest.Customer("Jan"), agent)},
		"a comment ahead":   {feedbacktest.Event(0, feedbacktest.Rating(1), feedbacktest.Customer("Jan"), agent), feedbacktest.Event(ahead, feedbacktest.Comment("slow"))},
		"customer is ahead": {feedbacktest.Event(0, feedbacktest.Rating(1), agent), feedbacktest.Event(ahead, feedbacktest.Customer("Jan"))},
	} {
		f := after(t, events...).After
		for i := range 3 {
			before := f.Corrected(feedbacktest.Noon(1000))
			m, err := feedback.Merge(&before, feedbacktest.Event(float64(900+i), feedbacktest.Comment("slow"), feedbacktest.Customer("Jan")), nil)
			require.NoError(t, err)
			f = m.After
			assert.Equal(t, []string{"Bart", "Jan"}, []string{f.Agent.Name, f.Customer.Name}, name)
			for _, at := range f.SetAt {
				assert.False(t, at.IsZero(), name)
			}
		}
		before := f.Corrected(feedbacktest.Noon(1000))
		m, err := feedback.Merge(&before, feedbacktest.Event(950, feedbacktest.Rating(3), feedbacktest.Customer("Piet")), nil)
		require.NoError(t, err)
		assert.Equal(t, "Piet", m.After.Customer.Name, name)
	}
}
