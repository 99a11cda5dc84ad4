package sender

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how many objects and lists of a body may be in each other. Bodies of known senders have
// fewer than 20.
const maxDepth = 100

// Tree is a place in a sender's body and the value there, if any. Reading is tolerant: a field of
// a value that has no fields is absent.
type Tree struct {
	// Path names the place for people, such as data.item.id. It is made of names in the program
	// or in a mapping, never of what was sent.
	Path string
	// Value is as encoding/json has it, with numbers as [json.Number]; nil when absent.
	Value any
	// steps are those that JSON paths may still take, of the whole body.
	steps *int
}

// HasType reports whether a Content-Type has this media type, with parameters or without. A
// parameter that cannot be read does not change the type.
func HasType(contentType, want string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return mediaType == want && (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter))
}

// At is the field under these names, one in the other.
func (t Tree) At(names ...string) Tree {
	for _, name := range names {
		object, _ := t.Value.(map[string]any)
		path := name
		if t.Path != "" {
			path = t.Path + "." + name
		}
		t = Tree{Path: path, Value: object[name], steps: t.steps}
	}
	return t
}

// Items are the values of a list. A value that is no list has none.
func (t Tree) Items() []Tree {
	list, _ := t.Value.([]any)
	items := make([]Tree, len(list))
	for i, value := range list {
		items[i] = Tree{Path: t.Path + "[" + strconv.Itoa(i) + "]", Value: value, steps: t.steps}
	}
	return items
}

// IsSet reports whether there is a value.
func (t Tree) IsSet() bool { return t.Value != nil }

// Text is a string as it is, or a number in its digits; "" for anything else.
func (t Tree) Text() string {
	switch v := t.Value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

// parseObject reads a body that is exactly one JSON object, as [parseJSON] has it.
func parseObject(body []byte) (map[string]any, error) {
	value, err := parseJSON(body, false)
	object, _ := value.(map[string]any)
	return object, err
}

// parseJSON reads a body that is exactly one JSON object in valid UTF-8, or one list where those may be, at most [maxDepth] deep,
// without the character U+0000 and without half of a surrogate pair, which two readers would turn into
// two different texts. A byte order mark before it is skipped. Names count as they are written, and of a name that comes twice, at any depth,
// the last value. The error is a [DecodeError] with the place.
func parseJSON(body []byte, lists bool) (any, error) {
	body = withoutMark(body)
	start := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	if start == len(body) {
		return nil, malformed("The body is empty: send one JSON object.")
	}
	if at := invalidUTF8(body); at >= 0 {
		return nil, malformed("The body is not valid UTF-8 " + where(body, at) + ".")
	}
	if at := bytes.IndexByte(body, 0); at >= 0 {
		return nil, malformed("The body has a NUL byte " + where(body, at) + ".")
	}
	var checked json.RawMessage
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(body, &checked)); ok {
		return nil, malformed("The body is not one JSON object: it goes wrong " + where(body, int(syntax.Offset)-1) + ".")
	}
	if body[start] != '{' && (!lists || body[start] != '[') {
		return nil, malformed("The body is JSON, but not an object, which would begin with { " + where(body, start) + ".")
	}
	if at, wrong := wrongInJSON(body); wrong != "" {
		return nil, malformed(wrong + " " + where(body, at) + ".")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil { // unreachable: it is valid JSON
		return nil, malformed("The body is not one JSON object.")
	}
	return value, nil
}

// invalidUTF8 is the offset at which text stops being valid UTF-8, or -1.
func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

// wrongInJSON finds what is wrong in text although it is valid JSON, and its offset: the escape
// \u0000, half of a surrogate pair, or a depth of more than [maxDepth]. wrong is "" when nothing is.
// Backslashes occur in strings only, and escape the character that follows, so that \\u0000 is a
// backslash and five characters.
func wrongInJSON(text []byte) (offset int, wrong string) {
	depth, quoted := 0, false
	for at := 0; at < len(text); at++ {
		switch c := text[at]; {
		case c == '\\':
			char, escaped := escapedUnit(text[at:])
			switch {
			case !escaped:
				at++
			case char == 0:
				return at, `The body has the escape \u0000`
			case utf16.IsSurrogate(char):
				const unit = len(`\ud800`)
				low, _ := escapedUnit(text[at+unit:])
				if utf16.DecodeRune(char, low) == utf8.RuneError {
					return at, "The body has half of a surrogate pair"
				}
				at += 2*unit - 1
			}
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return at, fmt.Sprintf("The body has more than %d objects and lists in each other", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return 0, ""
}

// escapedUnit is the code unit of an escape such as \ud83d at the beginning of text.
func escapedUnit(text []byte) (unit rune, ok bool) {
	digits, found := bytes.CutPrefix(text, []byte(`\u`))
	if !found || len(digits) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits[:4]), 16, 16)
	return rune(n), err == nil
}

// where names the place of an offset in the body. Lines, columns (in characters) and bytes are
// counted from 1.
func where(body []byte, offset int) string {
	offset = min(max(offset, 0), len(body))
	before := body[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("at line %d, column %d (byte %d)", line, column, offset+1)
}
