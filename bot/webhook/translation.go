package webhook

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
)

// A translation is what a sender says of one feedback, put into the fields of the own
// format. So every rule of that format holds for every sender; what is wrong is told
// under the sender's own names.
type translation struct {
	fields   map[string]json.RawMessage // customer.id and the like beside the others
	places   map[string]string          // where the sender has a field
	errors   []problem                  // of the rating: a word that nobody knows
	warnings []problem                  // of what is left out for the same reason

	raw       string // the rating as the sender has it, when its scale is not ours
	takenBack bool
	beganAt   time.Time
}

// translate begins with what is the same for all that a sender says here.
func translate(kind feedback.Kind, channel feedback.Channel) *translation {
	t := &translation{fields: make(map[string]json.RawMessage), places: make(map[string]string)}
	t.constant("kind", string(kind))
	t.constant("channel", string(channel))
	return t
}

// constant sets a field to a text that the sender did not write.
func (t *translation) constant(field, text string) {
	t.fields[field] = node{value: text}.raw()
}

// copy takes a value over as it is, to be judged by the rules of the field.
func (t *translation) copy(field string, n node) {
	if n.said() {
		t.fields[field], t.places[field] = n.raw(), n.path
	}
}

// text takes a text over, or a number as its digits: many senders have ids as numbers.
// An empty one says nothing.
func (t *translation) text(field string, n node) {
	if text, ok := n.value.(string); ok && strings.TrimSpace(text) == "" {
		return
	}
	if _, number := n.value.(json.Number); number {
		n.value = n.text()
	}
	t.copy(field, n)
}

// texts takes texts over; the fields and the places come in pairs.
func (t *translation) texts(places map[string]node) {
	for field, n := range places {
		t.text(field, n)
	}
}

// name takes a name over that is in two parts.
func (t *translation) name(field string, first, last node) {
	whole := strings.TrimSpace(first.text() + " " + last.text())
	t.text(field, node{path: first.path, value: whole})
}

// number takes a number over, also one that is written as a string.
func (t *translation) number(field string, n node) {
	if v, ok := n.value.(string); ok {
		if whole, ok := feedback.ParseWhole(strings.TrimSpace(v)); ok {
			n.value = json.Number(strconv.Itoa(whole))
		}
	}
	t.copy(field, n)
}

// smiley takes a word over for which words has the colour, in whatever case.
func (t *translation) smiley(n node, words map[string]feedback.Smiley, must string) {
	if !n.said() {
		return
	}
	word := strings.TrimSpace(n.text())
	colour, known := words[strings.ToLower(word)]
	if !known {
		t.errors = append(t.errors, problem{Field: n.path, Message: must})
		return
	}
	t.constant("smiley", string(colour))
	t.places["smiley"], t.raw = n.path, word
}

// comment takes over what the customer says. A sender that tells the whole answer each
// time takes a comment back by sending none.
func (t *translation) comment(n node) { t.copy("comment", n) }

// addedComment takes over what the customer says, of a sender that has no comment until
// the customer adds one, and none that is taken back.
func (t *translation) addedComment(n node) { t.text("comment", n) }

// occurred takes over when it happened: RFC 3339, or a number of seconds since 1970.
func (t *translation) occurred(n node) {
	if at, ok := unixSeconds(n); ok {
		n.value = rfc3339(at)
	}
	t.text("occurred_at", n)
}

func rfc3339(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func unixSeconds(n node) (time.Time, bool) {
	if _, number := n.value.(json.Number); !number {
		return time.Time{}, false
	}
	const lastSecond = 253402300799 // of the year 9999, the last that RFC 3339 has
	seconds, err := n.value.(json.Number).Int64()
	if err != nil || seconds < 0 || seconds > lastSecond {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}

// began takes over when the customer first answered; what is no time says nothing.
func (t *translation) began(n node) {
	if at, ok := unixSeconds(n); ok {
		t.beganAt = at
	} else if at, err := feedback.ParseMoment(n.text()); err == nil {
		t.beganAt = at
	}
}

// event is what was said, or what is wrong with it.
func (t *translation) event(sender string, received time.Time) (e feedback.Event, warnings, errors []problem) {
	f := &form{fields: t.fields}
	e = feedback.Event{Key: f.key(sender), Mentions: make(map[feedback.Field]bool), TakenBack: t.takenBack, BeganAt: t.beganAt}
	f.rating(&e)
	if errors = append(t.errors, t.renamed(f.errors)...); len(errors) > 0 {
		return feedback.Event{}, nil, errors
	}
	if e.Mentions[feedback.FieldRating] && feedback.CheckText(t.raw, feedback.MaxRaw) == nil {
		e.Answer.Raw = t.raw
	}
	f.optional(&e)
	e.OccurredAt = f.occurredAt(received)
	return e, append(t.warnings, t.renamed(f.warnings)...), nil
}

// renamed tells what is wrong under the sender's names. Its numbers may be in quotes.
func (t *translation) renamed(problems []problem) []problem {
	for i, p := range problems {
		if place := t.places[p.Field]; place != "" {
			problems[i].Field = place
		}
		problems[i].Message = strings.ReplaceAll(p.Message, ", without quotes", "")
	}
	return problems
}

// eventsOf is what several translations say. What is wrong with one does not cost the
// others.
func eventsOf(p parcel, said ...*translation) (decoded, *rejection) {
	var d decoded
	var wrong []problem
	for _, t := range said {
		e, warnings, errors := t.event(p.Sender, p.ReceivedAt)
		d.warnings = append(d.warnings, warnings...)
		wrong = append(wrong, errors...)
		if len(errors) == 0 {
			d.events = append(d.events, e)
		}
	}
	if len(d.events) == 0 && len(wrong) > 0 {
		return decoded{}, invalid(wrong...)
	}
	for _, w := range wrong {
		d.warnings = append(d.warnings, problem{Field: w.Field, Message: w.Message + "; the rating was left out"})
	}
	return d, nil
}
