package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// maxWord is how much of what somebody typed is said back, in characters.
const maxWord = 80

// NotUnderstood names what was not understood of a command, and shows three
// examples that work: of the command, when it is one of ours. It gives the reason
// when there is one to give: not for "" and [feedback.ReasonUnknown].
func (r *Renderer) NotUnderstood(word string, reason feedback.QuestionReason, command string) Message {
	var l line
	shown := phrase(word, maxWord)
	switch {
	case shown == "":
		l.text(r.text("not_understood"))
	case reason == "" || reason == feedback.ReasonUnknown:
		l.text(r.text("not_understood_word", values{"word": shown}))
	default:
		l.text(r.text("not_understood_why", values{"word": shown, "why": r.reasonWords(reason)}))
	}
	for example := range strings.Lines(r.examples(command)) {
		l.text("\n")
		l.code(strings.TrimSuffix(example, "\n"))
	}
	return lineMessage(l)
}

// examples are three that work, a line each.
func (r *Renderer) examples(command string) string {
	switch command {
	case "nps", "csat", "smileys", "ces", "nls", "reviews", "service":
		return r.text("examples_score", values{"command": command})
	case "followups":
		return r.text("examples_followups")
	default:
		return r.text("examples")
	}
}

// NotAllowed tells that only members of these Slack channels, who are no
// guests, may do something.
func (r *Renderer) NotAllowed(channels ...string) Message {
	return lineMessage(r.line("not_allowed", values{"channels": r.anyOf(channels)}))
}

// AgentsUnshared tells that answers about single agents are shared in these Slack
// channels only.
func (r *Renderer) AgentsUnshared(channels ...string) Message {
	return lineMessage(r.line("agents_unshared", values{"channels": r.anyOf(channels)}))
}

// anyOf names channels, any of which will do.
func (r *Renderer) anyOf(channels []string) line {
	var all line
	for _, id := range channels {
		if len(all) == 0 {
			all = channel(id)
			continue
		}
		all = r.line("not_allowed_or", values{"channels": all, "channel": channel(id)})
	}
	if len(all) == 0 {
		all.text(r.text("not_allowed_support"))
	}
	return all
}

// NotFound tells that the feedback of a message is not known, which happens
// when the database was replaced.
func (r *Renderer) NotFound() Message { return r.ephemeral("not_found") }

// Trouble tells that something failed which is not the asker's fault.
func (r *Renderer) Failure() Message { return r.ephemeral("trouble") }

// Unchecked tells that Slack could not be asked who somebody is.
func (r *Renderer) Unchecked() Message { return r.ephemeral("click_unchecked") }

// Counted tells that a click on an old copy was good all the same.
func (r *Renderer) Counted() Message { return r.ephemeral("click_counted") }

// NotCounted tells that a click on an old copy was not good.
func (r *Renderer) NotCounted() Message { return r.ephemeral("click_not_counted") }

// FormFailed tells that Slack did not open the form.
func (r *Renderer) FormFailed() Message { return r.ephemeral("form_failed") }

// UnknownOutcome tells that a form came with an outcome that there is not.
func (r *Renderer) UnknownOutcome() Message { return r.ephemeral("form_outcome_unknown") }

// ReasonMissing tells that a form came without a reason.
func (r *Renderer) ReasonMissing() Message { return r.ephemeral("void_reason_missing") }

// UnknownSnooze tells that a select came with a time that there is not.
func (r *Renderer) UnknownSnooze() Message { return r.ephemeral("snooze_unknown") }

// NoteBack gives a note or a reason back that was not kept, whole, so that it can be copied;
// without a note there is nothing to say.
func (r *Renderer) NoteBack(note string) Message {
	note = prose(note)
	if note == "" {
		return Message{}
	}
	var l line
	l.text(r.text("form_note_back"))
	intro := blocksMrkdwn([]slack.Block{l.block()})
	return Message{
		Text:   intro + "\n" + escapeWithin(note, maxTextBytes-len(intro)-1),
		Blocks: []slack.Block{rich(l.section(), quote(note))},
	}
}

// Late tells the person who clicked, in one sentence, why nothing has come of
// it: what the follow-up is by now, and by whom. wanted is what they clicked,
// clicker who they are.
func (r *Renderer) StaleClick(wanted feedback.Action, c feedback.Case, clicker string) Message {
	now := c.FollowUp
	switch now.State {
	case feedback.StateClaimed:
		return r.staleBy("stale_claimed", now.Claimer, clicker, now)
	case feedback.StateDone:
		return r.staleBy("stale_done", now.ChangedBy, clicker, now)
	case feedback.StateSnoozed:
		return lineMessage(r.line("stale_snoozed", values{"time": r.time(now.SnoozedUntil)}))
	case feedback.StateOpen:
		if wanted == feedback.ActionRelease {
			return r.ephemeral("stale_open_released")
		}
		return r.ephemeral("stale_open")
	case feedback.StateExplained:
		return r.ephemeral("stale_explained")
	case feedback.StateWithdrawn:
		if c.Feedback.Voided() {
			return r.ephemeral("stale_withdrawn_void")
		}
		return r.ephemeral("stale_withdrawn")
	default:
		return r.ephemeral("stale_none")
	}
}

// lateBy tells who did what before the person who reads it.
func (r *Renderer) staleBy(key, doer, reader string, now feedback.FollowUp) Message {
	in := values{"who": user(doer, r.text("unknown_user")), "outcome": r.outcomeWord(now.Outcome)}
	if doer == reader {
		key += "_you"
	}
	return lineMessage(r.line(key, in))
}

// LateAct tells why nothing has come of an act on a feedback: how it stands by now.
func (r *Renderer) StaleModeration(f feedback.Feedback) Message {
	if f.Voided() {
		return lineMessage(r.line("stale_void", values{"who": user(f.Void.By, r.text("unknown_user"))}))
	}
	return r.ephemeral("stale_counts")
}

// AlreadyTheirs tells that a follow-up was handed to whoever has it already.
func (r *Renderer) AlreadyTheirs(claimer string) Message {
	return lineMessage(r.line("stale_theirs", values{"who": r.user(claimer)}))
}

// CannotTake tells that a follow-up was to be handed to somebody who may not have it.
func (r *Renderer) CannotHandOver(whom string, channels []string) Message {
	return lineMessage(r.line("assign_outsider", values{"who": r.user(whom), "channels": r.anyOf(channels)}))
}
