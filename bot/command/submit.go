package command

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// form is a submitted modal that says how a follow-up ended.
type form struct {
	about   address
	outcome feedback.Outcome
	note    string
	by      person
	team    string
}

// address is what a modal is about, and in which channel it was asked for; its
// text is the modal's private metadata, which only Slack and smileybot see.
type address struct{ feedbackID, channel string }

func (a address) String() string { return a.feedbackID + " " + a.channel }

// maxNote is the most that Slack's input takes, in characters.
const maxNote = 3000

// formOf reads a submission; ok is false for what is none of ours.
func formOf(c slack.InteractionCallback) (f form, ok bool) {
	if c.Type != slack.InteractionTypeViewSubmission || c.View.CallbackID != message.CallbackFinish {
		return form{}, false
	}
	f.team = c.Team.ID
	f.about.feedbackID, f.about.channel, _ = strings.Cut(c.View.PrivateMetadata, " ")
	f.by = person{user: c.User.ID, channel: f.about.channel}
	if c.View.State != nil {
		values := c.View.State.Values
		f.outcome = feedback.Outcome(values[message.InputOutcome][message.InputOutcome].SelectedOption.Value)
		f.note = noteOf(values[message.InputNote][message.InputNote].Value)
	}
	return f, true
}

// noteOf is a note as it is kept, no longer than Slack lets it be.
func noteOf(typed string) string {
	note := []rune(strings.TrimSpace(typed))
	return string(note[:min(len(note), maxNote)])
}

// submit ends a follow-up. What comes too late is told, with what was typed, so
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
		h.tell(ctx, f.by, message.Together(*told, h.speaker.NoteBack(f.note)))
	}
}

// done applies a submission; told says why it did not count.
func (h *Handler) done(ctx context.Context, f form) (told *message.Answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, thinking)
	defer cancel()
	if err := h.admit(ctx, f.team, f.by); err != nil {
		return nil, err
	}
	if !f.outcome.Known() {
		answer := h.speaker.UnknownOutcome()
		return &answer, nil
	}
	step := feedback.Step{Action: feedback.ActionFinish, By: f.by.user, Outcome: f.outcome, Note: f.note, At: h.now()}
	return h.apply(ctx, f.about.feedbackID, step)
}
