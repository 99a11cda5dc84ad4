package main

import (
	"fmt"
	"syscall"

	"smileybot/bot/selfcheck"
)

// leastFiles is how many files both servers need with all their connections open.
const leastFiles = 2500

// fileLimit returns the limit of open files of this process. Go has raised it as far as the system
// lets it.
func fileLimit() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return leastFiles
	}
	return limit.Cur
}

// fewFiles is the warning of a limit of open files; there is none when it is high enough.
func fewFiles(limit uint64) []selfcheck.Result {
	if limit >= leastFiles {
		return nil
	}
	return []selfcheck.Result{{
		Warning: true, Text: fmt.Sprintf("limit of open files: %d, fewer than the %d that many connections take", limit, leastFiles),
		Remedy: "raise it: ulimit -n, LimitNOFILE= of a unit, --ulimit nofile= of Docker",
	}}
}
