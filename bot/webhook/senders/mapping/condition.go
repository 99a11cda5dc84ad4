package mapping

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/jq"
	"smileybot/bot/webhook/sender"
)

// condition holds when the value at a place is one of some words, or, without words, when a value is
// there.
type condition struct {
	source

	is *table // nil without words
	in string // only or taken_back
}

const (
	inOnly      = "only"
	inTakenBack = "taken_back"
)

// holds reports whether the condition holds, and if not, why.
func (c condition) holds(r *reading) (holds bool, why string, wrong *sender.Problem) {
	t, err := c.find(r)
	if err != nil {
		r.spent = r.spent || !errors.Is(err, jq.ErrFailed)
		return false, err.Error(), c.problem(err)
	}
	if c.is != nil {
		if !isScalar(t) {
			return false, "there is no single value", nil
		}
		if _, holds = c.is.of(scalar(t)); holds {
			return true, "", nil
		}
		return false, "the value is not one of " + strings.Join(c.is.words, ", "), nil
	}
	why = absent(t, c.in == inTakenBack)
	return why == "", why, nil
}

// isScalar reports whether there is a value, and neither a list nor an object.
func isScalar(t sender.Tree) bool {
	switch t.Value.(type) {
	case nil, []any, map[string]any:
		return false
	default:
		return true
	}
}

// absent says why a value is not there, "" when it is. A flag that is 0 is not set.
func absent(t sender.Tree, flag bool) string {
	const isFalse, isEmpty = "the value is false", "the value is empty"
	switch v := t.Value.(type) {
	case nil:
		return "there is no value"
	case bool:
		if !v {
			return isFalse
		}
	case string:
		switch {
		case strings.TrimSpace(v) == "":
			return isEmpty
		case strings.EqualFold(strings.TrimSpace(v), "false"), flag && isZero(v):
			return isFalse
		}
	case json.Number:
		if flag && isZero(v.String()) {
			return isFalse
		}
	case []any:
		if len(v) == 0 {
			return isEmpty
		}
	case map[string]any:
		if len(v) == 0 {
			return isEmpty
		}
	}
	return ""
}

func isZero(text string) bool {
	n, is := decimal(text)
	return is && n == 0
}

// allHold reports whether all conditions hold.
func allHold(all []condition, r *reading) (bool, *sender.Problem) {
	for _, c := range all {
		if holds, _, wrong := c.holds(r); wrong != nil || !holds {
			return false, wrong
		}
	}
	return true, nil
}

// conditions are all conditions of all ratings in a body.
func (m mapping) conditions(d sender.Delivery, body sender.Tree) []sender.Condition {
	var all []sender.Condition
	items, r, wrong := m.items(d, body)
	if wrong != nil {
		return nil
	}
	for i, item := range items {
		r.item = item
		for _, c := range slices.Concat(m.only, m.takenBack) {
			holds, why, _ := c.holds(r)
			all = append(all, sender.Condition{In: c.in, Place: c.text, Rating: i + 1, Holds: holds, Why: why})
		}
	}
	return all
}

// conditions reads one condition, or a list of them.
func (r *reader) conditions(in string, n *yaml.Node) []condition {
	var all []condition
	if n == nil {
		return nil
	}
	for _, one := range nodes(n) {
		if one.Kind == yaml.SequenceNode {
			all = append(all, r.conditions(in, one)...)
			continue
		}
		all = append(all, r.condition(in, one))
	}
	return all
}

func (r *reader) condition(in string, n *yaml.Node) condition {
	c := condition{in: in}
	e := r.entries(n, conditionKeys()...)
	for _, place := range conditionPlaces() {
		if e[place] == nil {
			continue
		}
		if c.find != nil {
			r.wrong(e[place], "two places to look at", "write a list of conditions, all of which must hold")
		}
		c.source = r.place(place, e[place])
	}
	if c.find == nil {
		r.wrong(n, "no place to look at", "write {path: $.event, is: rated} or {jq: .event == \"rated\"}")
		c.find = func(*reading) (sender.Tree, error) { return sender.Tree{}, nil }
	}
	if is := e["is"]; is != nil {
		c.is = r.words(is)
	}
	return c
}

// words reads the words of a condition as a table.
func (r *reader) words(n *yaml.Node) *table {
	t := &table{ours: make(map[string]string), number: make(map[float64]string)}
	for _, one := range nodes(n) {
		word := r.text(one)
		t.words = append(t.words, word)
		t.ours[plainWord(word)] = ""
		if number, is := decimal(word); is {
			t.number[number] = ""
		}
		if ends := reSpan().FindStringSubmatch(strings.TrimSpace(word)); ends != nil {
			r.span(t, one, ends[1], ends[2], "")
		}
	}
	return t
}
