package storetest

import "testing"

// Check is a test whose cleanups run at the end of one check of a property, a rapid.T. So the stores of
// many checks are not open at the same time, and on a server they use one database in turn.
func Check(tb testing.TB, of interface{ Cleanup(f func()) }) testing.TB {
	tb.Helper()
	return check{tb, of}
}

type check struct {
	testing.TB

	of interface{ Cleanup(f func()) }
}

// Cleanup runs f at the end of the check.
func (c check) Cleanup(f func()) { c.of.Cleanup(f) }
