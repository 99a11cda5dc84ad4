package webhook

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// A node is a place in what a sender wrote, and the value there, if any. It is read
// tolerantly: looking for a field in what has none, a list or a text, finds nothing.
type node struct {
	// path is how people name the place, such as data.item.id. It is made of names
	// that the program or a mapping knows, never of what was sent.
	path string
	// value is as encoding/json has it, with numbers as json.Number; nil for nothing.
	value any
}

// parseTree reads a body that is one JSON object, as [parseObject] does, with all that
// is in it.
func parseTree(body []byte) (node, *rejection) {
	if _, rejected := parseObject(body); rejected != nil {
		return node{}, rejected
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil { // unreachable: it was read before
		return node{}, malformed("The body is not one JSON object.")
	}
	return node{value: object}, nil
}

// parseFields reads a body of form fields, as application/x-www-form-urlencoded has
// them, into an object of texts. Of a field that comes twice the last value counts.
func parseFields(body []byte) (node, *rejection) {
	form, err := url.ParseQuery(string(bytes.TrimSpace(body)))
	if err != nil {
		return node{}, malformed("The body is not made of form fields: a % must be followed by two hexadecimal digits, and ; separates nothing.")
	}
	if len(form) == 0 {
		return node{}, malformed("The body is empty: send form fields.")
	}
	object := make(map[string]any, len(form))
	for name, values := range form {
		value := values[len(values)-1]
		if invalidUTF8([]byte(name)) >= 0 || invalidUTF8([]byte(value)) >= 0 || strings.Contains(value, "\x00") {
			return node{}, malformed("A form field is not valid UTF-8, or has a NUL byte.")
		}
		object[name] = value
	}
	return node{value: object}, nil
}

// at is the field under these names, one in the other.
func (n node) at(names ...string) node {
	for _, name := range names {
		object, _ := n.value.(map[string]any)
		n = node{path: joinPath(n.path, name), value: object[name]}
	}
	return n
}

func joinPath(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}

// items are the values of a list; what is no list has none.
func (n node) items() []node {
	list, _ := n.value.([]any)
	items := make([]node, len(list))
	for i, value := range list {
		items[i] = node{path: n.path + "[" + strconv.Itoa(i) + "]", value: value}
	}
	return items
}

// said reports whether there is a value.
func (n node) said() bool { return n.value != nil }

// text is a string as it is, or a number in its digits; "" for anything else.
func (n node) text() string {
	switch v := n.value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

// raw is the value in JSON.
func (n node) raw() json.RawMessage {
	text, err := json.Marshal(n.value)
	if err != nil { // unreachable: it came from JSON
		return json.RawMessage("null")
	}
	return text
}
