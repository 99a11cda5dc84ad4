package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
)

func TestDigestKeys(t *testing.T) {
	t.Parallel()
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", time.UTC, office.Holidays{})
	require.NoError(t, err)
	for day, want := range map[office.Day]string{
		office.Date(2026, time.November, 23): "digest:2026-W47",
		office.Date(2026, time.December, 1):  "digest:2026-11",
		office.Date(2026, time.June, 1):      "digest:2026-W22,2026-05", // a Monday
		office.Date(2026, time.November, 2):  "digest:2026-W44,2026-10", // the 1st is a Sunday
		office.Date(2027, time.January, 1):   "digest:2026-12",
		office.Date(2027, time.January, 4):   "digest:2026-W53",
		office.Date(2028, time.March, 1):     "digest:2028-02",
	} {
		periods := score.DigestPeriods(hours, day)
		key := store.DigestKey(periods)
		assert.Equal(t, want, key)
		read, err := store.DigestOf(key)
		require.NoError(t, err)
		assert.Equal(t, periods, read)
	}
	assert.Empty(t, score.DigestPeriods(hours, office.Date(2026, time.November, 24)))
	assert.Empty(t, score.DigestPeriods(hours, office.Date(2026, time.November, 1)), "a Sunday")
	for _, wrong := range []string{"", "digest:", "digest:2026-W99", "digest:2026-W47,", "alert:2026-11-24"} {
		_, err := store.DigestOf(wrong)
		require.Error(t, err, wrong)
	}
	for _, wrong := range []string{"", "alert:", "alert:2026-13-01", "digest:2026-W47"} {
		_, err := store.AlertOf(wrong)
		require.Error(t, err, wrong)
	}
	morning, err := store.AlertOf(store.AlertKey(office.Date(2028, time.February, 29)))
	require.NoError(t, err)
	assert.Equal(t, office.Date(2028, time.February, 29), morning)
}
