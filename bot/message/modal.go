package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// The ids of the modal that asks how a follow-up ended. Each input's block id
// and action id are the same.
const (
	CallbackFinish = "followup_done"
	InputOutcome   = "outcome" // one of [feedback.Outcomes]
	InputNote      = "note"    // optional text
)

// DoneModal asks for the outcome of a follow-up and for a note. about says what
// the answer belongs to: it comes back as the modal's private metadata, which
// only Slack and smileybot see.
func DoneModal(v feedback.Case, about string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      CallbackFinish,
		PrivateMetadata: about,
		Title:           plain(wordModalTitle),
		Submit:          plain(wordModalSave),
		Close:           plain(wordModalCancel),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			rich(headline(v.Feedback).section()),
			outcomeInput(),
			noteInput(),
		}},
	}
}

func outcomeInput() slack.Block {
	var options []*slack.OptionBlockObject
	for _, outcome := range feedback.Outcomes() {
		options = append(options, slack.NewOptionBlockObject(string(outcome), plain(outcomeWord(outcome)), nil))
	}
	choice := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(wordOutcomePlaceholder), InputOutcome, options...)
	return slack.NewInputBlock(InputOutcome, plain(wordOutcome), nil, choice)
}

func noteInput() slack.Block {
	note := slack.NewPlainTextInputBlockElement(nil, InputNote).
		WithMultiline(true).
		WithMaxLength(maxNoteUnits)
	return slack.NewInputBlock(InputNote, plain(wordNote), plain(wordNoteHint), note).WithOptional(true)
}
