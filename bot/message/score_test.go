package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// reading measures a metric over a period in words, on 20 November 2026.
func reading(tb testing.TB, metric feedback.Metric, period string, counts map[int]int64) feedback.Reading {
	tb.Helper()
	days, err := feedback.ParsePeriod(period, feedback.DayOf(at, at.Location()))
	require.NoError(tb, err)
	var tally feedback.Tally
	for value, n := range counts {
		tally.Add(value, n)
	}
	return feedback.Reading{Period: days, Score: feedback.Measure(metric, tally)}
}

func TestScoreGolden(t *testing.T) {
	t.Parallel()
	october := reading(t, feedback.MetricNPS, "2026-10", map[int]int64{10: 400, 8: 100, 2: 300})
	voided := reading(t, feedback.MetricNPS, "month", map[int]int64{10: 600, 8: 100, 2: 100})
	voided.Voided = 2
	tests := map[string]struct {
		reports []feedback.Report
		begins  string
	}{
		"score_nps": {[]feedback.Report{feedback.Compare(voided, october)}, "NPS +63 · November 2026 so far"},
		"score_few": {[]feedback.Report{feedback.Compare(
			reading(t, feedback.MetricNPS, "today", map[int]int64{9: 3, 1: 1}),
			reading(t, feedback.MetricNPS, "yesterday", nil),
		)}, "NPS: too few answers (4)"},
		"score_alike": {[]feedback.Report{feedback.Compare(
			reading(t, feedback.MetricSmileys, "week", map[int]int64{3: 12}),
			reading(t, feedback.MetricSmileys, "last week", map[int]int64{3: 9, 1: 3}),
		)}, "Smileys +100"},
		"score_csat": {[]feedback.Report{
			feedback.Compare(
				reading(t, feedback.MetricCSAT, "2026", map[int]int64{3: 87, 2: 8, 1: 5}),
				reading(t, feedback.MetricCSAT, "last year", map[int]int64{3: 88, 2: 8, 1: 4}),
			),
			feedback.Compare(
				reading(t, feedback.MetricCSAT5, "2026", map[int]int64{5: 20, 4: 6, 1: 6}),
				reading(t, feedback.MetricCSAT5, "last year", map[int]int64{5: 1}),
			),
		}, "CSAT 87%"},
		"score_ces": {[]feedback.Report{feedback.Compare(
			reading(t, feedback.MetricCES, "30d", map[int]int64{7: 20, 4: 11, 1: 4}),
			reading(t, feedback.MetricCES, "2026-09-22..2026-10-21", map[int]int64{7: 20, 4: 11, 1: 4}),
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
