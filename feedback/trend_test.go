package feedback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

// Each row is read on Sunday 22 November 2026, the seventh day of week 47.
func TestStretches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words       string
		unit        feedback.Unit
		n           int
		first, last string
		running     bool
	}{
		{"today", feedback.UnitDay, 1, "2026-11-22 2026-11-22", "2026-11-22 2026-11-22", true},
		{"yesterday", feedback.UnitDay, 1, "2026-11-21 2026-11-21", "2026-11-21 2026-11-21", false},
		{"week", feedback.UnitDay, 7, "2026-11-16 2026-11-16", "2026-11-22 2026-11-22", true},
		{"14d", feedback.UnitDay, 14, "2026-11-09 2026-11-09", "2026-11-22 2026-11-22", true},
		{"30d", feedback.UnitWeek, 5, "2026-10-24 2026-10-25", "2026-11-16 2026-11-22", true},
		{"month", feedback.UnitWeek, 4, "2026-11-01 2026-11-01", "2026-11-16 2026-11-22", true},
		{"2026-02-01..2026-02-20", feedback.UnitDay, 20, "2026-02-01 2026-02-01", "2026-02-20 2026-02-20", false},
		{"2026-02-01..2026-02-21", feedback.UnitWeek, 4, "2026-02-01 2026-02-01", "2026-02-16 2026-02-21", false},
		{"2026-Q3", feedback.UnitWeek, 14, "2026-07-01 2026-07-05", "2026-09-28 2026-09-30", false},
		{"quarter", feedback.UnitWeek, 8, "2026-10-01 2026-10-04", "2026-11-16 2026-11-22", true},
		{"2025-12-20..2026-01-10", feedback.UnitWeek, 4, "2025-12-20 2025-12-21", "2026-01-05 2026-01-10", false},
		{"2025", feedback.UnitMonth, 12, "2025-01-01 2025-01-31", "2025-12-01 2025-12-31", false},
		{"year", feedback.UnitMonth, 11, "2026-01-01 2026-01-31", "2026-11-01 2026-11-22", true},
		{"2024-02-29..2026-02-15", feedback.UnitQuarter, 9, "2024-02-29 2024-03-31", "2026-01-01 2026-02-15", false},
		{"2015-06-01..2026-11-22", feedback.UnitYear, 12, "2015-06-01 2015-12-31", "2026-01-01 2026-11-22", false},
		{"2000-01-01..2026-11-22", "", 0, "", "", false},
	} {
		period, err := feedback.ParsePeriod(c.words, feedback.Date(2026, time.November, 22))
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
		from := feedback.Date(2019, time.January, 1).Add(rapid.IntRange(0, 3000).Draw(t, "from"))
		days := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 6939)).Draw(t, "days")
		p := feedback.Period{From: from, To: from.Add(days - 1), Unit: feedback.UnitRange}
		stretches := p.Stretches()
		require.NotEmpty(t, stretches)
		require.LessOrEqual(t, len(stretches), feedback.MaxTrendPoints)
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
func calendar(unit feedback.Unit, day feedback.Day) [2]int {
	year, month, _ := day.Date()
	switch unit {
	case feedback.UnitWeek:
		isoYear, week := day.ISOWeek()
		return [2]int{isoYear, week}
	case feedback.UnitMonth:
		return [2]int{year, int(month)}
	case feedback.UnitQuarter:
		return [2]int{year, (int(month) - 1) / 3}
	case feedback.UnitYear:
		return [2]int{year}
	default:
		return [2]int{int(day)}
	}
}

func TestTrendShowsOnlyWhatHasAScore(t *testing.T) {
	t.Parallel()
	point := func(n int64) feedback.Point {
		return feedback.Point{Score: feedback.Measure(feedback.MetricNPS, feedback.Tally{9: n})}
	}
	assert.Empty(t, feedback.Trend{}.Shown())
	assert.Empty(t, feedback.Trend{point(9), point(30), point(0)}.Shown(), "one point is no trend")
	assert.Len(t, feedback.Trend{point(9), point(10), point(0), point(11)}.Shown(), 2)
}
