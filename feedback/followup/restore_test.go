package followup_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/followup"
)

// TestVoidAndRestore: a follow-up is withdrawn with its feedback and then stands where
// it stood, but for what the customer said meanwhile.
func TestVoidAndRestore(t *testing.T) {
	t.Parallel()
	const (
		none, open, claimed = followup.StateNone, followup.StateOpen, followup.StateClaimed
		done, explained     = followup.StateDone, followup.StateExplained
		withdrawn, snoozed  = followup.StateWithdrawn, followup.StateSnoozed
	)
	for name, test := range map[string]struct {
		kind    feedback.Kind
		rating  int
		comment string
		heard   feedback.Field   // what arrived while it was void
		want    []followup.State // from none, open, claimed, snoozed, done, explained, withdrawn
	}{
		"nothing was said, red":        {feedback.KindSmiley, 1, "", "", []followup.State{open, open, claimed, snoozed, done, open, open}},
		"nothing was said, explained":  {feedback.KindSmiley, 1, "why", "", []followup.State{none, open, claimed, snoozed, done, explained, withdrawn}},
		"nothing was said, green":      {feedback.KindSmiley, 3, "", "", []followup.State{none, open, claimed, snoozed, done, explained, withdrawn}},
		"nothing was said, NPS":        {feedback.KindNPS, 3, "", "", []followup.State{none, open, claimed, snoozed, done, explained, withdrawn}},
		"the comment came":             {feedback.KindSmiley, 1, "why", feedback.FieldComment, []followup.State{none, explained, claimed, explained, done, explained, withdrawn}},
		"the comment of a review came": {feedback.KindReview, 1, "why", feedback.FieldComment, []followup.State{open, open, claimed, snoozed, done, open, open}},
		"it turned green":              {feedback.KindSmiley, 3, "", feedback.FieldRating, []followup.State{none, withdrawn, withdrawn, withdrawn, done, withdrawn, withdrawn}},
		"it turned red":                {feedback.KindSmiley, 1, "", feedback.FieldRating, []followup.State{open, open, claimed, snoozed, done, open, open}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := answered(test.kind, test.rating, test.comment)
			known := after
			switch {
			case test.heard == feedback.FieldComment:
				known.Comment = ""
			case test.heard == feedback.FieldRating && test.rating == 1:
				known.Rating = 3
			case test.heard == feedback.FieldRating:
				known.Rating = 1
			}
			for i, state := range every() {
				before := standing(state)
				void := before.Void(known, "U8", feedbacktest.Noon(0))
				lawful(t, void)
				if state.Pending() || state == explained {
					assert.Equal(t, []any{withdrawn, "U8", state}, []any{void.State, void.ChangedBy, void.BeforeVoid.State})
				} else {
					assert.Equal(t, before, void)
				}
				still, told := void.OnEvent(&after, voided(after), feedbacktest.Noon(5), due4h(false))
				assert.Equal(t, void, still)
				assert.False(t, told)
				restored, told := void.Restore(after, "U9", feedbacktest.Noon(10), due4h(false))
				lawful(t, restored)
				assert.Equal(t, test.heard == feedback.FieldComment && restored.Claimer != "", told, "from %q", state)
				assert.Equal(t, test.want[i], restored.State, "from %q", state)
				if restored.State == state && void != before {
					assert.Equal(t, []any{before.Claimer, before.SnoozedUntil, before.DueAt, before.Openings, "U9"},
						[]any{restored.Claimer, restored.SnoozedUntil, restored.DueAt, restored.Openings, restored.ChangedBy})
				}
			}
		})
	}
}

func voided(f feedback.Feedback) feedback.Feedback {
	f.Void = feedback.Void{Reason: "a test", By: "U8", At: feedbacktest.Noon(0)}
	return f
}

func TestActs(t *testing.T) {
	t.Parallel()
	f := answered(feedback.KindSmiley, 1, "")
	assert.Equal(t, []feedback.ModerationAction{feedback.ModerationVoid}, f.PossibleModerations())
	f.Suspect = true
	assert.Equal(t, []feedback.ModerationAction{feedback.ModerationConfirm, feedback.ModerationVoid}, f.PossibleModerations())
	assert.Equal(t, []feedback.ModerationAction{feedback.ModerationRestore}, voided(f).PossibleModerations())
}

// TestConfirmedIsNotSuspectAgain, whatever else is said about the same clicks.
func TestConfirmedIsNotSuspectAgain(t *testing.T) {
	t.Parallel()
	before := answered(feedback.KindSmiley, 1, "")
	before.SetAt = map[feedback.Field]time.Time{}
	e := feedbacktest.Event(3)
	feedbacktest.Rating(3)(&e)
	seen := []feedback.SeenRating{{Rating: 1, At: feedbacktest.Noon(0)}}
	m, err := feedback.Merge(&before, e, seen)
	require.NoError(t, err)
	assert.True(t, m.After.Suspect)
	before.Confirmed = true
	m, err = feedback.Merge(&before, e, seen)
	require.NoError(t, err)
	assert.False(t, m.After.Suspect)
}

// TestForgottenStaysSo: no event brings back what was erased; the rating may change.
func TestForgottenStaysSo(t *testing.T) {
	t.Parallel()
	before := answered(feedback.KindSmiley, 1, "")
	before.ForgottenAt, before.SetAt = feedbacktest.Noon(0), map[feedback.Field]time.Time{}
	e := feedbacktest.Event(3)
	feedbacktest.Rating(3)(&e)
	feedbacktest.Comment("why")(&e)
	e.Answer.Customer = feedback.Person{ID: "c1", Name: "Jan", Email: "jan@example.org"}
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail} {
		e.Mentions[f] = true
	}
	m, err := feedback.Merge(&before, e, nil)
	require.NoError(t, err)
	assert.Equal(t, feedback.Answer{Rating: 3}, m.After.Answer)
	assert.Len(t, m.History, 1)
	delete(e.Mentions, feedback.FieldRating)
	m, err = feedback.Merge(&before, e, nil)
	require.NoError(t, err)
	assert.Equal(t, feedback.Unchanged, m.Result)
	assert.Empty(t, m.History)
}
