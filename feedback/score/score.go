// Package score computes scores from tallies: metrics, intervals, significance, trends and periods,
// and reads the words of a query.
package score

import (
	"math/big"
)

// The answers that a score needs. No vendor gives a rule for so few. Both limits are this
// project's: the margin of error of an NPS falls below some 40 and some 25 points there.
const (
	FewAnswers   = 10 // With fewer there are the counts, but no score.
	SolidAnswers = 30 // With fewer the score is only indicative.
)

// Score is a metric of a tally of answers. It is exact: every number is rounded once, when it is
// shown.
type Score struct {
	Metric Metric
	N      int64 // The number of answers.
	Split  Split

	top, bottom int64 // How many answers are at the good and at the bad end.
	sum         int64 // The sum of all answers' values.
	squares     int64 // The sum of their squares.

	customers Customers
	counted   bool // Whether customers is known.
}

// Enough reports whether there are enough answers for a score, [FewAnswers] or more.
func (s Score) Enough() bool { return s.N >= FewAnswers }

// Indicative reports whether there is a score, but from so few answers that it is only a hint.
func (s Score) Indicative() bool { return s.Enough() && s.N < SolidAnswers }

// Satisfaction is the CSAT of the answers of a Smileys score.
func (s Score) Satisfaction() Score {
	s.Metric = MetricCSAT
	return s
}

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

// Round is the score in units of 10^-decimals points, percent or stars, rounded half away from zero: 417
// with one decimal is 41.7. It is zero with too few answers.
func (s Score) Round(decimals int) int64 {
	if !s.Enough() {
		return 0
	}
	return round(s.Exact(), decimals)
}

// Mean is the exact mean of the answers' values, nil with too few answers.
func (s Score) Mean() *big.Rat {
	if !s.Enough() {
		return nil
	}
	return big.NewRat(s.sum, s.N)
}

// Figure is the score as a whole number, in no language: +42, 0 or −3 (with a real minus sign) for
// a net score, 87% for a share; a mean has two decimals, 4.31. It is empty with too few answers.
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

// Signed writes an exact number for people, rounded once to so many decimals, half away from zero: +3.2, −3.2 with
// a real minus sign (U+2212), and 0 without a sign or decimals.
func Signed(exact *big.Rat, decimals int) string {
	rounded := round(exact, decimals)
	switch {
	case rounded == 0:
		return "0"
	case rounded < 0:
		return "−" + fixed(-rounded, decimals)
	default:
		return "+" + fixed(rounded, decimals)
	}
}

// Decimal writes an exact number in digits, rounded once to so many decimals, half away from zero; nil is empty.
func Decimal(exact *big.Rat, decimals int) string {
	if exact == nil {
		return ""
	}
	return fixed(round(exact, decimals), decimals)
}

// round is exact × 10^decimals as the nearest whole number, half away from zero.
func round(exact *big.Rat, decimals int) int64 {
	scaled := new(big.Rat).Mul(new(big.Rat).Abs(exact), powerOfTen(decimals))
	scaled.Add(scaled, big.NewRat(1, 2))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom()).Int64()
	if exact.Sign() < 0 {
		return -whole
	}
	return whole
}

// fixed writes a number of units of 10^-decimals in digits: 417 with one decimal is 41.7. There is no minus zero.
func fixed(units int64, decimals int) string {
	return new(big.Rat).Quo(big.NewRat(units, 1), powerOfTen(decimals)).FloatString(decimals)
}

func powerOfTen(n int) *big.Rat {
	power := int64(1)
	for range n {
		power *= 10
	}
	return big.NewRat(power, 1)
}
