package command

import (
	"context"

	"smileybot/bot/slackapi"
)

// Event does what an event of the own slackapi.Workspace asks for. What smileybot does
// not know is ignored. Slack may tell the same event again: doing it twice must
// do no harm.
func (h *Handler) Event(ctx context.Context, e slackapi.Event) {
	if err := h.slack.CheckTeam(ctx, e.TeamID); err != nil {
		h.log.WarnContext(ctx, "ignored event of another workspace", "type", short(e.Type), "error", err)
		return
	}
	if e.Type == eventHomeOpened {
		h.homeOpened(ctx, e)
		return
	}
	h.log.DebugContext(ctx, "ignored unknown event", "type", short(e.Type))
}
