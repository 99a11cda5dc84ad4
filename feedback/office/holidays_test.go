package office_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/office"
)

func holidays(t *testing.T, text string) office.Holidays {
	t.Helper()
	holidays, err := office.ParseHolidays(text)
	require.NoError(t, err)
	return holidays
}

// daysOff lists the holidays of a year.
func daysOff(holidays office.Holidays, year int) string {
	var days []string
	for d := office.Date(year, time.January, 1); d < office.Date(year+1, time.January, 1); d++ {
		if holidays.Is(d) {
			days = append(days, d.String()[len("2026-"):])
		}
	}
	return strings.Join(days, " ")
}

// The Dutch dates are those of https://www.rijksoverheid.nl/onderwerpen/vakantiedagen-en-feestdagen, the British
// ones of https://www.gov.uk/bank-holidays, the American ones of https://www.opm.gov/policy-data-oversight/pay-leave/federal-holidays.
func TestHolidaysOfAYear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		year int
		want string
	}{
		{"", 2026, ""},
		{" , ", 2026, ""},
		{"nl", 2026, "01-01 04-03 04-05 04-06 04-27 05-05 05-14 05-24 05-25 12-25 12-26"},
		{"NL", 2025, "01-01 04-18 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26"}, // King's Day on Saturday.
		{"nl,+2026-12-24,-2026-05-05", 2026, "01-01 04-03 04-05 04-06 04-27 05-14 05-24 05-25 12-24 12-25 12-26"},
		{"-2026-05-05, nl, + 2026-12-24", 2026, "01-01 04-03 04-05 04-06 04-27 05-14 05-24 05-25 12-24 12-25 12-26"},
		{"+2026-12-24", 2026, "12-24"},
		{"-2026-12-25", 2026, ""},
		{"uk", 2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-25 12-26 12-27 12-28"}, // Both Christmas days and those in their place.
		{"gb", 2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28"},
		{"us", 2021, "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31"}, // New Year's Day 2022 is a Saturday.
		{"de", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
		{"be", 2026, "01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25"},
		{"fr", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
		{"nl,-good-friday,-05-05", 2026, "01-01 04-05 04-06 04-27 05-14 05-24 05-25 12-25 12-26"},
		{"nl,-good-friday,-05-05,+2030-05-05", 2030, "01-01 04-21 04-22 04-27 05-05 05-30 06-09 06-10 12-25 12-26"}, // one year goes before every year
		{"+12-24", 2031, "12-24"},
		{"+02-29", 2026, ""},
		{"+02-29", 2028, "02-29"},
		{"+2026-12-30..2027-01-02", 2027, "01-01 01-02"},
		{"+12-30..01-02", 2027, "01-01 01-02 12-30 12-31"},
		{"+2026-12-24 .. 2026-12-26", 2026, "12-24 12-25 12-26"},
		{"nl,-12-25..12-26", 2026, "01-01 04-03 04-05 04-06 04-27 05-05 05-14 05-24 05-25"},
		{"+ascension,+whit-monday,+corpus-christi,+easter-monday", 2026, "04-06 05-14 05-25 06-04"},
		{"gb", 2022, "01-01 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-25 12-26 12-27"},
		{"gb-sct", 2023, "01-01 01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26"},
		{"pl", 2024, "01-01 01-06 03-31 04-01 05-01 05-03 05-19 05-30 08-15 11-01 11-11 12-25 12-26"},
		{"be,fr", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 07-21 08-15 11-01 11-11 12-25"},
	} {
		assert.Equal(t, c.want, daysOff(holidays(t, c.text), c.year), "%s %d", c.text, c.year)
	}
	assert.False(t, office.Holidays{}.Is(feedbacktest.Day(t, "2026-12-25")))
}

func TestEveryCountryNamedInTheErrorIsKnown(t *testing.T) {
	t.Parallel()
	_, err := office.ParseHolidays("xx")
	require.Error(t, err)
	_, list, _ := strings.Cut(err.Error(), "use ")
	list, _, _ = strings.Cut(list, ", a region")
	codes := strings.FieldsFunc(list, func(r rune) bool { return r < 'a' || r > 'z' })
	require.Len(t, codes, 19, "with the word or")
	for _, code := range codes {
		if code != "or" {
			assert.True(t, holidays(t, code).Is(feedbacktest.Day(t, "2026-12-25")), code)
		}
	}
}

func TestHolidayMistakesAreNamedByPlace(t *testing.T) {
	t.Parallel()
	const (
		country = "not a country I know; use at, be, ch, cz, de, dk, es, fr, gb (or uk), ie, it, lu, nl, no, pl, se, us, a region as in de-by or gb-sct, or a date as in +2026-12-24"
		date    = "not a date; write it as +2026-12-24, or +12-24 for every year, with a comma between entries"
		ranges  = "not a range of dates; write it as +2026-12-24..2027-01-02, at most a year, or +12-24..12-31 for every year"
		sign    = "a date without + or -; put + (a holiday) or - (no holiday) in front, as in +2026-12-24"
		both    = "the date has both + and -; keep one of them"
	)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"xx", []string{"entry 1: " + country}},
		{"nl,hunter2", []string{"entry 2: " + country}},
		{"nl,,+2031-02-30", []string{"entry 3: " + date}},
		{"+", []string{"entry 1: " + date}},
		{"nl,2031-12-24", []string{"entry 2: " + sign}},
		{"12-24", []string{"entry 1: " + sign}},
		{"12-24..12-31", []string{"entry 1: " + sign}},
		{"good-friday", []string{"entry 1: " + sign}},
		{"+13-01", []string{"entry 1: " + date}},
		{"+02-30", []string{"entry 1: " + date}},
		{"+12-24..2026-12-31", []string{"entry 1: " + ranges}},
		{"+2026-12-24..2026-12-23", []string{"entry 1: " + ranges}},
		{"+2026-01-01..2027-01-02", []string{"entry 1: " + ranges}},
		{"+2026-01-01..", []string{"entry 1: " + ranges}},
		{"+..", []string{"entry 1: " + ranges}},
		{"+12-24,-12-24", []string{"entry 2: " + both}},
		{"-good-friday,+good-friday", []string{"entry 2: " + both}},
		{"+12-20..12-31,-12-24", []string{"entry 2: " + both}},
		{"de-xx", []string{"entry 1: " + country}},
		{"gb-", []string{"entry 1: " + country}},
		{"nl-nh", []string{"entry 1: " + country}},
		{
			"+1000-01-01..1000-12-31,+1001-01-01..1001-12-31,+1002-01-01..1002-12-31,+1003-01-01..1003-12-31,+1004-01-01..1004-12-31,+1005-01-01..1005-12-31," +
				"+1006-01-01..1006-12-31,+1007-01-01..1007-12-31,+1008-01-01..1008-12-31,+1009-01-01..1009-12-31,+1010-01-01..1010-12-31,+1011-01-01..1011-12-31",
			[]string{"entry 11: more days than 4000; leave out those that are over"},
		},
		{"+2031-12-24,-2031-12-24", []string{"entry 2: " + both}},
		{"-2031-12-24,+2031-12-24", []string{"entry 2: " + both}},
		{"+2031-12-24;-2031-12-24", []string{"entry 1: " + date}},
		{"nl +2031-12-24", []string{"entry 1: " + country}},
		{"+2031-12-24,+2031-12-2 4", []string{"entry 2: " + date}},
		{"nl,2031-12-24,+2031-12-24,-2031-12-24,hunter2,be,-x", []string{
			"entry 2: " + sign, "entry 4: " + both, "entry 5: " + country, "entry 7: " + date,
		}},
	} {
		holidays, err := office.ParseHolidays(c.text)
		assert.Equal(t, c.want, faults(t, err), c.text)
		assert.Zero(t, holidays, c.text)
	}
}

func FuzzParseHolidays(f *testing.F) {
	for _, text := range []string{"+12-24..01-02", "-good-friday", "+2026-12-24..2027-01-02", "+02-29", "de-by", "", "nl", "nl,+2026-12-24,-2027-05-05", "uk,us", "+", "xx", "+2026-02-30", "2026-12-24", "nl,\xff"} {
		f.Add(text, 20_779)
	}
	f.Fuzz(func(t *testing.T, text string, days int) {
		holidays, err := office.ParseHolidays(text)
		if err != nil {
			for _, fault := range faults(t, err) {
				require.Regexp(t, `^entry \d+: `, fault)
			}
			return
		}
		holidays.Is(office.Day(days % 1_000_000))
	})
}

func TestNextHolidaysAreNamed(t *testing.T) {
	t.Parallel()
	named := func(text, from string, n int) []string {
		var days []string
		for _, next := range holidays(t, text).Next(feedbacktest.Day(t, from), n) {
			days = append(days, strings.TrimSpace(next.Day.String()+" "+next.Name))
		}
		return days
	}
	assert.Equal(t, []string{"2026-12-24", "2026-12-25 Eerste Kerstdag", "2026-12-26 Tweede Kerstdag", "2027-01-01 Nieuwjaarsdag"}, named("nl,+12-24", "2026-12-01", 4))
	assert.Equal(t, []string{"2026-12-25"}, named("+2026-12-25", "2026-12-25", 4), "no more within two years")
	assert.Empty(t, named("", "2026-12-25", 4))
	for _, test := range []struct {
		text string
		past bool
	}{{"nl,+2026-12-24", false}, {"nl,+2026-11-30,+2025-01-01", true}, {"nl", false}, {"+12-24", false}, {"+2026-12-01", false}, {"-2026-05-05", true}} {
		assert.Equal(t, test.past, holidays(t, test.text).Past(feedbacktest.Day(t, "2026-12-01")), test.text)
	}
}
