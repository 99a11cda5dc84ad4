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
	// UnitAll are all days until today; the store lets it begin on the first day with an answer. No
	// answer is from before it.
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
