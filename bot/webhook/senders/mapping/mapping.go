// Package mapping has the senders that the operator describes in a file of YAML: how each proves
// itself, and where in its body the fields of the own format are. See docs/senders/mapping.md.
package mapping

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smileybot/bot/webhook/jq"
	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// mapping says what a file has of the body of one sender.
type mapping struct {
	only      []condition // all must hold, or the event is ignored
	takenBack []condition // when there are any and all hold, the answer is taken back
	each      *ratings    // the ratings, when a body has several
	fields    map[string]source
	hidden    hidden
}

// ratings finds the ratings in a body.
type ratings struct {
	text string // the place as the file has it, for problems
	find func(r *reading, most int) ([]sender.Tree, error)
}

// reading is one delivery while it is read.
type reading struct {
	body, item sender.Tree
	variables  jq.Variables
	budget     *jq.Budget // of all expressions over the body
	spent      bool       // a condition took more than there is: those of the other ratings would, too
}

// maxRatings is how many ratings one body may have. The shortest that anyone sends have some 30 bytes.
const maxRatings = 10_000

// scalar is a value as the file would write it.
func scalar(t sender.Tree) string {
	if b, ok := t.Value.(bool); ok {
		return strconv.FormatBool(b)
	}
	return t.Text()
}

func (m mapping) translate(d sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	items, r, wrong := m.items(d, body)
	if wrong != nil {
		return []*sender.FieldMap{sender.Unreadable(*wrong)}
	}
	var maps []*sender.FieldMap
	for _, item := range items {
		r.item = item
		counts, wrong := allHold(m.only, r)
		takenBack := false
		if counts && len(m.takenBack) > 0 {
			takenBack, wrong = allHold(m.takenBack, r)
		}
		switch {
		case wrong != nil:
			unread := sender.Unreadable(*wrong)
			unread.Part = item
			maps = append(maps, unread)
			if r.spent {
				return maps
			}
		case counts:
			maps = append(maps, m.fieldMap(r, takenBack))
		}
	}
	return maps
}

// items are the ratings in a body, and the delivery to read them with.
func (m mapping) items(d sender.Delivery, body sender.Tree) ([]sender.Tree, *reading, *sender.Problem) {
	r := &reading{body: body, item: body, variables: m.hidden.variables(d, body), budget: jq.NewBudget()}
	if m.each == nil {
		return []sender.Tree{body}, r, nil
	}
	items, err := m.each.find(r, maxRatings+1)
	switch {
	case err != nil:
		return nil, r, source{text: m.each.text}.problem(err)
	case len(items) > maxRatings:
		return nil, r, &sender.Problem{Field: m.each.text, Message: fmt.Sprintf("must select at most %d ratings", maxRatings)}
	default:
		return items, r, nil
	}
}

// fieldMap reads one rating, its required fields first: an optional one must not take their steps. One
// that is taken back needs no value but what identifies it.
func (m mapping) fieldMap(r *reading, takenBack bool) *sender.FieldMap {
	f := sender.NewFieldMap()
	f.Part = r.item
	f.TakenBack = takenBack
	for _, field := range fieldNames() {
		s, mapped := m.fields[field]
		if !mapped {
			continue
		}
		if s.required && !takenBack {
			f.Require(field)
		}
		theirs, err := s.find(r)
		if err != nil {
			f.Wrong(field, *s.problem(err))
			continue
		}
		theirs.Path = s.text
		missing := absent(theirs, false) != "" && theirs.Value != false
		if missing && (field == "kind" && !m.hasSmiley() || s.required && !takenBack) {
			f.Missing(field, s.text)
			continue
		}
		if text, is := theirs.Value.(string); is && s.html {
			theirs.Value = htmlText(text)
		}
		ours, known := s.inOurWords(theirs)
		if !known {
			f.Unknown(field, s.text, "must be one of "+strings.Join(s.values.words, ", ")+", as the mapping has it")
			continue
		}
		if s.values != nil && (field == "smiley" || field == "score") {
			f.Raw = scalar(theirs)
		}
		s.set(f, field, ours)
	}
	return f
}

// hasSmiley reports whether a rating may be a smiley, which one without a kind is.
func (m mapping) hasSmiley() bool {
	_, has := m.fields["smiley"]
	return has
}

// set puts a value into a field.
func (s source) set(f *sender.FieldMap, field string, t sender.Tree) {
	switch {
	case field == "comment" && s.added:
		f.AddedComment(t)
	case field == "comment":
		f.Comment(t)
	case field == "score" || field == "ticket.replies":
		f.Number(field, t)
	case field == "ticket.urgent":
		f.Copy(field, flagOf(t))
	case isTime(field):
		s.setMoment(f, field, t)
	default:
		f.Text(field, digits(t))
	}
}

func (s source) setMoment(f *sender.FieldMap, field string, t sender.Tree) {
	text := strings.TrimSpace(t.Text())
	if !t.IsSet() || t.Value == "" {
		return
	}
	at, wrong := s.moments.parse(text)
	switch {
	case wrong != "":
		f.Unknown(field, s.text, wrong)
	case field == "began_at":
		f.BeganAt = at
	default:
		t.Value = at.UTC().Format(time.RFC3339Nano)
		f.Copy(field, t)
	}
}

// flagOf is a value as a flag: words and numbers for true and false are read, in any case.
func flagOf(t sender.Tree) sender.Tree {
	switch word := strings.ToLower(strings.TrimSpace(t.Text())); word {
	case "true", "1":
		t.Value = true
	case "false", "0":
		t.Value = false
	}
	return t
}

// digits writes a whole number such as 1e3 or 7.0 out: it may be an id.
func digits(t sender.Tree) sender.Tree {
	number, is := t.Value.(json.Number)
	if n, whole := feedback.ParseWhole(number.String()); is && whole {
		t.Value = strconv.Itoa(n)
	}
	return t
}

// inOurWords puts a value into our words; known is false for a word that the mapping's table lacks.
func (s source) inOurWords(t sender.Tree) (ours sender.Tree, known bool) {
	if s.values == nil || !t.IsSet() || t.Value == "" {
		return t, true
	}
	if !isScalar(t) {
		return t, absent(t, false) != "" // the rules of the field judge an empty one; any other is no word
	}
	word := strings.TrimSpace(scalar(t))
	if text, is := t.Value.(string); is && word == "" && text != "" {
		return t, true // white space is no word
	}
	t.Value, known = s.values.of(word)
	return t, known
}

// fieldNames are all fields that a mapping can fill, the required ones first.
func fieldNames() []string {
	fields := []string{"id", "kind", "channel", "smiley", "score", "occurred_at", "began_at"}
	for _, f := range feedback.Fields() {
		if f != feedback.FieldRating {
			fields = append(fields, string(f))
		}
	}
	return fields
}
