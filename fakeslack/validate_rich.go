package fakeslack

import "strings"

// richText checks a rich_text block.
func (c *checker) richText(at string, value any) {
	c.shaped(at, value, need("elements", c.list(1, 1000, c.richPart)))
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

// preformatted checks what may stand in code: texts and links.
func (c *checker) preformatted(at string, value any) {
	if kind := kindOf(value); kind != "text" && kind != "link" {
		c.reject(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.richElement(at, value)
}

// richElement checks a piece of a line.
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

// richString checks a literal text. Its length is bounded by the cumulative
// limit only.
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

// dateFormat checks that a date is shown by tokens Slack knows.
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
