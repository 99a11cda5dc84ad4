package message_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// weekAndMonth is a digest with everything that a digest can say.
func weekAndMonth(t *testing.T) message.Digest {
	t.Helper()
	compared := func(metric score.Metric, period, previous string, now, before map[int]int64) score.Report {
		return score.Compare(reading(t, metric, period, now), reading(t, metric, previous, before))
	}
	smileys := func(green, red int64) score.Score {
		return score.Measure(score.MetricSmileys, score.Tally{3: green, 2: 100, 1: red})
	}
	week := score.DigestPart{
		Scores: []score.Report{
			compared(score.MetricNPS, "2026-W44", "2026-W43", map[int]int64{9: 4}, map[int]int64{9: 30, 2: 10}),
			compared(score.MetricSmileys, "2026-W44", "2026-W43", map[int]int64{3: 1200, 2: 200, 1: 400}, map[int]int64{3: 1500, 2: 200, 1: 100}),
			compared(score.MetricCES, "2026-W44", "2026-W43", map[int]int64{6: 20, 2: 3}, nil),
		},
		FollowUpStats: score.FollowUpStats{
			FollowUps: score.FollowUpCount{Opened: 12, Done: 6, Explained: 3, Withdrawn: 1, Open: 2, InTime: 9, Overdue: 2, Waiting: 1},
			Recovery:  score.Ratio{Yes: 2, All: 3},
			Outcomes: []score.OutcomeCount{
				{Outcome: followup.OutcomeGuideFixed, N: 4}, {Outcome: followup.OutcomeBugReported, N: 2}, {Outcome: followup.OutcomeNoReply, N: 1}, {Outcome: followup.OutcomeOther, N: 1},
			},
		},
	}
	week.Scores[1].Channels = []score.ChannelScores{
		{Channel: feedback.ChannelTicket, Now: smileys(900, 50), Before: smileys(1000, 50)},
		{Channel: feedback.ChannelChat, Now: smileys(300, 350), Before: smileys(500, 50)},
	}
	week.Period = week.Scores[0].Period
	month := score.DigestPart{
		Scores:        []score.Report{compared(score.MetricSmileys, "2026-10", "2026-09", map[int]int64{3: 90, 1: 10}, map[int]int64{3: 88, 1: 12})},
		FollowUpStats: score.FollowUpStats{FollowUps: score.FollowUpCount{Opened: 1, Done: 1, InTime: 1}},
	}
	month.Period = month.Scores[0].Period
	rude := with(func(v *followup.Snapshot) { v.Feedback.Ticket.Subject = "<!channel> " + strings.Repeat("very ", 60) })
	happy := with(func(v *followup.Snapshot) {
		v.Feedback.Rating, v.Feedback.Channel, v.Feedback.Ticket = 3, feedback.ChannelChat, feedback.Ticket{}
	})
	late := waiting(followup.StateOpen, func(v *followup.Snapshot) { v.Feedback.Channel = feedback.ChannelEmail })
	claimed, leaving := waiting(followup.StateClaimed, nothing), waiting(followup.StateNone, nothing)
	return message.Digest{
		Key: "digest:2026-W44,2026-10", Parts: []score.DigestPart{week, month}, Now: at.Add(72 * time.Hour),
		Overdue: message.QueuePage{Entries: []message.Entry{late, claimed}, Total: 5},
		AtRisk:  message.QueuePage{Entries: []message.Entry{leaving}, Total: 1},
		Comments: []message.Entry{
			{Snapshot: rude, Permalink: "https://example.slack.com/archives/C1/p1700000000000100"}, {Snapshot: happy},
		},
	}
}

func TestDigestGolden(t *testing.T) {
	t.Parallel()
	calm := message.Digest{Key: "digest:2026-W44", Parts: weekAndMonth(t).Parts[1:]}
	sudden := score.Compare(
		reading(t, score.MetricSmileys, "2026-11-13..2026-11-19", map[int]int64{3: 60, 2: 10, 1: 30}),
		reading(t, score.MetricSmileys, "2026-10-16..2026-11-12", map[int]int64{3: 1360, 2: 20, 1: 20}),
	)
	slow := score.Compare(
		reading(t, score.MetricSmileys, "2026-10-23..2026-11-19", map[int]int64{3: 900, 2: 100, 1: 200}),
		reading(t, score.MetricSmileys, "2026-07-24..2026-10-22", map[int]int64{3: 4700, 2: 200, 1: 100}),
	)
	small := message.Digest{Key: "digest:2026-W44", Parts: calm.Parts, Alert: score.Alert{
		Sudden: score.Compare(
			reading(t, score.MetricSmileys, "2026-10-26..2026-11-01", map[int]int64{3: 20}),
			reading(t, score.MetricSmileys, "2026-09-28..2026-10-25", map[int]int64{3: 80}),
		),
		Slow: score.Compare(
			reading(t, score.MetricSmileys, "2026-10-05..2026-11-01", map[int]int64{3: 80}),
			reading(t, score.MetricSmileys, "2026-07-06..2026-10-04", map[int]int64{3: 1}),
		),
	}}
	sudden.Channels = weekAndMonth(t).Parts[0].Scores[1].Channels
	unhappy := []message.Entry{waiting(followup.StateExplained, nothing)}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name    string
			message message.Message
		}{
			{"digest_small", r.Digest(small)},
			{"alert_slow", r.Alert(message.Alert{Key: "alert:2026-11-20", Drops: []score.Report{slow}})},
			{"digest", r.Digest(weekAndMonth(t))},
			{"digest_calm", r.Digest(calm)},
			{"alert", r.Alert(message.Alert{Key: "alert:2026-11-20", Drops: []score.Report{sudden, slow}, Comments: unhappy})},
		} {
			goldenMessage(t, r, test.name, test.message)
			assert.Less(t, len(test.message.Text), 3000, test.name)
			assert.Equal(t, message.Message{Text: test.message.Text, Metadata: test.message.Metadata}, test.message.Plain(), test.name)
			assert.NotContains(t, test.message.Text, "<!channel>", test.name)
			assert.Equal(t, message.EventNotice, test.message.Metadata.EventType, test.name)
		}
	})
}

// TestLongestDigestFits checks that Slack accepts the longest digest in one message.
func TestLongestDigestFits(t *testing.T) {
	t.Parallel()
	var parts []score.DigestPart
	for _, period := range [][2]string{{"2026-W44", "2026-W43"}, {"2026-09", "2026-08"}} {
		part := score.DigestPart{FollowUpStats: score.FollowUpStats{
			FollowUps: score.FollowUpCount{Opened: 123_456, Done: 100_000, Explained: 12_000, Withdrawn: 11_000, Open: 456, InTime: 100_000, Overdue: 23_000, Waiting: 456},
			Recovery:  score.Ratio{Yes: 12_345, All: 99_999},
		}}
		for _, outcome := range followup.Outcomes() {
			part.Outcomes = append(part.Outcomes, score.OutcomeCount{Outcome: outcome, N: 123_456})
		}
		for _, metric := range score.DigestMetrics() {
			low, high := metric.Kind().Scale()
			part.Scores = append(part.Scores, score.Compare(
				reading(t, metric, period[0], map[int]int64{low: 123_456_789}), reading(t, metric, period[1], map[int]int64{high: 123_456_789}),
			))
		}
		part.Period = part.Scores[0].Period
		parts = append(parts, part)
	}
	few := map[int]int64{3: 29}
	one := score.Compare(reading(t, score.MetricSmileys, "2026-09-28..2026-10-25", few), reading(t, score.MetricSmileys, "2025-12-28..2026-09-27", few))
	d := message.Digest{Key: "digest:2026-W44,2026-09", Parts: parts, Alert: score.Alert{Sudden: one, Slow: one}}
	for range 3 {
		wide := with(func(v *followup.Snapshot) { v.Feedback.Ticket.Subject = strings.Repeat("𝕊&", 100) })
		long := message.Entry{Snapshot: wide, Permalink: "https://a-workspace-with-a-long-name.slack.com/archives/C0123456789/p1700000000000100"}
		long.FollowUp = followUp(followup.StateClaimed)
		d.Comments, d.Overdue.Entries, d.AtRisk.Entries = append(d.Comments, long), append(d.Overdue.Entries, long), append(d.AtRisk.Entries, long)
	}
	d.Overdue.Total, d.AtRisk.Total, d.Now = 4711, 4711, at.Add(1000*time.Hour)
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		said := r.Digest(d)
		accepted(t, said.Blocks)
		assert.Less(t, len(said.Text), 4000, "Slack cuts a longer one in two")
	})
}
