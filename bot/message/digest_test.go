package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
	"smileybot/feedback"
)

// weekAndMonth is a digest with everything a digest can tell.
func weekAndMonth(t *testing.T) message.Digest {
	t.Helper()
	compared := func(metric feedback.Metric, period, previous string, now, before map[int]int64) feedback.Report {
		return feedback.Compare(reading(t, metric, period, now), reading(t, metric, previous, before))
	}
	week := feedback.DigestPart{
		Scores: []feedback.Report{
			compared(feedback.MetricNPS, "2026-W44", "2026-W43", map[int]int64{9: 4}, map[int]int64{9: 30, 2: 10}),
			compared(feedback.MetricCSAT, "2026-W44", "2026-W43", map[int]int64{3: 1200, 2: 200, 1: 400}, map[int]int64{3: 1500, 2: 200, 1: 100}),
			compared(feedback.MetricSmileys, "2026-W44", "2026-W43", map[int]int64{3: 1200, 2: 200, 1: 400}, map[int]int64{3: 1500, 2: 200, 1: 100}),
			compared(feedback.MetricCES, "2026-W44", "2026-W43", map[int]int64{6: 20, 2: 3}, nil),
		},
		Work: feedback.Work{
			FollowUps: feedback.FollowUpCount{Opened: 12, InTime: 9, Overdue: 2, Waiting: 1},
			Recovery:  feedback.YesNo{Yes: 2, All: 3},
			Outcomes: []feedback.OutcomeCount{
				{Outcome: feedback.OutcomeGuideFixed, N: 4}, {Outcome: feedback.OutcomeBugReported, N: 2}, {Outcome: feedback.OutcomeNoReply, N: 1}, {Outcome: feedback.OutcomeOther, N: 1},
			},
		},
	}
	week.Period = week.Scores[0].Period
	month := feedback.DigestPart{
		Scores: []feedback.Report{compared(feedback.MetricCSAT, "2026-10", "2026-09", map[int]int64{3: 90, 1: 10}, map[int]int64{3: 88, 1: 12})},
		Work:   feedback.Work{FollowUps: feedback.FollowUpCount{Opened: 1, InTime: 1}},
	}
	month.Period = month.Scores[0].Period
	rude := with(func(v *feedback.Case) { v.Feedback.Ticket.Subject = "<!channel> " + strings.Repeat("very ", 60) })
	happy := with(func(v *feedback.Case) {
		v.Feedback.Rating, v.Feedback.Channel, v.Feedback.Ticket = 3, feedback.ChannelChat, feedback.Ticket{}
	})
	return message.Digest{Key: "digest:2026-W44,2026-10", Parts: []feedback.DigestPart{week, month}, Reading: []message.Told{
		{Case: rude, Permalink: "https://example.slack.com/archives/C1/p1700000000000100"}, {Case: happy},
	}}
}

func TestDigestGolden(t *testing.T) {
	t.Parallel()
	calm := message.Digest{Key: "digest:2026-W44", Parts: weekAndMonth(t).Parts[1:]}
	drop := feedback.Compare(
		reading(t, feedback.MetricSmileys, "2026-11-13..2026-11-19", map[int]int64{3: 60, 2: 10, 1: 30}),
		reading(t, feedback.MetricSmileys, "2026-10-16..2026-11-12", map[int]int64{3: 1360, 2: 20, 1: 20}),
	)
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, said := range map[string][2]message.Message{
			"digest":      {s.Digest(weekAndMonth(t)), s.PlainDigest(weekAndMonth(t))},
			"digest_calm": {s.Digest(calm), s.PlainDigest(calm)},
			"alert":       {s.Alert(message.Alert{Key: "alert:2026-11-20", Drop: drop}), s.PlainAlert(message.Alert{Drop: drop})},
		} {
			golden(t, s, name, ofMessage(said[0]))
			accepted(t, said[0].Blocks)
			assert.Less(t, len(said[0].Text), 3000)
			assert.Equal(t, said[0].Text, said[1].Text)
			assert.Empty(t, said[1].Blocks)
			assert.NotContains(t, said[0].Text, "<!channel>")
			assert.Equal(t, message.EventNotice, said[0].Metadata.EventType)
		}
	})
}

// TestTheLongestDigest: Slack takes it whole.
func TestTheLongestDigest(t *testing.T) {
	t.Parallel()
	var parts []feedback.DigestPart
	for _, period := range [][2]string{{"2026-W44", "2026-W43"}, {"2026-09", "2026-08"}} {
		part := feedback.DigestPart{Work: feedback.Work{
			FollowUps: feedback.FollowUpCount{Opened: 123_456, InTime: 100_000, Overdue: 23_000, Waiting: 456},
			Recovery:  feedback.YesNo{Yes: 12_345, All: 99_999},
		}}
		for _, outcome := range feedback.Outcomes() {
			part.Outcomes = append(part.Outcomes, feedback.OutcomeCount{Outcome: outcome, N: 123_456})
		}
		for _, metric := range feedback.DigestMetrics() {
			low, high := metric.Kind().Scale()
			part.Scores = append(part.Scores, feedback.Compare(
				reading(t, metric, period[0], map[int]int64{low: 123_456_789}), reading(t, metric, period[1], map[int]int64{high: 123_456_789}),
			))
		}
		part.Period = part.Scores[0].Period
		parts = append(parts, part)
	}
	d := message.Digest{Key: "digest:2026-W44,2026-09", Parts: parts}
	for range 3 {
		wide := with(func(v *feedback.Case) { v.Feedback.Ticket.Subject = strings.Repeat("𝕊&", 100) })
		d.Reading = append(d.Reading, message.Told{Case: wide, Permalink: "https://a-workspace-with-a-long-name.slack.com/archives/C0123456789/p1700000000000100"})
	}
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		said := s.Digest(d)
		accepted(t, said.Blocks)
		assert.Less(t, len(said.Text), 4000, "Slack cuts a longer one in two")
	})
}
