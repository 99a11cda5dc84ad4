package office

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// EntryError is one mistake in a list such as office hours. It never repeats the text of the list.
type EntryError struct {
	// Problem says what is wrong, after its place in the list: "stretch 2: no such day of the
	// week".
	Problem string
	// Remedy says what to write instead.
	Remedy string
}

// Error is the problem and the remedy.
func (e EntryError) Error() string { return e.Problem + "; " + e.Remedy }

// The mistakes in office hours.
var (
	errNoHours   = EntryError{"no office hours in it", "write it as Mon-Fri 09:00-17:00"}
	errNoDays    = EntryError{"no days before the times", "write it as Mon-Fri 09:00-17:00"}
	errWrongDay  = EntryError{"no such day of the week", "use Mon, Tue, Wed, Thu, Fri, Sat, Sun, as in Mon-Fri 09:00-17:00 or Mon,Wed 09:00-12:00"}
	errWrongTime = EntryError{"the times are not two of 00:00 to 24:00", "write it as Mon-Fri 09:00-17:00, with ; between stretches"}
	errManyParts = EntryError{"more stretches than 100", "join those that touch, and write days together, as in Mon-Fri"}
	errNoLength  = EntryError{"it ends when it begins", "write a whole day as 00:00-24:00"}
	errAtTheEnd  = EntryError{"it begins at the end of the day", "begin it at 00:00 of the next day"}
)

// maxStretches bounds the time that office time takes to count, and the memory for its days: 14
// stretches for each day of the week.
const maxStretches = 100

// ParseHours reads office hours such as "Mon-Fri 09:00-17:00; Sat 10:00-14:00": stretches separated
// by semicolons. Each has days (one, several separated by commas, or from-to, which may pass
// Sunday) and times of the wall clock in loc, the end exclusive and at most 24:00. An end that is not
// later than the beginning is of the next day: "Fri 22:00-06:00" is "Fri 22:00-24:00; Sat 00:00-06:00",
// and each day's part is office time unless that day is a holiday. Stretches of a day that overlap are
// joined. Case and spaces do not matter. The error joins an [EntryError] for
// every mistake.
func ParseHours(text string, loc *time.Location, holidays Holidays) (Hours, error) {
	hours := Hours{loc: loc, holidays: holidays, spanCache: new(sync.Map)}
	var faults []error
	some := false
	for i, part := range strings.Split(text, ";") {
		part = strings.ToLower(strings.Join(strings.Fields(part), ""))
		if part == "" {
			continue
		}
		some = true
		if i >= maxStretches {
			faults = append(faults, placed("stretch", i+1, errManyParts)...)
			break
		}
		faults = append(faults, placed("stretch", i+1, hours.add(part)...)...)
	}
	if !some {
		faults = append(faults, errNoHours)
	}
	if err := errors.Join(faults...); err != nil {
		return Hours{}, err
	}
	for day, stretches := range hours.week {
		hours.week[day] = merged(stretches)
	}
	return hours, nil
}

// add reads a stretch. It returns the mistakes in its days and in its times; an error is nil when
// they are right.
func (h *Hours) add(part string) []error {
	days, times := part, ""
	if at := strings.IndexAny(part, "0123456789"); at >= 0 {
		days, times = part[:at], part[at:]
	}
	on, daysErr := parseDays(days)
	open, night, timesErr := parseTimes(times)
	if daysErr != nil || timesErr != nil {
		return []error{daysErr, timesErr}
	}
	for _, day := range on {
		h.week[day] = append(h.week[day], open)
		if next := (day + 1) % daysInWeek; night.to > 0 {
			h.week[next] = append(h.week[next], night)
		}
	}
	return nil
}

// placed puts the place in the list, counted from one, before the problems of the errors that are
// an [EntryError].
func placed(entry string, place int, errs ...error) []error {
	var faults []error
	for _, err := range errs {
		if fault, ok := errors.AsType[EntryError](err); ok {
			fault.Problem = entry + " " + strconv.Itoa(place) + ": " + fault.Problem
			faults = append(faults, fault)
		}
	}
	return faults
}

// parseDays reads "mon", "mon,wed", "mon-fri" or "fri-mon,wed".
func parseDays(text string) ([]time.Weekday, error) {
	if text == "" {
		return nil, errNoDays
	}
	var days []time.Weekday
	for item := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(item, "-")
		from, ok := parseWeekday(first)
		if !ok {
			return nil, errWrongDay
		}
		to := from
		if ranged {
			if to, ok = parseWeekday(last); !ok {
				return nil, errWrongDay
			}
		}
		for day := from; ; day = (day + 1) % daysInWeek {
			days = append(days, day)
			if day == to {
				break
			}
		}
	}
	return days, nil
}

// parseWeekday reads the English name of a day or its first three letters.
func parseWeekday(text string) (time.Weekday, bool) {
	const short = 3
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := strings.ToLower(day.String())
		if text == name || text == name[:short] {
			return day, true
		}
	}
	return 0, false
}

// parseTimes reads "09:00-17:00", or "22:00-06:00", whose second part is of the next day.
func parseTimes(text string) (open, night stretch, err error) {
	first, last, ranged := strings.Cut(text, "-")
	from, fromOK := parseClock(first)
	to, toOK := parseClock(last)
	switch {
	case !ranged || !fromOK || !toOK:
		return open, night, errWrongTime
	case from == to:
		return open, night, errNoLength
	case from == endOfDay:
		return open, night, errAtTheEnd
	case to < from:
		return stretch{from: from, to: endOfDay}, stretch{to: to}, nil
	default:
		return stretch{from: from, to: to}, night, nil
	}
}

const (
	minutesPerHour = 60
	endOfDay       = hoursPerDay * minutesPerHour // in minutes since midnight
)

// parseClock reads a time of day from 0:00 to 24:00 as minutes since midnight.
func parseClock(text string) (minutes int, ok bool) {
	if text == "24:00" {
		return endOfDay, true
	}
	clock, err := time.Parse("15:04", text)
	return clock.Hour()*minutesPerHour + clock.Minute(), err == nil
}

// merged sorts the stretches of a day and joins those that touch or overlap.
func merged(stretches []stretch) []stretch {
	slices.SortFunc(stretches, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	var apart []stretch
	for _, next := range stretches {
		if last := len(apart) - 1; last >= 0 && next.from <= apart[last].to {
			apart[last].to = max(apart[last].to, next.to)
			continue
		}
		apart = append(apart, next)
	}
	return apart
}
