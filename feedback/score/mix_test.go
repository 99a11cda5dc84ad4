package score_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// green is the satisfaction of so many smileys.
func green(n, all int64) score.Score { return score.Measure(score.MetricCSAT, tally(3, n, 1, all-n)) }

func TestMix(t *testing.T) {
	t.Parallel()
	channel := func(c feedback.Channel, now, before score.Score) score.ChannelScores {
		return score.ChannelScores{Channel: c, Now: now, Before: before}
	}
	for _, c := range []struct {
		name        string
		channels    []score.ChannelScores
		want        feedback.Channel
		now, before string
	}{
		{"more chat, each channel as before", []score.ChannelScores{
			channel(feedback.ChannelTicket, green(84, 120), green(168, 240)),
			channel(feedback.ChannelChat, green(171, 180), green(57, 60)),
		}, feedback.ChannelChat, "60", "20"},
		{"fewer tickets", []score.ChannelScores{
			channel(feedback.ChannelTicket, green(6, 20), green(60, 200)),
			channel(feedback.ChannelChat, green(90, 100), green(90, 100)),
			channel(feedback.ChannelPhone, green(90, 100), green(90, 100)),
		}, feedback.ChannelTicket, "9", "50"},
		{"the same shares, other scores", []score.ChannelScores{
			channel(feedback.ChannelTicket, green(120, 150), green(90, 150)),
			channel(feedback.ChannelChat, green(130, 150), green(100, 150)),
		}, "", "", ""},
		{"the shares work against the change", []score.ChannelScores{
			channel(feedback.ChannelTicket, green(160, 200), green(40, 100)),
			channel(feedback.ChannelChat, green(98, 100), green(140, 200)),
		}, "", "", ""},
		{"exactly half of the change", []score.ChannelScores{ // 7.5 of 15 points
			channel(feedback.ChannelTicket, green(120, 240), green(180, 360)),
			channel(feedback.ChannelChat, green(144, 160), green(24, 40)),
		}, "", "", ""},
		{"a channel that is new", []score.ChannelScores{
			channel(feedback.ChannelTicket, green(140, 200), green(140, 200)),
			channel(feedback.ChannelChat, green(100, 100), green(0, 0)),
		}, feedback.ChannelChat, "33", "0"},
		{"one channel", []score.ChannelScores{
			channel(feedback.ChannelChat, green(100, 100), green(60, 100)),
		}, "", "", ""},
		{"no real change", []score.ChannelScores{
			channel(feedback.ChannelTicket, green(7, 10), green(14, 20)),
			channel(feedback.ChannelChat, green(19, 20), green(9, 10)),
		}, "", "", ""},
	} {
		var now, before score.Tally
		for _, of := range c.channels {
			add(&now, of.Now)
			add(&before, of.Before)
		}
		report := compared(score.MetricCSAT, now, before)
		report.Channels = c.channels
		mix, ok := report.Mix()
		assert.Equal(t, c.want != "", ok, c.name)
		if ok {
			assert.Equal(t, c.want, mix.Channel, c.name)
			assert.Equal(t, []string{c.now, c.before}, []string{score.Decimal(mix.Now, 0), score.Decimal(mix.Before, 0)}, c.name)
		}
	}
}

// add adds the answers of a score to a tally.
func add(to *score.Tally, of score.Score) {
	for i, part := range of.Split { // green, yellow, red
		to.Add(3-i, part.N)
	}
}
