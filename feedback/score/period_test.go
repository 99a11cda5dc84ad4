package score_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Each row is read on Sunday 22 November 2026, the seventh day of week 47.
func TestParsePeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words, from, to          string
		unit                     score.Unit
		running                  bool
		previousFrom, previousTo string
	}{
		{"today", "2026-11-22", "2026-11-22", score.UnitDay, true, "2026-11-21", "2026-11-21"},
		{"vandaag", "2026-11-22", "2026-11-22", score.UnitDay, true, "2026-11-21", "2026-11-21"},
		{"2026-11-22", "2026-11-22", "2026-11-22", score.UnitDay, true, "2026-11-21", "2026-11-21"},
		{"yesterday", "2026-11-21", "2026-11-21", score.UnitDay, false, "2026-11-20", "2026-11-20"},
		{"gisteren", "2026-11-21", "2026-11-21", score.UnitDay, false, "2026-11-20", "2026-11-20"},
		{"2026-10-05", "2026-10-05", "2026-10-05", score.UnitDay, false, "2026-10-04", "2026-10-04"},
		{"2028-02-29", "", "", "", false, "", ""},
		{"2024-02-29", "2024-02-29", "2024-02-29", score.UnitDay, false, "2024-02-28", "2024-02-28"},
		{"2023-02-29", "", "", "", false, "", ""},

		{"week", "2026-11-16", "2026-11-22", score.UnitWeek, true, "2026-11-09", "2026-11-15"},
		{"2026-W47", "2026-11-16", "2026-11-22", score.UnitWeek, true, "2026-11-09", "2026-11-15"},
		{"last week", "2026-11-09", "2026-11-15", score.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"vorige week", "2026-11-09", "2026-11-15", score.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"la\u200bst\u00a0 WEEK\n", "2026-11-09", "2026-11-15", score.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"vorigweek", "2026-11-09", "2026-11-15", score.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"2026-w46", "2026-11-09", "2026-11-15", score.UnitWeek, false, "2026-11-02", "2026-11-08"},
		{"2026-W01", "2025-12-29", "2026-01-04", score.UnitWeek, false, "2025-12-22", "2025-12-28"},
		{"2020-W53", "2020-12-28", "2021-01-03", score.UnitWeek, false, "2020-12-21", "2020-12-27"},
		{"2025-W53", "", "", "", false, "", ""},
		{"2026-W00", "", "", "", false, "", ""},
		{"2026-W53", "", "", "", false, "", ""}, // Exists, but has not begun.

		{"", "2026-11-01", "2026-11-22", score.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"month", "2026-11-01", "2026-11-22", score.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"maand", "2026-11-01", "2026-11-22", score.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"2026-11", "2026-11-01", "2026-11-22", score.UnitMonth, true, "2026-10-01", "2026-10-22"},
		{"last month", "2026-10-01", "2026-10-31", score.UnitMonth, false, "2026-09-01", "2026-09-30"},
		{"vorige maand", "2026-10-01", "2026-10-31", score.UnitMonth, false, "2026-09-01", "2026-09-30"},
		{"2026-03", "2026-03-01", "2026-03-31", score.UnitMonth, false, "2026-02-01", "2026-02-28"},
		{"2024-03", "2024-03-01", "2024-03-31", score.UnitMonth, false, "2024-02-01", "2024-02-29"},

		{"quarter", "2026-10-01", "2026-11-22", score.UnitQuarter, true, "2026-07-01", "2026-08-22"},
		{"kwartaal", "2026-10-01", "2026-11-22", score.UnitQuarter, true, "2026-07-01", "2026-08-22"},
		{"last quarter", "2026-07-01", "2026-09-30", score.UnitQuarter, false, "2026-04-01", "2026-06-30"},
		{"vorig kwartaal", "2026-07-01", "2026-09-30", score.UnitQuarter, false, "2026-04-01", "2026-06-30"},
		{"2026-Q3", "2026-07-01", "2026-09-30", score.UnitQuarter, false, "2026-04-01", "2026-06-30"},
		{"2026-q1", "2026-01-01", "2026-03-31", score.UnitQuarter, false, "2025-10-01", "2025-12-31"},

		{"year", "2026-01-01", "2026-11-22", score.UnitYear, true, "2025-01-01", "2025-11-22"},
		{"jaar", "2026-01-01", "2026-11-22", score.UnitYear, true, "2025-01-01", "2025-11-22"},
		{"2026", "2026-01-01", "2026-11-22", score.UnitYear, true, "2025-01-01", "2025-11-22"},
		{"last year", "2025-01-01", "2025-12-31", score.UnitYear, false, "2024-01-01", "2024-12-31"},
		{"vorig jaar", "2025-01-01", "2025-12-31", score.UnitYear, false, "2024-01-01", "2024-12-31"},
		{"0001", "0001-01-01", "0001-12-31", score.UnitYear, false, "0000-01-01", "0000-12-31"},

		{"30d", "2026-10-24", "2026-11-22", score.UnitDays, false, "2026-09-24", "2026-10-23"},
		{"30 D", "2026-10-24", "2026-11-22", score.UnitDays, false, "2026-09-24", "2026-10-23"},
		{"1d", "2026-11-22", "2026-11-22", score.UnitDays, false, "2026-11-21", "2026-11-21"},
		{"36500d", "1926-12-18", "2026-11-22", score.UnitDays, false, "1827-01-11", "1926-12-17"},

		{"2026-10-01..2026-10-15", "2026-10-01", "2026-10-15", score.UnitRange, false, "2026-09-16", "2026-09-30"},
		{"2026-10-01…2026-10-15", "2026-10-01", "2026-10-15", score.UnitRange, false, "2026-09-16", "2026-09-30"},
		{"2026-10-01 .. 2026-10-01", "2026-10-01", "2026-10-01", score.UnitRange, false, "2026-09-30", "2026-09-30"},
		{"2026-09-28..2026-10-03", "2026-09-28", "2026-10-03", score.UnitRange, false, "2026-09-22", "2026-09-27"},
		{"2025-12-28..2026-01-03", "2025-12-28", "2026-01-03", score.UnitRange, false, "2025-12-21", "2025-12-27"},
		{"2026-11-20..2026-11-30", "2026-11-20", "2026-11-30", score.UnitRange, false, "2026-11-09", "2026-11-19"},
		{"0001-01-01..9999-12-31", "0001-01-01", "9999-12-31", score.UnitRange, false, "0000-01-01", "0000-12-31"},
	} {
		period, err := score.ParsePeriod(c.words, feedbacktest.Day(t, "2026-11-22"))
		if c.from == "" {
			assert.Error(t, err, c.words)
			continue
		}
		require.NoError(t, err, c.words)
		clock := slices.Contains([]string{"today", "vandaag"}, c.words)
		assert.Equal(t, score.Period{From: feedbacktest.Day(t, c.from), To: feedbacktest.Day(t, c.to), Unit: c.unit, Running: c.running, Clock: clock}, period, c.words)
		previous := period.Previous()
		assert.Equal(t, []string{c.previousFrom, c.previousTo}, []string{previous.From.String(), previous.To.String()}, c.words)
	}
}

// TestPreviousUntil: today is compared with yesterday until the same time of day, also around a
// change of the clock; a date is compared with the whole day, and so is a today that has ended.
func TestPreviousUntil(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, words, today, zone, now, until string }{
		{"a day like any other", "today", "2026-11-20", "Europe/Amsterdam", "2026-11-20T12:00:00+01:00", "2026-11-19T12:00:00+01:00"},
		{"in Dutch, to the second", "vandaag", "2026-11-20", "Europe/Amsterdam", "2026-11-20T23:59:59.9+01:00", "2026-11-19T23:59:59+01:00"},
		{"asked elsewhere", "today", "2026-11-20", "Europe/Amsterdam", "2026-11-20T11:00:00Z", "2026-11-19T12:00:00+01:00"},
		{"after the long night", "today", "2026-10-25", "Europe/Amsterdam", "2026-10-25T12:00:00+01:00", "2026-10-24T12:00:00+02:00"},
		{"the day after it", "today", "2026-10-26", "Europe/Amsterdam", "2026-10-26T12:00:00+01:00", "2026-10-25T12:00:00+01:00"},
		{"after the short night", "today", "2026-03-29", "Europe/Amsterdam", "2026-03-29T12:00:00+02:00", "2026-03-28T12:00:00+01:00"},
		{"a time that comes twice", "today", "2026-10-26", "Europe/Amsterdam", "2026-10-26T02:30:00+01:00", "2026-10-25T02:30:00+02:00"},
		{"a time that was skipped", "today", "2026-03-30", "Europe/Amsterdam", "2026-03-30T02:30:00+02:00", "2026-03-29T03:30:00+02:00"},
		{"a time that comes twice, west", "today", "2026-11-02", "America/New_York", "2026-11-02T01:30:00-05:00", "2026-11-01T01:30:00-04:00"},
		{"a time that was skipped, west", "today", "2026-03-09", "America/New_York", "2026-03-09T02:30:00-04:00", "2026-03-08T03:30:00-04:00"},
		{"a midnight that was skipped", "today", "2026-03-09", "America/Havana", "2026-03-09T00:10:00-04:00", "2026-03-08T01:10:00-04:00"},
		{"the first of a month", "today", "2026-12-01", "Asia/Kolkata", "2026-12-01T00:00:00+05:30", "2026-11-30T00:00:00+05:30"},
		{"its date", "2026-11-20", "2026-11-20", "Europe/Amsterdam", "2026-11-20T12:00:00+01:00", ""},
		{"yesterday", "yesterday", "2026-11-20", "Europe/Amsterdam", "2026-11-20T12:00:00+01:00", ""},
		{"a running week", "week", "2026-11-16", "Europe/Amsterdam", "2026-11-16T12:00:00+01:00", ""},
		{"just after midnight", "today", "2026-11-20", "Europe/Amsterdam", "2026-11-21T00:00:01+01:00", ""},
	} {
		period, err := score.ParsePeriod(c.words, feedbacktest.Day(t, c.today))
		require.NoError(t, err, c.name)
		now, err := time.Parse(time.RFC3339, c.now)
		require.NoError(t, err, c.name)
		before := period.PreviousAt(now.In(feedbacktest.Location(t, c.zone)))
		until := ""
		if !before.Until.IsZero() {
			until = before.Until.Format(time.RFC3339)
		}
		assert.Equal(t, c.until, until, c.name)
		before.Until = time.Time{}
		assert.Equal(t, period.Previous(), before, c.name)
		assert.Zero(t, period.PreviousAt(time.Time{}).Until, c.name)
	}
}

// A running period has begun k days; the one before may be shorter than that.
func TestPreviousOfARunningPeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		today, words, from, to string
		unit                   score.Unit
	}{
		{"2026-03-01", "month", "2026-02-01", "2026-02-01", score.UnitRange},
		{"2026-03-28", "month", "2026-02-01", "2026-02-28", score.UnitMonth},
		{"2026-03-31", "month", "2026-02-01", "2026-02-28", score.UnitMonth},
		{"2028-03-30", "month", "2028-02-01", "2028-02-29", score.UnitMonth},
		{"2026-11-30", "month", "2026-10-01", "2026-10-30", score.UnitRange}, // The last day is not over.
		{"2026-12-31", "month", "2026-11-01", "2026-11-30", score.UnitMonth},
		{"2028-12-31", "year", "2027-01-01", "2027-12-31", score.UnitYear},
		{"2029-12-31", "year", "2028-01-01", "2028-12-30", score.UnitRange},
		{"2026-06-30", "quarter", "2026-01-01", "2026-03-31", score.UnitQuarter}, // Of 91 days, after one of 90.
		{"2026-11-18", "week", "2026-11-09", "2026-11-11", score.UnitRange},
		{"2027-01-03", "week", "2026-12-21", "2026-12-27", score.UnitWeek},
	} {
		period, err := score.ParsePeriod(c.words, feedbacktest.Day(t, c.today))
		require.NoError(t, err)
		assert.True(t, period.Running, c.today)
		assert.Equal(t, score.Period{From: feedbacktest.Day(t, c.from), To: feedbacktest.Day(t, c.to), Unit: c.unit}, period.Previous(), c.today)
	}
}

func TestWhatIsNoPeriodIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		want  score.QueryError
	}{
		{"tomorrow", score.QueryError{"tomorrow", score.ReasonUnknown}},
		{"  Next   Week ", score.QueryError{"Next Week", score.ReasonUnknown}},
		{"last", score.QueryError{"last", score.ReasonUnknown}},
		{"last today", score.QueryError{"last today", score.ReasonUnknown}},
		{"vorige quarter", score.QueryError{"vorige quarter", score.ReasonUnknown}},
		{"d", score.QueryError{"d", score.ReasonUnknown}},
		{"-3d", score.QueryError{"-3d", score.ReasonUnknown}},
		{"+3d", score.QueryError{"+3d", score.ReasonUnknown}},
		{"٣d", score.QueryError{"٣d", score.ReasonUnknown}},
		{"3.5d", score.QueryError{"3.5d", score.ReasonUnknown}},
		{"0d", score.QueryError{"0d", score.ReasonLength}},
		{"36501d", score.QueryError{"36501d", score.ReasonLength}},
		{"99999999999999999999d", score.QueryError{"99999999999999999999d", score.ReasonLength}},
		{"202", score.QueryError{"202", score.ReasonUnknown}},
		{"20261", score.QueryError{"20261", score.ReasonUnknown}},
		{"2026-1", score.QueryError{"2026-1", score.ReasonUnknown}},
		{"2026-10-5", score.QueryError{"2026-10-5", score.ReasonUnknown}},
		{"2026-W4", score.QueryError{"2026-W4", score.ReasonUnknown}},
		{"2026-Q", score.QueryError{"2026-Q", score.ReasonUnknown}},
		{"2026/10", score.QueryError{"2026/10", score.ReasonUnknown}},
		{"0000", score.QueryError{"0000", score.ReasonNoDate}},
		{"2026-00", score.QueryError{"2026-00", score.ReasonNoDate}},
		{"2026-13", score.QueryError{"2026-13", score.ReasonNoDate}},
		{"2026-Q0", score.QueryError{"2026-Q0", score.ReasonNoDate}},
		{"2026-Q5", score.QueryError{"2026-Q5", score.ReasonNoDate}},
		{"2026-02-30", score.QueryError{"2026-02-30", score.ReasonNoDate}},
		{"2025-w53", score.QueryError{"2025-w53", score.ReasonNoWeek}},
		{"2026-W00", score.QueryError{"2026-W00", score.ReasonNoWeek}},
		{"2026-W99", score.QueryError{"2026-W99", score.ReasonNoWeek}},
		{"2027", score.QueryError{"2027", score.ReasonFuture}},
		{"2026-12", score.QueryError{"2026-12", score.ReasonFuture}},
		{"2027-Q1", score.QueryError{"2027-Q1", score.ReasonFuture}},
		{"2026-W48", score.QueryError{"2026-W48", score.ReasonFuture}},
		{"2026-W53", score.QueryError{"2026-W53", score.ReasonFuture}},
		{"2026-11-23", score.QueryError{"2026-11-23", score.ReasonFuture}},
		{"2026-11-23..2026-11-24", score.QueryError{"2026-11-23..2026-11-24", score.ReasonFuture}},
		{"2026-10-15..2026-10-01", score.QueryError{"2026-10-15..2026-10-01", score.ReasonBackwards}},
		{"2026-10..2026-11", score.QueryError{"2026-10..2026-11", score.ReasonUnknown}},
		{"2026-10-01..", score.QueryError{"2026-10-01..", score.ReasonUnknown}},
		{"..", score.QueryError{"..", score.ReasonUnknown}},
		{"2026-10-01...2026-10-2", score.QueryError{"2026-10-01...2026-10-2", score.ReasonUnknown}},
		{"2026-10-01..2026-10-32", score.QueryError{"2026-10-01..2026-10-32", score.ReasonNoDate}},
		{"a\x00b\u202ec\xff", score.QueryError{"abc�", score.ReasonUnknown}},
		{strings.Repeat("é", 41), score.QueryError{strings.Repeat("é", 40) + "…", score.ReasonUnknown}},
	} {
		_, err := score.ParsePeriod(c.words, feedbacktest.Day(t, "2026-11-22"))
		assert.Equal(t, &c.want, err, c.words)
	}
	_, err := score.ParsePeriod("2025-W53", feedbacktest.Day(t, "2026-11-22"))
	assert.EqualError(t, err, "“2025-W53” is not understood (no_week)")
}

// firstOf walks back from a day, one day at a time, to the first of its unit.
func firstOf(unit score.Unit, d office.Day) office.Day {
	for ; ; d-- {
		_, month, dayOfMonth := d.Date()
		first := dayOfMonth == 1
		switch {
		case unit == score.UnitWeek && d.Weekday() == time.Monday,
			unit == score.UnitMonth && first,
			unit == score.UnitQuarter && first && month%3 == 1,
			unit == score.UnitYear && first && month == time.January:
			return d
		}
	}
}

func TestUnitsAreWhatTheCalendarSays(t *testing.T) {
	t.Parallel()
	words := map[score.Unit][3]string{
		score.UnitWeek: {"week", "last week", "Vorige Week"}, score.UnitMonth: {"maand", "LAST MONTH", "vorigemaand"},
		score.UnitQuarter: {"Quarter", "lastquarter", "vorig kwartaal"}, score.UnitYear: {"jaar", "last\u00a0year", "vorig\tjaar"},
	}
	units := []score.Unit{score.UnitWeek, score.UnitMonth, score.UnitQuarter, score.UnitYear}
	rapid.Check(t, func(t *rapid.T) {
		today := office.Day(rapid.IntRange(7000, 40_000).Draw(t, "today"))
		unit := rapid.SampledFrom(units).Draw(t, "unit")
		first := firstOf(unit, today)
		before := firstOf(unit, first-1)

		running, err := score.ParsePeriod(words[unit][0], today)
		require.NoError(t, err)
		assert.Equal(t, score.Period{From: first, To: today, Unit: unit, Running: true}, running)

		previous := running.Previous()
		assert.Equal(t, before, previous.From)
		assert.Equal(t, min(before+(today-first), first-1), previous.To)

		last, err := score.ParsePeriod(words[unit][rapid.IntRange(1, 2).Draw(t, "language")], today)
		require.NoError(t, err)
		assert.Equal(t, score.Period{From: before, To: first - 1, Unit: unit}, last)
		assert.Equal(t, score.Period{From: firstOf(unit, before-1), To: before - 1, Unit: unit}, last.Previous())
	})
}

func TestEveryWeekOfTheCalendar(t *testing.T) {
	t.Parallel()
	today := office.Date(2061, time.January, 1)
	for year := 1990; year < 2060; year++ {
		weeks := map[int]office.Day{} // By number, the Monday.
		for d := office.Date(year, time.January, 1) - 7; d < office.Date(year+1, time.January, 8); d++ {
			if isoYear, week := d.ISOWeek(); isoYear == year && d.Weekday() == time.Monday {
				weeks[week] = d
			}
		}
		for week := range 60 {
			period, err := score.ParsePeriod(fmt.Sprintf("%d-W%02d", year, week), today)
			monday, exists := weeks[week]
			require.Equal(t, exists, err == nil, "%d-W%02d", year, week)
			if exists {
				require.Equal(t, score.Period{From: monday, To: monday + 6, Unit: score.UnitWeek}, period)
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
		today := office.Day(((days % 100_000) + 100_000) % 100_000)
		period, err := score.ParsePeriod(words, today)
		if err != nil {
			var wrong *score.QueryError
			require.ErrorAs(t, err, &wrong)
			require.NotEmpty(t, wrong.Reason)
			require.LessOrEqual(t, utf8.RuneCountInString(err.Error()), 100)
			require.True(t, utf8.ValidString(err.Error()))
			return
		}
		require.LessOrEqual(t, period.From, period.To)
		require.LessOrEqual(t, period.From, today)
		require.True(t, period.To <= today || period.Unit == score.UnitRange)

		previous := period.Previous()
		require.LessOrEqual(t, previous.From, previous.To)
		require.Less(t, previous.To, period.From)
		require.True(t, previous.To == period.From-1 || period.Running)
		require.LessOrEqual(t, office.Date(0, time.January, 1), previous.From)

		again, err := score.ParsePeriod(" \t"+strings.ReplaceAll(strings.ToUpper(words), "…", "..")+"\u2009", today)
		if strings.EqualFold(strings.ToUpper(words), words) {
			require.NoError(t, err)
			require.Equal(t, period, again)
		}
	})
}
