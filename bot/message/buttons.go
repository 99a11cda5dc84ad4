package message

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// ActionID is the action_id of an action's button or select. A button's value is the
// feedback's id.
func ActionID(a followup.Action) string { return "followup_" + string(a) }

// ParseActionID is the action of a button or select; ok is false for what is none of
// ours.
func ParseActionID(id string) (a followup.Action, ok bool) {
	for _, a := range followup.Actions() {
		if ActionID(a) == id {
			return a, true
		}
	}
	return "", false
}

// ActID is the action_id of an act's button, whose value is the feedback's id.
func ActID(a feedback.ModerationAction) string { return "feedback_" + string(a) }

// ParseActID is the act of a button; ok is false for what is none of ours.
func ParseActID(id string) (a feedback.ModerationAction, ok bool) {
	for _, a := range feedback.ModerationActions() {
		if ActID(a) == id {
			return a, true
		}
	}
	return "", false
}

// BlockID names the buttons of one revision of a message, so that a click on an
// old copy can be told from one on the present.
func BlockID(feedbackID string, revision int64) string {
	return fmt.Sprintf("feedback:%s:%d", feedbackID, revision)
}

// ParseBlockID is what a [BlockID] names; empty, and the revision 0, which none has,
// when it is none of ours.
func ParseBlockID(blockID string) (feedbackID string, revision int64) {
	parts := strings.Split(blockID, ":")
	if len(parts) != 3 || parts[0] != "feedback" {
		return "", 0
	}
	revision, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return "", 0
	}
	return parts[1], revision
}

// buttons are what can be done with the follow-up, and with the feedback itself. The
// first is the primary one while somebody has to do something. To those who hear it,
// each also tells what it is about: in a channel there are many of the same name.
func (s *Speaker) buttons(v followup.Snapshot) slack.Block {
	var elements []slack.BlockElement
	for i, action := range v.FollowUp.State.Actions() {
		switch action {
		case followup.ActionSnooze:
			elements = append(elements, s.snoozeSelect())
		case followup.ActionAssign:
			elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain(s.say("assign_to")), ActionID(action)))
		default:
			button := s.button(v, ActionID(action), s.actionWord(action))
			if i == 0 && v.FollowUp.State.Pending() {
				button.WithStyle(slack.StylePrimary)
			}
			elements = append(elements, button)
		}
	}
	for _, act := range v.Feedback.PossibleModerations() {
		elements = append(elements, s.button(v, ActID(act), s.say("act_"+string(act))))
	}
	return slack.NewActionBlock(BlockID(v.Feedback.ID, v.Feedback.Revision), elements...)
}

func (s *Speaker) button(v followup.Snapshot, id, name string) *slack.ButtonBlockElement {
	button := slack.NewButtonBlockElement(id, v.Feedback.ID, plain(name))
	button.AccessibilityLabel = cut(joinedBy(", ", name, s.about(v.Feedback)), maxLabelUnits)
	return button
}

func (s *Speaker) snoozeSelect() slack.BlockElement {
	var options []*slack.OptionBlockObject
	for _, snooze := range followup.Snoozes() {
		options = append(options, slack.NewOptionBlockObject(string(snooze), plain(s.say("snooze_"+string(snooze))), nil))
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(s.say("snooze")), ActionID(followup.ActionSnooze), options...)
}
