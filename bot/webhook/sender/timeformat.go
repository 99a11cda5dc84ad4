package sender

import (
	"math"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
)

// TimeFormat is how a moment is written.
type TimeFormat string

// The formats of moments.
const (
	RFC3339   TimeFormat = "rfc3339"
	Unix      TimeFormat = "unix"
	UnixMilli TimeFormat = "unix_ms"
)

// TimeFormats lists the formats.
func TimeFormats() []TimeFormat { return []TimeFormat{Unix, UnixMilli, RFC3339} }

// lastSecond is the last of the year 9999, the last year of RFC 3339.
const lastSecond = 253402300799

// Parse reads a moment, from 1970 to the year 9999. A number of seconds or milliseconds may have
// fractions, and an offset need not have a colon.
func (f TimeFormat) Parse(text string) (time.Time, bool) {
	if f == RFC3339 {
		if t, err := feedback.ParseMoment(text); err == nil {
			return t, true
		}
		const withoutColon = "2006-01-02T15:04:05Z0700"
		t, err := time.Parse(withoutColon, strings.ToUpper(text))
		return t.UTC(), err == nil && t.Unix() >= 0
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && f == Unix {
		return time.Unix(n, 0), n >= 0 && n <= lastSecond
	}
	n, err := strconv.ParseFloat(text, 64)
	if f == UnixMilli {
		n /= 1000
	}
	if err != nil || !(n >= 0 && n <= lastSecond) { // also not a number
		return time.Time{}, false
	}
	seconds, fraction := math.Modf(n)
	return time.Unix(int64(seconds), 0).Add(time.Duration(math.Round(fraction*1e3)) * time.Millisecond), true
}

func (f TimeFormat) format(t time.Time) string {
	switch f {
	case RFC3339:
		return t.UTC().Format(time.RFC3339)
	case UnixMilli:
		return strconv.FormatInt(t.UnixMilli(), 10)
	default:
		return strconv.FormatInt(t.Unix(), 10)
	}
}
