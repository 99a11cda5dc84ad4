package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"smileybot/bot/webhook/sender"
	"smileybot/csvfile"
	"smileybot/feedback"
)

// columns are the names of a file's columns by the rows of its header, as [folded] has them.
type columns [][]string

// folded is a name in lower case, with single spaces: so names are compared.
func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

func newColumns(header [][]string) columns {
	all := make(columns, len(header))
	for i, row := range header {
		for _, name := range row {
			all[i] = append(all[i], folded(name))
		}
	}
	return all
}

// number is the column of that name, from 1, or else that of that number, or 0. Several columns of one
// name are an error.
func (cs columns) number(name string) (int, error) {
	for _, row := range cs {
		var found []int
		for i, other := range row {
			if other == folded(name) {
				found = append(found, i+1)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return 0, fmt.Errorf("columns %s have the name %q: write the number of one", listed(found), name)
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(cs[0]) {
		return n, nil
	}
	return 0, nil
}

// containing are the columns, from 1, whose names have a word that begins so, and none of without.
func (cs columns) containing(beginnings, without []string) []int {
	var found []int
	for i := range cs[0] {
		has := func(beginning string) bool {
			return slices.ContainsFunc(cs, func(row []string) bool { return i < len(row) && hasWord(row[i], folded(beginning)) })
		}
		if slices.ContainsFunc(beginnings, has) && !slices.ContainsFunc(without, has) {
			found = append(found, i+1)
		}
	}
	return found
}

// hasWord reports whether a beginning is in a text, after no letter.
func hasWord(text, beginning string) bool {
	for at := 0; ; at++ {
		next := strings.Index(text[at:], beginning)
		if next < 0 || beginning == "" {
			return false
		}
		at += next
		before := []rune(text[:at])
		if len(before) == 0 || !unicode.IsLetter(before[len(before)-1]) {
			return true
		}
	}
}

// skip takes the names of the columns, and returns what reports whether the conditions leave a row
// out.
func (l *Layout) skip(names []string) func(cells []string) bool {
	all := newColumns([][]string{names})
	type placed struct {
		columnCondition

		number int
	}
	var conditions []placed
	for _, c := range l.only {
		if n, err := all.number(c.column); err == nil && n > 0 {
			conditions = append(conditions, placed{c, n})
		}
	}
	return func(cells []string) bool {
		return slices.ContainsFunc(conditions, func(c placed) bool { return !c.holds(cellAt(cells, c.number)) })
	}
}

func (c columnCondition) holds(text string) bool {
	same := func(word string) bool { return strings.EqualFold(word, text) }
	return text != "" && (len(c.is) == 0 || slices.ContainsFunc(c.is, same)) && !slices.ContainsFunc(c.not, same)
}

// cellAt is the text of a column, from 1; empty when the row does not have it.
func cellAt(cells []string, number int) string {
	if number > len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[number-1])
}

// open finds the columns of a file. Its error names every field without one.
func (l *Layout) open(header [][]string) (*csvfile.Translation, error) {
	all := newColumns(header)
	rating := "score"
	if kind := l.fields["kind"]; !kind.constant || kind.text == string(feedback.KindSmiley) {
		rating = "smiley"
	}
	places := make(map[string][]int)
	var missing []error
	if _, there := l.fields[rating]; !there && l.fields["kind"].constant {
		missing = append(missing, fmt.Errorf("the layout does not say which column is %s", rating))
	}
	for _, field := range l.order() {
		s := l.fields[field]
		if (field == "smiley" || field == "score") && field != rating && l.fields["kind"].constant {
			continue
		}
		numbers, err := s.find(all, places)
		switch {
		case len(numbers) > 0 || s.constant:
			places[field] = numbers
		case s.set || l.needs(field):
			missing = append(missing, fmt.Errorf("%s: %w", field, err))
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s; name a column with --set FIELD=COLUMN; the file has %s", joined(missing), described(header[0]))
	}
	t := &csvfile.Translation{}
	for _, field := range slices.Sorted(maps.Keys(places)) {
		t.Fields = append(t.Fields, l.fields[field].translated(field, places[field])...)
	}
	skip, ratings := l.skip(header[0]), slices.Concat(places["smiley"], places["score"])
	t.Skip = func(cells []string) bool {
		return skip(cells) || !slices.ContainsFunc(ratings, func(n int) bool { return cellAt(cells, n) != "" })
	}
	return t, nil
}

// order lists the fields: those whose columns have names before those that are searched, and the
// comment, whose question is the vaguest, last.
func (l *Layout) order() []string {
	fields := slices.Sorted(maps.Keys(l.fields))
	rank := func(field string) int {
		switch {
		case len(l.fields[field].contains) == 0:
			return 0
		case field != "comment":
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(fields, func(a, b string) int { return rank(a) - rank(b) })
	return fields
}

// needs reports whether a file must have the column of a field.
func (l *Layout) needs(field string) bool {
	return slices.Contains([]string{"id", "kind", "channel", "smiley", "score"}, field)
}

// find returns the columns of a field, from 1, or why there is none. Taken are those of other fields.
func (s columnSource) find(all columns, taken map[string][]int) ([]int, error) {
	if len(s.contains) > 0 {
		return s.search(all, taken)
	}
	if len(s.columns) == 0 {
		return nil, errors.New("the layout does not say which column it is")
	}
	var found []int
	for _, name := range s.columns {
		n, err := all.number(name)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			found = append(found, n)
		}
	}
	return found, errors.New("no column has the name " + oneOf(s.columns))
}

// search returns the one column whose name has the words of a question.
func (s columnSource) search(all columns, taken map[string][]int) ([]int, error) {
	found := slices.DeleteFunc(all.containing(s.contains, s.without), func(n int) bool {
		for _, numbers := range taken {
			if slices.Contains(numbers, n) {
				return true
			}
		}
		return false
	})
	switch len(found) {
	case 0:
		return nil, errors.New("no column has a name with " + oneOf(s.contains))
	case 1:
		return found, nil
	default:
		return nil, fmt.Errorf("the names of columns %s all have %s", listed(found), oneOf(s.contains))
	}
}

// translated returns how a field is read, and with a table of words also the sender's own rating.
func (s columnSource) translated(field string, numbers []int) []csvfile.TranslatedField {
	first := 0
	if len(numbers) > 0 {
		first = numbers[0]
	}
	theirs := func(cells []string) (string, int) {
		if s.constant {
			return s.text, 0
		}
		for _, n := range numbers {
			if text := cellAt(cells, n); text != "" {
				return text, n
			}
		}
		return "", first
	}
	all := []csvfile.TranslatedField{{Name: field, Column: first, Numbered: s.numbered, Read: func(cells []string, zone *time.Location) (string, int, error) {
		text, column := theirs(cells)
		if text == "" {
			return "", column, nil
		}
		text, err := s.ours(field, text, zone)
		return text, column, err
	}}}
	if s.values != nil && (field == "smiley" || field == "score") {
		all = append(all, csvfile.TranslatedField{Name: "raw", Column: first, Read: func(cells []string, _ *time.Location) (string, int, error) {
			text, column := theirs(cells)
			return text, column, nil
		}})
	}
	return all
}

// ours is the text of a field as our own files have it.
func (s columnSource) ours(field, text string, zone *time.Location) (string, error) {
	switch {
	case s.values != nil:
		word, known := s.values.of(text)
		if !known {
			return "", errors.New("must be one of " + strings.Join(s.values.words, ", ") + ", as the layout has it")
		}
		return word, nil
	case field == "score":
		return labelled(text), nil
	case len(s.formats) > 0:
		return s.momentOf(text, zone)
	default:
		return text, nil
	}
}

// labelled takes the words off a score such as "10 - Extremely likely" or "Extremely likely - 10".
func labelled(text string) string {
	if found := reLabelled().FindStringSubmatch(text); found != nil {
		return found[1] + found[2]
	}
	return text
}

var reLabelled = compiled(`^(?:([0-9]+)\s*[-–—:=]\s*[^0-9]+|[^0-9]+\s[-–—:=]?\s*([0-9]+))$`) //nolint:gochecknoglobals // a pattern that never changes

// momentOf reads a moment in one of the formats and writes it as our own files have it. Another text
// stays as it is, for their rules.
func (s columnSource) momentOf(text string, zone *time.Location) (string, error) {
	tidy := reOffset().ReplaceAllStringFunc(tidied(text), numericOffset)
	for _, format := range s.formats {
		if known := sender.TimeFormat(format); slices.Contains(sender.TimeFormats(), known) {
			if t, ok := known.Parse(text); ok {
				return t.UTC().Format(time.RFC3339Nano), nil
			}
			continue
		}
		named := strings.Contains(format, "MST") || strings.Contains(format, "07")
		where := zone
		if !named {
			where = time.UTC // the time that a clock shows, also one that the zone skips
		}
		t, err := time.ParseInLocation(format, tidy, where)
		switch name, _ := t.Zone(); {
		case err != nil:
			continue
		case !named:
			return t.Format(time.DateTime), nil
		case inUnknownZone(t, zone):
			return "", fmt.Errorf("the time zone %s is not known in %s: name that of the file with --zone", name, zone)
		default:
			return t.UTC().Format(time.RFC3339Nano), nil
		}
	}
	return text, nil
}

// tidied is a moment in capitals, with common spaces, and with AM and PM as English writes them.
func tidied(text string) string {
	text = strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(strings.ToUpper(text))
	return reMeridiem().ReplaceAllString(text, "${1}M")
}

var reMeridiem = compiled(`([AP])\. ?M\.`) //nolint:gochecknoglobals // a pattern that never changes

// reOffset finds an offset such as GMT+2 or UTC-3:30, of which package time knows nothing.
var reOffset = compiled(`(?:GMT|UTC)[+-][0-9]{1,2}(?::[0-9]{2})?$`) //nolint:gochecknoglobals // a pattern that never changes

// numericOffset writes such an offset as +0200.
func numericOffset(text string) string {
	hours, minutes, _ := strings.Cut(text[4:], ":")
	return fmt.Sprintf("%s%02s%02s", text[3:4], hours, minutes)
}

func oneOf(words []string) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = strconv.Quote(word)
	}
	return strings.Join(all, " or ")
}

func listed(numbers []int) string {
	all := make([]string, len(numbers))
	for i, n := range numbers {
		all[i] = strconv.Itoa(n)
	}
	return strings.Join(all, " and ")
}

func joined(all []error) string {
	texts := make([]string, len(all))
	for i, err := range all {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// described lists the columns of a file with their numbers.
func described(names []string) string {
	const most = 40 // of the columns, and of the characters of a name
	var all []string
	for i, name := range names[:min(len(names), most)] {
		words := []rune(strings.Join(strings.Fields(name), " "))
		if len(words) > most {
			words = append(words[:most:most], '…')
		}
		all = append(all, fmt.Sprintf("%d %q", i+1, string(words)))
	}
	if len(names) > most {
		all = append(all, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(all, ", ")
}
