package score

import "math/big"

// How many answers a score needs. No vendor gives a rule for so few; both limits are this project's, kept where
// the margin of error of an NPS falls below some 40 and some 25 points.
const (
	FewAnswers   = 10 // With fewer there are the counts, but no score.
	SolidAnswers = 30 // With fewer the score is only indicative.
)

// Score is what a metric says of a tally of answers. It is exact: every number is rounded once, when it is shown.
type Score struct {
	Metric Metric
	N      int64 // The number of answers.
	Split  Split

	top, bottom int64 // How many answers are at the good and at the bad end.
	sum         int64 // The sum of all answers' values.
	squares     int64 // The sum of their squares.
}

// Enough tells whether there are enough answers for a score, [FewAnswers] or more.
func (s Score) Enough() bool { return s.N >= FewAnswers }

// Indicative tells whether there is a score, but from so few answers that it is only a hint.
func (s Score) Indicative() bool { return s.Enough() && s.N < SolidAnswers }

// Exact is the score, unrounded: points from −100 to +100 for a net score, stars for a mean, else percent. It is nil
// with too few answers.
func (s Score) Exact() *big.Rat {
	if !s.Enough() {
		return nil
	}
	if s.Metric.Averaged() {
		return s.Mean()
	}
	return percent(s.share())
}

// Mean is the exact mean of the answers' values, nil with too few answers.
func (s Score) Mean() *big.Rat {
	if !s.Enough() {
		return nil
	}
	return big.NewRat(s.sum, s.N)
}

// Figure is the score as a whole number, in no language: +42, 0 or −3 (with a real minus sign) for a net score, 87% for
// a share; a mean has two decimals, 4.31. It is nothing with too few answers.
func (s Score) Figure() string {
	exact := s.Exact()
	switch {
	case exact == nil:
		return ""
	case s.Metric.Net():
		return Signed(exact, 0)
	case s.Metric.Averaged():
		return fixed(round(exact, 2), 2)
	default:
		return fixed(round(exact, 0), 0) + "%"
	}
}

// share is the score as a fraction of 1. There must be answers.
func (s Score) share() *big.Rat {
	if s.Metric.Net() {
		return big.NewRat(s.top-s.bottom, s.N)
	}
	return big.NewRat(s.top, s.N)
}

func percent(share *big.Rat) *big.Rat {
	return new(big.Rat).Mul(share, big.NewRat(100, 1))
}
