package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/jq"
	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// source is where the value of a field comes from.
type source struct {
	text     string // the place as the file has it, for problems
	find     finder
	constant bool   // the text is the value
	values   *table // our words for the sender's; nil for the words as they are
	moments  *moments
	added    bool // a comment that is never taken back
	html     bool // the text is HTML
	required bool // without a value the rating is refused
}

// A finder finds the value at a place. The error says why it could not be looked for; it continues the
// name of the place.
type finder func(*reading) (sender.Tree, error)

// problem is an error of the place.
func (s source) problem(err error) *sender.Problem {
	return &sender.Problem{Field: s.text, Message: err.Error(), Cause: jq.Cause(err)}
}

// path reads a JSON path, nil for a node of nil.
func (r *reader) path(n *yaml.Node) *jsonpath.Path {
	if n == nil {
		return nil
	}
	p, err := jsonpath.Parse(r.text(n))
	if err != nil {
		r.wrong(n, "no JSON path: "+strings.TrimPrefix(err.Error(), "jsonpath: "), "write it as RFC 9535 has it, such as $.ticket.id or $['a-b'][0]")
		return nil
	}
	return p
}

// program compiles a jq expression, nil with a mistake.
func (r *reader) program(n *yaml.Node) *jq.Program {
	p, err := jq.Compile(r.text(n))
	if m, wrong := errors.AsType[jq.Mistake](err); wrong {
		r.wrong(n, m.Problem, m.Remedy)
		return nil
	}
	return p
}

// place reads where a value is: a JSON path in a rating or in the whole body, a jq expression, a form
// field, or a constant.
func (r *reader) place(kind string, n *yaml.Node) source {
	text := r.text(n)
	s := source{text: text, constant: kind == "constant"}
	switch kind {
	case "path":
		path := r.path(n)
		s.find = func(r *reading) (sender.Tree, error) { return firstValue(r.item, path) }
	case "body":
		path := r.path(n)
		s.find = func(r *reading) (sender.Tree, error) { return firstValue(r.body, path) }
	case "jq":
		program := r.program(n)
		s.text = shortened(text)
		s.find = func(r *reading) (sender.Tree, error) {
			value, err := program.First(r.item.Value, r.variables, r.budget)
			return r.item.With(value), err
		}
	case "form":
		s.find = func(r *reading) (sender.Tree, error) { return r.body.At(text), nil }
	default:
		s.find = func(*reading) (sender.Tree, error) { return sender.Tree{Value: text}, nil }
	}
	return s
}

// firstValue is the first value of a path that is not null.
func firstValue(t sender.Tree, path *jsonpath.Path) (sender.Tree, error) {
	found, err := t.Select(path, maxRatings)
	if err != nil || len(found) == 0 {
		return sender.Tree{}, err
	}
	if i := slices.IndexFunc(found, sender.Tree.IsSet); i > 0 {
		return found[i], nil
	}
	return found[0], nil
}

// shortened is the beginning of an expression, on one line, to name it by.
func shortened(text string) string {
	const most = 60 // characters
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > most {
		return string(words[:most]) + "…"
	}
	return string(words)
}

// source reads where a field comes from: a path, or an object with more.
func (r *reader) source(field string, n *yaml.Node) source {
	const remedy = "write a path that begins with $, {jq: …}, {constant: …}, {form: …}, {body: $.…} or {path: $.…, values: {…}}"
	if n.Kind == yaml.ScalarNode {
		if !strings.HasPrefix(n.Value, "$") {
			r.wrong(n, "no path", remedy)
			return source{}
		}
		s := r.place("path", n)
		s.moments = r.moments(nil, nil)
		return s
	}
	e := r.entries(n, sourceKeys(field)...)
	places := slices.DeleteFunc(fieldPlaces(), func(place string) bool { return e[place] == nil })
	if len(places) != 1 {
		r.wrong(n, "not one of "+strings.Join(fieldPlaces(), ", "), remedy)
		return source{}
	}
	place := e[places[0]]
	s := r.place(places[0], place)
	s.moments = r.moments(e["format"], e["zone"])
	if s.constant {
		r.ours(field, place)
	}
	if e["values"] != nil {
		s.values = r.table(field, e["values"])
	}
	s.added, s.html, s.required = r.flag(e["added"]), r.flag(e["html"]), r.flag(e["required"])
	if s.required && s.constant {
		r.wrong(e["required"], "a constant is always there", "leave required out")
	}
	return s
}

// flag reads true or false, false for a node of nil.
func (r *reader) flag(n *yaml.Node) bool {
	if n == nil {
		return false
	}
	text := r.text(n)
	if text != "true" && text != "false" {
		r.wrong(n, "neither true nor false", "write one of them")
	}
	return text == "true"
}

// ours reports a word that a field does not take.
func (r *reader) ours(field string, n *yaml.Node) {
	word := r.text(n)
	wrong := ""
	switch field {
	case "smiley":
		if _, err := feedback.ParseSmiley(word); err != nil {
			wrong = err.Error()
		}
	case "kind":
		if !feedback.Kind(word).Known() {
			wrong = "must be " + feedback.OneOf(feedback.Kinds())
		}
	case "channel":
		if !feedback.Channel(word).Known() {
			wrong = "must be " + feedback.OneOf(feedback.Channels())
		}
	case "score", "ticket.replies":
		if n, ok := feedback.ParseWhole(word); !ok || n < 0 || n > feedback.MaxReplies {
			wrong = fmt.Sprintf("must be a whole number from 0 to %d", feedback.MaxReplies)
		}
	case "ticket.urgent":
		if word != "true" && word != "false" {
			wrong = "must be true or false"
		}
	}
	if wrong != "" {
		r.wrong(n, "the field "+field+" does not take that", "it "+wrong)
	}
}

// isTime reports whether a field is a moment.
func isTime(field string) bool { return strings.HasSuffix(field, "_at") }
