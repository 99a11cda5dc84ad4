package message_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// TestButtonsOfEachState: what a message offers at a glance, and what is in its menu.
func TestButtonsOfEachState(t *testing.T) {
	t.Parallel()
	in := func(state followup.State, changes ...func(*followup.Snapshot)) followup.Snapshot {
		return with(func(v *followup.Snapshot) {
			v.FollowUp = followup.FollowUp{}
			if state != followup.StateNone {
				v.FollowUp = followUp(state)
			}
			for _, change := range changes {
				change(v)
			}
		})
	}
	green := func(v *followup.Snapshot) { v.Feedback.Rating = feedback.Green.Value() }
	suspect := func(v *followup.Snapshot) { v.Feedback.Suspect = true }
	voided := func(v *followup.Snapshot) { v.Feedback.Void.Reason = "a test" }
	nameless := func(v *followup.Snapshot) { v.Feedback.Customer = feedback.Person{Name: "Jan"} }
	tests := []struct {
		name    string
		view    followup.Snapshot
		buttons string
		menu    string
		primary string
	}{
		{"open", in(followup.StateOpen), "followup_claim followup_done", "followup_snooze followup_assign feedback_void customer_history", "followup_claim"},
		{"claimed", in(followup.StateClaimed), "followup_done followup_release", "followup_snooze followup_assign feedback_void customer_history", "followup_done"},
		{"snoozed", in(followup.StateSnoozed), "followup_claim followup_done", "followup_assign feedback_void customer_history", "followup_claim"},
		{"explained", in(followup.StateExplained), "followup_done followup_reopen", "feedback_void customer_history", ""},
		{"done", in(followup.StateDone), "followup_reopen", "feedback_void customer_history", ""},
		{"withdrawn", in(followup.StateWithdrawn, green), "followup_reopen", "feedback_void customer_history", ""},
		{"none, unhappy", in(followup.StateNone), "followup_open", "feedback_void customer_history", ""},
		{"none, green", in(followup.StateNone, green), "", "followup_open feedback_void customer_history", ""},
		{"none, unknown customer", in(followup.StateNone, nameless), "followup_open", "feedback_void", ""},
		{"suspect", in(followup.StateOpen, suspect), "feedback_confirm feedback_void", "followup_claim followup_done followup_snooze followup_assign customer_history", ""},
		{"suspect, green", in(followup.StateNone, suspect, green), "feedback_confirm feedback_void", "followup_open customer_history", ""},
		{"voided", in(followup.StateWithdrawn, voided), "feedback_restore", "customer_history", ""},
		{"voided, suspect", in(followup.StateNone, voided, suspect), "feedback_restore", "customer_history", ""},
		{"voided, unknown customer", in(followup.StateDone, voided, nameless), "feedback_restore", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			actions, buttons, menu := offered(t, test.view)
			assert.Equal(t, "feedback:"+test.view.Feedback.ID+":3", actions.BlockID)
			id, revision := message.ParseBlockID(actions.BlockID)
			assert.Equal(t, test.view.Feedback.ID, id)
			assert.Equal(t, int64(3), revision)
			var ids []string
			for _, button := range buttons {
				ids = append(ids, button.ActionID)
				assert.Equal(t, button.ActionID == test.primary, button.Style == slack.StylePrimary, button.ActionID)
				assert.Equal(t, button.ActionID == "feedback_void", button.Style == slack.StyleDanger, button.ActionID)
			}
			assert.Equal(t, test.buttons, strings.Join(ids, " "))
			assert.Equal(t, test.menu, strings.Join(menu, " "))
		})
	}
}

// offered returns the last block of a message, its buttons, and the values in its menu.
func offered(t *testing.T, v followup.Snapshot) (actions *slack.ActionBlock, buttons []*slack.ButtonBlockElement, menu []string) {
	t.Helper()
	blocks := english.Feedback(v).Blocks
	actions, ok := blocks[len(blocks)-1].(*slack.ActionBlock)
	require.True(t, ok)
	for _, element := range actions.Elements.ElementSet {
		switch e := element.(type) {
		case *slack.ButtonBlockElement:
			buttons = append(buttons, e)
		case *slack.OverflowBlockElement:
			assert.Equal(t, "feedback_more", e.ActionID)
			for _, o := range e.Options {
				menu = append(menu, o.Value)
			}
		}
	}
	return actions, buttons, menu
}

// TestClaimerResumes: the button of a snoozed follow-up says Resume to its claimer.
func TestClaimerResumes(t *testing.T) {
	t.Parallel()
	for claimer, want := range map[string]string{"": "Claim", "U0BART": "Resume"} {
		_, buttons, _ := offered(t, with(func(v *followup.Snapshot) {
			v.FollowUp = followUp(followup.StateSnoozed)
			v.FollowUp.Claimer = claimer
		}))
		assert.Equal(t, want, buttons[0].Text.Text)
	}
}

func TestOtherBlockIDsNameNoFeedback(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "feedback:f1", "feedback:f1:x", "home:f1:1", "feedback:f1:1:2"} {
		feedbackID, revision := message.ParseBlockID(id)
		assert.Empty(t, feedbackID, id)
		assert.Zero(t, revision, id)
	}
}
