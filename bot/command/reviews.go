package command

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback/score"
	"smileybot/store"
)

// reviews answers with the stars of a period, which are for everyone, and with the
// reviews in it that nobody has answered. Which they are is for those who may see the
// queue, and is not shared: it names customers. Asked about an agent, it is the stars
// alone, because a review site knows of none.
func (h *Handler) reviews(ctx context.Context, c slack.SlashCommand, q score.Query) (message.Message, error) {
	if err := h.personal(ctx, c, q); err != nil {
		return message.Message{}, err
	}
	q.GroupsNow = true
	reports, err := h.store.Reports(ctx, q)
	if err != nil {
		return message.Message{}, err
	}
	if q.Filter.Agent != "" {
		return h.speaker.Score(reports, h.now()), nil
	}
	r := message.Reviews{Reports: reports, Channels: h.channels, Now: h.now()}
	r.Hidden = h.hidden(ctx, c.UserID, q)
	page := store.Page{Limit: message.ReviewsRoom}
	if r.Hidden != "" {
		page.Limit = 0
	}
	waiting, err := h.store.Unanswered(ctx, q.Period, q.Filter.Channel, page)
	if err != nil {
		return message.Message{}, err
	}
	r.Waiting.Total = waiting.Total
	if len(waiting.First) > 0 {
		own, err := h.slack.Workspace(ctx)
		if err != nil {
			return message.Message{}, err
		}
		r.Waiting.Entries = linked(own, waiting.First)
	}
	return h.speaker.Reviews(r), nil
}

// hidden tells why somebody is not told which reviews wait for a reply.
func (h *Handler) hidden(ctx context.Context, user string, q score.Query) message.Hidden {
	if q.Share {
		return message.HiddenWhenShared
	}
	switch err := h.door.admit(ctx, user, h.channels); {
	case err == nil:
		return ""
	case errors.Is(err, errOutsider):
		return message.HiddenFromOutsider
	default:
		h.log.WarnContext(ctx, "could not list reviews", "error", err)
		return message.HiddenUnchecked
	}
}
