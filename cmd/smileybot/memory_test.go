package main

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLimitMemory checks Go's limit in a container with a limit, without one, and where GOMEMLIMIT says
// it already.
func TestLimitMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for _, test := range []struct {
		name      string
		variable  string // GOMEMLIMIT
		container memlimit.Provider
		want      int64
	}{
		{"a limit", "", memlimit.Limit(1_000_000_000), 900_000_000},
		{"no limit", "", func() (uint64, error) { return 0, memlimit.ErrNoLimit }, math.MaxInt64},
		{"no cgroup", "", func() (uint64, error) { return 0, memlimit.ErrNoCgroup }, math.MaxInt64},
		{"one that is set", "123MiB", memlimit.Limit(1_000_000_000), 123 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("GOMEMLIMIT", test.variable)
			debug.SetMemoryLimit(math.MaxInt64)
			if test.variable == "" {
				require.NoError(t, os.Unsetenv("GOMEMLIMIT"))
			} else {
				debug.SetMemoryLimit(test.want) // as the runtime does when the program starts
			}
			limitMemory(slog.New(slog.DiscardHandler), test.container)
			assert.Equal(t, test.want, debug.SetMemoryLimit(-1))
		})
	}
}
