package csvfile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"smileybot/feedback"
)

// DateOrder is how a file writes dates that do not begin with the year.
type DateOrder string

// The orders of a date. The zero value reads none, because 3/4/2026 has two meanings.
const (
	DayFirst   DateOrder = "dmy" // 20-11-2026
	MonthFirst DateOrder = "mdy" // 11/20/2026
)

// parseMoment reads RFC 3339, or a local date or time in zone:
//
//   - 2026-11-20, 2026-11-20 10:31, 2026-11-20 10:31:05, and with T for the space;
//   - with an order, the same with 20-11-2026 or 11/20/2026 for the date, and hours of one digit or
//     with AM or PM.
//
// A date alone is its first moment. See [local] for times that the clock skips or repeats.
func parseMoment(cell string, zone *time.Location, order DateOrder) (time.Time, error) {
	text := strings.ToUpper(strings.TrimSpace(cell))
	if t, err := feedback.ParseMoment(strings.Replace(text, " ", "T", 1)); err == nil {
		return t, nil
	}
	date, clock, timed := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	day, err := time.Parse(time.DateOnly, date)
	iso := err == nil
	if !iso {
		day, err = parseOrdered(date, order)
	}
	if err != nil {
		return time.Time{}, err
	}
	at := time.Time{}
	if timed {
		if at, err = parseClock(clock, iso); err != nil {
			return time.Time{}, err
		}
	}
	t := local(day.Add(at.Sub(at.Truncate(24*time.Hour))), zone)
	if t.Unix() < 0 {
		return time.Time{}, errors.New("not a moment of 1970 or later")
	}
	return t, nil
}

// errNoMoment is how a moment is written.
func errNoMoment() error {
	return errors.New("not a moment: write it as 2026-11-20T10:31:00Z, 2026-11-20 10:31 or 2026-11-20")
}

// parseOrdered reads a date that begins with the day or the month.
func parseOrdered(date string, order DateOrder) (time.Time, error) {
	date = strings.NewReplacer("/", "-", ".", "-").Replace(date)
	first, errFirst := time.Parse("2-1-2006", date)
	second, errSecond := time.Parse("1-2-2006", date)
	switch {
	case errFirst != nil && errSecond != nil:
		return time.Time{}, errNoMoment()
	case order == DayFirst && errFirst == nil:
		return first, nil
	case order == MonthFirst && errSecond == nil:
		return second, nil
	case order == "":
		return time.Time{}, errors.New("not a moment: --dates dmy or --dates mdy tells in which order day and month stand")
	default:
		return time.Time{}, fmt.Errorf("not a moment: as --dates %s reads it, there is no such day", order)
	}
}

// parseClock reads a time of day.
func parseClock(clock string, strict bool) (time.Time, error) {
	layouts := []string{"15:04", "15:04:05"}
	if !strict {
		layouts = append(layouts, "3:04 PM", "3:04:05 PM", "3:04PM", "3:04:05PM")
	}
	for _, layout := range layouts {
		// The hour 15 also takes one digit, as spreadsheets write it.
		if t, err := time.Parse(layout, clock); err == nil && !strings.Contains(clock, ",") {
			return t, nil
		}
	}
	return time.Time{}, errNoMoment()
}

// local is the moment at which a clock in zone shows the date and time of wall, which is in UTC. Of a
// time that the clock shows twice it is the first; for one that the clock skips it is the moment of
// the skip.
func local(wall time.Time, zone *time.Location) time.Time {
	const aDay = 24 * time.Hour // in which at most one change of the clock lies
	shown := func(t time.Time) time.Time {
		_, offset := t.In(zone).Zone()
		return t.Add(time.Duration(offset) * time.Second)
	}
	_, before := wall.Add(-aDay).In(zone).Zone()
	_, after := wall.Add(aDay).In(zone).Zone()
	first := wall.Add(-time.Duration(before) * time.Second)
	for _, offset := range []int{before, after} {
		if t := wall.Add(-time.Duration(offset) * time.Second); shown(t).Equal(wall) {
			return t
		}
	}
	skip, _ := first.In(zone).ZoneBounds()
	return skip.UTC()
}
