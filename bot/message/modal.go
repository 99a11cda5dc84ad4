package message

import (
	"slices"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// The ids of the inputs of modals, as block and as action. The callback id of a modal is the id of
// the action that opens it.
const (
	InputOutcome  = "outcome"  // one of [followup.Outcomes]
	InputNote     = "note"     // optional text
	InputReason   = "reason"   // why a feedback does not count; required text
	InputUntil    = "until"    // one of [followup.Snoozes]
	InputAssignee = "assignee" // a Slack user
)

// MaxReasonUnits limits a reason, in UTF-16 units.
const MaxReasonUnits = 500

// VoidModal says what it means that a feedback does not count, and asks why. The feedback's id comes
// back as its private metadata.
func (r *Renderer) VoidModal(v followup.Snapshot, feedbackID string) slack.ModalViewRequest {
	reason := slack.NewPlainTextInputBlockElement(nil, InputReason).WithMultiline(true).WithMaxLength(MaxReasonUnits)
	return r.modal(v, ModerationID(feedback.ModerationVoid), feedbackID, r.text("void_title"), r.text("void_save"),
		lines(bold(r.text("void_warning")), textLine(r.text("void_meaning"))).block(),
		slack.NewInputBlock(InputReason, plain(r.text("void_reason")), plain(r.text("void_hint")), reason))
}

// DoneModal quotes the comment, and asks for the outcome of a follow-up and for a note. The
// feedback's id comes back as the private metadata, which only Slack and smileybot see.
func (r *Renderer) DoneModal(v followup.Snapshot, feedbackID string) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, outcome := range followup.Outcomes() {
		options = append(options, option(string(outcome), r.outcomeWord(outcome)))
	}
	note := slack.NewPlainTextInputBlockElement(nil, InputNote).WithMultiline(true).WithMaxLength(maxNoteUnits)
	return r.modal(v, ActionID(followup.ActionFinish), feedbackID, r.text("form_title"), r.text("form_save"),
		r.choice(InputOutcome, "form_outcome", "form_outcome_hint", options),
		slack.NewInputBlock(InputNote, plain(r.text("form_note")), plain(r.text("form_note_hint")), note).WithOptional(true))
}

// SnoozeModal asks until when a follow-up is snoozed.
func (r *Renderer) SnoozeModal(v followup.Snapshot, feedbackID string) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, snooze := range followup.Snoozes() {
		options = append(options, option(string(snooze), r.text("snooze_"+string(snooze))))
	}
	return r.modal(v, ActionID(followup.ActionSnooze), feedbackID, r.text("snooze_title"), r.text("snooze_save"),
		r.choice(InputUntil, "snooze_until", "snooze_until_hint", options))
}

// AssignModal asks who receives a follow-up.
func (r *Renderer) AssignModal(v followup.Snapshot, feedbackID string) slack.ModalViewRequest {
	who := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain(r.text("assign_to_hint")), InputAssignee)
	return r.modal(v, ActionID(followup.ActionAssign), feedbackID, r.text("assign_title"), r.text("assign_save"),
		slack.NewInputBlock(InputAssignee, plain(r.text("assign_to")), plain(r.text("assign_hint")), who))
}

// choice is an input with a list to choose from.
func (r *Renderer) choice(id, label, placeholder string, options []*slack.OptionBlockObject) slack.Block {
	list := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(r.text(placeholder)), id, options...)
	return slack.NewInputBlock(id, plain(r.text(label)), nil, list)
}

// AnswerModal shows an answer to a user who asked in a view, where a reply in a channel is not seen.
func (r *Renderer) AnswerModal(m Message) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("smileybot"), Close: plain(r.text("mine_close")), Blocks: slack.Blocks{BlockSet: m.Blocks},
	}
}

// FormAgain is a form that was submitted and had no effect: why, and with the outcome and the words of the
// person in it, so that one press of its button tries again.
func (r *Renderer) FormAgain(form slack.ModalViewRequest, why Message, outcome followup.Outcome, words string) slack.ModalViewRequest {
	for _, b := range form.Blocks.BlockSet {
		input, _ := b.(*slack.InputBlock)
		if input == nil {
			continue
		}
		switch e := input.Element.(type) {
		case *slack.PlainTextInputBlockElement:
			e.InitialValue = words
		case *slack.SelectBlockElement:
			for _, o := range e.Options {
				if o.Value == string(outcome) {
					e.InitialOption = o
				}
			}
		}
	}
	form.Blocks.BlockSet = slices.Concat(why.Blocks, form.Blocks.BlockSet)
	return form
}

// maxQuotedUnits limits the comment in a modal, whose JSON may have 250 KB.
const maxQuotedUnits = maxElementUnits

// modal is about one feedback, so it begins with what its message says: the rating and the comment.
func (r *Renderer) modal(v followup.Snapshot, id, feedbackID, title, submit string, blocks ...slack.Block) slack.ModalViewRequest {
	about := []slack.RichTextElement{r.headline(v).section()}
	if comment := prose(v.Feedback.Comment); comment != "" {
		about = append(about, quote(cut(comment, maxQuotedUnits)))
	}
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      id,
		PrivateMetadata: feedbackID,
		Title:           plain(title),
		Submit:          plain(submit),
		Close:           plain(r.text("form_cancel")),
		Blocks:          slack.Blocks{BlockSet: append([]slack.Block{rich(about...)}, blocks...)},
	}
}
