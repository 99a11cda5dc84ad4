package score_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback/score"
)

// TestEffectiveAnswers: of 15 answers one customer gave twelve, so margin and significance are those
// of 15²/(144 + 1 + 1 + 1) = 1.53 answers; the score and the number of answers stay.
func TestEffectiveAnswers(t *testing.T) {
	t.Parallel()
	var customers score.Customers
	for _, answers := range []int64{12, 1, 1, 1} {
		customers.Add(answers)
	}
	nps := score.Measure(score.MetricNPS, tally(10, 12, 0, 3)).From(customers)
	n, fewer := nps.FewerCustomers()
	assert.True(t, fewer)
	assert.EqualValues(t, 4, n)
	assert.Equal(t, "1.5", score.Decimal(nps.Effective(), 1))
	assert.Equal(t, "+60", nps.Figure())
	assert.True(t, nps.Indicative())
	low, high, ok := nps.IntervalText()
	require.True(t, ok)
	assert.Equal(t, []string{"−53", "+93"}, []string{low, high}) // 0.2026 ± 1.96·√(0.6250/4.5306)
	counted, ok := nps.Customers()
	assert.True(t, ok)
	assert.EqualValues(t, 4, counted)

	unknown := score.Measure(score.MetricNPS, tally(10, 12, 0, 3))
	_, ok = unknown.Customers()
	assert.False(t, ok)
	assert.Nil(t, unknown.Effective())
	none := score.Measure(score.MetricNPS, tally()).From(score.Customers{})
	assert.Equal(t, "0.0", score.Decimal(none.Effective(), 1))
}

// TestEffectiveAnswersDecide: where each customer answers twice, a change needs what half as many
// answers would need.
func TestEffectiveAnswersDecide(t *testing.T) {
	t.Parallel()
	for _, metric := range []score.Metric{score.MetricSmileys, score.MetricCSAT, score.MetricReviews} {
		good := map[score.Metric]int64{score.MetricReviews: 5}[metric]
		if good == 0 {
			good = 3
		}
		of := func(n, all int64, customers score.Customers) score.PeriodScore {
			return score.PeriodScore{Score: score.Measure(metric, tally(good, n, 1, all-n)).From(customers)}
		}
		alone := func(n int64) score.Customers { return score.Customers{N: n, Squares: n} }
		twice := score.Customers{N: 100, Squares: 400} // 200 answers
		full := score.Compare(of(180, 200, alone(200)), of(164, 200, alone(200)))
		double := score.Compare(of(180, 200, twice), of(164, 200, twice))
		half := score.Compare(of(90, 100, alone(100)), of(82, 100, alone(100)))
		assert.Equal(t, score.Significant, full.Significance(), metric)
		assert.Equal(t, score.NotSignificant, half.Significance(), metric)
		assert.Equal(t, half.Significance(), double.Significance(), metric)
		want, _ := half.Score.Interval()
		got, _ := double.Score.Interval()
		assert.Equal(t, want, got, metric)
	}
}
