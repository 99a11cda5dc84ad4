package office_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/office"
)

func TestAddRunsInOfficeTime(t *testing.T) {
	t.Parallel()
	const office = "Mon-Fri 09:00-17:00"
	for _, c := range []struct {
		name        string
		hours, from string
		d           time.Duration
		want        string
	}{
		{"within a day", office, "2026-11-20 10:00", 4 * time.Hour, "2026-11-20 14:00"},
		{"up to closing time", office, "2026-11-20 13:00", 4 * time.Hour, "2026-11-20 17:00"},
		{"over the weekend", office, "2026-11-20 16:00", 4 * time.Hour, "2026-11-23 12:00"},
		{"from before opening", office, "2026-11-23 03:00", 4 * time.Hour, "2026-11-23 13:00"},
		{"from closing time", office, "2026-11-20 17:00", time.Hour, "2026-11-23 10:00"},
		{"from the weekend", office, "2026-11-21 12:34", time.Minute, "2026-11-23 09:01"},
		{"seconds stay", office, "2026-11-20 16:59:30", time.Minute, "2026-11-23 09:00:30"},
		{"nothing to add", office, "2026-11-21 12:00", 0, "2026-11-21 12:00"},
		{"less than nothing", office, "2026-11-21 12:00", -time.Hour, "2026-11-21 12:00"},
		{"several days", office, "2026-11-16 09:00", 40 * time.Hour, "2026-11-20 17:00"},
		{"over a lunch break", "Mon-Fri 09:00-12:00; Mon-Fri 13:00-17:00", "2026-11-20 11:00", 4 * time.Hour, "2026-11-20 16:00"},
		{"Christmas", office, "2026-12-24 16:00", 2 * time.Hour, "2026-12-28 10:00"},
		{"Easter", office, "2026-04-02 16:00", 2 * time.Hour, "2026-04-07 10:00"},
		{"a day added", office, "2026-12-30 16:00", 2 * time.Hour, "2027-01-04 10:00"},
		{"a holiday taken away", office, "2027-05-04 16:00", 2 * time.Hour, "2027-05-05 10:00"},
		{"over the spring change", "Mon-Sun 00:00-24:00", "2026-03-28 23:00", 4 * time.Hour, "2026-03-29 04:00"},
		{"over the autumn change", "Mon-Sun 00:00-24:00", "2026-10-24 23:00", 4 * time.Hour, "2026-10-25T02:00:00+01:00"},
		{"within the repeated hour", "Mon-Sun 00:00-24:00", "2026-10-25T02:30:00+02:00", time.Hour, "2026-10-25T02:30:00+01:00"},
		{"a night that loses hours", "Sun 01:00-05:00", "2026-03-29 00:00", 3 * time.Hour, "2026-03-29 05:00"},
		{"a night that gains one", "Sun 01:00-05:00", "2026-10-25 00:00", 5 * time.Hour, "2026-10-25 05:00"},
		{"weeks around the spring", office, "2026-03-27 16:00", 2 * time.Hour, "2026-03-30 10:00"},
		{"weeks around the autumn", office, "2026-10-23 16:00", 2 * time.Hour, "2026-10-26 10:00"},
		{"an hour that is skipped", "Sun 02:00-03:00", "2026-03-28 12:00", time.Minute, "2026-04-12 02:01"}, // and Easter
	} {
		hours := feedbacktest.Hours(t, c.hours, "Europe/Amsterdam", "nl,+2026-12-31,-2027-05-05")
		from, want := feedbacktest.Moment(t, c.from, hours.Location()), feedbacktest.Moment(t, c.want, hours.Location())
		got := hours.Add(from, c.d)
		assert.True(t, want.Equal(got), "%s: %s", c.name, got)
		assert.Equal(t, max(0, c.d), hours.Between(from, got), c.name)
		assert.Zero(t, hours.Between(got, from.Add(-time.Nanosecond)), c.name)
	}
}

func TestOpenings(t *testing.T) {
	t.Parallel()
	hours := feedbacktest.Hours(t, "Mon-Fri 09:00-12:00; Mon-Fri 13:00-17:00; Sat 10:00-14:00", "Europe/Amsterdam", "nl")
	for _, c := range []struct{ after, next string }{
		{"2026-11-20 08:59", "2026-11-20 09:00"},
		{"2026-11-20 09:00", "2026-11-21 10:00"},
		{"2026-11-20 12:30", "2026-11-21 10:00"}, // The end of lunch is no opening.
		{"2026-11-21 18:00", "2026-11-23 09:00"},
		{"2026-12-24 18:00", "2026-12-28 09:00"},
	} {
		next := hours.NextOpening(feedbacktest.Moment(t, c.after, hours.Location()))
		assert.Equal(t, c.next, next.Format("2006-01-02 15:04"), c.after)
	}
	assert.Equal(t, "2026-12-28 09:00", hours.Opening(feedbacktest.Day(t, "2026-12-25")).Format("2006-01-02 15:04"))
	assert.Equal(t, "2026-12-24 09:00", hours.Opening(feedbacktest.Day(t, "2026-12-24")).Format("2006-01-02 15:04"))
	for _, c := range []struct {
		text string
		want bool
	}{{"2026-11-20", true}, {"2026-11-21", true}, {"2026-11-22", false}, {"2026-12-25", false}} {
		assert.Equal(t, c.want, hours.OfficeDay(feedbacktest.Day(t, c.text)), c.text)
	}
}

func TestWithoutAnOfficeTimeRunsByTheClock(t *testing.T) {
	t.Parallel()
	var none office.Hours
	at := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	assert.Equal(t, at.Add(4*time.Hour), none.Add(at, 4*time.Hour))
	assert.Equal(t, "2026-11-23T00:00:00Z", none.NextOpening(at).Format(time.RFC3339))
	assert.False(t, none.OfficeDay(feedbacktest.Day(t, "2026-11-23")))
	assert.Zero(t, none.Between(at, at.Add(time.Hour)))
}

func TestHoursThatMeanTheSame(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, time.November, 16, 0, 0, 0, 0, time.UTC)
	for _, same := range [][]string{
		{
			"Mon-Fri 09:00-17:00", " mon - FRI 9:00 - 17:00 ;", "Mon,Tue,Wed,Thu,Fri 09:00-17:00", "Monday-Friday 09:00-17:00",
			"Mon-Fri 09:00-13:00; Mon-Fri 13:00-17:00", "Mon-Fri 11:00-17:00; Mon-Fri 09:00-12:00; Wed 10:00-11:00",
		},
		{"Fri-Mon 00:00-24:00", "Fri,Sat,Sun,Mon 00:00-24:00", "Sun 00:00-24:00;Mon 0:00-24:00;Fri-Sat 00:00-24:00"},
		{"Fri 22:00-06:00", "Fri 22:00-24:00; Sat 00:00-06:00", "Sat 00:00-06:00; Fri 22:00-00:00"},
		{"Sat-Sun 17:00-09:00", "Sat 17:00-24:00; Sun 00:00-09:00; Sun 17:00-24:00; Mon 00:00-09:00"},
		{"Mon-Sun 22:00-21:00", "Mon-Sun 00:00-21:00; Mon-Sun 22:00-24:00"},
		{"Mon-Sun 08:30-12:15", "Sun-Sat 08:30-12:15", "Wed-Tue 08:30-12:15"},
	} {
		for d := 30 * time.Minute; d < 100*time.Hour; d += 31 * time.Minute {
			want := feedbacktest.Hours(t, same[0], "UTC", "").Add(from, d)
			for _, text := range same[1:] {
				require.Equal(t, want, feedbacktest.Hours(t, text, "UTC", "").Add(from, d), text)
			}
		}
	}
}

// faults are the errors that one of ParseHours or ParseHolidays joins, each of them checked.
func faults(t *testing.T, err error) []string {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "%v", err)
	var lines []string
	for _, err := range joined.Unwrap() {
		var fault office.EntryError
		require.ErrorAs(t, err, &fault)
		require.NotEmpty(t, fault.Problem)
		require.NotEmpty(t, fault.Remedy)
		require.Equal(t, fault.Problem+"; "+fault.Remedy, err.Error())
		require.Less(t, len(err.Error()), 200)
		lines = append(lines, err.Error())
	}
	return lines
}

func TestHoursMistakesAreNamedByPlace(t *testing.T) {
	t.Parallel()
	const (
		none     = "no office hours in it; write it as Mon-Fri 09:00-17:00"
		noDays   = "no days before the times; write it as Mon-Fri 09:00-17:00"
		days     = "no such day of the week; use Mon, Tue, Wed, Thu, Fri, Sat, Sun, as in Mon-Fri 09:00-17:00 or Mon,Wed 09:00-12:00"
		times    = "the times are not two of 00:00 to 24:00; write it as Mon-Fri 09:00-17:00, with ; between stretches"
		nothing  = "it ends when it begins; write a whole day as 00:00-24:00"
		midnight = "it begins at the end of the day; begin it at 00:00 of the next day"
	)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{none}},
		{" ; ", []string{none}},
		{"09:00-17:00", []string{"stretch 1: " + noDays}},
		{"Mon-Fri", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00", []string{"stretch 1: " + times}},
		{"Mon-Fri 9-17", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00-17:60", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00-24:01", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00-17:00-18:00", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00-17:00 hunter", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00-17:00, Sat 10:00-14:00", []string{"stretch 1: " + times}},
		{"Mon-Fri 09:00-09:00", []string{"stretch 1: " + nothing}},
		{"Mon-Fri 24:00-24:00", []string{"stretch 1: " + nothing}},
		{"Mon-Fri 24:00-06:00", []string{"stretch 1: " + midnight}},
		{"Mon- 09:00-17:00", []string{"stretch 1: " + days}},
		{"Mon-Wed-Fri 09:00-17:00", []string{"stretch 1: " + days}},
		{"Mon,,Fri 09:00-17:00", []string{"stretch 1: " + days}},
		{"hunter 09:00-17:00", []string{"stretch 1: " + days}},
		{"hunter", []string{"stretch 1: " + days, "stretch 1: " + times}},
		{"Sab,Dom 09:00-09:00", []string{"stretch 1: " + days, "stretch 1: " + nothing}},
		{"9-17", []string{"stretch 1: " + noDays, "stretch 1: " + times}},
		{"Mon-Fri 09:00-17:00; Sab 10:0; ; Sun 5:00-5:00; Sat 10:00-14:00; hunter 1:00-2:00", []string{
			"stretch 2: " + days, "stretch 2: " + times, "stretch 4: " + nothing, "stretch 6: " + days,
		}},
	} {
		hours, err := office.ParseHours(c.text, time.UTC, office.Holidays{})
		assert.Equal(t, c.want, faults(t, err), c.text)
		assert.Zero(t, hours, c.text)
	}
}

// wall is one stretch as the slow check below sees it: from and to as a clock shows them.
type wall struct {
	day      time.Weekday
	from, to string
}

func drawHours(t *rapid.T) (text string, walls []wall) {
	var parts []string
	for range rapid.IntRange(1, 6).Draw(t, "stretches") {
		day := time.Weekday(rapid.IntRange(0, 6).Draw(t, "day"))
		minutes := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*4), 2, 2, rapid.ID[int]).Draw(t, "quarters of an hour")
		clock := func(quarters int) string { return fmt.Sprintf("%02d:%02d", quarters/4, quarters%4*15) }
		stretch := wall{day, clock(min(minutes[0], minutes[1])), clock(max(minutes[0], minutes[1]))}
		walls = append(walls, stretch)
		parts = append(parts, fmt.Sprintf("%s %s-%s", day, stretch.from, stretch.to))
	}
	return strings.Join(parts, ";"), walls
}

func open(walls []wall, local time.Time) bool {
	clock := local.Format("15:04")
	for _, wall := range walls {
		if wall.day == local.Weekday() && wall.from <= clock && clock < wall.to {
			return true
		}
	}
	return false
}

// Office time is counted once more minute by minute by looking at the clock on the wall, around the nights on which
// the clocks change: at 02:00 and 03:00, by half an hour, and at midnight.
func TestOfficeTimeIsWhatTheClockOnTheWallShows(t *testing.T) {
	t.Parallel()
	nights := []struct{ zone, date string }{
		{"UTC", "2026-12-24"},
		{"Europe/Amsterdam", "2026-03-28"},
		{"Europe/Amsterdam", "2026-10-24"},
		{"Australia/Lord_Howe", "2026-04-04"},
		{"Australia/Lord_Howe", "2026-10-03"},
		{"America/Sao_Paulo", "2018-11-03"},
		{"America/Sao_Paulo", "2018-02-17"},
	}
	rapid.Check(t, func(r *rapid.T) {
		text, walls := drawHours(r)
		night := rapid.SampledFrom(nights).Draw(r, "night")
		loc := feedbacktest.Location(t, night.zone)
		off := feedbacktest.Day(t, night.date).Add(rapid.IntRange(-1, 2).Draw(r, "holiday"))
		hours, err := office.ParseHours(text, loc, holidays(t, "+"+off.String()))
		require.NoError(r, err)

		from := feedbacktest.Day(t, night.date).Time(loc).Add(time.Duration(rapid.IntRange(-600, 2000).Draw(r, "from")) * time.Minute)
		minutes := rapid.IntRange(0, 3000).Draw(r, "minutes")
		var want time.Duration
		for i := range minutes {
			local := from.Add(time.Duration(i) * time.Minute).In(loc)
			if open(walls, local) && local.Format(time.DateOnly) != off.String() {
				want += time.Minute
			}
		}
		assert.Equal(r, want, hours.Between(from, from.Add(time.Duration(minutes)*time.Minute)))
	})
}

func TestAddIsTheFirstMomentAfterSoMuchOfficeTime(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Amsterdam", "Australia/Lord_Howe", "America/Sao_Paulo"}
	start := time.Date(2017, time.January, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		text, _ := drawHours(r)
		hours, err := office.ParseHours(text, feedbacktest.Location(t, rapid.SampledFrom(zones).Draw(r, "zone")), holidays(t, "nl"))
		require.NoError(r, err)
		from := start.Add(time.Duration(rapid.Int64Range(0, 10*365*24*3600).Draw(r, "from")) * time.Second)
		d := time.Duration(rapid.Int64Range(1, 80*3600).Draw(r, "seconds")) * time.Second

		due := hours.Add(from, d)
		assert.Equal(r, d, hours.Between(from, due))
		assert.Equal(r, d-1, hours.Between(from, due.Add(-1)))
		half := hours.Add(from, d/2)
		assert.True(r, due.Equal(hours.Add(half, d-d/2)), "in two steps")

		opening := hours.NextOpening(from)
		assert.True(r, opening.After(from))
		assert.Equal(r, time.Duration(1), hours.Between(opening, opening.Add(1)))
		assert.True(r, hours.OfficeDay(office.DayOf(opening, hours.Location())))
		assert.Zero(r, hours.Between(office.DayOf(opening, hours.Location()).Time(hours.Location()), opening))
	})
}

func FuzzParseHours(f *testing.F) {
	for _, text := range []string{
		"Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:00; Sat 10:00-14:00", "Mon,Wed 09:00-12:00", "Fri-Mon 00:00-24:00",
		"", ";", "Mon", "09:00-17:00", "Mon-Fri 17:00-09:00", "Mon-Fri 09:00-24:01", "Mon\xff 1:00-2:00",
	} {
		f.Add(text)
	}
	at := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		hours, err := office.ParseHours(text, time.UTC, office.Holidays{})
		if err != nil {
			for _, fault := range faults(t, err) {
				require.Regexp(t, `^(stretch \d+: |no office hours)`, fault)
			}
			return
		}
		due := hours.Add(at, time.Minute)
		require.True(t, due.After(at))
		require.True(t, due.Before(at.AddDate(0, 0, 9)))
		require.Equal(t, time.Minute, hours.Between(at, due))
	})
}

// TestOfficeTimeOfFarYearsEnds adds and measures office time around the last days of leap years, where Go's zone
// bounds are wrong, and over as many years as a due time can last.
func TestOfficeTimeOfFarYearsEnds(t *testing.T) {
	t.Parallel()
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", feedbacktest.Location(t, "Europe/Amsterdam"), office.Holidays{})
	require.NoError(t, err)
	opened := time.Date(2040, time.December, 31, 12, 0, 0, 0, time.UTC)
	assert.Equal(t, 2*time.Hour, hours.Between(opened, opened.Add(2*time.Hour)))
	assert.Equal(t, opened.Add(2*time.Hour), hours.Add(opened, 2*time.Hour).UTC())
	assert.Equal(t, 20_000*time.Hour, hours.Between(opened, hours.Add(opened, 20_000*time.Hour)))
	far := time.Date(9996, time.December, 31, 10, 0, 0, 0, time.UTC) // a Tuesday
	assert.Equal(t, 6*time.Hour, hours.Between(far, far.Add(12*time.Hour)))
}

// TestMissesLastMinute: 23:59 is an end, and not the end of the day.
func TestMissesLastMinute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want bool
	}{{"Mon-Sun 00:00-23:59", true}, {"Mon 09:00-17:00; Sun 12:00-23:59", true}, {"Mon-Sun 00:00-24:00", false}, {"Mon-Sun 00:00-23:58", false}, {"Mon-Sun 00:00-23:59; Mon-Sun 22:00-24:00", false}} {
		assert.Equal(t, test.want, feedbacktest.Hours(t, test.text, "UTC", "").MissesLastMinute(), test.text)
	}
}

// TestNightsAndHolidays: the part of a night that is on a holiday is no office time.
func TestNightsAndHolidays(t *testing.T) {
	t.Parallel()
	hours := feedbacktest.Hours(t, "Thu-Fri 22:00-06:00", "UTC", "+2026-12-25") // a Friday
	at := time.Date(2026, time.December, 24, 0, 0, 0, 0, time.UTC)
	assert.Equal(t, 2*time.Hour+6*time.Hour, hours.Between(at, at.AddDate(0, 0, 4)), "Thursday evening and Saturday morning")
}
