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
	"smileybot/feedback"
)

// trending is a report over a period that was typed, whose stretches have these answers.
func trending(tb testing.TB, metric feedback.Metric, period string, answers ...feedback.Tally) feedback.Report {
	tb.Helper()
	whole := reading(tb, metric, period, nil)
	report := feedback.Compare(whole, feedback.Reading{Period: whole.Period.Previous(), Score: feedback.Measure(metric, feedback.Tally{})})
	stretches := whole.Period.Stretches()
	require.Len(tb, stretches, len(answers))
	var sum feedback.Tally
	for i, tally := range answers {
		for value, n := range tally {
			sum.Add(value, n)
		}
		report.Trend = append(report.Trend, feedback.Point{Period: stretches[i], Score: feedback.Measure(metric, tally)})
	}
	report.Score = feedback.Measure(metric, sum)
	return report
}

func TestTrendGolden(t *testing.T) {
	t.Parallel()
	nps := func(promoters, detractors int64) feedback.Tally {
		return feedback.Tally{9: promoters, 3: detractors, 8: 3}
	}
	smileys := func(green, yellow, red int64) feedback.Tally { return feedback.Tally{3: green, 2: yellow, 1: red} }
	few := feedback.Tally{}
	tests := []struct {
		name    string
		reports []feedback.Report
	}{
		{"trend_day", []feedback.Report{trending(t, feedback.MetricNPS, "week", nps(9, 3), nps(2, 2), nps(20, 4), nps(10, 9), nps(14, 0))}},
		{"trend_week", []feedback.Report{trending(t, feedback.MetricSmileys, "30d", few, smileys(3, 9, 2), smileys(40, 6, 4), smileys(55, 5, 2), smileys(31, 7, 9))}},
		{"trend_month", []feedback.Report{trending(t, feedback.MetricCES, "2025-07-01..2026-06-30", few, feedback.Tally{7: 9, 2: 2}, feedback.Tally{6: 14, 3: 1},
			few, few, feedback.Tally{5: 40, 1: 13}, few, feedback.Tally{5: 30}, feedback.Tally{5: 29, 1: 1}, feedback.Tally{5: 28, 1: 2}, few, few)}},
		{"trend_quarter", []feedback.Report{trending(t, feedback.MetricNPS, "2024-02-29..2026-02-15", nps(9, 9), nps(9, 0), nps(9, 1), few, nps(9, 2), nps(9, 3), nps(9, 4), nps(9, 5), nps(9, 6))}},
		{"trend_year", []feedback.Report{trending(t, feedback.MetricNPS, "2020-01-01..2026-11-20", few, few, few, few, few, nps(30, 0), nps(30, 0))}},
		// No smileys: what is shown with them has the chart.
		{"trend_csat5", []feedback.Report{
			trending(t, feedback.MetricCSAT, "week", few, few, few, few, few),
			trending(t, feedback.MetricCSAT5, "week", few, few, feedback.Tally{5: 10}, feedback.Tally{4: 9, 1: 2}, few),
		}},
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range tests {
			answer := r.Score(test.reports, at)
			golden(t, r, test.name, struct {
				Message   shown         `json:"answer"`
				Chartless []slack.Block `json:"chartless"`
			}{ofAnswer(answer), answer.Chartless})
			accepted(t, answer.Blocks)
			accepted(t, answer.Chartless)
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
		metric := rapid.SampledFrom(append(feedback.Metrics(), feedback.MetricNPSEU)).Draw(t, "metric")
		from := feedback.Date(2019, time.January, 1).Add(rapid.IntRange(0, 2500).Draw(t, "from"))
		days := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 7000)).Draw(t, "days")
		unit := rapid.SampledFrom([]feedback.Unit{feedback.UnitRange, feedback.UnitDays}).Draw(t, "unit")
		report := feedback.Report{Reading: feedback.Reading{Period: feedback.Period{From: from, To: from.Add(days - 1), Unit: unit}}}
		var all feedback.Tally
		for _, stretch := range report.Period.Stretches() {
			var tally feedback.Tally
			for value := range tally {
				n := rapid.Int64Range(0, 9).Draw(t, "n") * rapid.SampledFrom([]int64{0, 0, 1, 1000}).Draw(t, "times")
				tally.Add(value, n)
				all.Add(value, n)
			}
			report.Trend = append(report.Trend, feedback.Point{Period: stretch, Score: feedback.Measure(metric, tally)})
		}
		report.Score = feedback.Measure(metric, all)
		report.Previous = report.Reading
		answer := r.Score([]feedback.Report{report}, at)
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
		chart := sent[1].Chart
		for _, series := range chart.Series {
			require.Len(t, series.Data, len(shown))
		}
		for i, point := range shown {
			if metric == feedback.MetricSmileys {
				red, yellow, green := point.Score.Split[2].N, point.Score.Split[1].N, point.Score.Split[0].N
				require.InDelta(t, red+yellow+green, chart.Series[0].Data[i].Value, 0)
				require.InDelta(t, red+yellow, chart.Series[1].Data[i].Value, 0)
				require.InDelta(t, red, chart.Series[2].Data[i].Value, 0)
				continue
			}
			exact, _ := point.Score.Exact().Float64()
			scale := 10.0
			if metric == feedback.MetricReviews {
				scale = 100
			}
			require.InDelta(t, exact, chart.Series[0].Data[i].Value, 0.5/scale+1e-9)
			units := chart.Series[0].Data[i].Value * scale
			require.InDelta(t, math.Round(units), units, 1e-6)
		}
		bars := strings.Count(answer.Text, "▁") + strings.Count(answer.Text, "▂") + strings.Count(answer.Text, "▃") +
			strings.Count(answer.Text, "▅") + strings.Count(answer.Text, "▇")
		assert.Equal(t, len(shown), bars)
		assert.Equal(t, len(report.Trend)-len(shown), strings.Count(answer.Text, "\u00a0"))
	})
}
