package command

import (
	"context"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// form is a submitted modal: how a follow-up ended, or why a feedback does not count.
type form struct {
	callback string
	about    address
	outcome  feedback.Outcome
	// words are the note, or the reason.
	words string
	by    person
	team  string
}

// address is what a modal is about, and in which channel it was asked for; its
// text is the modal's private metadata, which only Slack and smileybot see.
type address struct{ feedbackID, channel string }

func (a address) String() string { return a.feedbackID + " " + a.channel }

// maxNote is the most that Slack's input of a note takes, in characters.
const maxNote = 3000

// formOf reads a submission; ok is false for what is none of ours.
func formOf(c slack.InteractionCallback) (f form, ok bool) {
	ours := []string{message.CallbackFinish, message.CallbackVoid}
	if c.Type != slack.InteractionTypeViewSubmission || !slices.Contains(ours, c.View.CallbackID) {
		return form{}, false
	}
	f.callback, f.team = c.View.CallbackID, c.Team.ID
	f.about.feedbackID, f.about.channel, _ = strings.Cut(c.View.PrivateMetadata, " ")
	f.by = person{user: c.User.ID, channel: f.about.channel}
	if c.View.State != nil {
		values := c.View.State.Values
		f.outcome = feedback.Outcome(values[message.InputOutcome][message.InputOutcome].SelectedOption.Value)
		f.words = wordsOf(values[message.InputNote][message.InputNote].Value, maxNote)
		if f.callback == message.CallbackVoid {
			f.words = wordsOf(values[message.InputReason][message.InputReason].Value, message.MaxReasonUnits)
		}
	}
	return f, true
}

// wordsOf is what was typed as it is kept, no longer than Slack lets it be.
func wordsOf(typed string, most int) string {
	words := []rune(strings.TrimSpace(typed))
	return string(words[:min(len(words), most)])
}

// submit does what a form asks for. What comes too late is told, with what was typed, so
// that it is not lost with the form.
func (h *Handler) submit(ctx context.Context, f form) {
	told, err := h.done(ctx, f)
	if err != nil {
		excuse, ok := h.excuse(ctx, err, labelSubmit, h.who(f.by))
		if !ok {
			return
		}
		told = &excuse
	}
	if told != nil {
		h.tell(ctx, f.by, message.Together(*told, h.speaker.NoteBack(f.words)))
	}
}

// done applies a submission; told says why it did not count.
func (h *Handler) done(ctx context.Context, f form) (told *message.Answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := h.admit(ctx, f.team, f.by); err != nil {
		return nil, err
	}
	if f.callback == message.CallbackVoid {
		if f.words == "" {
			answer := h.speaker.ReasonMissing()
			return &answer, nil
		}
		return h.rule(ctx, f.about.feedbackID, feedback.Ruling{Act: feedback.ActVoid, By: f.by.user, Reason: f.words, At: h.now()})
	}
	if !f.outcome.Known() {
		answer := h.speaker.UnknownOutcome()
		return &answer, nil
	}
	step := feedback.Step{Action: feedback.ActionFinish, By: f.by.user, Outcome: f.outcome, Note: f.words, At: h.now()}
	return h.apply(ctx, f.about.feedbackID, step)
}
