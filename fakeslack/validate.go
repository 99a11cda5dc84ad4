package fakeslack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Surface is a place for blocks. It determines which blocks are allowed, and how many.
type Surface string

// The surfaces.
const (
	SurfaceMessage Surface = "message"
	SurfaceModal   Surface = "modal"
	SurfaceHome    Surface = "home"
)

// Problem is one reason for Slack to refuse.
type Problem struct {
	Code    string // Slack's error: "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_arguments"
	Pointer string // JSON pointer, such as "/blocks/0/text/text"
	Message string
}

// String returns the problem in the format of the errors of a response.
func (p Problem) String() string {
	if p.Pointer == "" {
		return p.Message
	}
	return p.Message + " [json-pointer:" + p.Pointer + "]"
}

// refuseAll returns the refusal for problems, of which there is at least one.
func refuseAll(problems []Problem) *failure {
	f := refuse(problems[0].Code)
	for _, p := range problems {
		if p.Code == f.code {
			f.messages = append(f.messages, p.String())
		}
	}
	return f
}

// The limits of whole messages and views.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	// maxBlockText is the limit on the text of all blocks of a message together, in UTF-16 units.
	// Slack publishes no number; measured, 9,597 pass and 11,341 do not.
	maxBlockText = 11_000
	maxIDLength  = 255
)

// ValidateBlocks returns everything that Slack would refuse in a JSON array of blocks. Lengths are
// in UTF-16 units, the strictest reading of Slack's "characters".
func ValidateBlocks(raw []byte, surface Surface) []Problem {
	value, err := decode(raw)
	if err != nil {
		return []Problem{{Code: "invalid_blocks_format", Message: err.Error()}}
	}
	list, ok := value.([]any)
	if !ok {
		return []Problem{{Code: "invalid_blocks_format", Message: "blocks must be an array", Pointer: "/blocks"}}
	}
	c := newChecker("invalid_blocks", surface)
	c.blocks("/blocks", list)
	return c.problems
}

// decode returns the only JSON value of raw, which must be valid UTF-8.
func decode(raw []byte) (any, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return value, nil
}

// checker collects problems while it walks a value, and what the limits on all blocks together
// need.
type checker struct {
	code     string
	surface  Surface
	problems []Problem

	blockIDs map[string]bool
	text     int            // UTF-16 units of all block text
	markdown int            // of all markdown blocks
	count    map[string]int // blocks by type
	focused  int            // elements with focus_on_load
}

func newChecker(code string, surface Surface) *checker {
	return &checker{code: code, surface: surface, blockIDs: map[string]bool{}, count: map[string]int{}}
}

// reject adds a problem.
func (c *checker) reject(at, format string, values ...any) {
	c.problems = append(c.problems, Problem{Code: c.code, Pointer: at, Message: fmt.Sprintf(format, values...)})
}

// rule checks one value at a place.
type rule func(at string, value any)

// field is an allowed member of an object.
type field struct {
	name     string
	required bool
	check    rule
}

func need(name string, check rule) field  { return field{name: name, required: true, check: check} }
func allow(name string, check rule) field { return field{name: name, check: check} }

// object checks that the value is an object with these members and no others. It returns nil when
// it is not an object.
func (c *checker) object(at string, value any, fields ...field) map[string]any {
	o, ok := value.(map[string]any)
	if !ok {
		c.reject(at, "must be an object")
		return nil
	}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.name] = true
		v, there := o[f.name]
		switch {
		case there:
			f.check(at+"/"+f.name, v)
		case f.required:
			c.reject(at, "missing required field: %s", f.name)
		}
	}
	for name := range o {
		if !known[name] {
			c.reject(at, "invalid additional property: %s", strings.ToValidUTF8(name, "?"))
		}
	}
	return o
}

// list is the rule for an array of least to most items, each of which the item rule checks.
func (c *checker) list(least, most int, item rule) rule {
	return func(at string, value any) {
		items, ok := value.([]any)
		if !ok {
			c.reject(at, "must be an array")
			return
		}
		if len(items) < least {
			c.reject(at, "no fewer than %d items allowed", least)
		}
		if len(items) > most {
			c.reject(at, "no more than %d items allowed", most)
		}
		for i, v := range items {
			item(at+"/"+strconv.Itoa(i), v)
		}
	}
}

// chars is the rule for a string of least to most characters.
func (c *checker) chars(least, most int) rule {
	return func(at string, value any) {
		s, ok := value.(string)
		if !ok {
			c.reject(at, "must be a string")
			return
		}
		if units(s) < least {
			c.reject(at, "must be more than %d characters", least-1)
		}
		if units(s) > most {
			c.reject(at, "must be less than %d characters", most+1)
		}
	}
}

// oneOf is the rule for a string out of a list.
func (c *checker) oneOf(words ...string) rule {
	return func(at string, value any) {
		s, ok := value.(string)
		if !ok {
			c.reject(at, "must be a string")
			return
		}
		if !slices.Contains(words, s) {
			c.reject(at, "must be one of: %s", strings.Join(words, ", "))
		}
	}
}

func (c *checker) boolean(at string, value any) {
	if _, ok := value.(bool); !ok {
		c.reject(at, "must be a boolean")
	}
}

// integer is the rule for an integer between two bounds, inclusive.
func (c *checker) integer(least, most int64) rule {
	return func(at string, value any) {
		number, ok := value.(json.Number)
		if !ok {
			c.reject(at, "must be an integer")
			return
		}
		n, err := number.Int64()
		if err != nil || n < least || n > most {
			c.reject(at, "must be an integer from %d to %d", least, most)
		}
	}
}

func (c *checker) number(at string, value any) {
	if _, ok := value.(json.Number); !ok {
		c.reject(at, "must be a number")
	}
}

// any accepts a value that other code checks.
func (c *checker) any(string, any) {}

func kindOf(value any) string {
	o, _ := value.(map[string]any)
	kind, _ := o["type"].(string)
	return kind
}

const (
	maxViewSize        = 250 << 10 // bytes
	maxPrivateMetadata = 3000
)

// ValidateView returns everything that Slack would refuse in a view of the kind "modal" or "home".
func ValidateView(raw []byte, kind string) []Problem {
	if len(raw) > maxViewSize {
		return []Problem{{Code: "view_too_large", Message: "the view is larger than 250 KB"}}
	}
	value, err := decode(raw)
	if err != nil {
		return []Problem{{Code: "invalid_arguments", Message: err.Error(), Pointer: "/view"}}
	}
	c := newChecker("invalid_arguments", Surface(kind))
	fields := []field{
		need("type", c.oneOf(kind)),
		need("blocks", c.viewBlocks),
		allow("private_metadata", c.chars(0, maxPrivateMetadata)),
		allow("callback_id", c.chars(0, maxIDLength)),
		allow("external_id", c.chars(0, maxIDLength)),
	}
	if kind == "modal" {
		fields = append(fields,
			need("title", c.textObject(24, plainText)),
			allow("submit", c.textObject(24, plainText)),
			allow("close", c.textObject(24, plainText)),
			allow("clear_on_close", c.boolean),
			allow("notify_on_close", c.boolean),
			allow("submit_disabled", c.boolean),
		)
	}
	o := c.object("/view", value, fields...)
	if _, ok := o["submit"]; kind == "modal" && !ok && c.count["input"] > 0 {
		c.reject("/view", "submit is required when there is an input block")
	}
	return c.problems
}

func (c *checker) viewBlocks(at string, value any) {
	list, ok := value.([]any)
	if !ok {
		c.reject(at, "must be an array")
		return
	}
	if len(list) == 0 && c.surface == SurfaceModal {
		c.reject(at, "no fewer than 1 items allowed")
	}
	c.blocks(at, list)
}

// The two formats of a text object.
const (
	plainText = "plain_text"
	mrkdwn    = "mrkdwn"
)

// textObject is the rule for a text object of one of the formats with at most so many characters.
func (c *checker) textObject(most int, formats ...string) rule {
	return func(at string, value any) {
		kind := kindOf(value)
		if !slices.Contains(formats, kind) {
			c.reject(at+"/type", "unsupported type: %s", kind)
			return
		}
		flag := allow("emoji", c.boolean)
		if kind == mrkdwn {
			flag = allow("verbatim", c.boolean)
		}
		o := c.object(at, value, need("type", c.any), need("text", c.chars(1, most)), flag)
		text, _ := o["text"].(string)
		c.text += units(text)
	}
}

// option is the rule for an option. Only those of checkboxes and radio buttons may have mrkdwn.
func (c *checker) option(formatted bool, more ...field) rule {
	formats := []string{plainText}
	if formatted {
		formats = append(formats, mrkdwn)
	}
	return func(at string, value any) {
		c.object(at, value, append(slices.Clone(more),
			need("text", c.textObject(75, formats...)),
			need("value", c.chars(1, 75)),
			allow("description", c.textObject(75, formats...)),
		)...)
	}
}

func (c *checker) optionGroup(at string, value any) {
	c.object(at, value,
		need("label", c.textObject(75, plainText)),
		need("options", c.list(1, 100, c.option(false))),
	)
}

func (c *checker) confirm(at string, value any) {
	c.object(at, value,
		need("title", c.textObject(100, plainText)),
		need("text", c.textObject(300, plainText, mrkdwn)),
		need("confirm", c.textObject(30, plainText)),
		need("deny", c.textObject(30, plainText)),
		allow("style", c.oneOf("primary", "danger")),
	)
}

// url checks an absolute address of at most 3000 characters.
func (c *checker) url(at string, value any) {
	c.chars(1, 3000)(at, value)
	s, ok := value.(string)
	if !ok || s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" {
		c.reject(at, "must be a valid URL")
	}
}

func (c *checker) date(at string, value any) { c.moment(time.DateOnly, "YYYY-MM-DD", at, value) }

func (c *checker) clock(at string, value any) { c.moment("15:04", "HH:mm", at, value) }

func (c *checker) moment(layout, shown, at string, value any) {
	s, _ := value.(string)
	if _, err := time.Parse(layout, s); err != nil {
		c.reject(at, "must be written as %s", shown)
	}
}
