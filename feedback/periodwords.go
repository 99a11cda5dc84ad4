package feedback

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// LongestDays is the most that can be asked for as a number of days, 100 years.
const LongestDays = 36500

// PeriodReason is a code for why words are not a period, or what else stands in a
// [Question].
type PeriodReason string

// The reasons.
const (
	PeriodUnknown   PeriodReason = "unknown"   // No words for a period at all.
	PeriodNoDate    PeriodReason = "no_date"   // No date of the calendar.
	PeriodNoWeek    PeriodReason = "no_week"   // No week of that year.
	PeriodFuture    PeriodReason = "future"    // Has not begun yet.
	PeriodBackwards PeriodReason = "backwards" // Ends before it begins.
	PeriodLength    PeriodReason = "length"    // Not 1 to [LongestDays] days.
	PeriodNoChannel PeriodReason = "channel"   // No period but a filter by a channel that there is not.
	PeriodNoAgent   PeriodReason = "agent"     // No period but a filter by an agent whom nobody rated.
)

// PeriodError says that words are not a period. What the person who typed them reads of it is not said here.
type PeriodError struct {
	Word   string // What was not understood, as it was typed, cut at 40 characters.
	Reason PeriodReason
}

// Error names the words and the code: “2025-W53” is not a period (no_week).
func (e *PeriodError) Error() string {
	return fmt.Sprintf("“%s” is not a period (%s)", e.Word, e.Reason)
}

// ParsePeriod reads the words for a period, English or Dutch: today, yesterday, week, month, quarter, year, last week
// (month, quarter, year), 30d, 2026, 2026-10, 2026-Q3, 2026-W46, 2026-10-05, 2026-10-01..2026-10-15; vandaag, gisteren,
// week, maand, kwartaal, jaar, vorige or vorig week (maand, kwartaal, jaar). Case and spaces do not matter, and no
// words at all mean month. A calendar unit that is not over ends today. Any error is a [*PeriodError]; a period
// wholly in the future is one.
func ParsePeriod(text string, today Day) (Period, error) {
	word := normal(text)
	period, reason := parse(word, today)
	if reason == "" && period.From > today {
		reason = PeriodFuture
	}
	if reason != "" {
		return Period{}, &PeriodError{Word: bounded(text), Reason: reason}
	}
	return period, nil
}

// parse tells by its shape what a normal word is. Only words of digits can be wrong in another way than unknown.
func parse(word string, today Day) (Period, PeriodReason) {
	if period, ok := named(word, today); ok {
		return period.until(today), ""
	}
	if from, to, ok := strings.Cut(word, ".."); ok {
		return between(from, to)
	}
	if count, ok := strings.CutSuffix(word, "d"); ok {
		return lastDays(count, today)
	}
	period, reason := dated(word)
	return period.until(today), reason
}

// named knows the words without digits.
func named(word string, today Day) (Period, bool) {
	switch word {
	case "today", "vandaag":
		return unitOf(UnitDay, today), true
	case "yesterday", "gisteren":
		return unitOf(UnitDay, today.Add(-1)), true
	case "":
		return unitOf(UnitMonth, today), true
	}
	if unit := english(word); unit != "" {
		return unitOf(unit, today), true
	}
	if unit := dutch(word); unit != "" {
		return unitOf(unit, today), true
	}
	return last(word, today)
}

// last knows the words for the unit before the running one.
func last(word string, today Day) (Period, bool) {
	var unit Unit
	if rest, ok := strings.CutPrefix(word, "last"); ok {
		unit = english(rest)
	} else if rest, ok := strings.CutPrefix(word, "vorig"); ok {
		unit = dutch(strings.TrimPrefix(rest, "e"))
	}
	if unit == "" {
		return Period{}, false
	}
	return unitOf(unit, unitOf(unit, today).From.Add(-1)), true
}

func english(word string) Unit {
	switch word {
	case "week":
		return UnitWeek
	case "month":
		return UnitMonth
	case "quarter":
		return UnitQuarter
	case "year":
		return UnitYear
	default:
		return ""
	}
}

func dutch(word string) Unit {
	switch word {
	case "week":
		return UnitWeek
	case "maand":
		return UnitMonth
	case "kwartaal":
		return UnitQuarter
	case "jaar":
		return UnitYear
	default:
		return ""
	}
}

// lastDays is the stretch of so many days that ends today.
func lastDays(count string, today Day) (Period, PeriodReason) {
	if !digits(count) {
		return Period{}, PeriodUnknown
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > LongestDays {
		return Period{}, PeriodLength
	}
	return Period{From: today.Add(1 - n), To: today, Unit: UnitDays}, ""
}

// between is the range of two dates, both inclusive.
func between(from, to string) (Period, PeriodReason) {
	first, reason := date(from)
	if reason != "" {
		return Period{}, reason
	}
	final, reason := date(to)
	if reason != "" {
		return Period{}, reason
	}
	if first > final {
		return Period{}, PeriodBackwards
	}
	return Period{From: first, To: final, Unit: UnitRange}, ""
}

// dated knows the words that begin with a year of four digits, and tells them apart by what follows it.
func dated(word string) (Period, PeriodReason) {
	const yearDigits = 4
	if len(word) < yearDigits || !digits(word[:yearDigits]) {
		return Period{}, PeriodUnknown
	}
	year, rest := number(word[:yearDigits]), word[yearDigits:]
	switch {
	case year == 0:
		return Period{}, PeriodNoDate
	case rest == "":
		return unitOf(UnitYear, Date(year, time.January, 1)), ""
	case shaped(rest, "-q0"):
		return quarter(year, number(rest[2:]))
	case shaped(rest, "-w00"):
		return week(year, number(rest[2:]))
	case shaped(rest, "-00"):
		return month(year, time.Month(number(rest[1:])))
	default:
		day, reason := date(word)
		return unitOf(UnitDay, day), reason
	}
}

func quarter(year, n int) (Period, PeriodReason) {
	if n < 1 || n > 4 {
		return Period{}, PeriodNoDate
	}
	return unitOf(UnitQuarter, Date(year, time.Month(n*monthsPerQuarter), 1)), ""
}

// week is a week of ISO 8601: 4 January always lies in week 1.
func week(year, n int) (Period, PeriodReason) {
	period := unitOf(UnitWeek, Date(year, time.January, 4).Add((n-1)*daysPerWeek))
	if _, isoWeek := period.From.ISOWeek(); isoWeek != n { // Week 53 of a year without one is week 1 of the next.
		return Period{}, PeriodNoWeek
	}
	return period, ""
}

func month(year int, n time.Month) (Period, PeriodReason) {
	if n < time.January || n > time.December {
		return Period{}, PeriodNoDate
	}
	return unitOf(UnitMonth, Date(year, n, 1)), ""
}

func date(word string) (Day, PeriodReason) {
	if !shaped(word, "0000-00-00") {
		return 0, PeriodUnknown
	}
	day, err := ParseDay(word)
	if err != nil {
		return 0, PeriodNoDate
	}
	return day, ""
}

// shaped tells whether word has the shape of the pattern, in which each 0 stands for a digit.
func shaped(word, pattern string) bool {
	if len(word) != len(pattern) {
		return false
	}
	for i := range len(word) {
		if pattern[i] == '0' && !digits(word[i:i+1]) || pattern[i] != '0' && pattern[i] != word[i] {
			return false
		}
	}
	return true
}

// digits tells whether word is one or more of 0 to 9.
func digits(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}

// number is the value of a few digits.
func number(digits string) int {
	var n int
	for _, digit := range digits {
		n = 10*n + int(digit-'0')
	}
	return n
}

// normal takes out what must not matter: case, spaces of any sort, invisible characters, and the ellipsis that
// phones make of dots.
func normal(text string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
	return strings.ReplaceAll(visible, "…", "..")
}

// bounded is typed text on one line, short enough to say it back, without characters that cannot be seen.
func bounded(text string) string {
	const most = 40
	visible := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	runes := []rune(visible)
	if len(runes) <= most {
		return visible
	}
	return string(runes[:most]) + "…"
}
