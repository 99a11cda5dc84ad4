package followup

import (
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// OnEvent is the follow-up after an event of the sender; before is nil for a new feedback.
// notifyClaimer is true when the claimer must learn that the explanation has come.
//
//   - It opens when an answer becomes unhappy and unexplained, from none, explained or withdrawn;
//     done stays done.
//   - An unclaimed follow-up (open or snoozed) becomes explained when a comment arrives, except for
//     reviews, which need a reply on the site. A claimed one stays with its claimer.
//   - Any but done is withdrawn when the answer turns green.
//   - While it is pending, its due time follows the urgency of the ticket.
//   - The follow-up of a voided feedback does not change.
func (f FollowUp) OnEvent(before *feedback.Feedback, after feedback.Feedback, now time.Time, due func(opened time.Time) time.Time) (next FollowUp, notifyClaimer bool) {
	if after.Voided() {
		return f, false
	}
	next, notifyClaimer = f.onEvent(before, after, now, due)
	if before != nil && before.Ticket.Urgent != after.Ticket.Urgent && next.State.Pending() {
		next.DueAt = office.Later(feedback.Moment(due(next.OpenedAt)), next.SnoozedUntil)
	}
	return next, notifyClaimer
}

func (f FollowUp) onEvent(before *feedback.Feedback, after feedback.Feedback, now time.Time, due func(time.Time) time.Time) (next FollowUp, notifyClaimer bool) {
	const by = feedback.ByCustomer
	wanted := wantsFollowUp(after) && (before == nil || !wantsFollowUp(*before))
	happy := before != nil && before.Colour() != feedback.Green && after.Colour() == feedback.Green
	commented := before != nil && !before.Explained() && after.Explained()
	switch {
	case wanted && slices.Contains([]State{StateNone, StateExplained, StateWithdrawn}, f.State):
		return f.open(by, now, due), false
	case happy && (f.State.Pending() || f.State == StateExplained):
		return f.to(StateWithdrawn, by, now), false
	case commented && f.State.Pending() && f.Claimer != "":
		return f, true
	case commented && f.State.Pending() && after.Kind != feedback.KindReview:
		return f.to(StateExplained, by, now), false
	}
	return f, false
}

// wantsFollowUp reports whether a feedback opens a follow-up by itself: an unhappy smiley or
// satisfaction score without a comment, or a review of three stars or less, which needs a reply on
// the site. A voided feedback does not.
func wantsFollowUp(f feedback.Feedback) bool {
	if f.Voided() {
		return false
	}
	switch f.Kind {
	case feedback.KindSmiley, feedback.KindCSAT:
		return f.Colour().Unhappy() && !f.Explained()
	case feedback.KindReview:
		return f.Colour().Unhappy()
	default:
		return false
	}
}

// Void withdraws the follow-up of a feedback that no longer counts; done stays done. It keeps the
// state before for [FollowUp.Restore].
func (f FollowUp) Void(before feedback.Feedback, by string, now time.Time) FollowUp {
	if !f.State.Pending() && f.State != StateExplained {
		return f
	}
	was := BeforeVoid{
		State: f.State, Claimer: f.Claimer, SnoozedUntil: f.SnoozedUntil,
		Explained: before.Explained(), Happy: before.Colour() == feedback.Green,
	}
	f = f.to(StateWithdrawn, by, now)
	f.BeforeVoid = was
	return f
}

// Restore is the follow-up of a feedback that counts again. It has the state before the void; what
// the customer has done meanwhile is applied as if it came now. notifyClaimer is true when the
// claimer must learn that the explanation has come.
func (f FollowUp) Restore(after feedback.Feedback, by string, now time.Time, due func(opened time.Time) time.Time) (next FollowUp, notifyClaimer bool) {
	wanted := wantsFollowUp(after)
	was := f.BeforeVoid
	commented := after.Explained() && !was.Explained
	switch {
	case f.State == StateNone && wanted, f.State == StateWithdrawn && wanted && !was.State.Pending():
		return f.open(by, now, due), false
	case f.State != StateWithdrawn || was.State == StateNone:
		return f, false
	case after.Colour() == feedback.Green && !was.Happy:
		f.BeforeVoid = BeforeVoid{}
		return f, false
	case was.State == StateExplained, was.Claimer == "" && after.Kind != feedback.KindReview && commented:
		return f.to(StateExplained, by, now), false
	default:
		f = f.to(was.State, by, now)
		f.Claimer, f.SnoozedUntil = was.Claimer, was.SnoozedUntil
		return f, commented && f.Claimer != ""
	}
}
