package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
)

func TestDigestKeys(t *testing.T) {
	t.Parallel()
	hours, err := feedback.ParseHours("Mon-Fri 09:00-17:00", time.UTC, feedback.Holidays{})
	require.NoError(t, err)
	for day, want := range map[feedback.Day]string{
		feedback.Date(2026, time.November, 23): "digest:2026-W47",
		feedback.Date(2026, time.December, 1):  "digest:2026-11",
		feedback.Date(2026, time.June, 1):      "digest:2026-W22,2026-05", // a Monday
		feedback.Date(2026, time.November, 2):  "digest:2026-W44,2026-10", // the 1st is a Sunday
		feedback.Date(2027, time.January, 1):   "digest:2026-12",
		feedback.Date(2027, time.January, 4):   "digest:2026-W53",
		feedback.Date(2028, time.March, 1):     "digest:2028-02",
	} {
		periods := feedback.DigestPeriods(hours, day)
		key := store.DigestKey(periods)
		assert.Equal(t, want, key)
		read, err := store.DigestOf(key)
		require.NoError(t, err)
		assert.Equal(t, periods, read)
	}
	assert.Empty(t, feedback.DigestPeriods(hours, feedback.Date(2026, time.November, 24)))
	assert.Empty(t, feedback.DigestPeriods(hours, feedback.Date(2026, time.November, 1)), "a Sunday")
	for _, wrong := range []string{"", "digest:", "digest:2026-W99", "digest:2026-W47,", "alert:2026-11-24"} {
		_, err := store.DigestOf(wrong)
		require.Error(t, err, wrong)
	}
	for _, wrong := range []string{"", "alert:", "alert:2026-13-01", "digest:2026-W47"} {
		_, err := store.AlertOf(wrong)
		require.Error(t, err, wrong)
	}
	morning, err := store.AlertOf(store.AlertKey(feedback.Date(2028, time.February, 29)))
	require.NoError(t, err)
	assert.Equal(t, feedback.Date(2028, time.February, 29), morning)
}
