package feedback

import (
	"fmt"
	"slices"
	"time"
)

// Act is what a person does with a feedback itself: whether it counts.
type Act string

// The acts.
const (
	ActConfirm Act = "confirm" // that a suspect click is a person's
	ActVoid    Act = "void"    // it does not count
	ActRestore Act = "restore" // it counts again
)

// Acts lists every act.
func Acts() []Act { return []Act{ActConfirm, ActVoid, ActRestore} }

// Acts lists what a person can do with the feedback as it stands.
func (f Feedback) Acts() []Act {
	switch {
	case f.Voided():
		return []Act{ActRestore}
	case f.Suspect:
		return []Act{ActConfirm, ActVoid}
	default:
		return []Act{ActVoid}
	}
}

// Ruling is a person's act on a feedback.
type Ruling struct {
	Act Act
	// By is the Slack user.
	By string
	// Reason goes with [ActVoid].
	Reason string
	At     time.Time
}

// ActRefusedError is returned for an act that is not possible, because somebody was
// quicker.
type ActRefusedError struct {
	Act Act
	// Now is the feedback as it stands.
	Now Feedback
}

func (e *ActRefusedError) Error() string {
	return fmt.Sprintf("a feedback cannot be changed by %q as it stands", e.Act)
}

// Rule applies a person's act. The error is an [*ActRefusedError].
func (f Feedback) Rule(r Ruling) (Feedback, error) {
	if !slices.Contains(f.Acts(), r.Act) {
		return f, &ActRefusedError{Act: r.Act, Now: f}
	}
	switch r.Act {
	case ActConfirm:
		f.Suspect, f.Confirmed = false, true
	case ActVoid:
		f.Void = Void{Reason: r.Reason, By: r.By, At: Moment(r.At)}
	case ActRestore:
		f.Void = Void{}
	}
	return f, nil
}
