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
// and 1 of 29 is 0.0061 to 0.1718. The other rows of csat are Wilson intervals as well; those of nps follow from the margins in TestScoresForPeople.
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
		{score.MetricNPS, tally(9, 50, 7, 30, 3, 20), 15, 45, [2]int64{147, 453}},
		{score.MetricNPS, tally(9, 6, 7, 3, 0, 1), 8, 92, [2]int64{84, 916}},
		{score.MetricNPS, tally(9, 11, 0, 1), 52, 100, [2]int64{521, 1000}}, // Cut off.
		{score.MetricNPS, tally(9, 1, 0, 11), -100, -52, [2]int64{-1000, -521}},
		{score.MetricNPS, tally(9, 32, 0, 32), -25, 25, [2]int64{-245, 245}}, // Exactly 24.5: half away from zero.
		{score.MetricNPS, tally(9, 8, 7, 8), 26, 75, [2]int64{255, 745}},     // Exactly 25.5 and 74.5.
		{score.MetricNPS, tally(0, 8, 7, 8), -75, -26, [2]int64{-745, -255}},
		{score.MetricNPS, tally(9, 50, 0, 50), -20, 20, [2]int64{-196, 196}},
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
		tally     score.Tally
		low, high string
	}{
		{tally(5, 20, 4, 6, 1, 4), "3.78", "4.75"}, // 4.2667 ± 1.96·√(1.8575/30)
		{tally(5, 10, 2, 5), "3.26", "4.74"},
		{tally(5, 9, 1, 1), "3.82", "5.00"}, // Cut off.
		{tally(1, 9, 5, 1), "1.00", "2.18"},
		{tally(4, 30), "", ""},
		{tally(4, 5, 5, 4), "", ""},
	} {
		low, high, ok := score.Measure(score.MetricReviews, c.tally).IntervalText()
		assert.Equal(t, c.low, low)
		assert.Equal(t, c.high, high)
		assert.Equal(t, c.low != "", ok)
	}
}

// squaredMeanError is s²/n, answer by answer: the mean square distance from the mean, but of one answer less.
func squaredMeanError(answers []int) *big.Rat {
	mean, sum := mean(answers), new(big.Rat)
	for _, answer := range answers {
		distance := new(big.Rat).Sub(big.NewRat(int64(answer), 1), mean)
		sum.Add(sum, distance.Mul(distance, distance))
	}
	n := int64(len(answers))
	return sum.Mul(sum, big.NewRat(1, n*(n-1)))
}

func TestIntervalOfAMeanIsTheTextbooksOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		answers := drawAnswers(t, score.MetricReviews)
		margin := new(big.Float).Mul(float(big.NewRat(196, 100)), root(squaredMeanError(answers)))
		low, high, ok := score.Measure(score.MetricReviews, count(answers)).IntervalText()
		require.Equal(t, margin.Sign() != 0, ok)
		if !ok {
			return
		}
		hundredths := func(written string) int64 {
			exact, ok := new(big.Rat).SetString(written)
			require.True(t, ok, written)
			exact.Mul(exact, big.NewRat(100, 1))
			require.True(t, exact.IsInt())
			return exact.Num().Int64()
		}
		exact, hundred := float(mean(answers)), number(100)
		lowest := new(big.Float).Sub(exact, margin)
		if got := hundredths(low); got > 100 {
			assertRounds(t, lowest.Mul(lowest, hundred), got, -1)
		} else {
			assert.LessOrEqual(t, lowest.Cmp(number(1.005)), 0)
		}
		highest := new(big.Float).Add(exact, margin)
		if got := hundredths(high); got < 500 {
			assertRounds(t, highest.Mul(highest, hundred), got, -1)
		} else {
			assert.GreaterOrEqual(t, highest.Cmp(number(4.995)), 0)
		}
	})
}

func TestNetScoreOfAnswersAllAlikeHasNoInterval(t *testing.T) {
	t.Parallel()
	for _, value := range []int64{10, 7, 0} {
		score := score.Measure(score.MetricNPS, tally(value, 50))
		_, ok := score.Interval()
		assert.False(t, ok, value)
		_, ok = score.Margin()
		assert.False(t, ok, value)
	}
	_, ok := score.Measure(score.MetricCSAT, tally(3, 50)).Margin()
	assert.False(t, ok, "a share has an interval, which is not symmetric")
}

// The properties below compute in floating point of so many bits, which is good for some 100 digits.
const bits = 400

func float(x *big.Rat) *big.Float { return new(big.Float).SetPrec(bits).SetRat(x) }

func root(x *big.Rat) *big.Float { return new(big.Float).SetPrec(bits).Sqrt(float(x)) }

func number(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }

// assertRounds checks that rounded is a nearest whole number to x, cut off at ±limit.
func assertRounds(t *rapid.T, x *big.Float, rounded, limit int64) {
	off := new(big.Float).Sub(x, new(big.Float).SetInt64(rounded))
	switch rounded {
	case limit:
		assert.GreaterOrEqual(t, off.Cmp(number(-0.5)), 0)
	case -limit:
		assert.LessOrEqual(t, off.Cmp(number(0.5)), 0)
	default:
		tolerance := new(big.Float).Add(number(0.5), number(1e-90))
		assert.LessOrEqual(t, off.Abs(off).Cmp(tolerance), 0, "%v is not %v", rounded, x)
	}
}

// squaredError is 1.96²·Var/n of a net score in points, answer by answer: the mean square distance from the mean.
func squaredError(metric score.Metric, answers []int) *big.Rat {
	mean := slow(metric, answers)
	sum := new(big.Rat)
	for _, answer := range answers {
		distance := new(big.Rat).Sub(slow(metric, []int{answer}), mean)
		sum.Add(sum, distance.Mul(distance, distance))
	}
	n := int64(len(answers))
	return sum.Mul(sum, big.NewRat(1, n*n))
}

func TestNetIntervalIsTheTextbooksOne(t *testing.T) {
	t.Parallel()
	z := big.NewRat(196, 100)
	rapid.Check(t, func(t *rapid.T) {
		metric := rapid.SampledFrom([]score.Metric{
			score.MetricNPS, score.MetricNPSEU, score.MetricNLS, score.MetricSmileys,
		}).Draw(t, "metric")
		answers := drawAnswers(t, metric)
		margin := new(big.Float).Mul(float(z), root(squaredError(metric, answers)))
		interval, ok := score.Measure(metric, count(answers)).Interval()
		require.Equal(t, margin.Sign() != 0, ok)
		if !ok {
			return
		}
		exact := float(slow(metric, answers))
		wantLow, wantHigh := new(big.Float).Sub(exact, margin), new(big.Float).Add(exact, margin)
		low, high := interval.Round(0)
		assertRounds(t, wantLow, low, 100)
		assertRounds(t, wantHigh, high, 100)
		low, high = interval.Round(1)
		assertRounds(t, wantLow.Mul(wantLow, number(10)), low, 1000)
		assertRounds(t, wantHigh.Mul(wantHigh, number(10)), high, 1000)
		points, ok := score.Measure(metric, count(answers)).Margin()
		require.True(t, ok)
		assertRounds(t, margin, points, -1)
	})
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
