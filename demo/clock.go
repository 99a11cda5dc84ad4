package demo

import (
	"sync/atomic"
	"time"
)

// A clock is the demo's own: the machine's, moved. The bot, the stand-in for Slack and the customers
// go by it. It goes forward only.
type clock struct {
	zone  *time.Location
	ahead atomic.Int64 // of the machine's clock, in nanoseconds
}

func newClock(zone *time.Location, begin time.Time) *clock {
	c := &clock{zone: zone}
	c.ahead.Store(int64(time.Until(begin)))
	return c
}

// Now is the demo's time, in its time zone.
func (c *clock) Now() time.Time { return time.Now().Add(c.Ahead()).In(c.zone) }

// Ahead is by how much the clock is ahead of the machine's, negative when it is behind.
func (c *clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// moveTo moves the clock to a moment, which must not have been.
func (c *clock) moveTo(moment time.Time) {
	if ahead := int64(time.Until(moment)); ahead > c.ahead.Load() {
		c.ahead.Store(ahead)
	}
}

// mondayMorning is half a minute after the office opens on a Monday, so many weeks after the latest
// one that was, which is week 0.
func mondayMorning(now time.Time, weeks int) time.Time {
	const daysOfWeek = 7
	year, month, day := now.Date()
	at := func(weeks int) time.Time {
		back := (int(now.Weekday()) + daysOfWeek - int(time.Monday)) % daysOfWeek
		return time.Date(year, month, day-back+weeks*daysOfWeek, officeOpens, 0, 30, 0, now.Location())
	}
	if at(0).After(now) {
		weeks--
	}
	return at(weeks)
}
