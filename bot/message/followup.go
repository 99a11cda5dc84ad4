package message

import (
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// stateLine says what the state of the follow-up is, and what it asks of the reader. The thread has
// the note with which it ended.
func (r *Renderer) stateLine(v followup.Snapshot) line {
	var l line
	switch f := v.FollowUp; f.State {
	case followup.StateOpen:
		l = r.line("open_ask", values{"open": bold(r.text("open")), "ask": textLine(r.ask(v))})
		l.fact(r.when(f.DueAt, "due"))
	case followup.StateClaimed:
		l = r.line("claimed_ask", values{
			"claimed": r.line("claimed_by", values{"claimed": bold(r.text("claimed")), "who": r.user(f.Claimer)}), "ask": textLine(r.ask(v)),
		})
		l.fact(r.when(f.DueAt, "due"))
	case followup.StateSnoozed:
		l.join(r.snoozedLine(f))
		l.fact(r.claimedLine(f))
		l.fact(textLine(r.ask(v)))
		if f.DueAt.After(f.SnoozedUntil) {
			l.fact(r.when(f.DueAt, "due"))
		}
	case followup.StateDone:
		l.join(r.line("done_by", values{"done": bold(r.text("done")), "who": r.user(f.ChangedBy)}))
		l.fact(textLine(r.outcomeWord(f.Outcome)))
		l.fact(r.time(f.ChangedAt))
	case followup.StateExplained, followup.StateWithdrawn:
		if v.Feedback.Voided() {
			return nil // which says it all
		}
		l.text(r.stateWord(v))
		l.fact(r.time(f.ChangedAt))
	case followup.StateNone:
	}
	return l
}

// ask is what a follow-up asks of its reader: a review needs a reply on its site, a customer without
// a comment is asked for one, and any other is answered.
func (r *Renderer) ask(v followup.Snapshot) string {
	switch {
	case v.Feedback.Kind == feedback.KindReview:
		return r.text("task_review")
	case prose(v.Feedback.Comment) == "":
		return r.text("task_ask")
	default:
		return r.text("task_answer")
	}
}

// task is the line that names the task when it is not asking the customer: a review needs a reply on
// its site. It is nil for other feedback, and when the follow-up is over.
func (r *Renderer) task(v followup.Snapshot) line {
	if v.Feedback.Kind != feedback.KindReview || !v.FollowUp.State.Pending() {
		return nil
	}
	return textLine(r.text("task_review"))
}

func (r *Renderer) snoozedLine(f followup.FollowUp) line {
	return r.line("snoozed_until", values{"snoozed": bold(r.text("snoozed")), "time": r.time(f.SnoozedUntil)})
}

// claimedLine says who has claimed the follow-up. It is nil for one that is not claimed.
func (r *Renderer) claimedLine(f followup.FollowUp) line {
	if f.Claimer == "" {
		return nil
	}
	return r.line("queue_claimed", values{"who": r.user(f.Claimer)})
}
