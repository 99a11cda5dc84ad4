package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// reading measures a metric over a period that was typed on 20 November 2026.
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
	tests := []struct {
		name    string
		reports []score.Report
		begins  string
	}{
		{"score_nps", []score.Report{score.Compare(voided, october)}, "NPS +63 · November 2026 so far"},
		{"score_few", []score.Report{score.Compare(
			reading(t, score.MetricNPS, "today", map[int]int64{9: 3, 1: 1}),
			reading(t, score.MetricNPS, "yesterday", nil),
		)}, "NPS: too few answers (4)"},
		{"score_alike", []score.Report{score.Compare(
			reading(t, score.MetricSmileys, "week", map[int]int64{3: 12}),
			reading(t, score.MetricSmileys, "last week", map[int]int64{3: 9, 1: 3}),
		)}, "Smileys +100"},
		{"score_csat", []score.Report{
			score.Compare(
				reading(t, score.MetricCSAT, "2026", map[int]int64{3: 87, 2: 8, 1: 5}),
				reading(t, score.MetricCSAT, "last year", map[int]int64{3: 88, 2: 8, 1: 4}),
			),
			score.Compare(
				reading(t, score.MetricCSAT5, "2026", map[int]int64{5: 20, 4: 6, 1: 6}),
				reading(t, score.MetricCSAT5, "last year", map[int]int64{5: 1}),
			),
		}, "CSAT 87%"},
		{"score_ces", []score.Report{score.Compare(
			reading(t, score.MetricCES, "30d", map[int]int64{7: 20, 4: 11, 1: 4}),
			reading(t, score.MetricCES, "2026-09-22..2026-10-21", map[int]int64{7: 20, 4: 11, 1: 4}),
		)}, "CES 57%"},
	}
	shifted := score.Compare(
		reading(t, score.MetricCSAT, "2026-10", map[int]int64{3: 255, 1: 45}),
		reading(t, score.MetricCSAT, "2026-09", map[int]int64{3: 225, 1: 75}),
	)
	part := func(green, red int64) score.Score {
		return reading(t, score.MetricCSAT, "2026-10", map[int]int64{3: green, 1: red}).Score
	}
	shifted.Channels = []score.ChannelScores{
		{Channel: feedback.ChannelTicket, Now: part(84, 36), Before: part(168, 72)},
		{Channel: feedback.ChannelChat, Now: part(171, 9), Before: part(57, 3)},
	}
	shifted.GroupBy, shifted.Groups = score.ByChannel, []score.Group{{Name: "chat", Report: score.Report{PeriodScore: score.PeriodScore{
		Score: part(171, 9).From(score.Customers{N: 1, Squares: 32_400}),
	}}}}
	fewer := shifted
	fewer.Channels = []score.ChannelScores{
		{Channel: feedback.ChannelTicket, Now: part(10, 40), Before: part(30, 70)},
		{Channel: feedback.ChannelChat, Now: part(123, 3), Before: part(98, 2)},
		{Channel: feedback.ChannelPhone, Now: part(122, 2), Before: part(97, 3)},
	}
	all := shifted
	all.Period = score.Period{From: office.Date(2025, time.March, 3), To: office.DayOf(at, at.Location()), Unit: score.UnitAll}
	all.Previous = score.PeriodScore{Period: all.Period.Previous(), Score: score.Measure(score.MetricCSAT, score.Tally{})}
	today := score.Compare(
		reading(t, score.MetricNPS, "today", map[int]int64{10: 12, 0: 3}),
		reading(t, score.MetricNPS, "yesterday", map[int]int64{10: 12, 0: 3}),
	)
	today.Score = today.Score.From(score.Customers{N: 4, Squares: 147})
	today.Previous.Score = today.Previous.Score.From(score.Customers{N: 1, Squares: 225})
	today.Previous.Period = today.Period.PreviousAt(at)
	for _, test := range []struct {
		name   string
		report score.Report
	}{{"score_mix", shifted}, {"score_mix_less", fewer}, {"score_all", all}, {"score_today", today}} {
		tests = append(tests, struct {
			name    string
			reports []score.Report
			begins  string
		}{test.name, []score.Report{test.report}, ""})
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range tests {
			answer := r.Score(test.reports, at)
			if r.Language() == message.English {
				assert.True(t, strings.HasPrefix(answer.Text, test.begins), answer.Text)
			}
			goldenMessage(t, r, test.name, answer)
		}
	})
}

// team divides a report into groups.
func team(report score.Report, per score.GroupBy, groups map[string]score.Tally) score.Report {
	report.GroupBy = per
	for name, tally := range groups {
		now, before := report.PeriodScore, report.Previous
		now.Score, before.Score = score.Measure(report.Score.Metric, tally), score.Measure(report.Score.Metric, score.Tally{})
		report.Groups = append(report.Groups, score.Group{Name: name, Report: score.Compare(now, before)})
	}
	score.SortGroups(report.Groups)
	return report
}

func TestGroupsGolden(t *testing.T) {
	t.Parallel()
	nps := score.Compare(
		reading(t, score.MetricNPSEU, "month", map[int]int64{10: 60, 7: 30, 2: 20}),
		reading(t, score.MetricNPSEU, "2026-10-01..2026-10-20", map[int]int64{10: 50, 7: 30, 2: 20}),
	)
	nps.Filter.Channel = feedback.ChannelPhone
	csat := score.Compare(
		reading(t, score.MetricCSAT, "2026-W46", map[int]int64{3: 30, 1: 12}),
		reading(t, score.MetricCSAT, "2026-W45", map[int]int64{3: 30, 1: 12}),
	)
	csat.Filter.Agent = "Bart & <!channel> bart@example.org"
	agents := team(nps, score.ByAgent, map[string]score.Tally{
		"Zoë": {10: 12}, "bart": {10: 20, 7: 20, 2: 10}, "Anna <!here>": {2: 3}, "kim@example.org": {9: 10, 1: 1},
	})
	channels := team(csat, score.ByChannel, map[string]score.Tally{"chat": {3: 20, 1: 2}, "email": {3: 10, 1: 10}})
	service := score.CompareService(
		score.PeriodService{Period: nps.Period, Count: served(30)}, score.PeriodService{Period: nps.Previous.Period, Count: served(4)},
	)
	service.GroupBy = score.ByAgent
	for _, c := range []struct {
		name string
		n    int
	}{{"Anna", 12}, {"Bart", 10}, {"Chris", 2}} {
		group := score.CompareService(score.PeriodService{Count: served(c.n)}, score.PeriodService{})
		service.Groups = append(service.Groups, score.ServiceGroup{Name: c.name, ServiceReport: group})
	}
	score.SortGroups(service.Groups)
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name   string
			answer message.Message
		}{
			{"groups_agent", r.Score([]score.Report{agents}, at)},
			{"groups_channel", r.Score([]score.Report{channels}, at)},
			{"groups_service", r.Service(service, at)},
		} {
			goldenMessage(t, r, test.name, test.answer)
		}
	})
}

// TestAnyGroupsFit checks that with any number of groups of any name Slack accepts the answer, the
// score comes first, and the groups that are left out are counted. The terminal shows all groups.
func TestAnyGroupsFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		groups := make(map[string]score.Tally)
		name := rapid.StringN(1, 200, 400).Draw(rt, "name")
		for i := range rapid.IntRange(0, 130).Draw(rt, "groups") {
			groups[fmt.Sprint(i, name)] = score.Tally{3: 10, 1: int64(i)}
		}
		report := trending(t, score.MetricSmileys, "week", score.Tally{3: 90000}, score.Tally{3: 80000, 1: 9}, score.Tally{3: 70}, score.Tally{}, score.Tally{3: 9})
		report = team(report, score.ByAgent, groups)
		reports := []score.Report{report, report}[:rapid.IntRange(1, 2).Draw(rt, "reports")]
		r := anyRenderer().Draw(rt, "renderer")
		answer := r.Score(reports, at)
		wellFormed(rt, answer.Blocks)
		wellFormed(rt, answer.Chartless)
		require.LessOrEqual(rt, len(answer.Text), 3000)
		require.True(rt, strings.HasPrefix(answer.Text, "Smileys +"))
		tables, rows := 0, 0
		for _, block := range answer.Blocks {
			if table, ok := block.(*slack.TableBlock); ok {
				tables, rows = tables+1, len(table.Rows)-1
			}
		}
		require.Equal(rt, min(1, len(groups)), tables, "Slack takes one table a message")
		require.GreaterOrEqual(rt, rows, min(len(groups), 60))
		if left := len(groups) - rows; left > 0 && r == english {
			require.Contains(rt, string(asJSON(t, answer.Blocks)), fmt.Sprintf("And %d more.", left))
		}
		all := r.ScoreText(reports, at)
		require.NotContains(rt, all, " more.")
		if r == english {
			require.Equal(rt, len(reports)*(len(groups)+1), strings.Count(all, "etween ")) // one is of the whole score
		}
	})
}
