package feedback

import (
	"fmt"
	"slices"
	"time"
)

// Who changed a feedback when it was not a Slack user.
const (
	ByCustomer = "customer" // an event of the sender
	ByImport   = "import"   // a row of history
)

// ReasonTakenBack is the reason of a void that the customer caused, see [Event.TakenBack]. Slack
// shows its own words for it.
const ReasonTakenBack = "taken back"

// Void says that a feedback does not count, and why. The zero Void means that it counts.
type Void struct {
	// Reason is never empty in a Void that is set. It is in the words of the person who excluded it.
	Reason string
	// By is a Slack user, [ByImport], or [ByCustomer] for an answer that was taken back.
	By string
	At time.Time
}

// Voided reports whether the feedback does not count.
func (f Feedback) Voided() bool { return f.Void.Reason != "" }

// ModerationAction is what a person decides about a feedback: whether it counts.
type ModerationAction string

// The moderation actions.
const (
	ModerationConfirm ModerationAction = "confirm" // a suspect click was made by a person
	ModerationVoid    ModerationAction = "void"    // it does not count
	ModerationRestore ModerationAction = "restore" // it counts again
)

// ModerationActions lists every action.
func ModerationActions() []ModerationAction {
	return []ModerationAction{ModerationConfirm, ModerationVoid, ModerationRestore}
}

// PossibleModerations lists the actions that the present state of the feedback allows.
func (f Feedback) PossibleModerations() []ModerationAction {
	switch {
	case f.Voided():
		return []ModerationAction{ModerationRestore}
	case f.Suspect:
		return []ModerationAction{ModerationConfirm, ModerationVoid}
	default:
		return []ModerationAction{ModerationVoid}
	}
}

// Moderation is one decision about a feedback.
type Moderation struct {
	Action ModerationAction
	// By is a Slack user, [ByImport] or [ByCustomer].
	By string
	// Reason belongs to [ModerationVoid].
	Reason string
	At     time.Time
	// Revision is that of the message that the person saw; 0 is the present one.
	Revision int64
}

// ModerationRefusedError is returned for an action that is no longer possible or that is outdated,
// because another person was quicker.
type ModerationRefusedError struct {
	Action ModerationAction
	// Now is the feedback at the moment of the refusal.
	Now Feedback
}

func (e *ModerationRefusedError) Error() string {
	return fmt.Sprintf("a feedback cannot be changed by %q in its present state", e.Action)
}

// Moderate applies a person's decision. The error is a [*ModerationRefusedError].
func (f Feedback) Moderate(m Moderation) (Feedback, error) {
	if !slices.Contains(f.PossibleModerations(), m.Action) {
		return f, &ModerationRefusedError{Action: m.Action, Now: f}
	}
	switch m.Action {
	case ModerationConfirm:
		f.Suspect, f.Confirmed = false, true
	case ModerationVoid:
		f.Void = Void{Reason: m.Reason, By: m.By, At: Moment(m.At)}
	case ModerationRestore:
		f.Void = Void{}
	}
	return f, nil
}

// ModerationOf is the moderation that turned before into after; ok is false when both count, or
// neither does. before is nil for a new feedback.
func ModerationOf(before *Feedback, after Feedback, at time.Time) (m Moderation, ok bool) {
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

// takeBack voids the feedback when the event takes its answer back, and restores it when the
// customer has answered again since. A void by a person stays. stale is true for an event that is
// older than the answer it takes back.
func (f *Feedback) takeBack(e Event) (changed, stale bool) {
	switch {
	case e.TakenBack && e.OccurredAt.Before(f.SetAt[FieldRating]):
		return false, true
	case e.TakenBack && !f.Voided():
		f.Void = Void{Reason: ReasonTakenBack, By: ByCustomer, At: Moment(e.OccurredAt)}
		return true, false
	case e.TakenBack && f.Void.By == ByCustomer && Moment(e.OccurredAt).After(f.Void.At):
		f.Void.At = Moment(e.OccurredAt) // an answer before it brings nothing back
		return false, false
	case e.Mentions[FieldRating] && !e.TakenBack && f.Void.By == ByCustomer && Moment(e.MomentOf(FieldRating)).After(f.Void.At):
		f.Void = Void{}
		return true, false
	default:
		return false, false
	}
}
