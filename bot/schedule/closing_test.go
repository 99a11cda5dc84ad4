package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/storetest"
)

// unhappy takes a red smiley now, as the webhook does.
func (o *fixture) unhappy(id string) string {
	o.t.Helper()
	taken, err := o.store.Ingest(o.t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: time.Now()}, storetest.Smiley(id, feedback.Red, time.Now()))
	require.NoError(o.t, err)
	o.clock.Reschedule()
	synctest.Wait()
	return taken[0].FeedbackID
}

func (o *fixture) step(id string, s followup.Transition) {
	o.t.Helper()
	s.At = time.Now()
	_, err := o.store.ApplyTransition(o.t.Context(), id, s)
	require.NoError(o.t, err)
	o.clock.Reschedule()
	synctest.Wait()
}

func (o *fixture) followUp(id string) followup.FollowUp {
	o.t.Helper()
	c, err := o.store.Snapshot(o.t.Context(), id)
	require.NoError(o.t, err)
	return c.FollowUp
}

// count is how many notices of a sort were queued.
func (o *fixture) count(prefix string) int {
	o.t.Helper()
	n := 0
	for _, key := range o.said() {
		if strings.HasPrefix(key, prefix+":") {
			n++
		}
	}
	return n
}

// TestRemindedAtTheDueMoment, to the second, over a weekend, a holiday and the change of
// the clocks.
func TestRemindedAtTheDueMoment(t *testing.T) {
	for _, test := range []struct {
		opened string
		due    string
	}{
		{"2026-11-20 13:00", "2026-11-20 17:00"},
		{"2026-11-20 15:30", "2026-11-23 11:30"},
		{"2026-12-24 16:00", "2026-12-28 12:00"}, // Christmas
		{"2027-03-26 14:00", "2027-03-30 13:00"}, // Good Friday, Easter, and summer time
	} {
		inOffice(t, func(o *fixture) {
			t := o.t
			o.until(test.opened)
			id := o.unhappy("1")
			assert.Equal(t, test.due, o.followUp(id).DueAt.In(o.options.Location).Format("2006-01-02 15:04"))
			time.Sleep(time.Until(o.followUp(id).DueAt) - time.Second)
			synctest.Wait()
			assert.Zero(t, o.count("due"))
			woken := o.woken.Load()
			time.Sleep(time.Second)
			synctest.Wait()
			assert.Equal(t, 1, o.count("due"))
			assert.Greater(t, o.woken.Load(), woken)
			o.until("2027-04-20 12:00")
			assert.Equal(t, 1, o.count("due"), "once")
		})
	}
}

// TestSnoozedComesBack by itself, at its moment.
func TestSnoozedComesBack(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		id := o.unhappy("1")
		o.step(id, followup.Transition{Action: followup.ActionClaim, By: "U1"})
		o.step(id, followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: followup.SnoozeMonday.Until(time.Now(), o.options.Policy.Hours)})
		o.until("2026-11-23 08:59")
		assert.Equal(t, followup.StateSnoozed, o.followUp(id).State)
		assert.Zero(t, o.count("due"), "due waits for it")
		o.until("2026-11-23 09:00")
		f := o.followUp(id)
		assert.Equal(t, []any{followup.StateClaimed, "U1", followup.ByClock}, []any{f.State, f.Claimer, f.ChangedBy})
		assert.Equal(t, 1, o.count("due"))
	})
}

// TestClaimerWhoLeft loses the follow-up when it is due, claimed or just back from a snooze. While that
// cannot be asked, nothing is lost and nothing is said.
func TestClaimerWhoLeft(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		var asked atomic.Int64
		var up atomic.Bool
		o.belongs = func(_ context.Context, user, _ string) (bool, error) {
			if asked.Add(1); !up.Load() {
				return false, errors.New("slack is away")
			}
			return user != "U1", nil
		}
		claimed, snoozed, stays := o.unhappy("1"), o.unhappy("2"), o.unhappy("3")
		o.step(claimed, followup.Transition{Action: followup.ActionClaim, By: "U1"})
		o.step(snoozed, followup.Transition{Action: followup.ActionClaim, By: "U1"})
		o.step(snoozed, followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: o.followUp(claimed).DueAt})
		o.step(stays, followup.Transition{Action: followup.ActionClaim, By: "U2"})
		time.Sleep(time.Until(o.followUp(claimed).DueAt) + time.Second)
		synctest.Wait()
		assert.Equal(t, followup.StateClaimed, o.followUp(claimed).State)
		assert.Zero(t, o.count("due"))
		up.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, id := range []string{claimed, snoozed} {
			f := o.followUp(id)
			assert.Equal(t, []any{followup.StateOpen, "", followup.ByClock, true}, []any{f.State, f.Claimer, f.ChangedBy, f.Reminded})
		}
		assert.Equal(t, "U2", o.followUp(stays).Claimer)
		assert.Equal(t, 3, o.count("due"))
		so := asked.Load()
		o.until("2026-11-23 12:00")
		assert.Equal(t, so, asked.Load(), "once a reminder")
	})
}

// TestRemindersOverRestarts: each is said once, whenever the bot was away, and several
// that were missed in one message.
func TestRemindersOverRestarts(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		for i := range 40 {
			o.unhappy(fmt.Sprint("weekend", i))
			time.Sleep(time.Second)
		}
		o.stop()
		o.until("2026-11-24 10:00")
		o.start()
		synctest.Wait()
		assert.Equal(t, 1, o.count("missed"), "one message, not forty")
		assert.Zero(t, o.count("due"))
		assert.Equal(t, 1, o.count("escalation"), "and one for the leads, in office time")
		for range 5 {
			o.stop()
			o.start()
			synctest.Wait()
		}
		assert.Equal(t, 1, o.count("missed"))
		o.unhappy("alone")
		o.stop()
		o.until("2026-11-24 20:00")
		o.start()
		synctest.Wait()
		assert.Equal(t, 1, o.count("due"), "one alone is said in its thread")
		assert.Equal(t, 1, o.count("missed"))
	})
}

// TestEscalatedOnTheNextOfficeMorning, together, once.
func TestEscalatedOnTheNextOfficeMorning(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.unhappy("1") // due at 16:00 of Friday
		o.unhappy("2")
		o.until("2026-11-20 16:30")
		assert.Zero(t, o.count("escalation"))
		o.until("2026-11-23 08:59")
		assert.Zero(t, o.count("escalation"))
		o.until("2026-11-23 09:00")
		assert.Contains(t, o.said(), "escalation:2026-11-23")
		covered, err := o.store.FeedbackOf(t.Context(), "escalation:2026-11-23")
		require.NoError(t, err)
		assert.Len(t, covered, 2)
		third := o.unhappy("3")
		o.until("2026-11-24 09:00")
		assert.Equal(t, 2, o.count("escalation"))
		covered, err = o.store.FeedbackOf(t.Context(), "escalation:2026-11-24")
		require.NoError(t, err)
		require.Len(t, covered, 1)
		assert.Equal(t, third, covered[0].Feedback.ID)
		o.until("2026-11-27 12:00")
		assert.Equal(t, 2, o.count("escalation"))
	})
}

// TestEscalationWaitsForTheOffice: what was missed is not said in the evening.
func TestEscalationWaitsForTheOffice(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.unhappy("1")
		o.stop()
		o.until("2026-11-23 20:00")
		o.start()
		synctest.Wait()
		assert.Zero(t, o.count("escalation"))
		o.until("2026-11-24 09:00")
		assert.Contains(t, o.said(), "escalation:2026-11-24")
		assert.Equal(t, 1, o.count("escalation"))
	})
}

// TestNothingIsReadWhileItSleeps: a month in which nothing is due costs no query but
// those of its mornings.
func TestNothingIsReadWhileItSleeps(t *testing.T) {
	inOffice(t, func(o *fixture) {
		o.until("2026-11-20 17:00")
		runs := o.runs("sweep", "ok") + o.runs("escalation", "ok") + o.runs("alert", "ok") + o.runs("digest", "ok") + o.runs("remind", "ok")
		o.until("2026-11-22 11:00")
		after := o.runs("sweep", "ok") + o.runs("escalation", "ok") + o.runs("alert", "ok") + o.runs("digest", "ok") + o.runs("remind", "ok")
		assert.InDelta(o.t, 1, after-runs, 0, "the sweep of Saturday")
	})
}

// TestOldFeedbackIsErasedDayByDay: what is older than it may be is forgotten, day by day.
func TestOldFeedbackIsErasedDayByDay(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.stop()
		o.retention = 30 * 24 * time.Hour
		o.start()
		id := o.unhappy("1")
		forgotten := func() bool {
			t.Helper()
			c, err := o.store.Snapshot(t.Context(), id)
			require.NoError(t, err)
			return c.Feedback.Erased()
		}
		o.until("2026-12-20 13:00")
		assert.False(t, forgotten(), "after 30 days")
		o.until("2026-12-22 13:00")
		assert.True(t, forgotten())
		assert.Contains(t, o.log.String(), "erased old feedback")
	})
}

// TestRetentionActsAtTheStart: the first start with the setting, or with a shorter one, erases what is
// too old, and not a day later.
func TestRetentionActsAtTheStart(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		id := o.unhappy("1")
		o.until("2026-12-30 11:00") // 40 days later
		for _, step := range []struct {
			keep   time.Duration
			erased bool
		}{{0, false}, {50 * 24 * time.Hour, false}, {30 * 24 * time.Hour, true}} {
			o.stop()
			o.retention = step.keep
			o.start()
			time.Sleep(time.Second)
			c, err := o.store.Snapshot(t.Context(), id)
			require.NoError(t, err)
			assert.Equal(t, step.erased, c.Feedback.Erased(), "%s", step.keep)
		}
		ran := o.runs("retention", "ok")
		time.Sleep(20 * time.Hour)
		assert.InDelta(t, ran, o.runs("retention", "ok"), 0, "then once a day")
		time.Sleep(5 * time.Hour)
		assert.InDelta(t, ran+1, o.runs("retention", "ok"), 0)
	})
}

// TestRetentionScrubsEveryDay: what a run erased that was killed before it scrubbed is not
// in the files a day later.
func TestRetentionScrubsEveryDay(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.stop()
		o.retention = 30 * 24 * time.Hour
		o.start()
		said := storetest.With(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3 klopt niet")
		_, err := o.store.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: time.Now()}, said)
		require.NoError(t, err)
		_, err = o.store.EraseBefore(t.Context(), office.DayOf(time.Now(), o.options.Location).Add(1), time.Now())
		require.NoError(t, err)
		holds := func() bool {
			t.Helper()
			log, err := os.ReadFile(o.path + "-wal")
			require.NoError(t, err)
			return strings.Contains(string(log), said.Answer.Comment)
		}
		require.True(t, holds(), "or nothing is seen")
		o.until("2026-11-21 13:00")
		assert.False(t, holds())
	})
}

// TestAlertIsOverOnAWeekend: a day on which the drop no longer holds ends it, although
// the office is closed.
func TestAlertIsOverOnAWeekend(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.smileys("2026-10-28 10:00", feedback.Green, 100)
		o.smileys("2026-11-20 10:00", feedback.Red, 40)
		o.smileys("2026-11-22 10:00", feedback.Green, 30) // alone among the seven days before Sunday the 29th
		o.until("2026-11-27 12:00")
		assert.Equal(t, []string{"alert:2026-11-23"}, o.alerts())
		o.smileys("2026-11-29 10:00", feedback.Red, 40)
		o.until("2026-11-29 12:00")
		assert.Len(t, o.alerts(), 1)
		o.until("2026-11-30 09:00")
		assert.Equal(t, []string{"alert:2026-11-23", "alert:2026-11-30"}, o.alerts())
	})
}

// TestSlideIsReported: a drop that is too small for a week is found in four weeks, and reported once.
func TestSlideIsReported(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		monday := office.Date(2026, time.July, 27)
		for week := range 17 {
			red := 2
			if week >= 13 {
				red = 7
			}
			at := monday.Add(7*week+2).String() + " 10:00"
			o.smileys(at, feedback.Green, 30-red)
			o.smileys(at, feedback.Red, red)
		}
		o.until("2026-11-26 20:00")
		assert.Equal(t, []string{"alert:2026-11-23"}, o.alerts())
		found, err := o.store.Alert(t.Context(), office.Date(2026, time.November, 23))
		require.NoError(t, err)
		assert.False(t, found.Sudden.SignificantDrop())
		assert.True(t, found.Slow.SignificantDrop())
		require.NoError(t, o.store.Withdraw(t.Context(), "alert:2026-11-23"))
		o.until("2026-11-27 12:00")
		assert.Equal(t, []string{"alert:2026-11-27"}, o.alerts(), "a withdrawn one is reported again")
	})
}

// TestAWithdrawnAlertIsReportedAgain when the drop still holds on the next morning.
func TestAWithdrawnAlertIsReportedAgain(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.smileys("2026-11-02 10:00", feedback.Green, 100)
		o.smileys("2026-11-19 10:00", feedback.Red, 40)
		o.until("2026-11-23 12:00")
		require.Equal(t, []string{"alert:2026-11-23"}, o.alerts())
		require.NoError(t, o.store.Withdraw(t.Context(), "alert:2026-11-23"))
		o.until("2026-11-25 12:00")
		assert.Equal(t, []string{"alert:2026-11-24"}, o.alerts())
	})
}
