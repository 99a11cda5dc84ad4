package followup_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

// due4h is a policy that knows no office: four hours, one for urgent tickets.
func due4h(urgent bool) func(time.Time) time.Time {
	policy := followup.Policy{Due: 4 * time.Hour, DueUrgent: time.Hour}
	return func(opened time.Time) time.Time { return policy.DueAt(opened, urgent) }
}

// followUpIn is a follow-up that was brought into a state before noon.
func followUpIn(state followup.State) followup.FollowUp {
	if state == followup.StateNone {
		return followup.FollowUp{}
	}
	f := followup.FollowUp{
		ID: "id", State: state, Openings: 1, OpenedAt: feedbacktest.Noon(-60), DueAt: feedbacktest.Noon(-60 + 4*3600), ChangedAt: feedbacktest.Noon(-30), ChangedBy: "U1",
	}
	if state == followup.StateClaimed {
		f.Claimer = "U1"
	}
	if state == followup.StateSnoozed {
		f.SnoozedUntil, f.Snoozes = feedbacktest.Noon(600), 1
	}
	if state == followup.StateDone {
		f.Outcome, f.Note = followup.OutcomeOther, "a note"
	}
	return f
}

// allStates lists all states, with none.
func allStates() []followup.State {
	return append([]followup.State{followup.StateNone}, followup.States()...)
}

// checkInvariants checks what the database checks of every follow-up that exists.
func checkInvariants(t assert.TestingT, f followup.FollowUp) {
	if f.State == followup.StateNone {
		assert.Equal(t, followup.FollowUp{}, f)
		return
	}
	assert.Contains(t, followup.States(), f.State)
	if f.State != followup.StateSnoozed {
		assert.Equal(t, f.State == followup.StateClaimed, f.Claimer != "", "claimer %q while %s", f.Claimer, f.State)
	}
	if f.State == followup.StateSnoozed {
		assert.False(t, f.SnoozedUntil.IsZero())
	}
	assert.False(t, f.DueAt.Before(f.SnoozedUntil), "due before it is back")
	assert.Equal(t, f.Snoozes > 0, !f.SnoozedUntil.IsZero())
	assert.True(t, f.BeforeVoid == followup.BeforeVoid{} || f.State == followup.StateWithdrawn)
	assert.Equal(t, f.State == followup.StateDone, f.Outcome != "", "outcome %q while %s", f.Outcome, f.State)
	assert.True(t, f.Note == "" || f.State == followup.StateDone, "note while %s", f.State)
	assert.GreaterOrEqual(t, f.Openings, 1)
	assert.False(t, f.OpenedAt.IsZero())
	assert.False(t, f.DueAt.Before(f.OpenedAt))
	assert.False(t, f.ChangedAt.IsZero())
	assert.NotEmpty(t, f.ChangedBy)
	assert.Equal(t, feedback.Moment(f.DueAt), f.DueAt, "kept as it is")
}

// TestEveryActionInEveryState is every action in every state.
func TestEveryActionInEveryState(t *testing.T) {
	t.Parallel()
	const no = followup.State("not possible")
	const (
		none, open, claimed = followup.StateNone, followup.StateOpen, followup.StateClaimed
		snoozed, done       = followup.StateSnoozed, followup.StateDone
	)
	table := map[followup.Action][]followup.State{ // from none, open, claimed, snoozed, done, explained, withdrawn
		followup.ActionOpen:    {open, no, no, no, no, no, no},
		followup.ActionClaim:   {no, claimed, no, claimed, no, no, no},
		followup.ActionRelease: {no, no, open, no, no, no, no},
		followup.ActionFinish:  {no, done, done, done, no, done, no},
		followup.ActionReopen:  {no, no, no, no, open, open, open},
		followup.ActionSnooze:  {no, snoozed, snoozed, no, no, no, no},
		followup.ActionAssign:  {no, claimed, claimed, claimed, no, no, no},
		"dance":                {no, no, no, no, no, no, no},
	}
	require.Equal(t, none, allStates()[0])
	for action, byState := range table {
		for i, state := range allStates() {
			want, before := byState[i], followUpIn(state)
			step := followup.Transition{
				Action: action, By: "U2", Outcome: followup.OutcomeBugReported, Note: "seen", To: "U3", Until: feedbacktest.Noon(900), At: feedbacktest.Noon(0),
			}
			got, err := before.Apply(step, due4h(false))
			checkInvariants(t, got)
			if want == no {
				var refused *followup.InvalidTransitionError
				require.ErrorAs(t, err, &refused, "%s while %q", action, state)
				assert.Equal(t, &followup.InvalidTransitionError{Action: action, Now: before}, refused)
				assert.Equal(t, before, got)
				assert.NotContains(t, state.Actions(), action)
				continue
			}
			require.NoError(t, err, "%s while %q", action, state)
			assert.Equal(t, want, got.State, "%s while %q", action, state)
			assert.Equal(t, feedbacktest.Noon(0), got.ChangedAt)
			assert.Equal(t, "U2", got.ChangedBy)
			assert.Equal(t, before.ID, got.ID)
			assert.Contains(t, state.Actions(), action)
			if action == followup.ActionOpen || action == followup.ActionReopen {
				assert.Equal(t, before.Openings+1, got.Openings)
				assert.Equal(t, feedbacktest.Noon(0), got.OpenedAt)
				assert.Equal(t, feedbacktest.Noon(4*3600), got.DueAt)
			} else {
				assert.Equal(t, before.Openings, got.Openings)
				assert.Equal(t, before.OpenedAt, got.OpenedAt)
				assert.Equal(t, before.DueAt, got.DueAt)
			}
		}
	}
}

func TestStepsKeepWhatBelongsToTheState(t *testing.T) {
	t.Parallel()
	claimed, err := followUpIn(followup.StateOpen).Apply(followup.Transition{Action: followup.ActionClaim, By: "U2", At: feedbacktest.Noon(0)}, nil)
	require.NoError(t, err)
	assert.Equal(t, "U2", claimed.Claimer)
	done, err := claimed.Apply(followup.Transition{Action: followup.ActionFinish, By: "U3", Outcome: followup.OutcomeGuideFixed, Note: "step 3", At: feedbacktest.Noon(1)}, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{"", "U3", followup.OutcomeGuideFixed, "step 3"}, []any{done.Claimer, done.ChangedBy, done.Outcome, done.Note})
}

// TestActions: the buttons of each state, in the order in which they are shown.
func TestActions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state followup.State
		want  []followup.Action
	}{
		{followup.StateNone, []followup.Action{followup.ActionOpen}},
		{followup.StateOpen, []followup.Action{followup.ActionClaim, followup.ActionFinish, followup.ActionSnooze, followup.ActionAssign}},
		{followup.StateClaimed, []followup.Action{followup.ActionFinish, followup.ActionRelease, followup.ActionSnooze, followup.ActionAssign}},
		{followup.StateSnoozed, []followup.Action{followup.ActionClaim, followup.ActionFinish, followup.ActionAssign}},
		{followup.StateDone, []followup.Action{followup.ActionReopen}},
		{followup.StateExplained, []followup.Action{followup.ActionFinish, followup.ActionReopen}},
		{followup.StateWithdrawn, []followup.Action{followup.ActionReopen}},
	} {
		assert.Equal(t, c.want, c.state.Actions(), c.state)
		active := c.state == followup.StateOpen || c.state == followup.StateClaimed
		assert.Equal(t, active, c.state.Active(), c.state)
		assert.Equal(t, active || c.state == followup.StateSnoozed, c.state.Pending(), c.state)
		f := followUpIn(c.state)
		f.DueAt = feedbacktest.Noon(0)
		assert.False(t, f.Overdue(feedbacktest.Noon(0)), "due is not late")
		assert.Equal(t, active, f.Overdue(feedbacktest.Noon(0.001)), c.state)
	}
	assert.Len(t, followup.Outcomes(), 7)
	for _, o := range followup.Outcomes() {
		assert.True(t, o.Known(), o)
	}
	assert.False(t, followup.Outcome("").Known())
}

// TestDueInOfficeTime: one that opens on a Friday afternoon is due on Monday,
// and an urgent one sooner.
func TestDueInOfficeTime(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", amsterdam, office.Holidays{})
	require.NoError(t, err)
	policy := followup.Policy{Hours: hours, Due: 4 * time.Hour, DueUrgent: time.Hour}
	friday := time.Date(2026, time.November, 20, 15, 0, 0, 0, amsterdam)
	assert.Equal(t, time.Date(2026, time.November, 23, 11, 0, 0, 0, amsterdam).UTC(), policy.DueAt(friday, false).UTC())
	assert.Equal(t, time.Date(2026, time.November, 20, 16, 0, 0, 0, amsterdam).UTC(), policy.DueAt(friday, true).UTC())
}
