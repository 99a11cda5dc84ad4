package feedback_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

func TestSuspect(t *testing.T) {
	t.Parallel()
	red, yellow, green := smiley(feedback.Red), smiley(feedback.Yellow), smiley(feedback.Green)
	for name, test := range map[string]struct {
		arriving []feedback.Event
		want     bool
	}{
		"one click":                          {[]feedback.Event{said(0, red)}, false},
		"two smileys at once":                {[]feedback.Event{said(0, red), said(0, green)}, true},
		"two smileys within 10 s":            {[]feedback.Event{said(0, red), said(9.999, green)}, true},
		"two smileys 10 s apart":             {[]feedback.Event{said(0, red), said(10, green)}, false},
		"the older arrives last":             {[]feedback.Event{said(9, red), said(0, green)}, true},
		"the older arrives last, 10 s apart": {[]feedback.Event{said(10, red), said(0, green)}, false},
		"the same smiley twice":              {[]feedback.Event{said(0, red), said(1, red)}, false},
		"the first had a comment":            {[]feedback.Event{said(0, red, comment("why")), said(1, green, comment(""))}, false},
		"the second has a comment":           {[]feedback.Event{said(0, red), said(1, green, comment("oops"))}, false},
		"the older, last one has a comment":  {[]feedback.Event{said(5, red), said(0, green, comment("oops"))}, false},
		"the feedback has a comment":         {[]feedback.Event{said(0, red), said(0.5, comment("why")), said(1, green)}, false},
		"a comment that is white space":      {[]feedback.Event{said(0, red, comment("")), said(1, green, comment(""))}, true},
		"one that did not come to count":     {[]feedback.Event{said(0, yellow), said(60, red), said(5, green)}, true},
		"against the same smiley repeated":   {[]feedback.Event{said(0, red), said(60, red), said(65, green)}, true},
		"a comment without a smiley":         {[]feedback.Event{said(0, red), said(1, comment("why"))}, false},
		"stays when a comment comes":         {[]feedback.Event{said(0, red), said(1, green), said(60, comment("why"))}, true},
		"stays when they change their mind":  {[]feedback.Event{said(0, red), said(1, green), said(3600, red)}, true},
		"scores are not links in a mail":     {[]feedback.Event{nps(said(0, rating(1))), nps(said(1, rating(9)))}, false},
	} {
		t.Run(name, func(t *testing.T) {
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
	m := after(t, said(-60, smiley(feedback.Yellow)), said(9, smiley(feedback.Red)), said(2, smiley(feedback.Green)))
	assert.Equal(t, feedback.Stale, m.Result)
	assert.True(t, m.After.Suspect)
	assert.True(t, m.Visible)
	assert.Equal(t, feedback.Red, m.After.Colour())

	again := after(t, said(0, smiley(feedback.Red)), said(1, smiley(feedback.Green)), said(1, smiley(feedback.Green)))
	assert.True(t, again.After.Suspect)
	assert.False(t, again.Visible, "the mark was shown before")
}

// TestEqualMoments: at one moment the later arrival wins, in every field.
func TestEqualMoments(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 5; n++ {
		var arriving []feedback.Event
		for i := range n {
			arriving = append(arriving, said(0, rating(i%3+1), comment(fmt.Sprint("comment ", i)), customer(fmt.Sprint("customer ", i))))
		}
		last := arriving[n-1].Answer
		assert.Equal(t, last, after(t, arriving...).After.Answer)
	}
}
