package office

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/nl"
)

// The mistakes in a list of holidays.
var (
	errNoSign       = EntryError{"a date without + or -", "put + (a holiday) or - (no holiday) in front, as in +2026-12-24"}
	errWrongDate    = EntryError{"not a date", "write it as +2026-12-24, or +12-24 for every year, with a comma between entries"}
	errWrongRange   = EntryError{"not a range of dates", "write it as +2026-12-24..2027-01-02, at most a year, or +12-24..12-31 for every year"}
	errBothSigns    = EntryError{"the date has both + and -", "keep one of them"}
	errWrongCountry = EntryError{"not a country I know", "use " + countryCodes + ", a region as in de-by or gb-sct, or a date as in +2026-12-24"}
	errManyEntries  = EntryError{"more entries than 4000", "leave out those that are over"}
	errManyDays     = EntryError{"more days than 4000", "leave out those that are over"}
)

// maxEntries is more than a holiday on every day of ten years, and every country.
const maxEntries = 4000

// Holidays are the days without office time. The zero Holidays has no days.
type Holidays struct {
	countries []string // The codes, each once.
	rules     []*cal.Holiday
	// What was named: true is a holiday, false is a working day. A day of one year goes before one of
	// every year, a date before a day that moves with Easter, and all go before the rules.
	days    map[Day]bool
	yearly  map[date]bool
	movable map[string]bool
	// years has the days of every year by the year, a *[366]bool each by the day of the year: to compute
	// one takes a tenth of a millisecond with every country. nil when there are only days of one year.
	years *sync.Map
}

// date is a day of every year.
type date struct {
	month time.Month
	day   int
}

// ParseHolidays reads a list such as "nl,+12-24,-2027-05-05": the public holidays of countries by
// their code, extra holidays (+), and holidays that are working days (-). Such a day is a date of one
// year (2026-12-24), of every year (12-24), a range of either (12-24..12-31), or one that moves with
// Easter (good-friday, easter-monday, ascension, whit-monday, corpus-christi). Case, spaces and empty
// entries do not matter. The error joins an [EntryError] for every mistake.
func ParseHolidays(text string) (Holidays, error) {
	holidays := Holidays{days: map[Day]bool{}, yearly: map[date]bool{}, movable: map[string]bool{}}
	var faults []error
	for i, entry := range strings.Split(text, ",") {
		if i == maxEntries {
			faults = append(faults, placed("entry", i+1, errManyEntries)...)
			break
		}
		err := holidays.add(strings.ToLower(strings.TrimSpace(entry)))
		faults = append(faults, placed("entry", i+1, err)...)
		if errors.Is(err, errManyDays) {
			break
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Holidays{}, err
	}
	if len(holidays.rules)+len(holidays.yearly)+len(holidays.movable) > 0 {
		holidays.years = new(sync.Map)
	}
	return holidays, nil
}

// Is reports whether day is a holiday.
func (h Holidays) Is(day Day) bool {
	if holiday, named := h.days[day]; named {
		return holiday
	}
	year, _, _ := day.Date()
	if h.years == nil || year < firstYear || year > lastYear {
		return false
	}
	known, ok := h.years.Load(year)
	if !ok {
		known, _ = h.years.LoadOrStore(year, h.inYear(year))
	}
	return known.(*[longestYear]bool)[day-Date(year, time.January, 1)]
}

// The rules hold for the years that a date can be written in.
const firstYear, lastYear, longestYear = 1, 9999, 366

// inYear computes the days of the rules in a year, by the day of the year.
func (h Holidays) inYear(year int) *[longestYear]bool {
	var days [longestYear]bool
	for _, rule := range h.rules {
		// New Year's Day on a Saturday is observed in the year before, so the neighbours count too.
		for _, falls := range []int{year - 1, year, year + 1} {
			for _, day := range daysOf(rule, falls) {
				if of, _, _ := day.Date(); of == year {
					days[day-Date(year, time.January, 1)] = true
				}
			}
		}
	}
	for name, holiday := range h.movable {
		actual, _ := movableDay(name).Calc(year)
		days[civil(actual)-Date(year, time.January, 1)] = holiday
	}
	for on, holiday := range h.yearly {
		day := Date(year, on.month, on.day)
		if _, month, _ := day.Date(); month == on.month { // else 29 February of a common year
			days[day-Date(year, time.January, 1)] = holiday
		}
	}
	return &days
}

// A Holiday is a day without office time.
type Holiday struct {
	Day Day
	// Name is in the language of the country. It is empty for a day that was named by its date.
	Name string
}

// Next returns the next n holidays from a day on, fewer when there are no more within two years.
func (h Holidays) Next(from Day, n int) []Holiday {
	var next []Holiday
	for day := from; day < from+longestClosed && len(next) < n; day++ {
		if h.Is(day) {
			next = append(next, Holiday{Day: day, Name: h.nameOf(day)})
		}
	}
	return next
}

// nameOf is the name that a country gives a day.
func (h Holidays) nameOf(day Day) string {
	if _, named := h.days[day]; named {
		return ""
	}
	year, _, _ := day.Date()
	for _, rule := range h.rules {
		for falls := year - 1; falls <= year+1; falls++ {
			if slices.Contains(daysOf(rule, falls), day) {
				return rule.Name
			}
		}
	}
	return ""
}

// Past reports whether there are dates of one year, and all of them are before a day: the list was not
// kept up.
func (h Holidays) Past(today Day) bool {
	for day := range h.days {
		if day >= today {
			return false
		}
	}
	return len(h.days) > 0
}

// fingerprint identifies the days.
func (h Holidays) fingerprint() string {
	var parts []string
	for day, holiday := range h.days {
		parts = append(parts, fmt.Sprintf("%v:%v", day, holiday))
	}
	for on, holiday := range h.yearly {
		parts = append(parts, fmt.Sprintf("%02d-%02d:%v", on.month, on.day, holiday))
	}
	for name, holiday := range h.movable {
		parts = append(parts, fmt.Sprintf("%s:%v", name, holiday))
	}
	slices.Sort(parts)
	var rules []string
	for _, rule := range h.rules {
		rules = append(rules, rule.Name)
	}
	return fmt.Sprint(parts, rules)
}

// add reads an entry; the error is an [EntryError].
func (h *Holidays) add(entry string) error {
	if entry == "" {
		return nil
	}
	if entry[0] == '+' || entry[0] == '-' {
		return h.name(strings.TrimSpace(entry[1:]), entry[0] == '+')
	}
	if new(Holidays).name(entry, true) == nil {
		return errNoSign
	}
	rules := countryHolidays(entry)
	if rules == nil {
		return errWrongCountry
	}
	if !slices.Contains(h.countries, entry) {
		h.countries, h.rules = append(h.countries, entry), append(h.rules, rules...)
	}
	return nil
}

// name marks days as holidays or as working days.
func (h *Holidays) name(text string, holiday bool) error {
	if movableDay(text) != nil {
		return mark(&h.movable, text, holiday)
	}
	first, last, ranged := strings.Cut(text, "..")
	from, every, ok := parseDate(first)
	to, everyTo, okTo := from, every, ok
	if ranged {
		to, everyTo, okTo = parseDate(last)
	}
	switch {
	case !ranged && !ok:
		return errWrongDate
	case !ok || !okTo || every != everyTo || !every && (to < from || to-from >= longestYear):
		return errWrongRange
	}
	note := func(day Day) error { return mark(&h.days, day, holiday) }
	if every {
		newYear, _ := ParseDay(leapYear + "-01-01")
		if to < from { // over New Year
			to += longestYear
		}
		note = func(day Day) error {
			_, month, of := (newYear + (day-newYear)%longestYear).Date()
			return mark(&h.yearly, date{month, of}, holiday)
		}
	}
	for day := from; day <= to; day++ {
		if err := note(day); err != nil {
			return err
		}
		if len(h.days)+len(h.yearly) > maxEntries {
			return errManyDays
		}
	}
	return nil
}

// mark notes a day that must not be marked otherwise.
func mark[K comparable](days *map[K]bool, day K, holiday bool) error {
	if before, named := (*days)[day]; named && before != holiday {
		return errBothSigns
	}
	if *days == nil {
		*days = make(map[K]bool)
	}
	(*days)[day] = holiday
	return nil
}

// parseDate reads a date of one year (2026-12-24), or of every year (12-24) as that of a leap year.
func parseDate(text string) (day Day, every, ok bool) {
	text = strings.TrimSpace(text)
	if day, err := ParseDay(text); err == nil {
		return day, false, true
	}
	day, err := ParseDay(leapYear + "-" + text)
	return day, true, err == nil
}

// leapYear has all dates of every year.
const leapYear = "2024"

// daysOf are the days of a holiday of that year: its own date and its substitute. Only the Dutch
// King's Day moves away from its date, to Saturday when that is a Sunday
// (https://nl.wikipedia.org/wiki/Koningsdag_(Nederland)).
func daysOf(rule *cal.Holiday, year int) []Day {
	actual, observed := rule.Calc(year)
	switch {
	case actual.IsZero():
		return nil
	case rule == nl.Koningsdag:
		return []Day{civil(observed)}
	default:
		return []Day{civil(observed), civil(actual)}
	}
}

// civil is the day of a date that the library returns as local midnight or noon. Where the clocks
// skip midnight, that can be an hour of the day before.
func civil(t time.Time) Day {
	return Date(t.Add(6 * time.Hour).Date())
}
