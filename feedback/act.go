package feedback

import (
	"fmt"
	"slices"
	"time"
)

// Action is what a person does with a feedback itself: whether it counts.
type ModerationAction string

// The acts.
const (
	ModerationConfirm ModerationAction = "confirm" // that a suspect click is a person's
	ModerationVoid    ModerationAction = "void"    // it does not count
	ModerationRestore ModerationAction = "restore" // it counts again
)

// ModerationActions lists every act.
func ModerationActions() []ModerationAction {
	return []ModerationAction{ModerationConfirm, ModerationVoid, ModerationRestore}
}

// PossibleModerations lists what a person can do with the feedback as it stands.
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

// Moderation is a person's act on a feedback.
type Moderation struct {
	Action ModerationAction
	// By is the Slack user.
	By string
	// Reason goes with [ModerationVoid].
	Reason string
	At     time.Time
}

// ModerationRefusedError is returned for an act that is not possible, because somebody was
// quicker.
type ModerationRefusedError struct {
	Action ModerationAction
	// Now is the feedback as it stands.
	Now Feedback
}

func (e *ModerationRefusedError) Error() string {
	return fmt.Sprintf("a feedback cannot be changed by %q as it stands", e.Action)
}

// Moderate applies a person's act. The error is an [*ModerationRefusedError].
func (f Feedback) Moderate(r Moderation) (Feedback, error) {
	if !slices.Contains(f.PossibleModerations(), r.Action) {
		return f, &ModerationRefusedError{Action: r.Action, Now: f}
	}
	switch r.Action {
	case ModerationConfirm:
		f.Suspect, f.Confirmed = false, true
	case ModerationVoid:
		f.Void = Void{Reason: r.Reason, By: r.By, At: Moment(r.At)}
	case ModerationRestore:
		f.Void = Void{}
	}
	return f, nil
}
