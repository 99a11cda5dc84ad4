package command

import (
	"context"
	"encoding/json"
)

// Event is something that happened in Slack and that the app is subscribed to.
type Event struct {
	// TeamID is the workspace that it claims to be of.
	TeamID string
	// Type is what happened, such as app_home_opened.
	Type string
	// Inner is the event itself, a JSON object of the shape that its type has
	// (https://docs.slack.dev/reference/events).
	Inner json.RawMessage
}

// Event does what an event of the own workspace asks for. What smileybot does
// not know is ignored. Slack may tell the same event again: doing it twice must
// do no harm.
func (h *Handler) Event(ctx context.Context, e Event) {
	if err := h.Foreign(ctx, e.TeamID); err != nil {
		h.log.WarnContext(ctx, "an event was left", "type", short(e.Type), "error", err)
		return
	}
	if e.Type == eventHomeOpened {
		h.homeOpened(ctx, e)
		return
	}
	h.log.DebugContext(ctx, "an unknown event", "type", short(e.Type))
}
