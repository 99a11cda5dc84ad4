package webhook

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"smileybot/feedback"
)

// A form is an object of the own format while it is read. Its fields are taken
// out one by one; what is left in the end is unknown.
type form struct {
	fields   map[string]json.RawMessage // nested ones as customer.id
	unknown  []string
	errors   []problem // of required fields
	warnings []problem // of optional fields
}

// newForm lays the fields of the nested objects beside the others. A field that
// calls itself customer.id is none of them, and unknown.
func newForm(object map[string]json.RawMessage) *form {
	f := &form{fields: make(map[string]json.RawMessage, len(object))}
	for name, value := range object {
		if strings.Contains(name, ".") {
			f.unknown = append(f.unknown, name)
			continue
		}
		f.fields[name] = value
	}
	for _, name := range []string{"customer", "agent", "ticket"} {
		f.nest(name)
	}
	return f
}

func (f *form) nest(name string) {
	value, said := f.take(name)
	if !said {
		return
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		f.warn(name, "must be an object")
		return
	}
	for inner, value := range object {
		f.fields[name+"."+inner] = value
	}
}

// take takes a field out of the form. A field that is null is as good as
// absent.
func (f *form) take(name string) (value json.RawMessage, said bool) {
	value, said = f.fields[name]
	delete(f.fields, name)
	return value, said && !isNull(value)
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

// rest names, sorted, the fields that nobody took. A smiley or score of null is
// none that was sent with the wrong kind.
func (f *form) rest() []string {
	for _, name := range []string{"smiley", "score"} {
		if isNull(f.fields[name]) {
			delete(f.fields, name)
		}
	}
	names := slices.AppendSeq(f.unknown, maps.Keys(f.fields))
	slices.Sort(names)
	return slices.Compact(names)
}

// refuse says what a required field must be.
func (f *form) refuse(name, must string) {
	f.errors = append(f.errors, problem{Field: name, Message: must})
}

// warn says what an optional field must be, and that it was left out.
func (f *form) warn(name, must string) {
	f.warnings = append(f.warnings, problem{Field: name, Message: must + "; it was left out"})
}

// optional reads the fields a webhook may leave out.
func (f *form) optional(e *feedback.Event) {
	a, name, id := &e.Answer, text(feedback.MaxName), text(feedback.MaxID)
	if isNull(f.fields["comment"]) {
		e.Mentions[feedback.FieldComment] = true
	}
	set(f, e, feedback.FieldComment, &a.Comment, comment)
	set(f, e, feedback.FieldCustomerID, &a.Customer.ID, id)
	set(f, e, feedback.FieldCustomerName, &a.Customer.Name, name)
	set(f, e, feedback.FieldCustomerEmail, &a.Customer.Email, name)
	set(f, e, feedback.FieldAgentID, &a.Agent.ID, id)
	set(f, e, feedback.FieldAgentName, &a.Agent.Name, name)
	set(f, e, feedback.FieldAgentEmail, &a.Agent.Email, name)
	set(f, e, feedback.FieldTicketID, &a.Ticket.ID, id)
	set(f, e, feedback.FieldTicketSubject, &a.Ticket.Subject, name)
	set(f, e, feedback.FieldTicketURL, &a.Ticket.URL, address)
	set(f, e, feedback.FieldTicketUrgent, &a.Ticket.Urgent, flag)
	set(f, e, feedback.FieldTicketOpenedAt, &a.Ticket.OpenedAt, stored)
	set(f, e, feedback.FieldTicketFirstReplyAt, &a.Ticket.FirstReplyAt, stored)
	set(f, e, feedback.FieldTicketResolvedAt, &a.Ticket.ResolvedAt, stored)
	set(f, e, feedback.FieldTicketReplies, &a.Ticket.Replies, between(0, feedback.MaxReplies))
	set(f, e, feedback.FieldSite, &a.Site, name)
	set(f, e, feedback.FieldFollowUpOf, &a.FollowUpOf, id)
}

// set reads one optional field into its place, and mentions it.
func set[T any](f *form, e *feedback.Event, field feedback.Field, place *T, parse parser[T]) {
	value, said := f.take(string(field))
	if !said {
		return
	}
	v, wrong := parse(value)
	if wrong != "" {
		f.warn(string(field), wrong)
		return
	}
	*place = v
	e.Mentions[field] = true
}

// occurredAt reads when it happened, which is never after it arrived.
func (f *form) occurredAt(received time.Time) time.Time {
	received = received.UTC().Round(0) // Round drops the monotonic reading
	value, said := f.take("occurred_at")
	if !said {
		return received
	}
	t, wrong := moment(value)
	if wrong != "" {
		f.warnings = append(f.warnings, problem{Field: "occurred_at", Message: wrong + "; the time of arrival was taken"})
		return received
	}
	if t.After(received) {
		return received
	}
	return t
}
