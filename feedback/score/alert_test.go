package score_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// TestSignificantDrop compares with the formula in floating point, away from its limit.
func TestSignificantDrop(t *testing.T) {
	t.Parallel()
	smileys := func(green, yellow, red int64) score.Score {
		return score.Measure(score.MetricSmileys, score.Tally{1: red, 2: yellow, 3: green})
	}
	rapid.Check(t, func(rt *rapid.T) {
		side := func(name string) (score.Score, float64, float64, float64) {
			g, y, r := rapid.Int64Range(0, 60).Draw(rt, name+" green"), rapid.Int64Range(0, 20).Draw(rt, name+" yellow"), rapid.Int64Range(0, 60).Draw(rt, name+" red")
			n := float64(g + y + r)
			p, d := (float64(g)+0.75)/(n+3), (float64(r)+0.75)/(n+3)
			return smileys(g, y, r), p - d, n, (p + d - (p-d)*(p-d)) / (n + 3)
		}
		now, net, n, square := side("now")
		before, netBefore, nBefore, squareBefore := side("before")
		got := score.Compare(score.PeriodScore{Score: now}, score.PeriodScore{Score: before}).SignificantDrop()
		z := (net - netBefore) / math.Sqrt(square+squareBefore)
		switch {
		case n < 30 || nBefore < 30 || net >= netBefore:
			require.False(rt, got)
		case math.Abs(z+2.58) > 1e-9:
			require.Equal(rt, z < -2.58, got, "z %f", z)
		}
	})
}

// TestSignificantDropNeedsThirtyAnswers on both sides, however far the score has dropped.
func TestSignificantDropNeedsThirtyAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, before int64
		want        bool
	}{{29, 30, false}, {30, 29, false}, {30, 30, true}} {
		now := score.Measure(score.MetricSmileys, score.Tally{1: c.now})
		before := score.Measure(score.MetricSmileys, score.Tally{3: c.before})
		got := score.Compare(score.PeriodScore{Score: now}, score.PeriodScore{Score: before}).SignificantDrop()
		assert.Equal(t, c.want, got, "%d against %d answers", c.now, c.before)
	}
}

// alertOf makes the alert of 24 November 2026 from the smileys of each period, and notes the periods.
func alertOf(t *testing.T, tallies map[string]score.Tally) (alert score.Alert, asked []string) {
	t.Helper()
	alert, err := score.NewAlert(office.Date(2026, time.November, 24), func(p score.Period) (score.PeriodScore, error) {
		asked = append(asked, p.Typed())
		return score.PeriodScore{Period: p, Score: score.Measure(score.MetricSmileys, tallies[p.Typed()])}, nil
	})
	require.NoError(t, err)
	return alert, asked
}

const (
	lastWeek, before28   = "2026-11-17..2026-11-23", "2026-10-20..2026-11-16"
	last28Days, before91 = "2026-10-27..2026-11-23", "2026-07-28..2026-10-26"
)

func TestAlertPeriods(t *testing.T) {
	t.Parallel()
	_, asked := alertOf(t, nil)
	assert.Equal(t, []string{lastWeek, before28, last28Days, before91}, asked)
	for _, failing := range []string{lastWeek, before28, last28Days, before91} {
		_, err := score.NewAlert(office.Date(2026, time.November, 24), func(p score.Period) (score.PeriodScore, error) {
			if p.Typed() == failing {
				return score.PeriodScore{}, errors.New(failing)
			}
			return score.PeriodScore{}, nil
		})
		assert.EqualError(t, err, failing)
	}
}

func TestAlertFindsEitherDrop(t *testing.T) {
	t.Parallel()
	good, bad, few := score.Tally{3: 90, 1: 10}, score.Tally{3: 60, 1: 40}, score.Tally{1: 20}
	for _, test := range []struct {
		name         string
		tallies      map[string]score.Tally
		drops, blind []string
	}{
		{"calm", map[string]score.Tally{lastWeek: good, before28: good, last28Days: good, before91: good}, nil, nil},
		{"sudden", map[string]score.Tally{lastWeek: bad, before28: good, last28Days: good, before91: good}, []string{lastWeek}, nil},
		{"slow", map[string]score.Tally{lastWeek: bad, before28: bad, last28Days: bad, before91: good}, []string{last28Days}, nil},
		{"both", map[string]score.Tally{lastWeek: bad, before28: good, last28Days: bad, before91: good}, []string{lastWeek, last28Days}, nil},
		{"higher", map[string]score.Tally{lastWeek: good, before28: bad, last28Days: good, before91: bad}, nil, nil},
		{"20 smileys a week", map[string]score.Tally{lastWeek: few, before28: good, last28Days: good, before91: good}, nil, []string{lastWeek}},
		{"a young team", map[string]score.Tally{lastWeek: bad, before28: good, last28Days: good}, []string{lastWeek}, []string{last28Days}},
		{"no smileys at all", nil, nil, nil},
	} {
		alert, _ := alertOf(t, test.tallies)
		assert.Equal(t, test.drops, days(alert.Drops()), test.name)
		assert.Equal(t, test.blind, days(alert.Blind()), test.name)
	}
}

// days are the recent periods of comparisons.
func days(reports []score.Report) []string {
	var periods []string
	for _, r := range reports {
		periods = append(periods, r.Period.Typed())
	}
	return periods
}

// TestDroppedNeedsMoreThanOneComparisonDoes: of the many scores of a digest, 84 green of 100 after 94
// of 100 (z = 2.26) is no real change, 80 of 100 is.
func TestDroppedNeedsMoreThanOneComparisonDoes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		green int64
		want  bool
	}{{84, false}, {80, true}} {
		report := score.Compare(
			score.PeriodScore{Score: score.Measure(score.MetricSmileys, score.Tally{3: test.green, 1: 100 - test.green})},
			score.PeriodScore{Score: score.Measure(score.MetricSmileys, score.Tally{3: 94, 1: 6})},
		)
		assert.Equal(t, score.Significant, report.Significance(), "alone")
		assert.Equal(t, test.want, len(score.DigestPart{Scores: []score.Report{report}}.Dropped()) == 1, "%d green", test.green)
	}
}

// TestSatisfactionIsTheCSATOfTheSameAnswers, figure, split and interval.
func TestSatisfactionIsTheCSATOfTheSameAnswers(t *testing.T) {
	t.Parallel()
	tally := score.Tally{1: 7, 2: 20, 3: 60}
	assert.Equal(t, score.Measure(score.MetricCSAT, tally), score.Measure(score.MetricSmileys, tally).Satisfaction())
	assert.NotContains(t, score.DigestMetrics(), score.MetricCSAT)
	assert.Contains(t, score.DigestMetrics(), score.MetricSmileys)
}
