package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"smileybot/csvfile"
)

// ParseLayout reads a file with a layout. The error is [Mistakes], all of them.
func ParseLayout(text []byte) (*Layout, error) {
	var r reader
	var l *Layout
	if root := r.root(text, "begin with fields: and which column is what"); root != nil {
		l = r.layout(root)
	}
	if len(r.mistakes) > 0 {
		return nil, r.inOrder()
	}
	return l, nil
}

func (r *reader) layout(n *yaml.Node) *Layout {
	e := r.entries(n, "header", "zone", "dates", "only", "fields")
	l := &Layout{headerRows: 1, only: oneOrMore(e["only"], r.columnCondition), fields: make(map[string]columnSource)}
	if h := e["header"]; h != nil {
		const most = 10
		var err error
		if l.headerRows, err = strconv.Atoi(r.text(h)); err != nil || l.headerRows < 1 || l.headerRows > most {
			r.wrong(h, "no number of rows", fmt.Sprintf("write how many rows the header has, from 1 to %d", most))
		}
	}
	if z := e["zone"]; z != nil {
		r.layoutZone(l, z)
	}
	if d := e["dates"]; d != nil {
		if l.dates = csvfile.DateOrder(r.text(d)); l.dates != csvfile.DayFirst && l.dates != csvfile.MonthFirst {
			r.wrong(d, "no order of dates", "write dmy for 20-11-2026 or mdy for 11/20/2026")
		}
	}
	if e["fields"] == nil {
		r.wrong(n, "no fields", "write fields: and which columns have id, kind, channel, occurred_at and smiley or score")
		return l
	}
	plain := make(map[string]source)
	for field, value := range r.entries(e["fields"], layoutFields()...) {
		l.fields[field] = r.columnSource(field, value)
		plain[field] = l.fields[field].source
	}
	r.required(plain, e["fields"], "write which column has it, as in id: Response ID, or kind: {constant: nps}")
	return l
}

// layoutZone reads the name of a time zone, or how to find it in the header.
func (r *reader) layoutZone(l *Layout, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		l.zone = r.location(n)
		return
	}
	pattern := r.entries(n, "header")["header"]
	var err error
	if l.headerZone, err = regexp.Compile(r.text(pattern)); pattern == nil || err != nil || l.headerZone.NumSubexp() != 1 {
		r.wrong(n, "no pattern with one group", `write a regular expression whose group is the zone, as in {header: '"timeZone":"([^"]+)"'}`)
	}
}

// layoutFields are the fields that a layout can fill.
func layoutFields() []string {
	return append(slices.DeleteFunc(fieldNames(), func(name string) bool { return name == "began_at" }), "sender")
}

// columnSource reads where a field comes from: a column, or an object with more.
func (r *reader) columnSource(field string, n *yaml.Node) columnSource {
	if n.Kind != yaml.MappingNode {
		return columnSource{columns: r.texts(n)}
	}
	places := []string{"column", "contains", "constant"}
	known := slices.Concat(places, []string{"values", "without"})
	if isTime(field) {
		known = append(known, "format")
	}
	if field == "id" {
		known = append(known, "numbered")
	}
	e := r.entries(n, known...)
	places = slices.DeleteFunc(places, func(place string) bool { return e[place] == nil })
	if len(places) != 1 {
		r.wrong(n, "not one of column, contains and constant", "write the name of a column, or {column: …, values: {…}}, {contains: [recommend]} or {constant: …}")
		return columnSource{}
	}
	var s columnSource
	switch place := e[places[0]]; places[0] {
	case "column":
		s.columns = r.texts(place)
	case "contains":
		s.contains = r.texts(place)
		if e["without"] != nil {
			s.without = r.texts(e["without"])
		}
	default:
		s.text, s.constant = r.text(place), true
		r.ours(field, place)
	}
	if e["values"] != nil {
		r.values(field, &s.source, e["values"])
	}
	if f := e["format"]; f != nil {
		s.formats = r.texts(f)
		for _, format := range s.formats {
			r.timeFormat(f, format)
		}
	}
	if numbered := r.text(e["numbered"]); e["numbered"] != nil && numbered != "true" && numbered != "false" {
		r.wrong(e["numbered"], "neither true nor false", "write one of them")
	} else {
		s.numbered = numbered == "true"
	}
	return s
}

// texts reads one text, or a list of them. None is empty.
func (r *reader) texts(n *yaml.Node) []string {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var all []string
	for _, one := range nodes {
		if r.text(one) == "" && one.Kind == yaml.ScalarNode {
			r.wrong(one, "nothing in it", "write a text")
		}
		all = append(all, one.Value)
	}
	if len(all) == 0 {
		r.wrong(n, "an empty list", "write a text, or a list of them")
	}
	return all
}

// columnCondition reads one condition.
func (r *reader) columnCondition(n *yaml.Node) columnCondition {
	e := r.entries(n, "column", "is", "not")
	c := columnCondition{column: r.text(e["column"])}
	if c.column == "" {
		r.wrong(n, "no column to look at", "write {column: Finished, is: [true, 1]}")
	}
	if e["is"] != nil {
		c.is = r.texts(e["is"])
	}
	if e["not"] != nil {
		c.not = r.texts(e["not"])
	}
	return c
}
