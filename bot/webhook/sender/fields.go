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
	f := newFields(object)
	e, wrong := f.event(d)
	if len(wrong) > 0 {
		return Payload{}, invalid(wrong...)
	}
	return Payload{Events: []feedback.Event{e}, Ignored: f.rest(), Warnings: f.warnings}, nil
}

// fields are the fields of the own format while they are read. Each is taken out as it is read; what
// is left in the end is unknown.
type fields struct {
	fields   map[string]json.RawMessage // nested ones as customer.id
	unknown  []string
	errors   []Problem // of required fields
	warnings []Problem // of optional fields
}

// newFields puts the fields of the nested objects next to the others, as customer.id. A field that
// is itself named customer.id is unknown.
func newFields(object map[string]json.RawMessage) *fields {
	f := &fields{fields: make(map[string]json.RawMessage, len(object))}
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

func (f *fields) event(d Delivery) (e feedback.Event, wrong []Problem) {
	e = feedback.Event{Key: f.key(d.Sender), Mentions: make(map[feedback.Field]bool)}
	f.rating(&e)
	if len(f.errors) > 0 {
		return e, f.errors
	}
	f.optional(&e)
	e.OccurredAt = f.occurredAt(d.ReceivedAt)
	return e, nil
}

func (f *fields) nest(name string) {
	value, present := f.take(name)
	if !present {
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

// take removes a field and returns its value. A field that is null is not present.
func (f *fields) take(name string) (value json.RawMessage, present bool) {
	value, present = f.fields[name]
	delete(f.fields, name)
	return value, present && !isNull(value)
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

// rest returns the names of the fields that are left, sorted. A smiley or score of null was not
// sent with the wrong kind, and is not one of them.
func (f *fields) rest() []string {
	for _, name := range []string{"smiley", "score"} {
		if isNull(f.fields[name]) {
			delete(f.fields, name)
		}
	}
	names := slices.AppendSeq(f.unknown, maps.Keys(f.fields))
	slices.Sort(names)
	return slices.Compact(names)
}

// reject notes what a required field must be.
func (f *fields) reject(name, message string) {
	f.errors = append(f.errors, Problem{Field: name, Message: message})
}

// warn notes what an optional field must be, and that it was left out.
func (f *fields) warn(name, message string) {
	f.warnings = append(f.warnings, Problem{Field: name, Message: message + "; it was left out"})
}

// key reads the fields that identify a feedback.
func (f *fields) key(sender string) feedback.Key {
	k := feedback.Key{Sender: sender, Kind: feedback.KindSmiley}
	if value, present := f.take("id"); present {
		k.ID, _ = text(feedback.MaxID)(value)
	}
	if k.ID == "" {
		f.reject("id", fmt.Sprintf("must be a string of 1 to %d characters: your own name of what was rated", feedback.MaxID))
	}
	if value, present := f.take("kind"); present {
		k.Kind = word[feedback.Kind](value)
	}
	if !k.Kind.Known() {
		f.reject("kind", "must be "+feedback.OneOf(feedback.Kinds())+", or absent, which is smiley")
	}
	if value, present := f.take("channel"); present {
		k.Channel = word[feedback.Channel](value)
	}
	if !k.Channel.Known() {
		f.reject("channel", "must be "+feedback.OneOf(feedback.Channels()))
	}
	return k
}

// rating reads the smiley or the score, whichever the kind has. Only the store knows whether it may
// be absent; when the delivery is rejected anyway, a missing rating is reported with the rest.
func (f *fields) rating(e *feedback.Event) {
	if !e.Kind.Known() {
		return
	}
	value, present := f.take(ratingField(e.Kind))
	if !present {
		if len(f.errors) > 0 {
			f.errors = append(f.errors, MissingRating(e.Kind))
		}
		return
	}
	rating, wrong := ratingParser(e.Kind)(value)
	if wrong != "" {
		f.reject(ratingField(e.Kind), wrong)
		return
	}
	e.Answer.Rating = rating
	e.Mentions[feedback.FieldRating] = true
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
func (f *fields) optional(e *feedback.Event) {
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

// set reads one optional field into its place, and marks it as mentioned.
func set[T any](f *fields, e *feedback.Event, field feedback.Field, place *T, parse parser[T]) {
	value, present := f.take(string(field))
	if !present {
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

// occurredAt reads the moment of the rating, which is never after its arrival.
func (f *fields) occurredAt(received time.Time) time.Time {
	received = received.UTC().Round(0) // Round drops the monotonic reading
	value, present := f.take("occurred_at")
	if !present {
		return received
	}
	t, wrong := moment(value)
	if wrong != "" {
		f.warnings = append(f.warnings, Problem{Field: "occurred_at", Message: wrong + "; the time of arrival was taken"})
		return received
	}
	if t.After(received) {
		return received
	}
	return t
}

// parser reads the JSON value of a field. wrong says what the value must be; "" when it is right.
type parser[T any] func(value json.RawMessage) (v T, wrong string)

// text reads a string of at most limit characters.
func text(limit int) parser[string] {
	return func(value json.RawMessage) (string, string) {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return "", fmt.Sprintf("must be a string of at most %d characters", limit)
		}
		if err := feedback.CheckText(s, limit); err != nil {
			return "", message(err)
		}
		return s, ""
	}
}

// word reads a string, and is "" for any other value.
func word[T ~string](value json.RawMessage) T {
	var s T
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

// smiley reads a colour into the number that is stored.
func smiley(value json.RawMessage) (int, string) {
	v, err := feedback.ParseSmiley(word[string](value))
	return v, message(err)
}

// comment reads a text of any length. White space alone is no comment.
func comment(value json.RawMessage) (string, string) {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return "", "must be a string or null"
	}
	return feedback.Explanation(s), ""
}

// address reads the URL of a page.
func address(value json.RawMessage) (string, string) {
	s := word[string](value)
	if err := feedback.CheckURL(s); err != nil {
		return "", message(err)
	}
	return s, ""
}

// message is what a value must be, from the error of the rule that it breaks.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// flag reads true or false.
func flag(value json.RawMessage) (bool, string) {
	var b bool
	if json.Unmarshal(value, &b) != nil {
		return false, "must be true or false, without quotes"
	}
	return b, ""
}

// between reads a whole number from low to high.
func between(low, high int) parser[int] {
	return func(value json.RawMessage) (int, string) {
		n, ok := feedback.ParseWhole(string(value))
		if !ok || n < low || n > high {
			return 0, fmt.Sprintf("must be a whole number from %d to %d, without quotes", low, high)
		}
		return n, ""
	}
}

// stored reads a time and rounds it to the millisecond, as it is stored.
func stored(value json.RawMessage) (time.Time, string) {
	t, wrong := moment(value)
	if wrong != "" {
		return time.Time{}, wrong
	}
	return feedback.Moment(t), ""
}

// moment reads a time as RFC 3339 writes it, with an offset, from 1970 on.
func moment(value json.RawMessage) (time.Time, string) {
	t, err := feedback.ParseMoment(word[string](value))
	return t, message(err)
}
