// Package office has civil days, opening hours and public holidays, and reads how settings write
// them.
package office

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// longestClosed is how many days without office time [Hours.Opening] searches. Hours without any
// stretch are closed for longer, and so is an office with years of holidays.
const longestClosed = 2 * 366

// horizonYears is how many calendar years ahead office time is counted. A week with one minute in
// it has a year of office time only after 10,000 years.
const horizonYears = 10

// Horizon is the last moment to which office time is counted from t: ten calendar years later.
func Horizon(t time.Time) time.Time { return t.AddDate(horizonYears, 0, 0) }

// Hours are an office's opening hours: stretches of local wall-clock time on days of the week that
// are not holidays. An hour that daylight saving skips is not office time, and an hour that it
// repeats counts twice. Hours never change once parsed and are safe for concurrent use.
//
// Without any stretch, as in the zero Hours, there is no office: all time counts.
type Hours struct {
	week     [daysInWeek][]stretch // By time.Weekday; in order, apart from each other.
	loc      *time.Location
	holidays Holidays
	// spanCache has the spans of the days that were asked for, because a zone's clock changes take long
	// to look up; nil for the zero Hours.
	spanCache *sync.Map
}

// The cache takes at most about 30 MB: the days up to one in 2134, before which tickets lie, and
// mistakes after it, and only days of few spans.
const (
	cachedDays  = 60_000
	cachedSpans = 8
)

// stretch is a part of a day in minutes of wall-clock time since midnight, from inclusive, to exclusive.
type stretch struct {
	from, to int
}

// span is a stretch of real time, from inclusive, to exclusive.
type span struct {
	from, to time.Time
}

// Fingerprint identifies the hours: equal fingerprints mean equal office time, unless the calendar
// library changes its rules.
func (h Hours) Fingerprint() string {
	return fmt.Sprint(h.Location(), h.week) + " " + h.holidays.fingerprint()
}

// Holidays are the days without office time.
func (h Hours) Holidays() Holidays { return h.holidays }

// LastMinuteMissed is what an operator reads when [Hours.MissesLastMinute].
const LastMinuteMissed = "a stretch ends at 23:59, so the last minute of the day does not count; write 24:00 for the end of the day"

// MissesLastMinute reports whether a stretch ends at 23:59, which leaves out the last minute of the
// day: 24:00 is probably meant.
func (h Hours) MissesLastMinute() bool {
	for _, day := range h.week {
		if slices.ContainsFunc(day, func(s stretch) bool { return s.to == endOfDay-1 }) {
			return true
		}
	}
	return false
}

// Location is the office's time zone, UTC for the zero Hours.
func (h Hours) Location() *time.Location {
	if h.loc == nil {
		return time.UTC
	}
	return h.loc
}

// Add is the moment when d of office time has passed since t, at most [Horizon]. When d just fits in
// the day that is closing time, not the next opening. It is t when d is not positive.
func (h Hours) Add(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return t
	}
	horizon := Horizon(t)
	if h.spanCache == nil {
		return earlier(t.Add(d), horizon)
	}
	at, last := t, DayOf(horizon, h.Location())
	for day := DayOf(t, h.Location()); day <= last; day++ {
		for _, span := range h.spans(day) {
			if !span.to.After(at) {
				continue
			}
			at = Later(at, span.from)
			left := span.to.Sub(at)
			if left >= d {
				return earlier(at.Add(d), horizon)
			}
			d -= left
			at = span.to
		}
	}
	return horizon
}

// Between is the office time from a to b, zero when b is not after a. It counts up to the [Horizon]
// of a.
func (h Hours) Between(a, b time.Time) time.Duration {
	b = earlier(b, Horizon(a))
	var total time.Duration
	last := DayOf(b, h.Location())
	for day := DayOf(a, h.Location()); day <= last; day++ {
		for _, span := range h.spans(day) {
			total += max(0, earlier(span.to, b).Sub(Later(span.from, a)))
		}
	}
	return total
}

// Open reports whether t is office time. Without an office it always is.
func (h Hours) Open(t time.Time) bool {
	if h.spanCache == nil {
		return true
	}
	for _, span := range h.spans(DayOf(t, h.Location())) {
		if !t.Before(span.from) && t.Before(span.to) {
			return true
		}
	}
	return false
}

// OfficeDay reports whether the local day has office time.
func (h Hours) OfficeDay(day Day) bool {
	return len(h.spans(day)) > 0
}

// FirstOfficeDay reports whether day is the first office day since the day since, both included.
func (h Hours) FirstOfficeDay(day, since Day) bool {
	for before := since; before < day; before++ {
		if h.OfficeDay(before) {
			return false
		}
	}
	return h.OfficeDay(day)
}

// NextOpening is the first moment after t at which an office day begins: its opening, not the end
// of a lunch break. If there is none for two years, it is the next local midnight.
func (h Hours) NextOpening(after time.Time) time.Time {
	today := DayOf(after, h.Location())
	if spans := h.spans(today); len(spans) > 0 && spans[0].from.After(after) {
		return spans[0].from
	}
	return h.Opening(today.Add(1))
}

// Opening is when the office opens on the first office day from day on. If there is none for two
// years, it is the beginning of day.
func (h Hours) Opening(day Day) time.Time {
	for ahead := range longestClosed {
		if spans := h.spans(day.Add(ahead)); len(spans) > 0 {
			return spans[0].from
		}
	}
	return day.Time(h.Location())
}

// Closing is when the office closes on a local day; open is false when it stays closed.
func (h Hours) Closing(day Day) (at time.Time, open bool) {
	spans := h.spans(day)
	if len(spans) == 0 {
		return time.Time{}, false
	}
	return spans[len(spans)-1].to, true
}

// spans returns the office time of a local day, in order; callers must not change it.
func (h Hours) spans(day Day) []span {
	if h.spanCache == nil || day < 0 || day > cachedDays {
		return h.computeSpans(day)
	}
	if known, ok := h.spanCache.Load(day); ok {
		return known.([]span)
	}
	spans := h.computeSpans(day)
	if len(spans) <= cachedSpans {
		h.spanCache.Store(day, spans)
	}
	return spans
}

// computeSpans computes the office time of a local day.
func (h Hours) computeSpans(day Day) []span {
	stretches := h.week[day.Weekday()]
	if len(stretches) == 0 || h.holidays.Is(day) {
		return nil
	}
	var spans []span
	for _, zone := range day.zones(h.Location()) {
		midnight := day.midnightUTC().Add(-zone.offset)
		for _, stretch := range stretches {
			from := Later(zone.from, midnight.Add(time.Duration(stretch.from)*time.Minute))
			to := earlier(zone.to, midnight.Add(time.Duration(stretch.to)*time.Minute))
			if from.Before(to) {
				spans = append(spans, span{from: from.In(h.Location()), to: to.In(h.Location())})
			}
		}
	}
	return spans
}

// Later is the later of two moments.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earlier is the earlier of two moments.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
