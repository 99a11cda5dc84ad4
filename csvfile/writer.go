package csvfile

import (
	"bufio"
	"cmp"
	"io"
	"strings"
)

// Writer writes rows with Windows line ends (RFC 4180).
type Writer struct {
	out       *bufio.Writer
	columns   []column
	separator byte
}

// Dialect is how a file is written.
type Dialect struct {
	// Separator is a comma, a semicolon or a tab; zero is a comma.
	Separator byte
	// Mark begins the file with a byte order mark, by which Excel recognises UTF-8.
	Mark bool
}

// NewWriter writes the header.
func NewWriter(out io.Writer, d Dialect) (*Writer, error) {
	w := &Writer{out: bufio.NewWriter(out), columns: columns(), separator: cmp.Or(d.Separator, ',')}
	if d.Mark {
		_, _ = w.out.WriteString(byteOrderMark)
	}
	return w, w.cells(Header())
}

// Write writes the fields that the event of a row mentions.
func (w *Writer) Write(row Row) error {
	cells := make([]string, len(w.columns))
	for i, c := range w.columns {
		cells[i] = c.cell(row)
	}
	return w.cells(cells)
}

// cell writes a field of a row so that neither a spreadsheet nor Reader changes it.
func (c column) cell(row Row) string {
	text := c.write(row)
	cell := guarded(text)
	if c.exact && !strings.HasPrefix(cell, "'") && (strings.TrimSpace(text) != text || isChangedBySpreadsheet(text)) {
		return "'" + cell
	}
	return cell
}

// Flush writes the buffered rows.
func (w *Writer) Flush() error { return w.out.Flush() }

// cells writes one line. The error of the last write covers the others.
func (w *Writer) cells(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = w.out.WriteByte(w.separator)
		}
		_, _ = w.out.WriteString(w.quote(cell))
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

// quote puts a cell in quotation marks when it needs them.
func (w *Writer) quote(cell string) string {
	if !strings.ContainsAny(cell, ",;\"\r\n") && strings.IndexByte(cell, w.separator) < 0 && strings.TrimSpace(cell) == cell {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
