package main

import (
	"log/slog"
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryRatio is the part of a container's memory from which Go collects garbage more often. The rest is
// for SQLite, whose memory Go does not count.
const memoryRatio = 0.9

// limitMemory sets Go's soft limit by that of the container, unless GOMEMLIMIT is set or there is none.
func limitMemory(log *slog.Logger, container memlimit.Provider) {
	limit, err := memlimit.Set(memlimit.WithProvider(container), memlimit.WithRatio(memoryRatio))
	if err == nil && limit != math.MaxInt64 {
		log.Info("memory is limited", "bytes", limit)
	}
}
