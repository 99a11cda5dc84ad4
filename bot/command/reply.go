package command

import (
	"context"
	"errors"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
)

// replace puts an answer in the place of the one that was clicked.
func (h *Handler) replace(ctx context.Context, address string, a message.Message) {
	r := slackapi.Response{Type: slackapi.ResponseEphemeral, Text: a.Text, Blocks: a.Blocks, ReplaceOriginal: true}
	if err := h.slack.Respond(ctx, address, r); err != nil {
		h.log.WarnContext(ctx, "could not send an answer to slack", "error", err)
	}
}

// say answers through a response_url: to the person alone, or to the channel when shared. Blocks that
// Slack rejects are left out the second time, and if a chart was among them, the answers of the next
// day have none.
func (h *Handler) say(ctx context.Context, address string, a message.Message, shared bool) {
	charted := a.Chartless != nil && h.charts.drawn(h.now())
	if a.Chartless != nil && !charted {
		a.Blocks = a.Chartless
	}
	r := slackapi.Response{Type: slackapi.ResponseEphemeral, Text: a.Text, Blocks: a.Blocks}
	if shared {
		r.Type = slackapi.ResponseInChannel
	}
	err := h.slack.Respond(ctx, address, r)
	if rejected, ok := errors.AsType[*slackapi.RejectedError](err); ok && len(r.Blocks) > 0 {
		if charted && rejected.AboutContent() {
			h.charts.refused(ctx, h.now(), h.log)
		}
		h.log.WarnContext(ctx, "slack rejected an answer; will retry as plain text", "error", err)
		plain := a.Plain()
		r.Text, r.Blocks = plain.Text, plain.Blocks
		err = h.slack.Respond(ctx, address, r)
	}
	if err != nil {
		h.log.WarnContext(ctx, "could not send an answer to slack", "error", err)
	}
}
