package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// standing tells where the follow-up stands, and what came out of it.
func (s *Speaker) standing(v followup.Snapshot) []slack.RichTextElement {
	state := s.stateLine(v)
	if len(state) == 0 {
		return nil
	}
	elements := []slack.RichTextElement{state.section()}
	if note := prose(v.FollowUp.Note); note != "" && v.FollowUp.State == followup.StateDone {
		elements = append(elements, quote(cut(note, maxNoteUnits)))
	}
	return elements
}

func (s *Speaker) stateLine(v followup.Snapshot) line {
	var l line
	switch f := v.FollowUp; f.State {
	case followup.StateOpen:
		l.bold(s.stateWord(v))
		if v.Feedback.Kind != feedback.KindReview { // of which nobody has done anything since it was written
			l.join(s.when(f.OpenedAt, "since"))
		}
		l.fact(s.when(f.DueAt, "due"))
	case followup.StateClaimed:
		l.join(s.line("claimed_by", values{"claimed": bold(s.say("claimed")), "who": s.user(f.Claimer)}))
		l.fact(s.task(v))
		l.fact(s.time(f.ChangedAt))
		l.fact(s.when(f.DueAt, "due"))
	case followup.StateSnoozed:
		l.join(s.snoozedLine(f))
		l.fact(s.task(v))
		l.fact(s.claimedLine(f))
		l.fact(s.when(f.DueAt, "due"))
	case followup.StateDone:
		l.join(s.line("done_by", values{"done": bold(s.say("done")), "who": s.user(f.ChangedBy)}))
		l.dot()
		l.text(s.outcomeWord(f.Outcome))
		l.fact(s.time(f.ChangedAt))
	case followup.StateExplained, followup.StateWithdrawn:
		l.text(s.stateWord(v))
		l.fact(s.time(f.ChangedAt))
	case followup.StateNone:
	}
	return l
}

// snoozedLine tells until when a follow-up is snoozed.
func (s *Speaker) snoozedLine(f followup.FollowUp) line {
	return s.line("snoozed_until", values{"snoozed": bold(s.say("snoozed")), "time": s.time(f.SnoozedUntil)})
}

// claimedLine tells who is on it; nothing when nobody is.
func (s *Speaker) claimedLine(f followup.FollowUp) line {
	if f.Claimer == "" {
		return nil
	}
	return s.line("queue_claimed", values{"who": s.user(f.Claimer)})
}
