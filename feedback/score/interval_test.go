package score_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/score"
)

// The first rows are worked examples of R. G. Newcombe, Two-sided confidence intervals for the single proportion
// (Statistics in Medicine 17, 1998, 857–872), table I, method 3: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611
// and 1 of 29 is 0.0061 to 0.1718. The other rows of csat are Wilson intervals as well; those of net scores are computed by hand.
func TestIntervals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric    score.Metric
		tally     score.Tally
		low, high int64
		tenths    [2]int64
	}{
		{score.MetricCSAT, tally(3, 81, 1, 182), 26, 37, [2]int64{255, 366}},
		{score.MetricCSAT, tally(3, 0, 1, 20), 0, 16, [2]int64{0, 161}},
		{score.MetricCSAT, tally(3, 1, 1, 28), 1, 17, [2]int64{6, 172}},
		{score.MetricCSAT, tally(3, 9, 1, 1), 60, 98, [2]int64{596, 982}},
		{score.MetricCSAT, tally(3, 28, 1, 2), 79, 98, [2]int64{787, 982}},
		{score.MetricCSAT, tally(3, 90, 1, 10), 83, 94, [2]int64{826, 945}},
		{score.MetricCSAT, tally(3, 10), 72, 100, [2]int64{722, 1000}},
		{score.MetricCES, tally(1, 10), 0, 28, [2]int64{0, 278}},
		{score.MetricSmileys, tally(3, 10), 48, 100, [2]int64{475, 1000}}, // 10/13 ± 1.96·√((11.5/13 − (10/13)²)/13)
		{score.MetricNPS, tally(9, 12, 3, 3), 12, 88, [2]int64{123, 877}},
		{score.MetricNPS, tally(9, 50, 7, 30, 3, 20), 14, 44, [2]int64{141, 442}},
		{score.MetricNPS, tally(9, 6, 7, 3, 0, 1), 0, 77, [2]int64{-2, 771}},
		{score.MetricNPS, tally(9, 11, 0, 1), 33, 100, [2]int64{325, 1000}}, // Cut off.
		{score.MetricNPS, tally(9, 1, 0, 11), -100, -33, [2]int64{-1000, -325}},
		{score.MetricNPS, tally(9, 50, 0, 50), -19, 19, [2]int64{-192, 192}},
		{score.MetricNPS, tally(7, 10), -18, 18, [2]int64{-185, 185}},
		{score.MetricNPS, tally(0, 50), -100, -87, [2]int64{-1000, -866}},
	} {
		interval, ok := score.Measure(c.metric, c.tally).Interval()
		require.True(t, ok)
		low, high := interval.Round(0)
		assert.Equal(t, [2]int64{c.low, c.high}, [2]int64{low, high}, "%s %v", c.metric, c.tally)
		low, high = interval.Round(1)
		assert.Equal(t, c.tenths, [2]int64{low, high}, "%s %v", c.metric, c.tally)
	}
}

func TestIntervalsOfAMean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric    score.Metric
		tally     score.Tally
		low, high string
	}{
		{score.MetricReviews, tally(5, 20, 4, 6, 1, 4), "3.68", "4.65"}, // 4.1692 ± 1.96·√(1.9863/32.5)
		{score.MetricReviews, tally(5, 10, 2, 5), "3.15", "4.56"},
		{score.MetricReviews, tally(5, 10), "4.01", "5.00"}, // Cut off.
		{score.MetricReviews, tally(1, 10), "1.00", "1.99"},
		{score.MetricReviews, tally(4, 30), "3.76", "4.09"},
		{score.MetricReviews, tally(4, 5, 5, 4), "", ""},
		{score.MetricCES, tally(7, 10), "5.30", "7.00"},
	} {
		low, high, ok := score.Measure(c.metric, c.tally).MeanIntervalText()
		assert.Equal(t, c.low, low)
		assert.Equal(t, c.high, high)
		assert.Equal(t, c.low != "", ok)
	}
}

// A weighed value is an answer, or part of one that was added.
type weighed struct {
	value  int64
	weight *big.Rat
}

// adjusted are the answers with those that the formulas add: half of one for each step of the scale;
// for a net score, where an answer is 1, 0 or −1, ¾ at each end and 1½ between them.
func adjusted(metric score.Metric, answers []int) []weighed {
	var found []weighed
	if metric.Net() {
		for _, answer := range answers {
			found = append(found, weighed{slow(metric, []int{answer}).Num().Int64() / 100, big.NewRat(1, 1)})
		}
		return append(found, weighed{1, big.NewRat(3, 4)}, weighed{0, big.NewRat(3, 2)}, weighed{-1, big.NewRat(3, 4)})
	}
	for _, answer := range answers {
		found = append(found, weighed{int64(answer), big.NewRat(1, 1)})
	}
	low, high := metric.Kind().Scale()
	for value := low; value <= high; value++ {
		found = append(found, weighed{int64(value), big.NewRat(1, 2)})
	}
	return found
}

// estimated is the mean of the adjusted answers and the square of its standard error, answer by
// answer: the mean square distance from the mean by the number of answers, for a mean of one less.
func estimated(metric score.Metric, answers []int) (centre, errorSquared *big.Rat) {
	n, centre, around := new(big.Rat), new(big.Rat), new(big.Rat)
	all := adjusted(metric, answers)
	for _, a := range all {
		n.Add(n, a.weight)
		centre.Add(centre, new(big.Rat).Mul(a.weight, big.NewRat(a.value, 1)))
	}
	centre.Quo(centre, n)
	for _, a := range all {
		distance := new(big.Rat).Sub(big.NewRat(a.value, 1), centre)
		around.Add(around, distance.Mul(distance, distance).Mul(distance, a.weight))
	}
	divisor := new(big.Rat).Set(n)
	if !metric.Net() {
		divisor.Sub(divisor, big.NewRat(1, 1))
	}
	return centre, around.Quo(around, divisor.Mul(divisor, n))
}

// TestIntervalsFollowTheirFormula compares the intervals of net scores and of means with those that
// follow answer by answer.
func TestIntervalsFollowTheirFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		metric := rapid.SampledFrom([]score.Metric{
			score.MetricNPS, score.MetricNPSEU, score.MetricNLS, score.MetricSmileys, score.MetricReviews,
		}).Draw(t, "metric")
		answers := drawAnswers(t, metric)
		centre, square := estimated(metric, answers)
		units, least, most := number(1000), int64(-1000), int64(1000) // a tenth of a point
		if metric == score.MetricReviews {
			units, least, most = number(100), 100, 500 // a hundredth of a star
		}
		margin := new(big.Float).Mul(float(big.NewRat(196, 100)), root(square))
		interval, ok := score.Measure(metric, count(answers)).Interval()
		require.True(t, ok)
		low, high := interval.Round(metric.Decimals())
		end := func(x *big.Float) *big.Float { return x.Mul(x, units) }
		assertRounds(t, end(new(big.Float).Sub(float(centre), margin)), low, least, most)
		assertRounds(t, end(new(big.Float).Add(float(centre), margin)), high, least, most)
	})
}

// The properties below compute in floating point of so many bits, which is good for some 100 digits.
const bits = 400

func float(x *big.Rat) *big.Float { return new(big.Float).SetPrec(bits).SetRat(x) }

func root(x *big.Rat) *big.Float { return new(big.Float).SetPrec(bits).Sqrt(float(x)) }

func number(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }

// assertRounds checks that rounded is a nearest whole number to x, cut off at least and at most.
func assertRounds(t *rapid.T, x *big.Float, rounded, least, most int64) {
	off := new(big.Float).Sub(x, new(big.Float).SetInt64(rounded))
	switch rounded {
	case most:
		assert.GreaterOrEqual(t, off.Cmp(number(-0.5)), 0)
	case least:
		assert.LessOrEqual(t, off.Cmp(number(0.5)), 0)
	default:
		tolerance := new(big.Float).Add(number(0.5), number(1e-90))
		assert.LessOrEqual(t, off.Abs(off).Cmp(tolerance), 0, "%v is not %v", rounded, x)
	}
}

// The ends of the Wilson interval are the shares from which the observed one is exactly z standard errors away:
// (p − x)² = z²·x(1 − x)/n.
func TestShareIntervalSolvesWilsonsEquation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		metric := rapid.SampledFrom([]score.Metric{score.MetricCSAT, score.MetricCSAT5, score.MetricCES}).Draw(t, "metric")
		answers := drawAnswers(t, metric)
		exact := slow(metric, answers)
		p := exact.Quo(exact, big.NewRat(100, 1))
		distance := func(tenths int64, step float64) int {
			x := new(big.Rat).SetFloat64((float64(tenths) + step) / 1000)
			left := new(big.Rat).Sub(p, x)
			left.Mul(left, left)
			right := new(big.Rat).Sub(big.NewRat(1, 1), x)
			right.Mul(right, x).Mul(right, big.NewRat(196*196, 100*100)).Mul(right, big.NewRat(1, int64(len(answers))))
			return left.Cmp(right)
		}
		interval, ok := score.Measure(metric, count(answers)).Interval()
		require.True(t, ok)
		low, high := interval.Round(1)
		assert.LessOrEqual(t, 0, int(low))
		assert.LessOrEqual(t, int(high), 1000)
		if low > 0 {
			assert.Equal(t, 1, distance(low, -0.51), "just below the interval")
		}
		if high < 1000 {
			assert.Equal(t, 1, distance(high, 0.51), "just above the interval")
		}
		assert.Equal(t, -1, distance(low, 0.51), "just within the interval")
		assert.Equal(t, -1, distance(high, -0.51), "just within the interval")
	})
}
