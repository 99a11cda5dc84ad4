package schedule_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/schedule"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// A doubtedClock shows the time, which may be unknown, or not agree with another clock.
type doubtedClock struct {
	known chan struct{}
	wrong atomic.Bool
}

func (c *doubtedClock) Now() time.Time              { return time.Now() }
func (c *doubtedClock) Known() <-chan struct{}      { return c.known }
func (c *doubtedClock) Agrees(context.Context) bool { return !c.wrong.Load() }

// withClock runs a test with a clock, and a follow-up and feedback of forty days ago.
func withClock(t *testing.T, test func(o *fixture, clock *doubtedClock)) {
	t.Helper()
	inOffice(t, func(o *fixture) {
		o.stop()
		o.raw(`delete from routine`)
		clock := &doubtedClock{known: make(chan struct{})}
		o.shown, o.retention = clock, 30*24*time.Hour
		o.without(func() {
			long := time.Now().Add(-40 * 24 * time.Hour)
			said := storetest.With(storetest.Smiley("old", feedback.Green, long), "stap 3 klopt niet")
			taken, err := o.store.Ingest(o.t.Context(), store.Delivery{Sender: "feedback", ID: "d-old", ReceivedAt: long}, said)
			require.NoError(o.t, err)
			o.old = taken[0].FeedbackID
		})
		test(o, clock)
	})
}

// kept reports whether the feedback and the delivery of forty days ago are there.
func (o *fixture) kept() (whole, delivered bool) {
	o.t.Helper()
	long := time.Now().Add(-80 * 24 * time.Hour)
	_, delivered, err := o.store.Delivered(o.t.Context(), "feedback", "d-old", long)
	require.NoError(o.t, err)
	c, err := o.store.Snapshot(o.t.Context(), o.old)
	require.NoError(o.t, err)
	return !c.Feedback.Erased(), delivered
}

// TestWrongClockWaits: while the clock is wrong, people are reminded, and nothing is erased, escalated
// or summed up. Once it is right, all of it is done once.
func TestWrongClockWaits(t *testing.T) {
	withClock(t, func(o *fixture, clock *doubtedClock) {
		t := o.t
		clock.wrong.Store(true)
		close(clock.known)
		o.start()
		o.unhappy("1") // due at 16:00 of Friday
		o.until("2026-12-03 12:00")
		assert.Equal(t, 1, o.count("due"), "which a colleague can answer")
		assert.Equal(t, []int{0, 0}, []int{o.count("escalation"), o.count("digest")})
		whole, delivered := o.kept()
		assert.True(t, whole && delivered)
		for _, name := range []string{schedule.Escalation, schedule.Digest, schedule.Alert, schedule.Sweep, schedule.Retention} {
			assert.Zero(t, o.runs(name, "ok")+o.runs(name, "failed"), name)
		}
		clock.wrong.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []int{1, 1, 1}, []int{o.count("due"), o.count("escalation"), o.count("digest")})
		whole, delivered = o.kept()
		assert.False(t, whole || delivered)
		o.until("2026-12-04 16:00")
		assert.Equal(t, []int{1, 1, 1}, []int{o.count("due"), o.count("escalation"), o.count("digest")})
	})
}

// TestUnknownTimeWaits: while the time is not known, nothing is done, and no job begins to count from a
// wrong moment.
func TestUnknownTimeWaits(t *testing.T) {
	withClock(t, func(o *fixture, clock *doubtedClock) {
		t := o.t
		o.start()
		o.unhappy("1")
		o.until("2026-11-24 12:00")
		assert.Empty(t, o.said())
		assert.Zero(t, o.number("select count(*) from routine"))
		close(clock.known)
		synctest.Wait()
		assert.Equal(t, 1, o.count("due"))
		assert.Equal(t, int64(7), o.number("select count(*) from routine"))
	})
}

// TestDoneAheadOfTime: what a clock that ran ahead recorded as done does not swallow what comes, and the
// digest of the month is sent once.
func TestDoneAheadOfTime(t *testing.T) {
	for _, test := range []struct {
		name  string
		ahead time.Duration
	}{
		{"three days", 3 * 24 * time.Hour},
		{"three weeks", 21 * 24 * time.Hour},
		{"three years", 3 * 365 * 24 * time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			withClock(t, func(o *fixture, clock *doubtedClock) {
				t := o.t
				close(clock.known)
				o.without(func() {
					for _, name := range []string{schedule.Escalation, schedule.Digest, schedule.Alert, schedule.Sweep, schedule.Retention} {
						require.NoError(t, o.store.Advance(t.Context(), store.JobProgress{Name: name, DoneAt: time.Now().Add(test.ahead)}))
					}
				})
				o.start()
				o.unhappy("1")
				o.until("2026-12-02 12:00")
				assert.Equal(t, 1, o.count("escalation"))
				assert.Equal(t, 2, o.count("digest"), "of two weeks, and of the month")
				whole, delivered := o.kept()
				assert.False(t, whole || delivered)
			})
		})
	}
}
