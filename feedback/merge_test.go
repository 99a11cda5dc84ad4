package feedback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

// after merges events in the order they arrive, and returns the last result.
func after(t *testing.T, events ...feedback.Event) feedback.Merged {
	t.Helper()
	var s feedbacktest.History
	var m feedback.Merged
	for _, e := range events {
		var err error
		m, err = s.Merge(e)
		require.NoError(t, err)
	}
	return m
}

func TestMerge(t *testing.T) {
	t.Parallel()
	red, yellow, green := feedbacktest.Smiley(feedback.Red), feedbacktest.Smiley(feedback.Yellow), feedbacktest.Smiley(feedback.Green)
	type want struct {
		result   feedback.Result
		visible  bool
		smiley   feedback.Smiley
		comment  string
		customer string
	}
	for _, test := range []struct {
		name     string
		arriving []feedback.Event
		want     want
	}{
		{
			"the first",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why"), feedbacktest.Customer("Jan"))},
			want{feedback.Created, true, feedback.Red, "why", "Jan"},
		},
		{
			"what is not mentioned stays",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why"), feedbacktest.Customer("Jan")), feedbacktest.Event(60, green)},
			want{feedback.Updated, true, feedback.Green, "why", "Jan"},
		},
		{
			"a late comment",
			[]feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, feedbacktest.Comment("why"))},
			want{feedback.Updated, true, feedback.Red, "why", ""},
		},
		{
			"a comment taken back",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(60, feedbacktest.Comment(""))},
			want{feedback.Updated, true, feedback.Red, "", ""},
		},
		{
			"a comment taken back does not come back",
			[]feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, feedbacktest.Comment("")), feedbacktest.Event(30, feedbacktest.Comment("why"))},
			want{feedback.Stale, false, feedback.Red, "", ""},
		},
		{
			"older in every field",
			[]feedback.Event{feedbacktest.Event(60, red, feedbacktest.Comment("why")), feedbacktest.Event(30, green, feedbacktest.Comment("no"))},
			want{feedback.Stale, false, feedback.Red, "why", ""},
		},
		{
			"older in every field, but not the earliest",
			[]feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, green), feedbacktest.Event(30, yellow)},
			want{feedback.Stale, false, feedback.Green, "", ""},
		},
		{
			"older in one field, newer in another",
			[]feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, green), feedbacktest.Event(30, yellow, feedbacktest.Comment("why"))},
			want{feedback.Updated, true, feedback.Green, "why", ""},
		},
		{
			"older in one field, the same in another",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(60, green), feedbacktest.Event(30, red, feedbacktest.Comment("why"))},
			want{feedback.Unchanged, false, feedback.Green, "why", ""},
		},
		{
			"the same again",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(0, red, feedbacktest.Comment("why"))},
			want{feedback.Unchanged, false, feedback.Red, "why", ""},
		},
		{
			"the same at the same moment, another value: the later arrival wins",
			[]feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(0, green)},
			want{feedback.Updated, true, feedback.Green, "", ""},
		},
		{
			"unchanged advances the stamp",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(60, red, feedbacktest.Comment("why")), feedbacktest.Event(30, green, feedbacktest.Comment("no"))},
			want{feedback.Stale, false, feedback.Red, "why", ""},
		},
		{
			"nothing mentioned",
			[]feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60)},
			want{feedback.Unchanged, false, feedback.Red, "", ""},
		},
		{
			"nothing mentioned, and earlier",
			[]feedback.Event{feedbacktest.Event(60, red), feedbacktest.Event(0)},
			want{feedback.Unchanged, false, feedback.Red, "", ""},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := after(t, test.arriving...)
			got := want{m.Result, m.Visible, m.After.Colour(), m.After.Comment, m.After.Customer.Name}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.arriving[0].Key, m.After.Key)
			earliest := test.arriving[0].OccurredAt
			for _, e := range test.arriving {
				if e.OccurredAt.Before(earliest) {
					earliest = e.OccurredAt
				}
			}
			assert.Equal(t, earliest, m.After.OccurredAt)
		})
	}
}

func TestMergeWithoutRating(t *testing.T) {
	t.Parallel()
	m, err := feedback.Merge(nil, feedbacktest.Event(0, feedbacktest.Comment("why")), nil)
	require.ErrorIs(t, err, feedback.ErrRatingMissing)
	assert.Zero(t, m)
}

func TestMergeLeavesTheFormerAlone(t *testing.T) {
	t.Parallel()
	first := after(t, feedbacktest.Event(0, feedbacktest.Smiley(feedback.Red), feedbacktest.Customer("Jan"))).After
	first.ID, first.Revision, first.ReceivedAt = "id", 7, feedbacktest.Noon(1)
	before := first
	m, err := feedback.Merge(&before, feedbacktest.Event(60, feedbacktest.Smiley(feedback.Green), feedbacktest.Comment("why"), feedbacktest.Customer("Piet")), nil)
	require.NoError(t, err)
	assert.Equal(t, "Jan", before.Customer.Name)
	assert.Equal(t, map[feedback.Field]time.Time{feedback.FieldRating: feedbacktest.Noon(0), feedback.FieldCustomerName: feedbacktest.Noon(0)}, before.SetAt)
	assert.Equal(t, map[feedback.Field]time.Time{
		feedback.FieldRating: feedbacktest.Noon(60), feedback.FieldComment: feedbacktest.Noon(60), feedback.FieldCustomerName: feedbacktest.Noon(60),
	}, m.After.SetAt)
	assert.Equal(t, "id", m.After.ID)
	assert.Equal(t, int64(7), m.After.Revision)
	assert.Equal(t, feedbacktest.Noon(1), m.After.ReceivedAt)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	red, green := feedbacktest.Smiley(feedback.Red), feedbacktest.Smiley(feedback.Green)
	ratings := func(former, now string, seconds float64, applied bool) feedback.Change {
		return feedback.Change{Field: feedback.FieldRating, Old: former, New: now, OccurredAt: feedbacktest.Noon(seconds), Applied: applied}
	}
	comments := func(former, now string, seconds float64, applied bool) feedback.Change {
		return feedback.Change{Field: feedback.FieldComment, Old: former, New: now, OccurredAt: feedbacktest.Noon(seconds), Applied: applied}
	}
	for _, test := range []struct {
		name     string
		arriving []feedback.Event
		want     []feedback.Change // of the last one
	}{
		{
			"the first",
			[]feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why"), feedbacktest.Customer("Jan"))},
			[]feedback.Change{ratings("", "red", 0, true), comments("", "why", 0, true)},
		},
		{"the first without words", []feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment(""))}, []feedback.Change{ratings("", "red", 0, true)}},
		{"a change of both", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, green, feedbacktest.Comment("ok"))}, []feedback.Change{ratings("red", "green", 60, true), comments("", "ok", 60, true)}},
		{"a comment taken back", []feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(60, feedbacktest.Comment(""))}, []feedback.Change{comments("why", "", 60, true)}},
		{"the same rating and comment", []feedback.Event{feedbacktest.Event(0, red, feedbacktest.Comment("why")), feedbacktest.Event(60, red, feedbacktest.Comment("why"))}, []feedback.Change{ratings("red", "red", 60, false), comments("why", "why", 60, false)}},
		{"an older rating and comment", []feedback.Event{feedbacktest.Event(60, red, feedbacktest.Comment("why")), feedbacktest.Event(0, green, feedbacktest.Comment("no"))}, []feedback.Change{ratings("red", "green", 0, false), comments("why", "no", 0, false)}},
		{"fields that keep no history", []feedback.Event{feedbacktest.Event(0, red), feedbacktest.Event(60, feedbacktest.Customer("Jan"), feedbacktest.Urgent(true))}, nil},
		{"a score is written in digits", []feedback.Event{nps(feedbacktest.Event(0, feedbacktest.Rating(9)))}, []feedback.Change{ratings("", "9", 0, true)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, after(t, test.arriving...).History)
		})
	}
}

func nps(e feedback.Event) feedback.Event {
	e.Kind = feedback.KindNPS
	return e
}

// TestSameMillisecond: events of the same millisecond have an order, too.
func TestSameMillisecond(t *testing.T) {
	t.Parallel()
	early, late := feedbacktest.Event(0, feedbacktest.Smiley(feedback.Green)), feedbacktest.Event(0, feedbacktest.Smiley(feedback.Red))
	late.OccurredAt = late.OccurredAt.Add(800 * time.Nanosecond)
	assert.Equal(t, feedback.Red, after(t, early, late).After.Colour())
	m := after(t, late, early)
	assert.Equal(t, feedback.Red, m.After.Colour())
	assert.Equal(t, feedback.Stale, m.Result)
}
