package followup_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/followup"
)

// TestVoidAndRestore: a follow-up is withdrawn with its feedback and then has its former state, except for what the
// customer has done meanwhile.
func TestVoidAndRestore(t *testing.T) {
	t.Parallel()
	const (
		none, open, claimed = followup.StateNone, followup.StateOpen, followup.StateClaimed
		done, explained     = followup.StateDone, followup.StateExplained
		withdrawn, snoozed  = followup.StateWithdrawn, followup.StateSnoozed
	)
	type states = map[followup.State]followup.State
	for _, test := range []struct {
		name     string
		kind     feedback.Kind
		rating   int
		comment  string
		heard    feedback.Field // what arrived during the void
		restored states         // the state after the restore where it differs from the one before the void
	}{
		{"nothing was said, red", feedback.KindSmiley, 1, "", "", states{none: open, explained: open, withdrawn: open}},
		{"nothing was said, explained", feedback.KindSmiley, 1, "why", "", nil},
		{"nothing was said, green", feedback.KindSmiley, 3, "", "", nil},
		{"nothing was said, NPS", feedback.KindNPS, 3, "", "", nil},
		{"the comment came", feedback.KindSmiley, 1, "why", feedback.FieldComment, states{open: explained, snoozed: explained}},
		{"the comment of a review came", feedback.KindReview, 1, "why", feedback.FieldComment, states{none: open, explained: open, withdrawn: open}},
		{
			"it turned green", feedback.KindSmiley, 3, "", feedback.FieldRating,
			states{open: withdrawn, claimed: withdrawn, snoozed: withdrawn, explained: withdrawn},
		},
		{"it turned red", feedback.KindSmiley, 1, "", feedback.FieldRating, states{none: open, explained: open, withdrawn: open}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			after := ratedFeedback(test.kind, test.rating, test.comment)
			known := after
			switch {
			case test.heard == feedback.FieldComment:
				known.Comment = ""
			case test.heard == feedback.FieldRating && test.rating == 1:
				known.Rating = 3
			case test.heard == feedback.FieldRating:
				known.Rating = 1
			}
			for _, state := range allStates() {
				before := followUpIn(state)
				void := before.Void(known, "U8", feedbacktest.Noon(0))
				checkInvariants(t, void)
				want := before
				if state.Pending() || state == explained {
					want.State, want.Claimer, want.ChangedBy, want.ChangedAt = withdrawn, "", "U8", feedbacktest.Noon(0)
					want.BeforeVoid = followup.BeforeVoid{
						State: state, Claimer: before.Claimer, SnoozedUntil: before.SnoozedUntil,
						Explained: known.Comment != "", Happy: known.Colour() == feedback.Green,
					}
				}
				assert.Equal(t, want, void, "voided while %q", state)
				still, notify := void.OnEvent(&after, voided(after), feedbacktest.Noon(5), due4h(false))
				assert.Equal(t, void, still)
				assert.False(t, notify)
				restored, notify := void.Restore(after, "U9", feedbacktest.Noon(10), due4h(false))
				checkInvariants(t, restored)
				assert.Zero(t, restored.BeforeVoid, "from %q", state)
				assert.Equal(t, test.heard == feedback.FieldComment && restored.Claimer != "", notify, "from %q", state)
				wantState, differs := test.restored[state]
				if !differs {
					wantState = state
				}
				assert.Equal(t, wantState, restored.State, "from %q", state)
				if restored.State == state && void != before {
					want := before
					want.ChangedBy, want.ChangedAt, want.Outcome, want.Note = "U9", feedbacktest.Noon(10), "", ""
					assert.Equal(t, want, restored, "from %q", state)
				}
			}
		})
	}
}

func voided(f feedback.Feedback) feedback.Feedback {
	f.Void = feedback.Void{Reason: "a test", By: "U8", At: feedbacktest.Noon(0)}
	return f
}
