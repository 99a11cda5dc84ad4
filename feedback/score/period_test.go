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

// TestPeriodsAsPeopleType: words that mean the same as others, on Sunday 22 November 2026, the seventh day
// of week 47. The period before follows the rules of those others.
func TestPeriodsAsPeopleType(t *testing.T) {
	t.Parallel()
	today := feedbacktest.Day(t, "2026-11-22")
	for _, c := range []struct {
		same  string
		words []string
	}{
		{"today", []string{"Vandaag.", "now", "nu", "“today”", "'today'"}},
		{"2026-11-20", []string{"eergisteren", "day before yesterday", "20-11", "20 november", "friday", "Vrijdag"}},
		{"2026-11-22", []string{"sunday", "22 nov", "nov. 22nd"}},
		{"week", []string{"this week", "deze week", "current week", "wtd", "week to date", "week 47", "w47 2026", "wk 47", "2026 week 47", "2026w47", "week 47 van 2026"}},
		{"2026-W46", []string{"week 46", "last week", "previous week", "w46", "week 46 2026", "Week 46, 2026", "2026-W46", "2026 – w46", "week 46 this year", "week-46"}},
		{"2025-W48", []string{"week 48", "w48 2025", "week 48 of last year", "week 48 vorig jaar"}},
		{"2025-W04", []string{"2025-w4", "week 4 2025", "week4 2025"}},
		{"month", []string{"this month", "deze maand", "THIS MONTH", "deze\u00a0maand\u200b", "mtd", "november", "nov", "Nov 2026", "11-2026", "2026/11", "the month", "de maand", "in november", "huidige maand"}},
		{"last month", []string{"october", "oktober", "oct", "okt.", "Oct 2026", "oktober 2026", "2026 october", "10/2026", "2026.10", "last october", "vorige maand", "de vorige maand", "october this year", "2026−10", "2026‐10", "2026—10", "van oktober", "van vorige maand"}},
		{"2025-11", []string{"nov 2025", "november 2025", "Nov. 2025", "november, 2025", "november last year", "november vorig jaar", "last november", "afgelopen november", "2025–11"}},
		{"2025-12", []string{"december", "dec"}},
		{"2026-05", []string{"may", "mei", "2026-5"}},
		{"2026-03", []string{"maart", "mrt", "march", "mar"}},
		{"quarter", []string{"Q4", "dit kwartaal", "this quarter", "kwartaal 4", "4e kwartaal", "qtd", "q4 2026"}},
		{"2026-Q3", []string{"Q3", "q3", "kwartaal 3", "last quarter", "kw 3", "3rd quarter", "3e kwartaal 2026", "quarter 3 of 2026", "2026 Q3", "2026q3"}},
		{"2025-Q3", []string{"q3 2025", "Q3-2025", "kwartaal 3 2025", "2025 Q3", "3e kwartaal van 2025", "Q3 last year"}},
		{"year", []string{"ytd", "YTD", "year to date", "this year", "dit jaar", "2026"}},
		{"last year", []string{"2025", "vorig jaar", "previous year", "year 2025", "het jaar 2025"}},
		{"30d", []string{"last 30 days", "laatste 30 dagen", "30 days", "30 dagen", "30 day", "past 30 days", "afgelopen 30 dagen", "the last 30 days", "de afgelopen 30 dagen", "in the last 30 days", "30dagen", "30-days", "vorige 30 dagen"}},
		{"7d", []string{"7 days", "7dagen", "1 week", "past week", "afgelopen week", "the past week", "laatste week", "1w"}},
		{"14d", []string{"2 weeks", "2 weken", "last 2 weeks"}},
		{"31d", []string{"past month", "afgelopen maand", "1 month", "1 maand", "1m"}},
		{"92d", []string{"3 months", "laatste 3 maanden", "past quarter"}},
		{"365d", []string{"past year", "12 months", "afgelopen jaar", "1 jaar"}},
		{"2026-10-01..2026-11-30", []string{"2026-10..2026-11", "oct to nov", "october - november", "oktober t/m november", "from october to november", "van oktober tot november", "between october and november", "tussen oktober en november", "2026-10…2026-11", "2026-10—2026-11", "oct 2026 – nov 2026"}},
		{"2026-11-01..2026-11-10", []string{"2026-11-01 to 2026-11-10", "2026-11-01 - 2026-11-10", "1 nov to 10 nov", "1 t/m 10 november", "1-10 nov", "nov 1 to 10", "1 november tot en met 10 november 2026", "1-11-2026 t/m 10-11-2026", "from 1 nov until 10 nov", "1.11.2026–10.11.2026"}},
		{"2026-11-20..2026-11-30", []string{"20 nov to 30 nov", "20-30 november"}},
		{"2025-11-01..2026-01-31", []string{"nov 2025 to jan", "nov 2025 to jan 2026"}},
		{"2024-10-01..2025-03-31", []string{"oct to march 2025", "oct 2024 to march"}},
		{"2025-12-01..2026-01-31", []string{"dec to jan", "december t/m januari"}},
		{"2026-09-28..2026-11-15", []string{"week 40-46", "week 40 to 46", "week 40 t/m week 46"}},
		{"2026-01-01..2026-09-30", []string{"q1 to q3", "Q1-Q3", "q1 t/m q3 2026", "jan-sep"}},
		{"2024-01-01..2025-12-31", []string{"2024-2025", "2024 to 2025"}},
		{"2026-10-01..2026-11-22", []string{"since october", "sinds oktober", "since 1 october", "vanaf 1-10-2026", "since oct 1", "from october", "since 2026-10-01", "sinds vorige maand", "october to today", "van oktober tot nu", "since q4"}},
		{"2026-11-16..2026-11-22", []string{"since monday", "sinds maandag"}},
		{"2026-10-01", []string{"1 oct", "1 oktober", "oct 1", "October 1st, 2026", "1st of october", "1-10-2026", "1.10.2026", "01-10-2026", "1-10", "2026-10-1", "2026/10/01", "1 okt. 2026", "1e oktober", "2026 oct 1"}},
		{"2026-10-13", []string{"13/10/2026", "10/13/2026", "13/10", "10-13-2026"}},
		{"2025-12-05", []string{"5 dec", "dec 5", "5-12"}},
		{"2024-02-29", []string{"29 feb", "29 februari"}},
	} {
		want, err := score.ParsePeriod(c.same, today)
		require.NoError(t, err, c.same)
		for _, words := range c.words {
			got, err := score.ParsePeriod(words, today)
			if assert.NoError(t, err, words) {
				want.Clock = got.Clock
				assert.Equal(t, want, got, "%s is %s", words, c.same)
				assert.Equal(t, want.Previous(), got.Previous(), words)
			}
			squeezed, err := score.ParsePeriod(strings.ReplaceAll(strings.ToUpper(words), " ", ""), today)
			if err == nil || !strings.ContainsAny(words, " ") {
				assert.Equal(t, got, squeezed, words)
			}
		}
	}
	for _, words := range []string{"all", "ALLES", "everything", "all time"} {
		all, err := score.ParsePeriod(words, today)
		require.NoError(t, err, words)
		assert.Equal(t, score.Period{From: feedbacktest.Day(t, "0001-01-01"), To: today, Unit: score.UnitAll}, all, words)
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
		{"tomorrow", score.QueryError{Word: "tomorrow", Reason: score.ReasonFuture}},
		{"  Next   Week ", score.QueryError{Word: "Next Week", Reason: score.ReasonFuture}},
		{"last", score.QueryError{Word: "last", Reason: score.ReasonUnknown}},
		{"last today", score.QueryError{Word: "last today", Reason: score.ReasonUnknown}},
		{"d", score.QueryError{Word: "d", Reason: score.ReasonUnknown}},
		{"-3d", score.QueryError{Word: "-3d", Reason: score.ReasonUnknown}},
		{"+3d", score.QueryError{Word: "+3d", Reason: score.ReasonUnknown}},
		{"٣d", score.QueryError{Word: "٣d", Reason: score.ReasonUnknown}},
		{"3.5d", score.QueryError{Word: "3.5d", Reason: score.ReasonUnknown}},
		{"0d", score.QueryError{Word: "0d", Reason: score.ReasonLength}},
		{"36501d", score.QueryError{Word: "36501d", Reason: score.ReasonLength}},
		{"99999999999999999999d", score.QueryError{Word: "99999999999999999999d", Reason: score.ReasonLength}},
		{"202", score.QueryError{Word: "202", Reason: score.ReasonUnknown}},
		{"20261", score.QueryError{Word: "20261", Reason: score.ReasonUnknown}},
		{"2026-Q", score.QueryError{Word: "2026-Q", Reason: score.ReasonUnknown}},
		{"0000", score.QueryError{Word: "0000", Reason: score.ReasonNoDate}},
		{"0000-01", score.QueryError{Word: "0000-01", Reason: score.ReasonNoDate}},
		{"0000-q1", score.QueryError{Word: "0000-q1", Reason: score.ReasonNoDate}},
		{"0000-w01", score.QueryError{Word: "0000-w01", Reason: score.ReasonNoDate}},
		{"0000 dec", score.QueryError{Word: "0000 dec", Reason: score.ReasonNoDate}},
		{"0000 oct 5", score.QueryError{Word: "0000 oct 5", Reason: score.ReasonNoDate}},
		{"0000-q4..2026", score.QueryError{Word: "0000-q4..2026", Reason: score.ReasonNoDate}},
		{"since 0000-12-31", score.QueryError{Word: "since 0000-12-31", Reason: score.ReasonNoDate}},
		{"2026-00", score.QueryError{Word: "2026-00", Reason: score.ReasonNoDate}},
		{"2026-13", score.QueryError{Word: "2026-13", Reason: score.ReasonNoDate}},
		{"2026-Q0", score.QueryError{Word: "2026-Q0", Reason: score.ReasonNoDate}},
		{"2026-Q5", score.QueryError{Word: "2026-Q5", Reason: score.ReasonNoDate}},
		{"2026-02-30", score.QueryError{Word: "2026-02-30", Reason: score.ReasonNoDate}},
		{"2025-w53", score.QueryError{Word: "2025-w53", Reason: score.ReasonNoWeek}},
		{"2026-W00", score.QueryError{Word: "2026-W00", Reason: score.ReasonNoWeek}},
		{"2026-W99", score.QueryError{Word: "2026-W99", Reason: score.ReasonNoWeek}},
		{"2027", score.QueryError{Word: "2027", Reason: score.ReasonFuture}},
		{"2026-12", score.QueryError{Word: "2026-12", Reason: score.ReasonFuture}},
		{"2027-Q1", score.QueryError{Word: "2027-Q1", Reason: score.ReasonFuture}},
		{"2026-W48", score.QueryError{Word: "2026-W48", Reason: score.ReasonFuture}},
		{"2026-W53", score.QueryError{Word: "2026-W53", Reason: score.ReasonFuture}},
		{"2026-11-23", score.QueryError{Word: "2026-11-23", Reason: score.ReasonFuture}},
		{"2026-11-23..2026-11-24", score.QueryError{Word: "2026-11-23..2026-11-24", Reason: score.ReasonFuture}},
		{"volgende maand", score.QueryError{Word: "volgende maand", Reason: score.ReasonFuture}},
		{"morgen", score.QueryError{Word: "morgen", Reason: score.ReasonFuture}},
		{"since 2027", score.QueryError{Word: "since 2027", Reason: score.ReasonFuture}},
		{"2030 to 2031", score.QueryError{Word: "2030 to 2031", Reason: score.ReasonFuture}},
		{"1/10/2026", score.QueryError{Word: "1/10/2026", Reason: score.ReasonAmbiguous}},
		{"5/10", score.QueryError{Word: "5/10", Reason: score.ReasonAmbiguous}},
		{"1/10/2026 to 2/10/2026", score.QueryError{Word: "1/10/2026 to 2/10/2026", Reason: score.ReasonAmbiguous}},
		{"31/4/2026", score.QueryError{Word: "31/4/2026", Reason: score.ReasonNoDate}},
		{"1-10-26", score.QueryError{Word: "1-10-26", Reason: score.ReasonUnknown}},
		{"32 oct", score.QueryError{Word: "32 oct", Reason: score.ReasonNoDate}},
		{"30 februari", score.QueryError{Word: "30 februari", Reason: score.ReasonNoDate}},
		{"Q5", score.QueryError{Word: "Q5", Reason: score.ReasonNoDate}},
		{"week 54", score.QueryError{Word: "week 54", Reason: score.ReasonNoWeek}},
		{"week 53 2025", score.QueryError{Word: "week 53 2025", Reason: score.ReasonNoWeek}},
		{"46 week", score.QueryError{Word: "46 week", Reason: score.ReasonUnknown}},
		{"0 weeks", score.QueryError{Word: "0 weeks", Reason: score.ReasonLength}},
		{"101 years", score.QueryError{Word: "101 years", Reason: score.ReasonLength}},
		{"9999999999999999999999 maanden", score.QueryError{Word: "9999999999999999999999 maanden", Reason: score.ReasonLength}},
		{"nov 2026 to oct 2026", score.QueryError{Word: "nov 2026 to oct 2026", Reason: score.ReasonBackwards}},
		{"oct to", score.QueryError{Word: "oct to", Reason: score.ReasonUnknown}},
		{"since", score.QueryError{Word: "since", Reason: score.ReasonUnknown}},
		{"between oct", score.QueryError{Word: "between oct", Reason: score.ReasonUnknown}},
		{"the", score.QueryError{Word: "the", Reason: score.ReasonUnknown}},
		{"oct and nov", score.QueryError{Word: "oct and nov", Reason: score.ReasonUnknown}},
		{"2026-10-15..2026-10-01", score.QueryError{Word: "2026-10-15..2026-10-01", Reason: score.ReasonBackwards}},
		{"2026-10-01..", score.QueryError{Word: "2026-10-01..", Reason: score.ReasonUnknown}},
		{"..", score.QueryError{Word: "..", Reason: score.ReasonUnknown}},
		{"2026-10-01..2026-10-32", score.QueryError{Word: "2026-10-01..2026-10-32", Reason: score.ReasonNoDate}},
		{"a\x00b\u202ec\xff", score.QueryError{Word: "abc�", Reason: score.ReasonUnknown}},
		{strings.Repeat("é", 41), score.QueryError{Word: strings.Repeat("é", 40) + "…", Reason: score.ReasonUnknown}},
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
		"2026-10-01..2026-10-15", "2026-10-01…2026-10-15", "between oct and 15 nov 2025", "1-2-3-4", "vanaf 29 feb", "q1-q3 2025", "all", "0001-01-01..9999-12-31", "tomorrow", "2025-W53", "\xff", "d", "..", "0000-q1", "0000 oct 5",
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
		require.True(t, period.To <= today || period.Unit == score.UnitRange, words)

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
