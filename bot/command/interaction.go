package command

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Interaction does what a pressed button, a menu, a submitted form or a shortcut asks for. It replies to the
// user alone, and only about what the message does not show. It ignores what is not smileybot's.
// A form is on its way within the 3 s that Slack allows. Interaction returns when all is done, the
// user's Home tab included.
func (h *Handler) Interaction(ctx context.Context, c slack.InteractionCallback) {
	h.interact(ctx, c)
	h.homeOfActor(ctx, c.User.ID)
}

func (h *Handler) interact(ctx context.Context, c slack.InteractionCallback) {
	asked, began := labelOther, h.now()
	defer func() { h.observe(asked, began) }()
	switch c.Type {
	case slack.InteractionTypeViewSubmission:
		if k, ok := h.submission(c); ok {
			asked = labelSubmit
			h.click(ctx, k, asked)
		}
		return
	case slack.InteractionTypeMessageAction, slack.InteractionTypeShortcut:
		asked = labelShortcut
		h.shortcut(ctx, c)
		return
	}
	for _, pressed := range c.ActionCallback.BlockActions {
		if pressed.ActionID == message.ActionPage {
			asked = labelPage
			h.turnPage(ctx, c, pressed.Value)
			return
		}
		if pressed.ActionID == message.ActionHandOver {
			asked = labelClick
			h.handOver(ctx, c, message.HandedOver(pressed.BlockID), pressed.SelectedUser)
			return
		}
		if k, ok := h.pressed(c, pressed); ok {
			asked = labelClick
			h.click(ctx, k, asked)
			if _, words, listed := message.CutQueue(pressed.BlockID); listed && k.action.form == nil {
				h.turnPage(ctx, c, words) // the same page, as it is now
			}
			return
		}
		h.log.DebugContext(ctx, "ignored unknown button", "action_id", short(pressed.ActionID))
	}
}

// short bounds an id for the log.
func short(id string) string { return fmt.Sprintf("%.60q", id) }

// click is a button that a user pressed, an option that they chose, or a form that they submitted about
// one feedback.
type click struct {
	action     action
	feedbackID string
	by         replyTarget
	trigger    string
	team       string
	// revision is that of the message that was clicked, or that the form shows; 0 for a form of a former
	// version.
	revision  int64
	submitted bool
	// listed is the id of the modal with a list of follow-ups in which it was; inHome says that it was in
	// a Home tab.
	listed string
	inHome bool
	// snooze belongs to [followup.ActionSnooze], to to [followup.ActionAssign]. They are the content of a
	// form, or of a select of a message that a former version posted.
	snooze followup.Snooze
	to     string
	// outcome and words are the content of a form; words are a note or a reason.
	outcome followup.Outcome
	words   string
}

// saw is what the person saw when they decided.
func (k click) saw() followup.Seen { return followup.Seen{Revision: k.revision, Form: k.submitted} }

// filled reports whether a click brings what a form would ask for.
func (k click) filled() bool { return k.snooze != "" || k.to != "" }

// unknownRevision is older than any.
const unknownRevision = -1

// What a click carries back may be forged, except who clicks and in which workspace: Slack signs those
// for the person at the screen, and the rest as it was sent. So it only names a feedback, and what is
// wanted of it. Where the feedback's message is, who may act on it and what is possible is read in the
// store, see [Handler.act].

// pressed reads a button, or the choice in a menu or a select; ok is false when it is not one of
// [Handler.actionTable].
func (h *Handler) pressed(c slack.InteractionCallback, a *slack.BlockAction) (k click, ok bool) {
	k.trigger, k.team = c.TriggerID, slackapi.InteractionTeam(&c)
	block, _, _ := message.CutQueue(a.BlockID)
	block, k.revision = message.ParseBlockID(block)
	k.feedbackID = cmp.Or(a.Value, block) // a select has no value of its own
	if k.feedbackID != block {
		k.revision = unknownRevision
	}
	k.by = replyTarget{user: c.User.ID, responseURL: c.ResponseURL}
	switch c.View.Type {
	case slack.VTModal:
		k.listed = c.View.ID
	case slack.VTHomeTab:
		k.inHome = true
	}
	wanted := a.ActionID
	if wanted == message.ActionMore {
		wanted = a.SelectedOption.Value
	} else {
		k.snooze, k.to = followup.Snooze(a.SelectedOption.Value), a.SelectedUser
	}
	k.action, ok = h.actions[wanted]
	return k, ok
}

// maxNote is the most that Slack's input of a note takes, in characters.
const maxNote = 3000

// submission reads a form; ok is false when it is not one of [Handler.actionTable].
func (h *Handler) submission(c slack.InteractionCallback) (k click, ok bool) {
	k.submitted, k.team, k.trigger = true, slackapi.InteractionTeam(&c), c.TriggerID
	k.by.user = c.User.ID
	id, shown, _ := strings.Cut(c.View.PrivateMetadata, " ")
	k.feedbackID = id
	k.revision, _ = strconv.ParseInt(shown, 10, 64) // former versions wrote a channel, or nothing
	if c.View.State != nil {
		values := c.View.State.Values
		k.outcome = followup.Outcome(values[message.InputOutcome][message.InputOutcome].SelectedOption.Value)
		k.snooze = followup.Snooze(values[message.InputUntil][message.InputUntil].SelectedOption.Value)
		k.to = values[message.InputAssignee][message.InputAssignee].SelectedUser
		k.words = cmp.Or(
			cutWords(values[message.InputNote][message.InputNote].Value, maxNote),
			cutWords(values[message.InputReason][message.InputReason].Value, message.MaxReasonUnits),
		)
	}
	if c.View.RootViewID != c.View.ID {
		k.listed = c.View.RootViewID
	}
	k.action, ok = h.actions[c.View.CallbackID]
	return k, ok && k.action.form != nil
}

// cutWords is a typed text without spaces around it, no longer than Slack's input allows. It is empty
// when the text says nothing.
func cutWords(typed string, most int) string {
	words := []rune(strings.TrimSpace(feedback.Said(typed)))
	return string(words[:min(len(words), most)])
}
