package feedback

import (
	"slices"
	"strings"
	"time"
)

// Limits of what a sender may put into a field, in characters (Unicode code points). A comment has
// no limit of its own: the body of a webhook bounds it.
const (
	MaxID   = 200  // the id of an event, customer, agent or ticket
	MaxName = 200  // a name, e-mail address, subject or site
	MaxURL  = 2000 // the address of a ticket
	MaxRaw  = 200  // a rating in the sender's own words
)

// Key identifies a feedback by the names its sender uses. Events with the same key are about the
// same feedback.
type Key struct {
	// Sender is the system that posted the webhook, "feedback" for our own format.
	Sender  string
	Channel Channel
	Kind    Kind
	// ID is the sender's own name of what was rated.
	ID string
}

// Feedback is one answer of one customer about one thing: the result of all events known so far.
type Feedback struct {
	// ID is smileybot's own name of the feedback, a UUIDv7.
	ID string
	Key
	Answer
	// SetAt has for every mentioned field the exact OccurredAt that set it.
	SetAt map[Field]time.Time
	// Claims are what its events said of its people, in the order of their moments; none of a feedback
	// whose fields and moments tell them: that of a single event, or of a row of history.
	Claims []Claim
	// OccurredAt is the earliest known, a [Moment]; the feedback counts on its local day.
	OccurredAt time.Time
	// ReceivedAt is when the first event arrived.
	ReceivedAt time.Time
	// Suspect marks clicks that a mail scanner probably made, see [Merge]. Confirmed means that a
	// person has confirmed them: then they are not suspect again.
	Suspect, Confirmed bool
	// AtRisk marks an answer that puts its customer at risk, see [RiskStreak].
	AtRisk bool
	// ErasedAt is when the personal data was erased, zero when it was not.
	ErasedAt time.Time
	// Void says whether and why the feedback does not count.
	Void Void
	// Revision counts the changes that are visible in Slack, from 1. It is 0 for a feedback that
	// was only imported, see [Feedback.Live].
	Revision int64
}

// Live reports whether the feedback has a message in Slack, or must have one: a webhook brought
// it, not only an import.
func (f Feedback) Live() bool { return f.Revision > 0 }

// Colour is the colour under which the feedback is shown.
func (f Feedback) Colour() Smiley { return f.Kind.Colour(f.Rating) }

// Explained reports whether the customer said why.
func (f Feedback) Explained() bool { return f.Comment != "" }

// Erased reports whether the personal data of the feedback was erased.
func (f Feedback) Erased() bool { return !f.ErasedAt.IsZero() }

// Answer has the values of a feedback that events can set. The zero value of a field means that it
// is unknown; [Feedback.SetAt] says whether it was ever mentioned.
type Answer struct {
	// Rating is the score, or [Smiley.Value] for smileys.
	Rating int
	// Raw is the rating in the sender's own words when its scale is not ours, such as Great or 103;
	// else it is empty. It changes with Rating.
	Raw string
	// Comment is the customer's whole explanation, empty when there is none.
	Comment  string
	Customer Person
	// Agent gave the reply that was rated.
	Agent  Person
	Ticket Ticket
	// Site is the review site, for reviews.
	Site string
	// FollowUpOf is the sender's id of the feedback whose follow-up this answer judges.
	FollowUpOf string
}

// Person is a customer or an agent by the names a sender uses.
type Person struct {
	ID, Name, Email string
}

// Known reports whether a customer can be found again: by id or e-mail address, not by name alone.
func (p Person) Known() bool { return p.ID != "" || p.Email != "" }

// Key identifies a person for counting: the id, or else the name in lower case.
func (p Person) Key() string {
	if p.ID != "" {
		return p.ID
	}
	return strings.ToLower(p.Name)
}

// WithoutAddresses is a name without the e-mail addresses that many senders put into it: they are not shown.
// It is empty when there is nothing else.
func WithoutAddresses(name string) string {
	words := slices.DeleteFunc(strings.Fields(name), func(word string) bool { return strings.Index(word, "@") > 0 })
	return strings.Join(words, " ")
}

// Ticket is what was rated, or the conversation it belongs to.
type Ticket struct {
	ID, Subject string
	// URL is http or https.
	URL    string
	Urgent bool
	// OpenedAt, FirstReplyAt and ResolvedAt are zero when they are unknown.
	OpenedAt, FirstReplyAt, ResolvedAt time.Time
	// Replies is the number of replies of the team.
	Replies int
}

// Moment is t as smileybot stores times: in UTC, cut to the millisecond, and so comparable with ==.
func Moment(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }
