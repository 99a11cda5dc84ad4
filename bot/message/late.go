package message

import "smileybot/feedback"

// Late tells the person who clicked, in one sentence, why nothing has come of
// it: what the follow-up is by now, and by whom. wanted is what they clicked,
// clicker who they are.
func Late(wanted feedback.Action, now feedback.FollowUp, clicker string) Answer {
	var l line
	switch now.State {
	case feedback.StateClaimed:
		l.doer(now.Claimer, clicker)
		l.text(" already claimed this follow-up.")
	case feedback.StateDone:
		l.doer(now.ChangedBy, clicker)
		l.text(" already finished this follow-up: " + outcomeWord(now.Outcome) + ".")
	case feedback.StateOpen:
		l.text(lateOpenWord(wanted))
	case feedback.StateExplained:
		l.text("This follow-up closed itself: the customer explained.")
	case feedback.StateWithdrawn:
		l.text("This follow-up was withdrawn: the customer is happy now.")
	case feedback.StateNone:
		l.text("There is no follow-up here.")
	}
	return said(l)
}

// doer begins a sentence with the person who did something.
func (l *line) doer(user, reader string) {
	switch {
	case user == reader:
		l.text("You")
	case slackID(user):
		l.user(user)
	default:
		l.text("Somebody")
	}
}
