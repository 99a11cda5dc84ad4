package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"smileybot/feedback"
)

// Row is one row of a file: an event about one feedback.
type Row struct {
	// Line is where it begins in the file, from 1.
	Line  int
	Event feedback.Event
	// VoidReason is why the feedback does not count, empty when the row does not say. VoidedAt and
	// VoidedBy say when that was decided and who did it, zero when the row does not say.
	VoidReason string
	VoidedAt   time.Time
	VoidedBy   string
	// Restores means that the feedback counts again, also when a person in Slack voided it.
	Restores bool
	// Undated means that the row has no moment or one in the future, and that now was used.
	Undated bool
	// Warnings are the wrong cells that were left out.
	Warnings []Mistake
	// LeftOut means that it has a smiley or a score which its kind does not have.
	LeftOut bool
}

// Mistake is one wrong cell.
type Mistake struct {
	// Column counts from 1; it is 0 when the whole row is wrong. Name is that of the header, empty when
	// the row has more cells than the header.
	Column int
	Name   string
	// Message says what the cell must be.
	Message string
}

// RowError has the mistakes of a row. It never repeats its content.
type RowError struct {
	Line     int // of the file, from 1, at which the row begins
	Mistakes []Mistake
}

// At is the text of a mistake on a line.
func (m Mistake) At(line int) string {
	switch {
	case m.Column == 0:
		return fmt.Sprintf("line %d: %s", line, m.Message)
	case m.Name == "":
		return fmt.Sprintf("line %d, column %d: %s", line, m.Column, m.Message)
	default:
		return fmt.Sprintf("line %d, column %d (%s): %s", line, m.Column, m.Name, m.Message)
	}
}

// Error has a line for each mistake.
func (e *RowError) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap is an error for each mistake.
func (e *RowError) Unwrap() []error {
	var each []error
	for _, m := range e.Mistakes {
		each = append(each, errors.New(m.At(e.Line)))
	}
	return each
}

// FormatError says why a file cannot be read, and what to do.
type FormatError struct{ message string }

func (e *FormatError) Error() string { return e.message }

func malformed(format string, a ...any) error { return &FormatError{fmt.Sprintf(format, a...)} }

// Options say how a file is read.
type Options struct {
	// Now is when the file is read: a row with a later moment occurs now.
	Now time.Time
	// Zone is that of moments without an offset; nil is UTC.
	Zone *time.Location
	// Dates is the order of dates that do not begin with the year.
	Dates DateOrder
	// UndatedNow takes rows without a moment as of now. Without it they are wrong.
	UndatedNow bool
	// Senders are the known names of senders. Without any, every name is known.
	Senders []string
	// Layout is how the file of another system is read; nil for a file with our columns.
	Layout *Layout
}

// Reader reads rows. It holds one row at a time.
type Reader struct {
	options Options
	records *records
	header  []byte
	names   []string
	columns []column // one a name, or one a field of the layout; without read when it is not known
	unknown []Mistake
	raw     []byte
	size    int // cells that the last row mentioned

	translation *Translation // of another system's file, nil for ours
	texts       []string     // the cells of the last row, with a layout
	skipped     int64
	numbering   numbering
	pushedBack  func() (record, error) // the row after the header, when it was read with it; nil later
}

// NewReader reads the header. The error is a [*FormatError], or one of in.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	o.Now = o.Now.UTC().Round(0) // Round drops the monotonic reading
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	r := &Reader{records: newRecords(in), options: o}
	if err := r.records.prepare(); err != nil {
		return nil, err
	}
	must := "; its first line must name the columns"
	if o.Layout == nil {
		must += ": " + strings.Join(Header(), ",")
	}
	first, err := r.records.next()
	if _, broken := errors.AsType[*syntaxError](err); broken {
		return nil, malformed("line %d: %v%s", first.line, err, must)
	}
	if errors.Is(err, io.EOF) {
		return nil, malformed("the file is empty%s", must)
	}
	if err != nil {
		return nil, err
	}
	r.header = append(r.records.mark, first.raw...)
	if o.Layout != nil {
		return r, r.open(first)
	}
	return r, r.name(first)
}

// name reads the header.
func (r *Reader) name(first record) error {
	for i, cell := range first.cells {
		name := strings.TrimSpace(string(cell))
		c, ok := columnOf(strings.ToLower(name))
		switch {
		case !ok:
			r.unknown = append(r.unknown, Mistake{Column: i + 1, Name: name})
		case slices.Contains(r.names, c.name):
			return malformed("line %d, column %d: there is another column of that name; keep one of them", first.line, i+1)
		default:
			name = c.name
		}
		r.names, r.columns = append(r.names, name), append(r.columns, c)
	}
	for _, needed := range []string{"id", "channel"} {
		if !slices.Contains(r.names, needed) {
			return malformed("line %d: there is no column %s; the first line must name the columns: %s", first.line, needed, strings.Join(Header(), ","))
		}
	}
	if !r.options.UndatedNow && !slices.Contains(r.names, "occurred_at") {
		return malformed("line %d: there is no column occurred_at, so all rows would count today: name the column with the moments so, or add --undated now", first.line)
	}
	return nil
}

// Unknown lists the columns that are not known and not read.
func (r *Reader) Unknown() []Mistake { return r.unknown }

// Header is the header's line in the file, with its byte order mark.
func (r *Reader) Header() []byte { return r.header }

// Raw is the last row in the bytes of the file, with its line end; of a row that cannot be split
// into cells, the line at which it begins. A wrong row that [TranslatedField.Numbered] tells apart has
// those before it in front. It is valid until the next read.
func (r *Reader) Raw() []byte { return r.raw }

// Read reads the next row. The error is [io.EOF] after the last row, a [*RowError] for a wrong row,
// after which reading goes on, or one that ends it.
func (r *Reader) Read() (Row, error) {
	for {
		next, err := r.next()
		r.raw = next.raw
		if broken, ok := errors.AsType[*syntaxError](err); ok {
			return Row{}, r.wrong(next.line, []Mistake{r.mistake(broken.column, broken.message)})
		}
		if err != nil {
			return Row{}, err
		}
		if !slices.ContainsFunc(next.cells, func(cell []byte) bool { return len(bytes.TrimSpace(cell)) > 0 }) {
			continue // an empty line, or a row of empty cells
		}
		if r.skips(next) {
			r.skipped++
			continue
		}
		row, err := r.row(next)
		r.raw = r.numbering.keep(next.raw, err != nil)
		return row, err
	}
}

// next returns the next record.
func (r *Reader) next() (record, error) {
	if again := r.pushedBack; again != nil {
		r.pushedBack = nil
		return again()
	}
	return r.records.next()
}

func (r *Reader) wrong(line int, mistakes []Mistake) error {
	return &RowError{Line: line, Mistakes: mistakes}
}

// mistake names a column, by its number from 1.
func (r *Reader) mistake(column int, message string) Mistake {
	m := Mistake{Column: column, Message: message}
	if column > 0 && column <= len(r.names) {
		m.Name = r.names[column-1]
	}
	return m
}

// row reads the cells of a record.
func (r *Reader) row(next record) (Row, error) {
	if got, want := len(next.cells), len(r.names); got > want {
		return Row{}, r.wrong(next.line, []Mistake{r.mistake(want+1, fmt.Sprintf("the row has %d cells and the header %d: is a separator or a quotation mark missing or too many?", got, want))})
	}
	at := parsedRow{Options: r.options, row: Row{Line: next.line, Event: feedback.Event{Mentions: make(map[feedback.Field]bool, r.size)}}}
	at.row.Event.Kind, at.row.Event.Sender = feedback.KindSmiley, "feedback"
	var mistakes []Mistake
	wrong := func(c column, number int, err error) {
		at.wrong = append(at.wrong, c.name)
		if c.needed {
			mistakes = append(mistakes, r.mistake(number, err.Error()))
		} else {
			at.row.Warnings = append(at.row.Warnings, r.mistake(number, err.Error()))
		}
	}
	if r.translation != nil {
		r.translate(&at, wrong)
	} else {
		r.read(next.cells, &at, wrong)
	}
	mistakes = append(mistakes, r.whole(&at)...)
	if len(mistakes) > 0 {
		slices.SortFunc(mistakes, func(a, b Mistake) int { return a.Column - b.Column })
		return Row{}, r.wrong(next.line, mistakes)
	}
	r.size = len(at.row.Event.Mentions)
	return at.row, nil
}

// read reads cells into at. Each mistake goes to wrong. The cells that are missing are the last ones,
// and empty.
func (r *Reader) read(cells [][]byte, at *parsedRow, wrong func(column, int, error)) {
	for i, cell := range cells {
		c := r.columns[i]
		if c.read == nil || len(cell) == 0 {
			continue
		}
		if err := r.cell(c, cell, at); err != nil {
			wrong(c, i+1, err)
		}
	}
}

// checkCell refuses bytes that are no text.
func checkCell(raw []byte) error {
	if !utf8.Valid(raw) {
		return errors.New("is not UTF-8: save the file as CSV in UTF-8")
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return errors.New("must not hold a NUL byte")
	}
	return nil
}

// cell reads one cell.
func (r *Reader) cell(c column, raw []byte, at *parsedRow) error {
	if err := checkCell(raw); err != nil {
		return err
	}
	cell := unguarded(string(raw))
	at.isText = raw[0] == '\''
	if c.exact && !at.isText {
		cell = strings.TrimSpace(cell)
	}
	if cell == "" {
		return nil
	}
	return c.read(cell, at)
}

// whole checks what needs all cells of a row. A cell that is wrong by itself has its mistake already.
func (r *Reader) whole(at *parsedRow) []Mistake {
	var mistakes []Mistake
	add := func(name, message string) {
		if !slices.Contains(at.wrong, name) {
			mistakes = append(mistakes, r.mistake(r.place(name), message))
		}
	}
	e := &at.row.Event
	if e.ID == "" {
		add("id", fmt.Sprintf("must be a string of 1 to %d characters: the sender's own name of what was rated", feedback.MaxID))
	}
	if e.Channel == "" {
		add("channel", "must be "+feedback.OneOf(feedback.Channels()))
	}
	if e.Kind.Known() {
		if err := readRating(at); err != nil {
			add(ratingColumn(e.Kind), err.Error())
		}
	}
	if e.OccurredAt.IsZero() {
		if !at.row.Undated && !r.options.UndatedNow {
			add("occurred_at", "no moment: without one the row would count today; fill it in, or add --undated now")
		}
		at.row.Undated, e.OccurredAt = true, r.options.Now
	}
	r.ticket(at)
	at.takeMoments()
	r.claims(at)
	return mistakes
}

// ticket leaves out the moments of the ticket that cannot be right. One that is listed in the column
// moments was checked when it arrived, which was before now.
func (r *Reader) ticket(at *parsedRow) {
	e := &at.row.Event
	for _, m := range []struct {
		field feedback.Field
		place *time.Time
	}{
		{feedback.FieldTicketOpenedAt, &e.Answer.Ticket.OpenedAt},
		{feedback.FieldTicketFirstReplyAt, &e.Answer.Ticket.FirstReplyAt},
		{feedback.FieldTicketResolvedAt, &e.Answer.Ticket.ResolvedAt},
	} {
		known := e.OccurredAt
		if _, exported := at.moments[m.field]; exported {
			known = r.options.Now
		}
		if feedback.PlausibleTicket(*m.place, known) {
			continue
		}
		*m.place = time.Time{}
		delete(e.Mentions, m.field)
		delete(at.moments, m.field)
		column := r.place(string(m.field))
		at.row.Warnings = append(at.row.Warnings, r.mistake(column, "must be at most a year after occurred_at"))
	}
}

// takeMoments applies the column moments: a field that is listed and has no value was emptied then.
func (r *parsedRow) takeMoments() {
	for field, moment := range r.moments {
		if field == feedback.FieldRating && !r.row.Event.Mentions[field] {
			continue
		}
		r.row.Event.Mentions[field] = true
		if moment.Equal(r.row.Event.OccurredAt) {
			continue
		}
		if r.row.Event.SetAt == nil {
			r.row.Event.SetAt = make(map[feedback.Field]time.Time, len(r.moments))
		}
		r.row.Event.SetAt[field] = moment
	}
}

// claims reads the column claims, which needs the kind of the row.
func (r *Reader) claims(at *parsedRow) {
	if at.claims == "" {
		return
	}
	all, err := parseClaims(at.claims, at.row.Event.Kind, r.options.Now)
	if err != nil {
		at.row.Warnings = append(at.row.Warnings, r.mistake(r.place("claims"), err.Error()))
	}
	at.row.Event.Claims = all
}

// MissingRating is the error of a row that begins a feedback without a rating.
func (r *Reader) MissingRating(row Row) *RowError {
	name := ratingColumn(row.Event.Kind)
	_, err := parseRating(row.Event.Kind, "-")
	m := Mistake{Column: r.place(name), Name: name, Message: err.Error() + "; the first row of a feedback needs it"}
	if r.translation != nil {
		m.Name = r.ColumnName(m.Column)
	} else if m.Column == 0 {
		m.Column, m.Message = len(r.names)+1, "there is no such column; the first row of a feedback needs it"
	}
	return &RowError{Line: row.Line, Mistakes: []Mistake{m}}
}
