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
	if s.Metric.Averaged() {
		return s.MeanIntervalText()
	}
	interval, ok := s.Interval()
	if !ok {
		return "", "", false
	}
	write := func(units int64) string {
		if s.Metric.Net() {
			return Signed(big.NewRat(units, 1), 0)
		}
		return fixed(units, 0) + "%"
	}
	from, to := interval.Round(0)
	return write(from), write(to), true
}

// MeanIntervalText is both ends of [Score.MeanInterval] for people, in no language: 4.08 and 4.52.
func (s Score) MeanIntervalText() (low, high string, ok bool) {
	interval, ok := s.MeanInterval()
	if !ok {
		return "", "", false
	}
	from, to := interval.Round(meanDecimals)
	return fixed(from, meanDecimals), fixed(to, meanDecimals), true
}

// Interval is the score's 95 % interval. ok is false with too few answers.
//
// A net score has the adjusted Wald interval of [Score.estimate], cut off at ±100. A share has the
// Wilson interval
// (https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval). A
// mean has the interval of [Score.estimate], cut off at the ends of its scale.
func (s Score) Interval() (Interval, bool) {
	switch {
	case !s.Enough():
		return Interval{}, false
	case s.Metric.Averaged():
		return s.MeanInterval()
	case s.Metric.Net():
		return s.netEstimate().interval(100, -100, 100), true
	default:
		return wilson(s.share(), s.effective()), true
	}
}

// MeanInterval is the 95 % interval of [Score.Mean]. ok is false with too few answers.
func (s Score) MeanInterval() (Interval, bool) {
	if !s.Enough() {
		return Interval{}, false
	}
	scale := s.Metric.scale()
	return s.meanEstimate().interval(1, int64(scale.low), int64(scale.high)), true
}

// estimate is what answers let expect of the true score: its centre, and the square of its standard
// error.
type estimate struct {
	centre, errorSquared *big.Rat
}

// interval lies 1.96 standard errors to either side of the centre, both multiplied by unit, and is
// cut off at least and most.
func (e estimate) interval(unit, least, most int64) Interval {
	centre := new(big.Rat).Mul(e.centre, big.NewRat(unit, 1))
	margin := new(big.Rat).Mul(zOf95Percent(), big.NewRat(unit, 1))
	square := new(big.Rat).Mul(margin, margin)
	square.Mul(square, e.errorSquared)
	return Interval{low: quadratic{centre, -1, square}, high: quadratic{centre, +1, square}, least: least, most: most}
}

// estimate is that of a score that is no share. Few answers do not vouch for their own precision:
// ten that are alike have no variance, which does not predict the next one. So answers are added
// that no customer gave, which weigh less the more answers there are. There must be answers.
func (s Score) estimate() estimate {
	if s.Metric.Averaged() {
		return s.meanEstimate()
	}
	return s.netEstimate()
}

// netEstimate adds three answers to those of a net score, ¾ at each end: the adjusted Wald interval
// of B. Rocks, Interval estimation for the "net promoter score", The American Statistician 70, 2016,
// 365–372, which MeasuringU recommends (https://measuringu.com/nps-confidence-intervals/). With the
// adjusted shares p and d of the two ends it is (p − d) ± 1.96·√((p + d − (p − d)²)/(n + 3)), here
// as a fraction of 1.
func (s Score) netEstimate() estimate {
	n := new(big.Rat).Add(s.effective(), big.NewRat(3, 1))
	end := func(count int64) *big.Rat {
		adjusted := new(big.Rat).Add(s.weighed(count), big.NewRat(3, 4))
		return adjusted.Quo(adjusted, n)
	}
	p, d := end(s.top), end(s.bottom)
	net := new(big.Rat).Sub(p, d)
	variance := p.Add(p, d)
	variance.Sub(variance, new(big.Rat).Mul(net, net))
	return estimate{net, variance.Quo(variance, n)}
}

// meanEstimate adds half an answer for each step of the scale: with N answers then, their mean m
// and their sample variance s², it is m ± 1.96·s/√N.
func (s Score) meanEstimate() estimate {
	half := big.NewRat(1, 2)
	n, sum, squares := s.effective(), s.weighed(s.sum), s.weighed(s.squares)
	scale := s.Metric.scale()
	for value := int64(scale.low); value <= int64(scale.high); value++ {
		n.Add(n, half)
		sum.Add(sum, big.NewRat(value, 2))
		squares.Add(squares, big.NewRat(value*value, 2))
	}
	mean := new(big.Rat).Quo(sum, n)
	variance := squares.Sub(squares, sum.Mul(sum, mean))
	variance.Quo(variance, new(big.Rat).Sub(n, big.NewRat(1, 1)))
	return estimate{mean, variance.Quo(variance, n)}
}

// wilson is the Wilson interval of the share p of n answers, which may be a fraction, in percent:
// (p + z²/2n ± √(z²·(p(1−p)/n + z²/4n²))) / (1 + z²/n).
func wilson(p, answers *big.Rat) Interval {
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
