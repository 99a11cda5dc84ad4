package demo

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMondayMorning(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	for _, c := range []struct{ now, want string }{
		{"2026-12-01 07:30:00", "2026-11-30 09:00:30"},
		{"2026-11-30 09:00:30", "2026-11-30 09:00:30"},
		{"2026-11-30 09:00:29", "2026-11-23 09:00:30"},
		{"2026-11-29 23:59:59", "2026-11-23 09:00:30"}, // a Sunday
		{"2026-10-26 08:00:00", "2026-10-19 09:00:30"}, // the clocks went back
		{"2027-01-01 12:00:00", "2026-12-28 09:00:30"},
	} {
		now, err := time.ParseInLocation(time.DateTime, c.now, zone)
		require.NoError(t, err)
		assert.Equal(t, c.want, mondayMorning(now, 0).Format(time.DateTime), c.now)
		next := mondayMorning(now, 1)
		assert.True(t, next.After(now))
		assert.Equal(t, []any{time.Monday, officeOpens}, []any{next.Weekday(), next.Hour()}, c.now)
		begin := prologueBegins(now)
		assert.Equal(t, []any{time.Friday, officeOpens + 1}, []any{begin.Weekday(), begin.Hour()}, c.now)
	}
}

func TestClockGoesForwardOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := newClock(time.UTC, began.Add(-time.Hour))
		c.moveTo(began)
		c.moveTo(began.Add(-time.Minute))
		time.Sleep(time.Minute)
		assert.Equal(t, began.Add(time.Minute).UTC(), c.Now().Round(0))
		assert.Zero(t, c.Ahead())
	})
}
