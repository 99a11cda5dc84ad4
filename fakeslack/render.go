package fakeslack

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Text returns the channel as plain text, as a person reads it: each message below its author and
// time, and replies indented below the first message of their thread.
func (s *Server) Text(channelID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return ""
	}
	replies := map[string][]string{}
	for _, m := range c.messages {
		if m.IsReply() && !m.Deleted {
			replies[m.ThreadTS] = append(replies[m.ThreadTS], indent(s.render(m.Message), "    ↳ ", "      "))
		}
	}
	parts := []string{"#" + c.Name}
	for _, m := range c.messages {
		if m.IsReply() || m.Deleted {
			continue
		}
		parts = append(parts, s.render(m.Message))
		parts = append(parts, replies[m.TS]...)
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// RenderMessage returns one message as plain text: its author and time, then its content.
func (s *Server) RenderMessage(m Message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.render(m)
}

// RenderView returns a modal or home tab as plain text.
func (s *Server) RenderView(v View) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.writer()
	w.line(v.Title)
	w.blocks(v.Blocks)
	return w.String()
}

func (s *Server) render(m Message) string {
	w := s.writer()
	head := s.name(m.User) + "  " + TimeOf(m.TS).In(w.now.Location()).Format("15:04")
	if m.Edited {
		head += "  " + w.words().edited
	}
	if m.To != "" {
		head += "  " + fmt.Sprintf(w.words().only, s.name(m.To))
	}
	w.line(head)
	if m.Blocks == nil {
		w.line(w.mrkdwn(m.Text))
		return w.String()
	}
	w.blocks(m.Blocks)
	return w.String()
}

// writer writes blocks as lines of text.
type writer struct {
	server *Server
	now    time.Time
	lines  []string
}

func (s *Server) writer() *writer { return &writer{server: s, now: s.opts.Now()} }

func (w *writer) line(text string) { w.lines = append(w.lines, strings.Split(text, "\n")...) }

// String returns the lines without trailing spaces.
func (w *writer) String() string {
	out := make([]string, len(w.lines))
	for i, l := range w.lines {
		out[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(out, "\n")
}

// node is a block, an element or a text object.
type node struct {
	Type      string          `json:"type"`
	Text      json.RawMessage `json:"text"` // a text object, or a string
	Fields    []node          `json:"fields"`
	Elements  []node          `json:"elements"`
	Accessory *node           `json:"accessory"`
	Element   *node           `json:"element"`
	Label     *node           `json:"label"`
	Options   []node          `json:"options"`
	Emoji     *bool           `json:"emoji"`
	AltText   string          `json:"alt_text"`

	URL         string `json:"url"`
	Name        string `json:"name"`
	UserID      string `json:"user_id"`
	ChannelID   string `json:"channel_id"`
	Timestamp   int64  `json:"timestamp"`
	Format      string `json:"format"`
	Range       string `json:"range"`
	UsergroupID string `json:"usergroup_id"`
	Indent      int    `json:"indent"`

	Style       json.RawMessage `json:"style"` // of a list: "bullet" or "ordered"
	Placeholder *node           `json:"placeholder"`
	Rows        [][]node        `json:"rows"`
	Value       json.RawMessage `json:"value"`
	Title       json.RawMessage `json:"title"`
	Caption     string          `json:"caption"`
	Chart       *chart          `json:"chart"`
}

// string returns the node's text if it is a plain string.
func (n node) string() string { return plain(n.Text) }

func plain(raw json.RawMessage) string {
	var out string
	_ = json.Unmarshal(raw, &out) // absent or an object: empty
	return out
}

// object returns the node's text if it is a text object.
func (n node) object() node {
	var out node
	_ = json.Unmarshal(n.Text, &out) // absent or a string: empty
	return out
}

func (w *writer) blocks(raw json.RawMessage) {
	var blocks []node
	_ = json.Unmarshal(raw, &blocks) // they were validated on arrival
	for _, b := range blocks {
		w.block(b)
	}
}

func (w *writer) block(b node) {
	switch b.Type {
	case "section":
		w.section(b)
	case "header":
		w.line(w.text(b.object()))
	case "context":
		w.line(w.join(b.Elements, " "))
	case "actions":
		w.line(w.join(b.Elements, " "))
	case "divider":
		w.line("───")
	case "rich_text":
		w.richText(b)
	case "input":
		w.line(w.text(*b.Label) + ": " + w.control(*b.Element))
	case "image":
		w.line("[image: " + b.AltText + "]")
	case "table", "data_table":
		w.table(b)
	case "data_visualization":
		w.chart(b)
	default: // markdown, alert
		w.line(b.string() + w.text(b.object()))
	}
}

func (w *writer) section(b node) {
	line := w.text(b.object())
	if b.Accessory != nil {
		line = strings.TrimSpace(line + " " + w.control(*b.Accessory))
	}
	if line != "" {
		w.line(line)
	}
	for _, f := range b.Fields {
		w.line(w.text(f))
	}
}

// join returns controls and texts in one line.
func (w *writer) join(list []node, between string) string {
	var out []string
	for _, n := range list {
		out = append(out, w.control(n))
	}
	return strings.Join(out, between)
}

// control returns a button as [Label], a menu as [Label ▾], an overflow menu as its options after
// ⋯, and a text as itself.
func (w *writer) control(n node) string {
	switch n.Type {
	case plainText, mrkdwn:
		return w.text(n)
	case "image":
		return "[" + n.AltText + "]"
	case "button":
		return "[" + w.text(n.object()) + "]"
	case "overflow", "checkboxes", "radio_buttons":
		var options []string
		for _, o := range n.Options {
			options = append(options, w.text(o.object()))
		}
		return "[⋯ " + strings.Join(options, " | ") + "]"
	default:
		if n.Placeholder != nil {
			return "[" + w.text(*n.Placeholder) + " ▾]"
		}
		return "[…]"
	}
}

// text returns a text object as plain text.
func (w *writer) text(n node) string {
	if n.Type == mrkdwn {
		return w.mrkdwn(n.string())
	}
	if n.Emoji != nil && !*n.Emoji {
		return n.string()
	}
	return emojis(n.string())
}

// indent adds one prefix to the first line and another to the other lines.
func indent(text, first, rest string) string {
	return first + strings.ReplaceAll(text, "\n", "\n"+rest)
}
