package fakeslack

import (
	"slices"
	"strings"
)

// blocks checks a whole list of blocks and what they may hold together.
func (c *checker) blocks(at string, list []any) {
	c.list(0, c.mostBlocks(), c.block)(at, list)
	if c.text > maxBlockText && c.surface == SurfaceMessage {
		c.problems = append(c.problems, Problem{
			Code: "msg_blocks_too_long", Pointer: at,
			Message: "the text of all blocks has " + decimal(c.text) + " characters, more than " + decimal(maxBlockText),
		})
	}
	if c.markdown > maxMarkdown {
		c.reject(at, "the markdown blocks have %d characters, more than %d", c.markdown, maxMarkdown)
	}
	if c.count["table"] > 1 {
		c.reject(at, "no more than 1 table allowed")
	}
	if c.count["data_visualization"] > maxCharts {
		c.reject(at, "no more than %d data_visualization blocks allowed", maxCharts)
	}
	if c.focused > 1 {
		c.reject(at, "no more than 1 element with focus_on_load allowed")
	}
}

func (c *checker) mostBlocks() int {
	if c.surface == SurfaceMessage {
		return maxMessageBlocks
	}
	return maxViewBlocks
}

const (
	maxMarkdown = 12_000
	maxCharts   = 2
)

// blockRules are the blocks that are known, each with its surfaces.
func (c *checker) blockRules() map[string]struct {
	on    []Surface
	check rule
} {
	type known = struct {
		on    []Surface
		check rule
	}
	anywhere := []Surface{SurfaceMessage, SurfaceModal, SurfaceHome}
	noModal := []Surface{SurfaceMessage, SurfaceHome}
	return map[string]known{
		"section":            {anywhere, c.section},
		"header":             {anywhere, c.header},
		"context":            {anywhere, c.context},
		"actions":            {anywhere, c.actions},
		"divider":            {anywhere, c.divider},
		"rich_text":          {anywhere, c.richText},
		"input":              {anywhere, c.input},
		"image":              {anywhere, c.image},
		"markdown":           {[]Surface{SurfaceMessage}, c.markdownBlock},
		"table":              {noModal, c.table},
		"data_table":         {noModal, c.dataTable},
		"data_visualization": {noModal, c.dataVisualization},
		"alert":              {[]Surface{SurfaceModal}, c.alert},
	}
}

// block checks one block, whatever its type.
func (c *checker) block(at string, value any) {
	kind := kindOf(value)
	known, ok := c.blockRules()[kind]
	if !ok || !slices.Contains(known.on, c.surface) {
		c.reject(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.count[kind]++
	known.check(at, value)
}

// shaped checks a block's members; type and block_id are every block's.
func (c *checker) shaped(at string, value any, fields ...field) map[string]any {
	return c.object(at, value, append(fields, need("type", c.any), allow("block_id", c.blockID))...)
}

func (c *checker) blockID(at string, value any) {
	c.chars(1, maxIDLength)(at, value)
	id, ok := value.(string)
	if !ok {
		return
	}
	if c.blockIDs[id] {
		c.reject(at, "block_id already exists: %s", id)
	}
	c.blockIDs[id] = true
}

func (c *checker) section(at string, value any) {
	o := c.shaped(at, value,
		allow("text", c.textObject(3000, plainText, mrkdwn)),
		allow("fields", c.list(1, 10, c.textObject(2000, plainText, mrkdwn))),
		allow("accessory", c.element(accessoryTypes())),
		allow("expand", c.boolean),
	)
	if o != nil && o["text"] == nil && o["fields"] == nil {
		c.reject(at, "either text or fields is required")
	}
}

func (c *checker) header(at string, value any) {
	c.shaped(at, value,
		need("text", c.textObject(150, plainText)),
		allow("level", c.integer(1, 4)),
	)
}

func (c *checker) context(at string, value any) {
	c.shaped(at, value, need("elements", c.list(1, 10, func(at string, value any) {
		if kindOf(value) == "image" {
			c.imageElement(at, value)
			return
		}
		c.textObject(3000, plainText, mrkdwn)(at, value)
	})))
}

func (c *checker) actions(at string, value any) {
	o := c.shaped(at, value, need("elements", c.list(1, 25, c.element(actionTypes()))))
	elements, _ := o["elements"].([]any)
	seen := map[string]bool{}
	for i, e := range elements {
		members, _ := e.(map[string]any)
		id, ok := members["action_id"].(string)
		if ok && seen[id] {
			c.reject(at+"/elements/"+decimal(i)+"/action_id", "action_id already exists: %s", id)
		}
		seen[id] = true
	}
}

func (c *checker) divider(at string, value any) { c.shaped(at, value) }

func (c *checker) input(at string, value any) {
	c.shaped(at, value,
		need("label", c.textObject(2000, plainText)),
		need("element", c.element(inputTypes())),
		allow("hint", c.textObject(2000, plainText)),
		allow("optional", c.boolean),
		allow("dispatch_action", c.boolean),
	)
}

func (c *checker) image(at string, value any) {
	o := c.shaped(at, value, append(c.imageFields(), allow("title", c.textObject(2000, plainText)))...)
	c.oneSource(at, o)
}

func (c *checker) markdownBlock(at string, value any) {
	o := c.shaped(at, value, need("text", c.chars(1, maxBody)))
	text, _ := o["text"].(string)
	c.markdown += units(text)
}

func (c *checker) alert(at string, value any) {
	c.shaped(at, value,
		need("text", c.textObject(200, plainText, mrkdwn)),
		allow("level", c.oneOf("default", "info", "warning", "error", "success")),
	)
}

func accessoryTypes() []string {
	return append(selectTypes(),
		"button", "checkboxes", "datepicker", "image", "overflow", "radio_buttons", "timepicker")
}

func actionTypes() []string {
	return append(selectTypes(),
		"button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons", "timepicker")
}

func inputTypes() []string {
	return append(selectTypes(),
		"checkboxes", "datepicker", "datetimepicker", "email_text_input", "number_input",
		"plain_text_input", "radio_buttons", "timepicker", "url_text_input")
}

func selectTypes() []string {
	var out []string
	for of := range strings.FieldsSeq("static external users conversations channels") {
		out = append(out, of+"_select", "multi_"+of+"_select")
	}
	return out
}
