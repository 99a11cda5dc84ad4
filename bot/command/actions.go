package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// action is what one button, select or form of a feedback's message does.
type action struct {
	// possible reports whether the present state allows it.
	possible func(now followup.Snapshot) bool
	// refused says why the present state does not allow it.
	refused func(k click, now followup.Snapshot) message.Message
	// form asks for the rest in a modal before it applies; nil for an action without a form.
	form func(now followup.Snapshot, feedbackID string) slack.ModalViewRequest
	// reads means that it changes nothing, so that it does not matter how old the message is.
	reads bool
	// apply changes the store. reply is what the clicker reads: why nothing changed, or what was asked.
	apply func(ctx context.Context, k click, now followup.Snapshot) (reply *message.Message, err error)
}

// actionTable has every action by its action_id, which is also the callback_id of its form.
func (h *Handler) actionTable() map[string]action {
	table := make(map[string]action)
	for a, entry := range map[followup.Action]action{
		followup.ActionOpen:    {},
		followup.ActionClaim:   {},
		followup.ActionRelease: {},
		followup.ActionReopen:  {},
		followup.ActionSnooze:  {form: h.renderer.SnoozeModal, apply: h.snooze},
		followup.ActionAssign:  {form: h.renderer.AssignModal, apply: h.assign},
		followup.ActionFinish:  {form: h.renderer.DoneModal, apply: h.finish},
	} {
		entry.possible = func(now followup.Snapshot) bool { return slices.Contains(now.FollowUp.State.Actions(), a) }
		entry.refused = func(k click, now followup.Snapshot) message.Message { return h.renderer.StaleClick(a, now, k.by.user) }
		if entry.apply == nil {
			entry.apply = func(ctx context.Context, k click, _ followup.Snapshot) (*message.Message, error) {
				return h.transition(ctx, k, followup.Transition{Action: a})
			}
		}
		table[message.ActionID(a)] = entry
	}
	for a, entry := range map[feedback.ModerationAction]action{
		feedback.ModerationConfirm: {},
		feedback.ModerationVoid:    {form: h.renderer.VoidModal},
		feedback.ModerationRestore: {},
	} {
		entry.possible = func(now followup.Snapshot) bool { return slices.Contains(now.Feedback.PossibleModerations(), a) }
		entry.refused = func(_ click, now followup.Snapshot) message.Message { return h.renderer.StaleModeration(now.Feedback) }
		entry.apply = func(ctx context.Context, k click, _ followup.Snapshot) (*message.Message, error) {
			return h.moderate(ctx, k, a)
		}
		table[message.ModerationID(a)] = entry
	}
	table[message.ShortcutClaim] = table[message.ActionID(followup.ActionClaim)]
	table[message.ShortcutOpen] = h.openByHand()
	unknown := func(click, followup.Snapshot) message.Message { return h.renderer.Customer(message.Customer{}) }
	table[message.ActionHistory] = action{
		possible: func(now followup.Snapshot) bool { return now.Feedback.Customer.Known() },
		refused:  unknown, reads: true, apply: h.history,
	}
	return table
}

// openByHand opens a follow-up, for the first time or again.
func (h *Handler) openByHand() action {
	opens := func(now followup.Snapshot) followup.Action {
		if now.FollowUp.State == followup.StateNone {
			return followup.ActionOpen
		}
		return followup.ActionReopen
	}
	return action{
		possible: func(now followup.Snapshot) bool {
			return !now.Feedback.Voided() && slices.Contains(now.FollowUp.State.Actions(), opens(now))
		},
		refused: func(k click, now followup.Snapshot) message.Message {
			return h.renderer.StaleClick(followup.ActionOpen, now, k.by.user)
		},
		apply: func(ctx context.Context, k click, now followup.Snapshot) (*message.Message, error) {
			return h.transition(ctx, k, followup.Transition{Action: opens(now)})
		},
	}
}

// click does what a click asks for and replies to the clicker with what the message does not show.
func (h *Handler) click(ctx context.Context, k click, asked label) {
	var form *slack.ModalViewRequest
	var replies []message.Message
	channel, err := h.store.MessageChannel(ctx, k.feedbackID)
	if err == nil {
		k.by.channel = channel
		form, replies, err = h.act(ctx, k)
	}
	if err != nil {
		m, ok := h.errorReply(ctx, err, asked, h.channelsOf(k.by))
		if !ok {
			if k.words == "" {
				return
			}
			m = h.renderer.Reply(message.Foreign) // what was typed is given back
		}
		form, replies = nil, []message.Message{m}
	}
	if form != nil {
		if err := h.slack.OpenModal(ctx, k.trigger, *form, k.listed != ""); err != nil {
			h.log.WarnContext(ctx, "could not open a modal", "error", err)
			replies = []message.Message{h.renderer.Reply(message.FormFailed)}
		}
	}
	if k.listed != "" && form == nil {
		h.refreshMine(ctx, k.by.user, k.listed)
	}
	if len(replies) == 0 {
		return
	}
	if k.submitted && k.words != "" { // so that it is not lost with the form
		h.reopen(ctx, k, message.Together(replies...), err == nil)
		replies = append(replies, h.renderer.NoteBack(k.words))
	}
	if all := message.Together(replies...); !h.replyInView(ctx, k, all) {
		h.reply(ctx, k.by, all)
	}
}

// reopen shows what a person typed in a form that had no effect, and why: in the form again, when it may be
// submitted again, and else to be copied. The reply in a channel has the words as well, until Slack is
// loaded again.
func (h *Handler) reopen(ctx context.Context, k click, why message.Message, checked bool) {
	view := h.renderer.AnswerModal(message.Together(why, h.renderer.NoteBack(k.words)))
	if checked {
		if now, err := h.store.Snapshot(ctx, k.feedbackID); err == nil && k.action.possible(now) {
			view = h.renderer.FormAgain(h.form(k, now), why, k.outcome, k.words)
		}
	}
	if err := h.slack.OpenModal(ctx, k.trigger, view, k.listed != ""); err != nil {
		h.log.WarnContext(ctx, "could not open a modal", "error", err)
	}
}

// form is the form of an action as it is filled in now.
func (h *Handler) form(k click, now followup.Snapshot) slack.ModalViewRequest {
	form := k.action.form(now, k.feedbackID)
	form.PrivateMetadata = fmt.Sprint(k.feedbackID, " ", now.Feedback.Revision) // which the form shows
	return form
}

// replyInView shows a reply in a modal to a user who clicked in one, or who asked for something in a
// Home tab: a reply in a channel is not where they look.
func (h *Handler) replyInView(ctx context.Context, k click, m message.Message) (shown bool) {
	if k.submitted || k.listed == "" && !(k.inHome && k.action.reads) {
		return false
	}
	err := h.slack.OpenModal(ctx, k.trigger, h.renderer.AnswerModal(m), k.listed != "")
	if err != nil {
		h.log.WarnContext(ctx, "could not open a modal", "error", err)
	}
	return err == nil
}

// act verifies who clicks, loads the present state, checks what the click means by now, and applies it
// or opens its form. Who may act is decided by the channel in which the message is, not by the one that
// the click names. The replies say what the message, which changes by itself, does not show.
func (h *Handler) act(ctx context.Context, k click) (form *slack.ModalViewRequest, replies []message.Message, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := h.slack.CheckTeam(ctx, k.team); err != nil {
		return nil, nil, err
	}
	if err := h.authz.admit(ctx, k.by.user, h.channelsOf(k.by)); err != nil {
		return nil, nil, err
	}
	now, err := h.store.Snapshot(ctx, k.feedbackID)
	if err != nil {
		return nil, nil, err
	}
	saw := k.saw()
	late, err := h.store.Outdated(ctx, now, saw, k.by.user)
	if err != nil {
		return nil, nil, err
	}
	outdated := !k.submitted && !k.action.reads && k.revision != now.Feedback.Revision
	possible := k.action.possible(now)
	switch {
	case !possible && k.action.reads:
		return nil, []message.Message{k.action.refused(k, now)}, nil
	case !possible || late && !k.action.reads:
		if now, err = h.refresh(ctx, k); err != nil {
			return nil, nil, err
		}
		return nil, []message.Message{h.refusal(k, now)}, nil
	case k.action.form != nil && !k.submitted && !k.filled():
		modal := h.form(k, now)
		form = &modal
		if outdated {
			_, err = h.refresh(ctx, k)
		}
	default:
		var reply *message.Message
		if reply, err = k.action.apply(ctx, k, now); reply != nil {
			return nil, []message.Message{*reply}, err
		}
	}
	if outdated {
		replies = []message.Message{h.renderer.Reply(message.Counted)}
	}
	return form, replies, err
}

// refusal says why a click does not count: the state does not allow it, or it is not the one that the
// clicker saw.
func (h *Handler) refusal(k click, now followup.Snapshot) message.Message {
	why := k.action.refused(k, now)
	if k.action.possible(now) {
		why = message.Together(why, h.renderer.Reply(message.NotCounted))
	}
	return why
}

func refuse(a message.Message) (*message.Message, error) { return &a, nil }

// refresh queues the message to be rendered again, for a click on an outdated one.
func (h *Handler) refresh(ctx context.Context, k click) (followup.Snapshot, error) {
	now, err := h.store.Refresh(ctx, k.feedbackID, h.now())
	if err != nil {
		return followup.Snapshot{}, err
	}
	h.wake()
	return now, nil
}

// transition applies a transition of the follow-up. refusal says that another person was quicker.
func (h *Handler) transition(ctx context.Context, k click, t followup.Transition) (refusal *message.Message, err error) {
	t.By, t.At, t.Seen = k.by.user, h.now(), k.saw()
	now, err := h.store.ApplyTransition(ctx, k.feedbackID, t)
	h.wake() // also after an error: the transition may have been stored all the same
	if _, quicker := errors.AsType[*followup.InvalidTransitionError](err); quicker {
		return refuse(h.refusal(k, now))
	}
	return nil, err
}

// snooze snoozes a follow-up until the chosen time.
func (h *Handler) snooze(ctx context.Context, k click, _ followup.Snapshot) (*message.Message, error) {
	if !k.snooze.Known() {
		return refuse(h.renderer.Reply(message.UnknownSnooze))
	}
	return h.transition(ctx, k, followup.Transition{Action: followup.ActionSnooze, Until: k.snooze.Until(h.now(), h.hours)})
}

// assign hands a follow-up to a person who may act on it, unless another person changes it while Slack
// is asked who that is.
func (h *Handler) assign(ctx context.Context, k click, seen followup.Snapshot) (*message.Message, error) {
	if seen.FollowUp.State == followup.StateClaimed && seen.FollowUp.Claimer == k.to {
		if _, err := h.refresh(ctx, k); err != nil {
			return nil, err
		}
		return refuse(h.renderer.AlreadyTheirs(k.to))
	}
	err := h.authz.admit(ctx, k.to, h.channelsOf(k.by))
	if errors.Is(err, errOutsider) {
		return refuse(h.renderer.CannotHandOver(k.to, h.channelsOf(k.by)))
	}
	if err != nil {
		return nil, err
	}
	return h.transition(ctx, k, followup.Transition{Action: followup.ActionAssign, To: k.to})
}

// finish ends a follow-up with the outcome and the note of a form.
func (h *Handler) finish(ctx context.Context, k click, _ followup.Snapshot) (*message.Message, error) {
	if !k.outcome.Known() {
		return refuse(h.renderer.Reply(message.UnknownOutcome))
	}
	return h.transition(ctx, k, followup.Transition{Action: followup.ActionFinish, Outcome: k.outcome, Note: k.words})
}

// history shows what the customer of a feedback has said so far.
func (h *Handler) history(ctx context.Context, _ click, now followup.Snapshot) (*message.Message, error) {
	own, err := h.slack.Workspace(ctx)
	if err != nil {
		return nil, err
	}
	m, err := h.customerAnswers(ctx, own, cmp.Or(now.Feedback.Customer.ID, now.Feedback.Customer.Email))
	return &m, err
}

// moderate decides whether a feedback counts. refusal says that another person was quicker.
func (h *Handler) moderate(ctx context.Context, k click, a feedback.ModerationAction) (refusal *message.Message, err error) {
	if a == feedback.ModerationVoid && k.words == "" {
		return refuse(h.renderer.Reply(message.ReasonMissing))
	}
	now, err := h.store.Moderate(ctx, k.feedbackID, feedback.Moderation{Action: a, By: k.by.user, Reason: k.words, At: h.now(), Revision: k.revision})
	h.wake() // also after an error: the moderation may have been stored all the same
	if _, quicker := errors.AsType[*feedback.ModerationRefusedError](err); quicker {
		return refuse(h.refusal(k, now))
	}
	return nil, err
}
