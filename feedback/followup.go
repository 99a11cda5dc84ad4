package feedback

import (
	"fmt"
	"slices"
	"time"
)

// State is where a follow-up stands.
type State string

// The states of a follow-up.
const (
	StateNone      State = ""          // there is none
	StateOpen      State = "open"      // waits for somebody
	StateClaimed   State = "claimed"   // somebody is on it
	StateDone      State = "done"      // ended with an outcome
	StateExplained State = "explained" // the customer's comment ended it
	StateWithdrawn State = "withdrawn" // the answer turned green
)

// States lists the states a follow-up that exists can have.
func States() []State {
	return []State{StateOpen, StateClaimed, StateDone, StateExplained, StateWithdrawn}
}

// Active reports whether somebody still has to do something.
func (s State) Active() bool { return s == StateOpen || s == StateClaimed }

// Action is what a person does with a follow-up.
type Action string

// The actions of a person.
const (
	ActionOpen    Action = "open"
	ActionClaim   Action = "claim"
	ActionRelease Action = "release"
	ActionFinish  Action = "done"
	ActionReopen  Action = "reopen"
)

// Actions lists the actions of a person.
func Actions() []Action {
	return []Action{ActionClaim, ActionFinish, ActionRelease, ActionReopen, ActionOpen}
}

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

// ByCustomer is who made a transition that an event of the sender caused; every
// other transition names a Slack user.
const ByCustomer = "customer"

// FollowUp is the task to ask a customer what was wrong. A feedback has at most
// one, which can open several times.
type FollowUp struct {
	// ID is a UUIDv7.
	ID    string
	State State
	// Claimer is the Slack user who is on it, while it is claimed.
	Claimer string
	// Outcome and Note say how it ended, while it is done.
	Outcome Outcome
	Note    string
	// OpenedAt and DueAt belong to the latest opening; Openings counts them.
	OpenedAt, DueAt time.Time
	Openings        int
	// ChangedAt and ChangedBy tell the latest transition: a Slack user or
	// [ByCustomer].
	ChangedAt time.Time
	ChangedBy string
}

// Case is a feedback with its follow-up, as they stand; the follow-up's State is
// [StateNone] when there is none.
type Case struct {
	Feedback Feedback
	FollowUp FollowUp
}

// Overdue reports whether an active follow-up is past its due time.
func (f FollowUp) Overdue(now time.Time) bool { return f.State.Active() && now.After(f.DueAt) }

// Policy says how long a follow-up may take.
type Policy struct {
	Hours Hours
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

// Step is a person's action on a follow-up.
type Step struct {
	Action Action
	// By is the Slack user.
	By string
	// Outcome and Note go with [ActionFinish].
	Outcome Outcome
	Note    string
	At      time.Time
}

// NotPossibleError is returned for an action that the state of the follow-up
// does not allow, because somebody was quicker.
type NotPossibleError struct {
	Action Action
	// Now is the follow-up as it stands.
	Now FollowUp
}

func (e *NotPossibleError) Error() string {
	return fmt.Sprintf("a follow-up that is %q cannot be changed by %q", e.Now.State, e.Action)
}

// Take applies a person's step. due is asked when the follow-up opens. The
// error is a [*NotPossibleError].
func (f FollowUp) Take(s Step, due func(opened time.Time) time.Time) (FollowUp, error) {
	if !slices.Contains(from(s.Action), f.State) {
		return f, &NotPossibleError{Action: s.Action, Now: f}
	}
	switch s.Action {
	case ActionOpen, ActionReopen:
		return f.open(s.By, s.At, due), nil
	case ActionClaim:
		f = f.to(StateClaimed, s.By, s.At)
		f.Claimer = s.By
	case ActionRelease:
		f = f.to(StateOpen, s.By, s.At)
	case ActionFinish:
		f = f.to(StateDone, s.By, s.At)
		f.Outcome, f.Note = s.Outcome, s.Note
	}
	return f, nil
}

// from lists the states in which an action is possible.
func from(a Action) []State {
	switch a {
	case ActionOpen:
		return []State{StateNone}
	case ActionClaim:
		return []State{StateOpen}
	case ActionRelease:
		return []State{StateClaimed}
	case ActionFinish:
		return []State{StateOpen, StateClaimed, StateExplained}
	case ActionReopen:
		return []State{StateDone, StateExplained, StateWithdrawn}
	}
	return nil
}

// Actions lists what a person can do in a state, the likeliest first.
func (s State) Actions() []Action {
	var possible []Action
	for _, a := range Actions() {
		if slices.Contains(from(a), s) {
			possible = append(possible, a)
		}
	}
	return possible
}

// React tells what an event does to the follow-up of a feedback; before is nil
// for a new feedback. told is true when the claimer must hear that the
// explanation has come.
//
//   - It opens when an answer becomes unhappy and unexplained, from nothing or
//     from explained or withdrawn; done stays done.
//   - Open becomes explained when the comment comes, but not for a review, which
//     somebody must answer on the site; a claimed one stays with its claimer.
//   - Any but done is withdrawn when the answer turns green, or the feedback is
//     void; on a voided feedback none opens.
//   - Its due time follows the ticket's urgency while it is active.
func (f FollowUp) React(before *Feedback, after Feedback, now time.Time, due func(opened time.Time) time.Time) (next FollowUp, told bool) {
	next, told = f.react(before, after, now, due)
	if before != nil && before.Ticket.Urgent != after.Ticket.Urgent && next.State.Active() {
		next.DueAt = Moment(due(next.OpenedAt))
	}
	return next, told
}

func (f FollowUp) react(before *Feedback, after Feedback, now time.Time, due func(time.Time) time.Time) (next FollowUp, told bool) {
	const by = ByCustomer
	wanted := wantsFollowUp(after) && (before == nil || !wantsFollowUp(*before))
	settled := after.Voided() || before != nil && before.Colour() != Green && after.Colour() == Green
	commented := before != nil && !before.Explained() && after.Explained()
	switch {
	case wanted && slices.Contains([]State{StateNone, StateExplained, StateWithdrawn}, f.State):
		return f.open(by, now, due), false
	case settled && slices.Contains([]State{StateOpen, StateClaimed, StateExplained}, f.State):
		return f.to(StateWithdrawn, by, now), false
	case commented && f.State == StateOpen && after.Kind != KindReview:
		return f.to(StateExplained, by, now), false
	case commented && f.State == StateClaimed:
		return f, true
	}
	return f, false
}

// wantsFollowUp reports whether a feedback asks for a follow-up by itself: an
// unhappy smiley or satisfaction score that nobody explained, or a review of
// three stars or less, which somebody must answer on the site. What is void asks
// for nothing.
func wantsFollowUp(f Feedback) bool {
	if f.Voided() {
		return false
	}
	switch f.Kind {
	case KindSmiley, KindCSAT:
		return f.Colour().Unhappy() && !f.Explained()
	case KindReview:
		return f.Colour().Unhappy()
	default:
		return false
	}
}

// open starts the follow-up, or starts it again.
func (f FollowUp) open(by string, now time.Time, due func(time.Time) time.Time) FollowUp {
	f = f.to(StateOpen, by, now)
	f.OpenedAt, f.DueAt = Moment(now), Moment(due(now))
	f.Openings++
	return f
}

// to moves the follow-up; what belonged to the former state is let go.
func (f FollowUp) to(state State, by string, now time.Time) FollowUp {
	f.State, f.ChangedBy, f.ChangedAt = state, by, Moment(now)
	f.Claimer, f.Outcome, f.Note = "", "", ""
	return f
}
