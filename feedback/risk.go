package feedback

import (
	"cmp"
	"slices"
	"time"
)

const (
	// riskStreakLength is how many unhappy answers in a row put a customer at risk.
	riskStreakLength = 3
	// riskWithin is how close an unhappy answer and a detractor's NPS must lie for them
	// to do so, too.
	riskWithin = 90 * 24 * time.Hour
)

// RiskAnswer is what an answer tells of how its customer feels.
type RiskAnswer struct {
	FeedbackID string
	Kind       Kind
	Rating     int
	// At is when it was given.
	At time.Time
	// Flagged tells that the answer is shown as one of a customer at risk, Told that the
	// leads were told of a streak that it was in.
	Flagged, Reported bool
}

// CountsForRisk reports whether an answer of the kind tells how a customer feels: smileys,
// satisfaction and NPS do.
func (k Kind) CountsForRisk() bool { return k == KindSmiley || k == KindCSAT || k == KindNPS }

func (m RiskAnswer) happy() bool     { return m.Kind.Colour(m.Rating) == Green }
func (m RiskAnswer) detractor() bool { return m.Kind == KindNPS && m.Kind.Colour(m.Rating) == Red }
func (m RiskAnswer) unhappy() bool   { return m.Kind != KindNPS && !m.happy() }

// RiskStreak picks, in order, the unhappy answers and the detractors' of a customer since
// the last happy answer, if they put the customer at risk, and else none: three unhappy
// smileys or satisfaction scores in a row, or one and an NPS of 0–6 within 90 days. A
// happy answer ends a streak. moods are all answers that count, in any order.
func RiskStreak(moods []RiskAnswer) []RiskAnswer {
	sorted := slices.Clone(moods)
	slices.SortFunc(sorted, func(a, b RiskAnswer) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.FeedbackID, b.FeedbackID)) })
	var streak, unhappy, detractors []RiskAnswer
	for _, m := range sorted {
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
