package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// MaxFile is the most a file of mappings may be long, in bytes.
const MaxFile = 1 << 20

// Mistake is one thing that is wrong in a file of mappings.
type Mistake struct {
	Line, Column int // from 1
	Problem      string
	Remedy       string
}

// Place is the line and the column.
func (m Mistake) Place() string { return fmt.Sprintf("line %d, column %d", m.Line, m.Column) }

// String is one line: "line 3, column 12: what is wrong; what to do".
func (m Mistake) String() string { return m.Place() + ": " + m.Problem + "; " + m.Remedy }

// Mistakes is everything wrong in a file of mappings, in its order.
type Mistakes []Mistake //nolint:errname // a person reads them as mistakes

// Error is a line for each mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap is an error for each mistake.
func (ms Mistakes) Unwrap() []error {
	each := make([]error, len(ms))
	for i, m := range ms {
		each[i] = errors.New(m.String())
	}
	return each
}

// MistakesIn are the mistakes in an error of [Parse].
func MistakesIn(err error) Mistakes {
	ms, _ := errors.AsType[Mistakes](err)
	return ms
}

// reader reads a file of mappings and collects the mistakes.
type reader struct {
	reserved []string
	mistakes Mistakes
}

func (r *reader) wrong(n *yaml.Node, problem, remedy string) {
	r.mistakes = append(r.mistakes, Mistake{Line: max(n.Line, 1), Column: max(n.Column, 1), Problem: problem, Remedy: remedy})
}

// Parse reads a file of mappings, as docs/senders/mapping.md describes it, and returns their senders by
// name. Reserved are the names of ready-made senders, which a mapping cannot have. The error is
// [Mistakes], all of them.
func Parse(text []byte, reserved ...string) ([]sender.Sender, error) {
	r := reader{reserved: reserved}
	root := r.root(text, "begin with senders: and the name of a sender")
	var all []sender.Sender
	if root != nil {
		senders := r.entries(root, "senders")["senders"]
		if senders == nil {
			r.wrong(root, "no senders", "begin with senders: and the name of a sender")
			return nil, r.mistakes
		}
		for name, n := range r.named(senders) {
			all = append(all, r.sender(name, n))
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.inOrder()
	}
	slices.SortFunc(all, func(a, b sender.Sender) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// root reads the YAML of a file; it is nil, with a mistake, when there is none. Begin says how a file
// begins.
func (r *reader) root(text []byte, begin string) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(text) > MaxFile {
		r.wrong(start, "longer than 1 MiB", "leave in it what the program reads")
		return nil
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		r.mistakes = append(r.mistakes, syntaxMistake(err))
		return nil
	}
	if root.Kind == 0 || len(root.Content) == 0 {
		r.wrong(start, "nothing in it", begin)
		return nil
	}
	if r.plain(&root); len(r.mistakes) > 0 {
		return nil
	}
	return root.Content[0]
}

// inOrder returns the mistakes in the order of the file.
func (r *reader) inOrder() Mistakes {
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.mistakes
}

// syntaxMistake is an error of the YAML library, which knows the line.
func syntaxMistake(err error) Mistake {
	m := Mistake{Line: 1, Column: 1, Problem: "no YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), Remedy: "correct it; indent with spaces, and put quotes around what begins with { * & or @"}
	if found := regexp.MustCompile(`^yaml: line (\d+): (.*)`).FindStringSubmatch(err.Error()); found != nil {
		m.Line, _ = strconv.Atoi(found[1])
		m.Problem = "no YAML: " + found[2]
	}
	return m
}

// plain refuses anchors and aliases, whose values are not visible where they are used.
func (r *reader) plain(n *yaml.Node) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.wrong(n, "an anchor or alias", "write it out")
		return
	}
	for _, inner := range n.Content {
		r.plain(inner)
	}
}

// senderName is the syntax of a mapped sender's name, which is in addresses and, in capital letters,
// in the name of a setting.
var senderName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`)

// named are the senders by name.
func (r *reader) named(n *yaml.Node) map[string]*yaml.Node {
	senders := make(map[string]*yaml.Node)
	r.pairs(n, func(key, value *yaml.Node) {
		switch {
		case !senderName.MatchString(key.Value):
			r.wrong(key, "no name for a sender", "take 2 to 31 of a-z, 0-9 and _, beginning with a letter")
		case key.Value == "webhook" || slices.Contains(r.reserved, key.Value):
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
func (r *reader) pairs(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "a list or a text where names and values should be", "write name: value, a line each")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		each(n.Content[i], n.Content[i+1])
	}
}

// entries are the values of a mapping node by name. Unknown names are mistakes.
func (r *reader) entries(n *yaml.Node, known ...string) map[string]*yaml.Node {
	entries := make(map[string]*yaml.Node)
	r.pairs(n, func(key, value *yaml.Node) {
		switch {
		case !slices.Contains(known, key.Value):
			r.wrong(key, "not known here", "choose from "+strings.Join(known, ", ")+meant(key.Value, known))
		case entries[key.Value] != nil:
			r.wrong(key, "said twice", "keep one")
		default:
			entries[key.Value] = value
		}
	})
	return entries
}

// meant suggests the known word that is most like a word, "" when none is.
func meant(word string, known []string) string {
	const most = 2 // letters that differ
	near := feedback.Nearest(word, known)
	if len(word) <= most || feedback.Distance(strings.ToLower(word), strings.ToLower(near)) > most {
		return ""
	}
	return "; perhaps " + near + " is meant"
}

// text is a scalar, "" for a node of nil.
func (r *reader) text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.wrong(n, "a list or an object where a text should be", "write one text")
	}
	return n.Value
}
