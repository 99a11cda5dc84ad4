package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Texts of customers, files and other servers are printed between our own. A terminal obeys control
// characters in them, and bidirectional ones change the order of what it shows. So both standard
// streams are written through a [printer], which escapes these, and a text from elsewhere is
// put in a line by [oneLine], so that a line break in it begins no line.

// isHidden reports whether a terminal obeys r or shows nothing of it: controls, bidirectional and
// other format characters, separators of lines and paragraphs, fillers, tags.
func isHidden(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

// appendEscaped appends the escape of the first size bytes of p, which are r. It is the one of JSON,
// so that in the JSON of a log or of --json nothing is lost. A byte that is not UTF-8, which JSON
// never has, becomes \x and two digits.
func appendEscaped(out []byte, r rune, size int, p []byte) []byte {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Appendf(out, `\x%02x`, p[0])
	case r == '\n':
		return append(out, `\n`...)
	case r == '\r':
		return append(out, `\r`...)
	case r == '\t':
		return append(out, `\t`...)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	default:
		return fmt.Appendf(out, `\u%04x`, r)
	}
}

// appendPrintable appends p with everything escaped that a terminal must not get, except line feeds
// where they are kept.
func appendPrintable(out, p []byte, keepLineFeeds bool) []byte {
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		switch invalid := r == utf8.RuneError && size == 1; {
		case r == '\n' && keepLineFeeds, !invalid && !isHidden(r):
			out = append(out, p[:size]...)
		default:
			out = appendEscaped(out, r, size, p)
		}
		p = p[size:]
	}
	return out
}

// oneLine returns a text from elsewhere as it is printed within a line.
func oneLine(text string) string { return string(appendPrintable(nil, []byte(text), false)) }

// A printer is a standard stream. It keeps line feeds, which are ours, and escapes what else a
// terminal must not get. It may be used by several goroutines.
type printer struct {
	mu   sync.Mutex
	out  io.Writer
	half []byte // the beginning of a character whose end is not written yet
}

// Write writes p; its count and its error are about p as a whole.
func (w *printer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := append(w.half, p...)
	end := len(whole) - halfCharacter(whole)
	w.half = bytes.Clone(whole[end:])
	if _, err := w.out.Write(appendPrintable(nil, whole[:end], true)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what never became a character. It does not wait for a write that is stuck.
func (w *printer) flush() {
	if !w.mu.TryLock() {
		return
	}
	defer w.mu.Unlock()
	if len(w.half) > 0 {
		_, _ = w.out.Write(appendPrintable(nil, w.half, true))
		w.half = nil
	}
}

// halfCharacter returns how many bytes at the end of p may begin a character.
func halfCharacter(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// A tableForPeople shows CSV on a terminal: one line a row, the line breaks within its cells escaped.
// It is not what import reads.
type tableForPeople struct {
	out    io.Writer
	quoted bool
}

// Write writes a part of the CSV.
func (t *tableForPeople) Write(p []byte) (int, error) {
	var shown strings.Builder
	for _, c := range p {
		switch {
		case c == '\n' && t.quoted:
			shown.WriteString(`\n`)
		case c == '\r' && t.quoted:
			shown.WriteString(`\r`)
		case c == '\r': // of the line end
		default:
			t.quoted = t.quoted != (c == '"')
			shown.WriteByte(c)
		}
	}
	if _, err := io.WriteString(t.out, shown.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}
