package message_test

import (
	"testing"

	"smileybot/bot/message"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// A score answer is rendered within its command's 3 s thousands of times over.
func BenchmarkScore(b *testing.B) {
	now := reading(b, score.MetricNPS, "month", map[int]int64{10: 600, 8: 100, 2: 100})
	before := reading(b, score.MetricNPS, "2026-10", map[int]int64{10: 400, 8: 100, 2: 300})
	reports := []score.Report{score.Compare(now, before)}
	for _, s := range []*message.Speaker{english, dutch} {
		b.Run(string(s.Language()), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Score(reports, at)
			}
		})
	}
}

func BenchmarkFeedback(b *testing.B) {
	v := with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateClaimed) })
	for _, s := range []*message.Speaker{english, dutch} {
		b.Run(string(s.Language()), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Feedback(v)
			}
		})
	}
}
