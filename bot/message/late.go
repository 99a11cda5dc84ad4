package message

import (
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Late tells the person who clicked, in one sentence, why nothing has come of
// it: what the follow-up is by now, and by whom. wanted is what they clicked,
// clicker who they are.
func (s *Speaker) Late(wanted followup.Action, c followup.Snapshot, clicker string) Answer {
	now := c.FollowUp
	switch now.State {
	case followup.StateClaimed:
		return s.lateBy("late_claimed", now.Claimer, clicker, now)
	case followup.StateDone:
		return s.lateBy("late_done", now.ChangedBy, clicker, now)
	case followup.StateSnoozed:
		return said(s.line("late_snoozed", values{"time": s.time(now.SnoozedUntil)}))
	case followup.StateOpen:
		if wanted == followup.ActionRelease {
			return s.told("late_open_released")
		}
		return s.told("late_open")
	case followup.StateExplained:
		return s.told("late_explained")
	case followup.StateWithdrawn:
		if c.Feedback.Voided() {
			return s.told("late_withdrawn_void")
		}
		return s.told("late_withdrawn")
	default:
		return s.told("late_none")
	}
}

// lateBy tells who did what before the person who reads it.
func (s *Speaker) lateBy(key, doer, reader string, now followup.FollowUp) Answer {
	in := values{"who": user(doer, s.say("late_somebody")), "outcome": s.outcomeWord(now.Outcome)}
	if doer == reader {
		key += "_you"
	}
	return said(s.line(key, in))
}

// LateAct tells why nothing has come of an act on a feedback: how it stands by now.
func (s *Speaker) LateAct(f feedback.Feedback) Answer {
	if f.Voided() {
		return said(s.line("late_void", values{"who": user(f.Void.By, s.say("late_somebody"))}))
	}
	return s.told("late_counts")
}

// AlreadyTheirs tells that a follow-up was handed to whoever has it already.
func (s *Speaker) AlreadyTheirs(claimer string) Answer {
	return said(s.line("late_theirs", values{"who": s.user(claimer)}))
}

// CannotTake tells that a follow-up was to be handed to somebody who may not have it.
func (s *Speaker) CannotTake(whom string, channels []string) Answer {
	return said(s.line("assign_outsider", values{"who": s.user(whom), "channels": s.anyOf(channels)}))
}
