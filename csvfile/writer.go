package csvfile

import (
	"bufio"
	"io"
	"strings"
)

// Writer writes rows, with commas and Windows line ends as RFC 4180 has them.
type Writer struct {
	out     *bufio.Writer
	columns []column
}

// NewWriter writes the header.
func NewWriter(out io.Writer) (*Writer, error) {
	w := &Writer{out: bufio.NewWriter(out), columns: columns()}
	return w, w.cells(Header())
}

// Write writes a row: the fields that its event mentions, and of each the value.
func (w *Writer) Write(row Row) error {
	cells := make([]string, len(w.columns))
	for i, c := range w.columns {
		cells[i] = guarded(c.write(row))
	}
	return w.cells(cells)
}

// Flush writes what is held back.
func (w *Writer) Flush() error { return w.out.Flush() }

// cells writes one line; the last write tells whether all of them went well.
func (w *Writer) cells(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = w.out.WriteByte(',')
		}
		_, _ = w.out.WriteString(quote(cell))
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

// quote puts a cell in quotation marks when it needs them.
func quote(cell string) string {
	if !strings.ContainsAny(cell, ",;\"\r\n") && strings.TrimSpace(cell) == cell {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}

// guarded keeps a spreadsheet from running a cell: whatever it might take for a
// formula gets an apostrophe in front, and so does what begins with one, so that
// unguarded gives back exactly what was.
func guarded(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// unguarded takes one apostrophe off again.
func unguarded(cell string) string { return strings.TrimPrefix(cell, "'") }
