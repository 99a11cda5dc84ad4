package command

import (
	"context"
	"errors"
	"slices"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// pressAct does what a click asks for that is about whether a feedback counts.
func (h *Handler) pressAct(ctx context.Context, k click, c followup.Snapshot, stale bool) (upshot, error) {
	possible := slices.Contains(c.Feedback.PossibleModerations(), k.act)
	switch {
	case !possible:
		return h.lateAct(ctx, k)
	case stale && k.act == feedback.ModerationRestore: // it may have been voided anew, for a reason unseen
		o, err := h.lateAct(ctx, k)
		o.told = append(o.told, h.speaker.NotCounted())
		return o, err
	case k.act == feedback.ModerationVoid:
		return h.finish(ctx, k, h.speaker.VoidModal(c, k.about()), stale)
	}
	late, err := h.rule(ctx, k.feedbackID, feedback.Moderation{Action: k.act, By: k.by.user, At: h.now()})
	switch {
	case err != nil:
		return upshot{}, err
	case late != nil:
		return upshot{told: []message.Answer{*late}}, nil
	case stale:
		return upshot{told: []message.Answer{h.speaker.Counted()}}, nil
	default:
		return upshot{}, nil
	}
}

// lateAct has the message shown anew and tells what is the case.
func (h *Handler) lateAct(ctx context.Context, k click) (upshot, error) {
	c, err := h.refresh(ctx, k)
	if err != nil {
		return upshot{}, err
	}
	return upshot{told: []message.Answer{h.speaker.LateAct(c.Feedback)}}, nil
}

// rule applies an act and has the message shown anew. late says why nothing came of it,
// when somebody was quicker.
func (h *Handler) rule(ctx context.Context, feedbackID string, r feedback.Moderation) (late *message.Answer, err error) {
	c, err := h.store.Rule(ctx, feedbackID, r)
	h.wake() // also after an error: it may have been applied all the same
	if _, quicker := errors.AsType[*feedback.ModerationRefusedError](err); quicker {
		answer := h.speaker.LateAct(c.Feedback)
		return &answer, nil
	}
	return nil, err
}
