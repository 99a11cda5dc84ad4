package mapping

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// source reads where a field comes from: a path, or an object with more.
func (r *reader) source(field string, n *yaml.Node) source {
	const remedy = "write a path that begins with $, {constant: …}, {form: …}, {body: $.…} or {path: $.…, values: {…}}"
	s := source{moment: r.format(nil, nil)}
	if n.Kind == yaml.ScalarNode {
		if !strings.HasPrefix(n.Value, "$") {
			r.wrong(n, "no path", remedy)
			return s
		}
		s.text, s.path = n.Value, r.path(n)
		return s
	}
	known := []string{"path", "body", "form", "constant", "values"}
	if isTime(field) {
		known = append(known, "format", "zone")
	}
	if field == "comment" {
		known = append(known, "added")
	}
	e := r.entries(n, known...)
	places := 0
	for _, place := range []string{"path", "body", "form", "constant"} {
		if e[place] != nil {
			places, s.text = places+1, r.text(e[place])
		}
	}
	if places != 1 {
		r.wrong(n, "not one of path, body, form and constant", remedy)
		return s
	}
	if e["path"] != nil {
		s.path = r.path(e["path"])
	}
	if e["body"] != nil {
		s.body = r.path(e["body"])
	}
	s.form = r.text(e["form"])
	if e["constant"] != nil {
		s.constant = &s.text
		r.ours(field, e["constant"])
	}
	if e["values"] != nil {
		r.values(field, &s, e["values"])
	}
	if e["added"] != nil {
		s.added = r.flag(e["added"])
	}
	s.moment = r.format(e["format"], e["zone"])
	return s
}

// values reads our words for the sender's.
func (r *reader) values(field string, s *source, n *yaml.Node) {
	s.values = make(map[string]string)
	r.pairs(n, func(key, value *yaml.Node) {
		if key.Kind != yaml.ScalarNode {
			r.wrong(key, "a list or an object where a text should be", "write one text")
			return
		}
		word := strings.ToLower(strings.TrimSpace(key.Value))
		if _, twice := s.values[word]; twice {
			r.wrong(key, "said twice; capitals make no difference", "keep one")
		}
		s.values[word] = r.text(value)
		s.words = append(s.words, key.Value)
		r.ours(field, value)
	})
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

// flag reads true or false.
func (r *reader) flag(n *yaml.Node) bool {
	word := r.text(n)
	if word != "true" && word != "false" {
		r.wrong(n, "neither true nor false", "write one of them")
	}
	return word == "true"
}

// conditions reads one condition, or a list of them.
func (r *reader) conditions(n *yaml.Node) []condition {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		var all []condition
		for _, one := range n.Content {
			all = append(all, r.conditions(one)...)
		}
		return all
	}
	e := r.entries(n, "path", "body", "form", "is")
	var c condition
	switch {
	case e["path"] != nil:
		c.path = r.path(e["path"])
	case e["body"] != nil:
		c.body = r.path(e["body"])
	case e["form"] != nil:
		c.form = r.text(e["form"])
	default:
		r.wrong(n, "no place to look at", "write {path: $.event, is: rated}")
	}
	is := e["is"]
	if is != nil && is.Kind == yaml.SequenceNode {
		for _, word := range is.Content {
			c.is = append(c.is, r.text(word))
		}
	} else if is != nil {
		c.is = []string{r.text(is)}
	}
	return []condition{c}
}

// isTime reports whether a field is a moment.
func isTime(field string) bool { return strings.HasSuffix(field, "_at") }

// format reads how a moment is written: RFC 3339 by default, a [sender.TimeFormat], or a layout of
// package time.
func (r *reader) format(format, zone *yaml.Node) func(sender.Tree) (time.Time, bool) {
	where := time.UTC
	if zone != nil {
		var err error
		if where, err = time.LoadLocation(r.text(zone)); err != nil || zone.Value == "" {
			r.wrong(zone, "not the name of a time zone", "write it as Europe/Amsterdam")
			where = time.UTC
		}
	}
	parse := sender.RFC3339.Parse
	if format != nil {
		parse = r.layout(format, where)
	}
	return func(t sender.Tree) (time.Time, bool) { return parse(strings.TrimSpace(t.Text())) }
}

func (r *reader) layout(format *yaml.Node, where *time.Location) func(string) (time.Time, bool) {
	layout := r.text(format)
	if known := sender.TimeFormat(layout); slices.Contains(timeFormats(), known) {
		return known.Parse
	}
	example := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if t, err := time.Parse(layout, example.Format(layout)); err != nil || !t.Equal(example) {
		r.wrong(format, "no such format", "write unix, unix_ms, rfc3339, or how the moment 2006-01-02 15:04:05 is written there")
	}
	return func(text string) (time.Time, bool) {
		t, err := time.ParseInLocation(layout, text, where)
		return t, err == nil
	}
}

func timeFormats() []sender.TimeFormat {
	return []sender.TimeFormat{sender.Unix, sender.UnixMilli, sender.RFC3339}
}
