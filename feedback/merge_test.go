package feedback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// noon is some noon and that many seconds.
func noon(seconds float64) time.Time {
	return time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// said is an event about one smiley, changed by what it mentions.
func said(seconds float64, mentions ...func(*feedback.Event)) feedback.Event {
	e := feedback.Event{
		Key:        feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley, ID: "reply-1"},
		OccurredAt: noon(seconds),
		Mentions:   make(map[feedback.Field]bool),
	}
	for _, mention := range mentions {
		mention(&e)
	}
	return e
}

func smiley(s feedback.Smiley) func(*feedback.Event) { return rating(s.Value()) }

func rating(value int) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Rating, e.Mentions[feedback.FieldRating] = value, true }
}

func comment(text string) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Comment, e.Mentions[feedback.FieldComment] = text, true }
}

func customer(name string) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Customer.Name, e.Mentions[feedback.FieldCustomerName] = name, true }
}

func urgent(yes bool) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Ticket.Urgent, e.Mentions[feedback.FieldTicketUrgent] = yes, true }
}

// A sightseer merges one event after the other, and remembers the ratings it
// has seen as the store does.
type sightseer struct {
	stands *feedback.Feedback
	seen   []feedback.Sighting
}

func (s *sightseer) merge(e feedback.Event) (feedback.Merged, error) {
	m, err := feedback.Merge(s.stands, e, s.seen)
	if err != nil {
		return m, err
	}
	after := m.After
	s.stands = &after
	if e.Mentions[feedback.FieldRating] {
		commented := e.Mentions[feedback.FieldComment] && e.Answer.Comment != ""
		s.seen = append(s.seen, feedback.Sighting{Rating: e.Answer.Rating, At: e.OccurredAt, Commented: commented})
	}
	return m, nil
}

// after merges events in the order they arrive, and returns the last result.
func after(t *testing.T, events ...feedback.Event) feedback.Merged {
	t.Helper()
	var s sightseer
	var m feedback.Merged
	for _, e := range events {
		var err error
		m, err = s.merge(e)
		require.NoError(t, err)
	}
	return m
}

func TestMerge(t *testing.T) {
	t.Parallel()
	red, yellow, green := smiley(feedback.Red), smiley(feedback.Yellow), smiley(feedback.Green)
	type want struct {
		result   feedback.Result
		visible  bool
		smiley   feedback.Smiley
		comment  string
		customer string
	}
	for name, test := range map[string]struct {
		arriving []feedback.Event
		want     want
	}{
		"the first": {
			[]feedback.Event{said(0, red, comment("why"), customer("Jan"))},
			want{feedback.Created, true, feedback.Red, "why", "Jan"},
		},
		"what is not mentioned stays": {
			[]feedback.Event{said(0, red, comment("why"), customer("Jan")), said(60, green)},
			want{feedback.Updated, true, feedback.Green, "why", "Jan"},
		},
		"a late comment": {
			[]feedback.Event{said(0, red), said(60, comment("why"))},
			want{feedback.Updated, true, feedback.Red, "why", ""},
		},
		"a comment taken back": {
			[]feedback.Event{said(0, red, comment("why")), said(60, comment(""))},
			want{feedback.Updated, true, feedback.Red, "", ""},
		},
		"a comment taken back does not come back": {
			[]feedback.Event{said(0, red), said(60, comment("")), said(30, comment("why"))},
			want{feedback.Stale, false, feedback.Red, "", ""},
		},
		"older in every field": {
			[]feedback.Event{said(60, red, comment("why")), said(30, green, comment("no"))},
			want{feedback.Stale, false, feedback.Red, "why", ""},
		},
		"older in every field, but not the earliest": {
			[]feedback.Event{said(0, red), said(60, green), said(30, yellow)},
			want{feedback.Stale, false, feedback.Green, "", ""},
		},
		"older in one field, newer in another": {
			[]feedback.Event{said(0, red), said(60, green), said(30, yellow, comment("why"))},
			want{feedback.Updated, true, feedback.Green, "why", ""},
		},
		"older in one field, the same in another": {
			[]feedback.Event{said(0, red, comment("why")), said(60, green), said(30, red, comment("why"))},
			want{feedback.Unchanged, false, feedback.Green, "why", ""},
		},
		"the same again": {
			[]feedback.Event{said(0, red, comment("why")), said(0, red, comment("why"))},
			want{feedback.Unchanged, false, feedback.Red, "why", ""},
		},
		"the same at the same moment, another value: the later arrival wins": {
			[]feedback.Event{said(0, red), said(0, green)},
			want{feedback.Updated, true, feedback.Green, "", ""},
		},
		"unchanged advances the stamp": {
			[]feedback.Event{said(0, red, comment("why")), said(60, red, comment("why")), said(30, green, comment("no"))},
			want{feedback.Stale, false, feedback.Red, "why", ""},
		},
		"nothing mentioned": {
			[]feedback.Event{said(0, red), said(60)},
			want{feedback.Unchanged, false, feedback.Red, "", ""},
		},
		"nothing mentioned, and earlier": {
			[]feedback.Event{said(60, red), said(0)},
			want{feedback.Unchanged, false, feedback.Red, "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
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
	m, err := feedback.Merge(nil, said(0, comment("why")), nil)
	require.ErrorIs(t, err, feedback.ErrRatingMissing)
	assert.Zero(t, m)
}

func TestMergeLeavesTheFormerAlone(t *testing.T) {
	t.Parallel()
	first := after(t, said(0, smiley(feedback.Red), customer("Jan"))).After
	first.ID, first.Revision, first.ReceivedAt = "id", 7, noon(1)
	before := first
	m, err := feedback.Merge(&before, said(60, smiley(feedback.Green), comment("why"), customer("Piet")), nil)
	require.NoError(t, err)
	assert.Equal(t, "Jan", before.Customer.Name)
	assert.Equal(t, map[feedback.Field]time.Time{feedback.FieldRating: noon(0), feedback.FieldCustomerName: noon(0)}, before.SetAt)
	assert.Equal(t, map[feedback.Field]time.Time{
		feedback.FieldRating: noon(60), feedback.FieldComment: noon(60), feedback.FieldCustomerName: noon(60),
	}, m.After.SetAt)
	assert.Equal(t, "id", m.After.ID)
	assert.Equal(t, int64(7), m.After.Revision)
	assert.Equal(t, noon(1), m.After.ReceivedAt)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	red, green := smiley(feedback.Red), smiley(feedback.Green)
	ratings := func(former, now string, seconds float64, applied bool) feedback.Change {
		return feedback.Change{Field: feedback.FieldRating, Old: former, New: now, OccurredAt: noon(seconds), Applied: applied}
	}
	comments := func(former, now string, seconds float64, applied bool) feedback.Change {
		return feedback.Change{Field: feedback.FieldComment, Old: former, New: now, OccurredAt: noon(seconds), Applied: applied}
	}
	for name, test := range map[string]struct {
		arriving []feedback.Event
		want     []feedback.Change // of the last one
	}{
		"the first": {
			[]feedback.Event{said(0, red, comment("why"), customer("Jan"))},
			[]feedback.Change{ratings("", "red", 0, true), comments("", "why", 0, true)},
		},
		"the first without words":      {[]feedback.Event{said(0, red, comment(""))}, []feedback.Change{ratings("", "red", 0, true)}},
		"a change of both":             {[]feedback.Event{said(0, red), said(60, green, comment("ok"))}, []feedback.Change{ratings("red", "green", 60, true), comments("", "ok", 60, true)}},
		"a comment taken back":         {[]feedback.Event{said(0, red, comment("why")), said(60, comment(""))}, []feedback.Change{comments("why", "", 60, true)}},
		"the same rating and comment":  {[]feedback.Event{said(0, red, comment("why")), said(60, red, comment("why"))}, []feedback.Change{ratings("red", "red", 60, false), comments("why", "why", 60, false)}},
		"an older rating and comment":  {[]feedback.Event{said(60, red, comment("why")), said(0, green, comment("no"))}, []feedback.Change{ratings("red", "green", 0, false), comments("why", "no", 0, false)}},
		"fields that keep no history":  {[]feedback.Event{said(0, red), said(60, customer("Jan"), urgent(true))}, nil},
		"a score is written in digits": {[]feedback.Event{nps(said(0, rating(9)))}, []feedback.Change{ratings("", "9", 0, true)}},
	} {
		t.Run(name, func(t *testing.T) {
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
	early, late := said(0, smiley(feedback.Green)), said(0, smiley(feedback.Red))
	late.OccurredAt = late.OccurredAt.Add(800 * time.Nanosecond)
	assert.Equal(t, feedback.Red, after(t, early, late).After.Colour())
	m := after(t, late, early)
	assert.Equal(t, feedback.Red, m.After.Colour())
	assert.Equal(t, feedback.Stale, m.Result)
}
