package mapping

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// moments says how a sender writes moments.
type moments struct {
	formats []string // as the file has them
	layouts []string // the same, in the notation of package time or as a [sender.TimeFormat]
	zone    *time.Location
}

// parse reads a moment in one of the formats. wrong continues the name of the field.
func (m moments) parse(text string) (at time.Time, wrong string) {
	unknownZone := false
	for _, layout := range m.layouts {
		if known := sender.TimeFormat(layout); slices.Contains(sender.TimeFormats(), known) {
			if at, ok := known.Parse(text); ok {
				return at, ""
			}
			continue
		}
		at, err := time.ParseInLocation(layout, text, m.zone)
		switch {
		case err != nil || at.Unix() < 0:
		case inUnknownZone(at, m.zone):
			unknownZone = true
		default:
			return at, ""
		}
	}
	if unknownZone {
		return at, "has a time zone that is not known: write zone: next to format, with the name of a place, or have the sender write an offset"
	}
	return at, "must be a moment from 1970 on, written as " + strings.Join(m.formats, " or ")
}

// inUnknownZone reports whether a moment was read with the abbreviation of a time zone that the zone does
// not have. Package time takes it for UTC.
func inUnknownZone(at time.Time, zone *time.Location) bool {
	name, offset := at.Zone()
	return offset == 0 && at.Location() != zone && name != "" && name != "GMT" && name != "UTC" && name != "Z"
}

// moments reads how moments are written: RFC 3339 by default.
func (r *reader) moments(format, zone *yaml.Node) *moments {
	m := &moments{zone: time.UTC}
	if zone != nil {
		m.zone = r.location(zone)
	}
	if format == nil {
		m.formats, m.layouts = []string{string(sender.RFC3339)}, []string{string(sender.RFC3339)}
		return m
	}
	for _, n := range nodes(format) {
		text := r.text(n)
		m.formats, m.layouts = append(m.formats, text), append(m.layouts, r.timeLayout(n, text))
	}
	return m
}

// nodes are those of a list, or a node alone.
func nodes(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// location reads the name of a time zone.
func (r *reader) location(n *yaml.Node) *time.Location {
	zone, ok := feedback.Zone(r.text(n))
	if !ok {
		r.wrong(n, "not the name of a time zone", "write it as Europe/Amsterdam")
		return time.UTC
	}
	return zone
}

// timeLayout reads a format: a [sender.TimeFormat], one in words such as YYYY-MM-DD HH:mm, or one in the
// notation of package time. A whole date must be in it.
func (r *reader) timeLayout(n *yaml.Node, format string) string {
	if slices.Contains(sender.TimeFormats(), sender.TimeFormat(format)) {
		return format
	}
	layout := format
	if strings.Contains(format, "YY") {
		var wrong string
		if layout, wrong = layoutOf(format); wrong != "" {
			r.wrong(n, wrong, "write it of YYYY, MM, DD, HH, mm, ss, SSS, A and Z, and other letters in brackets, as in YYYY-MM-DD [at] HH:mm")
			return format
		}
	}
	example := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if t, err := time.Parse(layout, example.Format(layout)); err != nil || !t.Equal(example) {
		r.wrong(n, "no such format", "write unix, unix_ms, rfc3339, a format such as DD-MM-YYYY HH:mm, or how the moment 2006-01-02 15:04:05 is written there")
	}
	return layout
}

// reWords finds the parts of a format in words: a text in brackets, a run of one letter, a fraction.
var reWords = compiled(`\[[^\]]*\]|[.,]S+|Y+|M+|D+|d+|H+|h+|m+|s+|A+|a+|Z+|z+|T|[A-Za-z0-9]`) //nolint:gochecknoglobals // a pattern that never changes

// words are the parts of a format, as package time writes them.
func words() map[string]string {
	return map[string]string{
		"YYYY": "2006", "YY": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "DD": "02", "D": "2",
		"dddd": "Monday", "ddd": "Mon", "HH": "15", "H": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5",
		"A": "PM", "a": "pm", "Z": "Z07:00", "ZZ": "Z0700", "z": "MST", "T": "T",
	}
}

// layoutOf is a format in words in the notation of package time.
func layoutOf(format string) (layout, wrong string) {
	layout = reWords().ReplaceAllStringFunc(format, func(part string) string {
		word, known := words()[part]
		switch {
		case known:
			return word
		case part[0] == '[' && !strings.ContainsAny(part, "0123456789"):
			return strings.Trim(part, "[]")
		case strings.Trim(part[1:], "S") == "" && (part[0] == '.' || part[0] == ','):
			return part[:1] + strings.Repeat("0", min(len(part)-1, 9))
		}
		wrong = cmp.Or(wrong, "a format with "+part+", which means nothing")
		return part
	})
	return layout, wrong
}
