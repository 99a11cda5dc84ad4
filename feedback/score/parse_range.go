package score

import (
	"regexp"
	"strings"
	"unicode"
)

// span reads a range of two periods, from the first day of the one to the last day of the other. A
// range with two dots has them at one place; else the words are divided wherever that makes two
// periods.
func (c calendar) span(word string, separators []string) (Period, QueryReason) {
	if from, to, found := strings.Cut(word, ".."); found {
		return c.between(from, strings.TrimPrefix(to, "."))
	}
	wrong := ReasonUnknown
	for _, separator := range separators {
		for at := range len(word) {
			if !strings.HasPrefix(word[at:], separator) {
				continue
			}
			from, to := word[:at], word[at+len(separator):]
			if separator != "-" || strings.ContainsFunc(word, unicode.IsLetter) { // 1-10-26 is a date
				from, to = shared(from, to)
			}
			period, reason := c.between(from, to)
			if reason == "" {
				return period, ""
			}
			if reason != ReasonUnknown {
				wrong = reason
			}
		}
	}
	return Period{}, wrong
}

// between is the range of two periods, whole at both ends.
func (c calendar) between(from, to string) (Period, QueryReason) {
	first, firstOf, reason := c.single(from)
	final, finalOf, wrong := c.single(to)
	switch {
	case from == "" || to == "" || reason == ReasonUnknown || wrong == ReasonUnknown:
		return Period{}, ReasonUnknown
	case reason != "":
		return Period{}, reason
	case wrong != "":
		return Period{}, wrong
	}
	first, final = c.sameYears(first, firstOf, final, finalOf)
	if first.From > final.To {
		return Period{}, ReasonBackwards
	}
	return Period{From: first.From, To: final.To, Unit: UnitRange}, ""
}

var (
	onlyNumber  = regexp.MustCompile(`^\d{1,2}$`)
	numberFirst = regexp.MustCompile(`^\d{1,2}([^\d].*)$`)
	numberLast  = regexp.MustCompile(`^(.*[^\d])\d{1,2}$`)
)

// shared completes an end that is a number only with the words of the other end: 1 to 15 October,
// October 1 to 15, week 40 to 46.
func shared(from, to string) (string, string) {
	if other := numberFirst.FindStringSubmatch(to); other != nil && onlyNumber.MatchString(from) {
		return from + other[1], to
	}
	if other := numberLast.FindStringSubmatch(from); other != nil && onlyNumber.MatchString(to) {
		return from, other[1] + to
	}
	return from, to
}

// sameYears chooses the years of the ends of a range that were typed without one: an end follows the
// other one. Both are the latest that have begun, but a range that began this month may end after
// today.
func (c calendar) sameYears(first Period, firstOf yearless, final Period, finalOf yearless) (Period, Period) {
	if finalOf != nil {
		next, found := c.earliest(finalOf, first.From)
		if found && (firstOf == nil || next.From <= c.today || next.From.Month() == first.From.Month()) {
			return first, next
		}
	}
	if firstOf != nil {
		if before, found := c.latest(firstOf, final.To); found {
			return before, final
		}
	}
	return first, final
}
