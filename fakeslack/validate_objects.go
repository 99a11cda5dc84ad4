package fakeslack

import (
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The two formats of a text object.
const (
	plainText = "plain_text"
	mrkdwn    = "mrkdwn"
)

// textObject is the rule of a text object of one of the formats and at most so
// many characters.
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

// option is the rule of one choice. Only checkboxes and radio buttons format
// theirs.
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

func decimal(n int) string { return strconv.Itoa(n) }
