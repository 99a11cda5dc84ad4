package command

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
)

// Interaction does what a pressed button or a submitted form asks for, and tells
// the person, and nobody else, what they would not see otherwise. What is none
// of smileybot's is ignored. A form is on its way within the 3 s that Slack gives
// for it. It returns when all is done, the person's Home tab included.
func (h *Handler) Interaction(ctx context.Context, c slack.InteractionCallback) {
	h.interact(ctx, c)
	h.homeOfActor(ctx, c.User.ID)
}

func (h *Handler) interact(ctx context.Context, c slack.InteractionCallback) {
	asked, began := labelOther, h.now()
	defer func() { h.took(asked, began) }()
	if f, ok := formOf(c); ok {
		asked = labelSubmit
		h.submit(ctx, f)
		return
	}
	for _, action := range c.ActionCallback.BlockActions {
		if action.ActionID == message.ActionPage {
			asked = labelPage
			h.turnPage(ctx, c, action.Value)
			return
		}
		if k, ok := clickOf(c, action); ok {
			asked = labelClick
			h.click(ctx, k)
			return
		}
		h.log.DebugContext(ctx, "ignored unknown button", "action_id", short(action.ActionID))
	}
}

// short bounds an id for the log.
func short(id string) string { return fmt.Sprintf("%.60q", id) }
