package feedback

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits of what a sender may put into a field, in characters (Unicode code
// points). Comments have none of their own: a webhook's body bounds them.
const (
	MaxID   = 200  // an event's id and the ids of customer, agent and ticket
	MaxName = 200  // names, e-mail addresses, subjects, sites
	MaxURL  = 2000 // a ticket's address
	MaxRaw  = 200  // a rating as its sender has it
)

// Answer holds the values of a feedback that events can set. The zero value of
// a field means "nobody said"; whether it was ever mentioned is kept beside the
// answer, by [Field].
type Answer struct {
	// Rating is the score, or for smileys [Smiley.Value].
	Rating int
	// Raw is the rating as the sender has it when its scale is not ours, such as
	// Great or 103; empty when it is. It changes with Rating.
	Raw string
	// Comment is the customer's explanation, whole; empty means none.
	Comment  string
	Customer Person
	// Agent is who gave the answer that was rated.
	Agent  Person
	Ticket Ticket
	// Site is the review site, for reviews.
	Site string
	// FollowUpOf is the sender's id of the feedback whose follow-up this
	// answer judges.
	FollowUpOf string
}

// Person is a customer or an agent as the sender names them.
type Person struct {
	ID, Name, Email string
}

// Key names a person for counting: the id, or the name where the sender has no ids, in
// any case.
func (p Person) Key() string {
	if p.ID != "" {
		return p.ID
	}
	return strings.ToLower(p.Name)
}

// Ticket is what was rated, or the conversation it belongs to.
type Ticket struct {
	ID, Subject string
	// URL is http or https.
	URL    string
	Urgent bool
	// The moments of the ticket; zero when unknown.
	OpenedAt, FirstReplyAt, ResolvedAt time.Time
	// Replies is how many answers the team gave.
	Replies int
}

// Field names one value of an [Answer] that has a history of its own.
type Field string

// The fields, named as the webhook names them; FieldRating is a webhook's
// smiley or score.
const (
	FieldRating             Field = "rating"
	FieldComment            Field = "comment"
	FieldCustomerID         Field = "customer.id"
	FieldCustomerName       Field = "customer.name"
	FieldCustomerEmail      Field = "customer.email"
	FieldAgentID            Field = "agent.id"
	FieldAgentName          Field = "agent.name"
	FieldAgentEmail         Field = "agent.email"
	FieldTicketID           Field = "ticket.id"
	FieldTicketSubject      Field = "ticket.subject"
	FieldTicketURL          Field = "ticket.url"
	FieldTicketUrgent       Field = "ticket.urgent"
	FieldTicketOpenedAt     Field = "ticket.opened_at"
	FieldTicketFirstReplyAt Field = "ticket.first_reply_at"
	FieldTicketResolvedAt   Field = "ticket.resolved_at"
	FieldTicketReplies      Field = "ticket.replies"
	FieldSite               Field = "site"
	FieldFollowUpOf         Field = "follow_up_of"
)

// Personal reports whether the field of a kind tells of the customer: it is erased when
// the customer is forgotten. The title of a review is the customer's words, and its page
// has them all.
func (k Kind) Personal(f Field) bool {
	switch f {
	case FieldComment, FieldCustomerID, FieldCustomerName, FieldCustomerEmail:
		return true
	case FieldTicketSubject, FieldTicketURL:
		return k == KindReview
	default:
		return false
	}
}

// Fields lists every field.
func Fields() []Field {
	var fields []Field
	for _, s := range fieldAccessors() {
		fields = append(fields, s.field)
	}
	return fields
}

// A slot is one field and its value.
type fieldAccessor struct {
	field Field
	accessor
}

// What is valued can be moved, compared and read.
type accessor interface {
	copy(to, from *Answer)
	same(a, b *Answer) bool
	value(a *Answer) any
}

// fieldAccessors lists every field once; merging is a walk over it.
func fieldAccessors() []fieldAccessor {
	return []fieldAccessor{
		{FieldRating, rating{}},
		{FieldComment, pointerTo[string](func(a *Answer) *string { return &a.Comment })},
		{FieldCustomerID, pointerTo[string](func(a *Answer) *string { return &a.Customer.ID })},
		{FieldCustomerName, pointerTo[string](func(a *Answer) *string { return &a.Customer.Name })},
		{FieldCustomerEmail, pointerTo[string](func(a *Answer) *string { return &a.Customer.Email })},
		{FieldAgentID, pointerTo[string](func(a *Answer) *string { return &a.Agent.ID })},
		{FieldAgentName, pointerTo[string](func(a *Answer) *string { return &a.Agent.Name })},
		{FieldAgentEmail, pointerTo[string](func(a *Answer) *string { return &a.Agent.Email })},
		{FieldTicketID, pointerTo[string](func(a *Answer) *string { return &a.Ticket.ID })},
		{FieldTicketSubject, pointerTo[string](func(a *Answer) *string { return &a.Ticket.Subject })},
		{FieldTicketURL, pointerTo[string](func(a *Answer) *string { return &a.Ticket.URL })},
		{FieldTicketUrgent, pointerTo[bool](func(a *Answer) *bool { return &a.Ticket.Urgent })},
		{FieldTicketOpenedAt, pointerTo[time.Time](func(a *Answer) *time.Time { return &a.Ticket.OpenedAt })},
		{FieldTicketFirstReplyAt, pointerTo[time.Time](func(a *Answer) *time.Time { return &a.Ticket.FirstReplyAt })},
		{FieldTicketResolvedAt, pointerTo[time.Time](func(a *Answer) *time.Time { return &a.Ticket.ResolvedAt })},
		{FieldTicketReplies, pointerTo[int](func(a *Answer) *int { return &a.Ticket.Replies })},
		{FieldSite, pointerTo[string](func(a *Answer) *string { return &a.Site })},
		{FieldFollowUpOf, pointerTo[string](func(a *Answer) *string { return &a.FollowUpOf })},
	}
}

// rating is the rating with what its sender calls it.
type rating struct{}

func (rating) copy(to, from *Answer)  { to.Rating, to.Raw = from.Rating, from.Raw }
func (rating) same(a, b *Answer) bool { return a.Rating == b.Rating && a.Raw == b.Raw }
func (rating) value(a *Answer) any    { return a.Rating }

// pointerTo is where the value of a field stands.
type pointerTo[T comparable] func(*Answer) *T

func (at pointerTo[T]) copy(to, from *Answer)  { *at(to) = *at(from) }
func (at pointerTo[T]) same(a, b *Answer) bool { return *at(a) == *at(b) }
func (at pointerTo[T]) value(a *Answer) any    { return *at(a) }

// Text is the value of a field as people read it; a rating as the number it is kept
// under.
func (a Answer) Text(field Field) string {
	for _, s := range fieldAccessors() {
		if s.field != field {
			continue
		}
		if t, ok := s.value(&a).(time.Time); ok {
			return t.Format(time.RFC3339Nano)
		}
		return fmt.Sprint(s.value(&a))
	}
	return ""
}

// Moment is t as smileybot keeps times: in UTC, cut to the millisecond, and so
// comparable with ==.
func Moment(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// RatingText is a rating as a sender writes it: a smiley's colour word, or the
// score in digits.
func (k Kind) RatingText(rating int) string {
	if k == KindSmiley {
		return string(k.Colour(rating))
	}
	return strconv.Itoa(rating)
}
