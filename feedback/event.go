package feedback

import (
	"maps"
	"time"
)

// Key names a feedback as its sender does. Events with the same key are about
// the same feedback.
type Key struct {
	// Sender is the system that fired the webhook, "feedback" for the own format.
	Sender  string
	Channel Channel
	Kind    Kind
	// ID is the sender's own name of what was rated.
	ID string
}

// Event is one thing a sender said about one feedback.
type Event struct {
	Key
	// OccurredAt is when it happened, as exactly as the sender says; never after
	// the event arrived.
	OccurredAt time.Time
	// BeganAt is when the customer first answered, for a sender that tells it beside
	// the moment of the latest change; zero when it does not.
	BeganAt time.Time
	// TakenBack says that the answer was taken back at OccurredAt: a review that was
	// deleted. It does not count any more, until the customer answers anew.
	TakenBack bool
	// Answer holds the values of the fields that are mentioned.
	Answer Answer
	// Mentions tells which fields the event speaks of; the rest stays as it is.
	Mentions map[Field]bool
}

// earliest is the first moment that the event tells of, as a [Moment].
func (e Event) earliest() time.Time {
	if !e.BeganAt.IsZero() && e.BeganAt.Before(e.OccurredAt) {
		return Moment(e.BeganAt)
	}
	return Moment(e.OccurredAt)
}

// commented reports whether the event itself brings an explanation.
func (e Event) commented() bool {
	return e.Mentions[FieldComment] && e.Answer.Comment != ""
}

// Anonymous is the event without what is personal.
func (e Event) Anonymous() Event {
	e.Mentions = maps.Clone(e.Mentions)
	maps.DeleteFunc(e.Mentions, func(f Field, _ bool) bool { return e.Kind.Personal(f) })
	for _, s := range fieldAccessors() {
		if e.Kind.Personal(s.field) {
			s.copy(&e.Answer, &Answer{})
		}
	}
	return e
}

// Feedback is one answer of one customer about one thing, as all the events
// known so far make it.
type Feedback struct {
	// ID is smileybot's own name of the feedback, a UUIDv7.
	ID string
	Key
	Answer
	// SetAt keeps for every mentioned field the OccurredAt that set it, exactly.
	SetAt map[Field]time.Time
	// OccurredAt is the earliest known, a [Moment]; the feedback counts on its
	// local day.
	OccurredAt time.Time
	// ReceivedAt is when the first event arrived.
	ReceivedAt time.Time
	// Suspect marks clicks that probably a mail scanner made, see [Merge]. Confirmed
	// says that a person has confirmed them: then they are not suspect again.
	Suspect, Confirmed bool
	// AtRisk says that the answer is one of those that put its customer at risk, see
	// [RiskStreak].
	AtRisk bool
	// ForgottenAt is when what it told of its customer was erased, zero when it was
	// not.
	ForgottenAt time.Time
	// Void says that it does not count, and why.
	Void Void
	// Revision counts the changes that are visible in Slack, from 1. It is 0 for
	// what was only imported, see [Feedback.Live].
	Revision int64
}

// Live reports whether the feedback has a message in Slack, or is to have one: a
// webhook has told of it, not only an import.
func (f Feedback) Live() bool { return f.Revision > 0 }

// Colour is the colour under which the feedback is shown.
func (f Feedback) Colour() Smiley { return f.Kind.Colour(f.Rating) }

// Explained reports whether the customer said why.
func (f Feedback) Explained() bool { return f.Comment != "" }

// Forgotten reports whether what it told of its customer was erased.
func (f Feedback) Forgotten() bool { return !f.ForgottenAt.IsZero() }
