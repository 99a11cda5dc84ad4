package message_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback"
)

func TestButtons(t *testing.T) {
	t.Parallel()
	tests := map[feedback.State]struct {
		actions []string
		primary string
	}{
		feedback.StateNone:      {[]string{message.ActionOpen}, ""},
		feedback.StateOpen:      {[]string{message.ActionClaim, message.ActionFinish}, message.ActionClaim},
		feedback.StateClaimed:   {[]string{message.ActionFinish, message.ActionRelease}, message.ActionFinish},
		feedback.StateDone:      {[]string{message.ActionReopen}, ""},
		feedback.StateExplained: {[]string{message.ActionFinish, message.ActionReopen}, ""},
		feedback.StateWithdrawn: {[]string{message.ActionReopen}, ""},
	}
	for state, want := range tests {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			view := with(func(v *message.FeedbackView) { v.FollowUp = followUp(state) })
			blocks := message.Feedback(view, amsterdam).Blocks
			actions, ok := blocks[len(blocks)-1].(*slack.ActionBlock)
			require.True(t, ok)
			assert.Equal(t, "feedback:"+view.Feedback.ID+":3", actions.BlockID)
			var ids []string
			for _, element := range actions.Elements.ElementSet {
				button := element.(*slack.ButtonBlockElement)
				ids = append(ids, button.ActionID)
				assert.Equal(t, view.Feedback.ID, button.Value)
				assert.Equal(t, button.ActionID == want.primary, button.Style == slack.StylePrimary, button.ActionID)
			}
			assert.Equal(t, want.actions, ids)
		})
	}
}
