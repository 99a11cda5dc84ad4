package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

func TestLate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wanted  followup.Action
		state   followup.State
		clicker string
		want    string
	}{
		{followup.ActionClaim, followup.StateClaimed, "U0EVA", "<@U0BART> already claimed this follow-up."},
		{followup.ActionClaim, followup.StateClaimed, "U0BART", "You already claimed this follow-up."},
		{followup.ActionFinish, followup.StateDone, "U0EVA", "<@U0BART> already finished this follow-up: Guide fixed."},
		{followup.ActionFinish, followup.StateDone, "U0BART", "You already finished this follow-up: Guide fixed."},
		{followup.ActionClaim, followup.StateExplained, "U0EVA", "This follow-up closed itself: the customer explained."},
		{followup.ActionFinish, followup.StateWithdrawn, "U0EVA", "This follow-up was withdrawn: the customer is happy now."},
		{followup.ActionRelease, followup.StateOpen, "U0EVA", "This follow-up is open already: nobody has it."},
		{followup.ActionReopen, followup.StateOpen, "U0EVA", "This follow-up is open already."},
		{followup.ActionClaim, followup.StateNone, "U0EVA", "There is no follow-up here."},
	}
	for _, test := range tests {
		t.Run(string(test.wanted)+" "+string(test.state)+" "+test.clicker, func(t *testing.T) {
			t.Parallel()
			answer := english.Late(test.wanted, followup.Snapshot{FollowUp: followUp(test.state)}, test.clicker)
			assert.Equal(t, test.want, answer.Text)
			accepted(t, answer.Blocks)
		})
	}
}

func TestLateOnAVoidFeedback(t *testing.T) {
	t.Parallel()
	void := followup.Snapshot{Feedback: feedback.Feedback{Void: feedback.Void{Reason: "a test"}}, FollowUp: followUp(followup.StateWithdrawn)}
	assert.Equal(t, "This follow-up was withdrawn: the feedback is void.", english.Late(followup.ActionClaim, void, "U0EVA").Text)
	assert.Equal(t, "Deze opvolging is ingetrokken: de feedback is ongeldig.", dutch.Late(followup.ActionClaim, void, "U0EVA").Text)
}

func TestLateWithoutAName(t *testing.T) {
	t.Parallel()
	for _, claimer := range []string{"<!channel>", "", feedback.ByCustomer, strings.Repeat("U", 300)} {
		claimed := followup.Snapshot{FollowUp: followup.FollowUp{State: followup.StateClaimed, Claimer: claimer}}
		assert.Equal(t, "Somebody already claimed this follow-up.",
			english.Late(followup.ActionClaim, claimed, "U0EVA").Text)
	}
}
