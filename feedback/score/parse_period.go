package score

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"smileybot/feedback/office"
)

// LongestDays is the longest period that can be asked for as a number of days, 100 years.
const LongestDays = 36500

// ParsePeriod reads a period in English or Dutch: today, yesterday, week, month, quarter, year,
// last week (month, quarter, year), 30d, 2026, 2026-10, 2026-Q3, 2026-W46, 2026-10-05,
// 2026-10-01..2026-10-15; vandaag, gisteren, week, maand, kwartaal, jaar, vorige or vorig week
// (maand, kwartaal, jaar). Case and spaces do not matter, and an empty text means month. A calendar
// unit that is not over ends today. Any error is a [*QueryError]; a period wholly in the future is
// one.
func ParsePeriod(text string, today office.Day) (Period, error) {
	word := normalize(text)
	period, reason := parse(word, today)
	if reason == "" && period.From > today {
		reason = ReasonFuture
	}
	if reason != "" {
		return Period{}, &QueryError{Word: quotable(text), Reason: reason}
	}
	return period, nil
}

// parse recognises a normalized word by its shape. Only words of digits can be wrong in another way
// than unknown.
func parse(word string, today office.Day) (Period, QueryReason) {
	if period, ok := named(word, today); ok {
		return period.cutAtToday(today), ""
	}
	if from, to, ok := strings.Cut(word, ".."); ok {
		return between(from, to)
	}
	if count, ok := strings.CutSuffix(word, "d"); ok {
		return lastDays(count, today)
	}
	period, reason := dated(word)
	return period.cutAtToday(today), reason
}

// named reads the words without digits.
func named(word string, today office.Day) (Period, bool) {
	switch word {
	case "today", "vandaag":
		return Period{From: today, To: today, Unit: UnitDay, Clock: true}, true
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

// last reads the words for the unit before the running one.
func last(word string, today office.Day) (Period, bool) {
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

// lastDays is the stretch of that many days that ends today.
func lastDays(count string, today office.Day) (Period, QueryReason) {
	if !digits(count) {
		return Period{}, ReasonUnknown
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > LongestDays {
		return Period{}, ReasonLength
	}
	return Period{From: today.Add(1 - n), To: today, Unit: UnitDays}, ""
}

// between is the range of two dates, both inclusive.
func between(from, to string) (Period, QueryReason) {
	first, reason := date(from)
	if reason != "" {
		return Period{}, reason
	}
	final, reason := date(to)
	if reason != "" {
		return Period{}, reason
	}
	if first > final {
		return Period{}, ReasonBackwards
	}
	return Period{From: first, To: final, Unit: UnitRange}, ""
}

// dated reads the words that begin with a year of four digits.
func dated(word string) (Period, QueryReason) {
	const yearDigits = 4
	if len(word) < yearDigits || !digits(word[:yearDigits]) {
		return Period{}, ReasonUnknown
	}
	year, rest := number(word[:yearDigits]), word[yearDigits:]
	switch {
	case year == 0:
		return Period{}, ReasonNoDate
	case rest == "":
		return unitOf(UnitYear, office.Date(year, time.January, 1)), ""
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

func quarter(year, n int) (Period, QueryReason) {
	if n < 1 || n > 4 {
		return Period{}, ReasonNoDate
	}
	return unitOf(UnitQuarter, office.Date(year, time.Month(n*monthsPerQuarter), 1)), ""
}

// week is a week of ISO 8601: 4 January always lies in week 1.
func week(year, n int) (Period, QueryReason) {
	period := unitOf(UnitWeek, office.Date(year, time.January, 4).Add((n-1)*daysPerWeek))
	if _, isoWeek := period.From.ISOWeek(); isoWeek != n { // Week 53 of a year without one is week 1 of the next.
		return Period{}, ReasonNoWeek
	}
	return period, ""
}

func month(year int, n time.Month) (Period, QueryReason) {
	if n < time.January || n > time.December {
		return Period{}, ReasonNoDate
	}
	return unitOf(UnitMonth, office.Date(year, n, 1)), ""
}

func date(word string) (office.Day, QueryReason) {
	if !shaped(word, "0000-00-00") {
		return 0, ReasonUnknown
	}
	day, err := office.ParseDay(word)
	if err != nil {
		return 0, ReasonNoDate
	}
	return day, ""
}

// shaped reports whether word has the shape of the pattern, in which each 0 is a digit.
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

// digits reports whether word is one or more of 0 to 9.
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

// normalize removes what does not matter: case, spaces of any sort, invisible characters, and the
// ellipsis that phones make of dots.
func normalize(text string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
	return strings.ReplaceAll(visible, "…", "..")
}

// quotable is typed text on one line, cut at 40 characters, without invisible characters, so that
// an answer can quote it.
func quotable(text string) string {
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
