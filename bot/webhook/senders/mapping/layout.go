package mapping

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"smileybot/csvfile"
	"smileybot/feedback"
)

// Layout says in the language of mappings which column of another system's file is what; see
// docs/import/layout.md.
type Layout struct {
	headerRows int
	zone       *time.Location // nil: that of headerZone, else that of the reader
	headerZone *regexp.Regexp // finds the zone in the header, as its first group; nil: it is not there
	dates      csvfile.DateOrder
	only       []columnCondition // all must hold, or the row is left out
	fields     map[string]columnSource
}

// columnSource is where the text of a field comes from.
type columnSource struct {
	source

	columns  []string // by name; the first one that a row fills counts
	contains []string // when there are no columns: beginnings of words, of which the name of the column has one
	without  []string // and those of which it has none
	formats  []string // how a moment is written, in the notation of package time
	numbered bool     // rows that follow each other with the same text get -2, -3 and so on
	set      bool     // by the operator: the column must be there
}

// columnCondition holds when a column has a text, which is one of some words, if there are any, and
// none of others. Where the file lacks the column it holds too.
type columnCondition struct {
	column  string
	is, not []string
}

//go:embed layouts
var layouts embed.FS

// LayoutNames lists the ready-made layouts.
func LayoutNames() []string {
	entries, _ := fs.ReadDir(layouts, "layouts") // it is embedded
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	return names
}

// ReadyMadeLayout returns the file of a ready-made layout; found is false when there is none of that
// name.
func ReadyMadeLayout(name string) (text []byte, found bool) {
	text, err := layouts.ReadFile(path.Join("layouts", name+".yaml"))
	return text, err == nil && slices.Contains(LayoutNames(), name)
}

// ownWords are the fields that Set gives a word of ours, and not a column: they say what a file is
// about.
func ownWords() []string { return []string{"kind", "channel", "sender", "site"} }

// Set says where a field comes from, in place of what the layout says: for kind, channel, sender and
// site the word itself, for another field the name or the number of a column. Its error says which
// fields and words there are.
func (l *Layout) Set(field, value string) error {
	if !slices.Contains(layoutFields(), field) {
		return fmt.Errorf("%s is no field; there are %s", field, strings.Join(layoutFields(), ", "))
	}
	s := l.fields[field]
	s.columns, s.contains, s.constant, s.set = []string{value}, nil, false, true
	if field == "kind" || field == "channel" {
		value = strings.ToLower(value)
	}
	if slices.Contains(ownWords(), field) {
		var r reader
		if r.ours(field, &yaml.Node{Kind: yaml.ScalarNode, Value: value}); len(r.mistakes) > 0 {
			return errors.New(field + " " + strings.TrimPrefix(r.mistakes[0].Remedy, "it "))
		}
		s = columnSource{source: source{text: value, constant: true}}
	}
	if score := l.fields["score"]; field == "kind" && value != l.fields["kind"].text && score.contains != nil {
		score.contains = nil // the words are those of a question of the former kind
		l.fields["score"] = score
	}
	l.fields[field] = s
	return nil
}

// CSV is the layout for a reader of CSV files.
func (l *Layout) CSV() *csvfile.Layout {
	return &csvfile.Layout{HeaderRows: l.headerRows, Dates: l.dates, Zone: l.zoneOf, Skip: l.skip, Open: l.open}
}

func (l *Layout) zoneOf(header [][]string) *time.Location {
	if l.headerZone == nil {
		return l.zone
	}
	for _, row := range header {
		for _, cell := range row {
			if found := l.headerZone.FindStringSubmatch(cell); found != nil {
				if zone, ok := feedback.Zone(found[1]); ok {
					return zone
				}
			}
		}
	}
	return nil
}
