package score_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

func compared(metric score.Metric, now, before score.Tally) score.Report {
	period := score.Period{From: office.Date(2026, time.November, 1), To: office.Date(2026, time.November, 22), Unit: score.UnitMonth, Running: true}
	return score.Compare(
		score.PeriodScore{Period: period, Score: score.Measure(metric, now), Voided: 2},
		score.PeriodScore{Period: period.Previous(), Score: score.Measure(metric, before)},
	)
}

func TestChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		metric      score.Metric
		now, before score.Tally
		change      string
		verdict     score.Significance
	}{
		// 46 with 87 answers, then 39 with 94: z is about 0.6 (https://yourcx.io/?p=8470).
		{"noise", score.MetricNPS, tally(9, 54, 7, 23, 3, 17), tally(9, 53, 7, 21, 3, 13), "−7", score.NotSignificant},
		{"real", score.MetricNPS, tally(9, 600, 7, 250, 3, 150), tally(9, 500, 7, 300, 3, 200), "+15", score.Significant},
		{"few now", score.MetricNPS, tally(9, 9), tally(9, 90), "", score.SignificanceUnknown},
		{"few before", score.MetricNPS, tally(9, 90), tally(9, 9), "", score.SignificanceUnknown},
		{"ten are enough", score.MetricNPS, tally(9, 10), tally(9, 10), "0", score.NotSignificant},
		{"alike on both sides", score.MetricNPS, tally(9, 10), tally(7, 10), "+100", score.Significant},
		{"alike on one side", score.MetricNPS, tally(9, 10), tally(9, 9, 7, 1), "+10", score.NotSignificant},
		{"share, noise", score.MetricCSAT, tally(3, 87, 1, 13), tally(3, 80, 1, 20), "+7", score.NotSignificant},
		{"share, real", score.MetricCSAT, tally(3, 92, 1, 8), tally(3, 80, 1, 20), "+12", score.Significant},
		{"share, all alike", score.MetricCES, tally(7, 20), tally(6, 20), "0", score.NotSignificant},
		{"share, opposite", score.MetricCES, tally(7, 20), tally(1, 20), "+100", score.Significant},
		// Both s² are 24/25 · 20/19, so that z is 0.4/√(2·s²/20), which is 1.26; below, with five times as many answers, 2.87.
		{"mean, noise", score.MetricReviews, tally(5, 12, 3, 8), tally(5, 8, 3, 12), "+0.40", score.NotSignificant},
		{"mean, real", score.MetricReviews, tally(5, 60, 3, 40), tally(5, 40, 3, 60), "+0.40", score.Significant},
		{"mean, worse", score.MetricReviews, tally(5, 40, 3, 60), tally(5, 60, 3, 40), "−0.40", score.Significant},
		// Nothing but green after 90, 5 and 5: the ten do not vouch for their own precision.
		{"ten alike against a hundred", score.MetricSmileys, tally(3, 10), tally(3, 90, 2, 5, 1, 5), "+15", score.NotSignificant},
		{"ten alike against a hundred, share", score.MetricCSAT, tally(3, 10), tally(3, 90, 2, 5, 1, 5), "+10", score.NotSignificant},
		{"ten alike against a hundred, mean", score.MetricReviews, tally(5, 10), tally(5, 85, 4, 10, 1, 5), "+0.30", score.NotSignificant},
		{"mean, all alike", score.MetricReviews, tally(5, 10), tally(4, 10), "+1.00", score.Significant},
		{"mean, the same", score.MetricReviews, tally(4, 10), tally(5, 10, 3, 10), "0", score.NotSignificant},
		{"mean, few", score.MetricReviews, tally(5, 9), tally(1, 90), "", score.SignificanceUnknown},
		{"rounded once at the end", score.MetricCSAT, tally(3, 2, 1, 10), tally(3, 3, 1, 10), "−6", score.NotSignificant},
		{"whole scores would say 2", score.MetricCSAT, tally(3, 626, 1, 374), tally(3, 614, 1, 386), "+1", score.NotSignificant},
	} {
		report := compared(c.metric, c.now, c.before)
		assert.Equal(t, c.change, report.ChangeText(), c.name)
		assert.Equal(t, c.verdict, report.Significance(), c.name)
	}
}

// The pooled variance p(1−p)·(1/n₁ + 1/n₂) with p = 1/2 and 5,000 answers on each side is 1/10,000, so that z is
// 100·Δ. A change of 0.0196 is exactly at the limit, which is not above it; one answer more is.
func TestRealChangeBeginsAboveTheLimit(t *testing.T) {
	t.Parallel()
	at := compared(score.MetricCSAT, tally(3, 2549, 1, 2451), tally(3, 2451, 1, 2549))
	above := compared(score.MetricCSAT, tally(3, 2550, 1, 2450), tally(3, 2450, 1, 2550))
	assert.Equal(t, score.NotSignificant, at.Significance())
	assert.Equal(t, score.Significant, above.Significance())
}

func TestSignificanceIsThatOfTheTextbook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		metric := drawMetric(t)
		now, before := drawAnswers(t, metric), drawAnswers(t, metric)
		delta := new(big.Rat).Sub(slow(metric, now), slow(metric, before))
		assert.Equal(t, delta.String(), compared(metric, count(now), count(before)).Change().String())
		var square *big.Rat
		if metric.Net() || metric == score.MetricReviews {
			of, noise := estimated(metric, now)
			from, more := estimated(metric, before)
			delta, square = of.Sub(of, from), noise.Add(noise, more)
		} else {
			p := slow(metric, append(append([]int{}, now...), before...))
			square = new(big.Rat).Sub(big.NewRat(100, 1), p)
			square.Mul(square, p).Mul(square, new(big.Rat).Add(big.NewRat(1, int64(len(now))), big.NewRat(1, int64(len(before)))))
		}
		limit := new(big.Float).Mul(float(big.NewRat(196, 100)), root(square))
		want := score.NotSignificant
		if limit.Cmp(float(new(big.Rat).Abs(delta))) < 0 {
			want = score.Significant
		}
		report := compared(metric, count(now), count(before))
		assert.Equal(t, want, report.Significance())
	})
}

// A hundred answers of which 50 are 5 and 50 are 3 have 102½ with those that are added, and z is 1.93 for 14 more fives
// and as many threes less, 2.07 for 15.
func TestRealChangeOfAMean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k    int64
		want score.Significance
	}{{14, score.NotSignificant}, {15, score.Significant}} {
		report := compared(score.MetricReviews, tally(5, 50+c.k, 3, 50-c.k), tally(5, 50, 3, 50))
		assert.Equal(t, c.want, report.Significance(), c.k)
	}
}

// TestGroupsNeedMore: one of several changes is significant from 2.58 on. From 94 green of 100 to 84
// the pooled z is 2.26, to 82 it is 2.60.
func TestGroupsNeedMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		green int64
		want  score.Significance
	}{{84, score.NotSignificant}, {82, score.Significant}} {
		report := compared(score.MetricCSAT, tally(3, c.green, 1, 100-c.green), tally(3, 94, 1, 6))
		assert.Equal(t, score.Significant, report.Significance(), c.green)
		assert.Equal(t, c.want, report.SignificanceOfMany(), c.green)
		assert.Equal(t, c.want, score.Group{Name: "chat", Report: report}.Significance(), c.green)
	}
	few := compared(score.MetricCSAT, tally(3, 9), tally(3, 94, 1, 6))
	assert.Equal(t, score.SignificanceUnknown, score.Group{Report: few}.Significance())
}

func TestChanceText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		metric         score.Metric
		now, before    score.Tally
		change, chance string
	}{
		{"net", score.MetricNPS, score.Tally{9: 60, 8: 25, 2: 15}, score.Tally{9: 55, 8: 25, 2: 20}, "+10", "21"},
		{"share", score.MetricCSAT, score.Tally{3: 83, 1: 17}, score.Tally{3: 90, 1: 10}, "−7", "9"},
		{"mean", score.MetricReviews, score.Tally{5: 20, 1: 10}, score.Tally{5: 22, 1: 8}, "−0.27", "0.90"},
		// The adjusted difference is below the margin, the plain one is above it.
		{"at least the change", score.MetricSmileys, score.Tally{3: 10}, score.Tally{3: 26, 1: 40}, "+121", "121"},
		{"nothing varies", score.MetricCSAT, score.Tally{3: 20}, score.Tally{3: 30}, "0", "0"},
		{"too few", score.MetricCSAT, score.Tally{3: 9}, score.Tally{3: 30}, "", ""},
	} {
		r := compared(c.metric, c.now, c.before)
		assert.Equal(t, c.change, r.ChangeText(), c.name)
		assert.Equal(t, c.chance, r.ChanceText(), c.name)
	}
}

func TestWhere(t *testing.T) {
	t.Parallel()
	csat := func(green, red int64) score.Score {
		return score.Measure(score.MetricCSAT, score.Tally{3: green, 1: red})
	}
	r := score.Report{}
	_, ok := r.Where()
	assert.False(t, ok)
	for _, c := range []struct {
		name     string
		channels []score.ChannelScores
		want     feedback.Channel
	}{
		{"a lower score", []score.ChannelScores{
			{Channel: feedback.ChannelTicket, Now: csat(90, 10), Before: csat(90, 10)},
			{Channel: feedback.ChannelChat, Now: csat(60, 40), Before: csat(90, 10)},
		}, feedback.ChannelChat},
		{"the wrong direction", []score.ChannelScores{
			{Channel: feedback.ChannelTicket, Now: csat(40, 60), Before: csat(90, 10)},
			{Channel: feedback.ChannelChat, Now: csat(100, 0), Before: csat(60, 40)},
		}, feedback.ChannelTicket},
		{"a new channel", []score.ChannelScores{
			{Channel: feedback.ChannelTicket, Now: csat(90, 10), Before: csat(90, 10)},
			{Channel: feedback.ChannelChat, Now: csat(10, 90), Before: csat(0, 0)},
		}, feedback.ChannelChat},
	} {
		var now, before score.Tally
		for _, of := range c.channels {
			for i, value := range []int{3, 2, 1} {
				now[value] += of.Now.Split[i].N
				before[value] += of.Before.Split[i].N
			}
		}
		r := compared(score.MetricCSAT, now, before)
		r.Channels = c.channels
		found, ok := r.Where()
		assert.True(t, ok, c.name)
		assert.Equal(t, c.want, found.Channel, c.name)
	}
}
