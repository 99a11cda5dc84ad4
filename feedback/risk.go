package feedback

import (
	"cmp"
	"slices"
	"time"
)

const (
	// riskStreakLength is how many unhappy answers in a row put a customer at risk.
	riskStreakLength = 3
	// riskWithin is how close together an unhappy answer and the NPS of a detractor put one at
	// risk.
	riskWithin = 90 * 24 * time.Hour
)

// RiskAnswer is one answer of a customer, reduced to what decides about the risk.
type RiskAnswer struct {
	FeedbackID string
	Kind       Kind
	Rating     int
	// At is when it was given.
	At time.Time
	// Flagged means that Slack shows the answer as that of a customer at risk. Reported means that
	// the team leads have had a notice about a streak with this answer.
	Flagged, Reported bool
}

// CountsForRisk reports whether answers of the kind show how a customer feels: smileys,
// satisfaction and NPS do.
func (k Kind) CountsForRisk() bool { return k == KindSmiley || k == KindCSAT || k == KindNPS }

func (m RiskAnswer) happy() bool     { return m.Kind.Colour(m.Rating) == Green }
func (m RiskAnswer) detractor() bool { return m.Kind == KindNPS && m.Kind.Colour(m.Rating) == Red }
func (m RiskAnswer) unhappy() bool   { return m.Kind != KindNPS && !m.happy() }

// RiskStreak returns, in order, the unhappy answers and detractors' scores since the last happy
// answer if they put the customer at risk, else nil. That takes three unhappy smileys or
// satisfaction scores in a row, or one of them and an NPS of 0–6 within 90 days. answers are all
// that count, in any order.
func RiskStreak(answers []RiskAnswer) []RiskAnswer {
	var streak, unhappy, detractors []RiskAnswer
	for _, m := range sortedAnswers(answers) {
		switch {
		case m.happy():
			streak, unhappy, detractors = nil, nil, nil
		case m.unhappy():
			streak, unhappy = append(streak, m), append(unhappy, m)
		case m.detractor():
			streak, detractors = append(streak, m), append(detractors, m)
		}
	}
	near := slices.ContainsFunc(unhappy, func(u RiskAnswer) bool {
		return slices.ContainsFunc(detractors, func(d RiskAnswer) bool { return u.At.Sub(d.At).Abs() <= riskWithin })
	})
	if len(unhappy) < riskStreakLength && !near {
		return nil
	}
	return streak
}

// Risk is the fact that puts a customer at risk, as the message of one answer says it. The zero Risk
// is an unhappy answer and the NPS of a detractor within 90 days.
type Risk struct {
	// InRow says which unhappy answer in a row this one is, from 3 on; 0 for an earlier one and for an
	// NPS.
	InRow int
	// Several means that there are three unhappy answers in a row or more.
	Several bool
}

// RiskOf is the risk as the message of one answer of a streak says it. Detractors' scores do not
// count as unhappy answers in a row.
func RiskOf(streak []RiskAnswer, feedbackID string) Risk {
	var risk Risk
	n := 0
	for _, m := range sortedAnswers(streak) {
		if m.Kind == KindNPS {
			continue
		}
		n++
		if m.FeedbackID == feedbackID && n >= riskStreakLength {
			risk.InRow = n
		}
	}
	risk.Several = n >= riskStreakLength
	return risk
}

func sortedAnswers(answers []RiskAnswer) []RiskAnswer {
	sorted := slices.Clone(answers)
	slices.SortFunc(sorted, func(a, b RiskAnswer) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.FeedbackID, b.FeedbackID)) })
	return sorted
}
