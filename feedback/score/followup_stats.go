package score

import (
	"cmp"
	"slices"
	"time"

	"smileybot/feedback/followup"
)

// FollowUpStats is what became of the follow-ups of a period.
type FollowUpStats struct {
	FollowUps FollowUpCount
	// Recovery counts the answers to a follow-up question: Yes of All were happy.
	Recovery Ratio
	// Outcomes are those of the follow-ups that were finished, the most named first.
	Outcomes []OutcomeCount
}

// Handled is how many were finished with an outcome in the period, whenever they were
// opened.
func (w FollowUpStats) Handled() int64 {
	var n int64
	for _, o := range w.Outcomes {
		n += o.N
	}
	return n
}

// FollowUpCount counts the follow-ups that were opened in a period, by what has become
// of them: each is in one of InTime, Overdue and Waiting.
type FollowUpCount struct {
	Opened int64
	// InTime ended until they were due, with an outcome or by themselves. Overdue did
	// not, ended or not. Waiting are not due yet.
	InTime, Overdue, Waiting int64
}

// Add counts a follow-up as it stands at that moment.
func (c *FollowUpCount) Add(f followup.FollowUp, now time.Time) {
	c.Opened++
	switch {
	case !f.State.Pending() && !f.ChangedAt.After(f.DueAt):
		c.InTime++
	case !f.State.Pending() || f.Overdue(now):
		c.Overdue++
	default:
		c.Waiting++
	}
}

// OutcomeCount is how many follow-ups ended with an outcome.
type OutcomeCount struct {
	Outcome followup.Outcome
	N       int64
}

// SortOutcomes puts the most named first; those named as often stay in the order in
// which a person is offered them.
func SortOutcomes(counts []OutcomeCount) {
	slices.SortStableFunc(counts, func(a, b OutcomeCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(slices.Index(followup.Outcomes(), a.Outcome), slices.Index(followup.Outcomes(), b.Outcome)))
	})
}
