package office_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/office"
)

func TestDayCountsFrom1970(t *testing.T) {
	t.Parallel()
	assert.Equal(t, office.Day(0), office.Date(1970, time.January, 1))
	assert.Equal(t, office.Day(-1), office.Date(1969, time.December, 31))
	assert.Equal(t, office.Day(20_779), feedbacktest.Day(t, "2026-11-22"))
	assert.Equal(t, feedbacktest.Day(t, "2027-01-01"), office.Date(2026, 13, 1))
	assert.Equal(t, "2028-02-29", feedbacktest.Day(t, "2028-02-28").Add(1).String())
	assert.Equal(t, time.Sunday, feedbacktest.Day(t, "2026-11-22").Weekday())
}

func TestParseDayRefusesWhatIsNoDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "0000-01-01", "2026-10-05T00:00:00Z", "today", " 2026-10-05"} {
		_, err := office.ParseDay(text)
		assert.Error(t, err, text)
	}
}

func TestDayOfIsTheLocalDay(t *testing.T) {
	t.Parallel()
	instant := time.Date(2026, time.November, 21, 23, 30, 0, 0, time.UTC)
	assert.Equal(t, "2026-11-22", office.DayOf(instant, feedbacktest.Location(t, "Europe/Amsterdam")).String())
	assert.Equal(t, "2026-11-21", office.DayOf(instant, time.UTC).String())
	assert.Equal(t, "2026-11-21", office.DayOf(instant, feedbacktest.Location(t, "America/New_York")).String())
}

func TestDayBeginsAtItsFirstInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day, want string }{
		{"UTC", "2026-11-22", "2026-11-22T00:00:00Z"},
		{"Europe/Amsterdam", "2026-11-22", "2026-11-22T00:00:00+01:00"},
		{"Europe/Amsterdam", "2026-03-29", "2026-03-29T00:00:00+01:00"},
		{"Europe/Amsterdam", "2026-10-25", "2026-10-25T00:00:00+02:00"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"}, // Midnight is skipped.
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00"}, // 23:00 to 24:00 of the day before comes twice.
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},    // Midnight comes twice: the first one.
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},      // The whole day is skipped.
	} {
		assert.Equal(t, c.want, feedbacktest.Day(t, c.day).Time(feedbacktest.Location(t, c.zone)).Format(time.RFC3339), "%s %s", c.zone, c.day)
	}
}

func TestDayKnowsItsPlaceInAnyZone(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "Europe/Amsterdam", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati"}
	rapid.Check(t, func(t *rapid.T) {
		d := office.Day(rapid.IntRange(-20_000, 60_000).Draw(t, "day"))
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		require.NoError(t, err)
		first := d.Time(loc)
		// A zone may have skipped a whole day when it moved over the date line.
		if office.DayOf(first, loc) != d {
			require.Equal(t, d+1, office.DayOf(first, loc))
		}
		assert.Less(t, office.DayOf(first.Add(-time.Nanosecond), loc), d)
		again, err := office.ParseDay(d.String())
		require.NoError(t, err)
		assert.Equal(t, d, again)
		assert.Equal(t, d, office.Date(d.Date()))
	})
}

// TestMonths: the three stretches are the days, each once, and the middle one is
// whole months.
func TestMonths(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		first := office.Day(rapid.IntRange(-800_000, 3_000_000).Draw(rt, "first"))
		last := first.Add(rapid.IntRange(0, 1200).Draw(rt, "days"))
		head, months, tail := first.Months(last)
		next := first
		walk := func(from, to office.Day) {
			if from > to {
				return
			}
			assert.Equal(rt, next, from)
			next = to + 1
		}
		walk(head[0], head[1])
		for month := months[0]; month <= months[1]; month++ {
			from, to := office.DaysOfMonth(month)
			_, _, day := from.Date()
			assert.Equal(rt, 1, day)
			assert.Equal(rt, month, from.Month())
			assert.Equal(rt, month, to.Month())
			assert.Equal(rt, month+1, to.Add(1).Month())
			walk(from, to)
		}
		walk(tail[0], tail[1])
		assert.Equal(rt, last, next-1)
		assert.Less(rt, int(head[1]-head[0]), 60)
		assert.Less(rt, int(tail[1]-tail[0]), 31)
	})
}

// TestEveryDayHasOneBeginning holds for every set of clock changes in the tz database and for any year. On the last
// day of a leap year from 2040 on, [time.Time.ZoneBounds] returns an end that lies before the moment.
func TestEveryDayHasOneBeginning(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Africa/Cairo", "Africa/Casablanca", "America/Asuncion", "America/Havana", "America/Miquelon", "America/New_York",
		"America/Nuuk", "America/Santiago", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu",
		"Atlantic/Azores", "Australia/Lord_Howe", "Europe/Amsterdam", "Europe/Chisinau", "Europe/Dublin", "Pacific/Apia",
		"Pacific/Chatham", "Pacific/Easter", "Pacific/Norfolk",
	} {
		loc := feedbacktest.Location(t, name)
		check := func(d office.Day) {
			begin, next := d.Time(loc), d.Add(1).Time(loc)
			length := next.Sub(begin)
			skipped := length == 0 // a zone that moved over the date line has no such day
			assert.True(t, skipped || length >= 12*time.Hour && length <= 36*time.Hour, "%s %s lasts %s", name, d, length)
			if !skipped {
				assert.Equal(t, d, office.DayOf(begin, loc), "%s %s", name, d)
				assert.Equal(t, d.Add(-1), office.DayOf(begin.Add(-time.Second), loc), "%s before %s", name, d)
			}
		}
		for year := 2037; year < 9999; year = max(year+1, year/40*41) {
			for ahead := -2; ahead < 2; ahead++ {
				check(office.Date(year, time.January, 1).Add(ahead))
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			check(office.Day(rapid.IntRange(-719_000, 2_932_000).Draw(t, "day")))
		})
	}
}
