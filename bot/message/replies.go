package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// maxWord limits what is repeated of what a user typed, in characters.
const maxWord = 80

// NotUnderstood names what was not understood of a command and why, offers the nearest words, and shows
// three examples that work.
func (r *Renderer) NotUnderstood(e *score.QueryError, command string) Message {
	shown := phrase(e.Word, maxWord)
	var said string
	switch {
	case shown == "":
		said = r.text("not_understood")
	case e.Reason == "" || e.Reason == score.ReasonUnknown:
		said = r.text("not_understood_word", values{"word": shown})
	case e.Reason == score.ReasonFuture:
		said = r.text("not_understood_future", values{"word": shown, "why": r.reasonWords(e.Reason)})
	default:
		said = r.text("not_understood_why", values{"word": shown, "why": r.reasonWords(e.Reason)})
	}
	l := textLine(joinedBy(" ", said, r.nearWords(e.Near), r.text("examples_head")))
	for example := range strings.Lines(r.examples(command)) {
		l.text("\n")
		l.join(code(strings.TrimSuffix(example, "\n")))
	}
	return lineMessage(l)
}

// nearWords ask whether other words were meant; empty without any.
func (r *Renderer) nearWords(near []string) string {
	var offered string
	for _, words := range near {
		quoted := r.text("near_word", values{"word": phrase(words, maxWord)})
		if offered == "" {
			offered = quoted
			continue
		}
		offered = r.text("near_or", values{"words": offered, "word": quoted})
	}
	if offered == "" {
		return ""
	}
	return r.text("near", values{"words": offered})
}

// examples are three that work, a line each: of the command if it is one of smileybot's.
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

// NotAllowed says that only members of these Slack channels may do something.
func (r *Renderer) NotAllowed(channels ...string) Message {
	return lineMessage(r.line("not_allowed", values{"channels": r.anyOf(channels)}))
}

// NotForGuests is [Renderer.NotAllowed] for a guest, also one who is in a channel.
func (r *Renderer) NotForGuests(channels ...string) Message {
	return lineMessage(r.line("not_allowed_guest", values{"channels": r.anyOf(channels)}))
}

// NotForStrangers is [Renderer.NotAllowed] for a member of another company in a shared channel.
func (r *Renderer) NotForStrangers(channels ...string) Message {
	return lineMessage(r.line("not_allowed_stranger", values{"channels": r.anyOf(channels)}))
}

// Unscoped says that Slack does not answer smileybot because its token lacks a scope, which an operator
// must repair.
func (r *Renderer) Unscoped(scope string) Message {
	fault := Fault{Reason: "missing_scope", Scope: scope}
	return lineMessage(r.line("unscoped", values{"remedy": r.line(fault.remedyKey(), fault.values(textLine("")))}))
}

// AgentsUnshared says that answers about single agents are shared in these Slack channels only.
func (r *Renderer) AgentsUnshared(channels ...string) Message {
	return lineMessage(r.line("agents_unshared", values{"channels": r.anyOf(channels)}))
}

// anyOf names channels of which any will do.
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

// Reply is the key of an answer that is one fixed sentence.
type Reply string

// The answers of [Renderer.Reply].
const (
	NotFound         Reply = "not_found"            // the feedback is unknown, as after the database was replaced
	NoFeedback       Reply = "no_feedback"          // a shortcut on a message that shows no feedback
	Failure          Reply = "trouble"              // something failed, through no fault of the asker
	Unchecked        Reply = "click_unchecked"      // Slack could not be asked who a user is
	Foreign          Reply = "foreign"              // the request is of another workspace
	Counted          Reply = "click_counted"        // a click on an old copy took effect all the same
	NotCounted       Reply = "click_not_counted"    // a click on an old copy did not take effect
	FormFailed       Reply = "form_failed"          // Slack did not open the form
	UnknownOutcome   Reply = "form_outcome_unknown" // a form came with an outcome that does not exist
	PerhapsShared    Reply = "perhaps_shared"       // Slack did not say whether a shared answer is in the channel
	ReasonMissing    Reply = "void_reason_missing"  // a form came without a reason
	UnknownSnooze    Reply = "snooze_unknown"       // a select came with a time that does not exist
	CustomerUsage    Reply = "customer_usage"       // how to ask for a customer
	CustomerUnshared Reply = "customer_unshared"    // a customer is shown to the asker alone
)

// Reply returns an answer of one fixed sentence.
func (r *Renderer) Reply(reply Reply) Message { return r.ephemeral(string(reply)) }

// NoteBack gives back a note or a reason that was not kept, in full, so that it can be copied.
// Without a note it is the zero Message.
func (r *Renderer) NoteBack(note string) Message {
	note = prose(note)
	if note == "" {
		return Message{}
	}
	l := textLine(r.text("form_note_back"))
	intro := blocksMrkdwn([]slack.Block{l.block()})
	return Message{
		Text:   intro + "\n" + escapeWithin(note, maxTextBytes-len(intro)-1),
		Blocks: []slack.Block{rich(l.section(), quote(note))},
	}
}

// StaleClick says in one sentence why a click had no effect: the present state of the follow-up,
// and who caused it. wanted is what the clicker clicked.
func (r *Renderer) StaleClick(wanted followup.Action, c followup.Snapshot, clicker string) Message {
	now := c.FollowUp
	switch now.State {
	case followup.StateClaimed:
		return r.staleBy("stale_claimed", now.Claimer, clicker, now)
	case followup.StateDone:
		return r.staleBy("stale_done", now.ChangedBy, clicker, now)
	case followup.StateSnoozed:
		return lineMessage(r.line("stale_snoozed", values{"time": r.time(now.SnoozedUntil)}))
	case followup.StateOpen:
		if wanted == followup.ActionRelease {
			return r.ephemeral("stale_open_released")
		}
		return r.ephemeral("stale_open")
	case followup.StateExplained:
		return r.ephemeral("stale_explained")
	case followup.StateWithdrawn:
		if c.Feedback.Voided() {
			return r.ephemeral("stale_withdrawn_void")
		}
		return r.ephemeral("stale_withdrawn")
	default:
		return r.ephemeral("stale_none")
	}
}

func (r *Renderer) staleBy(key, doer, reader string, now followup.FollowUp) Message {
	in := values{"who": user(doer, r.text("unknown_user")), "outcome": r.outcomeWord(now.Outcome)}
	if doer == reader {
		key += "_you"
	}
	return lineMessage(r.line(key, in))
}

// StaleModeration says why a moderation had no effect: whether the feedback counts by now.
func (r *Renderer) StaleModeration(f feedback.Feedback) Message {
	if f.Voided() {
		return lineMessage(r.line("stale_void", values{"who": user(f.Void.By, r.text("unknown_user"))}))
	}
	return r.ephemeral("stale_counts")
}

// AlreadyTheirs says that the user a follow-up was handed to has claimed it already.
func (r *Renderer) AlreadyTheirs(claimer string) Message {
	return lineMessage(r.line("stale_theirs", values{"who": r.user(claimer)}))
}

// CannotHandOver says that a follow-up cannot be handed to a user who is not a member of the
// channels.
func (r *Renderer) CannotHandOver(to string, channels []string) Message {
	return lineMessage(r.line("assign_outsider", values{"who": r.user(to), "channels": r.anyOf(channels)}))
}
