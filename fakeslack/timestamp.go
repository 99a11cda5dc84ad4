package fakeslack

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// formatTS writes microseconds since 1970 as Slack writes a message timestamp.
func formatTS(micros int64) string {
	return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6)
}

// parseTS reads a message timestamp, with or without its fraction, as
// microseconds since 1970.
func parseTS(ts string) (micros int64, ok bool) {
	seconds, fraction, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s < 0 || s > 1<<40 || len(fraction) > 6 {
		return 0, false
	}
	f, err := strconv.ParseUint((fraction + "000000")[:6], 10, 32)
	if err != nil {
		return 0, false
	}
	return s*1e6 + int64(f), true
}

// TimeOf returns the moment a message timestamp names, or the zero time when it
// names none.
func TimeOf(ts string) time.Time {
	micros, ok := parseTS(ts)
	if !ok {
		return time.Time{}
	}
	return time.UnixMicro(micros)
}
