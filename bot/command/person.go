package command

import (
	"context"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
)

// person is whom an answer is for.
type person struct {
	user string
	// channel is where the person acted.
	channel string
	// responseURL is empty after a modal.
	responseURL string
}

// tell answers a person alone.
func (h *Handler) tell(ctx context.Context, p person, a message.Message) {
	if p.responseURL != "" {
		h.say(ctx, p.responseURL, a, false)
		return
	}
	for _, channel := range distinct(append([]string{p.channel}, h.channels...)...) {
		err := h.whisper(ctx, channel, p.user, a)
		if err == nil {
			return
		}
		h.log.WarnContext(ctx, "could not send an answer to slack", "slack_channel", channel, "error", err)
		if slackapi.Code(err) == "" {
			return // It may have arrived, so it is not said elsewhere.
		}
	}
}

// whisper shows a person an answer in a channel. Blocks that Slack refuses are
// left out the second time.
func (h *Handler) whisper(ctx context.Context, channel, user string, a message.Message) error {
	err := h.slack.PostEphemeral(ctx, channel, user, slack.MsgOptionText(a.Text, false), slack.MsgOptionBlocks(a.Blocks...))
	switch slackapi.Code(err) {
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long":
		h.log.WarnContext(ctx, "slack rejected an answer; will retry as plain text", "error", err)
		return h.slack.PostEphemeral(ctx, channel, user, slack.MsgOptionText(a.Plain().Text, false))
	}
	return err
}
