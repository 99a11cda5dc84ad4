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
		feedback.StateNone:      {[]string{message.ActionID(feedback.ActionOpen)}, ""},
		feedback.StateOpen:      {[]string{message.ActionID(feedback.ActionClaim), message.ActionID(feedback.ActionFinish)}, message.ActionID(feedback.ActionClaim)},
		feedback.StateClaimed:   {[]string{message.ActionID(feedback.ActionFinish), message.ActionID(feedback.ActionRelease)}, message.ActionID(feedback.ActionFinish)},
		feedback.StateDone:      {[]string{message.ActionID(feedback.ActionReopen)}, ""},
		feedback.StateExplained: {[]string{message.ActionID(feedback.ActionFinish), message.ActionID(feedback.ActionReopen)}, ""},
		feedback.StateWithdrawn: {[]string{message.ActionID(feedback.ActionReopen)}, ""},
	}
	for state, want := range tests {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			view := with(func(v *feedback.Case) { v.FollowUp = followUp(state) })
			blocks := english.Feedback(view).Blocks
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
