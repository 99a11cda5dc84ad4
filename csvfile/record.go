package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// maxRecord bounds a row in bytes, and so the memory for reading: four times the limit of a
	// webhook, which leaves room for doubled quotes.
	maxRecord = 1 << 20
	// maxRescan bounds the bytes that are read again after rows with an unclosed quote, each of
	// which may have been read to its bound in vain.
	maxRescan = 64 << 20
	// firstBuffer is the size of one read, as long as no row is longer.
	firstBuffer = 64 << 10
)

// record is one row in the bytes of the file. It is valid until the next one is read.
type record struct {
	line  int    // of the file, from 1, where it begins
	raw   []byte // with its line end
	cells [][]byte
}

// records reads the rows of a file one by one, in constant memory.
type records struct {
	in         io.Reader
	mark       []byte // the byte order mark, if there is one
	comma      byte
	bareCR     bool // a carriage return alone ends a line
	buffer     []byte
	begin, end int // the bytes that are read and not yet returned
	line       int // where the next record begins
	ended      bool
	rescanned  int
	cells      [][]byte
}

// syntaxError says why a row cannot be split into cells.
type syntaxError struct {
	column  int
	message string
}

func (e *syntaxError) Error() string { return e.message }

// errIncomplete means that the row goes on after the bytes read so far.
var errIncomplete = errors.New("the row goes on")

func newRecords(in io.Reader) *records {
	return &records{in: in, comma: ',', buffer: make([]byte, firstBuffer), line: 1}
}

// next returns the next record, or [io.EOF] after the last. With a *syntaxError the record has the
// line at which the broken row begins, and reading can go on after it.
func (r *records) next() (record, error) {
	for {
		length, err := r.scan()
		if err != nil && r.goesOn(err) {
			if err := r.fill(); err != nil {
				return record{}, err
			}
			continue
		}
		if r.begin == r.end {
			return record{}, io.EOF
		}
		if err != nil {
			return r.broken(err)
		}
		return r.taken(length), nil
	}
}

// goesOn reports whether more must be read: of an incomplete row, or of the line at which a broken
// one begins.
func (r *records) goesOn(err error) bool {
	if r.ended || r.end-r.begin >= maxRecord {
		return false
	}
	return errors.Is(err, errIncomplete) || r.lineLength(r.buffer[r.begin:r.end]) == 0
}

// lineLength is the length of the first line of data with its end, 0 when data does not reach its end.
func (r *records) lineLength(data []byte) int {
	for at := 0; ; {
		next := bytes.IndexAny(data[at:], "\r\n")
		if next < 0 {
			return 0
		}
		at += next
		if n, _ := r.lineEnd(data[at:]); n > 0 {
			return at + n
		}
		at++
	}
}

// lineEnd is the length of the line end with which data begins, 0 when it begins with none.
func (r *records) lineEnd(data []byte) (int, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\n")):
		return 1, nil
	case bytes.HasPrefix(data, []byte("\r\n")):
		return 2, nil
	case string(data) == "\r" && !r.ended:
		return 0, errIncomplete
	case string(data) == "\r", r.bareCR && bytes.HasPrefix(data, []byte("\r")):
		return 1, nil
	}
	return 0, nil
}

// linesIn counts the lines that end in data.
func (r *records) linesIn(data []byte) int {
	n := bytes.Count(data, []byte{'\n'})
	if r.bareCR {
		n += bytes.Count(data, []byte{'\r'}) - bytes.Count(data, []byte("\r\n"))
	}
	return n
}

// taken returns that many bytes as the next record.
func (r *records) taken(length int) record {
	raw := r.buffer[r.begin : r.begin+length]
	found := record{line: r.line, raw: raw, cells: r.cells}
	r.begin += length
	r.line += r.linesIn(raw)
	return found
}

// broken skips the line at which a broken row begins.
func (r *records) broken(err error) (record, error) {
	if r.rescanned += r.end - r.begin; r.rescanned > maxRescan {
		return record{}, fmt.Errorf("line %d: quotation marks do not match here and at many lines before: is this a CSV file? Repair it, or export it again from its source", r.line)
	}
	wrong, ok := errors.AsType[*syntaxError](err)
	if !ok {
		wrong = &syntaxError{column: len(r.cells) + 1, message: "a quotation mark opens and is not closed: close it, or double each one that belongs to the text"}
	}
	r.cells = r.cells[:0]
	length := r.lineLength(r.buffer[r.begin:r.end])
	switch {
	case length == 0 && r.ended:
		length = r.end - r.begin
	case length == 0:
		return r.tooLong()
	}
	return r.taken(length), wrong
}

// tooLong skips a line that is longer than a row may be. Its bytes are not kept.
func (r *records) tooLong() (record, error) {
	found := record{line: r.line}
	for length := 0; length == 0; {
		length = r.lineLength(r.buffer[r.begin:r.end])
		switch {
		case length > 0:
			r.begin += length
			r.line++
		case r.ended:
			r.begin, length = r.end, 1
		default:
			// A carriage return may be half a line end.
			r.begin = r.end - min(1, r.end-r.begin)
			if err := r.fill(); err != nil {
				return record{}, err
			}
		}
	}
	return found, &syntaxError{message: "the row is longer than a megabyte, and no webhook may be: it is not kept; shorten it and import it again"}
}

// fill reads more into the buffer.
func (r *records) fill() error {
	copy(r.buffer, r.buffer[r.begin:r.end])
	r.begin, r.end = 0, r.end-r.begin
	if r.end == len(r.buffer) {
		r.buffer = append(r.buffer, make([]byte, len(r.buffer))...)
	}
	n, err := r.in.Read(r.buffer[r.end:])
	r.end += n
	if errors.Is(err, io.EOF) {
		r.ended = true
		return nil
	}
	return err
}

// scan splits the next record into cells and returns its length.
func (r *records) scan() (length int, err error) {
	data := r.buffer[r.begin:r.end]
	r.cells = r.cells[:0]
	for at := 0; ; {
		cell, n, err := r.cell(data[at:])
		if err != nil {
			return 0, err
		}
		r.cells = append(r.cells, cell)
		at += n
		if at == len(data) {
			if !r.ended {
				return 0, errIncomplete
			}
			return at, nil
		}
		if data[at] != r.comma {
			end, _ := r.lineEnd(data[at:])
			return at + end, nil
		}
		at++
	}
}

// cell reads one cell from the start of data and returns its length; a separator, a line end, or
// nothing follows it.
func (r *records) cell(data []byte) (cell []byte, length int, err error) {
	if len(data) > 0 && data[0] == '"' {
		return r.quoted(data)
	}
	for i, c := range data {
		switch c {
		case r.comma, '\n':
			return data[:i], i, nil
		case '\r':
			end, err := r.lineEnd(data[i:])
			if end > 0 || err != nil {
				return data[:i], i, err
			}
		case '"':
			return nil, 0, &syntaxError{len(r.cells) + 1, "there is a quotation mark in a cell that does not begin with one: put the cell in quotation marks and double each one in it"}
		}
	}
	return data, len(data), nil
}

// quoted reads a cell in quotation marks.
func (r *records) quoted(data []byte) (cell []byte, length int, err error) {
	doubled := false
	for at := 1; ; {
		next := bytes.IndexByte(data[at:], '"')
		if next < 0 {
			return nil, 0, errIncomplete
		}
		at += next + 1
		if at < len(data) && data[at] == '"' {
			doubled = true
			at++
			continue
		}
		if err := r.closed(data[at:]); err != nil {
			return nil, 0, err
		}
		cell = data[1 : at-1]
		if doubled {
			cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
		}
		return cell, at, nil
	}
}

// closed checks what follows a closing quotation mark.
func (r *records) closed(rest []byte) error {
	if bytes.HasPrefix(rest, []byte{r.comma}) || len(rest) == 0 && r.ended {
		return nil
	}
	if len(rest) == 0 {
		return errIncomplete
	}
	if end, err := r.lineEnd(rest); end > 0 || err != nil {
		return err
	}
	return &syntaxError{len(r.cells) + 1, "there is text after a closing quotation mark: double each quotation mark that belongs to the text"}
}
