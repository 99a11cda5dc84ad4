package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/score"
)

// team divides a report into groups of these answers.
func team(r score.Report, per score.GroupBy, groups map[string]score.Tally) score.Report {
	r.GroupBy = per
	for name, tally := range groups {
		now, before := r.PeriodScore, r.Previous
		now.Score, before.Score = score.Measure(r.Score.Metric, tally), score.Measure(r.Score.Metric, score.Tally{})
		r.Groups = append(r.Groups, score.Group{Name: name, Report: score.Compare(now, before)})
	}
	score.SortGroups(r.Groups)
	return r
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
	tests := map[string]score.Report{
		"groups_agent": team(nps, score.ByAgent, map[string]score.Tally{
			"Zoë": {10: 12}, "bart": {10: 20, 7: 20, 2: 10}, "Anna <!here>": {2: 3}, "kim@example.org": {9: 10, 1: 1},
		}),
		"groups_channel": team(csat, score.ByChannel, map[string]score.Tally{"chat": {3: 20, 1: 2}, "email": {3: 10, 1: 10}}),
	}
	service := score.CompareService(
		score.ServiceReading{Period: nps.Period, Count: served(30)}, score.ServiceReading{Period: nps.Previous.Period, Count: served(4)},
	)
	service.Per = score.ByAgent
	for name, n := range map[string]int{"Anna": 12, "Bart": 10, "Chris": 2} {
		group := score.CompareService(score.ServiceReading{Count: served(n)}, score.ServiceReading{})
		service.Groups = append(service.Groups, score.ServiceGroup{Name: name, ServiceReport: group})
	}
	score.SortGroups(service.Groups)
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		answers := map[string]message.Answer{"groups_service": s.Service(service, at)}
		for name, report := range tests {
			answers[name] = s.Score([]score.Report{report}, at)
		}
		for name, answer := range answers {
			golden(t, s, name, ofAnswer(answer))
			accepted(t, answer.Blocks)
		}
	})
}

// TestGroupsFit: however many groups there are and whatever they are called, Slack takes
// the answer, the score stands in front, and what is left out is counted. The terminal
// shows all.
func TestGroupsFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		groups := make(map[string]score.Tally)
		name := rapid.StringN(1, 200, 400).Draw(rt, "name")
		for i := range rapid.IntRange(0, 400).Draw(rt, "groups") {
			groups[fmt.Sprint(i, name)] = score.Tally{3: 10, 1: int64(i)}
		}
		report := trending(t, score.MetricSmileys, "week", score.Tally{3: 90000}, score.Tally{3: 80000, 1: 9}, score.Tally{}, score.Tally{}, score.Tally{3: 9})
		report = team(report, score.ByAgent, groups)
		reports := []score.Report{report, report}[:rapid.IntRange(1, 2).Draw(rt, "reports")]
		s := message.NewSpeaker(message.Options{})
		answer := s.Score(reports, at)
		accepted(rt, answer.Blocks)
		accepted(rt, answer.Chartless)
		assert.LessOrEqual(rt, len(answer.Text), 3000)
		assert.True(rt, strings.HasPrefix(answer.Text, "Smileys +"), answer.Text)
		if len(groups) > 100 {
			assert.Contains(rt, answer.Text, " more.")
		}
		all := s.ScoreText(reports, at)
		assert.NotContains(rt, all, " more.")
		assert.Equal(rt, len(reports)*len(groups), strings.Count(all, ", between ")+strings.Count(all, ", all alike, "))
	})
}
