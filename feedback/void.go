package feedback

import "time"

// ByImport stands in the place of a Slack user where a row of history voided a
// feedback.
const ByImport = "import"

// Void says that a feedback does not count, and why. The zero Void says that it
// counts.
type Void struct {
	// Reason is in the words of whoever voided it; a Void has one.
	Reason string
	// By is a Slack user, or [ByImport].
	By string
	At time.Time
}

// Voided reports whether the feedback does not count.
func (f Feedback) Voided() bool { return f.Void.Reason != "" }
