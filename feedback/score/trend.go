package score

import (
	"time"

	"smileybot/feedback/office"
)

// MaxTrendPoints is the most points a trend has: as many as a chart of Slack takes
// (https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block).
const MaxTrendPoints = 20

// Trend is how a score went during a period: its days, ISO weeks, months, quarters or
// years, in order, each with its own score. The first and the last are cut off where
// the period begins and ends.
type Trend []Point

// Point is the score of one stretch of a trend.
type Point struct {
	Period Period // Its Unit is what the trend is counted in; Running says that today is in it.
	Score  Score
}

// Shown are the points with enough answers for a score. One alone is no trend, and
// shows nothing.
func (t Trend) Shown() []Point {
	var shown []Point
	for _, point := range t {
		if point.Score.Enough() {
			shown = append(shown, point)
		}
	}
	if len(shown) < 2 {
		return nil
	}
	return shown
}

// Stretches divides the period for its trend: into the finest of days, ISO weeks,
// months, quarters and years of which it has at most [MaxTrendPoints]. So a week is seen by
// day, a month by week once it has more than 20 days, a quarter by week and a year by month.
// Together they are exactly the period. One of more than 20 calendar years has none.
func (p Period) Stretches() []Period {
	for _, unit := range []Unit{UnitDay, UnitWeek, UnitMonth, UnitQuarter, UnitYear} {
		if stretches, ok := p.divide(unit); ok {
			return stretches
		}
	}
	return nil
}

// parseGroupBy cuts the period at the borders of unit, unless that makes too many points.
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

// Slot tells how tallies are numbered into the stretches of a trend that is counted in
// unit and begins on first: the row of a day, or with byMonth of a month, is in stretch
// (row − base) ÷ width, rounded down.
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
