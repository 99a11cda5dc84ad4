package followup

import (
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// State is where a follow-up stands.
type State string

// The states of a follow-up.
const (
	StateNone      State = ""          // there is none
	StateOpen      State = "open"      // waits for somebody
	StateClaimed   State = "claimed"   // somebody is on it
	StateSnoozed   State = "snoozed"   // comes back by itself at a chosen time
	StateDone      State = "done"      // ended with an outcome
	StateExplained State = "explained" // the customer's comment ended it
	StateWithdrawn State = "withdrawn" // the answer turned green, or does not count
)

// States lists the states a follow-up that exists can have.
func States() []State {
	return []State{StateOpen, StateClaimed, StateSnoozed, StateDone, StateExplained, StateWithdrawn}
}

// Active reports whether somebody has to do something now.
func (s State) Active() bool { return s == StateOpen || s == StateClaimed }

// Pending reports whether somebody still has to do something, now or when it comes
// back.
func (s State) Pending() bool { return s.Active() || s == StateSnoozed }

// Outcome is what came out of a follow-up: what the team learns from it.
type Outcome string

// The outcomes a follow-up can end with.
const (
	OutcomeGuideFixed       Outcome = "guide_fixed"
	OutcomeAnswerImproved   Outcome = "answer_improved"
	OutcomeBugReported      Outcome = "bug_reported"
	OutcomeMisunderstanding Outcome = "misunderstanding"
	OutcomePriceOrPolicy    Outcome = "price_or_policy"
	OutcomeNoReply          Outcome = "no_reply"
	OutcomeOther            Outcome = "other"
)

// Outcomes lists the outcomes in the order a person is offered them.
func Outcomes() []Outcome {
	return []Outcome{
		OutcomeGuideFixed, OutcomeAnswerImproved, OutcomeBugReported, OutcomeMisunderstanding,
		OutcomePriceOrPolicy, OutcomeNoReply, OutcomeOther,
	}
}

// Known reports whether the outcome is one of [Outcomes].
func (o Outcome) Known() bool { return slices.Contains(Outcomes(), o) }

// ByClock is who made a transition that a chosen time caused.
const ByClock = "clock"

// FollowUp is the task to ask a customer what was wrong. A feedback has at most
// one, which can open several times.
type FollowUp struct {
	// ID is a UUIDv7.
	ID    string
	State State
	// Claimer is the Slack user who is on it, while it is claimed, or was when it was
	// snoozed.
	Claimer string
	// Outcome and Note say how it ended, while it is done.
	Outcome Outcome
	Note    string
	// OpenedAt and DueAt belong to the latest opening; Openings counts them.
	OpenedAt, DueAt time.Time
	Openings        int
	// SnoozedUntil is the end of the latest snooze since it opened, zero when there was
	// none; Snoozes counts them. It is not due before.
	SnoozedUntil time.Time
	Snoozes      int
	// Reminded tells that it was said that it is due, Escalated that the leads were
	// told that it is overdue, since it opened. A snooze past its due time has it due,
	// and said so, once more.
	Reminded, Escalated bool
	// BeforeVoid is how it stood when its feedback was voided, the zero Standing at other
	// times.
	BeforeVoid BeforeVoid
	// ChangedAt and ChangedBy tell the latest transition: a Slack user,
	// [feedback.ByCustomer] or [ByClock].
	ChangedAt time.Time
	ChangedBy string
}

// BeforeVoid is where a follow-up stood.
type BeforeVoid struct {
	State        State
	Claimer      string
	SnoozedUntil time.Time
	// Explained and Happy tell what was known of the customer: why, and that the answer
	// was green.
	Explained, Happy bool
}

// Snapshot is a feedback with its follow-up, as they stand; the follow-up's State is
// [StateNone] when there is none.
type Snapshot struct {
	Feedback feedback.Feedback
	FollowUp FollowUp
	// Recovery is the colour of the customer's answer to whether the follow-up helped,
	// empty when there is none.
	Recovery feedback.Smiley
}

// Overdue reports whether an active follow-up is past its due time.
func (f FollowUp) Overdue(now time.Time) bool { return f.State.Active() && now.After(f.DueAt) }

// Policy says how long a follow-up may take.
type Policy struct {
	Hours office.Hours
	// Due and DueUrgent are office time.
	Due, DueUrgent time.Duration
}

// DueAt is when a follow-up that opened at that moment is due.
func (p Policy) DueAt(opened time.Time, urgent bool) time.Time {
	if urgent {
		return p.Hours.Add(opened, p.DueUrgent)
	}
	return p.Hours.Add(opened, p.Due)
}

// Announcement is something about a follow-up that the ticket system is told.
type Announcement string

// The announcements, as the outgoing webhook names them.
const (
	AnnounceOpened    Announcement = "followup.opened"    // or opened again
	AnnounceClaimed   Announcement = "followup.claimed"   // or handed to somebody else
	AnnounceDone      Announcement = "followup.done"      // with an outcome
	AnnounceExplained Announcement = "followup.explained" // it closed itself
)

// Announcements lists every announcement.
func Announcements() []Announcement {
	return []Announcement{AnnounceOpened, AnnounceClaimed, AnnounceDone, AnnounceExplained}
}

// Announce is what the ticket system is told of a follow-up that has changed, empty when
// it need not know: that it was released, snoozed or withdrawn, or came back from a
// snooze.
func (f FollowUp) Announce(before FollowUp) Announcement {
	if f.State == before.State && f.Claimer == before.Claimer {
		return ""
	}
	switch f.State {
	case StateOpen:
		if !before.State.Pending() {
			return AnnounceOpened
		}
	case StateClaimed:
		if f.Claimer != before.Claimer || !before.State.Pending() {
			return AnnounceClaimed
		}
	case StateDone:
		return AnnounceDone
	case StateExplained:
		return AnnounceExplained
	case StateNone, StateSnoozed, StateWithdrawn:
	}
	return ""
}
