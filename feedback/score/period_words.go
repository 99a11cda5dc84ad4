package score

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Words of periods in English and Dutch, as patterns of squeezed text: without spaces and in lower
// case. The patterns have the place-holders of [pattern].

// fillers are words that change nothing.
var fillers = []string{"the", "de", "het", "in", "of", "for", "over", "during", "voor", "op", "on"} //nolint:gochecknoglobals // a list that never changes

// units are the calendar units by their words, and by those that follow a number.
var units = []struct { //nolint:gochecknoglobals // a list that never changes
	unit           Unit
	word, numbered string
}{
	{UnitDay, "", "d|day|days|dag|dagen|dgn"},
	{UnitWeek, "week|wk", "w|wk|wks|week|weeks|weken"},
	{UnitMonth, "month|maand|mnd", "m|mo|mos|mnd|month|months|maand|maanden"},
	{UnitQuarter, "quarter|kwartaal", "quarters|kwartalen"},
	{UnitYear, "year|jaar", "y|yr|yrs|year|years|jaar|jaren"},
}

// singular are words of units that follow no other number than 1: 46 week is not 46 weeks.
const singular = "week|month|maand|year"

// monthWords are the names of the months, January first.
var monthWords = [12]string{ //nolint:gochecknoglobals // a list that never changes
	"january|januari|jan", "february|februari|febr|feb", "march|maart|mar|mrt", "april|apr", "may|mei", "june|juni|jun",
	"july|juli|jul", "august|augustus|aug", "september|sept|sep", "october|oktober|oct|okt", "november|nov", "december|dec",
}

// weekdayWords are the names of the days, Sunday first.
var weekdayWords = [7]string{ //nolint:gochecknoglobals // a list that never changes
	"sunday|zondag", "monday|maandag", "tuesday|dinsdag", "wednesday|woensdag", "thursday|donderdag", "friday|vrijdag", "saturday|zaterdag",
}

const (
	thisWords = "this|current|deze|dit|huidige|lopende"
	lastWords = "last|previous|prev|vorige?"
	nextWords = "next|upcoming|volgende?|komende?"
	// pastWords count back from today.
	pastWords = "past|afgelopen|laatste"

	sinceWords = "since|from|sinds|vanaf"
	// ofWords change nothing: the score van oktober is that of October.
	ofWords      = "van"
	betweenWords = "between|tussen"
)

// rangeWords separate the ends of a range. A dash is also inside dates, and so are some of the words
// inside names of months: every place is tried.
var rangeWords = []string{"totenmet", "t/m", "through", "thru", "until", "till", "upto", "tot", "tm", "to", "-"} //nolint:gochecknoglobals // a list that never changes

// alternatives joins the words of lists.
func alternatives(lists ...string) string { return strings.Join(lists, "|") }

// pattern is an expression for a whole word. YEAR is a year of four digits, or this or last year in
// words; SEP is what may be between two parts, N a number of one or two digits, ORD its ending.
func pattern(expression string) *regexp.Regexp {
	return regexp.MustCompile("^(?:" + strings.NewReplacer(
		"YEAR", `([12]\d{3}|lastyear|vorigjaar|thisyear|ditjaar)`,
		"SEP", `(?:of|van|[-/.,])?`,
		"ORD", `(?:st|nd|rd|th|ste|de|e)?`,
		"MONTH", "("+alternatives(monthWords[:]...)+")",
		"UNITS", "("+alternatives(units[0].numbered, units[1].numbered, units[2].numbered, units[3].numbered, units[4].numbered)+")",
		"UNIT", "("+alternatives(units[1].word, units[2].word, units[3].word, units[4].word)+")",
		"WEEKDAY", "("+alternatives(weekdayWords[:]...)+")",
		"N", `(\d{1,2})`,
	).Replace(expression) + ")$")
}

// listed reports whether a word is one of a list of alternatives.
func listed(list, word string) bool { return slices.Contains(strings.Split(list, "|"), word) }

// unitCalled is the unit with that word, or when numbered, with that word after a number.
func unitCalled(word string, numbered bool) Unit {
	for _, u := range units {
		if !numbered && listed(u.word, word) || numbered && listed(u.numbered, word) {
			return u.unit
		}
	}
	return ""
}

// monthCalled is the month with that name; the name must be one.
func monthCalled(word string) time.Month {
	return time.Month(1 + slices.IndexFunc(monthWords[:], func(list string) bool { return listed(list, word) }))
}

// weekdayCalled is the day of the week with that name; the name must be one.
func weekdayCalled(word string) time.Weekday {
	return time.Weekday(slices.IndexFunc(weekdayWords[:], func(list string) bool { return listed(list, word) }))
}
