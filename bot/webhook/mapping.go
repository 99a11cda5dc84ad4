package webhook

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/theory/jsonpath"

	"smileybot/feedback"
)

// Mapping is a sender that a file describes, see [ParseMappings]: how it proves itself,
// and where in what it sends the fields of the own format lie.
type Mapping struct {
	name       string
	proof      mappedProof
	deliveryID mappedID
	only       []condition    // all hold, or the event is ignored
	takenBack  []condition    // all hold when there are any: the answer is taken back
	each       *jsonpath.Path // the ratings, when a body has several
	fields     map[string]source
}

// Name is the sender in addresses and settings.
func (m Mapping) Name() string { return m.name }

// SecretInPath reports whether the sender proves itself by the end of the address.
func (m Mapping) SecretInPath() bool { return m.proof.inPath }

// A mappedProof is one of the ways in which a mapped sender proves itself.
type mappedProof struct {
	bearer, inPath bool
	hmac           *scheme
}

// A mappedID is where the id of a delivery is, if anywhere.
type mappedID struct {
	header string
	place  *jsonpath.Path
}

// A source is where the value of a field comes from.
type source struct {
	text     string         // as the file has it, by which it is told what is wrong
	path     *jsonpath.Path // in a rating
	body     *jsonpath.Path // in the whole body
	form     string         // a form field
	constant *string
	values   map[string]string // our word for the sender's, which are in small letters
	words    []string          // the sender's words, in the order of the file
	moment   func(node) (time.Time, bool)
	added    bool // a comment that is never taken back
}

// A condition holds when the value at a place is one of some words, or is there at all.
type condition struct {
	source
	is []string
}

func (c condition) holds(body, item node) bool {
	n := c.find(body, item)
	if len(c.is) == 0 {
		return n.said() && n.text() != ""
	}
	return slices.ContainsFunc(c.is, func(word string) bool { return strings.EqualFold(word, scalar(n)) })
}

// scalar is a value as the file would write it.
func scalar(n node) string {
	if b, ok := n.value.(bool); ok {
		if b {
			return "true"
		}
		return "false"
	}
	return n.text()
}

// find is the value, the first of several.
func (s source) find(body, item node) node {
	n := node{path: s.text}
	switch {
	case s.constant != nil:
		n.value = *s.constant
	case s.form != "":
		n.value = body.at(s.form).value
	case s.body != nil:
		n.value = first(s.body, body)
	case s.path != nil:
		n.value = first(s.path, item)
	}
	return n
}

func first(path *jsonpath.Path, n node) any {
	for _, value := range path.Select(n.value) {
		return value
	}
	return nil
}

// Sender is the mapping, proved by any of the secrets.
func (m Mapping) Sender(secrets []string) Sender {
	s := sender{name: m.name, foreign: true, forms: true, secretPath: m.proof.inPath, unproved: checkSecret, decode: m.decode}
	proves := inPath(secrets)
	switch {
	case m.proof.hmac != nil:
		proves = m.proof.hmac.proves(secrets)
		if m.proof.hmac.timestamp != "" {
			s.unproved = checkSigning
		}
	case m.proof.bearer:
		p := proof{tokens: newTokens(secrets)}
		proves = func(r *http.Request, _ []byte, _ time.Time) bool { return p.borne(r.Header) }
	}
	s.verify = func(r *http.Request, body []byte, now time.Time) (string, bool) {
		if !proves(r, body, now) {
			return "", false
		}
		return deliveryKey(m.deliveryID.of(r.Header, body)), true
	}
	return Sender{s}
}

func (id mappedID) of(h http.Header, body []byte) string {
	switch {
	case id.header != "":
		return h.Get(id.header)
	case id.place == nil:
		return noDeliveryID(h, body)
	}
	tree, rejected := parseEither(parcel{header: h}.with(body))
	if rejected != nil {
		return "" // what is wrong is told when it is read
	}
	return node{value: first(id.place, tree)}.text()
}

// decode reads what a delivery says.
func (m Mapping) decode(p parcel) (decoded, *rejection) {
	body, rejected := parseEither(p)
	if rejected != nil {
		return decoded{}, rejected
	}
	var said []*translation
	withdrawn := true
	for _, item := range m.items(body) {
		holds := func(c condition) bool { return c.holds(body, item) }
		if slices.ContainsFunc(m.only, func(c condition) bool { return !holds(c) }) {
			continue
		}
		t := m.translate(body, item)
		t.takenBack = len(m.takenBack) > 0 && !slices.ContainsFunc(m.takenBack, func(c condition) bool { return !holds(c) })
		withdrawn = withdrawn && t.takenBack
		said = append(said, t)
	}
	d, rejected := eventsOf(p, said...)
	d.partial = withdrawn
	return d, rejected
}

// items are the ratings in a body.
func (m Mapping) items(body node) []node {
	if m.each == nil {
		return []node{body}
	}
	var items []node
	for _, value := range m.each.Select(body.value) {
		items = append(items, node{value: value})
	}
	return items
}

// translate puts a rating into the fields of the own format.
func (m Mapping) translate(body, item node) *translation {
	t := &translation{fields: make(map[string]json.RawMessage), places: make(map[string]string)}
	for field, s := range m.fields {
		n, known := s.worded(s.find(body, item))
		switch {
		case !known && slices.Contains(requiredFields(), field):
			t.errors = append(t.errors, problem{Field: s.text, Message: "must be one of " + strings.Join(s.words, ", ") + ", as the mapping has it"})
			continue
		case !known:
			t.warnings = append(t.warnings, problem{Field: s.text, Message: "must be one of " + strings.Join(s.words, ", ") + ", as the mapping has it; it was left out"})
			continue
		}
		if s.values != nil && (field == "smiley" || field == "score") {
			t.raw = scalar(s.find(body, item))
		}
		t.mapped(field, s, n)
	}
	return t
}

// mapped takes one field over.
func (t *translation) mapped(field string, s source, n node) {
	switch field {
	case "comment":
		if s.added {
			t.addedComment(n)
		} else {
			t.comment(n)
		}
	case "score", "ticket.replies":
		t.number(field, n)
	case "ticket.urgent":
		if word := strings.ToLower(n.text()); word == "true" || word == "false" {
			n.value = word == "true"
		}
		t.copy(field, n)
	case "began_at":
		if at, ok := s.moment(n); ok {
			t.beganAt = at
		}
	case "occurred_at", "ticket.opened_at", "ticket.first_reply_at", "ticket.resolved_at":
		if at, ok := s.moment(n); ok {
			n.value = at.UTC().Format(time.RFC3339Nano)
		}
		t.text(field, n)
	default:
		t.text(field, n)
	}
}

// worded is a value in our words; known is false for one that the mapping's table lacks.
func (s source) worded(n node) (worded node, known bool) {
	word := strings.TrimSpace(scalar(n))
	if s.values == nil || !n.said() || word == "" {
		return n, true
	}
	ours, known := s.values[strings.ToLower(word)]
	n.value = ours
	return n, known
}

// requiredFields are those without which there is no feedback.
func requiredFields() []string { return []string{"id", "kind", "channel", "smiley", "score"} }

// mappedFields are all that a mapping can fill.
func mappedFields() []string {
	fields := []string{"id", "kind", "channel", "smiley", "score", "occurred_at", "began_at"}
	for _, f := range feedback.Fields() {
		if f != feedback.FieldRating {
			fields = append(fields, string(f))
		}
	}
	return fields
}
