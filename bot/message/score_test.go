package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// reading measures a metric over a period in words, on 20 November 2026.
func reading(tb testing.TB, metric score.Metric, period string, counts map[int]int64) score.PeriodScore {
	tb.Helper()
	days, err := score.ParsePeriod(period, office.DayOf(at, at.Location()))
	require.NoError(tb, err)
	var tally score.Tally
	for value, n := range counts {
		tally.Add(value, n)
	}
	return score.PeriodScore{Period: days, Score: score.Measure(metric, tally)}
}

func TestScoreGolden(t *testing.T) {
	t.Parallel()
	october := reading(t, score.MetricNPS, "2026-10", map[int]int64{10: 400, 8: 100, 2: 300})
	voided := reading(t, score.MetricNPS, "month", map[int]int64{10: 600, 8: 100, 2: 100})
	voided.Voided = 2
	tests := map[string]struct {
		reports []score.Report
		begins  string
	}{
		"score_nps": {[]score.Report{score.Compare(voided, october)}, "NPS +63 · November 2026 so far"},
		"score_few": {[]score.Report{score.Compare(
			reading(t, score.MetricNPS, "today", map[int]int64{9: 3, 1: 1}),
			reading(t, score.MetricNPS, "yesterday", nil),
		)}, "NPS: too few answers (4)"},
		"score_alike": {[]score.Report{score.Compare(
			reading(t, score.MetricSmileys, "week", map[int]int64{3: 12}),
			reading(t, score.MetricSmileys, "last week", map[int]int64{3: 9, 1: 3}),
		)}, "Smileys +100"},
		"score_csat": {[]score.Report{
			score.Compare(
				reading(t, score.MetricCSAT, "2026", map[int]int64{3: 87, 2: 8, 1: 5}),
				reading(t, score.MetricCSAT, "last year", map[int]int64{3: 88, 2: 8, 1: 4}),
			),
			score.Compare(
				reading(t, score.MetricCSAT5, "2026", map[int]int64{5: 20, 4: 6, 1: 6}),
				reading(t, score.MetricCSAT5, "last year", map[int]int64{5: 1}),
			),
		}, "CSAT 87%"},
		"score_ces": {[]score.Report{score.Compare(
			reading(t, score.MetricCES, "30d", map[int]int64{7: 20, 4: 11, 1: 4}),
			reading(t, score.MetricCES, "2026-09-22..2026-10-21", map[int]int64{7: 20, 4: 11, 1: 4}),
		)}, "CES 57%"},
	}
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, test := range tests {
			answer := s.Score(test.reports, at)
			if s.Language() == message.English {
				assert.True(t, strings.HasPrefix(answer.Text, test.begins), answer.Text)
			}
			golden(t, s, name, ofAnswer(answer))
			accepted(t, answer.Blocks)
		}
	})
}
