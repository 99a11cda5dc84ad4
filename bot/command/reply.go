package command

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/score"
	"smileybot/store"
)

// replyTarget is the user that a reply is for.
type replyTarget struct {
	user string
	// channel is that of the feedback's message, "" before it is posted.
	channel string
	// responseURL is empty after a modal.
	responseURL string
}

// channelsOf lists the channels whose members may act on the feedback.
func (h *Handler) channelsOf(to replyTarget) []string {
	return distinct(append([]string{to.channel}, h.channels...)...)
}

// reply answers a user alone.
func (h *Handler) reply(ctx context.Context, to replyTarget, m message.Message) {
	if to.responseURL != "" {
		h.respond(ctx, to.responseURL, m, false)
		return
	}
	for _, channel := range h.channelsOf(to) {
		err := h.postEphemeral(ctx, channel, to.user, m)
		if err == nil {
			return
		}
		h.log.WarnContext(ctx, "could not send an answer to slack", "slack_channel", channel, "error", err)
		if slackapi.Code(err) == "" {
			return // it may have arrived, so it is not repeated in another channel
		}
	}
}

// longestFailure bounds how long an answer waits for Slack to take it. Who waits longer asks again.
const longestFailure = time.Minute

// twice sends an answer, and once more when Slack fails, after a second or as long as Slack asks.
func twice(ctx context.Context, shared bool, send func(context.Context) error) error {
	err := send(ctx)
	wait, ok := slackapi.Repeatable(err, shared)
	if !ok || wait > longestFailure {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait+slackapi.Timeout)
	defer cancel()
	select {
	case <-time.After(wait):
		return send(ctx)
	case <-ctx.Done():
		return err
	}
}

// send answers through a response_url.
func (h *Handler) send(ctx context.Context, address string, r slackapi.Response) error {
	return twice(ctx, r.Type == slackapi.ResponseInChannel, func(ctx context.Context) error { return h.slack.Respond(ctx, address, r) })
}

// postEphemeral shows a message to one user of a channel; when Slack rejects the blocks, without them.
func (h *Handler) postEphemeral(ctx context.Context, channel, user string, m message.Message) error {
	err := twice(ctx, false, func(ctx context.Context) error {
		return h.slack.PostEphemeral(ctx, channel, user, slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...))
	})
	switch slackapi.Code(err) {
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long":
		h.log.WarnContext(ctx, "slack rejected an answer; will retry as plain text", "error", err)
		return h.slack.PostEphemeral(ctx, channel, user, slack.MsgOptionText(m.Plain().Text, false))
	}
	return err
}

// chartless is for how long answers have no charts and tables after Slack has rejected one. A workspace does not
// change its mind by the hour, and each rejection costs the asker the blocks of an answer.
const chartless = 24 * time.Hour

// respond answers through a response_url: to the user alone, or to the channel when shared. When Slack
// rejects the blocks, it sends plain text, and if a chart or a table was among them, leaves both out for a day.
// When Slack does not say whether the channel has a shared answer, the user alone learns that.
func (h *Handler) respond(ctx context.Context, address string, m message.Message, shared bool) {
	charted := m.Chartless != nil && h.now().UnixNano() >= h.chartsAgain.Load()
	if m.Chartless != nil && !charted {
		m.Blocks = m.Chartless
	}
	r := slackapi.Response{Type: slackapi.ResponseEphemeral, Text: m.Text, Blocks: m.Blocks}
	if shared {
		r.Type = slackapi.ResponseInChannel
	}
	err := h.send(ctx, address, r)
	if rejected, ok := errors.AsType[*slackapi.RejectedError](err); ok && len(r.Blocks) > 0 {
		if charted && rejected.AboutContent() {
			h.omitCharts(ctx)
		}
		h.log.WarnContext(ctx, "slack rejected an answer; will retry as plain text", "error", err)
		plain := m.Plain()
		r.Text, r.Blocks = plain.Text, plain.Blocks
		err = h.send(ctx, address, r)
	}
	if err == nil {
		return
	}
	h.log.WarnContext(ctx, "could not send an answer to slack", "error", err)
	if _, unsure := slackapi.Repeatable(err, false); shared && unsure {
		h.respond(context.WithoutCancel(ctx), address, h.renderer.Reply(message.PerhapsShared), false)
	}
}

// omitCharts leaves charts and tables out for a day after Slack rejected one, and logs so once.
func (h *Handler) omitCharts(ctx context.Context) {
	h.chartRefusals.Inc()
	now := h.now()
	again := now.Add(chartless)
	if before := h.chartsAgain.Load(); before <= now.UnixNano() && h.chartsAgain.CompareAndSwap(before, again.UnixNano()) {
		h.log.WarnContext(ctx, "slack rejected a chart or table; answers have neither for a day", "until", again)
	}
}

// respondError answers through a response_url why there is no answer.
func (h *Handler) respondError(ctx context.Context, address string, err error, asked label) {
	if m, ok := h.errorReply(ctx, err, asked, h.channels); ok {
		h.respond(ctx, address, m, false)
	}
}

// errorReply explains why there is no answer; members of channels would have received one. It logs what
// the user did not cause. A user of another workspace gets no reply: then ok is false.
func (h *Handler) errorReply(ctx context.Context, err error, asked label, channels []string) (m message.Message, ok bool) {
	var misread *score.QueryError
	switch {
	case errors.As(err, &misread):
		return h.renderer.NotUnderstood(misread, string(asked)), true
	case errors.Is(err, errGuest):
		return h.renderer.NotForGuests(channels...), true
	case errors.Is(err, errStranger):
		return h.renderer.NotForStrangers(channels...), true
	case errors.Is(err, errOutsider):
		return h.renderer.NotAllowed(channels...), true
	case errors.Is(err, errElsewhere):
		return h.renderer.AgentsUnshared(channels...), true
	case errors.Is(err, store.ErrNotFound):
		return h.renderer.Reply(message.NotFound), true
	}
	h.log.WarnContext(ctx, "command failed", "command", string(asked), "error", err)
	scope, unscoped := slackapi.MissingScope(err)
	switch {
	case errors.Is(err, slackapi.ErrForeign):
		return m, false
	case unscoped:
		return h.renderer.Unscoped(scope), true
	case errors.Is(err, slackapi.ErrUnavailable):
		return h.renderer.Reply(message.Unchecked), true
	default:
		return h.renderer.Reply(message.Failure), true
	}
}
