package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

func TestLate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wanted  feedback.Action
		state   feedback.State
		clicker string
		want    string
	}{
		{feedback.ActionClaim, feedback.StateClaimed, "U0EVA", "<@U0BART> already claimed this follow-up."},
		{feedback.ActionClaim, feedback.StateClaimed, "U0BART", "You already claimed this follow-up."},
		{feedback.ActionFinish, feedback.StateDone, "U0EVA", "<@U0BART> already finished this follow-up: Guide fixed."},
		{feedback.ActionFinish, feedback.StateDone, "U0BART", "You already finished this follow-up: Guide fixed."},
		{feedback.ActionClaim, feedback.StateExplained, "U0EVA", "This follow-up closed itself: the customer explained."},
		{feedback.ActionFinish, feedback.StateWithdrawn, "U0EVA", "This follow-up was withdrawn: the customer is happy now."},
		{feedback.ActionRelease, feedback.StateOpen, "U0EVA", "This follow-up is open already: nobody has it."},
		{feedback.ActionReopen, feedback.StateOpen, "U0EVA", "This follow-up is open already."},
		{feedback.ActionClaim, feedback.StateNone, "U0EVA", "There is no follow-up here."},
	}
	for _, test := range tests {
		t.Run(string(test.wanted)+" "+string(test.state)+" "+test.clicker, func(t *testing.T) {
			t.Parallel()
			answer := english.Late(test.wanted, feedback.Case{FollowUp: followUp(test.state)}, test.clicker)
			assert.Equal(t, test.want, answer.Text)
			accepted(t, answer.Blocks)
		})
	}
}

func TestLateOnAVoidFeedback(t *testing.T) {
	t.Parallel()
	void := feedback.Case{Feedback: feedback.Feedback{Void: feedback.Void{Reason: "a test"}}, FollowUp: followUp(feedback.StateWithdrawn)}
	assert.Equal(t, "This follow-up was withdrawn: the feedback is void.", english.Late(feedback.ActionClaim, void, "U0EVA").Text)
	assert.Equal(t, "Deze opvolging is ingetrokken: de feedback is ongeldig.", dutch.Late(feedback.ActionClaim, void, "U0EVA").Text)
}

func TestLateWithoutAName(t *testing.T) {
	t.Parallel()
	for _, claimer := range []string{"<!channel>", "", feedback.ByCustomer, strings.Repeat("U", 300)} {
		claimed := feedback.Case{FollowUp: feedback.FollowUp{State: feedback.StateClaimed, Claimer: claimer}}
		assert.Equal(t, "Somebody already claimed this follow-up.",
			english.Late(feedback.ActionClaim, claimed, "U0EVA").Text)
	}
}
