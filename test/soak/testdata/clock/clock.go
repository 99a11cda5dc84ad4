// Package main is built into smileybot by TestDisturbed: its wall clock is ahead by what a file holds,
// in nanoseconds, and is set while it runs. The monotonic clock and SQLite's are left alone.
package main

/*
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*right)(clockid_t, struct timespec *);
static volatile int64_t *ahead;

// set_clock takes the place of the kernel's function in Go's runtime.
static int set_clock(clockid_t which, struct timespec *now) {
	int result = right(which, now);
	if (which == CLOCK_REALTIME && result == 0) {
		int64_t by = *ahead, nanoseconds = now->tv_nsec + by % 1000000000;
		now->tv_sec += by / 1000000000;
		if (nanoseconds < 0) {
			nanoseconds += 1000000000;
			now->tv_sec--;
		} else if (nanoseconds >= 1000000000) {
			nanoseconds -= 1000000000;
			now->tv_sec++;
		}
		now->tv_nsec = nanoseconds;
	}
	return result;
}

// begin returns the function that Go's runtime must call instead of former, or 0.
static uintptr_t begin(uintptr_t former) {
	const char *path = getenv("SOAK_CLOCK");
	int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 0;
	void *shared = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (shared == MAP_FAILED)
		return 0;
	ahead = shared;
	right = former == 0 ? clock_gettime : (int (*)(clockid_t, struct timespec *))former;
	return (uintptr_t)set_clock;
}
*/
import "C"

import _ "unsafe" // for go:linkname

// clockGettime is the kernel's function that Go's runtime reads the clocks with.
//
//go:linkname clockGettime runtime.vdsoClockgettimeSym
var clockGettime uintptr

func init() {
	if address := uintptr(C.begin(C.uintptr_t(clockGettime))); address != 0 {
		clockGettime = address
	} else {
		panic("SOAK_CLOCK names no file with the clock")
	}
}
