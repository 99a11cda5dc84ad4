package csvfile

import (
	"bufio"
	"io"
	"strings"
)

// Writer writes rows with commas and Windows line ends (RFC 4180).
type Writer struct {
	out     *bufio.Writer
	columns []column
}

// NewWriter writes the header.
func NewWriter(out io.Writer) (*Writer, error) {
	w := &Writer{out: bufio.NewWriter(out), columns: columns()}
	return w, w.cells(Header())
}

// Write writes the fields that the event of a row mentions.
func (w *Writer) Write(row Row) error {
	cells := make([]string, len(w.columns))
	for i, c := range w.columns {
		cells[i] = guarded(c.write(row))
	}
	return w.cells(cells)
}

// Flush writes the buffered rows.
func (w *Writer) Flush() error { return w.out.Flush() }

// cells writes one line. The error of the last write covers the others.
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
