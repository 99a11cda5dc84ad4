package office_test

import (
	"archive/zip"
	"fmt"
	"go/build"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/office"
)

// allZones are the zones of the tz database that comes with Go, one for each set of clock changes.
func allZones(t *testing.T) []*time.Location {
	t.Helper()
	all, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skip("the tz database does not come with this Go: ", err)
	}
	defer all.Close()
	seen := make(map[uint32]bool)
	var zones []*time.Location
	for _, file := range all.File {
		if strings.HasSuffix(file.Name, "/") || seen[file.CRC32] {
			continue
		}
		seen[file.CRC32] = true
		zones = append(zones, feedbacktest.Location(t, file.Name))
	}
	require.Greater(t, len(zones), 300)
	return zones
}

// hardDays are days around which zones or calendars were wrong once: the first and the last ones, the
// ends of leap years, and days that a zone skipped or repeated.
func hardDays(t *testing.T) []office.Day {
	t.Helper()
	var days []office.Day
	for _, text := range []string{
		"0001-01-01", "0004-12-31", "1582-10-15", "1752-09-14", "1844-12-31", "1867-10-18", "1892-07-04", "1900-02-28", "1970-01-01",
		"1993-08-21", "2000-02-29", "2010-10-24", "2011-12-30", "2018-11-04", "2019-02-17", "2023-04-28", "2024-04-26", "2026-03-29", "2026-10-25",
		"2037-12-31", "2038-01-19", "2040-12-31", "2044-12-31", "2100-02-28", "2262-04-11", "4000-12-31", "9996-12-31", "9999-12-31",
	} {
		day := feedbacktest.Day(t, text)
		for ahead := -1; ahead <= 1; ahead++ {
			days = append(days, day.Add(ahead))
		}
	}
	return days
}

// TestDaysFollowEachOtherInEveryZone holds for all zones in the years 1 to 9999: a day begins when the
// one before ends, and lasts about a day, except where a zone moved over the date line.
func TestDaysFollowEachOtherInEveryZone(t *testing.T) {
	t.Parallel()
	zones, days := allZones(t), hardDays(t)
	check := func(t require.TestingT, day office.Day, loc *time.Location) {
		begin, next := day.Time(loc), day.Add(1).Time(loc)
		length := next.Sub(begin)
		require.True(t, length == 0 || length >= 12*time.Hour && length <= 48*time.Hour, "%s %s lasts %s", loc, day, length)
		if length > 0 {
			require.Equal(t, day, office.DayOf(begin, loc), "%s", loc)
		}
		require.Less(t, office.DayOf(begin.Add(-time.Nanosecond), loc), day, "%s", loc)
	}
	for _, loc := range zones {
		for _, day := range days {
			check(t, day, loc)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, loc := range rapid.SliceOfN(rapid.SampledFrom(zones), 20, 20).Draw(t, "zones") {
			check(t, drawDay(t), loc)
		}
	})
}

// drawDay draws a day of the years 1 to 9999.
func drawDay(t *rapid.T) office.Day {
	first, last := office.Date(1, time.January, 1), office.Date(9999, time.December, 31)
	return office.Day(rapid.IntRange(int(first), int(last)).Draw(t, "day"))
}

// TestOfficeTimeEndsInEveryZone holds for all zones, moments and durations: an office time ends, not
// before it begins and not after its horizon. Since 1970, when the moments of feedback begin, it is the
// time between; before that some zones repeated a whole day.
func TestOfficeTimeEndsInEveryZone(t *testing.T) {
	t.Parallel()
	zones, days := allZones(t), hardDays(t)
	check := func(t require.TestingT, hours office.Hours, from time.Time, d time.Duration) {
		end := hours.Add(from, d)
		require.False(t, end.Before(from), "%s + %s", from, d)
		require.False(t, end.After(office.Horizon(from)), "%s + %s", from, d)
		if d > 0 && end.Before(office.Horizon(from)) && from.Unix() >= 0 {
			require.Equal(t, d, hours.Between(from, end), "%s", from)
		}
		opening := hours.NextOpening(from)
		require.True(t, opening.After(from), "%s", from)
	}
	const share = 4 // of the days for each zone: together they try each day in many zones
	for i, loc := range zones {
		hours, err := office.ParseHours("Mon-Sun 00:00-02:30; Mon-Sun 22:00-24:00", loc, office.Holidays{})
		require.NoError(t, err)
		for at := i % share; at < len(days); at += share {
			check(t, hours, days[at].Time(loc).Add(-time.Hour), 7*time.Hour)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text, _ := drawHours(t)
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		closed, err := office.ParseHolidays(rapid.SampledFrom([]string{"", "nl", "at,be,us", "+2026-12-24"}).Draw(t, "holidays"))
		require.NoError(t, err)
		hours, err := office.ParseHours(text, loc, closed)
		require.NoError(t, err)
		from := drawDay(t).Time(loc).Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "clock")))
		few := rapid.Int64Range(-1, int64(80*time.Hour))
		extreme := rapid.SampledFrom([]int64{-1 << 63, 0, 1, int64(8760 * time.Hour), 1<<63 - 1}) // some take ten years of days
		d := rapid.OneOf(few, few, few, few, extreme).Draw(t, "duration")
		check(t, hours, from, time.Duration(d))
		assert.Zero(t, hours.Between(from, time.Time{}.AddDate(-1, 0, 0)))
	})
}

// TestOfficeTimeIsCountedToItsHorizon: neither a far end nor a long time is counted any further.
func TestOfficeTimeIsCountedToItsHorizon(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	for _, hours := range []office.Hours{{}, feedbacktest.Hours(t, "Mon-Fri 09:00-17:00", "Europe/Amsterdam", "nl"), feedbacktest.Hours(t, "Mon 09:00-09:01", "UTC", "")} {
		assert.True(t, hours.Add(from, 1<<63-1).Equal(from.AddDate(10, 0, 0)))
		assert.Equal(t, hours.Between(from, from.AddDate(10, 0, 0)), hours.Between(from, from.AddDate(7000, 0, 0)))
	}
}

// TestHolidaysEndInEveryYear looks up days of all countries from year 1 to 9999, and of years that no
// date can be written in.
func TestHolidaysEndInEveryYear(t *testing.T) {
	t.Parallel()
	all := holidays(t, "at,be,cz,de,dk,es,fr,gb,ie,it,nl,no,pl,se,us")
	for year := 1; year <= 9999; year += 97 {
		christmas := office.Date(year, time.December, 25)
		assert.True(t, all.Is(christmas), year)
	}
	for _, year := range []int{-300_000, -1, 0, 10_000, 300_000} {
		assert.False(t, all.Is(office.Date(year, time.December, 25)), year)
	}
	named := holidays(t, "+0001-01-01,+9999-12-31")
	assert.True(t, named.Is(office.Date(1, time.January, 1)) && named.Is(office.Date(9999, time.December, 31)))
}

// TestACountryCountsOnce: naming a country often takes no more time.
func TestACountryCountsOnce(t *testing.T) {
	t.Parallel()
	once := feedbacktest.Hours(t, "Mon-Fri 09:00-17:00", "UTC", "nl")
	often := feedbacktest.Hours(t, "Mon-Fri 09:00-17:00", "UTC", strings.Repeat("nl,", 1000))
	assert.Equal(t, once.Fingerprint(), often.Fingerprint())
}

// TestExtremesTakeLittleTime measures office time at its worst: the least of it in the longest time,
// in years whose days are not cached, with all holidays. Each call is far below the limit; a loop that
// is not bounded is far above it.
func TestExtremesTakeLittleTime(t *testing.T) {
	t.Parallel()
	const limit = 20 * time.Second // with the race detector on a busy machine
	countries := "at,be,ch,cz,de-be,dk,es,fr,gb-sct,gb-nir,ie,it,lu,nl,no,pl,se,us,+12-24..01-02,-good-friday"
	closed := make([]string, 3000)
	for i := range closed {
		closed[i] = "+" + office.Date(3000, time.January, 1).Add(i).String()
	}
	stretches := make([]string, 100)
	for i := range stretches {
		stretches[i] = fmt.Sprintf("Mon-Sun %02d:%02d-%02d:%02d", i/5, i%5*12, i/5, i%5*12+1)
	}
	far := time.Date(3000, time.January, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, hours, holidays string }{
		{"a minute a week", "Mon 09:00-09:01", countries},
		{"all the time", "Mon-Sun 00:00-24:00", countries},
		{"as many stretches as there may be", strings.Join(stretches, ";"), countries},
		{"closed for eight years", "Mon-Sun 09:00-17:00", strings.Join(closed, ",")},
	} {
		hours := feedbacktest.Hours(t, c.hours, "Europe/Amsterdam", c.holidays)
		for _, call := range []struct {
			name string
			do   func()
		}{
			{"Add", func() { hours.Add(far, 1<<63-1) }},
			{"Add of a year", func() { hours.Add(far, 8760*time.Hour) }},
			{"Between", func() { hours.Between(far, far.AddDate(6000, 0, 0)) }},
			{"Between from the year 1", func() { hours.Between(time.Time{}, far) }},
			{"NextOpening", func() { hours.NextOpening(far) }},
			{"Opening", func() { hours.Opening(office.DayOf(far, time.UTC)) }},
		} {
			begin := time.Now()
			call.do()
			took := time.Since(begin)
			assert.Less(t, took, limit, "%s: %s", c.name, call.name)
			t.Logf("%s: %s: %s", c.name, call.name, took)
		}
	}
}

// FuzzOfficeTime: whatever the settings, the moment and the duration, office time ends.
func FuzzOfficeTime(f *testing.F) {
	f.Add("Mon-Fri 09:00-17:00", "nl", "Europe/Amsterdam", int64(2_240_568_000), int64(2*time.Hour)) // 2040-12-31
	f.Add("Mon 09:00-09:01", "at,be,us", "America/Sao_Paulo", int64(0), int64(8760*time.Hour))
	f.Add("Sun 02:00-02:30", "+2011-12-30", "Australia/Lord_Howe", int64(-62135596800), int64(1<<63-1))
	f.Add("Mon-Sun 00:00-24:00", "", "Pacific/Apia", int64(253402300799), int64(-1))
	f.Fuzz(func(t *testing.T, hoursText, holidaysText, zone string, seconds, d int64) {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			loc = time.UTC
		}
		closed, _ := office.ParseHolidays(holidaysText)
		hours, err := office.ParseHours(hoursText, loc, closed)
		if err != nil {
			return
		}
		const first, last = -62135596800, 253402300799 // of the years 1 and 9999
		from := time.Unix(min(max(seconds, first), last), 0)
		begin := time.Now()
		end := hours.Add(from, time.Duration(d))
		require.False(t, end.Before(from) || end.After(office.Horizon(from)))
		if d > 0 && end.Before(office.Horizon(from)) && from.Unix() >= 0 {
			require.Equal(t, time.Duration(d), hours.Between(from, end))
		}
		require.True(t, hours.NextOpening(from).After(from))
		require.Less(t, time.Since(begin), 20*time.Second)
	})
}
