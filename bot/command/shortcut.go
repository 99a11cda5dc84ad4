package command

import (
	"context"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
)

// shortcut does what a shortcut asks for: one of a message acts on the feedback that it shows, the
// global one lists what waits for the user.
func (h *Handler) shortcut(ctx context.Context, c slack.InteractionCallback) {
	if c.Type == slack.InteractionTypeShortcut {
		if c.CallbackID == message.CallbackMine {
			h.showMine(ctx, c)
		}
		return
	}
	k := click{
		by: replyTarget{user: c.User.ID, responseURL: c.ResponseURL}, trigger: c.TriggerID, team: slackapi.InteractionTeam(&c),
	}
	var known bool
	if k.action, known = h.actions[c.CallbackID]; !known {
		h.log.DebugContext(ctx, "ignored unknown shortcut", "action_id", short(c.CallbackID))
		return
	}
	if own, err := h.slack.Workspace(ctx); err == nil { // else the click fails as any other
		if wrote, known := own.Wrote(c.Message); known && !wrote { // a copy may show something else than it names
			c.Message = slack.Message{}
		}
	}
	if k.feedbackID, k.revision = shownIn(c.Message); k.feedbackID == "" {
		h.respond(ctx, c.ResponseURL, h.renderer.Reply(message.NoFeedback), false)
		return
	}
	h.click(ctx, k, labelShortcut)
}

// shownIn returns the feedback that a message shows, and the revision: its buttons name them, and the
// metadata of a message without blocks. Both are "" and 0 for any other message, a notice included, which
// may be about several.
func shownIn(m slack.Message) (feedbackID string, revision int64) {
	key, revision := message.KeyOfBlocks(m.Blocks.BlockSet)
	switch {
	case revision > 0:
		return key, revision
	case key != "": // a notice, which may show several
		return "", 0
	}
	if m.Metadata.EventType != message.EventFeedback {
		return "", 0
	}
	feedbackID, _ = m.Metadata.EventPayload[message.PayloadFeedbackID].(string)
	number, _ := m.Metadata.EventPayload[message.PayloadRevision].(float64)
	return feedbackID, int64(number)
}

// showMine opens a modal with what waits for a user, or with the reason why not.
func (h *Handler) showMine(ctx context.Context, c slack.InteractionCallback) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	view, err := h.mineView(ctx, slackapi.InteractionTeam(&c), c.User.ID)
	if err != nil {
		m, ok := h.errorReply(ctx, err, labelShortcut, h.channels)
		if !ok {
			return
		}
		view = h.renderer.AnswerModal(m)
	}
	if err := h.slack.OpenModal(ctx, c.TriggerID, view, false); err != nil {
		h.log.WarnContext(ctx, "could not open a modal", "error", err)
	}
}

// refreshMine brings an open modal with what waits for a user up to date.
func (h *Handler) refreshMine(ctx context.Context, user, viewID string) {
	view, err := h.mineView(ctx, "", user)
	if err == nil {
		err = h.slack.UpdateModal(ctx, viewID, view)
	}
	if err != nil {
		h.log.WarnContext(ctx, "could not update a modal", "error", err)
	}
}

// mineView is the modal with what waits for a user. team is the workspace that asks, empty when that is
// checked.
func (h *Handler) mineView(ctx context.Context, team, user string) (view slack.ModalViewRequest, err error) {
	if team != "" {
		if err := h.slack.CheckTeam(ctx, team); err != nil {
			return view, err
		}
	}
	own, err := h.insider(ctx, user)
	if err != nil {
		return view, err
	}
	waits, err := h.waitingFor(ctx, user, h.leads(ctx, user))
	if err != nil {
		return view, err
	}
	return h.renderer.MineModal(waits.in(own, h.now())), nil
}
