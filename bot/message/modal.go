package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback/followup"
)

// The ids of the modal that asks how a follow-up ended. Each input's block id
// and action id are the same.
const (
	CallbackFinish = "followup_done"
	InputOutcome   = "outcome" // one of [followup.Outcomes]
	InputNote      = "note"    // optional text
)

// The ids of the modal that asks why a feedback does not count.
const (
	CallbackVoid = "feedback_void"
	InputReason  = "reason" // required text
)

// MaxReasonUnits is how long a reason may be, in UTF-16 units.
const MaxReasonUnits = 500

// VoidModal asks why a feedback does not count. about comes back as its private
// metadata.
func (s *Speaker) VoidModal(v followup.Snapshot, about string) slack.ModalViewRequest {
	reason := slack.NewPlainTextInputBlockElement(nil, InputReason).WithMultiline(true).WithMaxLength(MaxReasonUnits)
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      CallbackVoid,
		PrivateMetadata: about,
		Title:           plain(s.say("void_title")),
		Submit:          plain(s.say("void_save")),
		Close:           plain(s.say("form_cancel")),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			rich(s.headline(v.Feedback).section()),
			slack.NewInputBlock(InputReason, plain(s.say("void_reason")), plain(s.say("void_hint")), reason),
		}},
	}
}

// DoneModal asks for the outcome of a follow-up and for a note. about says what
// the answer belongs to: it comes back as the modal's private metadata, which
// only Slack and smileybot see.
func (s *Speaker) DoneModal(v followup.Snapshot, about string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      CallbackFinish,
		PrivateMetadata: about,
		Title:           plain(s.say("form_title")),
		Submit:          plain(s.say("form_save")),
		Close:           plain(s.say("form_cancel")),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			rich(s.headline(v.Feedback).section()),
			s.outcomeInput(),
			s.noteInput(),
		}},
	}
}

func (s *Speaker) outcomeInput() slack.Block {
	var options []*slack.OptionBlockObject
	for _, outcome := range followup.Outcomes() {
		options = append(options, slack.NewOptionBlockObject(string(outcome), plain(s.outcomeWord(outcome)), nil))
	}
	choice := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(s.say("form_outcome_hint")), InputOutcome, options...)
	return slack.NewInputBlock(InputOutcome, plain(s.say("form_outcome")), nil, choice)
}

func (s *Speaker) noteInput() slack.Block {
	note := slack.NewPlainTextInputBlockElement(nil, InputNote).
		WithMultiline(true).
		WithMaxLength(maxNoteUnits)
	return slack.NewInputBlock(InputNote, plain(s.say("form_note")), plain(s.say("form_note_hint")), note).WithOptional(true)
}
