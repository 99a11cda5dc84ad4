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
	// VoidReason is why the feedback does not count, empty when the row does not say.
	VoidReason string
	// Undated means that the row has no moment, and that now was used.
	Undated bool
	// LeftOut means that it has a smiley or a score which its kind does not have.
	LeftOut bool
}

// Mistake is one wrong cell.
type Mistake struct {
	// Column counts from 1. Name is that of the header, empty when the row has more cells than the
	// header.
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

// Error has a line for each mistake.
func (e *RowError) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap is an error for each mistake.
func (e *RowError) Unwrap() []error {
	var each []error
	for _, m := range e.Mistakes {
		name := ""
		if m.Name != "" {
			name = " (" + m.Name + ")"
		}
		each = append(each, fmt.Errorf("line %d, column %d%s: %s", e.Line, m.Column, name, m.Message))
	}
	return each
}

// FormatError says why a file cannot be read, and what to do.
type FormatError struct{ message string }

func (e *FormatError) Error() string { return e.message }

func malformed(format string, a ...any) error { return &FormatError{fmt.Sprintf(format, a...)} }

// Reader reads rows. It holds one row at a time.
type Reader struct {
	records *records
	now     time.Time
	header  []byte
	names   []string
	columns []column // one a name; without read when it is not known
	unknown []Mistake
	raw     []byte
	size    int // cells that the last row mentioned
}

const byteOrderMark = "\xef\xbb\xbf"

// NewReader reads the header. A row with a moment after now, or without one, occurs now. The error
// is a [*FormatError], or one of in.
func NewReader(in io.Reader, now time.Time) (*Reader, error) {
	r := &Reader{records: newRecords(in), now: now.UTC().Round(0)} // Round drops the monotonic reading
	if err := r.records.prepare(); err != nil {
		return nil, err
	}
	first, err := r.records.next()
	if _, broken := errors.AsType[*syntaxError](err); broken {
		return nil, malformed("line 1: %v; it must name the columns: %s", err, strings.Join(Header(), ","))
	}
	if errors.Is(err, io.EOF) {
		return nil, malformed("the file is empty: its first line must name the columns: %s", strings.Join(Header(), ","))
	}
	if err != nil {
		return nil, err
	}
	r.header = append(r.records.mark, first.raw...)
	return r, r.name(first)
}

// prepare skips the byte order mark and recognises the separator by the first line: a column's name
// has neither commas nor semicolons.
func (r *records) prepare() error {
	for !r.ended && r.end < maxRecord && bytes.IndexByte(r.buffer[:r.end], '\n') < 0 {
		if err := r.fill(); err != nil {
			return err
		}
	}
	start := r.buffer[:r.end]
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return malformed("the file is in UTF-16: save it as CSV in UTF-8")
	}
	if bytes.HasPrefix(start, []byte(byteOrderMark)) {
		r.begin, r.mark = len(byteOrderMark), []byte(byteOrderMark)
	}
	line, _, _ := bytes.Cut(start, []byte{'\n'})
	if bytes.Count(line, []byte{';'}) > bytes.Count(line, []byte{','}) {
		r.comma = ';'
	}
	return nil
}

// name reads the header.
func (r *Reader) name(first record) error {
	for i, cell := range first.cells {
		name := strings.TrimSpace(string(cell))
		if slices.Contains(r.names, name) && name != "" {
			return malformed("line 1, column %d: there is another column of that name; keep one of them", i+1)
		}
		c, ok := columnOf(name)
		if !ok {
			r.unknown = append(r.unknown, Mistake{Column: i + 1, Name: name})
		}
		r.names, r.columns = append(r.names, name), append(r.columns, c)
	}
	for _, needed := range []string{"id", "channel"} {
		if !slices.Contains(r.names, needed) {
			return malformed("line 1: there is no column %s; the first line must name the columns: %s", needed, strings.Join(Header(), ","))
		}
	}
	return nil
}

// Unknown lists the columns that are not known and not read.
func (r *Reader) Unknown() []Mistake { return r.unknown }

// Header is the header's line in the file, with its byte order mark.
func (r *Reader) Header() []byte { return r.header }

// Raw is the last row in the bytes of the file, with its line end; of a row that cannot be split
// into cells, the line at which it begins. It is valid until the next read.
func (r *Reader) Raw() []byte { return r.raw }

// Read reads the next row. The error is [io.EOF] after the last row, a [*RowError] for a wrong row,
// after which reading goes on, or one that ends it.
func (r *Reader) Read() (Row, error) {
	for {
		next, err := r.records.next()
		r.raw = next.raw
		if broken, ok := errors.AsType[*syntaxError](err); ok {
			return Row{}, r.wrong(next.line, []Mistake{r.mistake(broken.column, broken.message)})
		}
		if err != nil {
			return Row{}, err
		}
		if len(next.cells) == 1 && len(next.cells[0]) == 0 {
			continue // an empty line
		}
		return r.row(next)
	}
}

func (r *Reader) wrong(line int, mistakes []Mistake) error {
	return &RowError{Line: line, Mistakes: mistakes}
}

// mistake names a column, by its number from 1.
func (r *Reader) mistake(column int, message string) Mistake {
	m := Mistake{Column: column, Message: message}
	if column <= len(r.names) {
		m.Name = r.names[column-1]
	}
	return m
}

// row reads the cells of a record.
func (r *Reader) row(next record) (Row, error) {
	if got, want := len(next.cells), len(r.names); got != want {
		return Row{}, r.wrong(next.line, []Mistake{r.mistake(min(got, want)+1, fmt.Sprintf("the row has %d cells and the header %d: is a separator or a quotation mark missing or too many?", got, want))})
	}
	at := parsedRow{now: r.now, row: Row{Line: next.line, Event: feedback.Event{Mentions: make(map[feedback.Field]bool, r.size)}}}
	at.row.Event.Kind, at.row.Event.Sender = feedback.KindSmiley, "feedback"
	var mistakes []Mistake
	for i, c := range r.columns {
		if c.read == nil || len(next.cells[i]) == 0 {
			continue
		}
		if err := r.cell(c, next.cells[i], &at); err != nil {
			mistakes = append(mistakes, r.mistake(i+1, err.Error()))
		}
	}
	mistakes = append(mistakes, r.whole(&at, mistakes)...)
	if len(mistakes) > 0 {
		slices.SortFunc(mistakes, func(a, b Mistake) int { return a.Column - b.Column })
		return Row{}, r.wrong(next.line, mistakes)
	}
	r.size = len(at.row.Event.Mentions)
	return at.row, nil
}

// cell reads one cell.
func (r *Reader) cell(c column, raw []byte, at *parsedRow) error {
	if !utf8.Valid(raw) {
		return errors.New("is not UTF-8: save the file as CSV in UTF-8")
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return errors.New("must not hold a NUL byte")
	}
	cell := unguarded(string(raw))
	if cell == "" {
		return nil
	}
	return c.read(cell, at)
}

// whole checks what needs all cells of a row; before are the mistakes found so far.
func (r *Reader) whole(at *parsedRow, before []Mistake) []Mistake {
	var mistakes []Mistake
	add := func(name, message string) {
		column := slices.Index(r.names, name) + 1
		if !slices.ContainsFunc(before, func(m Mistake) bool { return m.Column == column }) {
			mistakes = append(mistakes, r.mistake(column, message))
		}
	}
	if at.row.Event.ID == "" {
		add("id", fmt.Sprintf("must be a string of 1 to %d characters: the sender's own name of what was rated", feedback.MaxID))
	}
	if at.row.Event.Channel == "" {
		add("channel", "must be "+feedback.OneOf(feedback.Channels()))
	}
	if at.row.Event.Kind.Known() {
		if err := readRating(at); err != nil {
			add(ratingColumn(at.row.Event.Kind), err.Error())
		}
	}
	if at.row.Undated = at.row.Event.OccurredAt.IsZero(); at.row.Undated {
		at.row.Event.OccurredAt = r.now
	}
	ticket := at.row.Event.Answer.Ticket
	for field, moment := range map[feedback.Field]time.Time{
		feedback.FieldTicketOpenedAt: ticket.OpenedAt, feedback.FieldTicketFirstReplyAt: ticket.FirstReplyAt, feedback.FieldTicketResolvedAt: ticket.ResolvedAt,
	} {
		if !feedback.PlausibleTicket(moment, at.row.Event.OccurredAt) {
			add(string(field), "must be at most a year after occurred_at")
		}
	}
	return mistakes
}

// MissingRating is the error of a row that begins a feedback without a rating.
func (r *Reader) MissingRating(row Row) *RowError {
	name := ratingColumn(row.Event.Kind)
	_, err := parseRating(row.Event.Kind, "-")
	m := Mistake{Column: slices.Index(r.names, name) + 1, Name: name, Message: err.Error() + "; the first row of a feedback needs it"}
	if m.Column == 0 {
		m.Column, m.Message = len(r.names)+1, "there is no such column; the first row of a feedback needs it"
	}
	return &RowError{Line: row.Line, Mistakes: []Mistake{m}}
}
