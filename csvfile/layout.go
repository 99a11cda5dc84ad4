package csvfile

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Layout says how the file of another system is read.
type Layout struct {
	// HeaderRows is how many rows the header has at most: the first, which names the columns, and
	// those that follow it and are no responses.
	HeaderRows int
	// Dates is the order of dates that do not begin with the year; empty is that of [Options].
	Dates DateOrder
	// Zone returns the time zone that the layout or the rows of the header name; nil is that of
	// [Options].
	Zone func(header [][]string) *time.Location
	// Skip takes the names of the columns, and returns what reports whether a row is no response.
	Skip func(names []string) func(cells []string) bool
	// Open takes the rows of the header. Its error says which column is missing, and what to do.
	Open func(header [][]string) (*Translation, error)
}

// Translation is a layout for the columns of one file.
type Translation struct {
	// Fields are our columns, each at most once.
	Fields []TranslatedField
	// Skip reports whether a row is no response, or has no rating.
	Skip func(cells []string) bool
}

// TranslatedField is one of our columns, filled from those of another system.
type TranslatedField struct {
	// Name is that of our column.
	Name string
	// Column is where it comes from, from 1; 0 means that every row has the same text.
	Column int
	// Read returns our text for a row, without space around it, and the column that it comes from. An
	// empty text says nothing.
	// The zone is that of moments without an offset.
	Read func(cells []string, zone *time.Location) (text string, column int, err error)
	// Numbered means that rows which follow each other with the same text are different feedback: the
	// second gets -2, the third -3 and so on.
	Numbered bool
}

// numbering tells apart the rows that follow each other with the same text.
type numbering struct {
	text string
	rows int // that had it so far
	// raw are those of them that a rejected one needs in front of it, so that it has the same number
	// where it is imported without the other rows; of more than a megabyte the first.
	raw []byte
}

// number returns the text of the next row.
func (n *numbering) number(text string) string {
	if text != n.text {
		*n = numbering{text: text, raw: n.raw[:0]}
	}
	if n.rows++; n.rows == 1 {
		return text
	}
	return text + "-" + strconv.Itoa(n.rows)
}

// keep takes the bytes of a row, and returns what the file for rejected rows needs of it.
func (n *numbering) keep(row []byte, rejected bool) []byte {
	switch {
	case n.rows == 0 || len(n.raw)+len(row) > maxRecord:
		return row
	case rejected:
		row = slices.Concat(n.raw, row)
		n.raw = n.raw[:0]
	default:
		n.raw = append(n.raw, row...)
	}
	return row
}

// open reads the header of another system's file, of which first is the first row.
func (r *Reader) open(first record) error {
	l, line := r.options.Layout, first.line
	header := [][]string{asTexts(first.cells)}
	for _, name := range header[0] {
		r.names = append(r.names, shortened(name))
	}
	for skip := l.Skip(header[0]); len(header) < l.HeaderRows; {
		next, err := r.records.next()
		if err != nil || !skip(asTexts(next.cells)) {
			r.pushedBack = func() (record, error) { return next, err }
			break
		}
		header = append(header, asTexts(next.cells))
		r.header = append(r.header, next.raw...)
	}
	var err error
	if r.translation, err = l.Open(header); err != nil {
		return malformed("line %d: %v", line, err)
	}
	if l.Dates != "" {
		r.options.Dates = l.Dates
	}
	if zone := l.Zone(header); zone != nil {
		r.options.Zone = zone
	}
	for _, field := range r.translation.Fields {
		c, _ := columnOf(field.Name)
		r.columns = append(r.columns, c)
		if err := r.checkConstant(c, field); err != nil {
			return malformed("%s: %v", field.Name, err)
		}
	}
	if !r.options.UndatedNow && r.place("occurred_at") == 0 {
		return malformed("line %d: there is no moment in the layout's columns, so all rows would count today: name the column with --set occurred_at=COLUMN, or add --undated now", line)
	}
	return nil
}

// checkConstant refuses a text of every row that every row would be rejected for.
func (r *Reader) checkConstant(c column, field TranslatedField) error {
	if field.Column > 0 || !c.needed {
		return nil
	}
	text, _, err := field.Read(nil, r.options.Zone)
	if err != nil || text == "" {
		return err
	}
	return c.read(text, &parsedRow{Options: r.options})
}

// shortened is the name of a column as messages have it: a survey's is a whole question.
func shortened(name string) string {
	const most = 60
	words := []rune(strings.Join(strings.Fields(name), " "))
	if len(words) <= most {
		return string(words)
	}
	return string(words[:most]) + "…"
}

// skips reports whether the layout leaves a row out.
func (r *Reader) skips(next record) bool {
	if r.translation == nil {
		return false
	}
	r.texts = asTexts(next.cells)
	return r.translation.Skip(r.texts)
}

// Skipped is how many rows below the header the layout left out so far.
func (r *Reader) Skipped() int64 { return r.skipped }

// Fields lists where our columns come from; it is empty without a layout.
func (r *Reader) Fields() []TranslatedField {
	if r.translation == nil {
		return nil
	}
	return r.translation.Fields
}

// ColumnName is the name of a column of the file, from 1.
func (r *Reader) ColumnName(column int) string { return r.mistake(column, "").Name }

// translate reads the texts of another system's row into at. Each mistake goes to wrong.
func (r *Reader) translate(at *parsedRow, wrong func(column, int, error)) {
	for i, field := range r.translation.Fields {
		text, from, err := field.Read(r.texts, r.options.Zone)
		c := r.columns[i]
		if err == nil {
			err = checkCell([]byte(text))
		}
		if field.Numbered && text != "" {
			text = r.numbering.number(text)
		}
		if err == nil && text != "" {
			at.isText = false
			err = c.read(text, at)
		}
		if err != nil {
			wrong(c, from, err)
		}
	}
}

// place is the number of the column with one of ours, from 1, or 0. A text that every row has is in
// no column, and has the number of none.
func (r *Reader) place(name string) int {
	if r.translation == nil {
		return slices.Index(r.names, name) + 1
	}
	i := slices.IndexFunc(r.translation.Fields, func(f TranslatedField) bool { return f.Name == name })
	if i < 0 {
		return 0
	}
	return r.translation.Fields[i].Column
}

func asTexts(cells [][]byte) []string {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = string(cell)
	}
	return texts
}
