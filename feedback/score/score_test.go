package score_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// tally counts answers given as value, count, value, count and so on.
func tally(counts ...int64) score.Tally {
	var tally score.Tally
	for i := 0; i < len(counts); i += 2 {
		tally.Add(int(counts[i]), counts[i+1])
	}
	return tally
}

func TestParseMetric(t *testing.T) {
	t.Parallel()
	for _, metric := range score.Metrics() {
		parsed, err := score.ParseMetric(" " + strings.ToUpper(string(metric)))
		require.NoError(t, err)
		assert.Equal(t, metric, parsed)
	}
	for _, text := range []string{"", "nps-eu", "review", "n p s"} {
		_, err := score.ParseMetric(text)
		assert.ErrorContains(t, err, "use nps, csat, csat5, smileys, ces, nls, reviews or service", text)
	}
}

func TestEachMetricReadsItsKind(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[score.Metric]feedback.Kind{
		score.MetricNPS: feedback.KindNPS, score.MetricNPSEU: feedback.KindNPS,
		score.MetricCSAT: feedback.KindSmiley, score.MetricSmileys: feedback.KindSmiley,
		score.MetricCSAT5: feedback.KindCSAT, score.MetricCES: feedback.KindCES, score.MetricNLS: feedback.KindNLS,
		score.MetricReviews: feedback.KindReview,
	}, kinds())
}

func kinds() map[score.Metric]feedback.Kind {
	kinds := map[score.Metric]feedback.Kind{score.MetricNPSEU: score.MetricNPSEU.Kind()}
	for _, metric := range score.Metrics() {
		kinds[metric] = metric.Kind()
	}
	return kinds
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric score.Metric
		tally  score.Tally
		figure string
	}{
		{score.MetricNPS, tally(9, 6, 7, 3, 0, 1), "+50"},
		{score.MetricNPS, tally(10, 15, 8, 10, 6, 5), "+33"},
		{score.MetricNPS, tally(9, 50, 7, 30, 3, 20), "+30"},
		{score.MetricNPS, tally(9, 200, 7, 120, 3, 80), "+30"},
		{score.MetricNPS, tally(9, 500, 7, 300, 3, 200), "+30"},
		{score.MetricNPS, tally(9, 4), ""},
		{score.MetricNPS, tally(), ""},
		{score.MetricNPS, tally(9, 5, 8, 7, 6, 5), "0"},
		{score.MetricNPS, tally(7, 1999, 6, 1), "0"}, // −0.05 is a zero without a sign.
		{score.MetricNPS, tally(10, 10), "+100"},
		{score.MetricNPS, tally(0, 10), "−100"},
		{score.MetricNPS, tally(7, 199, 6, 1), "−1"}, // −0.5: half away from zero.
		{score.MetricNPS, tally(7, 199, 9, 1), "+1"},
		{score.MetricNPS, tally(9, 32, 6, 32), "0"},
		{score.MetricNPSEU, tally(8, 6, 7, 2, 6, 1, 5, 1), "+50"},
		{score.MetricNLS, tally(9, 32, 8, 33, 6, 35), "−3"},
		{score.MetricSmileys, tally(3, 70, 2, 24, 1, 6), "+64"},
		{score.MetricCSAT, tally(3, 87, 2, 10, 1, 3), "87%"},
		{score.MetricCSAT, tally(3, 7, 2, 1, 1, 2), "70%"}, // Simplesat's example: neutral stays in the total.
		{score.MetricCSAT, tally(3, 173, 1, 27), "87%"},    // 86.5
		{score.MetricCSAT5, tally(5, 50, 4, 31, 3, 9, 1, 10), "81%"},
		{score.MetricCES, tally(7, 40, 6, 20, 5, 21, 4, 9, 3, 10), "81%"},
		{score.MetricCES, tally(1, 12), "0%"},
		{score.MetricReviews, tally(5, 7, 4, 2, 1, 1), "4.40"},
		{score.MetricReviews, tally(5, 1, 4, 199), "4.01"}, // 4.005: half away from zero.
		{score.MetricReviews, tally(1, 10), "1.00"},
		{score.MetricReviews, tally(1, 9), ""},
	} {
		score := score.Measure(c.metric, c.tally)
		assert.Equal(t, c.figure, score.Figure(), c)
	}
}

func TestFewAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n                  int64
		enough, indicative bool
	}{{0, false, false}, {9, false, false}, {10, true, true}, {29, true, true}, {30, true, false}} {
		score := score.Measure(score.MetricCSAT, tally(3, c.n))
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
	assert.Equal(t, int64(10), score.Measure(score.MetricCSAT5, tally(0, 7, 1, 10, 6, 7, 10, 7)).N)
	assert.Equal(t, int64(24), tally(0, 7, 1, 10, 6, 7, 11, 99, -1, 99).N())
}

func TestSplitNamesThePartsInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric score.Metric
		want   string
	}{
		{score.MetricNPS, `{"promoters":7,"passives":5,"detractors":19}`},
		{score.MetricNPSEU, `{"promoters":9,"passives":7,"detractors":15}`},
		{score.MetricNLS, `{"promoters":7,"passives":5,"detractors":19}`},
		{score.MetricCSAT, `{"green":3,"yellow":2,"red":1}`},
		{score.MetricSmileys, `{"green":3,"yellow":2,"red":1}`},
		{score.MetricCSAT5, `{"1":1,"2":2,"3":3,"4":4,"5":5}`},
		{score.MetricCES, `{"1":1,"2":2,"3":3,"4":4,"5":5,"6":4,"7":3}`},
		{score.MetricReviews, `{"5":5,"4":4,"3":3,"2":2,"1":1}`},
	} {
		all := tally(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 4, 7, 3, 8, 2, 9, 1, 10, 6)
		var parts []string
		for _, part := range score.Measure(c.metric, all).Split {
			parts = append(parts, fmt.Sprintf("%q:%d", part.Name, part.N))
		}
		assert.Equal(t, c.want, "{"+strings.Join(parts, ",")+"}", c.metric)
	}
}

// slow computes a metric answer by answer, straight from the words of its definition.
func slow(metric score.Metric, answers []int) *big.Rat {
	if metric == score.MetricReviews {
		return mean(answers)
	}
	sum := new(big.Rat)
	each := new(big.Rat).SetFrac64(100, int64(len(answers)))
	for _, answer := range answers {
		switch {
		case metric == score.MetricNPS && answer >= 9, metric == score.MetricNLS && answer >= 9,
			metric == score.MetricNPSEU && answer >= 8, metric == score.MetricCSAT && answer == 3,
			metric == score.MetricSmileys && answer == 3, metric == score.MetricCSAT5 && answer > 3,
			metric == score.MetricCES && answer > 4:
			sum.Add(sum, each)
		case metric == score.MetricNPS && answer <= 6, metric == score.MetricNLS && answer <= 6,
			metric == score.MetricNPSEU && answer <= 5, metric == score.MetricSmileys && answer == 1:
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

func drawMetric(t *rapid.T) score.Metric {
	return rapid.SampledFrom(append(score.Metrics(), score.MetricNPSEU)).Draw(t, "metric")
}

// drawAnswers gives enough answers for a score.
func drawAnswers(t *rapid.T, metric score.Metric) []int {
	low, high := metric.Kind().Scale()
	return rapid.SliceOfN(rapid.IntRange(low, high), score.FewAnswers, 80).Draw(t, "answers")
}

func count(answers []int) score.Tally {
	var tally score.Tally
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
		score := score.Measure(metric, count(answers))
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
