package main

import (
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store/storetest"
)

func TestRebuildPrintsWhatDiffered(t *testing.T) {
	kept(t, octobers(9, 10, 9)...)
	done := call(t, "rebuild")
	require.Zero(t, done.status, done.stderr)
	assert.Equal(t, "feedback 3: 0 moved to another day, 0 tallies differed, 0 of service\n", done.stdout)

	db, err := sql.Open("sqlite3", os.Getenv("SMILEYBOT_DATABASE"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `update tally set v9 = 5, voided = 1 where unit = 'day' and channel = ''`)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `update tally set v10 = 0 where unit = 'month' and channel = 'panel'`)
	require.NoError(t, err)
	done = call(t, "rebuild")
	require.Zero(t, done.status, done.stderr)
	assert.Equal(t, "feedback 3: 0 moved to another day, 2 tallies differed, 0 of service\n"+
		"nps, 2026-10-05: voided: 1, counted 0; 9: 5, counted 2\n"+
		"nps, 2026-10-01..2026-10-31, panel: 10: 0, counted 1\n", done.stdout)
	assert.Contains(t, call(t, "score", "nps", "2026-10").stdout, "(3)")
}

// TestOtherTimezone checks that commands refuse scores of another time zone, and that serve recounts them
// when it starts, with its progress in the log.
func TestOtherTimezone(t *testing.T) {
	slack, settings := workspace(t)
	late := time.Date(2026, time.October, 31, 23, 30, 0, 0, time.UTC) // 1 November in Amsterdam
	kept(t, storetest.Score("1", feedback.KindNPS, 9, late))
	settings["SMILEYBOT_DATABASE"] = os.Getenv("SMILEYBOT_DATABASE")
	setenv(t, settings)
	assert.Contains(t, call(t, "score", "nps", "2026-10").stdout, "(0)")
	settings["SMILEYBOT_TIMEZONE"] = "America/New_York"
	setenv(t, settings)
	for _, command := range [][]string{{"score", "nps", "2026-10"}, {"export"}} {
		done := call(t, command...)
		assert.Equal(t, 1, done.status)
		assert.Contains(t, done.stderr, "it counts the days of Europe/Amsterdam and SMILEYBOT_TIMEZONE is America/New_York")
	}
	s := serve(t, slack)
	assert.Contains(t, s.logs.String(), `"msg":"recounted the scores"`)
	assert.Contains(t, s.logs.String(), `"feedback":1,"moved_to_another_day":1`)
	assert.Contains(t, call(t, "score", "nps", "2026-10").stdout, "(1)")
	require.Zero(t, s.stop())
	assert.NotContains(t, serve(t, slack).logs.String(), "recounting the scores", "once is enough")
}

// TestRebuildAfterAChangeOfSettings needs no settings of Slack. While serve runs with the old
// settings it refuses, and changes nothing.
func TestRebuildAfterAChangeOfSettings(t *testing.T) {
	late := time.Date(2026, time.October, 31, 23, 30, 0, 0, time.UTC) // 1 November in Amsterdam
	kept(t, storetest.Score("1", feedback.KindNPS, 9, late))
	path := os.Getenv("SMILEYBOT_DATABASE")
	slack, settings := workspace(t)
	settings["SMILEYBOT_DATABASE"] = path
	setenv(t, settings)
	s := serve(t, slack)
	for _, changed := range []struct{ name, value string }{
		{"SMILEYBOT_TIMEZONE", "America/New_York"},
		{"SMILEYBOT_OFFICE_HOURS", "Mon-Sun 00:00-24:00"},
		{"SMILEYBOT_HOLIDAYS", "nl"},
	} {
		setenv(t, map[string]string{"SMILEYBOT_DATABASE": path, changed.name: changed.value})
		done := call(t, "rebuild")
		assert.Equal(t, 1, done.status, changed.name)
		assert.Contains(t, done.stderr, "'smileybot serve' counts by another time zone, other office hours or holidays", changed.name)
	}
	require.Zero(t, s.stop())
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": path, "SMILEYBOT_TIMEZONE": "America/New_York"})
	done := call(t, "rebuild")
	require.Zero(t, done.status, done.stderr)
	assert.Contains(t, done.stdout, "feedback 1: 1 moved to another day")
	assert.Contains(t, call(t, "score", "nps", "2026-10").stdout, "(1)")
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": path, "SMILEYBOT_TIMEZONE": "America/New_York", "SMILEYBOT_HOLIDAYS": "us"})
	require.Zero(t, call(t, "rebuild").status)
	require.Zero(t, call(t, "score", "service", "2026-10").status)
}
