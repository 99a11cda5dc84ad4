package feedback

import (
	"html"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Says reports whether a reader sees anything of a text: a letter, a digit, a punctuation mark or a
// symbol. White space, and control, format, combining, variation and filling characters alone say
// nothing. Neither does the HTML that an editor sends for an empty field: tags that only lay out,
// and such characters as entities. A - or :( says something.
func Says(text string) bool {
	if !strings.ContainsFunc(text, seen) {
		return false
	}
	if !strings.ContainsAny(text, "<&") {
		return true
	}
	return strings.ContainsFunc(html.UnescapeString(layoutTag.ReplaceAllLiteralString(text, "")), seen)
}

// layoutTag is an HTML tag that shows nothing by itself. A picture or a line does.
var layoutTag = regexp.MustCompile(`(?i)</?(?:b|br|body|div|em|font|html|i|li|ol|p|span|strong|u|ul|wbr)(?:\s[^<>]*)?/?>`)

// seen reports whether a reader sees a character by itself.
func seen(r rune) bool {
	const (
		brailleBlank      = '\u2800'
		objectReplacement = '\ufffc' // what is left of a picture in a text
		nullNotehead      = '\U0001d159'
		// Unicode gives pictographs no other characters than these (emoji-data.txt). A new one is not in
		// Go's tables yet.
		firstPictograph, lastPictograph = '\U0001f000', '\U0001fffd'
	)
	switch {
	case r == brailleBlank, r == objectReplacement, r == nullNotehead, unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return false
	case firstPictograph <= r && r <= lastPictograph:
		return true
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}

// Said is a text whole, or empty when it says nothing, see [Says].
func Said(text string) string {
	if !Says(text) {
		return ""
	}
	return text
}

// Unsaid is the event that empties the texts of a feedback that say nothing, as older versions kept
// them. It has the moments at which they were set. ok is false when every text says something.
func (f Feedback) Unsaid() (e Event, ok bool) {
	e = Event{Key: f.Key, Whole: true, OccurredAt: f.OccurredAt, Mentions: make(map[Field]bool), SetAt: make(map[Field]time.Time)}
	for _, a := range fieldAccessors() {
		if text, is := a.value(&f.Answer).(string); is && text != "" && !Says(text) {
			e.Mentions[a.field] = true
			if at, known := f.SetAt[a.field]; known {
				e.SetAt[a.field] = at
			}
		}
	}
	return e, len(e.Mentions) > 0
}
