package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/theory/jsonpath"
	"go.yaml.in/yaml/v3"

	"smileybot/feedback"
)

// maxMappings is the most a file of mappings may be long, in bytes.
const maxMappings = 1 << 20

// MappingMistake is one thing that is wrong in a file of mappings.
type MappingMistake struct {
	Line, Column int // from 1
	Problem      string
	Cure         string
}

// Place says where it is.
func (m MappingMistake) Place() string { return fmt.Sprintf("line %d, column %d", m.Line, m.Column) }

// MappingMistakes is everything wrong in a file of mappings, in its order.
type MappingMistakes []MappingMistake //nolint:errname // a person reads them as mistakes

// Error is a line for each mistake.
func (ms MappingMistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Place() + ": " + m.Problem + "; " + m.Cure
	}
	return strings.Join(lines, "\n")
}

// MistakesIn are the mistakes that an error of [ParseMappings] has.
func MistakesIn(err error) MappingMistakes {
	ms, _ := errors.AsType[MappingMistakes](err)
	return ms
}

// mappingReader reads a file of mappings and collects what is wrong.
type mappingReader struct{ mistakes MappingMistakes }

func (r *mappingReader) wrong(n *yaml.Node, problem, cure string) {
	r.mistakes = append(r.mistakes, MappingMistake{Line: max(n.Line, 1), Column: max(n.Column, 1), Problem: problem, Cure: cure})
}

// ParseMappings reads a file of mappings in YAML, as docs/senders/mapping.md describes it.
// The error is [MappingMistakes], all of them.
func ParseMappings(text []byte) ([]Mapping, error) {
	if len(text) > maxMappings {
		return nil, MappingMistakes{{Line: 1, Column: 1, Problem: "longer than 1 MiB", Cure: "leave in it what describes senders"}}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, MappingMistakes{syntaxMistake(err)}
	}
	if root.Kind == 0 || len(root.Content) == 0 {
		return nil, MappingMistakes{{Line: 1, Column: 1, Problem: "nothing in it", Cure: "begin with senders: and the name of a sender"}}
	}
	var r mappingReader
	var mappings []Mapping
	r.plain(&root)
	if len(r.mistakes) == 0 {
		senders := r.entries(root.Content[0], "senders")["senders"]
		if senders == nil {
			r.wrong(root.Content[0], "no senders", "begin with senders: and the name of a sender")
			return nil, r.mistakes
		}
		for name, n := range r.named(senders) {
			mappings = append(mappings, r.mapping(name, n))
		}
	}
	if len(r.mistakes) > 0 {
		slices.SortStableFunc(r.mistakes, func(a, b MappingMistake) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, r.mistakes
	}
	slices.SortFunc(mappings, func(a, b Mapping) int { return cmp.Compare(a.name, b.name) })
	return mappings, nil
}

// syntaxMistake is an error of the YAML library, which knows the line.
func syntaxMistake(err error) MappingMistake {
	m := MappingMistake{Line: 1, Column: 1, Problem: "no YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), Cure: "mend it; indent with spaces, and put quotes around what begins with { * & or @"}
	if found := regexp.MustCompile(`^yaml: line (\d+): (.*)`).FindStringSubmatch(err.Error()); found != nil {
		m.Line, _ = strconv.Atoi(found[1])
		m.Problem = "no YAML: " + found[2]
	}
	return m
}

// plain refuses anchors and aliases: what they stand for is not seen where they are.
func (r *mappingReader) plain(n *yaml.Node) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.wrong(n, "an anchor or alias", "write it out")
		return
	}
	for _, inner := range n.Content {
		r.plain(inner)
	}
}

// senderName is how a mapped sender may be called: it stands in addresses and, in capital
// letters, in the name of a setting.
var senderName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`)

// named are the senders by name.
func (r *mappingReader) named(n *yaml.Node) map[string]*yaml.Node {
	senders := make(map[string]*yaml.Node)
	r.pairs(n, func(key, value *yaml.Node) {
		switch {
		case !senderName.MatchString(key.Value):
			r.wrong(key, "no name for a sender", "take 2 to 31 of a-z, 0-9 and _, beginning with a letter")
		case key.Value == "feedback" || key.Value == "webhook" || slices.Contains(AdapterNames(), key.Value):
			r.wrong(key, "the name is taken", "call it otherwise, such as my_"+key.Value)
		case senders[key.Value] != nil:
			r.wrong(key, "described twice", "keep one")
		default:
			senders[key.Value] = value
		}
	})
	return senders
}

// pairs walks over the entries of a mapping node.
func (r *mappingReader) pairs(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "a list or a text where names and values should be", "write name: value, a line each")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		each(n.Content[i], n.Content[i+1])
	}
}

// entries are the values of a mapping node by name; others than the known ones are
// mistakes.
func (r *mappingReader) entries(n *yaml.Node, known ...string) map[string]*yaml.Node {
	entries := make(map[string]*yaml.Node)
	r.pairs(n, func(key, value *yaml.Node) {
		switch {
		case !slices.Contains(known, key.Value):
			r.wrong(key, "not known here", "choose from "+strings.Join(known, ", "))
		case entries[key.Value] != nil:
			r.wrong(key, "said twice", "keep one")
		default:
			entries[key.Value] = value
		}
	})
	return entries
}

// text is a scalar, "" for nothing.
func (r *mappingReader) text(n *yaml.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode:
		r.wrong(n, "a list or an object where a text should be", "write one text")
		return ""
	default:
		return n.Value
	}
}

// path reads a JSON path.
func (r *mappingReader) path(n *yaml.Node) *jsonpath.Path {
	text := r.text(n)
	p, err := jsonpath.Parse(text)
	if err != nil {
		r.wrong(n, "no JSON path: "+strings.TrimPrefix(err.Error(), "jsonpath: "), "write it as RFC 9535 has it, such as $.ticket.id or $['a-b'][0]")
		return nil
	}
	return p
}

// mapping reads one sender.
func (r *mappingReader) mapping(name string, n *yaml.Node) Mapping {
	m := Mapping{name: name, fields: make(map[string]source)}
	e := r.entries(n, "proof", "delivery_id", "only", "taken_back", "each", "fields")
	if e["proof"] == nil {
		r.wrong(n, "no proof", "write proof: bearer, proof: path, or proof: {hmac: …}; nothing is taken unproved")
	} else {
		m.proof = r.proof(e["proof"])
	}
	if id := e["delivery_id"]; id != nil {
		in := r.entries(id, "header", "path")
		m.deliveryID.header = r.text(in["header"])
		if in["path"] != nil {
			m.deliveryID.place = r.path(in["path"])
		}
		if (in["header"] == nil) == (in["path"] == nil) {
			r.wrong(id, "neither or both of header and path", "write one of them")
		}
	}
	if e["each"] != nil {
		m.each = r.path(e["each"])
	}
	m.only, m.takenBack = r.conditions(e["only"]), r.conditions(e["taken_back"])
	if e["fields"] == nil {
		r.wrong(n, "no fields", "write fields: and where id, kind, channel and smiley or score are")
		return m
	}
	r.fields(&m, e["fields"])
	return m
}

// fields reads where the fields are, and whether all are there that must.
func (r *mappingReader) fields(m *Mapping, n *yaml.Node) {
	for field, value := range r.entries(n, mappedFields()...) {
		m.fields[field] = r.source(field, value)
	}
	var missing []string
	for _, field := range []string{"id", "kind", "channel"} {
		if _, there := m.fields[field]; !there {
			missing = append(missing, field)
		}
	}
	_, smiley := m.fields["smiley"]
	_, score := m.fields["score"]
	kind := m.fields["kind"].constant
	switch {
	case kind == nil && !smiley && !score:
		missing = append(missing, "smiley or score")
	case kind != nil && *kind == string(feedback.KindSmiley) && !smiley:
		missing = append(missing, "smiley")
	case kind != nil && *kind != string(feedback.KindSmiley) && !score:
		missing = append(missing, "score")
	}
	if len(missing) > 0 {
		r.wrong(n, "not told: "+strings.Join(missing, ", "), "write where it is, as in id: $.ticket.id or kind: {constant: smiley}")
	}
}
