package csvfile

import (
	"strings"
	"unicode/utf8"
)

// guarded keeps every spreadsheet from reading a text as a formula. A spreadsheet may take another
// separator than the file was written with, and then the text goes on in a cell of its own after
// each comma, semicolon, tab or line end in it. So at every place where a cell may begin, a
// character that begins a formula gets an apostrophe in front; an apostrophe there gets one, too, so
// that [unguarded] returns exactly the text. A tab or a carriage return at the very start also gets
// one, because spreadsheets skip it.
func guarded(text string) string {
	var out strings.Builder
	copied, begins := 0, true
	for i, r := range text {
		if begins && isGuarded(r) || i == 0 && (r == '\t' || r == '\r') {
			out.WriteString(text[copied:i])
			out.WriteByte('\'')
			copied = i
		}
		begins = mayBeginCell(r, begins)
	}
	out.WriteString(text[copied:])
	return out.String()
}

// unguarded is the inverse of [guarded]. The apostrophe at the very start goes whatever follows it,
// as a spreadsheet takes it for "this is text". One further on goes only before what [guarded] puts
// it before, so that a text of another program, such as "nee,'s avonds", stays as it is.
func unguarded(cell string) string {
	var out strings.Builder
	copied, begins, isText := 0, true, false
	for i, r := range cell {
		switch {
		case begins && !isText && r == '\'' && (i == 0 || isGuardedAtStart(cell[i+1:])):
			out.WriteString(cell[copied:i])
			copied = i + 1
			isText = true // what follows belongs to the text, also when it is an apostrophe
		default:
			begins = mayBeginCell(r, begins)
			isText = false
		}
	}
	out.WriteString(cell[copied:])
	return out.String()
}

// isGuarded reports whether r begins a formula, in its usual or its full-width form, or is the
// apostrophe itself.
func isGuarded(r rune) bool { return strings.ContainsRune("=+-@'＝＋－＠", r) }

func isGuardedAtStart(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	return size > 0 && isGuarded(r)
}

// mayBeginCell reports whether a spreadsheet may begin a cell after r: at a separator or a line end,
// and after the quotation marks that follow one. White space does not count: a cell that begins with
// a space is text.
func mayBeginCell(r rune, before bool) bool {
	return strings.ContainsRune(",;\t\r\n", r) || before && r == '"'
}
