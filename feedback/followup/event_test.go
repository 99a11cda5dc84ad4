package followup_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/followup"
)

// ratedFeedback is a feedback with that rating and comment.
func ratedFeedback(kind feedback.Kind, rating int, comment string) feedback.Feedback {
	return feedback.Feedback{
		ID: "id", Key: feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: kind, ID: "reply-1"},
		Answer: feedback.Answer{Rating: rating, Comment: comment}, OccurredAt: feedbacktest.Noon(-60), ReceivedAt: feedbacktest.Noon(-60), Revision: 1,
	}
}

// TestEventInEveryState is what an event does in every state, for each kind of answer.
func TestEventInEveryState(t *testing.T) {
	t.Parallel()
	const (
		none, open, claimed = followup.StateNone, followup.StateOpen, followup.StateClaimed
		done, explained     = followup.StateDone, followup.StateExplained
		withdrawn, snoozed  = followup.StateWithdrawn, followup.StateSnoozed
	)
	stays := []followup.State{none, open, claimed, snoozed, done, explained, withdrawn}
	opens := []followup.State{open, open, claimed, snoozed, done, open, open}
	closes := []followup.State{none, explained, claimed, explained, done, explained, withdrawn}
	withdraws := []followup.State{none, withdrawn, withdrawn, withdrawn, done, withdrawn, withdrawn}
	type opening struct {
		count       int
		at, dueTime time.Time
	}
	type answer struct {
		rating  int
		comment string
	}
	for _, test := range []struct {
		name          string
		kind          feedback.Kind
		before, after answer
		want          []followup.State // from none, open, claimed, snoozed, done, explained, withdrawn
		notifies      bool             // a claimer
	}{
		{"becomes red", feedback.KindSmiley, answer{3, ""}, answer{1, ""}, opens, false},
		{"becomes yellow", feedback.KindSmiley, answer{3, ""}, answer{2, ""}, opens, false},
		{"becomes red, and says why", feedback.KindSmiley, answer{3, ""}, answer{1, "why"}, closes, true},
		{"becomes red, explained before", feedback.KindSmiley, answer{3, "nice"}, answer{1, "nice"}, stays, false},
		{"red, comment taken back", feedback.KindSmiley, answer{1, "why"}, answer{1, ""}, opens, false},
		{"green, comment taken back", feedback.KindSmiley, answer{3, "why"}, answer{3, ""}, stays, false},
		{"becomes red, taking it back", feedback.KindSmiley, answer{3, "nice"}, answer{1, ""}, opens, false},
		{"yellow becomes red", feedback.KindSmiley, answer{2, ""}, answer{1, ""}, stays, false},
		{"the comment arrives", feedback.KindSmiley, answer{1, ""}, answer{1, "why"}, closes, true},
		{"the comment changes", feedback.KindSmiley, answer{1, "why"}, answer{1, "because"}, stays, false},
		{"a comment on a green one", feedback.KindSmiley, answer{3, ""}, answer{3, "nice"}, closes, true},
		{"turns green", feedback.KindSmiley, answer{1, ""}, answer{3, ""}, withdraws, false},
		{"turns green, explained", feedback.KindSmiley, answer{2, "why"}, answer{3, "why"}, withdraws, false},
		{"turns green with a comment", feedback.KindSmiley, answer{1, ""}, answer{3, "solved"}, withdraws, false},
		{"nothing changes", feedback.KindSmiley, answer{1, ""}, answer{1, ""}, stays, false},
		{"stays green", feedback.KindSmiley, answer{3, ""}, answer{3, ""}, stays, false},
		{"csat becomes 3", feedback.KindCSAT, answer{4, ""}, answer{3, ""}, opens, false},
		{"csat becomes 5", feedback.KindCSAT, answer{1, ""}, answer{5, ""}, withdraws, false},
		{"csat comment", feedback.KindCSAT, answer{2, ""}, answer{2, "why"}, closes, true},
		{"nps becomes 0", feedback.KindNPS, answer{10, ""}, answer{0, ""}, stays, false},
		{"nps comment", feedback.KindNPS, answer{0, ""}, answer{0, "why"}, closes, true},
		{"nps becomes 9", feedback.KindNPS, answer{0, ""}, answer{9, ""}, withdraws, false},
		{"nps comment taken back", feedback.KindNPS, answer{0, "why"}, answer{0, ""}, stays, false},
		{"nls becomes 0", feedback.KindNLS, answer{10, ""}, answer{0, ""}, stays, false},
		{"ces becomes 1", feedback.KindCES, answer{7, ""}, answer{1, ""}, stays, false},
		{"review becomes 3", feedback.KindReview, answer{4, ""}, answer{3, ""}, opens, false},
		{"review becomes 1 with words", feedback.KindReview, answer{5, "good"}, answer{1, "bad"}, opens, false},
		{"review comment", feedback.KindReview, answer{1, ""}, answer{1, "bad"}, stays, true},
		{"review comment taken back", feedback.KindReview, answer{1, "bad"}, answer{1, ""}, stays, false},
		{"review becomes 4", feedback.KindReview, answer{3, "bad"}, answer{4, "bad"}, withdraws, false},
		{"review becomes 5 with a thanks", feedback.KindReview, answer{1, ""}, answer{5, "thanks"}, withdraws, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := ratedFeedback(test.kind, test.before.rating, test.before.comment)
			after := ratedFeedback(test.kind, test.after.rating, test.after.comment)
			for i, state := range allStates() {
				f := followUpIn(state)
				got, notify := f.OnEvent(&before, after, feedbacktest.Noon(0), due4h(false))
				assert.Equal(t, test.want[i], got.State, "from %q", state)
				assert.Equal(t, test.notifies && state == claimed, notify, "from %q", state)
				checkInvariants(t, got)
				if got.State == state {
					assert.Equal(t, f, got, "from %q nothing else changes", state)
					continue
				}
				assert.Equal(t, feedback.ByCustomer, got.ChangedBy)
				assert.Equal(t, feedbacktest.Noon(0), got.ChangedAt)
				if got.State == open {
					assert.Equal(t, opening{f.Openings + 1, feedbacktest.Noon(0), feedbacktest.Noon(4 * 3600)}, opening{got.Openings, got.OpenedAt, got.DueAt})
				} else {
					assert.Equal(t, opening{f.Openings, f.OpenedAt, f.DueAt}, opening{got.Openings, got.OpenedAt, got.DueAt})
				}
			}
		})
	}
}

// TestFirstEventOpensAFollowUp is which new feedback opens a follow-up, for every rating.
func TestFirstEventOpensAFollowUp(t *testing.T) {
	t.Parallel()
	opening := map[feedback.Kind]struct{ silent, explained int }{ // the best rating that opens one; 0 for none
		feedback.KindSmiley: {2, 0}, feedback.KindCSAT: {3, 0}, feedback.KindReview: {3, 3},
		feedback.KindNPS: {-1, -1}, feedback.KindNLS: {-1, -1}, feedback.KindCES: {0, 0},
	}
	for _, kind := range feedback.Kinds() {
		low, high := kind.Scale()
		for rating := low; rating <= high; rating++ {
			for _, c := range []struct {
				comment string
				best    int
			}{{"", opening[kind].silent}, {"why", opening[kind].explained}} {
				got, notify := followup.FollowUp{}.OnEvent(nil, ratedFeedback(kind, rating, c.comment), feedbacktest.Noon(0), due4h(false))
				assert.False(t, notify)
				checkInvariants(t, got)
				assert.Equal(t, rating <= c.best, got.State == followup.StateOpen, "%s %d %q", kind, rating, c.comment)
			}
		}
	}
}

// TestUrgencyMovesDue: the due time of a pending follow-up follows the flag, counted from its opening, and is never
// before the end of a snooze.
func TestUrgencyMovesDue(t *testing.T) {
	t.Parallel()
	calm := ratedFeedback(feedback.KindSmiley, 1, "")
	flagged := calm
	flagged.Ticket.Urgent = true
	for _, state := range allStates() {
		f := followUpIn(state)
		got, _ := f.OnEvent(&calm, flagged, feedbacktest.Noon(0), due4h(true))
		if state.Pending() {
			assert.Equal(t, f.OpenedAt.Add(time.Hour), got.DueAt)
			f.DueAt = got.DueAt
		}
		assert.Equal(t, f, got, "nothing else changes while %q", state)
		back, _ := got.OnEvent(&flagged, calm, feedbacktest.Noon(1), due4h(false))
		assert.Equal(t, followUpIn(state), back, "and back while %q", state)
	}
	snoozed := followUpIn(followup.StateSnoozed)
	snoozed.SnoozedUntil = feedbacktest.Noon(2 * 3600) // longer than an urgent follow-up may take
	got, _ := snoozed.OnEvent(&calm, flagged, feedbacktest.Noon(0), due4h(true))
	assert.Equal(t, snoozed.SnoozedUntil, got.DueAt)
	opened, _ := followup.FollowUp{}.OnEvent(nil, flagged, feedbacktest.Noon(0), due4h(true))
	assert.Equal(t, feedbacktest.Noon(3600), opened.DueAt)
}

// TestFollowUpInvariantsProperty: whatever customers and people do in whatever order, the
// invariants of a follow-up hold; only people finish it, only an opening is counted, and what is
// done stays done until a person reopens it.
func TestFollowUpInvariantsProperty(t *testing.T) {
	t.Parallel()
	kinds := []feedback.Kind{feedback.KindSmiley, feedback.KindCSAT, feedback.KindNPS, feedback.KindReview}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		low, high := kind.Scale()
		var s feedbacktest.History
		var f followup.FollowUp
		for i := range rapid.IntRange(1, 20).Draw(t, "turns") {
			before := f
			var by string
			if s.Feedback == nil || rapid.Bool().Draw(t, "customer") {
				by = feedback.ByCustomer
				f = react(t, &s, f, kind, rapid.IntRange(low, high).Draw(t, "rating"), i)
			} else {
				by = fmt.Sprint("U", i)
				step := followup.Transition{
					Action: rapid.SampledFrom(followup.Actions()).Draw(t, "action"),
					By:     by, Outcome: followup.OutcomeOther, Note: "n", To: "U", At: feedbacktest.Noon(float64(i)),
					Until: feedbacktest.Noon(float64(rapid.IntRange(i, i+6*3600).Draw(t, "until"))),
				}
				next, err := f.Apply(step, due4h(s.Feedback.Ticket.Urgent))
				possible := slices.Contains(f.State.Actions(), step.Action)
				require.Equal(t, possible, err == nil)
				f = next
			}
			checkInvariants(t, f)
			if f.State != before.State {
				assert.Equal(t, by, f.ChangedBy)
				assert.Equal(t, f.State == followup.StateOpen && !before.State.Pending(), f.Openings == before.Openings+1)
			} else {
				assert.Equal(t, before.Openings, f.Openings)
			}
			if f.State.Pending() && f.Snoozes == 0 {
				assert.Equal(t, due4h(s.Feedback.Ticket.Urgent)(f.OpenedAt), f.DueAt)
			}
			if rapid.Bool().Draw(t, "clock") {
				f = wakes(t, f, feedbacktest.Noon(float64(i*3600)))
			}
		}
	})
}

// wakes lets the clock look at a follow-up.
func wakes(t *rapid.T, f followup.FollowUp, now time.Time) followup.FollowUp {
	next := f.Wake(now)
	checkInvariants(t, next)
	if f.State != followup.StateSnoozed || now.Before(f.SnoozedUntil) {
		assert.Equal(t, f, next, "nothing to do")
		return next
	}
	assert.Equal(t, f.Claimer, next.Claimer)
	assert.True(t, next.State.Active(), next.State)
	assert.Equal(t, f.DueAt, next.DueAt)
	return next
}

// onEvent draws an event and lets the follow-up react to it.
func react(t *rapid.T, s *feedbacktest.History, f followup.FollowUp, kind feedback.Kind, value, i int) followup.FollowUp {
	e := feedbacktest.Event(float64(i))
	e.Kind = kind
	if s.Feedback == nil || rapid.Bool().Draw(t, "rates") {
		feedbacktest.Rating(value)(&e)
	}
	if rapid.Bool().Draw(t, "comments") {
		feedbacktest.Comment(rapid.SampledFrom([]string{"", "why"}).Draw(t, "comment"))(&e)
	}
	if rapid.Bool().Draw(t, "flags") {
		feedbacktest.Urgent(rapid.Bool().Draw(t, "urgent"))(&e)
	}
	before := s.Feedback
	_, err := s.Merge(e)
	require.NoError(t, err)
	next, notify := f.OnEvent(before, *s.Feedback, feedbacktest.Noon(float64(i)), due4h(s.Feedback.Ticket.Urgent))
	assert.False(t, notify && f.Claimer == "", "only a claimer is notified")
	if f.State == followup.StateDone {
		assert.Equal(t, f, next, "done stays done")
	}
	return next
}
