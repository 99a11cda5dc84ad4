package fakeslack

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// richText writes a rich_text block; its texts are literal.
func (w *writer) richText(b node) {
	number := 0
	for _, part := range b.Elements {
		line := w.pieces(part.Elements)
		switch part.Type {
		case "rich_text_quote":
			w.line(indent(line, "│ ", "│ "))
		case "rich_text_preformatted":
			w.line(indent(line, "    ", "    "))
		case "rich_text_list":
			w.list(part, &number)
			continue
		default:
			w.line(strings.TrimSuffix(line, "\n"))
		}
		number = 0
	}
}

func (w *writer) list(part node, number *int) {
	margin := strings.Repeat("  ", part.Indent)
	for _, item := range part.Elements {
		mark := "• "
		if plain(part.Style) == "ordered" {
			*number++
			mark = strconv.Itoa(*number) + ". "
		}
		w.line(indent(w.pieces(item.Elements), margin+mark, margin+"  "))
	}
}

// pieces writes the pieces of a line.
func (w *writer) pieces(list []node) string {
	var out strings.Builder
	for _, n := range list {
		out.WriteString(w.piece(n))
	}
	return out.String()
}

func (w *writer) piece(n node) string {
	switch n.Type {
	case "text":
		return n.string()
	case "link":
		return link(n.string(), n.URL)
	case "emoji":
		return emojis(":" + n.Name + ":")
	case "user":
		return "@" + w.server.name(n.UserID)
	case "usergroup":
		return "@" + n.UsergroupID
	case "channel":
		return w.channelName(n.ChannelID, "")
	case "broadcast":
		return "@" + n.Range
	case "date":
		return w.date(time.Unix(n.Timestamp, 0), n.Format)
	default:
		return "[" + n.Type + "]"
	}
}

func link(text, url string) string {
	if text == "" || text == url {
		return url
	}
	return text + " (" + url + ")"
}

func (w *writer) channelName(id, name string) string {
	if c, ok := w.server.channels[id]; ok {
		name = c.Name
	}
	if name == "" {
		name = id
	}
	return "#" + name
}

// table writes rows with their cells aligned.
func (w *writer) table(b node) {
	if b.Caption != "" {
		w.line(b.Caption)
	}
	var rows [][]string
	width := map[int]int{}
	for _, r := range b.Rows {
		var row []string
		for i, cell := range r {
			text := w.cell(cell)
			width[i] = max(width[i], len([]rune(text)))
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			line.WriteString(text + strings.Repeat(" ", width[i]-len([]rune(text))+2))
		}
		w.line(line.String())
	}
}

func (w *writer) cell(n node) string {
	switch {
	case n.Type == "rich_text":
		inner := w.server.writer()
		inner.richText(n)
		return strings.Join(inner.lines, " ")
	case n.string() != "":
		return n.string()
	default:
		return string(n.Value)
	}
}

// chart is the chart of a data_visualization block.
type chart struct {
	Segments []point `json:"segments"`
	Series   []struct {
		Name string  `json:"name"`
		Data []point `json:"data"`
	} `json:"series"`
}

type point struct {
	Label string      `json:"label"`
	Value json.Number `json:"value"`
}

// chart writes a chart as its numbers, a line a series.
func (w *writer) chart(b node) {
	w.line("📊 " + plain(b.Title))
	if b.Chart == nil {
		return
	}
	if len(b.Chart.Segments) > 0 {
		w.line(points(b.Chart.Segments))
	}
	for _, s := range b.Chart.Series {
		w.line(s.Name + ": " + points(s.Data))
	}
}

func points(list []point) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Label+" "+p.Value.String())
	}
	return strings.Join(out, ", ")
}
