package office

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	austria "github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"
)

// countryCodes are the codes that [ParseHolidays] knows.
const countryCodes = "at, be, cz, de, dk, es, fr, gb (or uk), ie, it, nl, no, pl, se, us"

// The mistakes in a list of holidays.
var (
	errNoSign       = EntryError{"a date without + or -", "put + (a holiday) or - (no holiday) in front, as in +2026-12-24"}
	errWrongDate    = EntryError{"not a date", "write it as +2026-12-24, with a comma between entries"}
	errBothSigns    = EntryError{"the date has both + and -", "keep one of them"}
	errWrongCountry = EntryError{"not a country I know", "use " + countryCodes + ", or a date as in +2026-12-24"}
	errManyEntries  = EntryError{"more entries than 4000", "leave out those that are over"}
)

// maxEntries is more than a holiday on every day of ten years, and every country.
const maxEntries = 4000

// Holidays are the days without office time. The zero Holidays has no days.
type Holidays struct {
	countries []string // The codes, each once.
	rules     []*cal.Holiday
	days      map[Day]bool // Days that were named: true is a holiday, false is a working day, whatever the rules say.
	// years has the days of the rules by the year, a *[366]bool each by the day of the year: to compute
	// one takes a tenth of a millisecond with every country. nil without rules.
	years *sync.Map
}

// ParseHolidays reads a list such as "nl,+2026-12-24,-2027-05-05": the public holidays of countries
// by their code, extra holidays (+), and holidays that are working days (-). Case, spaces and empty
// entries do not matter. The error joins an [EntryError] for every mistake.
func ParseHolidays(text string) (Holidays, error) {
	holidays := Holidays{days: map[Day]bool{}}
	var faults []error
	for i, entry := range strings.Split(text, ",") {
		if i == maxEntries {
			faults = append(faults, placed("entry", i+1, errManyEntries)...)
			break
		}
		err := holidays.add(strings.ToLower(strings.TrimSpace(entry)))
		faults = append(faults, placed("entry", i+1, err)...)
	}
	if err := errors.Join(faults...); err != nil {
		return Holidays{}, err
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
	return &days
}

// add reads an entry; the error is an [EntryError].
func (h *Holidays) add(entry string) error {
	if entry == "" {
		return nil
	}
	if entry[0] == '+' || entry[0] == '-' {
		return h.name(entry[1:], entry[0] == '+')
	}
	if _, err := ParseDay(entry); err == nil {
		return errNoSign
	}
	rules := countryHolidays(entry)
	if rules == nil {
		return errWrongCountry
	}
	if slices.Contains(h.countries, entry) {
		return nil
	}
	h.countries, h.rules = append(h.countries, entry), append(h.rules, rules...)
	if h.years == nil {
		h.years = new(sync.Map)
	}
	return nil
}

// name marks a date as a holiday or as a working day.
func (h *Holidays) name(date string, holiday bool) error {
	day, err := ParseDay(strings.TrimSpace(date))
	if err != nil {
		return errWrongDate
	}
	if before, named := h.days[day]; named && before != holiday {
		return errBothSigns
	}
	h.days[day] = holiday
	return nil
}

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

// countryHolidays returns the public holidays of a whole country, nil for an unknown code.
// Countries whose holidays are mostly regional, such as Switzerland, are left out.
func countryHolidays(code string) []*cal.Holiday {
	switch code {
	case "at":
		return austria.Holidays
	case "be":
		return be.Holidays
	case "cz":
		return cz.Holidays
	case "de":
		return de.Holidays
	case "dk":
		return dk.Holidays
	case "es":
		return es.Holidays
	case "fr":
		return fr.Holidays
	case "gb", "uk":
		return gb.Holidays
	case "ie":
		return ie.Holidays
	case "it":
		return it.Holidays
	case "nl":
		return nl.Holidays
	case "no":
		return no.Holidays
	case "pl":
		return pl.Holidays
	case "se":
		return se.Holidays
	case "us":
		return us.Holidays
	default:
		return nil
	}
}
