package feedback_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

// Each row is read on Sunday 22 November 2026, the seventh day of week 47.
func TestParsePeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words, from, to          string
		unit                     feedback.Unit
		running                  bool
		previousFrom, previousTo string
	}{
		{"today", "2026-11-22", "2026-11-22", feedback.UnitDay, true, "2026-11-21", "2026-11-21"},
		{"vandaag", "2026-11-22", "2026-11-22", feedback.UnitDay, true, "2026-11-21", "2026-11-21"},
		{"2026-11-22", "2026-11-22", "2026-11-22", feedback.UnitDay, true, "2026-11-21", "2026-11-21"},
		{"yesterday", "2026-11-21", "2026-11-21", feedback.UnitDay, false, "2026-11-20", "2026-11-20"},
		{"gisteren", "2026-11-21", "2026-11-21", feedback.UnitDay, false, "2026-11-20", "2026-11-20"},
		{"2026-10-05", "2026-10-05", "2026-10-05", feedback.UnitDay, false, "2026-10-04", "2026-10-04"},
		{"2028-02-29", "", "", "", false, "", ""},
		{"2024-02-29", "2024-02-29", "2024-02-29", feedback.UnitDay, false, "2024-02-28", "2024-02-28"},
		{"2023-02-29", "", "", "", false, "", ""},

		{"week", "2026-11-16", "2026-11-22", feedback.UnitWeek, true, "2026-11-09", "2026-11-15"},
		{"2026-W47", "2026-11-16", "2026-11-22", feedback.UnitWeek, true, "2026-11-09", "2026-11-15"},
		{"last week", "2026-11-09", "2026-11-15", feedback.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"vorige week", "2026-11-09", "2026-11-15", feedback.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"la\u200bst\u00a0 WEEK\n", "2026-11-09", "2026-11-15", feedback.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"vorigweek", "2026-11-09", "2026-11-15", feedback.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"2026-w46", "2026-11-09", "2026-11-15", feedback.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"2026-W01", "2025-12-29", "2026-01-04", feedback.UnitWeek, false, "2025-12-22", "2025-12-28"},
		{"2020-W53", "2020-12-28", "2021-01-03", feedback.UnitWeek, false, "2020-12-21", "2020-12-27"},
		{"2025-W53", "", "", "", false, "", ""},
		{"2026-W00", "", "", "", false, "", ""},
		{"2026-W53", "", "", "", false, "", ""}, // Exists, but has not begun.

		{"", "2026-11-01", "2026-11-22", feedback.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"month", "2026-11-01", "2026-11-22", feedback.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"maand", "2026-11-01", "2026-11-22", feedback.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"2026-11", "2026-11-01", "2026-11-22", feedback.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"last month", "2026-10-01", "2026-10-31", feedback.UnitMonth, false, "2026-09-01", "2026-09-30"},
		{"vorige maand", "2026-10-01", "2026-10-31", feedback.UnitMonth, false, "2026-09-01", "2026-09-30"},
		{"2026-03", "2026-03-01", "2026-03-31", feedback.UnitMonth, false, "2026-02-01", "2026-02-28"},
		{"2024-03", "2024-03-01", "2024-03-31", feedback.UnitMonth, false, "2024-02-01", "2024-02-29"},

		{"quarter", "2026-10-01", "2026-11-22", feedback.UnitQuarter, true, "2026-07-01", "2026-08-22"},
		{"kwartaal", "2026-10-01", "2026-11-22", feedback.UnitQuarter, true, "2026-07-01", "2026-08-22"},
		{"last quarter", "2026-07-01", "2026-09-30", feedback.UnitQuarter, false, "2026-04-01", "2026-06-30"},
		{"vorig kwartaal", "2026-07-01", "2026-09-30", feedback.UnitQuarter, false, "2026-04-01", "2026-06-30"},
		{"2026-Q3", "2026-07-01", "2026-09-30", feedback.UnitQuarter, false, "2026-04-01", "2026-06-30"},
		{"2026-q1", "2026-01-01", "2026-03-31", feedback.UnitQuarter, false, "2025-10-01", "2025-12-31"},

		{"year", "2026-01-01", "2026-11-22", feedback.UnitYear, true, "2025-01-01", "2025-11-22"},
		{"jaar", "2026-01-01", "2026-11-22", feedback.UnitYear, true, "2025-01-01", "2025-11-22"},
		{"2026", "2026-01-01", "2026-11-22", feedback.UnitYear, true, "2025-01-01", "2025-11-22"},
		{"last year", "2025-01-01", "2025-12-31", feedback.UnitYear, false, "2024-01-01", "2024-12-31"},
		{"vorig jaar", "2025-01-01", "2025-12-31", feedback.UnitYear, false, "2024-01-01", "2024-12-31"},
		{"0001", "0001-01-01", "0001-12-31", feedback.UnitYear, false, "0000-01-01", "0000-12-31"},

		{"30d", "2026-10-24", "2026-11-22", feedback.UnitDays, false, "2026-09-24", "2026-10-23"},
		{"30 D", "2026-10-24", "2026-11-22", feedback.UnitDays, false, "2026-09-24", "2026-10-23"},
		{"1d", "2026-11-22", "2026-11-22", feedback.UnitDays, false, "2026-11-21", "2026-11-21"},
		{"36500d", "1926-12-18", "2026-11-22", feedback.UnitDays, false, "1827-01-11", "1926-12-17"},

		{"2026-10-01..2026-10-15", "2026-10-01", "2026-10-15", feedback.UnitRange, false, "2026-09-16", "2026-09-30"},
		{"2026-10-01…2026-10-15", "2026-10-01", "2026-10-15", feedback.UnitRange, false, "2026-09-16", "2026-09-30"},
		{"2026-10-01 .. 2026-10-01", "2026-10-01", "2026-10-01", feedback.UnitRange, false, "2026-09-30", "2026-09-30"},
		{"2026-09-28..2026-10-03", "2026-09-28", "2026-10-03", feedback.UnitRange, false, "2026-09-22", "2026-09-27"},
		{"2025-12-28..2026-01-03", "2025-12-28", "2026-01-03", feedback.UnitRange, false, "2025-12-21", "2025-12-27"},
		{"2026-11-20..2026-11-30", "2026-11-20", "2026-11-30", feedback.UnitRange, false, "2026-11-09", "2026-11-19"},
		{"0001-01-01..9999-12-31", "0001-01-01", "9999-12-31", feedback.UnitRange, false, "0000-01-01", "0000-12-31"},
	} {
		period, err := feedback.ParsePeriod(c.words, day(t, "2026-11-22"))
		if c.from == "" {
			assert.Error(t, err, c.words)
			continue
		}
		require.NoError(t, err, c.words)
		assert.Equal(t, feedback.Period{From: day(t, c.from), To: day(t, c.to), Unit: c.unit, Running: c.running}, period, c.words)
		previous := period.Previous()
		assert.Equal(t, []string{c.previousFrom, c.previousTo}, []string{previous.From.String(), previous.To.String()}, c.words)
	}
}

// A running period has begun k days; the one before may be shorter than that.
func TestPreviousOfARunningPeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		today, words, from, to string
		unit                   feedback.Unit
	}{
		{"2026-03-01", "month", "2026-02-01", "2026-02-01", feedback.UnitRange},
		{"2026-03-28", "month", "2026-02-01", "2026-02-28", feedback.UnitMonth},
		{"2026-03-31", "month", "2026-02-01", "2026-02-28", feedback.UnitMonth},
		{"2028-03-30", "month", "2028-02-01", "2028-02-29", feedback.UnitMonth},
		{"2026-11-30", "month", "2026-10-01", "2026-10-30", feedback.UnitRange}, // The last day is not over.
		{"2026-12-31", "month", "2026-11-01", "2026-11-30", feedback.UnitMonth},
		{"2028-12-31", "year", "2027-01-01", "2027-12-31", feedback.UnitYear},
		{"2029-12-31", "year", "2028-01-01", "2028-12-30", feedback.UnitRange},
		{"2026-06-30", "quarter", "2026-01-01", "2026-03-31", feedback.UnitQuarter}, // Of 91 days, after one of 90.
		{"2026-11-18", "week", "2026-11-09", "2026-11-11", feedback.UnitRange},
		{"2027-01-03", "week", "2026-12-21", "2026-12-27", feedback.UnitWeek},
	} {
		period, err := feedback.ParsePeriod(c.words, day(t, c.today))
		require.NoError(t, err)
		assert.True(t, period.Running, c.today)
		assert.Equal(t, feedback.Period{From: day(t, c.from), To: day(t, c.to), Unit: c.unit}, period.Previous(), c.today)
	}
}

func TestWhatIsNoPeriodIsNamed(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]feedback.QuestionError{
		"tomorrow":               {"tomorrow", feedback.ReasonUnknown},
		"  Next   Week ":         {"Next Week", feedback.ReasonUnknown},
		"last":                   {"last", feedback.ReasonUnknown},
		"last today":             {"last today", feedback.ReasonUnknown},
		"vorige quarter":         {"vorige quarter", feedback.ReasonUnknown},
		"d":                      {"d", feedback.ReasonUnknown},
		"-3d":                    {"-3d", feedback.ReasonUnknown},
		"+3d":                    {"+3d", feedback.ReasonUnknown},
		"٣d":                     {"٣d", feedback.ReasonUnknown},
		"3.5d":                   {"3.5d", feedback.ReasonUnknown},
		"0d":                     {"0d", feedback.ReasonLength},
		"36501d":                 {"36501d", feedback.ReasonLength},
		"99999999999999999999d":  {"99999999999999999999d", feedback.ReasonLength},
		"202":                    {"202", feedback.ReasonUnknown},
		"20261":                  {"20261", feedback.ReasonUnknown},
		"2026-1":                 {"2026-1", feedback.ReasonUnknown},
		"2026-10-5":              {"2026-10-5", feedback.ReasonUnknown},
		"2026-W4":                {"2026-W4", feedback.ReasonUnknown},
		"2026-Q":                 {"2026-Q", feedback.ReasonUnknown},
		"2026/10":                {"2026/10", feedback.ReasonUnknown},
		"0000":                   {"0000", feedback.ReasonNoDate},
		"2026-00":                {"2026-00", feedback.ReasonNoDate},
		"2026-13":                {"2026-13", feedback.ReasonNoDate},
		"2026-Q0":                {"2026-Q0", feedback.ReasonNoDate},
		"2026-Q5":                {"2026-Q5", feedback.ReasonNoDate},
		"2026-02-30":             {"2026-02-30", feedback.ReasonNoDate},
		"2025-w53":               {"2025-w53", feedback.ReasonNoWeek},
		"2026-W00":               {"2026-W00", feedback.ReasonNoWeek},
		"2026-W99":               {"2026-W99", feedback.ReasonNoWeek},
		"2027":                   {"2027", feedback.ReasonFuture},
		"2026-12":                {"2026-12", feedback.ReasonFuture},
		"2027-Q1":                {"2027-Q1", feedback.ReasonFuture},
		"2026-W48":               {"2026-W48", feedback.ReasonFuture},
		"2026-W53":               {"2026-W53", feedback.ReasonFuture},
		"2026-11-23":             {"2026-11-23", feedback.ReasonFuture},
		"2026-11-23..2026-11-24": {"2026-11-23..2026-11-24", feedback.ReasonFuture},
		"2026-10-15..2026-10-01": {"2026-10-15..2026-10-01", feedback.ReasonBackwards},
		"2026-10..2026-11":       {"2026-10..2026-11", feedback.ReasonUnknown},
		"2026-10-01..":           {"2026-10-01..", feedback.ReasonUnknown},
		"..":                     {"..", feedback.ReasonUnknown},
		"2026-10-01...2026-10-2": {"2026-10-01...2026-10-2", feedback.ReasonUnknown},
		"2026-10-01..2026-10-32": {"2026-10-01..2026-10-32", feedback.ReasonNoDate},
		"a\x00b\u202ec\xff":      {"abc�", feedback.ReasonUnknown},
		strings.Repeat("é", 41):  {strings.Repeat("é", 40) + "…", feedback.ReasonUnknown},
	} {
		_, err := feedback.ParsePeriod(words, day(t, "2026-11-22"))
		assert.Equal(t, &want, err, words)
	}
	_, err := feedback.ParsePeriod("2025-W53", day(t, "2026-11-22"))
	assert.EqualError(t, err, "“2025-W53” is not understood (no_week)")
}

// firstOf walks back from a day, one day at a time, to the first of its unit.
func firstOf(unit feedback.Unit, d feedback.Day) feedback.Day {
	for ; ; d-- {
		_, month, dayOfMonth := d.Date()
		first := dayOfMonth == 1
		switch {
		case unit == feedback.UnitWeek && d.Weekday() == time.Monday,
			unit == feedback.UnitMonth && first,
			unit == feedback.UnitQuarter && first && month%3 == 1,
			unit == feedback.UnitYear && first && month == time.January:
			return d
		}
	}
}

func TestUnitsAreWhatTheCalendarSays(t *testing.T) {
	t.Parallel()
	words := map[feedback.Unit][3]string{
		feedback.UnitWeek: {"week", "last week", "Vorige Week"}, feedback.UnitMonth: {"maand", "LAST MONTH", "vorigemaand"},
		feedback.UnitQuarter: {"Quarter", "lastquarter", "vorig kwartaal"}, feedback.UnitYear: {"jaar", "last\u00a0year", "vorig\tjaar"},
	}
	units := []feedback.Unit{feedback.UnitWeek, feedback.UnitMonth, feedback.UnitQuarter, feedback.UnitYear}
	rapid.Check(t, func(t *rapid.T) {
		today := feedback.Day(rapid.IntRange(7000, 40_000).Draw(t, "today"))
		unit := rapid.SampledFrom(units).Draw(t, "unit")
		first := firstOf(unit, today)
		before := firstOf(unit, first-1)

		running, err := feedback.ParsePeriod(words[unit][0], today)
		require.NoError(t, err)
		assert.Equal(t, feedback.Period{From: first, To: today, Unit: unit, Running: true}, running)

		previous := running.Previous()
		assert.Equal(t, before, previous.From)
		assert.Equal(t, min(before+(today-first), first-1), previous.To)

		last, err := feedback.ParsePeriod(words[unit][rapid.IntRange(1, 2).Draw(t, "language")], today)
		require.NoError(t, err)
		assert.Equal(t, feedback.Period{From: before, To: first - 1, Unit: unit}, last)
		assert.Equal(t, feedback.Period{From: firstOf(unit, before-1), To: before - 1, Unit: unit}, last.Previous())
	})
}

func TestEveryWeekOfTheCalendar(t *testing.T) {
	t.Parallel()
	today := feedback.Date(2061, time.January, 1)
	for year := 1990; year < 2060; year++ {
		weeks := map[int]feedback.Day{} // By number, the Monday.
		for d := feedback.Date(year, time.January, 1) - 7; d < feedback.Date(year+1, time.January, 8); d++ {
			if isoYear, week := d.ISOWeek(); isoYear == year && d.Weekday() == time.Monday {
				weeks[week] = d
			}
		}
		for week := range 60 {
			period, err := feedback.ParsePeriod(fmt.Sprintf("%d-W%02d", year, week), today)
			monday, exists := weeks[week]
			require.Equal(t, exists, err == nil, "%d-W%02d", year, week)
			if exists {
				require.Equal(t, feedback.Period{From: monday, To: monday + 6, Unit: feedback.UnitWeek}, period)
			}
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, words := range []string{
		"", "today", "vandaag", "last week", "vorig jaar", "30d", "2026", "2026-10", "2026-Q3", "2026-W46", "2026-10-05",
		"2026-10-01..2026-10-15", "2026-10-01…2026-10-15", "0001-01-01..9999-12-31", "tomorrow", "2025-W53", "\xff", "d", "..",
	} {
		f.Add(words, 20_779)
	}
	f.Fuzz(func(t *testing.T, words string, days int) {
		today := feedback.Day(((days % 100_000) + 100_000) % 100_000)
		period, err := feedback.ParsePeriod(words, today)
		if err != nil {
			var wrong *feedback.QuestionError
			require.ErrorAs(t, err, &wrong)
			require.NotEmpty(t, wrong.Reason)
			require.LessOrEqual(t, utf8.RuneCountInString(err.Error()), 100)
			require.True(t, utf8.ValidString(err.Error()))
			return
		}
		require.LessOrEqual(t, period.From, period.To)
		require.LessOrEqual(t, period.From, today)
		require.True(t, period.To <= today || period.Unit == feedback.UnitRange)

		previous := period.Previous()
		require.LessOrEqual(t, previous.From, previous.To)
		require.Less(t, previous.To, period.From)
		require.True(t, previous.To == period.From-1 || period.Running)
		require.LessOrEqual(t, feedback.Date(0, time.January, 1), previous.From)

		again, err := feedback.ParsePeriod(" \t"+strings.ReplaceAll(strings.ToUpper(words), "…", "..")+"\u2009", today)
		if strings.EqualFold(strings.ToUpper(words), words) {
			require.NoError(t, err)
			require.Equal(t, period, again)
		}
	})
}
