package sender

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"smileybot/feedback"
)

// readOwnFormat reads a delivery in the own format.
//
//   - A required field (id, kind, channel, smiley or score) that is wrong rejects the delivery. All
//     that are wrong are reported.
//   - An optional field that is wrong is left out, with a warning.
//   - null is the same as absent. Only a comment of null has a meaning: it is taken back.
//   - Names count as they are written: Comment is not comment.
//   - A smiley or score that the kind does not have is ignored and named, as is every unknown field.
func readOwnFormat(d Delivery) (Payload, error) {
	object, err := parseObject(d.Body)
	if err != nil {
		return Payload{}, err
	}
	m := ownFields(object)
	e, ok := m.event(d)
	if !ok {
		return Payload{}, invalid(m.errors...)
	}
	_, named := object[ratingField(e.Kind)]
	p := Payload{Events: []feedback.Event{e}, Ignored: m.unknownFields(), Warnings: m.warnings}
	p.Strict = named || len(p.Ignored) > 0
	return p, nil
}

// ownFields puts the fields of the nested objects next to the others, as customer.id. A field that
// is itself named customer.id is unknown.
func ownFields(object map[string]any) *FieldMap {
	m := &FieldMap{values: make(map[string]any, len(object))}
	for name, value := range object {
		if strings.Contains(name, ".") {
			m.unknown = append(m.unknown, name)
			continue
		}
		m.values[name] = value
	}
	for _, name := range []string{"customer", "agent", "ticket"} {
		value, present := m.pop(name)
		nested, ok := value.(map[string]any)
		if present && !ok {
			m.warn(name, "must be an object", leftOut)
		}
		for inner, value := range nested {
			m.values[name+"."+inner] = value
		}
	}
	return m
}

// leftOut is what is done without an optional field.
const leftOut = "it was left out"

// event reads the fields by the rules of the own format. It is not ok with any error.
func (m *FieldMap) event(d Delivery) (e feedback.Event, ok bool) {
	if m.values == nil { // see Unreadable
		return e, false
	}
	unknownWords := len(m.errors)
	if m.BeganAt.Unix() < 0 {
		m.BeganAt = time.Time{}
	}
	e = feedback.Event{Key: m.key(d.Sender), Mentions: make(map[feedback.Field]bool), TakenBack: m.TakenBack, BeganAt: m.BeganAt}
	m.rating(&e, len(m.errors) > unknownWords)
	if len(m.errors) > 0 {
		return e, false
	}
	m.optional(&e, d.ReceivedAt)
	e.OccurredAt = m.occurredAt(d.ReceivedAt)
	if e.Mentions[feedback.FieldRating] && feedback.CheckText(m.Raw, feedback.MaxRaw) == nil {
		e.Answer.Raw = m.Raw
	}
	return e, len(m.errors) == 0 // an optional field may be required
}

// pop removes a field and returns its value; what is left in the end is unknown. A field that is
// null is not present.
func (m *FieldMap) pop(name string) (value any, present bool) {
	value = m.values[name]
	delete(m.values, name)
	return value, value != nil
}

// unknownFields returns the names of the fields that are left, sorted. A smiley or score of null counts as
// absent and is not listed.
func (m *FieldMap) unknownFields() []string {
	for _, name := range []string{"smiley", "score"} {
		if m.values[name] == nil {
			delete(m.values, name)
		}
	}
	names := slices.AppendSeq(m.unknown, maps.Keys(m.values))
	slices.Sort(names)
	return slices.Compact(names)
}

// key reads the fields that identify a feedback.
func (m *FieldMap) key(sender string) feedback.Key {
	k := feedback.Key{Sender: sender, Kind: feedback.KindSmiley}
	id, _ := m.pop("id")
	if k.ID, _ = text(feedback.MaxID)(id); k.ID == "" {
		m.reject("id", fmt.Sprintf("must be a string of 1 to %d characters: your own name of what was rated", feedback.MaxID))
	}
	if value, present := m.pop("kind"); present {
		k.Kind = feedback.Kind(word(value))
	}
	if !k.Kind.Known() {
		m.reject("kind", "must be "+feedback.OneOf(feedback.Kinds())+", or absent, which is smiley")
	}
	channel, _ := m.pop("channel")
	if k.Channel = feedback.Channel(word(channel)); !k.Channel.Known() {
		m.reject("channel", "must be "+feedback.OneOf(feedback.Channels()))
	}
	return k
}

// rating reads the smiley or the score, whichever the kind has. Only the store knows whether it may
// be absent; when the delivery is rejected anyway, a missing rating is reported with the rest.
func (m *FieldMap) rating(e *feedback.Event, rejected bool) {
	if !e.Kind.Known() {
		return
	}
	value, present := m.pop(ratingField(e.Kind))
	rating, wrong := ratingParser(e.Kind)(value)
	switch {
	case !present && rejected:
		missing := MissingRating(e.Kind)
		m.reject(missing.Field, missing.Message)
	case present && wrong != "":
		m.reject(ratingField(e.Kind), wrong)
	case present:
		e.Answer.Rating = rating
		e.Mentions[feedback.FieldRating] = true
	}
}

// ratingField is the name of a kind's rating in the own format.
func ratingField(k feedback.Kind) string {
	if k == feedback.KindSmiley {
		return "smiley"
	}
	return "score"
}

// ratingParser reads a kind's rating.
func ratingParser(k feedback.Kind) parser[int] {
	if k == feedback.KindSmiley {
		return smiley
	}
	return between(k.Scale())
}

// MissingRating is the problem of a first event that has no rating.
func MissingRating(k feedback.Kind) Problem {
	_, message := ratingParser(k)(nil)
	return Problem{Field: ratingField(k), Message: message + "; the first event of a feedback needs it"}
}

// optional reads the fields that a webhook may leave out.
func (m *FieldMap) optional(e *feedback.Event, received time.Time) {
	a, name, id, ofTicket := &e.Answer, text(feedback.MaxName), text(feedback.MaxID), ticketMoment(received)
	if value, there := m.values["comment"]; there && value == nil {
		e.Mentions[feedback.FieldComment] = true
	}
	set(m, e, feedback.FieldComment, &a.Comment, comment)
	set(m, e, feedback.FieldCustomerID, &a.Customer.ID, id)
	set(m, e, feedback.FieldCustomerName, &a.Customer.Name, name)
	set(m, e, feedback.FieldCustomerEmail, &a.Customer.Email, name)
	set(m, e, feedback.FieldAgentID, &a.Agent.ID, id)
	set(m, e, feedback.FieldAgentName, &a.Agent.Name, name)
	set(m, e, feedback.FieldAgentEmail, &a.Agent.Email, name)
	set(m, e, feedback.FieldTicketID, &a.Ticket.ID, id)
	set(m, e, feedback.FieldTicketSubject, &a.Ticket.Subject, name)
	set(m, e, feedback.FieldTicketURL, &a.Ticket.URL, address)
	set(m, e, feedback.FieldTicketUrgent, &a.Ticket.Urgent, flag)
	set(m, e, feedback.FieldTicketOpenedAt, &a.Ticket.OpenedAt, ofTicket)
	set(m, e, feedback.FieldTicketFirstReplyAt, &a.Ticket.FirstReplyAt, ofTicket)
	set(m, e, feedback.FieldTicketResolvedAt, &a.Ticket.ResolvedAt, ofTicket)
	set(m, e, feedback.FieldTicketReplies, &a.Ticket.Replies, between(0, feedback.MaxReplies))
	set(m, e, feedback.FieldSite, &a.Site, name)
	set(m, e, feedback.FieldFollowUpOf, &a.FollowUpOf, id)
}

// set reads one optional field into its place, and marks it as mentioned.
func set[T any](m *FieldMap, e *feedback.Event, field feedback.Field, place *T, parse parser[T]) {
	value, present := m.pop(string(field))
	if !present {
		return
	}
	v, wrong := parse(value)
	if wrong != "" {
		m.warn(string(field), wrong, leftOut)
		return
	}
	*place = v
	e.Mentions[field] = true
}

// occurredAt reads the moment of the rating, which is never after its arrival.
func (m *FieldMap) occurredAt(received time.Time) time.Time {
	received = received.UTC().Round(0) // Round drops the monotonic reading
	value, present := m.pop("occurred_at")
	if !present {
		return received
	}
	t, wrong := moment(value)
	if wrong != "" {
		m.warn("occurred_at", wrong, arrivalTaken)
		return received
	}
	if t.Sub(received) > clockTolerance {
		p := m.problem("occurred_at", "must not be in the future; "+arrivalTaken) // there is a moment, also for a required one
		m.warnings = append(m.warnings, p)
	}
	return earlier(t, received)
}

// clockTolerance is how far a sender's clock may be fast without a warning.
const clockTolerance = time.Minute

// arrivalTaken is what is done without the moment of the rating.
const arrivalTaken = "the time of arrival was taken"

// earlier is the earlier of two moments.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// parser reads the value of a field. wrong says what the value must be; "" when it is right.
type parser[T any] func(value any) (v T, wrong string)

// text reads a string of at most limit characters. One that says nothing is empty.
func text(limit int) parser[string] {
	return func(value any) (string, string) {
		s, ok := value.(string)
		if !ok {
			return "", fmt.Sprintf("must be a string of at most %d characters", limit)
		}
		if err := feedback.CheckText(s, limit); err != nil {
			return "", message(err)
		}
		return feedback.Said(s), ""
	}
}

// word reads a string, and is "" for any other value.
func word(value any) string {
	s, _ := value.(string)
	return s
}

// smiley reads a colour into the number that is stored.
func smiley(value any) (int, string) {
	v, err := feedback.ParseSmiley(word(value))
	return v, message(err)
}

// comment reads a text of any length. One that says nothing is no comment.
func comment(value any) (string, string) {
	s, ok := value.(string)
	if !ok {
		return "", "must be a string or null"
	}
	return feedback.Said(s), ""
}

// address reads the URL of a page.
func address(value any) (string, string) {
	s := word(value)
	return s, message(feedback.CheckURL(s))
}

// message is what a value must be, from the error of the rule that it breaks.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// flag reads true or false.
func flag(value any) (bool, string) {
	b, ok := value.(bool)
	if !ok {
		return false, "must be true or false, without quotes"
	}
	return b, ""
}

// between reads a whole number from low to high.
func between(low, high int) parser[int] {
	return func(value any) (int, string) {
		number, _ := value.(json.Number)
		n, ok := feedback.ParseWhole(number.String())
		if !ok || n < low || n > high {
			return 0, fmt.Sprintf("must be a whole number from %d to %d, without quotes", low, high)
		}
		return n, ""
	}
}

// ticketMoment reads a time of a ticket, at most a year after its arrival, to the millisecond, as it
// is stored.
func ticketMoment(received time.Time) parser[time.Time] {
	return func(value any) (time.Time, string) {
		t, wrong := moment(value)
		if wrong == "" && !feedback.PlausibleTicket(t, received) {
			return time.Time{}, "must be at most a year after the time of arrival"
		}
		return feedback.Moment(t), wrong
	}
}

// moment reads a time as RFC 3339 writes it, with an offset, from 1970 on.
func moment(value any) (time.Time, string) {
	t, err := feedback.ParseMoment(word(value))
	return t, message(err)
}
