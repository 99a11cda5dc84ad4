package feedback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// due4h is a policy that knows no office: four hours, one for urgent tickets.
func due4h(urgent bool) func(time.Time) time.Time {
	policy := feedback.Policy{Due: 4 * time.Hour, DueUrgent: time.Hour}
	return func(opened time.Time) time.Time { return policy.DueAt(opened, urgent) }
}

// standing is a follow-up that was brought into a state before noon.
func standing(state feedback.State) feedback.FollowUp {
	if state == feedback.StateNone {
		return feedback.FollowUp{}
	}
	f := feedback.FollowUp{
		ID: "id", State: state, Openings: 1, OpenedAt: noon(-60), DueAt: noon(-60 + 4*3600), ChangedAt: noon(-30), ChangedBy: "U1",
	}
	if state == feedback.StateClaimed {
		f.Claimer = "U1"
	}
	if state == feedback.StateSnoozed {
		f.SnoozedUntil, f.Snoozes = noon(600), 1
	}
	if state == feedback.StateDone {
		f.Outcome, f.Note = feedback.OutcomeOther, "a note"
	}
	return f
}

// every lists all the states, none included.
func every() []feedback.State {
	return append([]feedback.State{feedback.StateNone}, feedback.States()...)
}

// lawful checks what the database checks of every follow-up that exists.
func lawful(t assert.TestingT, f feedback.FollowUp) {
	if f.State == feedback.StateNone {
		assert.Equal(t, feedback.FollowUp{}, f)
		return
	}
	assert.Contains(t, feedback.States(), f.State)
	if f.State != feedback.StateSnoozed {
		assert.Equal(t, f.State == feedback.StateClaimed, f.Claimer != "", "claimer %q while %s", f.Claimer, f.State)
	}
	if f.State == feedback.StateSnoozed {
		assert.False(t, f.SnoozedUntil.IsZero())
	}
	assert.False(t, f.DueAt.Before(f.SnoozedUntil), "due before it is back")
	assert.Equal(t, f.Snoozes > 0, !f.SnoozedUntil.IsZero())
	assert.True(t, f.Was == feedback.Standing{} || f.State == feedback.StateWithdrawn)
	assert.Equal(t, f.State == feedback.StateDone, f.Outcome != "", "outcome %q while %s", f.Outcome, f.State)
	assert.True(t, f.Note == "" || f.State == feedback.StateDone, "note while %s", f.State)
	assert.GreaterOrEqual(t, f.Openings, 1)
	assert.False(t, f.OpenedAt.IsZero())
	assert.False(t, f.DueAt.Before(f.OpenedAt))
	assert.False(t, f.ChangedAt.IsZero())
	assert.NotEmpty(t, f.ChangedBy)
	assert.Equal(t, feedback.Moment(f.DueAt), f.DueAt, "kept as it is")
}

// TestSteps is every action in every state.
func TestSteps(t *testing.T) {
	t.Parallel()
	const no = feedback.State("not possible")
	const (
		none, open, claimed = feedback.StateNone, feedback.StateOpen, feedback.StateClaimed
		snoozed, done       = feedback.StateSnoozed, feedback.StateDone
	)
	table := map[feedback.Action][]feedback.State{ // from none, open, claimed, snoozed, done, explained, withdrawn
		feedback.ActionOpen:    {open, no, no, no, no, no, no},
		feedback.ActionClaim:   {no, claimed, no, claimed, no, no, no},
		feedback.ActionRelease: {no, no, open, no, no, no, no},
		feedback.ActionFinish:  {no, done, done, done, no, done, no},
		feedback.ActionReopen:  {no, no, no, no, open, open, open},
		feedback.ActionSnooze:  {no, snoozed, snoozed, no, no, no, no},
		feedback.ActionAssign:  {no, claimed, claimed, no, no, no, no},
		"dance":                {no, no, no, no, no, no, no},
	}
	require.Equal(t, none, every()[0])
	for action, byState := range table {
		for i, state := range every() {
			want, before := byState[i], standing(state)
			step := feedback.Step{
				Action: action, By: "U2", Outcome: feedback.OutcomeBugReported, Note: "seen", To: "U3", Until: noon(900), At: noon(0),
			}
			got, err := before.Take(step, due4h(false))
			lawful(t, got)
			if want == no {
				var refused *feedback.NotPossibleError
				require.ErrorAs(t, err, &refused, "%s while %q", action, state)
				assert.Equal(t, &feedback.NotPossibleError{Action: action, Now: before}, refused)
				assert.Equal(t, before, got)
				assert.NotContains(t, state.Actions(), action)
				continue
			}
			require.NoError(t, err, "%s while %q", action, state)
			assert.Equal(t, want, got.State, "%s while %q", action, state)
			assert.Equal(t, noon(0), got.ChangedAt)
			assert.Equal(t, "U2", got.ChangedBy)
			assert.Equal(t, before.ID, got.ID)
			assert.Contains(t, state.Actions(), action)
			if action == feedback.ActionOpen || action == feedback.ActionReopen {
				assert.Equal(t, before.Openings+1, got.Openings)
				assert.Equal(t, noon(0), got.OpenedAt)
				assert.Equal(t, noon(4*3600), got.DueAt)
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
	claimed, err := standing(feedback.StateOpen).Take(feedback.Step{Action: feedback.ActionClaim, By: "U2", At: noon(0)}, nil)
	require.NoError(t, err)
	assert.Equal(t, "U2", claimed.Claimer)
	done, err := claimed.Take(feedback.Step{Action: feedback.ActionFinish, By: "U3", Outcome: feedback.OutcomeGuideFixed, Note: "step 3", At: noon(1)}, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{"", "U3", feedback.OutcomeGuideFixed, "step 3"}, []any{done.Claimer, done.ChangedBy, done.Outcome, done.Note})
}

// TestActions: the buttons of each state, in the contract's order.
func TestActions(t *testing.T) {
	t.Parallel()
	for state, want := range map[feedback.State][]feedback.Action{
		feedback.StateNone:      {feedback.ActionOpen},
		feedback.StateOpen:      {feedback.ActionClaim, feedback.ActionFinish, feedback.ActionSnooze, feedback.ActionAssign},
		feedback.StateClaimed:   {feedback.ActionFinish, feedback.ActionRelease, feedback.ActionSnooze, feedback.ActionAssign},
		feedback.StateSnoozed:   {feedback.ActionClaim, feedback.ActionFinish},
		feedback.StateDone:      {feedback.ActionReopen},
		feedback.StateExplained: {feedback.ActionFinish, feedback.ActionReopen},
		feedback.StateWithdrawn: {feedback.ActionReopen},
	} {
		assert.Equal(t, want, state.Actions(), state)
		active := state == feedback.StateOpen || state == feedback.StateClaimed
		assert.Equal(t, active, state.Active(), state)
		assert.Equal(t, active || state == feedback.StateSnoozed, state.Pending(), state)
		f := standing(state)
		f.DueAt = noon(0)
		assert.False(t, f.Overdue(noon(0)), "due is not late")
		assert.Equal(t, active, f.Overdue(noon(0.001)), state)
	}
	assert.Len(t, feedback.Outcomes(), 7)
	for _, o := range feedback.Outcomes() {
		assert.True(t, o.Known(), o)
	}
	assert.False(t, feedback.Outcome("").Known())
}

// TestDueInOfficeTime: one that opens on a Friday afternoon is due on Monday,
// and an urgent one sooner.
func TestDueInOfficeTime(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	hours, err := feedback.ParseHours("Mon-Fri 09:00-17:00", amsterdam, feedback.Holidays{})
	require.NoError(t, err)
	policy := feedback.Policy{Hours: hours, Due: 4 * time.Hour, DueUrgent: time.Hour}
	friday := time.Date(2026, time.November, 20, 15, 0, 0, 0, amsterdam)
	assert.Equal(t, time.Date(2026, time.November, 23, 11, 0, 0, 0, amsterdam).UTC(), policy.DueAt(friday, false).UTC())
	assert.Equal(t, time.Date(2026, time.November, 20, 16, 0, 0, 0, amsterdam).UTC(), policy.DueAt(friday, true).UTC())
}
