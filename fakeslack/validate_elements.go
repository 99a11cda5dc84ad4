package fakeslack

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// element is the rule for an interactive element, or an image, of one of the types.
func (c *checker) element(types []string) rule {
	return func(at string, value any) {
		kind := kindOf(value)
		if !slices.Contains(types, kind) {
			c.reject(at+"/type", "unsupported type: %s", kind)
			return
		}
		c.elementRule(kind)(at, value)
	}
}

// elementRule returns the rule for an element type.
func (c *checker) elementRule(kind string) rule {
	if strings.HasSuffix(kind, "_select") {
		return c.selectElement
	}
	switch kind {
	case "button":
		return c.button
	case "image":
		return c.imageElement
	case "overflow":
		return c.overflow
	case "checkboxes", "radio_buttons":
		return c.choices
	case "plain_text_input":
		return c.plainTextInput
	case "email_text_input", "url_text_input":
		return c.textInput
	case "number_input":
		return c.numberInput
	default:
		return c.picker
	}
}

// interactive checks the members of an element. Every element has a type and may have an action_id.
func (c *checker) interactive(at string, value any, fields ...field) map[string]any {
	return c.object(at, value, append(fields, need("type", c.any), allow("action_id", c.chars(1, maxIDLength)))...)
}

func (c *checker) button(at string, value any) {
	c.interactive(at, value,
		need("text", c.textObject(75, plainText)),
		allow("value", c.chars(1, 2000)),
		allow("url", c.url),
		allow("style", c.oneOf("primary", "danger")),
		allow("confirm", c.confirm),
		allow("accessibility_label", c.chars(1, 75)),
	)
}

func (c *checker) overflow(at string, value any) {
	c.interactive(at, value,
		need("options", c.list(1, 5, c.option(false, allow("url", c.url)))),
		allow("confirm", c.confirm),
	)
}

// choices checks checkboxes and radio buttons.
func (c *checker) choices(at string, value any) {
	kind := kindOf(value)
	initial := allow("initial_option", c.any)
	if kind == "checkboxes" {
		initial = allow("initial_options", c.list(1, 10, c.any))
	}
	o := c.interactive(at, value,
		need("options", c.list(1, 10, c.option(true))),
		initial,
		allow("confirm", c.confirm),
		allow("focus_on_load", c.focus),
	)
	c.initial(at, o)
}

// selectElement checks a menu of any source, for one choice or several.
func (c *checker) selectElement(at string, value any) {
	kind := kindOf(value)
	of := strings.TrimSuffix(strings.TrimPrefix(kind, "multi_"), "_select")
	multi := strings.HasPrefix(kind, "multi_")
	fields := []field{
		allow("placeholder", c.textObject(150, plainText)),
		allow("confirm", c.confirm),
		allow("focus_on_load", c.focus),
	}
	if multi {
		fields = append(fields, allow("max_selected_items", c.integer(1, 1000)))
	}
	o := c.interactive(at, value, append(fields, c.sourceFields(of, multi)...)...)
	if of == "static" && o != nil {
		c.oneOptionSource(at, o)
		c.initial(at, o)
	}
}

// sourceFields returns the members of a menu that depend on its source.
func (c *checker) sourceFields(of string, multi bool) []field {
	switch of {
	case "static":
		return []field{
			allow("options", c.list(1, 100, c.option(false))),
			allow("option_groups", c.list(1, 100, c.optionGroup)),
			allow("initial_option", c.any), allow("initial_options", c.list(1, 100, c.any)),
		}
	case "external":
		return []field{
			allow("min_query_length", c.integer(1, 1000)),
			allow("initial_option", c.option(false)), allow("initial_options", c.list(1, 100, c.option(false))),
		}
	}
	initial := allow("initial_"+strings.TrimSuffix(of, "s"), c.chars(1, maxIDLength))
	if multi {
		initial = allow("initial_"+of, c.list(1, 100, c.chars(1, maxIDLength)))
	}
	fields := []field{initial}
	if of != "users" {
		fields = append(fields, allow("response_url_enabled", c.boolean))
	}
	if of == "conversations" {
		fields = append(fields, allow("default_to_current_conversation", c.boolean), allow("filter", c.any))
	}
	return fields
}

// oneOptionSource refuses a static menu with both or neither of options and option_groups.
func (c *checker) oneOptionSource(at string, o map[string]any) {
	_, options := o["options"]
	_, groups := o["option_groups"]
	if options == groups {
		c.reject(at, "exactly one of options and option_groups is required")
	}
}

// initial refuses initial options that are not among the options.
func (c *checker) initial(at string, o map[string]any) {
	offered := offers(o)
	var chosen []any
	if one, ok := o["initial_option"]; ok {
		chosen = append(chosen, one)
	}
	several, _ := o["initial_options"].([]any)
	for _, option := range append(chosen, several...) {
		same := func(other any) bool { return reflect.DeepEqual(option, other) }
		if !slices.ContainsFunc(offered, same) {
			c.reject(at, "initial options must be among the options")
		}
	}
}

func offers(o map[string]any) []any {
	out, _ := o["options"].([]any)
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(map[string]any)
		options, _ := group["options"].([]any)
		out = append(out, options...)
	}
	return out
}

func (c *checker) plainTextInput(at string, value any) {
	o := c.interactive(at, value, append(c.typingFields(),
		allow("multiline", c.boolean),
		allow("min_length", c.integer(0, 3000)),
		allow("max_length", c.integer(1, 3000)),
		allow("initial_value", c.chars(1, 3000)),
	)...)
	if least, most := whole(o["min_length"]), whole(o["max_length"]); most > 0 && least > most {
		c.reject(at, "min_length must not be greater than max_length")
	}
}

func (c *checker) textInput(at string, value any) {
	c.interactive(at, value, append(c.typingFields(), allow("initial_value", c.chars(1, 3000)))...)
}

func (c *checker) numberInput(at string, value any) {
	c.interactive(at, value, append(c.typingFields(),
		need("is_decimal_allowed", c.boolean),
		allow("initial_value", c.chars(1, 100)),
		allow("min_value", c.chars(1, 100)),
		allow("max_value", c.chars(1, 100)),
	)...)
}

// typingFields returns the members of every text input.
func (c *checker) typingFields() []field {
	return []field{
		allow("placeholder", c.textObject(150, plainText)),
		allow("focus_on_load", c.focus),
		allow("dispatch_action_config", func(at string, value any) {
			c.object(at, value, need("trigger_actions_on",
				c.list(1, 2, c.oneOf("on_enter_pressed", "on_character_entered"))))
		}),
	}
}

// picker checks a date picker, a time picker or both in one.
func (c *checker) picker(at string, value any) {
	kind := kindOf(value)
	fields := []field{allow("confirm", c.confirm), allow("focus_on_load", c.focus)}
	switch kind {
	case "datetimepicker":
		fields = append(fields, allow("initial_date_time", c.integer(1e9, 1e10-1)))
	case "datepicker":
		fields = append(fields, allow("initial_date", c.date), allow("placeholder", c.textObject(150, plainText)))
	default:
		fields = append(fields, allow("initial_time", c.clock), allow("placeholder", c.textObject(150, plainText)),
			allow("timezone", c.chars(1, 100)))
	}
	c.interactive(at, value, fields...)
}

func (c *checker) imageElement(at string, value any) {
	c.oneImageSource(at, c.object(at, value, append(c.imageFields(), need("type", c.any))...))
}

func (c *checker) imageFields() []field {
	return []field{
		allow("image_url", c.url),
		allow("slack_file", func(at string, value any) {
			o := c.object(at, value, allow("id", c.chars(1, maxIDLength)), allow("url", c.url))
			if o != nil && len(o) != 1 {
				c.reject(at, "exactly one of id and url is required")
			}
		}),
		need("alt_text", c.chars(1, 2000)),
	}
}

// oneImageSource refuses an image with both or neither of image_url and slack_file.
func (c *checker) oneImageSource(at string, o map[string]any) {
	_, address := o["image_url"]
	_, file := o["slack_file"]
	if o != nil && address == file {
		c.reject(at, "exactly one of image_url and slack_file is required")
	}
}

// focus counts the elements with focus_on_load.
func (c *checker) focus(at string, value any) {
	c.boolean(at, value)
	if value == true {
		c.focused++
	}
}

func whole(value any) int64 {
	number, ok := value.(json.Number)
	if !ok {
		return 0
	}
	n, err := number.Int64()
	if err != nil {
		return 0
	}
	return n
}

// richText checks a rich_text block.
func (c *checker) richText(at string, value any) {
	c.blockObject(at, value, need("elements", c.list(1, 1000, c.richPart)))
}

// richPart checks one paragraph, quote, list or preformatted part.
func (c *checker) richPart(at string, value any) {
	switch kind := kindOf(value); kind {
	case "rich_text_section":
		c.richSection(at, value)
	case "rich_text_quote":
		c.object(at, value, need("type", c.any), allow("border", c.integer(0, 1)),
			need("elements", c.list(1, 1000, c.richElement)))
	case "rich_text_preformatted":
		c.object(at, value, need("type", c.any), allow("border", c.integer(0, 1)), allow("language", c.chars(1, 50)),
			need("elements", c.list(1, 1000, c.preformatted)))
	case "rich_text_list":
		c.object(at, value, need("type", c.any), need("style", c.oneOf("bullet", "ordered")),
			allow("indent", c.integer(0, 8)), allow("offset", c.integer(0, 1<<31)), allow("border", c.integer(0, 1)),
			need("elements", c.list(1, 1000, c.listItem)))
	default:
		c.reject(at+"/type", "unsupported type: %s", kind)
	}
}

func (c *checker) richSection(at string, value any) {
	c.object(at, value, need("type", c.any), need("elements", c.list(1, 1000, c.richElement)))
}

func (c *checker) listItem(at string, value any) {
	if kind := kindOf(value); kind != "rich_text_section" {
		c.reject(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.richSection(at, value)
}

// preformatted checks an element of preformatted text: a text or a link.
func (c *checker) preformatted(at string, value any) {
	if kind := kindOf(value); kind != "text" && kind != "link" {
		c.reject(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.richElement(at, value)
}

// richElement checks an element of a line.
func (c *checker) richElement(at string, value any) {
	id := c.chars(1, maxIDLength)
	var fields []field
	switch kind := kindOf(value); kind {
	case "text":
		fields = []field{need("text", c.richString)}
	case "link":
		fields = []field{need("url", c.url), allow("text", c.richString), allow("unsafe", c.boolean)}
	case "emoji":
		fields = []field{need("name", id), allow("skin_tone", c.integer(1, 6)), allow("unicode", id), allow("url", c.url)}
	case "user":
		fields = []field{need("user_id", id)}
	case "usergroup":
		fields = []field{need("usergroup_id", id)}
	case "channel":
		fields = []field{need("channel_id", id)}
	case "team":
		fields = []field{need("team_id", id)}
	case "broadcast":
		fields = []field{need("range", c.oneOf("here", "channel", "everyone"))}
	case "color":
		fields = []field{need("value", id)}
	case "date":
		fields = []field{
			need("timestamp", c.integer(0, 1<<40)), need("format", c.dateFormat),
			allow("fallback", c.chars(1, 3000)), allow("url", c.url), allow("timezone", id),
		}
	default:
		c.reject(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.object(at, value, append(fields, need("type", c.any), allow("style", c.textStyle))...)
}

// richString checks a text without markup. Only the limit on all blocks together bounds its length.
func (c *checker) richString(at string, value any) {
	c.chars(1, maxBody)(at, value)
	text, _ := value.(string)
	c.text += units(text)
}

func (c *checker) textStyle(at string, value any) {
	var fields []field
	for name := range strings.FieldsSeq("bold italic strike code underline highlight client_highlight unlink") {
		fields = append(fields, allow(name, c.boolean))
	}
	c.object(at, value, fields...)
}

// dateFormat checks that a format of dates has known tokens only, and at least one.
func (c *checker) dateFormat(at string, value any) {
	c.chars(1, 1000)(at, value)
	format, _ := value.(string)
	tokens := 0
	for rest := format; ; tokens++ {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		token, more, closed := strings.Cut(after, "}")
		if !closed || !isDateToken(token) {
			c.reject(at, "unknown date token: {%s", token)
			return
		}
		rest = more
	}
	if tokens == 0 {
		c.reject(at, "must have a date token")
	}
}

func isDateToken(token string) bool {
	switch token {
	case "date_num", "date_slash", "date", "date_short", "date_long", "date_pretty",
		"date_short_pretty", "date_long_pretty", "date_long_full", "day_divider_pretty", "time", "time_secs", "ago":
		return true
	}
	return false
}
