package command

import (
	"context"
	"errors"
	"slices"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// pressAct does what a click asks for that is about whether a feedback counts.
func (h *Handler) pressAct(ctx context.Context, k click, c feedback.Case, stale bool) (upshot, error) {
	possible := slices.Contains(c.Feedback.Acts(), k.act)
	switch {
	case !possible:
		return h.lateAct(ctx, k)
	case stale && k.act == feedback.ActRestore: // it may have been voided anew, for a reason unseen
		o, err := h.lateAct(ctx, k)
		o.told = append(o.told, h.speaker.NotCounted())
		return o, err
	case k.act == feedback.ActVoid:
		return h.finish(ctx, k, h.speaker.VoidModal(c, k.about()), stale)
	}
	late, err := h.rule(ctx, k.feedbackID, feedback.Ruling{Act: k.act, By: k.by.user, At: h.now()})
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
func (h *Handler) rule(ctx context.Context, feedbackID string, r feedback.Ruling) (late *message.Answer, err error) {
	c, err := h.store.Moderate(ctx, feedbackID, r)
	h.wake() // also after an error: it may have been applied all the same
	if _, quicker := errors.AsType[*feedback.ActRefusedError](err); quicker {
		answer := h.speaker.LateAct(c.Feedback)
		return &answer, nil
	}
	return nil, err
}
