package followup_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

func TestSnoozeUntil(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	holidays, err := office.ParseHolidays("NL")
	require.NoError(t, err)
	hours, err := office.ParseHours("Mon-Fri 09:00-12:00,13:00-17:00", amsterdam, holidays)
	if err != nil {
		hours, err = office.ParseHours("Mon-Fri 09:00-12:00; Mon-Fri 13:00-17:00", amsterdam, holidays)
	}
	require.NoError(t, err)
	for _, test := range []struct {
		now    string
		snooze followup.Snooze
		want   string
	}{
		{"2026-11-20 16:30", followup.SnoozeHour, "2026-11-20 17:30"},
		{"2026-11-20 16:30", followup.SnoozeFourHours, "2026-11-20 20:30"},
		{"2026-10-25 01:30", followup.SnoozeFourHours, "2026-10-25 04:30"}, // of the clock: one hour came twice
		{"2026-11-19 12:30", followup.SnoozeTomorrow, "2026-11-20 09:00"},  // not the end of the lunch break
		{"2026-11-19 07:00", followup.SnoozeTomorrow, "2026-11-20 09:00"},  // not this morning
		{"2026-11-20 16:30", followup.SnoozeTomorrow, "2026-11-23 09:00"},
		{"2026-12-24 16:30", followup.SnoozeTomorrow, "2026-12-28 09:00"}, // over Christmas
		{"2026-11-20 16:30", followup.SnoozeMonday, "2026-11-23 09:00"},
		{"2026-11-22 23:30", followup.SnoozeMonday, "2026-11-23 09:00"},
		{"2026-11-23 08:30", followup.SnoozeMonday, "2026-11-30 09:00"}, // on a Monday it is the next
		{"2027-03-26 10:00", followup.SnoozeMonday, "2027-03-30 09:00"}, // Easter Monday is none, and the clocks change before it
		{"2026-11-20 16:30", "never", "2026-11-20 16:30"},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", test.now, amsterdam)
		require.NoError(t, err)
		got := test.snooze.Until(now, hours)
		assert.Equal(t, test.want, got.In(amsterdam).Format("2006-01-02 15:04"), "%s at %s", test.snooze, test.now)
	}
	for _, s := range followup.Snoozes() {
		assert.True(t, s.Known(), s)
	}
	assert.False(t, followup.Snooze("").Known())
}

// TestSnoozing: due waits for the snooze, and it is said that it is due once more when
// it was said before.
func TestSnoozing(t *testing.T) {
	t.Parallel()
	for _, state := range []followup.State{followup.StateOpen, followup.StateClaimed} {
		before := followUpIn(state)
		before.Reminded, before.Escalated = true, true
		until := before.DueAt.Add(-time.Minute)
		snoozed, err := before.Apply(followup.Transition{Action: followup.ActionSnooze, By: "U2", Until: until, At: feedbacktest.Noon(0)}, nil)
		require.NoError(t, err)
		assert.Equal(t, before.DueAt, snoozed.DueAt, "it is back in time")
		assert.True(t, snoozed.Reminded)
		assert.False(t, snoozed.Overdue(before.DueAt.Add(time.Hour)), "while it is away")
		assert.Equal(t, snoozed, snoozed.Wake(until.Add(-time.Millisecond)))
		back := snoozed.Wake(until)
		assert.Equal(t, state, back.State)
		assert.Equal(t, before.Claimer, back.Claimer)
		assert.Equal(t, []any{followup.ByClock, until}, []any{back.ChangedBy, back.ChangedAt})

		later := before.DueAt.Add(time.Hour)
		again, err := back.Apply(followup.Transition{Action: followup.ActionSnooze, By: "U2", Until: later, At: feedbacktest.Noon(0)}, nil)
		require.NoError(t, err)
		assert.Equal(t, later, again.DueAt)
		assert.False(t, again.Reminded)
		assert.True(t, again.Escalated, "the leads are told once")
		assert.Equal(t, 2, again.Snoozes)
		back = again.Wake(later)
		assert.True(t, back.Overdue(later.Add(time.Millisecond)))
		reopened, err := followUpAs(t, back, followup.ActionFinish).Apply(followup.Transition{Action: followup.ActionReopen, By: "U2", At: later}, due4h(false))
		require.NoError(t, err)
		assert.Equal(t, []any{0, time.Time{}, false, false, later.Add(4 * time.Hour)},
			[]any{reopened.Snoozes, reopened.SnoozedUntil, reopened.Reminded, reopened.Escalated, reopened.DueAt})
	}
}

func followUpAs(t *testing.T, f followup.FollowUp, a followup.Action) followup.FollowUp {
	t.Helper()
	next, err := f.Apply(followup.Transition{Action: a, By: "U2", Outcome: followup.OutcomeOther, At: f.ChangedAt}, nil)
	require.NoError(t, err)
	return next
}

func TestHandingOver(t *testing.T) {
	t.Parallel()
	step := followup.Transition{Action: followup.ActionAssign, By: "U2", To: "U3", At: feedbacktest.Noon(0)}
	for _, state := range []followup.State{followup.StateOpen, followup.StateClaimed} {
		handed, err := followUpIn(state).Apply(step, nil)
		require.NoError(t, err)
		assert.Equal(t, []any{followup.StateClaimed, "U3", "U2"}, []any{handed.State, handed.Claimer, handed.ChangedBy})
		again, err := handed.Apply(followup.Transition{Action: followup.ActionAssign, By: "U4", To: "U3", At: feedbacktest.Noon(9)}, nil)
		require.NoError(t, err)
		assert.Equal(t, handed, again, "it is theirs already")
	}
}
