package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store/storetest"
)

// TestTrendAddsUp checks that each point of a trend is what the score of its own days
// is, for any period, over years with a leap day and both nights on which the clocks
// change.
func TestTrendAddsUp(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var events []feedback.Event
	for i := range 3000 { // 14 hours apart, from January 2022 to October 2026
		at := time.Date(2022, 1, 1, 0, 30, 0, 0, time.UTC).Add(time.Duration(i) * 14 * time.Hour)
		e := storetest.Score(strconv.Itoa(i), feedback.KindNPS, i*i%11, at)
		if i%2 == 0 {
			e.Channel = feedback.ChannelChat
		}
		if i%3 == 0 { // one agent by two rows
			e = about(e, "", []string{"Bart", "bart"}[i/3%2])
		}
		events = append(events, e)
	}
	storetest.Import(t, s, noon(), events...)
	rapid.Check(t, func(rt *rapid.T) {
		from := office.Date(2021, time.December, 1).Add(rapid.IntRange(0, 1900).Draw(rt, "from"))
		days := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 2500)).Draw(rt, "days")
		period := score.Period{From: from, To: from.Add(days - 1), Unit: score.UnitRange}
		asked := score.NewQuery(score.MetricNPS, period)
		asked.Filter = score.Filter{
			Channel: rapid.SampledFrom([]feedback.Channel{"", feedback.ChannelChat}).Draw(rt, "channel"),
			Agent:   rapid.SampledFrom([]string{"", "Bart"}).Draw(rt, "agent"),
		}
		reports, err := s.Reports(t.Context(), asked)
		require.NoError(rt, err)
		trend, stretches := reports[0].Trend, period.Stretches()
		if len(stretches) < 2 || reports[0].Score.N < score.FewAnswers {
			require.Empty(rt, trend)
			return
		}
		require.Len(rt, trend, len(stretches))
		for i, point := range trend {
			require.Equal(rt, stretches[i], point.Period)
			asked.Period = point.Period
			want, err := s.Report(t.Context(), asked)
			require.NoError(rt, err)
			require.Equal(rt, want.Score, point.Score, "%v", point.Period)
		}
	})
}

func TestReportsHaveTrendsOfEnoughAnswers(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	week, err := score.ParsePeriod("week", office.DayOf(noon(), storetest.Options(t).Location))
	require.NoError(t, err)
	for i := range 10 {
		reports, err := s.Reports(t.Context(), score.NewQuery(score.MetricNPS, week))
		require.NoError(t, err)
		require.Empty(t, reports[0].Trend, "%d answers", i)
		storetest.Import(t, s, noon(), storetest.Score(strconv.Itoa(i), feedback.KindNPS, 9, noon()))
	}
	reports, err := s.Reports(t.Context(), score.NewQuery(score.MetricNPS, week))
	require.NoError(t, err)
	require.EqualValues(t, 10, reports[0].Trend[len(reports[0].Trend)-1].Score.N, "what was just taken is in it")
}
