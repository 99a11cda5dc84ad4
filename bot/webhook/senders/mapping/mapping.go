// Package mapping has the senders that the operator describes in a file of YAML: how each proves
// itself, and where in its body the fields of the own format are. See docs/senders/mapping.md.
package mapping

import (
	"crypto/sha1" //nolint:gosec // what Zammad signs with; as an HMAC it is not broken
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/theory/jsonpath"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// mapping says what a file has of the body of one sender.
type mapping struct {
	only      []condition    // all must hold, or the event is ignored
	takenBack []condition    // when there are any and all hold, the answer is taken back
	each      *jsonpath.Path // the ratings, when a body has several
	fields    map[string]source
}

// source is where the value of a field comes from.
type source struct {
	text     string // the place as the file has it, for problems
	find     finder
	constant bool              // the text is the value
	values   map[string]string // our word for the sender's, which are in lower case
	words    []string          // the sender's words, in the order of the file
	moment   func(text string) (time.Time, bool)
	added    bool // a comment that is never taken back
}

// A finder finds the value at a place. The error says why it could not be looked for.
type finder func(body, item sender.Tree) (sender.Tree, error)

// condition holds when the value at a place is one of some words, or, without words, when there is
// a value.
type condition struct {
	text string // the place as the file has it, for problems
	find finder
	is   []string
}

func (c condition) holds(body, item sender.Tree) (bool, *sender.Problem) {
	t, err := c.find(body, item)
	switch {
	case err != nil:
		return false, &sender.Problem{Field: c.text, Message: err.Error()}
	case len(c.is) == 0:
		return t.Text() != "", nil
	default:
		return slices.ContainsFunc(c.is, func(word string) bool { return strings.EqualFold(word, scalar(t)) }), nil
	}
}

// allHold reports whether all conditions hold.
func allHold(all []condition, body, item sender.Tree) (bool, *sender.Problem) {
	for _, c := range all {
		if holds, wrong := c.holds(body, item); wrong != nil || !holds {
			return false, wrong
		}
	}
	return true, nil
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

func (m mapping) translate(_ sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	items, wrong := m.items(body)
	if wrong != nil {
		return []*sender.FieldMap{sender.Unreadable(*wrong)}
	}
	var maps []*sender.FieldMap
	for _, item := range items {
		counts, wrong := allHold(m.only, body, item)
		takenBack := false
		if counts && len(m.takenBack) > 0 {
			takenBack, wrong = allHold(m.takenBack, body, item)
		}
		switch {
		case wrong != nil:
			return append(maps, sender.Unreadable(*wrong)) // the paths of the other ratings would find nothing either
		case counts:
			f := m.fieldMap(body, item)
			f.TakenBack = takenBack
			maps = append(maps, f)
		}
	}
	return maps
}

// items are the ratings in a body.
func (m mapping) items(body sender.Tree) ([]sender.Tree, *sender.Problem) {
	if m.each == nil {
		return []sender.Tree{body}, nil
	}
	items, err := body.Select(m.each, maxRatings+1)
	switch {
	case err != nil:
		return nil, &sender.Problem{Field: m.each.String(), Message: err.Error()}
	case len(items) > maxRatings:
		return nil, &sender.Problem{Field: m.each.String(), Message: fmt.Sprintf("must select at most %d ratings", maxRatings)}
	default:
		return items, nil
	}
}

// fieldMap reads one rating, its required fields first: an optional one must not take their steps.
func (m mapping) fieldMap(body, item sender.Tree) *sender.FieldMap {
	f := sender.NewFieldMap()
	for _, field := range fieldNames() {
		s, mapped := m.fields[field]
		if !mapped {
			continue
		}
		theirs, err := s.find(body, item)
		if err != nil {
			f.Unknown(field, s.text, err.Error())
			continue
		}
		theirs.Path = s.text
		ours, known := s.inOurWords(theirs)
		if !known {
			f.Unknown(field, s.text, "must be one of "+strings.Join(s.words, ", ")+", as the mapping has it")
			continue
		}
		if s.values != nil && (field == "smiley" || field == "score") {
			f.Raw = scalar(theirs)
		}
		s.set(f, field, ours)
	}
	return f
}

// set puts a value into a field.
func (s source) set(f *sender.FieldMap, field string, t sender.Tree) {
	switch field {
	case "comment":
		if s.added {
			f.AddedComment(t)
		} else {
			f.Comment(t)
		}
	case "score", "ticket.replies":
		f.Number(field, t)
	case "ticket.urgent":
		if word := strings.ToLower(t.Text()); word == "true" || word == "false" {
			t.Value = word == "true"
		}
		f.Copy(field, t)
	case "began_at":
		if at, ok := s.moment(strings.TrimSpace(t.Text())); ok {
			f.BeganAt = at
		}
	case "occurred_at", "ticket.opened_at", "ticket.first_reply_at", "ticket.resolved_at":
		if at, ok := s.moment(strings.TrimSpace(t.Text())); ok {
			t.Value = at.UTC().Format(time.RFC3339Nano)
		}
		f.Text(field, t)
	default:
		f.Text(field, t)
	}
}

// inOurWords puts a value into our words; known is false for a word that the mapping's table lacks.
func (s source) inOurWords(t sender.Tree) (ours sender.Tree, known bool) {
	word := strings.TrimSpace(scalar(t))
	if s.values == nil || !t.IsSet() || word == "" {
		return t, true
	}
	t.Value, known = s.values[strings.ToLower(word)]
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

//go:embed samples
var files embed.FS

// Examples are senders with a ready-made mapping in docs/senders/mappings, with samples to post. Their
// bodies are those of our own templates, scripts and pages in docs/senders. They have no Translate,
// which is in the mapping.
func Examples() []sender.Sender {
	bearer, path := sender.Proof{Kind: sender.BearerToken}, sender.Proof{Kind: sender.PathSecret}
	all := []sender.Sender{
		{Name: "freescout", Proof: bearer, Example: sender.Example{
			File: "samples/freescout.form", IDs: []string{"conversation_id"}, Rating: "rating", Comment: "comment", Times: []string{"time"},
		}},
		{Name: "freshdesk", Proof: bearer, Example: sender.Example{
			File: "samples/freshdesk.json", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment",
		}},
		{Name: "googleforms", Proof: bearer, DeliveryID: sender.DeliveryID{Field: "delivery"}, Example: sender.Example{
			File: "samples/googleforms.json", IDs: []string{"response"}, Rating: "answers.score", Comment: "answers.why", Times: []string{"at"},
		}},
		{Name: "osticket", Proof: path, Example: sender.Example{
			File: "samples/osticket.form", IDs: []string{"ticket"}, Rating: "smiley", Comment: "comment", Without: []string{"at"},
		}},
		{
			// https://github.com/zammad/zammad-admin-documentation, manage/webhook/payload.rst
			Name: "zammad", DeliveryID: sender.DeliveryID{Header: "X-Zammad-Delivery"},
			Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
				Header: "X-Hub-Signature", Prefix: "sha1=", Hash: sha1.New, Encoding: sender.Hex,
			}},
			Example: sender.Example{
				File: "samples/zammad.json", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment", Times: []string{"updated_at"},
			},
		},
	}
	for i := range all {
		all[i].Files = files
	}
	return all
}
