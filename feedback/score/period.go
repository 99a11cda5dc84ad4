package score

import (
	"time"

	"smileybot/feedback/office"
)

// Unit is the length of a period.
type Unit string

// The units. Day, week (Monday to Sunday, ISO 8601), month, quarter and year are those of the calendar.
const (
	UnitDay     Unit = "day"
	UnitWeek    Unit = "week"
	UnitMonth   Unit = "month"
	UnitQuarter Unit = "quarter"
	UnitYear    Unit = "year"
	UnitDays    Unit = "days"  // The last so many days, today included.
	UnitRange   Unit = "range" // Any other stretch of days.
	// UnitAll are all days until today; the store lets it begin on the first day with an answer, as a
	// [UnitRange].
	UnitAll Unit = "all"
)

const (
	daysPerWeek      = 7
	monthsPerQuarter = 3
	monthsPerYear    = 12
)

// Period is a stretch of days.
type Period struct {
	From, To office.Day // Both inclusive.
	Unit     Unit
	// Running means that the calendar unit is not over: To is today, not its last day. It is never
	// set for [UnitDays], [UnitRange] and [UnitAll].
	Running bool
	// Clock means that it was asked for as today and not by its date: it is compared with the day
	// before until the same time of day.
	Clock bool
	// Until is, for a day that today is compared with, the latest moment of its answers that count;
	// else zero.
	Until time.Time
}

// Days is the number of days of the period; of a running one, those that have begun.
func (p Period) Days() int { return int(p.To-p.From) + 1 }

// Quarter is the quarter of the year, 1 to 4, that the period begins in.
func (p Period) Quarter() int {
	_, month, _ := p.From.Date()
	return (int(month)-1)/monthsPerQuarter + 1
}

// Previous is the period to compare p with. For a running unit it is the first days of the unit
// before, as many as have begun of p; for a finished unit, the whole unit before; for a day, the
// day before; for days and a range, the stretch of equal length just before, cut off at the year
// 0000.
func (p Period) Previous() Period {
	if !p.Unit.calendar() {
		from := max(p.From.Add(-p.Days()), office.Date(0, time.January, 1))
		return Period{From: from, To: p.From.Add(-1), Unit: UnitRange}
	}
	before := unitOf(p.Unit, p.From.Add(-1))
	if p.Running && p.Days() < before.Days() {
		return Period{From: before.From, To: before.From.Add(p.Days() - 1), Unit: UnitRange}
	}
	return before
}

// PreviousAt is the period to compare p with when that is asked for at a local moment. For today it
// is yesterday until the same time of day, to the second; see [sameTime]. Else it is
// [Period.Previous].
func (p Period) PreviousAt(now time.Time) Period {
	before := p.Previous()
	if p.Clock && !now.IsZero() && office.DayOf(now, now.Location()) == p.From {
		before.Until = sameTime(before.From, now)
	}
	return before
}

// sameTime is when a day's clock shows the time of a local moment, in whole seconds. A time that
// comes twice on that day is the first; one that is skipped is as long after the change of the clock
// as it would have been, had the clock gone on.
func sameTime(day office.Day, as time.Time) time.Time {
	year, month, date := day.Date()
	hour, minute, second := as.Clock()
	in := func(zone *time.Location) (t time.Time, same bool) {
		t = time.Date(year, month, date, hour, minute, second, 0, zone).In(as.Location())
		h, m, s := t.Clock()
		return t, h == hour && m == minute && s == second
	}
	_, offset := day.Time(as.Location()).Add(-time.Second).Zone()
	early, same := in(time.FixedZone("", offset)) // by the clock of the night before
	if late, shown := in(as.Location()); !same && shown {
		return late
	}
	return early
}

// unitOf is the whole calendar unit that contains day.
func unitOf(unit Unit, day office.Day) Period {
	year, month, _ := day.Date()
	switch unit {
	case UnitWeek:
		sinceMonday := (int(day.Weekday()) + daysPerWeek - int(time.Monday)) % daysPerWeek
		monday := day.Add(-sinceMonday)
		return Period{From: monday, To: monday.Add(daysPerWeek - 1), Unit: unit}
	case UnitMonth:
		return months(unit, year, month, 1)
	case UnitQuarter:
		first := month - (month-1)%monthsPerQuarter
		return months(unit, year, first, monthsPerQuarter)
	case UnitYear:
		return months(unit, year, time.January, 12)
	default:
		return Period{From: day, To: day, Unit: UnitDay}
	}
}

func months(unit Unit, year int, first time.Month, n int) Period {
	return Period{From: office.Date(year, first, 1), To: office.Date(year, first+time.Month(n), 1).Add(-1), Unit: unit}
}

// calendar reports whether the unit is one of the calendar.
func (unit Unit) calendar() bool { return unit != UnitDays && unit != UnitRange && unit != UnitAll }

// cutAtToday ends a calendar unit that is still running today.
func (p Period) cutAtToday(today office.Day) Period {
	if p.Unit.calendar() && p.From <= today && today <= p.To {
		p.To, p.Running = today, true
	}
	return p
}

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

// Shown are the points with enough answers for a score. A single one is not a trend and is not
// shown.
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
