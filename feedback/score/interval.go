package score

import "math/big"

// zOf95Percent is the number of standard errors around the mean of a normal distribution that
// contain 95 % of it: 1.96, as a fraction.
func zOf95Percent() *big.Rat { return big.NewRat(196, 100) }

// Interval is the 95 % interval of a score: if the same people were asked again and again, 95 of
// 100 such intervals would contain the true score. It does not cover customers who never answer.
// Its ends are exact; round each once.
type Interval struct {
	low, high   quadratic
	least, most int64 // What no score lies beyond.
}

// Round is both ends in units of 10^-decimals points, percent or stars: 417 with one decimal is 41.7.
func (i Interval) Round(decimals int) (low, high int64) {
	unit := powerOfTen(decimals).Num().Int64()
	return max(i.low.round(decimals), i.least*unit), min(i.high.round(decimals), i.most*unit)
}

// IntervalText is both ends for people, in no language: +34 and +50 for a net score, 81% and 93%
// for a share, 4.08 and 4.52 for a mean.
func (s Score) IntervalText() (low, high string, ok bool) {
	interval, ok := s.Interval()
	if !ok {
		return "", "", false
	}
	write := func(units int64) string {
		switch {
		case s.Metric.Net():
			return Signed(big.NewRat(units, 1), 0)
		case s.Metric.Averaged():
			return fixed(units, 2)
		default:
			return fixed(units, 0) + "%"
		}
	}
	decimals := 0
	if s.Metric.Averaged() {
		decimals = 2
	}
	from, to := interval.Round(decimals)
	return write(from), write(to), true
}

// Interval is the score's 95 % interval. ok is false with too few answers, and for a net score
// whose answers are all alike: their variance is zero, which does not predict the next answer.
//
// A net score with the shares p and d of its two ends lies 1.96·√((p + d − (p − d)²)/n) to either
// side, cut off at ±100 (each answer is a ticket of +1, 0 or −1,
// http://www.cybaea.net/Journal/2016/01/14/NPS-confidence-intervals-stats/ and
// https://www.genroe.com/blog/how-to-calculate-margin-of-error-and-other-stats-for-nps/5994). A
// share has the Wilson interval
// (https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval). A
// mean lies 1.96·s/√n to either side, with the sample's standard deviation s
// (https://en.wikipedia.org/wiki/Standard_error), cut off at the ends of its scale.
func (s Score) Interval() (Interval, bool) {
	switch {
	case !s.Enough():
		return Interval{}, false
	case s.Metric.Averaged():
		return s.meanInterval()
	case !s.Metric.Net():
		return wilson(s.share(), s.N), true
	case s.variance().Sign() == 0:
		return Interval{}, false
	default:
		score, square := s.Exact(), s.marginSquared()
		return Interval{low: quadratic{score, -1, square}, high: quadratic{score, +1, square}, least: -100, most: 100}, true
	}
}

func (s Score) meanInterval() (Interval, bool) {
	square := s.meanErrorSquared()
	if square.Sign() == 0 {
		return Interval{}, false
	}
	mean, scale, z := s.Mean(), s.Metric.scale(), zOf95Percent()
	square.Mul(square, z.Mul(z, z))
	return Interval{
		low: quadratic{mean, -1, square}, high: quadratic{mean, +1, square},
		least: int64(scale.low), most: int64(scale.high),
	}, true
}

// meanErrorSquared is the square of a mean's standard error, s²/n with the sample variance
// s² = (Σx² − (Σx)²/n)/(n − 1). There must be two answers or more.
func (s Score) meanErrorSquared() *big.Rat {
	scatter := big.NewRat(s.squares, 1)
	scatter.Sub(scatter, new(big.Rat).Mul(big.NewRat(s.sum, 1), big.NewRat(s.sum, s.N)))
	return scatter.Quo(scatter, new(big.Rat).Mul(big.NewRat(s.N-1, 1), big.NewRat(s.N, 1)))
}

// Margin is the margin of error of a net score in whole points, half the width of its interval
// before the cut at ±100. ok is false without an interval, and for a share, whose interval is not
// symmetric.
func (s Score) Margin() (points int64, ok bool) {
	if !s.Enough() || !s.Metric.Net() || s.variance().Sign() == 0 {
		return 0, false
	}
	return quadratic{new(big.Rat), +1, s.marginSquared()}.round(0), true
}

// marginSquared is the square of a net score's margin of error, in points.
func (s Score) marginSquared() *big.Rat {
	margin := percent(zOf95Percent())
	square := new(big.Rat).Mul(margin, margin)
	return square.Mul(square, s.errorSquared())
}

// variance is that of one answer to a net score, as a fraction of 1: p + d − (p − d)².
func (s Score) variance() *big.Rat {
	net := s.share()
	ends := big.NewRat(s.top+s.bottom, s.N)
	return ends.Sub(ends, net.Mul(net, net))
}

// errorSquared is the square of a net score's standard error, as a fraction of 1.
func (s Score) errorSquared() *big.Rat {
	return new(big.Rat).Quo(s.variance(), big.NewRat(s.N, 1))
}

// wilson is the Wilson interval of the share p of n answers, in percent:
// (p + z²/2n ± √(z²·(p(1−p)/n + z²/4n²))) / (1 + z²/n).
func wilson(p *big.Rat, n int64) Interval {
	answers := big.NewRat(n, 1)
	z := zOf95Percent()
	zSquared := new(big.Rat).Mul(z, z)
	zSquaredByN := new(big.Rat).Quo(zSquared, answers)
	hundredth := new(big.Rat).Add(big.NewRat(1, 1), zSquaredByN)
	hundredth.Quo(hundredth, big.NewRat(100, 1))

	centre := new(big.Rat).Mul(zSquaredByN, big.NewRat(1, 2))
	centre.Add(centre, p)
	centre.Quo(centre, hundredth)

	square := bernoulli(p)
	square.Quo(square, answers)
	square.Add(square, new(big.Rat).Quo(zSquaredByN, new(big.Rat).Mul(answers, big.NewRat(4, 1))))
	square.Mul(square, zSquared)
	square.Quo(square, new(big.Rat).Mul(hundredth, hundredth))
	return Interval{low: quadratic{centre, -1, square}, high: quadratic{centre, +1, square}, most: 100}
}

// bernoulli is the variance p(1−p) of one answer that is good with probability p.
func bernoulli(p *big.Rat) *big.Rat {
	rest := new(big.Rat).Sub(big.NewRat(1, 1), p)
	return rest.Mul(rest, p)
}

// quadratic is the number a + sign·√square, kept in parts so that it can be rounded exactly.
type quadratic struct {
	a      *big.Rat
	sign   int // +1 or −1
	square *big.Rat
}

// round is the number × 10^decimals as the nearest whole number, half away from zero. With 1,024
// bits that is exact: a number of this form from fewer than 10^12 answers that is not a half differs
// from it by far more than the 2^-400 that are added for the halves.
func (q quadratic) round(decimals int) int64 {
	const precision, tie = 1024, -400
	root := new(big.Float).SetPrec(precision).SetRat(q.square)
	root.Sqrt(root)
	if q.sign < 0 {
		root.Neg(root)
	}
	value := new(big.Float).SetPrec(precision).SetRat(q.a)
	value.Add(value, root)
	value.Mul(value, new(big.Float).SetRat(powerOfTen(decimals)))
	half := new(big.Float).SetPrec(precision).SetMantExp(big.NewFloat(1), tie)
	half.Add(half, big.NewFloat(0.5))
	if value.Sign() < 0 {
		half.Neg(half)
	}
	whole, _ := value.Add(value, half).Int64() // cut off
	return whole
}
