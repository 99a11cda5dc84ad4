package message

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

// periodOf reads the words for a period on a day such as "2026-11-22".
func periodOf(t *testing.T, words, today string) feedback.Period {
	t.Helper()
	day, err := feedback.ParseDay(today)
	require.NoError(t, err)
	period, err := feedback.ParsePeriod(words, day)
	require.NoError(t, err, words)
	return period
}

func TestPeriodWords(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"today":                  "today",
		"2026-11-22":             "today",
		"yesterday":              "21 November 2026",
		"2026-10-05":             "5 October 2026",
		"week":                   "week 47 of 2026 so far",
		"last week":              "week 46 of 2026",
		"2026-W01":               "week 1 of 2026", // Begins in 2025.
		"2020-W53":               "week 53 of 2020",
		"month":                  "November 2026 so far",
		"last month":             "October 2026",
		"quarter":                "Q4 2026 so far",
		"2026-Q3":                "Q3 2026",
		"year":                   "2026 so far",
		"last year":              "2025",
		"0001":                   "1",
		"30d":                    "last 30 days",
		"1d":                     "last 1 day",
		"36500d":                 "last 36500 days",
		"2026-10-01..2026-10-15": "1–15 October 2026",
		"2026-10-01..2026-10-01": "1 October 2026",
		"2026-09-28..2026-10-03": "28 September – 3 October 2026",
		"2025-12-28..2026-01-03": "28 December 2025 – 3 January 2026",
		"2025-11-20..2026-11-30": "20 November 2025 – 30 November 2026",
		"2026-11-20..2026-11-30": "20–30 November 2026",
		"0001-01-01..9999-12-31": "1 January 1 – 31 December 9999",
	} {
		assert.Equal(t, want, periodWords(periodOf(t, asked, "2026-11-22")), asked)
	}
}

func TestPreviousPeriodWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ today, asked, want string }{
		{"2026-03-01", "month", "1 February 2026"},
		{"2026-03-31", "month", "February 2026"},
		{"2026-11-30", "month", "1–30 October 2026"}, // The last day is not over.
		{"2026-11-18", "week", "9–11 November 2026"},
		{"2027-01-03", "week", "week 52 of 2026"},
		{"2026-06-30", "quarter", "Q1 2026"},
		{"2028-12-31", "year", "2027"},
		{"2029-12-31", "year", "1 January – 30 December 2028"},
	} {
		assert.Equal(t, c.want, periodWords(periodOf(t, c.asked, c.today).Previous()), c.today)
	}
}

func TestEveryPeriodHasWords(t *testing.T) {
	t.Parallel()
	units := []feedback.Unit{
		feedback.UnitDay, feedback.UnitWeek, feedback.UnitMonth, feedback.UnitQuarter, feedback.UnitYear, feedback.UnitDays,
		feedback.UnitRange, "",
	}
	rapid.Check(t, func(t *rapid.T) {
		first := feedback.Date(rapid.IntRange(0, 9999).Draw(t, "year"), time.January, 1)
		period := feedback.Period{
			From: first, To: first.Add(rapid.IntRange(0, feedback.LongestDays).Draw(t, "days")),
			Unit: rapid.SampledFrom(units).Draw(t, "unit"), Running: rapid.Bool().Draw(t, "running"),
		}
		assert.NotEmpty(t, periodWords(period))
	})
}

func TestNoPeriod(t *testing.T) {
	t.Parallel()
	for reason, want := range map[feedback.PeriodReason]string{
		feedback.PeriodUnknown:   "“x” is not a period I know",
		feedback.PeriodNoDate:    "“x” is no date of the calendar",
		feedback.PeriodNoWeek:    "“x” is no week of that year",
		feedback.PeriodFuture:    "“x” has not begun yet",
		feedback.PeriodBackwards: "“x” ends before it begins",
		feedback.PeriodLength:    "“x” must be 1 to 36500 days",
		"":                       "“x” is not a period I know",
	} {
		assert.Equal(t, want, NoPeriod(&feedback.PeriodError{Word: "x", Reason: reason}))
	}
}

func TestNotUnderstoodGivesAReasonWhenThereIsOne(t *testing.T) {
	t.Parallel()
	for reason, want := range map[feedback.PeriodReason]string{
		"":                     "I did not understand “x”. These work:\n/nps",
		feedback.PeriodUnknown: "I did not understand “x”. These work:\n/nps",
		feedback.PeriodLength:  "I did not understand “x”: it must be 1 to 36500 days. These work:\n/nps",
	} {
		assert.Equal(t, want, NotUnderstood("x", reason, "/nps").Text)
	}
}
