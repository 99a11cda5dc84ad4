package feedback

import "time"

// ByImport stands in the place of a Slack user where a row of history voided a
// feedback.
const ByImport = "import"

// ByCustomer is who made a change that an event of the sender caused.
const ByCustomer = "customer"

// ReasonTakenBack is why a feedback does not count whose answer the customer took back,
// see [Event.TakenBack]. Slack says it in its own words.
const ReasonTakenBack = "taken back"

// Void says that a feedback does not count, and why. The zero Void says that it
// counts.
type Void struct {
	// Reason is in the words of whoever voided it; a Void has one.
	Reason string
	// By is a Slack user, [ByImport], or [ByCustomer] for what was taken back.
	By string
	At time.Time
}

// Voided reports whether the feedback does not count.
func (f Feedback) Voided() bool { return f.Void.Reason != "" }

// takeBack voids the feedback when the event takes its answer back, and lets it count
// again when the customer has answered anew since. What a person voided stays so.
// stale is true for an event that is older than the answer it takes back.
func (f *Feedback) takeBack(e Event) (changed, stale bool) {
	switch {
	case e.TakenBack && e.OccurredAt.Before(f.SetAt[FieldRating]):
		return false, true
	case e.TakenBack && !f.Voided():
		f.Void = Void{Reason: ReasonTakenBack, By: ByCustomer, At: Moment(e.OccurredAt)}
		return true, false
	case e.Mentions[FieldRating] && !e.TakenBack && f.Void.By == ByCustomer && Moment(e.OccurredAt).After(f.Void.At):
		f.Void = Void{}
		return true, false
	default:
		return false, false
	}
}

// ModerationOf is what happened between two states of a feedback to whether it counts, as an
// act of whoever did it; false when nothing did. before is nil for a new feedback.
func ModerationOf(before *Feedback, after Feedback, at time.Time) (Moderation, bool) {
	was := before != nil && before.Voided()
	switch {
	case !was && after.Voided():
		return Moderation{Action: ModerationVoid, By: after.Void.By, Reason: after.Void.Reason, At: at}, true
	case was && !after.Voided():
		return Moderation{Action: ModerationRestore, By: before.Void.By, At: at}, true
	default:
		return Moderation{}, false
	}
}
