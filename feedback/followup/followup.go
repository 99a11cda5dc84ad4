// Package followup is the state machine of follow-ups: the task to ask an unhappy customer what was
// wrong.
package followup

import (
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// State is the state of a follow-up.
type State string

// The states of a follow-up.
const (
	StateNone      State = ""          // no follow-up
	StateOpen      State = "open"      // waits for a claim
	StateClaimed   State = "claimed"   // has a claimer
	StateSnoozed   State = "snoozed"   // comes back by itself at a chosen time
	StateDone      State = "done"      // ended with an outcome
	StateExplained State = "explained" // the customer's comment ended it
	StateWithdrawn State = "withdrawn" // the answer turned green, or does not count
)

// States lists the states a follow-up that exists can have.
func States() []State {
	return []State{StateOpen, StateClaimed, StateSnoozed, StateDone, StateExplained, StateWithdrawn}
}

// Active reports whether the team has to do something now.
func (s State) Active() bool { return s == StateOpen || s == StateClaimed }

// Pending reports whether the team has to do something, now or after a snooze.
func (s State) Pending() bool { return s.Active() || s == StateSnoozed }

// Outcome is the result of a follow-up, from which the team learns.
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

// ByClock made a transition that a chosen time caused.
const ByClock = "clock"

// FollowUp is the task to ask a customer what was wrong. A feedback has at most one, which can open
// several times.
type FollowUp struct {
	// ID is a UUIDv7.
	ID    string
	State State
	// Claimer is the Slack user who has claimed it, also while it is snoozed.
	Claimer string
	// Outcome and Note belong to a follow-up that is done.
	Outcome Outcome
	Note    string
	// OpenedAt and DueAt belong to the latest opening; Openings counts them.
	OpenedAt, DueAt time.Time
	Openings        int
	// SnoozedUntil is the end of the latest snooze since it opened, zero without one; Snoozes
	// counts them. It is not due before.
	SnoozedUntil time.Time
	Snoozes      int
	// Reminded means that the reminder was queued, Escalated that the escalation to the leads was,
	// since it opened. A snooze past the due time moves the due time and clears Reminded.
	Reminded, Escalated bool
	// BeforeVoid is its state before its feedback was voided, the zero value at other times.
	BeforeVoid BeforeVoid
	// ChangedAt and ChangedBy belong to the latest transition: a Slack user, [feedback.ByCustomer]
	// or [ByClock].
	ChangedAt time.Time
	ChangedBy string
}

// BeforeVoid is the state of a follow-up before its feedback was voided.
type BeforeVoid struct {
	State        State
	Claimer      string
	SnoozedUntil time.Time
	// Explained and Happy are what was known of the feedback: that it had a comment, and that it
	// was green.
	Explained, Happy bool
}

// Snapshot is a feedback with its follow-up at one moment. The State of the follow-up is
// [StateNone] without one.
type Snapshot struct {
	Feedback feedback.Feedback
	FollowUp FollowUp
	// Recovery is the colour of the customer's answer to whether the follow-up helped, empty
	// without an answer.
	Recovery feedback.Smiley
	// Risk is why the customer is at risk, if [feedback.Feedback.AtRisk] says so. Lists do not have it.
	Risk feedback.Risk
}

// Quiet reports whether there is nothing to read and nothing to do: a green answer without a
// comment and without a follow-up that anyone did something about.
func (s Snapshot) Quiet() bool {
	settled := s.FollowUp.State == StateNone || s.FollowUp.State == StateWithdrawn
	return s.Feedback.Colour() == feedback.Green && s.Feedback.Comment == "" && settled && !s.Feedback.Suspect
}

// Overdue reports whether an active follow-up is past its due time.
func (f FollowUp) Overdue(now time.Time) bool { return f.State.Active() && now.After(f.DueAt) }

// Policy is how long a follow-up may take.
type Policy struct {
	Hours office.Hours
	// Due and DueUrgent are office time.
	Due, DueUrgent time.Duration
}

// DueAt is the due time of a follow-up that opens at that moment, at most [office.Horizon].
func (p Policy) DueAt(opened time.Time, urgent bool) time.Time {
	if urgent {
		return p.Hours.Add(opened, p.DueUrgent)
	}
	return p.Hours.Add(opened, p.Due)
}

// Announcement is a change of a follow-up that the ticket system receives.
type Announcement string

// The announcements have the names of the outgoing webhook.
const (
	AnnounceOpened    Announcement = "followup.opened"    // or opened again
	AnnounceClaimed   Announcement = "followup.claimed"   // or handed over
	AnnounceDone      Announcement = "followup.done"      // with an outcome
	AnnounceExplained Announcement = "followup.explained" // it closed itself
)

// Announcements lists every announcement.
func Announcements() []Announcement {
	return []Announcement{AnnounceOpened, AnnounceClaimed, AnnounceDone, AnnounceExplained}
}

// Announce is the announcement of a change, empty when there is none: a release, a snooze, a
// withdrawal and the end of a snooze are not announced.
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
