// Package storetest gives tests a fresh real store, and events that read well.
package storetest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/store"
)

// Options are the rules tests run under: Amsterdam days, office hours on working
// days from nine to five, follow-ups due after four hours, urgent ones after one.
func Options(tb testing.TB) store.Options {
	tb.Helper()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(tb, err)
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", amsterdam, office.Holidays{})
	require.NoError(tb, err)
	return store.Options{
		Location: amsterdam,
		Policy:   followup.Policy{Hours: hours, Due: 4 * time.Hour, DueUrgent: time.Hour},
	}
}

// New opens a fresh store in a folder of the test's own, and closes it with the
// test.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, filepath.Join(tb.TempDir(), "smileybot.db"))
}

// Open opens the store at path and closes it with the test.
func Open(tb testing.TB, path string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), path, Options(tb))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}
