package sender

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
)

// FieldMap is one feedback in the fields of the own format. Other senders fill it from their bodies,
// so that every rule of that format holds for every sender, and problems are reported under the
// sender's own names.
type FieldMap struct {
	values   map[string]any    // as [Tree.Value]; nested ones as customer.id
	places   map[string]string // where the sender has a field; nil in the own format
	unknown  []string          // names of the own format that are not fields
	errors   []Problem         // of required fields
	warnings []Problem         // of optional fields
	required map[string]bool   // optional fields without which the rating is refused

	// Part is the rating of several that it was read from, if the sender says which.
	Part Tree
	// Raw is the rating in the sender's words, when its scale is not ours.
	Raw string
	// TakenBack says that the customer withdraws the answer.
	TakenBack bool
	// Rated says that the event reports a rating: without one it is refused, and not kept for a later one.
	Rated bool
	// OfBot says that a bot was rated, which is left out.
	OfBot bool
	// BeganAt is when the customer first answered, if known.
	BeganAt time.Time
}

// NewFieldMap returns an empty map.
func NewFieldMap() *FieldMap {
	return &FieldMap{values: make(map[string]any), places: make(map[string]string)}
}

// Unreadable returns a map of a feedback that cannot be read for one problem.
func Unreadable(p Problem) *FieldMap { return &FieldMap{errors: []Problem{p}} }

// NoAnswer returns a map of an answer that is no rating, which is left out.
func NoAnswer(place, message string) *FieldMap {
	return &FieldMap{warnings: []Problem{{Field: place, Message: message + "; " + leftOut, Ours: "score"}}}
}

// MapFields returns a map of a sender whose feedback has one kind and one channel.
func MapFields(kind feedback.Kind, channel feedback.Channel) *FieldMap {
	m := NewFieldMap()
	m.Constant("kind", string(kind))
	m.Constant("channel", string(channel))
	return m
}

// Constant sets a field to a text that the sender did not send.
func (m *FieldMap) Constant(field, text string) {
	if m.values != nil { // see NoAnswer
		m.values[field] = text
	}
}

// Copy takes a value as it is. The rules of the field judge it.
func (m *FieldMap) Copy(field string, t Tree) {
	if t.IsSet() && m.values != nil { // see NoAnswer
		m.values[field], m.places[field] = t.Value, t.Path
	}
}

// Text takes a text, or a number as its digits: many senders have ids as numbers. A text that says
// nothing counts as absent, see [feedback.Says], and so does the name of a person that is made of dashes,
// which help desks have for no one.
func (m *FieldMap) Text(field string, t Tree) {
	text, isText := t.Value.(string)
	if isText && (!feedback.Says(text) || namesNobody(field, text)) {
		return
	}
	if number, ok := t.Value.(json.Number); ok {
		t.Value = number.String()
	}
	m.Copy(field, t)
}

// namesNobody reports whether the name of a person is made of dashes.
func namesNobody(field, text string) bool {
	return (field == "agent.name" || field == "customer.name") && strings.Trim(text, "-–— ") == ""
}

// Texts takes several texts, by the names of their fields.
func (m *FieldMap) Texts(places map[string]Tree) {
	for field, t := range places {
		m.Text(field, t)
	}
}

// Number takes a number, also one that is written as a string.
func (m *FieldMap) Number(field string, t Tree) {
	if v, ok := t.Value.(string); ok {
		if whole, ok := feedback.ParseWhole(strings.TrimSpace(v)); ok {
			t.Value = json.Number(strconv.Itoa(whole))
		}
	}
	m.Copy(field, t)
}

// Smiley takes a word whose colour is in words, which are in lower case. The message says which
// words there are.
func (m *FieldMap) Smiley(t Tree, words map[string]feedback.Smiley, message string) {
	if !t.IsSet() {
		return
	}
	word := strings.TrimSpace(t.Text())
	colour, known := words[strings.ToLower(word)]
	if !known {
		m.Unknown("smiley", t.Path, message)
		return
	}
	m.Constant("smiley", string(colour))
	m.places["smiley"], m.Raw = t.Path, word
}

// Unknown reports a word at a place that has no meaning for a field. An optional field is left out.
func (m *FieldMap) Unknown(field, place, message string) {
	m.Wrong(field, Problem{Field: place, Message: message})
}

// Wrong reports why a field cannot be read. An optional field is left out.
func (m *FieldMap) Wrong(field string, p Problem) {
	p.Ours = field
	switch field {
	case "id", "kind", "channel", "smiley", "score":
		m.errors = append(m.errors, p)
	case "occurred_at":
		m.left(p, arrivalTaken)
	default:
		m.left(p, leftOut)
	}
}

// Require refuses the rating when a field that is there cannot be read, whatever the field.
func (m *FieldMap) Require(field string) {
	if m.required == nil {
		m.required = make(map[string]bool)
	}
	m.required[field] = true
}

// left notes why a field was left out, and what was done without it: the rating is refused, if the field is required.
func (m *FieldMap) left(p Problem, done string) {
	if m.required[p.Ours] {
		m.errors = append(m.errors, p)
		return
	}
	p.Message += "; " + done
	m.warnings = append(m.warnings, p)
}

// Missing reports that a place has no value, without which the rating is refused, whatever its field.
func (m *FieldMap) Missing(field, place string) {
	m.errors = append(m.errors, Problem{Field: place, Message: "has no value, and " + field + " is required", Ours: field})
}

// Comment takes the comment of a sender that sends the whole answer each time: an empty one takes
// the comment back.
func (m *FieldMap) Comment(t Tree) { m.Copy("comment", t) }

// AddedComment takes the comment of a sender whose comments come later than their ratings and are
// never taken back.
func (m *FieldMap) AddedComment(t Tree) { m.Text("comment", t) }

// OccurredAt takes the moment of the rating: RFC 3339, or a number of seconds since 1970. The last
// call with a value counts.
func (m *FieldMap) OccurredAt(t Tree) {
	if at, ok := unixSeconds(t); ok {
		t.Value = FormatMoment(at)
	}
	m.Text("occurred_at", t)
}

// FormatMoment writes a moment in RFC 3339, in UTC and whole seconds.
func FormatMoment(at time.Time) string { return RFC3339.format(at) }

func unixSeconds(t Tree) (time.Time, bool) {
	number, _ := t.Value.(json.Number)
	seconds, err := number.Int64()
	return time.Unix(seconds, 0).UTC(), err == nil && seconds >= 0 && seconds <= lastSecond
}

// Began takes the moment when the customer first answered. Any other value counts as absent.
func (m *FieldMap) Began(t Tree) {
	if at, ok := unixSeconds(t); ok {
		m.BeganAt = at
	} else if at, err := feedback.ParseMoment(t.Text()); err == nil {
		m.BeganAt = at
	}
}

// reject notes what a required field must be.
func (m *FieldMap) reject(field, message string) {
	m.errors = append(m.errors, m.problem(field, message))
}

// warn notes what an optional field must be, and what was done without it.
func (m *FieldMap) warn(field, message, done string) {
	m.left(m.problem(field, message), done)
}

// problem names the field as its sender does. Other senders may quote numbers, so "without quotes" is
// left out.
func (m *FieldMap) problem(field, message string) Problem {
	if m.places != nil {
		message = strings.ReplaceAll(message, ", without quotes", "")
	}
	return Problem{Field: cmp.Or(m.places[field], field), Message: message, Ours: field}
}
