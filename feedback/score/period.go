package score

import (
	"time"

	"smileybot/feedback/office"
)

// Unit is what a period is counted in.
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
)

const (
	daysPerWeek      = 7
	monthsPerQuarter = 3
)

// Period is a stretch of days that a score is asked for.
type Period struct {
	From, To office.Day // Both inclusive.
	Unit     Unit
	// Running says that the calendar unit is not over: To is today, not the unit's last day. It is never set for
	// [UnitDays] and [UnitRange].
	Running bool
}

// Days is how many days the period has; of a running one, how many have begun.
func (p Period) Days() int { return int(p.To-p.From) + 1 }

// Quarter is the quarter of the year, 1 to 4, that the period begins in.
func (p Period) Quarter() int {
	_, month, _ := p.From.Date()
	return (int(month)-1)/monthsPerQuarter + 1
}

// Previous is the period to compare p with. For a running one it is the first days of the unit before, as many as
// have begun of p, at most all of that unit; for a finished unit, the whole unit before; for a day, the day before;
// for days and a range, the stretch of equal length just before (cut off at the year 0000).
func (p Period) Previous() Period {
	if p.Unit == UnitDays || p.Unit == UnitRange {
		from := max(p.From.Add(-p.Days()), office.Date(0, time.January, 1))
		return Period{From: from, To: p.From.Add(-1), Unit: UnitRange}
	}
	before := unitOf(p.Unit, p.From.Add(-1))
	if p.Running && p.Days() < before.Days() {
		return Period{From: before.From, To: before.From.Add(p.Days() - 1), Unit: UnitRange}
	}
	return before
}

// unitOf is the whole calendar unit that day lies in.
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

// cutAtToday cuts a calendar unit off at today when it is still running.
func (p Period) cutAtToday(today office.Day) Period {
	if p.From <= today && today <= p.To {
		p.To, p.Running = today, true
	}
	return p
}
