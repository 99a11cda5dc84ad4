package message_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// trending is a report over a period that was typed, whose stretches have these answers.
func trending(tb testing.TB, metric score.Metric, period string, answers ...score.Tally) score.Report {
	tb.Helper()
	whole := reading(tb, metric, period, nil)
	report := score.Compare(whole, score.PeriodScore{Period: whole.Period.Previous(), Score: score.Measure(metric, score.Tally{})})
	stretches := whole.Period.Stretches()
	require.Len(tb, stretches, len(answers))
	var sum score.Tally
	for i, tally := range answers {
		for value, n := range tally {
			sum.Add(value, n)
		}
		report.Trend = append(report.Trend, score.Point{Period: stretches[i], Score: score.Measure(metric, tally)})
	}
	report.Score = score.Measure(metric, sum)
	return report
}

func TestTrendGolden(t *testing.T) {
	t.Parallel()
	nps := func(promoters, detractors int64) score.Tally {
		return score.Tally{9: promoters, 3: detractors, 8: 3}
	}
	smileys := func(green, yellow, red int64) score.Tally { return score.Tally{3: green, 2: yellow, 1: red} }
	few := score.Tally{}
	tests := []struct {
		name    string
		reports []score.Report
	}{
		{"trend_day", []score.Report{trending(t, score.MetricNPS, "week", nps(9, 3), nps(2, 2), nps(20, 4), nps(10, 9), nps(14, 0))}},
		{"trend_week", []score.Report{trending(t, score.MetricSmileys, "30d", few, smileys(3, 9, 2), smileys(40, 6, 4), smileys(55, 5, 2), smileys(31, 7, 9))}},
		{"trend_month", []score.Report{trending(t, score.MetricCES, "2025-07-01..2026-06-30", few, score.Tally{7: 9, 2: 2}, score.Tally{6: 14, 3: 1},
			few, few, score.Tally{5: 40, 1: 13}, few, score.Tally{5: 30}, score.Tally{5: 29, 1: 1}, score.Tally{5: 28, 1: 2}, few, few)}},
		{"trend_quarter", []score.Report{trending(t, score.MetricNPS, "2024-02-29..2026-02-15", nps(9, 9), nps(9, 0), nps(9, 1), few, nps(9, 2), nps(9, 3), nps(9, 4), nps(9, 5), nps(9, 6))}},
		{"trend_year", []score.Report{trending(t, score.MetricNPS, "2020-01-01..2026-11-20", few, few, few, few, few, nps(30, 0), nps(30, 0))}},
		// No smileys: what is shown with them has the chart.
		{"trend_csat5", []score.Report{
			trending(t, score.MetricCSAT, "week", few, few, few, few, few),
			trending(t, score.MetricCSAT5, "week", few, few, score.Tally{5: 10}, score.Tally{4: 9, 1: 2}, few),
		}},
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range tests {
			answer := r.Score(test.reports, at)
			golden(t, r, test.name, struct {
				Message   shown         `json:"answer"`
				Chartless []slack.Block `json:"chartless"`
			}{ofMessage(answer), answer.Chartless})
			accepted(t, answer.Blocks)
			if answer.Chartless != nil {
				accepted(t, answer.Chartless)
			}
		}
	})
}

// drawn is a chart as it is sent.
type drawn struct {
	Type  string `json:"type"`
	Chart struct {
		Type   string `json:"type"`
		Series []struct {
			Name string `json:"name"`
			Data []struct {
				Label string  `json:"label"`
				Value float64 `json:"value"`
			} `json:"data"`
		} `json:"series"`
	} `json:"chart"`
}

// TestAnyTrendIsDrawnExactly checks, for any history over any period, that Slack's limits hold and
// that the points are the stretches with enough answers, each with its own score.
func TestAnyTrendIsDrawnExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom([]*message.Renderer{english, dutch}).Draw(t, "renderer")
		metric := rapid.SampledFrom(append(score.Metrics(), score.MetricNPSEU)).Draw(t, "metric")
		from := office.Date(2019, time.January, 1).Add(rapid.IntRange(0, 2500).Draw(t, "from"))
		days := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 7000)).Draw(t, "days")
		unit := rapid.SampledFrom([]score.Unit{score.UnitRange, score.UnitDays}).Draw(t, "unit")
		report := score.Report{PeriodScore: score.PeriodScore{Period: score.Period{From: from, To: from.Add(days - 1), Unit: unit}}}
		var all score.Tally
		for _, stretch := range report.Period.Stretches() {
			var tally score.Tally
			for value := range tally {
				n := rapid.Int64Range(0, 9).Draw(t, "n") * rapid.SampledFrom([]int64{0, 0, 1, 1000}).Draw(t, "times")
				tally.Add(value, n)
				all.Add(value, n)
			}
			report.Trend = append(report.Trend, score.Point{Period: stretch, Score: score.Measure(metric, tally)})
		}
		report.Score = score.Measure(metric, all)
		report.Previous = report.PeriodScore
		answer := r.Score([]score.Report{report}, at)
		accepted(t, answer.Blocks)
		wellFormedText(t, answer.Text, 3000)

		shown := report.Trend.Shown()
		var sent []drawn
		require.NoError(t, json.Unmarshal(asJSON(t, answer.Blocks), &sent))
		if len(shown) == 0 {
			require.Nil(t, answer.Chartless)
			return
		}
		wellFormed(t, answer.Chartless)
		require.Equal(t, "data_visualization", sent[1].Type)
		span, scale := report.Trend.Span(), 1.0
		if metric == score.MetricReviews {
			scale = 100
		}
		require.Len(t, sent[1].Chart.Series, 3, "the score, and the ends of its interval")
		line, high, low := sent[1].Chart.Series[0].Data, sent[1].Chart.Series[1].Data, sent[1].Chart.Series[2].Data
		require.Len(t, line, len(span))
		for i, point := range span {
			require.LessOrEqual(t, low[i].Value, high[i].Value)
			require.InDelta(t, math.Round(line[i].Value*scale), line[i].Value*scale, 1e-6, "as precise as the text")
			require.Equal(t, point.Part(), strings.Contains(line[i].Label, "*"), line[i].Label)
			require.Equal(t, !point.Score.Enough(), strings.HasSuffix(line[i].Label, " –"), line[i].Label)
			if point.Score.Enough() {
				exact, _ := point.Score.Exact().Float64()
				require.InDelta(t, exact, line[i].Value, 0.5/scale+1e-9)
				continue
			}
			before, after := line[i-1].Value, line[i+1].Value // on the way between its neighbours
			require.GreaterOrEqual(t, line[i].Value, min(before, after))
			require.LessOrEqual(t, line[i].Value, max(before, after))
		}
		bars := strings.Count(answer.Text, "▁") + strings.Count(answer.Text, "▂") + strings.Count(answer.Text, "▃") +
			strings.Count(answer.Text, "▅") + strings.Count(answer.Text, "▇")
		assert.Equal(t, len(shown), bars)
		assert.Equal(t, len(report.Trend)-len(shown), strings.Count(answer.Text, "\u00a0"))
	})
}
