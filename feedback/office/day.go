package office

import (
	"errors"
	"time"
)

// Day is a civil day, counted from 1970-01-01 (day 0), without a time zone; earlier days are
// negative. Scores count by it: the zone is applied once, when a moment becomes a Day.
type Day int

const (
	hoursPerDay = 24
	daysInWeek  = 7
)

// offsetStep divides every UTC offset in use today, so a stretch of it never spans a change of the clocks.
const offsetStep = 15 * time.Minute

// widestOffset is more than any time zone ever lay from UTC (Manila until 1844: 15 h 56 min).
const widestOffset = 16 * time.Hour

// Date is the day of that year, month and day of the month; values past the end overflow as in [time.Date], so
// month 13 is January of the next year.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (hoursPerDay * 60 * 60))
}

// DayOf is the local day in loc at the instant t.
func DayOf(t time.Time, loc *time.Location) Day {
	return Date(t.In(loc).Date())
}

// ParseDay reads a day written as 2006-01-02. Years run from 0001 to 9999.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return 0, errors.New("not a date: write it as 2026-10-05")
	}
	return Date(t.Date()), nil
}

// Date gives year, month and day of the month.
func (d Day) Date() (year int, month time.Month, day int) {
	return d.midnightUTC().Date()
}

// ISOWeek gives the ISO 8601 year and week number that d falls in; 2027-01-03 is in week 53 of 2026.
func (d Day) ISOWeek() (year, week int) {
	return d.midnightUTC().ISOWeek()
}

// Month is the number of the month that d falls in, counted from the year 0.
func (d Day) Month() int {
	year, month, _ := d.Date()
	return 12*year + int(month) - 1
}

// Months divides the days from d to last, both included, into the days before the first whole
// month, the whole months, and the days after them, each as first and last. A part without days has
// its first after its last.
func (d Day) Months(last Day) (head [2]Day, months [2]int, tail [2]Day) {
	first, end := d.Month(), last.Add(1).Month()-1
	if d != monthBegins(first) {
		first++
	}
	if first > end {
		return [2]Day{d, last}, [2]int{first, end}, [2]Day{last.Add(1), last}
	}
	return [2]Day{d, monthBegins(first) - 1}, [2]int{first, end}, [2]Day{monthBegins(end + 1), last}
}

// DaysOfMonth are the first and the last day of a month, numbered as by [Day.Month].
func DaysOfMonth(month int) (first, last Day) { return monthBegins(month), monthBegins(month+1) - 1 }

// monthBegins is the first day of a month.
func monthBegins(month int) Day { return Date(0, time.Month(month+1), 1) }

// Weekday is the day of the week of d.
func (d Day) Weekday() time.Weekday {
	return d.midnightUTC().Weekday()
}

// NextMonday is the first Monday after d.
func (d Day) NextMonday() Day {
	sinceMonday := (int(d.Weekday()) + 7 - int(time.Monday)) % 7
	return d.Add(7 - sinceMonday)
}

// Add is the day n days later, or earlier when n is negative.
func (d Day) Add(n int) Day {
	return d + Day(n)
}

// String writes d as 2006-01-02.
func (d Day) String() string {
	return d.midnightUTC().Format(time.DateOnly)
}

// Time is the first instant of the local day d in loc: midnight, or the end of the gap where the
// clocks skip midnight. For a day that loc skipped altogether it is the start of the next one.
func (d Day) Time(loc *time.Location) time.Time {
	zones := d.zones(loc)
	for _, zone := range zones {
		midnight := d.midnightUTC().Add(-zone.offset)
		if !midnight.Before(zone.to) {
			continue
		}
		if midnight.Before(zone.from) {
			midnight = zone.from
		}
		return midnight.In(loc)
	}
	return d.midnightUTC().In(loc) // Not reached: the last zone reaches past every midnight of the day.
}

func (d Day) midnightUTC() time.Time {
	return time.Unix(int64(d)*hoursPerDay*60*60, 0).UTC()
}

// zone is a stretch of time, from inclusive, to exclusive, with one offset from UTC.
type zone struct {
	from, to time.Time
	offset   time.Duration
}

// zones lists, in order, the stretches of one offset that touch the local day d: one on most days, two when the
// clocks change. Every round moves forward, whatever [time.Time.ZoneBounds] returns: on the last day of a leap year
// beyond the zone's table (2040, 2044, …) its end lies before the moment itself (https://go.dev/issue/81583).
func (d Day) zones(loc *time.Location) []zone {
	from := d.midnightUTC().Add(-widestOffset)
	until := d.midnightUTC().Add(hoursPerDay*time.Hour + widestOffset)
	var zones []zone
	for from.Before(until) {
		local := from.In(loc)
		_, seconds := local.Zone()
		offset := time.Duration(seconds) * time.Second
		_, to := local.ZoneBounds()
		switch {
		case to.IsZero() || to.After(until):
			to = until
		case !to.After(from):
			to = from.Add(offsetStep)
		}
		if n := len(zones); n > 0 && zones[n-1].offset == offset {
			zones[n-1].to = to
		} else {
			zones = append(zones, zone{from: from, to: to, offset: offset})
		}
		from = to
	}
	return zones
}
