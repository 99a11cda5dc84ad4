package message_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback/followup"
)

func TestButtonsOfEachState(t *testing.T) {
	t.Parallel()
	const void = "feedback_void"
	tests := []struct {
		state   followup.State
		actions string // in order
		primary string
	}{
		{followup.StateNone, "followup_open " + void, ""},
		{followup.StateOpen, "followup_claim followup_done followup_snooze followup_assign " + void, "followup_claim"},
		{followup.StateClaimed, "followup_done followup_release followup_snooze followup_assign " + void, "followup_done"},
		{followup.StateSnoozed, "followup_claim followup_done " + void, "followup_claim"},
		{followup.StateDone, "followup_reopen " + void, ""},
		{followup.StateExplained, "followup_done followup_reopen " + void, ""},
		{followup.StateWithdrawn, "followup_reopen " + void, ""},
	}
	for _, test := range tests {
		t.Run(string(test.state), func(t *testing.T) {
			t.Parallel()
			view := with(func(v *followup.Snapshot) { v.FollowUp = followUp(test.state) })
			actions, elements := buttons(t, view)
			assert.Equal(t, "feedback:"+view.Feedback.ID+":3", actions.BlockID)
			id, revision := message.ParseBlockID(actions.BlockID)
			assert.Equal(t, view.Feedback.ID, id)
			assert.Equal(t, int64(3), revision)
			assert.Equal(t, test.actions, strings.Join(elements, " "))
			for _, element := range actions.Elements.ElementSet {
				if button, ok := element.(*slack.ButtonBlockElement); ok {
					assert.Equal(t, view.Feedback.ID, button.Value)
					assert.Equal(t, button.ActionID == test.primary, button.Style == slack.StylePrimary, button.ActionID)
				}
			}
		})
	}
}

// buttons returns the last block of a message, and the action ids in it.
func buttons(t *testing.T, v followup.Snapshot) (actions *slack.ActionBlock, ids []string) {
	t.Helper()
	blocks := english.Feedback(v).Blocks
	actions, ok := blocks[len(blocks)-1].(*slack.ActionBlock)
	require.True(t, ok)
	for _, element := range actions.Elements.ElementSet {
		switch e := element.(type) {
		case *slack.ButtonBlockElement:
			ids = append(ids, e.ActionID)
		case *slack.SelectBlockElement:
			ids = append(ids, e.ActionID)
			assert.Empty(t, e.InitialUser, "no user is pre-selected")
			if e.ActionID == "followup_snooze" {
				var values []string
				for _, option := range e.Options {
					values = append(values, option.Value)
				}
				assert.Equal(t, []string{"1h", "4h", "tomorrow", "monday"}, values)
			} else {
				assert.Equal(t, slack.OptTypeUser, e.Type)
			}
		}
	}
	return actions, ids
}

// TestModerationButtons checks the buttons for the feedback itself.
func TestModerationButtons(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*followup.Snapshot)
		want   []string
	}{
		{"counts", func(*followup.Snapshot) {}, []string{"followup_open", "feedback_void"}},
		{"suspect", func(v *followup.Snapshot) { v.Feedback.Suspect = true }, []string{"followup_open", "feedback_confirm", "feedback_void"}},
		{"void", func(v *followup.Snapshot) { v.Feedback.Void.Reason, v.Feedback.Suspect = "a test", true }, []string{"followup_open", "feedback_restore"}},
	} {
		_, ids := buttons(t, with(test.change))
		assert.Equal(t, test.want, ids, test.name)
	}
	for _, id := range []string{"", "feedback:f1", "feedback:f1:x", "home:f1:1", "feedback:f1:1:2"} {
		feedbackID, revision := message.ParseBlockID(id)
		assert.Empty(t, feedbackID, id)
		assert.Zero(t, revision, id)
	}
}
