package pull

import (
	"encoding/json"
	"strings"
	"time"
)

// A cursor is a value up to which a site was read. Of two, those of one kind can be compared.
type cursor struct {
	text   string
	kind   cursorKind
	at     time.Time // of a moment
	number int64     // of a whole number
}

type cursorKind int

const (
	noCursor cursorKind = iota
	textCursor
	numberCursor
	momentCursor
)

// readCursor reads a value. A moment after now is none: nothing would come after it.
func readCursor(text string, now time.Time) cursor {
	c := cursor{text: text, kind: textCursor}
	if at, is := parseMoment(text); is {
		c.kind, c.at = momentCursor, at
		if at.After(now) {
			return cursor{}
		}
	} else if n, err := json.Number(text).Int64(); err == nil {
		c.kind, c.number = numberCursor, n
	} else if text == "" {
		return cursor{}
	}
	return c
}

// before reports whether c gives way to the value d: to a later moment, a greater number, a greater text.
// A value of another kind, such as n/a among moments, is passed over; but a text gives way to a moment,
// and one without a digit to a number, because the odd value may come first.
func (c cursor) before(d cursor) bool {
	switch {
	case c.kind == noCursor || d.kind == noCursor:
		return d.kind != noCursor
	case c.kind != d.kind:
		return c.kind == textCursor && (d.kind == momentCursor || !strings.ContainsAny(c.text, "0123456789"))
	case c.kind == momentCursor:
		return d.at.After(c.at)
	case c.kind == numberCursor:
		return d.number > c.number
	default:
		return d.text > c.text
	}
}

// later is the later of two cursors, the first of two that are equal, "" when neither is one.
func later(a, b string, now time.Time) string {
	c, d := readCursor(a, now), readCursor(b, now)
	if c.before(d) {
		return d.text
	}
	return c.text
}
