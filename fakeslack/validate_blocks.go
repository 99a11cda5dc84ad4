package fakeslack

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// blocks checks a list of blocks, and the limits on all of them together.
func (c *checker) blocks(at string, list []any) {
	c.list(0, c.mostBlocks(), c.block)(at, list)
	if c.text > maxBlockText && c.surface == SurfaceMessage {
		c.problems = append(c.problems, Problem{
			Code: "msg_blocks_too_long", Pointer: at,
			Message: "the text of all blocks has " + strconv.Itoa(c.text) + " characters, more than " + strconv.Itoa(maxBlockText),
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

// blockRules returns the known types of blocks, each with its surfaces and rule.
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

// block checks one block of any type.
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

// blockObject checks the members of a block. Every block has a type and may have a block_id.
func (c *checker) blockObject(at string, value any, fields ...field) map[string]any {
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
	o := c.blockObject(at, value,
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
	c.blockObject(at, value,
		need("text", c.textObject(150, plainText)),
		allow("level", c.integer(1, 4)),
	)
}

func (c *checker) context(at string, value any) {
	c.blockObject(at, value, need("elements", c.list(1, 10, func(at string, value any) {
		if kindOf(value) == "image" {
			c.imageElement(at, value)
			return
		}
		c.textObject(3000, plainText, mrkdwn)(at, value)
	})))
}

func (c *checker) actions(at string, value any) {
	o := c.blockObject(at, value, need("elements", c.list(1, 25, c.element(actionTypes()))))
	elements, _ := o["elements"].([]any)
	seen := map[string]bool{}
	for i, e := range elements {
		members, _ := e.(map[string]any)
		id, ok := members["action_id"].(string)
		if ok && seen[id] {
			c.reject(at+"/elements/"+strconv.Itoa(i)+"/action_id", "action_id already exists: %s", id)
		}
		seen[id] = true
	}
}

func (c *checker) divider(at string, value any) { c.blockObject(at, value) }

func (c *checker) input(at string, value any) {
	c.blockObject(at, value,
		need("label", c.textObject(2000, plainText)),
		need("element", c.element(inputTypes())),
		allow("hint", c.textObject(2000, plainText)),
		allow("optional", c.boolean),
		allow("dispatch_action", c.boolean),
	)
}

func (c *checker) image(at string, value any) {
	o := c.blockObject(at, value, append(c.imageFields(), allow("title", c.textObject(2000, plainText)))...)
	c.oneImageSource(at, o)
}

func (c *checker) markdownBlock(at string, value any) {
	o := c.blockObject(at, value, need("text", c.chars(1, maxBody)))
	text, _ := o["text"].(string)
	c.markdown += units(text)
}

func (c *checker) alert(at string, value any) {
	c.blockObject(at, value,
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

const (
	maxTableText     = 10_000
	maxDataTableText = 20_000
)

// table checks a table block.
func (c *checker) table(at string, value any) {
	total := 0
	o := c.blockObject(at, value,
		need("rows", c.list(1, 100, c.list(1, 20, c.cell(&total)))),
		allow("column_settings", c.list(1, 20, c.columnSetting)),
	)
	if o != nil && total > maxTableText {
		c.reject(at+"/rows", "the cells have %d characters, more than %d", total, maxTableText)
	}
}

func (c *checker) columnSetting(at string, value any) {
	if value == nil {
		return // the column has no settings
	}
	c.object(at, value,
		allow("align", c.oneOf("left", "center", "right")),
		allow("is_wrapped", c.boolean),
	)
}

// cell is the rule for a cell of a table. It adds the length of the cell's text to total.
func (c *checker) cell(total *int) rule {
	return func(at string, value any) {
		switch kind := kindOf(value); kind {
		case "raw_text":
			o := c.object(at, value, need("type", c.any), need("text", c.chars(1, maxDataTableText)))
			*total += textUnits(o, "text")
		case "raw_number":
			o := c.object(at, value, need("type", c.any), need("value", c.number), allow("text", c.chars(1, maxDataTableText)))
			*total += textUnits(o, "text")
		case "rich_text":
			before := c.text
			c.object(at, value, need("type", c.any), need("elements", c.list(1, 1000, c.richPart)))
			*total += c.text - before
			c.text = before // cells have a separate limit
		default:
			c.reject(at+"/type", "unsupported type: %s", kind)
		}
	}
}

func textUnits(o map[string]any, name string) int {
	s, _ := o[name].(string)
	return units(s)
}

// dataTable checks a data_table block: a header row of texts, then up to 200 rows with as many
// columns.
func (c *checker) dataTable(at string, value any) {
	total := 0
	o := c.blockObject(at, value,
		need("caption", c.chars(1, 3000)),
		need("rows", c.list(1, 201, c.list(1, 20, c.cell(&total)))),
		allow("page_size", c.integer(1, 100)),
		allow("row_header_column_index", c.integer(0, 19)),
	)
	if o != nil && total > maxDataTableText {
		c.reject(at+"/rows", "the cells have %d characters, more than %d", total, maxDataTableText)
	}
	rows, _ := o["rows"].([]any)
	if len(rows) == 0 {
		return
	}
	head, _ := rows[0].([]any)
	for i, cell := range head {
		if kindOf(cell) != "raw_text" {
			c.reject(at+"/rows/0/"+strconv.Itoa(i), "a header cell must be raw_text")
		}
	}
	for i, r := range rows {
		if row, ok := r.([]any); ok && len(row) != len(head) {
			c.reject(at+"/rows/"+strconv.Itoa(i), "must have %d cells as the header has", len(head))
		}
	}
	if whole(o["row_header_column_index"]) >= int64(max(len(head), 1)) {
		c.reject(at+"/row_header_column_index", "no such column")
	}
}

// dataVisualization checks a chart.
func (c *checker) dataVisualization(at string, value any) {
	c.blockObject(at, value, need("title", c.chars(1, 50)), need("chart", c.chart))
}

func (c *checker) chart(at string, value any) {
	switch kind := kindOf(value); kind {
	case "pie":
		c.object(at, value, need("type", c.any), need("segments", c.list(1, 6, c.segment)))
	case "bar", "line", "area":
		o := c.object(at, value, need("type", c.any),
			need("series", c.list(1, 6, c.series)), need("axis_config", c.axis))
		c.complete(at, o)
	default:
		c.reject(at+"/type", "unsupported type: %s", kind)
	}
}

func (c *checker) segment(at string, value any) {
	o := c.object(at, value, need("label", c.chars(1, 20)), need("value", c.number))
	if n, ok := o["value"].(json.Number); ok {
		if f, err := n.Float64(); err != nil || f <= 0 {
			c.reject(at+"/value", "must be greater than 0")
		}
	}
}

func (c *checker) series(at string, value any) {
	c.object(at, value, need("name", c.chars(1, 20)), need("data", c.list(1, 20, func(at string, value any) {
		c.object(at, value, need("label", c.chars(1, 20)), need("value", c.number))
	})))
}

func (c *checker) axis(at string, value any) {
	o := c.object(at, value,
		need("categories", c.list(1, 20, c.chars(1, 20))),
		allow("x_label", c.chars(1, 50)),
		allow("y_label", c.chars(1, 50)),
	)
	c.unique(at+"/categories", words(o["categories"], ""))
}

// complete refuses series with repeated names, and series without exactly one point for each
// category.
func (c *checker) complete(at string, chart map[string]any) {
	c.unique(at+"/series", words(chart["series"], "name"))
	axis, _ := chart["axis_config"].(map[string]any)
	wanted := map[string]bool{}
	for _, category := range words(axis["categories"], "") {
		wanted[category] = true
	}
	list, _ := chart["series"].([]any)
	for i, s := range list {
		members, _ := s.(map[string]any)
		labels := words(members["data"], "label")
		place := at + "/series/" + strconv.Itoa(i) + "/data"
		c.unique(place, labels)
		for _, label := range labels {
			if !wanted[label] {
				c.reject(place, "no such category: %s", label)
			}
		}
		if len(labels) != len(wanted) {
			c.reject(place, "must have one point for every category")
		}
	}
}

// unique refuses repeated strings.
func (c *checker) unique(at string, list []string) {
	seen := map[string]bool{}
	for _, w := range list {
		if seen[w] {
			c.reject(at, "must be unique: %s", w)
		}
		seen[w] = true
	}
}

// words returns the strings of an array, or the named member of its objects.
func words(value any, member string) []string {
	list, _ := value.([]any)
	var out []string
	for _, item := range list {
		if o, ok := item.(map[string]any); ok && member != "" {
			item = o[member]
		}
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
