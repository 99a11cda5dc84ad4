package score_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Each row is read on Sunday 22 November 2026, the seventh day of week 47.
func TestStretches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words       string
		unit        score.Unit
		n           int
		first, last string
		running     bool
	}{
		{"today", score.UnitDay, 1, "2026-11-22 2026-11-22", "2026-11-22 2026-11-22", true},
		{"yesterday", score.UnitDay, 1, "2026-11-21 2026-11-21", "2026-11-21 2026-11-21", false},
		{"week", score.UnitDay, 7, "2026-11-16 2026-11-16", "2026-11-22 2026-11-22", true},
		{"14d", score.UnitDay, 14, "2026-11-09 2026-11-09", "2026-11-22 2026-11-22", true},
		{"30d", score.UnitWeek, 5, "2026-10-24 2026-10-25", "2026-11-16 2026-11-22", true},
		{"month", score.UnitWeek, 4, "2026-11-01 2026-11-01", "2026-11-16 2026-11-22", true},
		{"2026-02-01..2026-02-20", score.UnitDay, 20, "2026-02-01 2026-02-01", "2026-02-20 2026-02-20", false},
		{"2026-02-01..2026-02-21", score.UnitWeek, 4, "2026-02-01 2026-02-01", "2026-02-16 2026-02-21", false},
		{"2026-Q3", score.UnitWeek, 14, "2026-07-01 2026-07-05", "2026-09-28 2026-09-30", false},
		{"quarter", score.UnitWeek, 8, "2026-10-01 2026-10-04", "2026-11-16 2026-11-22", true},
		{"2025-12-20..2026-01-10", score.UnitWeek, 4, "2025-12-20 2025-12-21", "2026-01-05 2026-01-10", false},
		{"2025", score.UnitMonth, 12, "2025-01-01 2025-01-31", "2025-12-01 2025-12-31", false},
		{"year", score.UnitMonth, 11, "2026-01-01 2026-01-31", "2026-11-01 2026-11-22", true},
		{"2024-02-29..2026-02-15", score.UnitQuarter, 9, "2024-02-29 2024-03-31", "2026-01-01 2026-02-15", false},
		{"2015-06-01..2026-11-22", score.UnitYear, 12, "2015-06-01 2015-12-31", "2026-01-01 2026-11-22", false},
		{"2000-01-01..2026-11-22", "", 0, "", "", false},
	} {
		period, err := score.ParsePeriod(c.words, office.Date(2026, time.November, 22))
		require.NoError(t, err, c.words)
		stretches := period.Stretches()
		require.Len(t, stretches, c.n, c.words)
		if c.n == 0 {
			continue
		}
		first, last := stretches[0], stretches[c.n-1]
		assert.Equal(t, c.unit, first.Unit, c.words)
		assert.Equal(t, c.first, first.From.String()+" "+first.To.String(), c.words)
		assert.Equal(t, c.last, last.From.String()+" "+last.To.String(), c.words)
		assert.Equal(t, c.running, last.Running, c.words)
	}
}

// TestStretchesAreThePeriod checks that each day of any period is in exactly one
// stretch, with the days of its own calendar unit, and that its tallies are numbered into that one.
func TestStretchesAreThePeriod(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := office.Date(2019, time.January, 1).Add(rapid.IntRange(0, 3000).Draw(t, "from"))
		days := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 6939)).Draw(t, "days")
		p := score.Period{From: from, To: from.Add(days - 1), Unit: score.UnitRange}
		stretches := p.Stretches()
		require.NotEmpty(t, stretches)
		require.LessOrEqual(t, len(stretches), score.MaxTrendPoints)
		base, width, byMonth := stretches[0].Unit.Slot(p.From)
		day := p.From
		for i, s := range stretches {
			require.Equal(t, day, s.From)
			require.LessOrEqual(t, s.From, s.To)
			for ; day <= s.To; day++ {
				require.Equal(t, calendar(s.Unit, s.From), calendar(s.Unit, day))
				row := int64(day)
				if byMonth {
					row = int64(day.Month())
				}
				require.EqualValues(t, i, (row-base)/width)
			}
			if i > 0 {
				require.NotEqual(t, calendar(s.Unit, s.From-1), calendar(s.Unit, s.From), "cut within a unit")
			}
		}
		require.Equal(t, p.To, day-1)
	})
}

// calendar names the calendar unit of a day.
func calendar(unit score.Unit, day office.Day) [2]int {
	year, month, _ := day.Date()
	switch unit {
	case score.UnitWeek:
		isoYear, week := day.ISOWeek()
		return [2]int{isoYear, week}
	case score.UnitMonth:
		return [2]int{year, int(month)}
	case score.UnitQuarter:
		return [2]int{year, (int(month) - 1) / 3}
	case score.UnitYear:
		return [2]int{year}
	default:
		return [2]int{int(day)}
	}
}

func TestTrendShowsOnlyWhatHasAScore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		answers []int64
		shown   int
	}{
		{"nothing", nil, 0},
		{"one", []int64{9, 30, 0}, 0},
		{"both", []int64{10, 10}, 2},
		{"two of three", []int64{10, 0, 10}, 2},
		{"two of five", []int64{9, 10, 0, 11, 3}, 2},
		{"two of five, far apart", []int64{10, 0, 0, 0, 11}, 0},
		{"two of six", []int64{0, 0, 10, 10, 0, 0}, 0},
		{"the last three of eleven", []int64{0, 0, 0, 0, 0, 0, 0, 0, 10, 11, 12}, 3},
		{"every other one", []int64{10, 0, 10, 0, 10}, 3},
		{"three, far apart", []int64{10, 0, 0, 10, 0, 0, 10}, 0},
	} {
		var trend score.Trend
		for _, n := range c.answers {
			trend = append(trend, score.Point{Score: score.Measure(score.MetricNPS, score.Tally{9: n})})
		}
		assert.Len(t, trend.Shown(), c.shown, c.name)
	}
}

// Each row is read on Friday 20 November 2026.
func TestPart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words       string
		first, last bool
	}{
		{"quarter", true, true},
		{"2026-Q3", true, true},
		{"2026-W40", false, false},
		{"week", false, true},
		{"2026-06-01..2026-06-28", false, false},
		{"2026-06-01..2026-06-27", false, true},
		{"2025", false, false},
		{"year", false, true},
		{"2024-02-29..2026-02-15", true, true},
	} {
		period, err := score.ParsePeriod(c.words, office.Date(2026, time.November, 20))
		require.NoError(t, err, c.words)
		stretches := period.Stretches()
		for i, stretch := range stretches {
			want := i == 0 && c.first || i == len(stretches)-1 && c.last
			assert.Equal(t, want, score.Point{Period: stretch}.Part(), "%s %d", c.words, i)
		}
	}
}
