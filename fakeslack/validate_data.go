package fakeslack

import "encoding/json"

const (
	maxTableText     = 10_000
	maxDataTableText = 20_000
)

// table checks a table block.
func (c *checker) table(at string, value any) {
	total := 0
	o := c.shaped(at, value,
		need("rows", c.list(1, 100, c.list(1, 20, c.cell(&total)))),
		allow("column_settings", c.list(1, 20, c.columnSetting)),
	)
	if o != nil && total > maxTableText {
		c.reject(at+"/rows", "the cells have %d characters, more than %d", total, maxTableText)
	}
}

func (c *checker) columnSetting(at string, value any) {
	if value == nil {
		return // this column has none
	}
	c.object(at, value,
		allow("align", c.oneOf("left", "center", "right")),
		allow("is_wrapped", c.boolean),
	)
}

// cell is the rule of a table's cell; it adds the cell's text to the total.
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
			c.text = before // cells have their own limit
		default:
			c.reject(at+"/type", "unsupported type: %s", kind)
		}
	}
}

func textUnits(o map[string]any, name string) int {
	s, _ := o[name].(string)
	return units(s)
}

// dataTable checks a data_table block: a header row of texts, then up to 200
// rows of as many columns.
func (c *checker) dataTable(at string, value any) {
	total := 0
	o := c.shaped(at, value,
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
			c.reject(at+"/rows/0/"+decimal(i), "a header cell must be raw_text")
		}
	}
	for i, r := range rows {
		if row, ok := r.([]any); ok && len(row) != len(head) {
			c.reject(at+"/rows/"+decimal(i), "must have %d cells as the header has", len(head))
		}
	}
	if whole(o["row_header_column_index"]) >= int64(max(len(head), 1)) {
		c.reject(at+"/row_header_column_index", "no such column")
	}
}

// dataVisualization checks a chart.
func (c *checker) dataVisualization(at string, value any) {
	c.shaped(at, value, need("title", c.chars(1, 50)), need("chart", c.chart))
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
	c.unlike(at+"/categories", words(o["categories"], ""))
}

// complete refuses series whose names repeat, and those without exactly one
// point for every category.
func (c *checker) complete(at string, chart map[string]any) {
	c.unlike(at+"/series", words(chart["series"], "name"))
	axis, _ := chart["axis_config"].(map[string]any)
	wanted := map[string]bool{}
	for _, category := range words(axis["categories"], "") {
		wanted[category] = true
	}
	list, _ := chart["series"].([]any)
	for i, s := range list {
		members, _ := s.(map[string]any)
		labels := words(members["data"], "label")
		place := at + "/series/" + decimal(i) + "/data"
		c.unlike(place, labels)
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

// unlike refuses words that repeat.
func (c *checker) unlike(at string, list []string) {
	seen := map[string]bool{}
	for _, w := range list {
		if seen[w] {
			c.reject(at, "must be unique: %s", w)
		}
		seen[w] = true
	}
}

// words returns an array's strings, or the named member of its objects.
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
