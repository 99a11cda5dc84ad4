package main

import (
	"fmt"
	"strconv"
	"time"
)

// A refPeriod is a range of local dates, and the one it is compared with.
type refPeriod struct {
	words        string
	from, to     time.Time // dates, as midnights in UTC
	before, then time.Time
	until        time.Time // the moment at which the day before ends, for today
}

func refDate(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// refUnit returns the first day of the calendar unit of a day, and the first day of the next unit.
func refUnit(unit string, day time.Time) (first, next time.Time) {
	y, m, _ := day.Date()
	switch unit {
	case "day":
		return day, day.AddDate(0, 0, 1)
	case "week":
		first = day
		for first.Weekday() != time.Monday {
			first = first.AddDate(0, 0, -1)
		}
		return first, first.AddDate(0, 0, 7)
	case "month":
		return refDate(y, m, 1), refDate(y, m+1, 1)
	case "quarter":
		first = refDate(y, m-(m-1)%3, 1)
		return first, first.AddDate(0, 3, 0)
	default:
		return refDate(y, 1, 1), refDate(y+1, 1, 1)
	}
}

// refCalendar returns the unit of a day, as seen on a day. A unit that is not over ends there, and is
// compared with as many days of the one before.
func refCalendar(words, unit string, day, today time.Time) refPeriod {
	first, next := refUnit(unit, day)
	before, _ := refUnit(unit, first.AddDate(0, 0, -1))
	p := refPeriod{words: words, from: first, to: next.AddDate(0, 0, -1), before: before, then: first.AddDate(0, 0, -1)}
	if unit != "day" && !p.to.Before(today) {
		days := int(today.Sub(first).Hours()/24) + 1
		p.to = today
		if then := before.AddDate(0, 0, days-1); then.Before(p.then) {
			p.then = then
		}
	}
	return p
}

// refStretch returns any range of days, compared with as many just before.
func refStretch(words string, from, to time.Time) refPeriod {
	days := int(to.Sub(from).Hours()/24) + 1
	return refPeriod{words: words, from: from, to: to, before: from.AddDate(0, 0, -days), then: from.AddDate(0, 0, -1)}
}

// refPeriods returns all ways to name a period, around a day, as seen on another.
func refPeriods(day, today time.Time, days int) []refPeriod {
	ago := func(unit string) time.Time {
		first, _ := refUnit(unit, today)
		return first.AddDate(0, 0, -1)
	}
	year, week := refISO(day)
	y, m, _ := day.Date()
	var all []refPeriod
	for _, unit := range [][3]string{{"week", "week", "vorige week"}, {"month", "maand", "Vorige  Maand"}, {"quarter", "kwartaal", "vorig kwartaal"}, {"year", "jaar", "vorig jaar"}} {
		all = append(all,
			refCalendar(unit[0], unit[0], today, today), refCalendar(unit[1], unit[0], today, today),
			refCalendar("last "+unit[0], unit[0], ago(unit[0]), today), refCalendar(unit[2], unit[0], ago(unit[0]), today))
	}
	yesterday := today.AddDate(0, 0, -1)
	all = append(all,
		refCalendar("", "month", today, today),
		refCalendar("today", "day", today, today), refCalendar("vandaag", "day", today, today),
		refCalendar("yesterday", "day", yesterday, today), refCalendar("GISTEREN", "day", yesterday, today),
		refCalendar(strconv.Itoa(y), "year", day, today),
		refCalendar(fmt.Sprintf("%d-%02d", y, m), "month", day, today),
		refCalendar(fmt.Sprintf("%d-Q%d", y, (m+2)/3), "quarter", day, today),
		refCalendar(fmt.Sprintf("%d-W%02d", year, week), "week", day, today),
		refCalendar(day.Format(time.DateOnly), "day", day, today),
		refStretch(fmt.Sprintf("%dd", days), today.AddDate(0, 0, 1-days), today),
		refStretch(day.Format(time.DateOnly)+".."+day.AddDate(0, 0, days-1).Format(time.DateOnly), day, day.AddDate(0, 0, days-1)),
	)
	return all
}

// refISO returns the ISO week of a day: the week belongs to the year of its Thursday.
func refISO(day time.Time) (year, week int) {
	thursday := day
	for thursday.Weekday() != time.Thursday {
		if thursday.Weekday() == time.Sunday || thursday.Weekday() > time.Thursday {
			thursday = thursday.AddDate(0, 0, -1)
		} else {
			thursday = thursday.AddDate(0, 0, 1)
		}
	}
	return thursday.Year(), (thursday.YearDay()-1)/7 + 1
}
