package command

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// click is a button that somebody pressed in the message of a feedback, or what they
// chose from a select there.
type click struct {
	// action is what to do with the follow-up, act with the feedback itself; one of them
	// is empty.
	action     feedback.Action
	act        feedback.Act
	feedbackID string
	// snooze goes with [feedback.ActionSnooze], to with [feedback.ActionAssign].
	snooze feedback.Snooze
	to     string
	// meant goes with the step, see [feedback.Step].
	meant func(now feedback.FollowUp) bool
	// revision is what the message showed when it was pressed.
	revision int64
	by       person
	trigger  string
	team     string
}

// clickOf reads a click; ok is false for what is none of ours.
func clickOf(c slack.InteractionCallback, a *slack.BlockAction) (k click, ok bool) {
	k.trigger, k.team = c.TriggerID, c.Team.ID
	k.feedbackID, k.revision = message.ParseBlockID(a.BlockID)
	k.feedbackID = cmp.Or(a.Value, k.feedbackID) // a select has no value of its own
	k.by = person{user: c.User.ID, channel: cmp.Or(c.Channel.ID, c.Container.ChannelID), responseURL: c.ResponseURL}
	k.snooze, k.to = feedback.Snooze(a.SelectedOption.Value), a.SelectedUser
	if k.action, ok = message.ParseActionID(a.ActionID); !ok {
		k.act, ok = message.ParseActID(a.ActionID)
	}
	return k, ok
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
		o.told = []message.Answer{h.speaker.FormFailed()}
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
	if err := h.admit(ctx, k.team, k.by); err != nil {
		return upshot{}, err
	}
	c, err := h.store.Case(ctx, k.feedbackID)
	if err != nil {
		return upshot{}, err
	}
	stale := k.revision != c.Feedback.Revision
	if k.act != "" {
		return h.pressAct(ctx, k, c, stale)
	}
	possible := slices.Contains(c.FollowUp.State.Actions(), k.action)
	switch {
	case !possible:
		return h.late(ctx, k)
	case stale && undoes(k, c.FollowUp):
		o, err := h.late(ctx, k)
		o.told = append(o.told, h.speaker.NotCounted())
		return o, err
	case k.action == feedback.ActionFinish:
		return h.finish(ctx, k, h.speaker.DoneModal(c, k.about()), stale)
	case k.action == feedback.ActionSnooze && !k.snooze.Known():
		return upshot{told: []message.Answer{h.speaker.UnknownSnooze()}}, nil
	case k.action == feedback.ActionAssign:
		return h.assign(ctx, k, c, stale)
	default:
		return h.step(ctx, k, stale)
	}
}

// undoes tells whether a click on an old copy could undo what somebody else has
// done since, unseen by the clicker: then it does not count. Everything else
// does what the clicker expects, or is found impossible.
func undoes(k click, f feedback.FollowUp) bool {
	switch k.action {
	case feedback.ActionReopen:
		return true
	case feedback.ActionClaim, feedback.ActionRelease, feedback.ActionSnooze, feedback.ActionAssign:
		return f.Claimer != "" && f.Claimer != k.by.user
	default:
		return false
	}
}

// late has the message shown anew and tells what is the case.
func (h *Handler) late(ctx context.Context, k click) (upshot, error) {
	c, err := h.refresh(ctx, k)
	if err != nil {
		return upshot{}, err
	}
	return upshot{told: []message.Answer{h.speaker.Late(k.action, c, k.by.user)}}, nil
}

func (h *Handler) refresh(ctx context.Context, k click) (feedback.Case, error) {
	c, err := h.store.Refresh(ctx, k.feedbackID, h.now())
	if err != nil {
		return feedback.Case{}, err
	}
	h.wake()
	return c, nil
}

// about is what a form that the click opens is about.
func (k click) about() string {
	return address{feedbackID: k.feedbackID, channel: k.by.channel}.String()
}

// finish asks in a form for the outcome, or for a reason.
func (h *Handler) finish(ctx context.Context, k click, form slack.ModalViewRequest, stale bool) (upshot, error) {
	if !stale {
		return upshot{form: &form}, nil
	}
	_, err := h.refresh(ctx, k)
	return upshot{form: &form, told: []message.Answer{h.speaker.Counted()}}, err
}

// assign hands a follow-up to somebody who may act on it, unless somebody else takes it
// or is handed it while Slack is asked who that is.
func (h *Handler) assign(ctx context.Context, k click, c feedback.Case, stale bool) (upshot, error) {
	if c.FollowUp.State == feedback.StateClaimed && c.FollowUp.Claimer == k.to {
		_, err := h.refresh(ctx, k)
		return upshot{told: []message.Answer{h.speaker.AlreadyTheirs(k.to)}}, err
	}
	err := h.door.admit(ctx, k.to, h.who(k.by))
	if errors.Is(err, errOutsider) {
		return upshot{told: []message.Answer{h.speaker.CannotTake(k.to, h.who(k.by))}}, nil
	}
	if err != nil {
		return upshot{}, err
	}
	k.meant = func(now feedback.FollowUp) bool { return now.Claimer == c.FollowUp.Claimer || !undoes(k, now) }
	return h.step(ctx, k, stale)
}

// step applies the click. When somebody was quicker after all, that is told.
func (h *Handler) step(ctx context.Context, k click, stale bool) (upshot, error) {
	now := h.now()
	step := feedback.Step{Action: k.action, By: k.by.user, To: k.to, Until: k.snooze.Until(now, h.hours), At: now, If: k.meant}
	late, err := h.apply(ctx, k.feedbackID, step)
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

// apply takes a step on a follow-up and has its message shown anew. late says why
// nothing came of it, when somebody was quicker.
func (h *Handler) apply(ctx context.Context, feedbackID string, step feedback.Step) (late *message.Answer, err error) {
	c, err := h.store.ApplyTransition(ctx, feedbackID, step)
	if _, quicker := errors.AsType[*feedback.NotPossibleError](err); quicker {
		h.wake()
		answer := h.speaker.Late(step.Action, c, step.By)
		return &answer, nil
	}
	h.wake() // also after an error: the step may have been taken all the same
	return nil, err
}

// admit lets people of our own workspace through who may act on the message.
func (h *Handler) admit(ctx context.Context, team string, p person) error {
	if err := h.Foreign(ctx, team); err != nil {
		return err
	}
	return h.door.admit(ctx, p.user, h.who(p))
}
