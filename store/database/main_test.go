package database_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"smileybot/store/storetest"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "2") // a flag of the command line is parsed later and counts
	goleak.VerifyTestMain(storetest.Stopping(m))
}
