package message

import "smileybot/feedback"

// Late tells the person who clicked, in one sentence, why nothing has come of
// it: what the follow-up is by now, and by whom. wanted is what they clicked,
// clicker who they are.
func (s *Speaker) Late(wanted feedback.Action, c feedback.Case, clicker string) Answer {
	now := c.FollowUp
	switch now.State {
	case feedback.StateClaimed:
		return s.lateBy("late_claimed", now.Claimer, clicker, now)
	case feedback.StateDone:
		return s.lateBy("late_done", now.ChangedBy, clicker, now)
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
func (s *Speaker) lateBy(key, doer, reader string, now feedback.FollowUp) Answer {
	in := values{"who": user(doer, s.say("late_somebody")), "outcome": s.outcomeWord(now.Outcome)}
	if doer == reader {
		key += "_you"
	}
	return said(s.line(key, in))
}
