package command

import (
	"context"
	"errors"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/score"
	"smileybot/store"
)

// excuse tells a person why there is no answer; channels are those whose members
// would have got one. What is not the person's doing is logged. Another
// workspace gets no excuse: then ok is false.
func (h *Handler) excuse(ctx context.Context, err error, asked label, channels []string) (a message.Message, ok bool) {
	var strange *score.QueryError
	switch {
	case errors.As(err, &strange):
		return h.speaker.NotUnderstood(strange.Word, strange.Reason, string(asked)), true
	case errors.Is(err, errOutsider):
		return h.speaker.NotAllowed(channels...), true
	case errors.Is(err, errElsewhere):
		return h.speaker.AgentsUnshared(channels...), true
	case errors.Is(err, store.ErrNotFound):
		return h.speaker.NotFound(), true
	}
	h.log.WarnContext(ctx, "command failed", "command", string(asked), "error", err)
	switch {
	case errors.Is(err, slackapi.ErrForeign):
		return message.Message{}, false
	case errors.Is(err, slackapi.ErrUnavailable):
		return h.speaker.Unchecked(), true
	default:
		return h.speaker.Failure(), true
	}
}
