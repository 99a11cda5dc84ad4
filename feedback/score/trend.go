package score

import (
	"slices"
	"time"

	"smileybot/feedback/office"
)

// MaxTrendPoints is the most points of a trend, the limit of Slack's chart
// (https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block).
const MaxTrendPoints = 20

// Trend is the course of a score during a period: its days, ISO weeks, months, quarters or years,
// in order, each with its own score. The first and the last are cut off where the period begins and
// ends.
type Trend []Point

// Point is the score of one stretch of a trend.
type Point struct {
	Period Period // Its Unit is what the trend is counted in; Running says that today is in it.
	Score  Score
}

// Part reports whether the point covers only a part of its calendar unit: it is cut off where the
// period begins or ends, or today is in it.
func (p Point) Part() bool { return p.Period.Running || p.Cut() }

// Cut reports whether days of the point's calendar unit are outside the period.
func (p Point) Cut() bool {
	whole := unitOf(p.Period.Unit, p.Period.From)
	return p.Period.From != whole.From || p.Period.To != whole.To
}

// Shown are the points with enough answers for a score, if they make a trend: at least three, or two of
// at most five, and at least every other one from the first of them to the last.
func (t Trend) Shown() []Point {
	var shown []Point
	for _, point := range t {
		if point.Score.Enough() {
			shown = append(shown, point)
		}
	}
	n := len(shown)
	if n < 2 || n == 2 && len(t) > 5 || 2*n < len(t.Span()) {
		return nil
	}
	return shown
}

// Span is the trend from its first point with a score to its last one.
func (t Trend) Span() Trend {
	enough := func(p Point) bool { return p.Score.Enough() }
	first := slices.IndexFunc(t, enough)
	if first < 0 {
		return nil
	}
	last := len(t)
	for !enough(t[last-1]) {
		last--
	}
	return t[first:last]
}

// Stretches divides the period for its trend into the finest of days, ISO weeks, months, quarters
// and years that makes at most [MaxTrendPoints]: a week by day, a month by week once it has more
// than 20 days, a quarter by week, a year by month. Together they are exactly the period. A period
// of more than 20 calendar years has no stretches.
func (p Period) Stretches() []Period {
	for _, unit := range []Unit{UnitDay, UnitWeek, UnitMonth, UnitQuarter, UnitYear} {
		if stretches, ok := p.divide(unit); ok {
			return stretches
		}
	}
	return nil
}

// divide cuts the period at the borders of unit; ok is false when that makes too many points.
func (p Period) divide(unit Unit) ([]Period, bool) {
	var stretches []Period
	for day := p.From; day <= p.To; {
		if len(stretches) == MaxTrendPoints {
			return nil, false
		}
		whole := unitOf(unit, day)
		stretch := Period{From: day, To: min(whole.To, p.To), Unit: unit}
		stretch.Running = stretch.To == p.To && (p.Running || p.Unit == UnitDays)
		stretches = append(stretches, stretch)
		day = stretch.To + 1
	}
	return stretches, true
}

// Slot maps tallies to the stretches of a trend in this unit that begins on first: the tally of a
// day, or with byMonth of a month, belongs to stretch (number − base) ÷ width, rounded down.
func (unit Unit) Slot(first office.Day) (base, width int64, byMonth bool) {
	month := int64(first.Month())
	switch unit {
	case UnitWeek:
		return int64(unitOf(UnitWeek, first).From), daysPerWeek, false
	case UnitMonth:
		return month, 1, true
	case UnitQuarter:
		return month - month%monthsPerQuarter, monthsPerQuarter, true
	case UnitYear:
		return month - month%int64(time.December), int64(time.December), true
	default:
		return int64(first), 1, false
	}
}
