package bot

import (
	"time"

	"smileybot/bot/outbox"
	"smileybot/bot/message"
)

// outgoingMethod is how a trouble with the outgoing webhook is told apart from one with
// Slack.
const outgoingMethod = "outgoing_webhook"

// troubles lists what is wrong now, with Slack first.
func (b *Bot) troubles() []outbox.Trouble {
	troubles := b.deliverer.Troubles()
	if b.socket != nil {
		troubles = append(troubles, b.socket.state.troubles(time.Now())...)
	}
	if b.teller != nil {
		if t := b.teller.Trouble(); t.Reason != "" {
			cure := message.NewRenderer(message.Options{}).OutgoingRemedy()
			troubles = append(troubles, outbox.Trouble{Method: outgoingMethod, Reason: t.Reason, Cure: cure, Since: t.Since})
		}
	}
	return troubles
}
