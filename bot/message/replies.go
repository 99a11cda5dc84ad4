package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// answer is an answer whose blocks are short enough to be the text as well.
func answer(blocks ...slack.Block) Message {
	return Message{Text: flat(blocks), Blocks: blocks}
}

// said is an answer of one line.
func said(l line) Message { return answer(rich(l.section())) }

// told is an answer of one sentence of the catalogue.
func (s *Speaker) told(key string) Message {
	var l line
	l.text(s.say(key))
	return said(l)
}

// maxWord is how much of what somebody typed is said back, in characters.
const maxWord = 80

// NotUnderstood names what was not understood of a command, and shows three
// examples that work: of the command, when it is one of ours. It gives the reason
// when there is one to give: not for "" and [feedback.ReasonUnknown].
func (s *Speaker) NotUnderstood(word string, reason feedback.QuestionReason, command string) Message {
	var l line
	shown := phrase(word, maxWord)
	switch {
	case shown == "":
		l.text(s.say("not_understood"))
	case reason == "" || reason == feedback.ReasonUnknown:
		l.text(s.say("not_understood_word", values{"word": shown}))
	default:
		l.text(s.say("not_understood_why", values{"word": shown, "why": s.reasonWords(reason)}))
	}
	for example := range strings.Lines(s.examples(command)) {
		l.text("\n")
		l.code(strings.TrimSuffix(example, "\n"))
	}
	return said(l)
}

// examples are three that work, a line each.
func (s *Speaker) examples(command string) string {
	switch command {
	case "nps", "csat", "smileys", "ces", "nls", "reviews", "service":
		return s.say("examples_score", values{"command": command})
	case "followups":
		return s.say("examples_followups")
	default:
		return s.say("examples")
	}
}

// NotAllowed tells that only members of these Slack channels, who are no
// guests, may do something.
func (s *Speaker) NotAllowed(channels ...string) Message {
	return said(s.line("not_allowed", values{"channels": s.anyOf(channels)}))
}

// AgentsUnshared tells that answers about single agents are shared in these Slack
// channels only.
func (s *Speaker) AgentsUnshared(channels ...string) Message {
	return said(s.line("agents_unshared", values{"channels": s.anyOf(channels)}))
}

// anyOf names channels, any of which will do.
func (s *Speaker) anyOf(channels []string) line {
	var all line
	for _, id := range channels {
		if len(all) == 0 {
			all = channel(id)
			continue
		}
		all = s.line("not_allowed_or", values{"channels": all, "channel": channel(id)})
	}
	if len(all) == 0 {
		all.text(s.say("not_allowed_support"))
	}
	return all
}

// NotFound tells that the feedback of a message is not known, which happens
// when the database was replaced.
func (s *Speaker) NotFound() Message { return s.told("not_found") }

// Trouble tells that something failed which is not the asker's fault.
func (s *Speaker) Trouble() Message { return s.told("trouble") }

// Unchecked tells that Slack could not be asked who somebody is.
func (s *Speaker) Unchecked() Message { return s.told("click_unchecked") }

// Counted tells that a click on an old copy was good all the same.
func (s *Speaker) Counted() Message { return s.told("click_counted") }

// NotCounted tells that a click on an old copy was not good.
func (s *Speaker) NotCounted() Message { return s.told("click_not_counted") }

// FormFailed tells that Slack did not open the form.
func (s *Speaker) FormFailed() Message { return s.told("form_failed") }

// UnknownOutcome tells that a form came with an outcome that there is not.
func (s *Speaker) UnknownOutcome() Message { return s.told("form_outcome_unknown") }

// ReasonMissing tells that a form came without a reason.
func (s *Speaker) ReasonMissing() Message { return s.told("void_reason_missing") }

// UnknownSnooze tells that a select came with a time that there is not.
func (s *Speaker) UnknownSnooze() Message { return s.told("snooze_unknown") }

// NoteBack gives a note or a reason back that was not kept, whole, so that it can be copied;
// without a note there is nothing to say.
func (s *Speaker) NoteBack(note string) Message {
	note = prose(note)
	if note == "" {
		return Message{}
	}
	var l line
	l.text(s.say("form_note_back"))
	intro := flat([]slack.Block{rich(l.section())})
	return Message{
		Text:   intro + "\n" + escapeWithin(note, maxTextBytes-len(intro)-1),
		Blocks: []slack.Block{rich(l.section(), quote(note))},
	}
}

// Together is several answers in one.
func Together(answers ...Message) Message {
	var texts []string
	var all Message
	for _, a := range answers {
		if a.Text != "" {
			texts = append(texts, a.Text)
		}
		all.Blocks = append(all.Blocks, a.Blocks...)
	}
	all.Text = strings.Join(texts, "\n")
	return all
}

// Late tells the person who clicked, in one sentence, why nothing has come of
// it: what the follow-up is by now, and by whom. wanted is what they clicked,
// clicker who they are.
func (s *Speaker) Late(wanted feedback.Action, c feedback.Case, clicker string) Message {
	now := c.FollowUp
	switch now.State {
	case feedback.StateClaimed:
		return s.lateBy("late_claimed", now.Claimer, clicker, now)
	case feedback.StateDone:
		return s.lateBy("late_done", now.ChangedBy, clicker, now)
	case feedback.StateSnoozed:
		return said(s.line("late_snoozed", values{"time": s.time(now.SnoozedUntil)}))
	case feedback.StateOpen:
		if wanted == feedback.ActionRelease {
			return s.told("late_open_released")
		}
		return s.told("late_open")
	case feedback.StateExplained:
		return s.told("late_explained")
	case feedback.StateWithdrawn:
		if c.Feedback.Voided() {
			return s.told("late_withdrawn_void")
		}
		return s.told("late_withdrawn")
	default:
		return s.told("late_none")
	}
}

// lateBy tells who did what before the person who reads it.
func (s *Speaker) lateBy(key, doer, reader string, now feedback.FollowUp) Message {
	in := values{"who": user(doer, s.say("late_somebody")), "outcome": s.outcomeWord(now.Outcome)}
	if doer == reader {
		key += "_you"
	}
	return said(s.line(key, in))
}

// LateAct tells why nothing has come of an act on a feedback: how it stands by now.
func (s *Speaker) LateAct(f feedback.Feedback) Message {
	if f.Voided() {
		return said(s.line("late_void", values{"who": user(f.Void.By, s.say("late_somebody"))}))
	}
	return s.told("late_counts")
}

// AlreadyTheirs tells that a follow-up was handed to whoever has it already.
func (s *Speaker) AlreadyTheirs(claimer string) Message {
	return said(s.line("late_theirs", values{"who": s.user(claimer)}))
}

// CannotTake tells that a follow-up was to be handed to somebody who may not have it.
func (s *Speaker) CannotTake(whom string, channels []string) Message {
	return said(s.line("assign_outsider", values{"who": s.user(whom), "channels": s.anyOf(channels)}))
}
