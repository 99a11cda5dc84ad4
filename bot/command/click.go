package command

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/store"
)

// click is a button that somebody pressed in the message of a feedback.
type click struct {
	action     feedback.Action
	feedbackID string
	// revision is what the message showed when it was pressed.
	revision int64
	by       person
	trigger  string
	team     string
}

// clickOf reads a click; ok is false for what is none of ours.
func clickOf(c slack.InteractionCallback, a *slack.BlockAction) (k click, ok bool) {
	name, id := a.ActionID, a.Value
	block := strings.Split(a.BlockID, ":")
	if len(block) == 3 && block[0] == "feedback" {
		k.feedbackID = block[1]
		k.revision, _ = strconv.ParseInt(block[2], 10, 64) // 0, none of ours, when it is no number
	}
	if a.Type == slack.ActionType(slack.METOverflow) {
		name, id = a.SelectedOption.Value, k.feedbackID
	}
	k.feedbackID, k.trigger, k.team = id, c.TriggerID, c.Team.ID
	k.by = person{user: c.User.ID, channel: cmp.Or(c.Channel.ID, c.Container.ChannelID), responseURL: c.ResponseURL}
	k.action, ok = actionOf(name)
	return k, ok
}

// actionOf is what the button of that name does.
func actionOf(name string) (feedback.Action, bool) {
	switch name {
	case message.ActionClaim:
		return feedback.ActionClaim, true
	case message.ActionRelease:
		return feedback.ActionRelease, true
	case message.ActionReopen:
		return feedback.ActionReopen, true
	case message.ActionOpen:
		return feedback.ActionOpen, true
	case message.ActionFinish:
		return feedback.ActionFinish, true
	default:
		return "", false
	}
}

// click does what a click asks for. The message changes by itself; the clicker
// hears only what it will not show them.
func (h *Handler) click(ctx context.Context, k click) {
	o, err := h.press(ctx, k)
	if err != nil {
		if excuse, ok := h.excuse(ctx, err, labelClick, h.who(k.by)); ok {
			h.tell(ctx, k.by, excuse)
		}
		return
	}
	if o.form != nil && !h.opened(ctx, k, *o.form) {
		o.told = []message.Answer{message.FormFailed()}
	}
	if len(o.told) > 0 {
		h.tell(ctx, k.by, message.Together(o.told...))
	}
}

func (h *Handler) opened(ctx context.Context, k click, form slack.ModalViewRequest) bool {
	err := h.slack.open(ctx, k.trigger, form)
	if err != nil {
		h.log.WarnContext(ctx, "a form could not be opened", "error", err)
	}
	return err == nil
}

// who lists the channels whose members may act on a message.
func (h *Handler) who(p person) []string {
	return distinct(append([]string{p.channel}, h.channels...)...)
}

// upshot is what comes of a click: a form to be opened, words for the clicker.
type upshot struct {
	form *slack.ModalViewRequest
	told []message.Answer
}

// press finds out what a click means by now, and applies it.
func (h *Handler) press(ctx context.Context, k click) (upshot, error) {
	ctx, cancel := context.WithTimeout(ctx, thinking)
	defer cancel()
	if err := h.Foreign(ctx, k.team); err != nil {
		return upshot{}, err
	}
	if err := h.door.admit(ctx, k.by.user, h.who(k.by)); err != nil {
		return upshot{}, err
	}
	c, err := h.store.Case(ctx, k.feedbackID)
	if err != nil {
		return upshot{}, err
	}
	possible := slices.Contains(c.FollowUp.State.Actions(), k.action)
	stale := k.revision != c.Feedback.Revision
	switch {
	case !possible:
		return h.late(ctx, k)
	case stale && undoes(k, c.FollowUp):
		o, err := h.late(ctx, k)
		o.told = append(o.told, message.NotCounted())
		return o, err
	case k.action == feedback.ActionFinish:
		return h.finish(ctx, k, c, stale)
	default:
		return h.step(ctx, k, stale)
	}
}

// undoes tells whether a click on an old copy could undo what somebody else has
// done since, unseen by the clicker: then it does not count. Everything else
// does what the clicker expects, or is found impossible.
func undoes(k click, f feedback.FollowUp) bool {
	return k.action == feedback.ActionReopen || k.action == feedback.ActionRelease && f.Claimer != k.by.user
}

// late has the message shown anew and tells what is the case.
func (h *Handler) late(ctx context.Context, k click) (upshot, error) {
	c, err := h.refresh(ctx, k)
	if err != nil {
		return upshot{}, err
	}
	return upshot{told: []message.Answer{message.Late(k.action, c.FollowUp, k.by.user)}}, nil
}

func (h *Handler) refresh(ctx context.Context, k click) (store.Case, error) {
	c, err := h.store.Refresh(ctx, k.feedbackID, h.now())
	if err != nil {
		return store.Case{}, err
	}
	h.wake()
	return c, nil
}

// finish asks for the outcome.
func (h *Handler) finish(ctx context.Context, k click, c store.Case, stale bool) (upshot, error) {
	form := message.DoneModal(view(c))
	form.PrivateMetadata = address{feedbackID: k.feedbackID, channel: k.by.channel}.String()
	if !stale {
		return upshot{form: &form}, nil
	}
	_, err := h.refresh(ctx, k)
	return upshot{form: &form, told: []message.Answer{message.Counted()}}, err
}

// step applies the click. When somebody was quicker after all, that is told.
func (h *Handler) step(ctx context.Context, k click, stale bool) (upshot, error) {
	c, err := h.store.Step(ctx, k.feedbackID, feedback.Step{Action: k.action, By: k.by.user, At: h.now()})
	var late *feedback.NotPossibleError
	switch {
	case errors.As(err, &late):
		h.wake()
		return upshot{told: []message.Answer{message.Late(k.action, c.FollowUp, k.by.user)}}, nil
	case err != nil:
		return upshot{}, err
	}
	h.wake()
	if stale {
		return upshot{told: []message.Answer{message.Counted()}}, nil
	}
	return upshot{}, nil
}
