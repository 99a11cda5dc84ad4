package feedback_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

// tally counts answers given as value, count, value, count and so on.
func tally(counts ...int64) feedback.Tally {
	var tally feedback.Tally
	for i := 0; i < len(counts); i += 2 {
		tally.Add(int(counts[i]), counts[i+1])
	}
	return tally
}

func TestParseMetric(t *testing.T) {
	t.Parallel()
	for _, metric := range feedback.Metrics() {
		parsed, err := feedback.ParseMetric(" " + strings.ToUpper(string(metric)))
		require.NoError(t, err)
		assert.Equal(t, metric, parsed)
	}
	for _, text := range []string{"", "nps-eu", "review", "n p s"} {
		_, err := feedback.ParseMetric(text)
		assert.ErrorContains(t, err, "use nps, csat, csat5, smileys, ces, nls, reviews or service", text)
	}
}

func TestEachMetricReadsItsKind(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[feedback.Metric]feedback.Kind{
		feedback.MetricNPS: feedback.KindNPS, feedback.MetricNPSEU: feedback.KindNPS,
		feedback.MetricCSAT: feedback.KindSmiley, feedback.MetricSmileys: feedback.KindSmiley,
		feedback.MetricCSAT5: feedback.KindCSAT, feedback.MetricCES: feedback.KindCES, feedback.MetricNLS: feedback.KindNLS,
		feedback.MetricReviews: feedback.KindReview,
	}, kinds())
}

func kinds() map[feedback.Metric]feedback.Kind {
	kinds := map[feedback.Metric]feedback.Kind{feedback.MetricNPSEU: feedback.MetricNPSEU.Kind()}
	for _, metric := range feedback.Metrics() {
		kinds[metric] = metric.Kind()
	}
	return kinds
}

// The first NPS rows are worked examples with their published margins; see the sources at Score.Interval.
func TestFiguresAndMargins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric feedback.Metric
		tally  feedback.Tally
		figure string
		margin int64 // 0: none
	}{
		{feedback.MetricNPS, tally(9, 6, 7, 3, 0, 1), "+50", 42},
		{feedback.MetricNPS, tally(10, 15, 8, 10, 6, 5), "+33", 27},
		{feedback.MetricNPS, tally(9, 50, 7, 30, 3, 20), "+30", 15},
		{feedback.MetricNPS, tally(9, 200, 7, 120, 3, 80), "+30", 8},
		{feedback.MetricNPS, tally(9, 500, 7, 300, 3, 200), "+30", 5},
		{feedback.MetricNPS, tally(9, 4), "", 0},
		{feedback.MetricNPS, tally(), "", 0},
		{feedback.MetricNPS, tally(9, 5, 8, 7, 6, 5), "0", 36},
		{feedback.MetricNPS, tally(7, 1999, 6, 1), "0", 0}, // −0.05 is a zero without a sign; the margin is below one half.
		{feedback.MetricNPS, tally(10, 10), "+100", 0},
		{feedback.MetricNPS, tally(0, 10), "−100", 0},
		{feedback.MetricNPS, tally(7, 199, 6, 1), "−1", 1}, // −0.5: half away from zero.
		{feedback.MetricNPS, tally(7, 199, 9, 1), "+1", 1},
		{feedback.MetricNPS, tally(9, 32, 6, 32), "0", 25}, // A margin of exactly 24.5.
		{feedback.MetricNPSEU, tally(8, 6, 7, 2, 6, 1, 5, 1), "+50", 42},
		{feedback.MetricNLS, tally(9, 32, 8, 33, 6, 35), "−3", 16},
		{feedback.MetricSmileys, tally(3, 70, 2, 24, 1, 6), "+64", 12},
		{feedback.MetricCSAT, tally(3, 87, 2, 10, 1, 3), "87%", 0},
		{feedback.MetricCSAT, tally(3, 7, 2, 1, 1, 2), "70%", 0}, // Simplesat's example: neutral stays in the total.
		{feedback.MetricCSAT, tally(3, 173, 1, 27), "87%", 0},    // 86.5
		{feedback.MetricCSAT5, tally(5, 50, 4, 31, 3, 9, 1, 10), "81%", 0},
		{feedback.MetricCES, tally(7, 40, 6, 20, 5, 21, 4, 9, 3, 10), "81%", 0},
		{feedback.MetricCES, tally(1, 12), "0%", 0},
		{feedback.MetricReviews, tally(5, 7, 4, 2, 1, 1), "4.40", 0},
		{feedback.MetricReviews, tally(5, 1, 4, 199), "4.01", 0}, // 4.005: half away from zero.
		{feedback.MetricReviews, tally(1, 10), "1.00", 0},
		{feedback.MetricReviews, tally(1, 9), "", 0},
	} {
		score := feedback.Measure(c.metric, c.tally)
		assert.Equal(t, c.figure, score.Figure(), c)
		margin, _ := score.Margin()
		assert.Equal(t, c.margin, margin, c)
	}
}

func TestFewAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n                  int64
		enough, indicative bool
	}{{0, false, false}, {9, false, false}, {10, true, true}, {29, true, true}, {30, true, false}} {
		score := feedback.Measure(feedback.MetricCSAT, tally(3, c.n))
		assert.Equal(t, c.enough, score.Enough(), c.n)
		assert.Equal(t, c.indicative, score.Indicative(), c.n)
		assert.Equal(t, c.enough, score.Exact() != nil, c.n)
		assert.Equal(t, c.enough, score.Mean() != nil, c.n)
		_, ok := score.Interval()
		assert.Equal(t, c.enough, ok, c.n)
	}
}

func TestValuesThatTheKindDoesNotHaveAreLeftOut(t *testing.T) {
	t.Parallel()
	assert.Equal(t, int64(10), feedback.Measure(feedback.MetricCSAT5, tally(0, 7, 1, 10, 6, 7, 10, 7)).N)
	assert.Equal(t, int64(24), tally(0, 7, 1, 10, 6, 7, 11, 99, -1, 99).N())
}

func TestSplitNamesThePartsInOrder(t *testing.T) {
	t.Parallel()
	for metric, want := range map[feedback.Metric]string{
		feedback.MetricNPS:     `{"promoters":7,"passives":5,"detractors":19}`,
		feedback.MetricNPSEU:   `{"promoters":9,"passives":7,"detractors":15}`,
		feedback.MetricNLS:     `{"promoters":7,"passives":5,"detractors":19}`,
		feedback.MetricCSAT:    `{"green":3,"yellow":2,"red":1}`,
		feedback.MetricSmileys: `{"green":3,"yellow":2,"red":1}`,
		feedback.MetricCSAT5:   `{"1":1,"2":2,"3":3,"4":4,"5":5}`,
		feedback.MetricCES:     `{"1":1,"2":2,"3":3,"4":4,"5":5,"6":4,"7":3}`,
		feedback.MetricReviews: `{"5":5,"4":4,"3":3,"2":2,"1":1}`,
	} {
		all := tally(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 4, 7, 3, 8, 2, 9, 1, 10, 6)
		text, err := json.Marshal(feedback.Measure(metric, all).Split)
		require.NoError(t, err)
		assert.Equal(t, want, string(text), metric)
	}
}

// slow computes a metric answer by answer, straight from the words of its definition.
func slow(metric feedback.Metric, answers []int) *big.Rat {
	if metric == feedback.MetricReviews {
		return mean(answers)
	}
	sum := new(big.Rat)
	each := new(big.Rat).SetFrac64(100, int64(len(answers)))
	for _, answer := range answers {
		switch {
		case metric == feedback.MetricNPS && answer >= 9, metric == feedback.MetricNLS && answer >= 9,
			metric == feedback.MetricNPSEU && answer >= 8, metric == feedback.MetricCSAT && answer == 3,
			metric == feedback.MetricSmileys && answer == 3, metric == feedback.MetricCSAT5 && answer > 3,
			metric == feedback.MetricCES && answer > 4:
			sum.Add(sum, each)
		case metric == feedback.MetricNPS && answer <= 6, metric == feedback.MetricNLS && answer <= 6,
			metric == feedback.MetricNPSEU && answer <= 5, metric == feedback.MetricSmileys && answer == 1:
			sum.Sub(sum, each)
		}
	}
	return sum
}

// mean is that of the answers, one by one.
func mean(answers []int) *big.Rat {
	mean := new(big.Rat)
	for _, answer := range answers {
		mean.Add(mean, big.NewRat(int64(answer), int64(len(answers))))
	}
	return mean
}

func drawMetric(t *rapid.T) feedback.Metric {
	return rapid.SampledFrom(append(feedback.Metrics(), feedback.MetricNPSEU)).Draw(t, "metric")
}

// drawAnswers gives enough answers for a score.
func drawAnswers(t *rapid.T, metric feedback.Metric) []int {
	low, high := metric.Kind().Scale()
	return rapid.SliceOfN(rapid.IntRange(low, high), feedback.FewAnswers, 80).Draw(t, "answers")
}

func count(answers []int) feedback.Tally {
	var tally feedback.Tally
	for _, answer := range answers {
		tally.Add(answer, 1)
	}
	return tally
}

func TestScoreIsWhatCountingByHandGives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		metric := drawMetric(t)
		answers := drawAnswers(t, metric)
		score := feedback.Measure(metric, count(answers))
		assert.Equal(t, slow(metric, answers).String(), score.Exact().String())
		assert.Equal(t, int64(len(answers)), score.N)

		assert.Equal(t, mean(answers).String(), score.Mean().String())

		var parts int64
		for _, share := range score.Split {
			parts += share.N
		}
		assert.Equal(t, score.N, parts)
	})
}
