package followup

import (
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Snooze is for how long a follow-up is put away.
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

// Until is when a snooze that begins now ends. One that is not known ends at once.
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

// snooze puts the follow-up away; whoever is on it stays so. It is not due before it
// comes back.
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

// Wake brings a follow-up back whose snooze has ended, to where it was; any other
// stays as it is.
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
