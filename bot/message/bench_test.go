package message_test

import (
	"testing"

	"smileybot/bot/message"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// BenchmarkScore shows that rendering takes little of the 3 s that a command has.
func BenchmarkScore(b *testing.B) {
	now := reading(b, score.MetricNPS, "month", map[int]int64{10: 600, 8: 100, 2: 100})
	before := reading(b, score.MetricNPS, "2026-10", map[int]int64{10: 400, 8: 100, 2: 300})
	reports := []score.Report{score.Compare(now, before)}
	for _, r := range []*message.Renderer{english, dutch} {
		b.Run(string(r.Language()), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Score(reports, at)
			}
		})
	}
}

func BenchmarkFeedback(b *testing.B) {
	v := with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateClaimed) })
	for _, r := range []*message.Renderer{english, dutch} {
		b.Run(string(r.Language()), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Feedback(v)
			}
		})
	}
}
