package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// reading measures a metric over a period that was typed on 20 November 2026.
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
	tests := []struct {
		name    string
		reports []feedback.Report
		begins  string
	}{
		{"score_nps", []feedback.Report{feedback.Compare(voided, october)}, "NPS +63 · November 2026 so far"},
		{"score_few", []feedback.Report{feedback.Compare(
			reading(t, feedback.MetricNPS, "today", map[int]int64{9: 3, 1: 1}),
			reading(t, feedback.MetricNPS, "yesterday", nil),
		)}, "NPS: too few answers (4)"},
		{"score_alike", []feedback.Report{feedback.Compare(
			reading(t, feedback.MetricSmileys, "week", map[int]int64{3: 12}),
			reading(t, feedback.MetricSmileys, "last week", map[int]int64{3: 9, 1: 3}),
		)}, "Smileys +100"},
		{"score_csat", []feedback.Report{
			feedback.Compare(
				reading(t, feedback.MetricCSAT, "2026", map[int]int64{3: 87, 2: 8, 1: 5}),
				reading(t, feedback.MetricCSAT, "last year", map[int]int64{3: 88, 2: 8, 1: 4}),
			),
			feedback.Compare(
				reading(t, feedback.MetricCSAT5, "2026", map[int]int64{5: 20, 4: 6, 1: 6}),
				reading(t, feedback.MetricCSAT5, "last year", map[int]int64{5: 1}),
			),
		}, "CSAT 87%"},
		{"score_ces", []feedback.Report{feedback.Compare(
			reading(t, feedback.MetricCES, "30d", map[int]int64{7: 20, 4: 11, 1: 4}),
			reading(t, feedback.MetricCES, "2026-09-22..2026-10-21", map[int]int64{7: 20, 4: 11, 1: 4}),
		)}, "CES 57%"},
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range tests {
			answer := r.Score(test.reports, at)
			if r.Language() == message.English {
				assert.True(t, strings.HasPrefix(answer.Text, test.begins), answer.Text)
			}
			golden(t, r, test.name, ofAnswer(answer))
			accepted(t, answer.Blocks)
		}
	})
}

// team divides a report into groups.
func team(report feedback.Report, per feedback.Per, groups map[string]feedback.Tally) feedback.Report {
	report.Per = per
	for name, tally := range groups {
		now, before := report.Reading, report.Previous
		now.Score, before.Score = feedback.Measure(report.Score.Metric, tally), feedback.Measure(report.Score.Metric, feedback.Tally{})
		report.Groups = append(report.Groups, feedback.Group{Name: name, Report: feedback.Compare(now, before)})
	}
	feedback.SortGroups(report.Groups)
	return report
}

func TestGroupsGolden(t *testing.T) {
	t.Parallel()
	nps := feedback.Compare(
		reading(t, feedback.MetricNPSEU, "month", map[int]int64{10: 60, 7: 30, 2: 20}),
		reading(t, feedback.MetricNPSEU, "2026-10-01..2026-10-20", map[int]int64{10: 50, 7: 30, 2: 20}),
	)
	nps.Filter.Channel = feedback.ChannelPhone
	csat := feedback.Compare(
		reading(t, feedback.MetricCSAT, "2026-W46", map[int]int64{3: 30, 1: 12}),
		reading(t, feedback.MetricCSAT, "2026-W45", map[int]int64{3: 30, 1: 12}),
	)
	csat.Filter.Agent = "Bart & <!channel> bart@example.org"
	agents := team(nps, feedback.PerAgent, map[string]feedback.Tally{
		"Zoë": {10: 12}, "bart": {10: 20, 7: 20, 2: 10}, "Anna <!here>": {2: 3}, "kim@example.org": {9: 10, 1: 1},
	})
	channels := team(csat, feedback.PerChannel, map[string]feedback.Tally{"chat": {3: 20, 1: 2}, "email": {3: 10, 1: 10}})
	service := feedback.CompareService(
		feedback.ServiceReading{Period: nps.Period, Count: served(30)}, feedback.ServiceReading{Period: nps.Previous.Period, Count: served(4)},
	)
	service.Per = feedback.PerAgent
	for name, n := range map[string]int{"Anna": 12, "Bart": 10, "Chris": 2} {
		group := feedback.CompareService(feedback.ServiceReading{Count: served(n)}, feedback.ServiceReading{})
		service.Groups = append(service.Groups, feedback.ServiceGroup{Name: name, ServiceReport: group})
	}
	feedback.SortGroups(service.Groups)
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name   string
			answer message.Message
		}{
			{"groups_agent", r.Score([]feedback.Report{agents}, at)},
			{"groups_channel", r.Score([]feedback.Report{channels}, at)},
			{"groups_service", r.Service(service, at)},
		} {
			golden(t, r, test.name, ofAnswer(test.answer))
			accepted(t, test.answer.Blocks)
		}
	})
}

// TestAnyGroupsFit checks that with any number of groups of any name Slack accepts the answer, the
// score comes first, and the groups that are left out are counted. The terminal shows all groups.
func TestAnyGroupsFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		groups := make(map[string]feedback.Tally)
		name := rapid.StringN(1, 200, 400).Draw(rt, "name")
		for i := range rapid.IntRange(0, 400).Draw(rt, "groups") {
			groups[fmt.Sprint(i, name)] = feedback.Tally{3: 10, 1: int64(i)}
		}
		report := trending(t, feedback.MetricSmileys, "week", feedback.Tally{3: 90000}, feedback.Tally{3: 80000, 1: 9}, feedback.Tally{}, feedback.Tally{}, feedback.Tally{3: 9})
		report = team(report, feedback.PerAgent, groups)
		reports := []feedback.Report{report, report}[:rapid.IntRange(1, 2).Draw(rt, "reports")]
		r := message.NewRenderer(message.Options{})
		answer := r.Score(reports, at)
		accepted(rt, answer.Blocks)
		accepted(rt, answer.Chartless)
		assert.LessOrEqual(rt, len(answer.Text), 3000)
		assert.True(rt, strings.HasPrefix(answer.Text, "Smileys +"), answer.Text)
		if len(groups) > 100 {
			assert.Contains(rt, answer.Text, " more.")
		}
		all := r.ScoreText(reports, at)
		assert.NotContains(rt, all, " more.")
		assert.Equal(rt, len(reports)*len(groups), strings.Count(all, ", between ")+strings.Count(all, ", all alike, "))
	})
}
