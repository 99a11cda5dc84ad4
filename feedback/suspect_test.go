package feedback_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

func TestSuspect(t *testing.T) {
	t.Parallel()
	red, yellow, green := feedbacktest.Smiley(feedback.Red), feedbacktest.Smiley(feedback.Yellow), feedbacktest.Smiley(feedback.Green)
	for _, test := range []struct {
		name     string
		arriving []feedback.Event
		want     bool
	}{
		{"one click", []feedback.Event{feedbacktest.Event(0, red)}, false},
		{"two smileys at once", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(0, green)}, true},
		{"two smileys within 10 s", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(9.999, green)}, true},
		{"two smileys 10 s apart", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(10, green)}, false},
		{"the older arrives last", []feedback.Event{feedbacktest.Event(9, red), feedbacktest.Event(0, green)}, true},
		{"the older arrives last, 10 s apart", []feedback.Event{feedbacktest.Event(10, red), feedbacktest.Event(0, green)}, false},
		{"the same smiley twice", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(1, red)}, false},
		{"the first had a comment", []feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(1, green, feedbacktest.Comment(""))}, false},
		{"the second has a comment", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(1, green, feedbacktest.Comment("oops"))}, false},
		{"the older, last one has a comment", []feedback.Event{feedbacktest.Event(5, red), feedbacktest.Event(0, green, feedbacktest.Comment("oops"))}, false},
		{"the feedback has a comment", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(0.5, feedbacktest.Comment("why")), feedbacktest.Event(1, green)}, false},
		{"a comment that is white space", []feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("")), feedbacktest.Event(1, green, feedbacktest.Comment(""))}, true},
		{"one that did not come to count", []feedback.Event{feedbacktest.Event(0, yellow), feedbacktest.Event(60, red), feedbacktest.Event(5, green)}, true},
		{"against the same smiley repeated", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, red), feedbacktest.Event(65, green)}, true},
		{"a comment without a smiley", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(1, feedbacktest.Comment("why"))}, false},
		{"stays when a comment comes", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(1, green), feedbacktest.Event(60, feedbacktest.Comment("why"))}, true},
		{"stays when they change their mind", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(1, green), feedbacktest.Event(3600, red)}, true},
		{"scores are not links in a mail", []feedback.Event{nps(feedbacktest.Event(0, feedbacktest.Rating(1))), nps(feedbacktest.Event(1, feedbacktest.Rating(9)))}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := after(t, test.arriving...)
			assert.Equal(t, test.want, m.After.Suspect)
		})
	}
}

// TestSuspectIsVisible: the mark is shown even when the event that brings it
// counts for nothing else; the last smiley counts.
func TestSuspectIsVisible(t *testing.T) {
	t.Parallel()
	m := after(t, feedbacktest.Event(-60, feedbacktest.Smiley(feedback.Yellow)), feedbacktest.Event(9, feedbacktest.Smiley(feedback.Red)), feedbacktest.Event(2, feedbacktest.Smiley(feedback.Green)))
	assert.Equal(t, feedback.Stale, m.Result)
	assert.True(t, m.After.Suspect)
	assert.True(t, m.Visible)
	assert.Equal(t, feedback.Red, m.After.Colour())

	again := after(t, feedbacktest.Event(0, feedbacktest.Smiley(feedback.Red)), feedbacktest.Event(1, feedbacktest.Smiley(feedback.Green)), feedbacktest.Event(1, feedbacktest.Smiley(feedback.Green)))
	assert.True(t, again.After.Suspect)
	assert.False(t, again.Visible, "the mark was shown before")
}

// TestEqualMoments: at one moment the later arrival wins, in every field.
func TestEqualMoments(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 5; n++ {
		var arriving []feedback.Event
		for i := range n {
			arriving = append(arriving, feedbacktest.Event(0, feedbacktest.Rating(i%3+1), feedbacktest.Comment(fmt.Sprint("comment ", i)), feedbacktest.Customer(fmt.Sprint("customer ", i))))
		}
		last := arriving[n-1].Answer
		assert.Equal(t, last, after(t, arriving...).After.Answer)
	}
}
