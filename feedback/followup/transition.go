package followup

import (
	"fmt"
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Action is a person's action on a follow-up.
type Action string

// The actions of a person.
const (
	ActionOpen    Action = "open"
	ActionClaim   Action = "claim"
	ActionRelease Action = "release"
	ActionFinish  Action = "done"
	ActionReopen  Action = "reopen"
	ActionSnooze  Action = "snooze"
	ActionAssign  Action = "assign" // hands it over
)

// Actions lists the actions of a person.
func Actions() []Action {
	return []Action{ActionClaim, ActionFinish, ActionRelease, ActionReopen, ActionOpen, ActionSnooze, ActionAssign}
}

// Transition is a person's action with its details.
type Transition struct {
	Action Action
	// By is the Slack user.
	By string
	// Outcome and Note belong to [ActionFinish].
	Outcome Outcome
	Note    string
	// To is the Slack user who receives it by [ActionAssign].
	To string
	// Until is the end of an [ActionSnooze].
	Until time.Time
	At    time.Time
	// Seen is what the person saw when they decided; see [Seen.Outdated].
	Seen Seen
}

// Seen is what a person saw of a follow-up when they decided.
type Seen struct {
	// Revision is that of the message; 0 is the present one.
	Revision int64
	// Form means that the person filled in a form. What the customer or the clock does meanwhile does not
	// make that outdated.
	Form bool
	// State and Claimer are those that the message showed. They are known to the store.
	State   State
	Claimer string
}

// Outdated reports whether the state or the claimer is another one than the person saw, and not because
// of what that person did last.
func (s Seen) Outdated(now FollowUp, by string) bool {
	if s.Revision == 0 || s.State == now.State && s.Claimer == now.Claimer || now.ChangedBy == by {
		return false
	}
	return !s.Form || now.ChangedBy != feedback.ByCustomer && now.ChangedBy != ByClock
}

// InvalidTransitionError is returned for an action that the state of the follow-up does not allow,
// or that another person's change has made outdated, see [Seen.Outdated].
type InvalidTransitionError struct {
	Action Action
	// Now is the follow-up at the moment of the refusal.
	Now FollowUp
}

func (e *InvalidTransitionError) Error() string {
	return fmt.Sprintf("a follow-up that is %q cannot be changed by %q", e.Now.State, e.Action)
}

// Apply applies a person's action. due computes the due time of a follow-up that opens. The error
// is an [*InvalidTransitionError].
func (f FollowUp) Apply(s Transition, due func(opened time.Time) time.Time) (FollowUp, error) {
	if !slices.Contains(from(s.Action), f.State) || s.Seen.Outdated(f, s.By) {
		return f, &InvalidTransitionError{Action: s.Action, Now: f}
	}
	switch s.Action {
	case ActionOpen, ActionReopen:
		return f.open(s.By, s.At, due), nil
	case ActionClaim:
		f = f.to(StateClaimed, s.By, s.At)
		f.Claimer = s.By
	case ActionAssign:
		if f.State == StateClaimed && f.Claimer == s.To {
			return f, nil // already the claimer
		}
		f = f.to(StateClaimed, s.By, s.At)
		f.Claimer = s.To
	case ActionRelease:
		f = f.to(StateOpen, s.By, s.At)
	case ActionSnooze:
		return f.snooze(s), nil
	case ActionFinish:
		f = f.to(StateDone, s.By, s.At)
		f.Outcome, f.Note = s.Outcome, s.Note
	}
	return f, nil
}

// from lists the states that allow an action.
func from(a Action) []State {
	switch a {
	case ActionOpen:
		return []State{StateNone}
	case ActionClaim:
		return []State{StateOpen, StateSnoozed}
	case ActionRelease:
		return []State{StateClaimed}
	case ActionSnooze:
		return []State{StateOpen, StateClaimed}
	case ActionAssign:
		return []State{StateOpen, StateClaimed, StateSnoozed}
	case ActionFinish:
		return []State{StateOpen, StateClaimed, StateSnoozed, StateExplained}
	case ActionReopen:
		return []State{StateDone, StateExplained, StateWithdrawn}
	}
	return nil
}

// Actions lists the actions that a state allows, the likeliest first.
func (s State) Actions() []Action {
	var possible []Action
	for _, a := range Actions() {
		if slices.Contains(from(a), s) {
			possible = append(possible, a)
		}
	}
	return possible
}

// open opens the follow-up, or opens it again.
func (f FollowUp) open(by string, now time.Time, due func(time.Time) time.Time) FollowUp {
	f = f.to(StateOpen, by, now)
	f.OpenedAt, f.DueAt = feedback.Moment(now), feedback.Moment(due(now))
	f.SnoozedUntil, f.Snoozes, f.Reminded, f.Escalated = time.Time{}, 0, false, false
	f.Openings++
	return f
}

// to changes the state and clears what belonged to the former one.
func (f FollowUp) to(state State, by string, now time.Time) FollowUp {
	f.State, f.ChangedBy, f.ChangedAt = state, by, feedback.Moment(now)
	f.Claimer, f.Outcome, f.Note, f.BeforeVoid = "", "", "", BeforeVoid{}
	return f
}

// LoseClaimer opens a claimed follow-up again, because its claimer has left the team. Any other stays as
// it is.
func (f FollowUp) LoseClaimer(now time.Time) FollowUp {
	if f.State != StateClaimed {
		return f
	}
	return f.to(StateOpen, ByClock, now)
}

// HandOver gives a claimed follow-up, or a snoozed one with a claimer, to another person. A snooze goes
// on. Any other stays as it is.
func (f FollowUp) HandOver(to, by string, now time.Time) FollowUp {
	if f.Claimer == "" || f.Claimer == to || !f.State.Pending() {
		return f
	}
	f = f.to(f.State, by, now)
	f.Claimer = to
	return f
}

// Snooze is a choice of when a follow-up comes back.
type Snooze string

// The snoozes.
const (
	SnoozeHour      Snooze = "1h"       // of the clock
	SnoozeFourHours Snooze = "4h"       // of the clock
	SnoozeTomorrow  Snooze = "tomorrow" // the opening of the next office day
	SnoozeMonday    Snooze = "monday"   // the opening of the first office day from next Monday on
)

// Snoozes lists the snoozes, the shortest first.
func Snoozes() []Snooze {
	return []Snooze{SnoozeHour, SnoozeFourHours, SnoozeTomorrow, SnoozeMonday}
}

// Known reports whether the snooze is one of [Snoozes].
func (s Snooze) Known() bool { return slices.Contains(Snoozes(), s) }

// Until is when a snooze that begins now ends. An unknown one ends at once.
func (s Snooze) Until(now time.Time, hours office.Hours) time.Time {
	today := office.DayOf(now, hours.Location())
	switch s {
	case SnoozeHour:
		return now.Add(time.Hour)
	case SnoozeFourHours:
		return now.Add(4 * time.Hour)
	case SnoozeTomorrow:
		return hours.Opening(today.Add(1))
	case SnoozeMonday:
		return hours.Opening(today.NextMonday())
	}
	return now
}

// snooze snoozes the follow-up. Its claimer stays, and it is not due before it comes back.
func (f FollowUp) snooze(s Transition) FollowUp {
	claimer := f.Claimer
	f = f.to(StateSnoozed, s.By, s.At)
	f.Claimer, f.SnoozedUntil = claimer, feedback.Moment(s.Until)
	f.Snoozes++
	if f.DueAt.Before(f.SnoozedUntil) {
		f.DueAt, f.Reminded = f.SnoozedUntil, false
	}
	return f
}

// Wake ends a snooze that is over: the follow-up is open or claimed again. Any other stays as it
// is.
func (f FollowUp) Wake(now time.Time) FollowUp {
	if f.State != StateSnoozed || now.Before(f.SnoozedUntil) {
		return f
	}
	claimer, state := f.Claimer, StateOpen
	if claimer != "" {
		state = StateClaimed
	}
	f = f.to(state, ByClock, now)
	f.Claimer = claimer
	return f
}
