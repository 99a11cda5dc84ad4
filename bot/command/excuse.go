package command

import (
	"context"
	"errors"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/store"
)

// excuse tells a person why there is no answer; channels are those whose members
// would have got one. What is not the person's doing is logged. Another
// workspace gets no excuse: then ok is false.
func (h *Handler) excuse(ctx context.Context, err error, asked label, channels []string) (a message.Answer, ok bool) {
	var strange *feedback.PeriodError
	switch {
	case errors.As(err, &strange):
		return message.NotUnderstood(strange.Word, strange.Reason, examples(asked)...), true
	case errors.Is(err, errOutsider):
		return message.NotAllowed(channels...), true
	case errors.Is(err, store.ErrNotFound):
		return message.NotFound(), true
	}
	h.log.WarnContext(ctx, "a person got no answer", "command", string(asked), "error", err)
	switch {
	case errors.Is(err, ErrForeign):
		return message.Answer{}, false
	case errors.Is(err, ErrUnasked):
		return message.Unchecked(), true
	default:
		return message.Trouble(), true
	}
}

// examples are three that work, of what was asked if that is known.
func examples(asked label) []string {
	switch asked {
	case labelNPS, labelCSAT, labelSmileys:
		command := "/" + string(asked)
		return []string{command + " month", command + " last week", command + " 30d share"}
	case labelFollowUps:
		return []string{"/followups", "/smileybot followups", "/smileybot check"}
	default:
		return []string{"/nps month", "/csat last week", "/smileybot check"}
	}
}
