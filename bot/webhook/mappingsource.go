package webhook

import (
	"encoding/json"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"smileybot/feedback"
)

// source reads where a field comes from: a path, or an object that says more.
func (r *mappingReader) source(field string, n *yaml.Node) source {
	const cure = "write a path that begins with $, {constant: …}, {form: …}, {body: $.…} or {path: $.…, values: {…}}"
	var s source
	if n.Kind == yaml.ScalarNode {
		if !strings.HasPrefix(n.Value, "$") {
			r.wrong(n, "no path", cure)
			return s
		}
		s.text, s.path = n.Value, r.path(n)
		s.moment = formats()["rfc3339"]
		return s
	}
	known := []string{"path", "body", "form", "constant", "values"}
	if isMoment(field) {
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
		r.wrong(n, "not one of path, body, form and constant", cure)
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
func (r *mappingReader) values(field string, s *source, n *yaml.Node) {
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

// ours looks whether a field takes a word.
func (r *mappingReader) ours(field string, n *yaml.Node) {
	word := r.text(n)
	wrong := ""
	switch field {
	case "smiley":
		_, err := feedback.ParseSmiley(word)
		wrong = must(err)
	case "kind":
		if !feedback.Kind(word).Known() {
			wrong = "must be " + feedback.OneOf(feedback.Kinds())
		}
	case "channel":
		if !feedback.Channel(word).Known() {
			wrong = "must be " + feedback.OneOf(feedback.Channels())
		}
	case "score", "ticket.replies":
		_, wrong = between(0, feedback.MaxReplies)(json.RawMessage(word))
		wrong = strings.TrimSuffix(wrong, ", without quotes")
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
func (r *mappingReader) flag(n *yaml.Node) bool {
	word := r.text(n)
	if word != "true" && word != "false" {
		r.wrong(n, "neither true nor false", "write one of them")
	}
	return word == "true"
}

// conditions reads one condition, or a list of them.
func (r *mappingReader) conditions(n *yaml.Node) []condition {
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

// isMoment reports whether a field is a moment.
func isMoment(field string) bool { return strings.HasSuffix(field, "_at") }

// formats are how moments are written, beside layouts of package time.
func formats() map[string]func(node) (time.Time, bool) {
	read := func(parse func(string) (time.Time, bool)) func(node) (time.Time, bool) {
		return func(n node) (time.Time, bool) { return parse(strings.TrimSpace(n.text())) }
	}
	return map[string]func(node) (time.Time, bool){"unix": read(inSeconds), "unix_ms": read(inMilliseconds), "rfc3339": read(inWords)}
}

// format reads how a moment is written; RFC 3339 when nothing is said.
func (r *mappingReader) format(format, zone *yaml.Node) func(node) (time.Time, bool) {
	where := time.UTC
	if zone != nil {
		var err error
		if where, err = time.LoadLocation(r.text(zone)); err != nil || zone.Value == "" {
			r.wrong(zone, "not the name of a time zone", "write it as Europe/Amsterdam")
			where = time.UTC
		}
	}
	if format == nil {
		return formats()["rfc3339"]
	}
	layout := r.text(format)
	if known := formats()[layout]; known != nil {
		return known
	}
	example := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if t, err := time.Parse(layout, example.Format(layout)); err != nil || !t.Equal(example) {
		r.wrong(format, "no such format", "write unix, unix_ms, rfc3339, or how the moment 2006-01-02 15:04:05 is written there")
	}
	return func(n node) (time.Time, bool) {
		t, err := time.ParseInLocation(layout, strings.TrimSpace(n.text()), where)
		return t, err == nil
	}
}
