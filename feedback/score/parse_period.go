package score

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"smileybot/feedback/office"
)

// LongestDays is the longest period that can be asked for as a number of days, 100 years.
const LongestDays = 36500

// firstDay is the first day of the calendar: there is no year 0000.
var firstDay = office.Date(1, time.January, 1) //nolint:gochecknoglobals // a constant

// ParsePeriod reads a period as people type it, in English or Dutch; docs/guide.md lists what it
// knows. Case, spaces, quotes and the sort of dashes do not matter, and an empty text means month. A
// calendar unit that is not over ends today. Words without a year mean the latest that has begun. Any
// error is a [*QueryError]; a period wholly in the future is one.
func ParsePeriod(text string, today office.Day) (Period, error) {
	const longest = 80 // bytes, more than any period has
	folded := strings.ReplaceAll(Fold(text), ", ", " ")
	kept := slices.DeleteFunc(strings.Fields(folded), func(word string) bool { return slices.Contains(fillers, word) })
	period, reason := Period{}, ReasonUnknown
	if word := tooLarge.ReplaceAllString(squeeze(strings.Join(kept, " ")), "$1"); len(word) <= longest && (word != "" || folded == "") {
		period, reason = calendar{today}.read(abbreviated.ReplaceAllString(word, "$1$2"))
	}
	switch {
	case reason != "":
	case period.From < firstDay:
		reason = ReasonNoDate
	case period.From > today:
		reason = ReasonFuture
	}
	if reason != "" {
		return Period{}, &QueryError{Word: quotable(text), Reason: reason}
	}
	return period, nil
}

// tooLarge finds the digits that a number has more than any that is understood.
var tooLarge = regexp.MustCompile(`(\d{20})\d+`)

// abbreviated finds the dot after an abbreviation, as in "oct. 2026".
var abbreviated = regexp.MustCompile(`([a-z])\.([^.]|$)`)

// A calendar reads squeezed words as of a day.
type calendar struct{ today office.Day }

// yearless is a period that was typed without a year: it gives the period of a year, and false when
// that year has none, such as 29 February.
type yearless func(year int) (Period, bool)

// read reads a period, a range of two, or what there is since one.
func (c calendar) read(word string) (Period, QueryReason) {
	period, _, reason := c.single(word)
	if reason != ReasonUnknown {
		return period.cutAtToday(c.today), reason
	}
	if inner, found := cutWord(word, betweenWords); found {
		return c.span(inner, append([]string{"and", "en"}, rangeWords...))
	}
	inner, since := cutWord(word, sinceWords)
	if !since {
		inner, _ = cutWord(word, ofWords)
	}
	if inner != word && inner != "" {
		period, _, reason = c.single(inner)
		if since && reason == "" {
			period = Period{From: period.From, To: max(period.From, c.today), Unit: UnitRange}
		}
		if reason != ReasonUnknown {
			return period.cutAtToday(c.today), reason
		}
	}
	return c.span(inner, rangeWords)
}

// cutWord removes the first of the listed words that the text begins with.
func cutWord(text, list string) (rest string, found bool) {
	for word := range strings.SplitSeq(list, "|") {
		if rest, found = strings.CutPrefix(text, word); found {
			return rest, true
		}
	}
	return text, false
}

// A periodRule recognises a period that is no range. It gets what its pattern has found.
type periodRule struct {
	pattern *regexp.Regexp
	read    func(c calendar, found []string) (Period, yearless, QueryReason)
}

// periodRules compiles the rules with the first question, because a start does not need them.
var periodRules = sync.OnceValue(func() []periodRule { //nolint:gochecknoglobals // a list that never changes
	return []periodRule{
		{pattern(`|today|vandaag|now|nu|yesterday|gisteren|eergisteren|daybeforeyesterday|tomorrow|morgen`), calendar.day},
		{pattern(`all|alles|alle|everything|alltime|altijd`), calendar.everything}, //nolint:misspell // without its space
		{pattern(`(w|m|q|y)td|(week|month|quarter|year)todate`), calendar.toDate},
		{pattern(`(?:` + thisWords + `|(` + lastWords + `)|(` + nextWords + `))?UNIT`), calendar.unit},
		{pattern(`(?:` + pastWords + `)UNIT`), calendar.pastUnit},
		{pattern(`(?:` + pastWords + `|` + lastWords + `)?(\d+)-?UNITS`), calendar.count},
		{pattern(`(?:year|jaar)?(\d{4})`), dated(func(n []int) (Period, QueryReason) { return unitOf(UnitYear, office.Date(n[0], time.January, 1)), "" })},
		{pattern(`(\d{4})[-/.]N`), dated(func(n []int) (Period, QueryReason) { return month(n[0], n[1]) })},
		{pattern(`N[-/.](\d{4})`), dated(func(n []int) (Period, QueryReason) { return month(n[1], n[0]) })},
		{pattern(`(\d{4})[-/.]N[-/.]N`), dated(func(n []int) (Period, QueryReason) { return date(n[0], n[1], n[2]) })},
		{pattern(`N[-.]N[-.](\d{4})`), dated(func(n []int) (Period, QueryReason) { return dayFirst(n[2], n[1], n[0]) })},
		{pattern(`N/N/(\d{4})`), dated(func(n []int) (Period, QueryReason) { return eitherFirst(n[2], n[0], n[1]) })},
		{pattern(`N-N`), calendar.dayAndMonth},
		{pattern(`N/N`), calendar.dayOrMonth},
		{pattern(`(?:q|quarter|kwartaal|kw)[-.]?(\d)(?:SEPYEAR)?`), numbered(0, 1, quarter)},
		{pattern(`(\d)ORD(?:quarter|kwartaal|kw)(?:SEPYEAR)?`), numbered(0, 1, quarter)},
		{pattern(`(\d{4})SEP(?:q|quarter|kwartaal|kw)[-.]?(\d)`), numbered(1, 0, quarter)},
		{pattern(`(?:week|wk|w)[-.]?N(?:SEPYEAR)?`), numbered(0, 1, week)},
		{pattern(`(\d{4})SEP(?:week|wk|w)[-.]?N`), numbered(1, 0, week)},
		{pattern(`MONTH(?:SEPYEAR)?`), named(-1, 0, 1)},
		{pattern(`(\d{4})SEPMONTH`), named(-1, 1, 0)},
		{pattern(`(?:` + lastWords + `|` + pastWords + `)MONTH`), calendar.lastMonth},
		{pattern(`NORDSEPMONTH(?:SEPYEAR)?`), named(0, 1, 2)},
		{pattern(`MONTHSEPNORD(?:SEPYEAR)?`), named(1, 0, 2)},
		{pattern(`(\d{4})SEPMONTHSEPNORD`), named(2, 1, 0)},
		{pattern(`(?:` + lastWords + `|` + pastWords + `)?WEEKDAY`), calendar.weekday},
	}
})

// single reads a period that is no range, whole. One without a year is the latest that has begun, and
// comes with those of other years.
func (c calendar) single(word string) (Period, yearless, QueryReason) {
	for _, rule := range periodRules() {
		if found := rule.pattern.FindStringSubmatch(word); found != nil {
			return rule.read(c, found)
		}
	}
	return Period{}, nil, ReasonUnknown
}

func (c calendar) day(found []string) (Period, yearless, QueryReason) {
	switch found[0] {
	case "":
		return unitOf(UnitMonth, c.today), nil, ""
	case "yesterday", "gisteren":
		return unitOf(UnitDay, c.today.Add(-1)), nil, ""
	case "eergisteren", "daybeforeyesterday":
		return unitOf(UnitDay, c.today.Add(-2)), nil, ""
	case "tomorrow", "morgen":
		return unitOf(UnitDay, c.today.Add(1)), nil, ""
	default:
		return Period{From: c.today, To: c.today, Unit: UnitDay, Clock: true}, nil, ""
	}
}

// everything are all days until today, from the first day of the calendar.
func (c calendar) everything([]string) (Period, yearless, QueryReason) {
	return Period{From: firstDay, To: c.today, Unit: UnitAll}, nil, ""
}

func (c calendar) toDate(found []string) (Period, yearless, QueryReason) {
	unit := map[byte]Unit{'w': UnitWeek, 'm': UnitMonth, 'q': UnitQuarter, 'y': UnitYear}[found[0][0]]
	return unitOf(unit, c.today), nil, ""
}

// unit is a calendar unit: the one before, the one after or the running one.
func (c calendar) unit(found []string) (Period, yearless, QueryReason) {
	unit := unitCalled(found[3], false)
	running := unitOf(unit, c.today)
	switch before, after := found[1], found[2]; {
	case before != "":
		return unitOf(unit, running.From.Add(-1)), nil, ""
	case after != "":
		return unitOf(unit, running.To.Add(1)), nil, ""
	default:
		return running, nil, ""
	}
}

func (c calendar) pastUnit(found []string) (Period, yearless, QueryReason) {
	return c.back(1, unitCalled(found[1], false))
}

func (c calendar) count(found []string) (Period, yearless, QueryReason) {
	n, err := strconv.Atoi(found[1])
	switch {
	case err != nil:
		return Period{}, nil, ReasonLength
	case n != 1 && listed(singular, found[2]):
		return Period{}, nil, ReasonUnknown
	}
	return c.back(n, unitCalled(found[2], true))
}

// back is the stretch of so many days, weeks, months, quarters or years that ends today. It begins
// the day after the same day of the month; where a month is shorter, on the first of the next.
func (c calendar) back(n int, unit Unit) (Period, yearless, QueryReason) {
	if n < 1 || n > LongestDays {
		return Period{}, nil, ReasonLength
	}
	year, m, day := c.today.Date()
	begins := func(months int) office.Day {
		first := office.Date(year, m-time.Month(months), 1)
		return min(first.Add(day), office.Date(year, m-time.Month(months)+1, 1))
	}
	from := c.today.Add(1 - n)
	switch unit {
	case UnitWeek:
		from = c.today.Add(1 - n*daysPerWeek)
	case UnitMonth:
		from = begins(n)
	case UnitQuarter:
		from = begins(n * monthsPerQuarter)
	case UnitYear:
		from = begins(n * monthsPerYear)
	case UnitDay, UnitDays, UnitRange, UnitAll:
	}
	if c.today-from >= LongestDays {
		return Period{}, nil, ReasonLength
	}
	return Period{From: from, To: c.today, Unit: UnitDays}, nil, ""
}

// dated is the rule of words that are numbers with a year.
func dated(read func(numbers []int) (Period, QueryReason)) func(calendar, []string) (Period, yearless, QueryReason) {
	return func(_ calendar, found []string) (Period, yearless, QueryReason) {
		numbers := make([]int, len(found)-1)
		for i, digits := range found[1:] {
			numbers[i] = number(digits)
		}
		period, reason := read(numbers)
		return period, nil, reason
	}
}

// numbered is the rule of a unit with a number and perhaps a year, which are found at these places.
func numbered(at, year int, read func(year, n int) (Period, QueryReason)) func(calendar, []string) (Period, yearless, QueryReason) {
	return func(c calendar, found []string) (Period, yearless, QueryReason) {
		n := number(found[1+at])
		return c.inYear(found[1+year], func(year int) (Period, QueryReason) { return read(year, n) })
	}
}

// named is the rule of a month's name, with a day unless day is negative, and perhaps a year, which are
// found at these places.
func named(day, name, year int) func(calendar, []string) (Period, yearless, QueryReason) {
	return func(c calendar, found []string) (Period, yearless, QueryReason) {
		m := int(monthCalled(found[1+name]))
		return c.inYear(found[1+year], func(year int) (Period, QueryReason) {
			if day < 0 {
				return month(year, m)
			}
			return date(year, m, number(found[1+day]))
		})
	}
}

// inYear reads a period of a typed year, which may be empty, or this year or last year in words.
func (c calendar) inYear(typed string, read func(year int) (Period, QueryReason)) (Period, yearless, QueryReason) {
	year, _, _ := c.today.Date()
	switch typed {
	case "":
		of := func(year int) (Period, bool) {
			period, reason := read(year)
			return period, reason == ""
		}
		if period, ok := c.latest(of, c.today); ok {
			return period, of, ""
		}
		_, reason := read(year)
		return Period{}, nil, reason
	case "thisyear", "ditjaar":
	case "lastyear", "vorigjaar":
		year--
	default:
		year = number(typed)
	}
	period, reason := read(year)
	return period, nil, reason
}

// latest is the latest period that begins by that day.
func (c calendar) latest(of yearless, by office.Day) (Period, bool) {
	const rarest = 12 // years between two 29 Februaries at most, and more than between two weeks 53
	last, _, _ := by.Date()
	for year := last + 1; year >= last-rarest; year-- { // a year of weeks may begin in the one before
		if period, ok := of(year); ok && period.From <= by {
			return period, true
		}
	}
	return Period{}, false
}

// earliest is the first period that ends on or after a day.
func (c calendar) earliest(of yearless, day office.Day) (Period, bool) {
	const rarest = 12
	first, _, _ := day.Date()
	for year := first - 1; year <= first+rarest; year++ {
		if period, ok := of(year); ok && period.To >= day {
			return period, true
		}
	}
	return Period{}, false
}

// dayAndMonth is a date without a year, the day first as people write it with a dash.
func (c calendar) dayAndMonth(found []string) (Period, yearless, QueryReason) {
	day, m := number(found[1]), number(found[2])
	return c.inYear("", func(year int) (Period, QueryReason) { return dayFirst(year, m, day) })
}

// dayOrMonth is a date without a year in which either may come first.
func (c calendar) dayOrMonth(found []string) (Period, yearless, QueryReason) {
	return c.inYear("", func(year int) (Period, QueryReason) { return eitherFirst(year, number(found[1]), number(found[2])) })
}

// lastMonth is the latest month of that name that is over.
func (c calendar) lastMonth(found []string) (Period, yearless, QueryReason) {
	of := func(year int) (Period, bool) {
		period, reason := month(year, int(monthCalled(found[1])))
		return period, reason == "" && period.To < c.today
	}
	period, _ := c.latest(of, c.today)
	return period, nil, ""
}

// weekday is the latest day of that name.
func (c calendar) weekday(found []string) (Period, yearless, QueryReason) {
	back := (int(c.today.Weekday()) - int(weekdayCalled(found[1])) + daysPerWeek) % daysPerWeek
	return unitOf(UnitDay, c.today.Add(-back)), nil, ""
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

func month(year, n int) (Period, QueryReason) {
	if n < int(time.January) || n > int(time.December) {
		return Period{}, ReasonNoDate
	}
	return unitOf(UnitMonth, office.Date(year, time.Month(n), 1)), ""
}

func date(year, month, day int) (Period, QueryReason) {
	of := office.Date(year, time.Month(month), day)
	if y, m, d := of.Date(); y != year || int(m) != month || d != day {
		return Period{}, ReasonNoDate
	}
	return unitOf(UnitDay, of), ""
}

// dayFirst is a date with dashes or dots: the day comes first, unless that is no month.
func dayFirst(year, month, day int) (Period, QueryReason) {
	if month > int(time.December) && day <= int(time.December) {
		month, day = day, month
	}
	return date(year, month, day)
}

// eitherFirst is a date with slashes, which Americans begin with the month and others with the day.
func eitherFirst(year, a, b int) (Period, QueryReason) {
	if a != b && a <= int(time.December) && b <= int(time.December) {
		return Period{}, ReasonAmbiguous
	}
	return dayFirst(year, b, a)
}

// number is the value of a few digits.
func number(digits string) int {
	var n int
	for _, digit := range digits {
		n = 10*n + int(digit-'0')
	}
	return n
}
