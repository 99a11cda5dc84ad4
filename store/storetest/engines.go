package storetest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
)

// onServer reports whether the tests that run now use PostgreSQL.
//
//nolint:gochecknoglobals // of the process
var onServer bool

// OnServer reports whether the stores of the tests that run now are on PostgreSQL.
func OnServer() bool { return onServer }

// OnlyFile skips a test on PostgreSQL that is about the file of SQLite.
func OnlyFile(tb testing.TB, about string) {
	tb.Helper()
	if onServer {
		tb.Skip("only on SQLite: " + about)
	}
}

const (
	// checksOfTest is how often a property is tried that a package sets for itself, and checksOnServer how
	// often on a server, where each round trip takes its time. Another number of the command line counts.
	checksOfTest   = "30"
	checksOnServer = "5"
)

// A runner is a [testing.M].
type runner interface{ Run() int }

// Engines runs the tests of a package on SQLite, then again on PostgreSQL. TEST_ENGINE, sqlite
// or postgres, picks one.
func Engines(m runner) runner { return engines{m} }

type engines struct{ m runner }

// Run runs the tests and returns the exit status.
func (e engines) Run() int {
	pick := os.Getenv("TEST_ENGINE")
	status := 0
	if pick != "postgres" {
		status = e.m.Run()
	}
	if pick == "sqlite" {
		return status
	}
	s, err := shared()
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") == "" {
		fmt.Fprintln(os.Stderr, "not tested on PostgreSQL:", err)
		return status
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "PostgreSQL:", err)
		return 1
	}
	fmt.Fprintln(os.Stderr, "on PostgreSQL:")
	onServer = true
	if checks := flag.Lookup("rapid.checks"); checks != nil && checks.Value.String() == checksOfTest {
		_ = checks.Value.Set(checksOnServer)
	}
	status = max(status, e.m.Run())
	if err := s.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
		status = max(status, 1)
	}
	return status
}

// Stopping runs the tests of a package that picks the engines itself, and stops the server if a test has
// started it.
func Stopping(m runner) runner { return stopping{m} }

type stopping struct{ m runner }

// Run runs the tests and returns the exit status.
func (s stopping) Run() int {
	status := s.m.Run()
	if running := started.Load(); running != nil {
		if err := running.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
			status = max(status, 1)
		}
	}
	return status
}

// addresses are the URLs of the databases in the place of paths.
//
//nolint:gochecknoglobals // of the process
var addresses sync.Map

// Address returns what opens the store of a path: on SQLite the path, on PostgreSQL the URL of a
// database with empty tables, which is taken when the path is first named, and given back with that test.
func Address(tb testing.TB, path string) string {
	tb.Helper()
	if !onServer {
		return path
	}
	if address, ok := addresses.Load(path); ok {
		return address.(string) //nolint:forcetypeassert // stored below
	}
	address := requireServer(tb).take(tb)
	addresses.Store(path, address)
	tb.Cleanup(func() { addresses.Delete(path) })
	return address
}
