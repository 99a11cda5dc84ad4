package feedback

import (
	"fmt"
	"maps"
	"time"
)

// Event is what one webhook says about one feedback.
type Event struct {
	Key
	// OccurredAt is when it happened, with the precision of the sender. It is never after the
	// arrival of the event.
	OccurredAt time.Time
	// BeganAt is when the customer first answered, for a sender that reports it next to the moment
	// of the latest change; else zero.
	BeganAt time.Time
	// TakenBack means that the answer was taken back at OccurredAt, such as a deleted review. It
	// does not count until the customer answers again.
	TakenBack bool
	// Answer has the values of the mentioned fields.
	Answer Answer
	// Mentions has the fields that the event mentions; the others stay as they are.
	Mentions map[Field]bool
	// Whole says that the event states the whole answer as it was in the end, such as a row of history.
	// It corrects the agent and the customer, too.
	Whole bool
	// SetAt has the moments of fields that were set at another time than OccurredAt, in an event that
	// has the result of several: a row of an export. It may be nil.
	SetAt map[Field]time.Time
	// Claims are those of the events of which a row of an export is the result. It may be nil.
	Claims []Claim
}

// MomentOf is when the event set a field.
func (e Event) MomentOf(field Field) time.Time {
	if at, ok := e.SetAt[field]; ok {
		return at
	}
	return e.OccurredAt
}

// earliest is the first moment that the event reports, as a [Moment].
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

// Anonymous is the event without personal data.
func (e Event) Anonymous() Event {
	e.Claims = nil
	e.Mentions = maps.Clone(e.Mentions)
	maps.DeleteFunc(e.Mentions, func(f Field, _ bool) bool { return e.Kind.Personal(f) })
	for _, a := range fieldAccessors() {
		if e.Kind.Personal(a.field) {
			a.copy(&e.Answer, &Answer{})
		}
	}
	return e
}

// Field names one value of an [Answer] that has a history of its own.
type Field string

// The fields have the names of the webhook; FieldRating is its smiley or score.
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

// Personal reports whether the field identifies the customer or has the customer's words, so that
// it is erased with the customer's data. The title of a review is the customer's words, and its
// page shows them all.
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
	for _, a := range fieldAccessors() {
		fields = append(fields, a.field)
	}
	return fields
}

// fieldAccessor is one field and the access to its value.
type fieldAccessor struct {
	field Field
	accessor
}

// accessor copies, compares and reads one value of an [Answer].
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

// rating accesses the rating together with the sender's own words for it.
type rating struct{}

func (rating) copy(to, from *Answer)  { to.Rating, to.Raw = from.Rating, from.Raw }
func (rating) same(a, b *Answer) bool { return a.Rating == b.Rating && a.Raw == b.Raw }
func (rating) value(a *Answer) any    { return a.Rating }

// pointerTo accesses a value that is one variable.
type pointerTo[T comparable] func(*Answer) *T

func (p pointerTo[T]) copy(to, from *Answer)  { *p(to) = *p(from) }
func (p pointerTo[T]) same(a, b *Answer) bool { return *p(a) == *p(b) }
func (p pointerTo[T]) value(a *Answer) any    { return *p(a) }

// IsZero reports whether a field has no value.
func (a Answer) IsZero(field Field) bool {
	for _, s := range fieldAccessors() {
		if s.field == field {
			return s.same(&a, &Answer{})
		}
	}
	return true
}

// Text is the value of a field for people to read; a rating is the number that is stored.
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
