package message

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// stateElements say what the state of the follow-up is, and with which note it ended.
func (r *Renderer) stateElements(v followup.Snapshot) []slack.RichTextElement {
	state := r.stateLine(v)
	if len(state) == 0 {
		return nil
	}
	elements := []slack.RichTextElement{state.section()}
	if note := prose(v.FollowUp.Note); note != "" && v.FollowUp.State == followup.StateDone {
		elements = append(elements, quote(cut(note, maxNoteUnits)))
	}
	return elements
}

func (r *Renderer) stateLine(v followup.Snapshot) line {
	var l line
	switch f := v.FollowUp; f.State {
	case followup.StateOpen:
		l.join(bold(r.stateWord(v)))
		if v.Feedback.Kind != feedback.KindReview { // a review is open since it was written
			l.join(r.when(f.OpenedAt, "since"))
		}
		l.fact(r.when(f.DueAt, "due"))
	case followup.StateClaimed:
		l.join(r.line("claimed_by", values{"claimed": bold(r.text("claimed")), "who": r.user(f.Claimer)}))
		l.fact(r.task(v))
		l.fact(r.time(f.ChangedAt))
		l.fact(r.when(f.DueAt, "due"))
	case followup.StateSnoozed:
		l.join(r.snoozedLine(f))
		l.fact(r.task(v))
		l.fact(r.claimedLine(f))
		l.fact(r.when(f.DueAt, "due"))
	case followup.StateDone:
		l.join(r.line("done_by", values{"done": bold(r.text("done")), "who": r.user(f.ChangedBy)}))
		l.fact(textLine(r.outcomeWord(f.Outcome)))
		l.fact(r.time(f.ChangedAt))
	case followup.StateExplained, followup.StateWithdrawn:
		l.text(r.stateWord(v))
		l.fact(r.time(f.ChangedAt))
	case followup.StateNone:
	}
	return l
}

// task is the line that names the task when it is not asking the customer: a review needs a reply on
// its site. It is nil for other feedback, and when the follow-up is over.
func (r *Renderer) task(v followup.Snapshot) line {
	if v.Feedback.Kind != feedback.KindReview || !v.FollowUp.State.Pending() {
		return nil
	}
	return textLine(r.text("task_review"))
}

func (r *Renderer) snoozedLine(f followup.FollowUp) line {
	return r.line("snoozed_until", values{"snoozed": bold(r.text("snoozed")), "time": r.time(f.SnoozedUntil)})
}

// claimedLine says who has claimed the follow-up. It is nil for one that is not claimed.
func (r *Renderer) claimedLine(f followup.FollowUp) line {
	if f.Claimer == "" {
		return nil
	}
	return r.line("queue_claimed", values{"who": r.user(f.Claimer)})
}

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

// buttons offer what can be done with the follow-up, and with the feedback itself. The first is the
// primary one while the follow-up waits for someone. Each has a label for screen readers that says
// what it is about, because a channel has many buttons of the same name.
func (r *Renderer) buttons(v followup.Snapshot) slack.Block {
	var elements []slack.BlockElement
	for i, action := range v.FollowUp.State.Actions() {
		switch action {
		case followup.ActionSnooze:
			elements = append(elements, r.snoozeSelect())
		case followup.ActionAssign:
			elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain(r.text("assign_to")), ActionID(action)))
		default:
			button := r.button(v, ActionID(action), r.text("action_"+string(action)))
			if i == 0 && v.FollowUp.State.Pending() {
				button.WithStyle(slack.StylePrimary)
			}
			elements = append(elements, button)
		}
	}
	for _, act := range v.Feedback.PossibleModerations() {
		elements = append(elements, r.button(v, ModerationID(act), r.text("act_"+string(act))))
	}
	return slack.NewActionBlock(BlockID(v.Feedback.ID, v.Feedback.Revision), elements...)
}

func (r *Renderer) button(v followup.Snapshot, id, name string) *slack.ButtonBlockElement {
	button := slack.NewButtonBlockElement(id, v.Feedback.ID, plain(name))
	button.AccessibilityLabel = cut(joinedBy(", ", name, r.about(v.Feedback)), maxLabelUnits)
	return button
}

func (r *Renderer) snoozeSelect() slack.BlockElement {
	var options []*slack.OptionBlockObject
	for _, snooze := range followup.Snoozes() {
		options = append(options, option(string(snooze), r.text("snooze_"+string(snooze))))
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(r.text("snooze")), ActionID(followup.ActionSnooze), options...)
}

// The ids of the inputs of modals, as block and as action. The callback id of a modal is the id of the
// button that opens it.
const (
	InputOutcome = "outcome" // one of [followup.Outcomes]
	InputNote    = "note"    // optional text
	InputReason  = "reason"  // why a feedback does not count; required text
)

// MaxReasonUnits limits a reason, in UTF-16 units.
const MaxReasonUnits = 500

// VoidModal asks why a feedback does not count. The feedback's id comes back as its private metadata.
func (r *Renderer) VoidModal(v followup.Snapshot, feedbackID string) slack.ModalViewRequest {
	reason := slack.NewPlainTextInputBlockElement(nil, InputReason).WithMultiline(true).WithMaxLength(MaxReasonUnits)
	input := slack.NewInputBlock(InputReason, plain(r.text("void_reason")), plain(r.text("void_hint")), reason)
	return r.modal(v, ModerationID(feedback.ModerationVoid), feedbackID, r.text("void_title"), r.text("void_save"), input)
}

// DoneModal asks for the outcome of a follow-up and for a note. The feedback's id comes back as the
// private metadata, which only Slack and smileybot see.
func (r *Renderer) DoneModal(v followup.Snapshot, feedbackID string) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, outcome := range followup.Outcomes() {
		options = append(options, option(string(outcome), r.outcomeWord(outcome)))
	}
	choice := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(r.text("form_outcome_hint")), InputOutcome, options...)
	note := slack.NewPlainTextInputBlockElement(nil, InputNote).WithMultiline(true).WithMaxLength(maxNoteUnits)
	return r.modal(v, ActionID(followup.ActionFinish), feedbackID, r.text("form_title"), r.text("form_save"),
		slack.NewInputBlock(InputOutcome, plain(r.text("form_outcome")), nil, choice),
		slack.NewInputBlock(InputNote, plain(r.text("form_note")), plain(r.text("form_note_hint")), note).WithOptional(true))
}

func option(value, words string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plain(words), nil)
}

func (r *Renderer) modal(v followup.Snapshot, id, feedbackID, title, submit string, inputs ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      id,
		PrivateMetadata: feedbackID,
		Title:           plain(title),
		Submit:          plain(submit),
		Close:           plain(r.text("form_cancel")),
		Blocks:          slack.Blocks{BlockSet: append([]slack.Block{r.headline(v.Feedback).block()}, inputs...)},
	}
}
