package message

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// The callback_ids of the shortcuts on a message.
const (
	ShortcutOpen  = "open_followup"
	ShortcutClaim = "claim_followup"
)

// The action_ids that belong to no transition and no moderation.
const (
	ActionMore    = "feedback_more"    // the menu; the values of its options are action_ids
	ActionHistory = "customer_history" // shows what the customer has said so far
)

// ActionID is the action_id of an action's button or select. A button's value is the feedback's id.
func ActionID(a followup.Action) string { return "followup_" + string(a) }

// ModerationID is the action_id of a moderation's button, whose value is the feedback's id.
func ModerationID(a feedback.ModerationAction) string { return "feedback_" + string(a) }

// BlockID identifies the buttons of one revision of a message, so that a click on an old copy can
// be recognized.
func BlockID(feedbackID string, revision int64) string {
	return fmt.Sprintf("feedback:%s:%d", feedbackID, revision)
}

// ParseBlockID returns what a [BlockID] identifies. For any other id that is "" and the revision 0,
// which no feedback has.
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

// noticeBlock begins the id of the first block of a notice, which its key completes.
const noticeBlock = "notice:"

// KeyOfBlocks returns the key of the item that posted blocks show, as their ids say: a notice's key, or
// the feedback's id with the revision. For any other blocks it is "".
func KeyOfBlocks(blocks []slack.Block) (key string, revision int64) {
	for _, b := range blocks {
		if notice, ours := strings.CutPrefix(b.ID(), noticeBlock); ours {
			return notice, 0
		}
		if id, shown := ParseBlockID(b.ID()); id != "" {
			key, revision = id, shown
		}
	}
	return key, revision
}

// choices are what a message offers, by action_id: at most two buttons, and the rest in a menu.
func choices(v followup.Snapshot) (buttons, menu []string) {
	void := ModerationID(feedback.ModerationVoid)
	var first, rest []string
	for _, action := range v.FollowUp.State.Actions() {
		switch {
		case action == followup.ActionSnooze, action == followup.ActionAssign,
			action == followup.ActionOpen && !v.Feedback.Colour().Unhappy():
			rest = append(rest, ActionID(action))
		default:
			first = append(first, ActionID(action))
		}
	}
	switch {
	case v.Feedback.Voided():
		buttons = []string{ModerationID(feedback.ModerationRestore)}
	case v.Feedback.Suspect:
		buttons, menu = []string{ModerationID(feedback.ModerationConfirm), void}, append(first, rest...)
	default:
		buttons, menu = first, append(rest, void)
	}
	if v.Feedback.Customer.Known() {
		menu = append(menu, ActionHistory)
	}
	return buttons, menu
}

// buttons offer what can be done with the follow-up, and with the feedback itself. The first is the
// primary one while the follow-up waits for someone. Each has a label for screen readers that says
// what it is about, because a channel has many buttons of the same name.
func (r *Renderer) buttons(v followup.Snapshot) slack.Block {
	shown, more := choices(v)
	var elements []slack.BlockElement
	for i, id := range shown {
		button := r.button(v, id)
		switch {
		case id == ModerationID(feedback.ModerationVoid):
			button.WithStyle(slack.StyleDanger)
		case i == 0 && v.FollowUp.State.Pending() && !v.Feedback.Suspect:
			button.WithStyle(slack.StylePrimary)
		}
		elements = append(elements, button)
	}
	var options []*slack.OptionBlockObject
	for _, id := range more {
		options = append(options, option(id, r.text("menu_"+id)))
	}
	if len(options) > 0 {
		elements = append(elements, slack.NewOverflowBlockElement(ActionMore, options...))
	}
	return slack.NewActionBlock(BlockID(v.Feedback.ID, v.Feedback.Revision), elements...)
}

func (r *Renderer) button(v followup.Snapshot, id string) *slack.ButtonBlockElement {
	name := r.text("button_" + id)
	if id == ActionID(followup.ActionClaim) && v.FollowUp.Claimer != "" {
		name = r.text("button_resume")
	}
	button := slack.NewButtonBlockElement(id, v.Feedback.ID, plain(name))
	button.AccessibilityLabel = cut(joinedBy(", ", name, r.about(v.Feedback)), maxLabelUnits)
	return button
}

func option(value, words string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plain(words), nil)
}
