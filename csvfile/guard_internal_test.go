package csvfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestGuard shows the guard to the letter, and that import takes it off again.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, want string
	}{
		{"empty", "", ""},
		{"a word", "mooi", "mooi"},
		{"equals sign", "=1+1", "'=1+1"},
		{"plus", "+31 20", "'+31 20"},
		{"minus", "-1", "'-1"},
		{"at sign", "@jan", "'@jan"},
		{"tab", "\tx", "'\tx"},
		{"carriage return", "\rx", "'\rx"},
		{"tab and equals sign", "\t=1", "'\t'=1"},
		{"apostrophe", "'s avonds", "''s avonds"},
		{"apostrophe and equals sign", "'=1", "''=1"},
		{"apostrophes alone", "''", "'''"},
		{"in the middle", "1+1=2, zei-ie", "1+1=2, zei-ie"},
		{"after a semicolon", "mooi;=1+1;x", "mooi;'=1+1;x"},
		{"after a comma", "mooi,+1", "mooi,'+1"},
		{"after a tab", "mooi\t-1", "mooi\t'-1"},
		{"after a line feed", "mooi\n@a", "mooi\n'@a"},
		{"after a carriage return", "mooi\r=1", "mooi\r'=1"},
		{"after a Windows line end", "mooi\r\n=1+1;x", "mooi\r\n'=1+1;x"},
		{"after two separators", ";;=1", ";;'=1"},
		{"after a quotation mark", `mooi;"=1+1"`, `mooi;"'=1+1"`},
		{"after several", `mooi;"""=1`, `mooi;"""'=1`},
		{"quoted from the start", `"=1+1"`, `"'=1+1"`},
		{"a quotation mark elsewhere", `mooi"=1`, `mooi"=1`},
		{"an apostrophe after a semicolon", "mooi;'=1", "mooi;''=1"},
		{"an apostrophe and a word after a comma", "ja,'s avonds", "ja,''s avonds"},
		{"apostrophes after quotation marks", `a;"''b`, `a;"'''b`},
		{"after a space", "mooi; =1", "mooi; =1"},
		{"full width", "＝1;＋1;－1;＠a", "'＝1;'＋1;'－1;'＠a"},
		{"not UTF-8", "\xff;=\xff", "\xff;'=\xff"},
	} {
		assert.Equal(t, c.want, guarded(c.text), c.name)
		assert.Equal(t, c.text, unguarded(c.want), c.name)
	}
}

// TestUnguardOthers: texts that we did not guard. An export of before the guard looked inside a
// cell, or a file of another program, loses an apostrophe only where nothing distinguishes it from a
// guard.
func TestUnguardOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, cell, want string
	}{
		{"an old export's guard", "'=1+1", "=1+1"},
		{"an old export's apostrophe", "''s avonds", "'s avonds"},
		{"an old export's formula inside", "mooi;=1+1;x", "mooi;=1+1;x"},
		{"an old export's apostrophe inside", "nee,'s avonds;'n uur", "nee,'s avonds;'n uur"},
		{"an old export's quotation", "a;'b'", "a;'b'"},
		{"an identifier kept as text", "'00123", "00123"},
		{"an apostrophe alone", "'", ""},
		{"an apostrophe at the end", "a;'", "a;'"},
		{"the one loss", "a;'=b", "a;=b"},
	} {
		assert.Equal(t, c.want, unguarded(c.cell), c.name)
	}
}

// cells splits text as spreadsheets do that take separator: one that knows quotation marks, and one
// that splits at every separator and drops them.
func cells(text string, separator byte) []string {
	var all []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		for cell := range strings.SplitSeq(line, string(separator)) {
			all = append(all, strings.TrimLeft(cell, `"`))
		}
	}
	var cell strings.Builder
	begun, quoted := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && !begun:
			begun, quoted = true, true
		case c == '"' && quoted && strings.HasPrefix(text[i+1:], `"`):
			cell.WriteByte(c)
			i++
		case c == '"' && quoted:
			quoted = false
		case !quoted && (c == separator || c == '\r' || c == '\n'):
			all = append(all, cell.String())
			cell.Reset()
			begun = false
		default:
			cell.WriteByte(c)
			begun = true
		}
	}
	return append(all, cell.String())
}

// awkward draws texts of the characters that a guard and a spreadsheet trip over, and any others.
func awkward() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune("=+-@'\",;\t\r\n ax＝＋－＠")), 0, 20, -1),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

// TestGuardIsUndone: any text comes back.
func TestGuardIsUndone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := awkward().Draw(t, "text")
		if got := unguarded(guarded(text)); got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

// TestNoCellIsAFormula: whichever separator a spreadsheet takes, and whether it minds quotation
// marks, no cell of what is written begins as a formula.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(awkward(), 1, 4).Draw(t, "texts")
		for i := range texts {
			texts[i] = guarded(texts[i])
		}
		var out strings.Builder
		w, err := NewWriter(&out, Dialect{})
		require.NoError(t, err)
		require.NoError(t, w.cells(texts))
		require.NoError(t, w.cells(texts))
		require.NoError(t, w.Flush())
		noFormula(t, out.String())
	})
}

func noFormula(t rapid.TB, written string) {
	for _, separator := range []byte(",;\t") {
		for _, cell := range cells(written, separator) {
			if strings.IndexAny(cell, "=+-@＝＋－＠") == 0 {
				t.Fatalf("%q holds the cell %q, separated at %q", written, cell, separator)
			}
		}
	}
}

// FuzzGuard: any text comes back, and none begins a cell as a formula.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"=1", "a;=1", "a;\"'=1", "\t'=\r\n''", "＝\xff;'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		guard := guarded(text)
		if got := unguarded(guard); got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
		noFormula(t, guard)
	})
}
