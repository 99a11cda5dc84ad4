package feedback

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The faults of office hours, each with an example of what is right.
var (
	errNoHours   = errors.New("no office hours: write for example Mon-Fri 09:00-17:00")
	errNoDays    = errors.New("it must begin with days, as in Mon-Fri 09:00-17:00")
	errWrongDay  = errors.New("a day must be one of Mon, Tue, Wed, Thu, Fri, Sat, Sun, as in Mon-Fri 09:00-17:00 or Mon,Wed 09:00-12:00")
	errWrongTime = errors.New("the times must be two of 00:00 to 24:00, as in Mon-Fri 09:00-17:00")
	errBackwards = errors.New("the end must be later than the beginning; write a night as two stretches, as in Fri 22:00-24:00; Sat 00:00-06:00")
)

// ParseHours reads office hours such as "Mon-Fri 09:00-17:00; Sat 10:00-14:00": stretches separated by semicolons, each
// of days (one, several separated by commas, or from-to, which may pass Sunday) and times of the wall clock in loc, the
// end exclusive and at most 24:00. A day may have several stretches; those that overlap are one. Case and spaces do
// not matter. The error gives the place of the wrong stretch in the list and never repeats it.
func ParseHours(text string, loc *time.Location, holidays Holidays) (Hours, error) {
	hours := Hours{loc: loc, holidays: holidays}
	some := false
	for i, part := range strings.Split(text, ";") {
		part = strings.ToLower(strings.Join(strings.Fields(part), ""))
		if part == "" {
			continue
		}
		if err := hours.add(part); err != nil {
			return Hours{}, fmt.Errorf("stretch %d: %w", i+1, err)
		}
		some = true
	}
	if !some {
		return Hours{}, errNoHours
	}
	for day, stretches := range hours.week {
		hours.week[day] = merged(stretches)
	}
	return hours, nil
}

func (h *Hours) add(part string) error {
	at := strings.IndexAny(part, "0123456789")
	if at < 0 {
		return errWrongTime
	}
	days, err := parseDays(part[:at])
	if err != nil {
		return err
	}
	times, err := parseTimes(part[at:])
	if err != nil {
		return err
	}
	for _, day := range days {
		h.week[day] = append(h.week[day], times)
	}
	return nil
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
		for day := from; ; day = (day + 1) % daysPerWeek {
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

// parseTimes reads "09:00-17:00".
func parseTimes(text string) (stretch, error) {
	first, last, ranged := strings.Cut(text, "-")
	from, fromOK := parseClock(first)
	to, toOK := parseClock(last)
	switch {
	case !ranged || !fromOK || !toOK:
		return stretch{}, errWrongTime
	case from >= to:
		return stretch{}, errBackwards
	default:
		return stretch{from: from, to: to}, nil
	}
}

// parseClock reads a time of day from 0:00 to 24:00 as minutes since midnight.
func parseClock(text string) (minutes int, ok bool) {
	const minutesPerHour = 60
	if !shaped(text, "0:00") && !shaped(text, "00:00") {
		return 0, false
	}
	hour, minute, _ := strings.Cut(text, ":")
	minutes = number(hour)*minutesPerHour + number(minute)
	return minutes, number(minute) < minutesPerHour && minutes <= hoursPerDay*minutesPerHour
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
