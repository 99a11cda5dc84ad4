package fakeslack

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
)

// content is what a message shows. The flags tell what an update leaves as it
// was.
type content struct {
	text     string
	blocks   json.RawMessage
	metadata *Metadata

	keepText, keepBlocks, keepMetadata bool
}

// over returns the content with what it leaves out taken from the message.
func (c content) over(m *message) content {
	if c.keepText {
		c.text = m.Text
	}
	if c.keepBlocks {
		c.blocks = m.Blocks
	}
	if c.keepMetadata {
		c.metadata = m.Metadata
	}
	return c
}

// purpose tells a first post from an update: they treat long texts differently.
type purpose int

const (
	posting purpose = iota
	updating
)

const (
	maxPostText   = 40_000 // characters; longer texts are cut with a warning
	maxUpdateText = 4_000  // bytes of UTF-8; longer texts are refused
)

// readContent reads and validates what a message is to show.
func readContent(a args, why purpose) (content, string, *failure) {
	out := content{
		text: a.str("text"), keepText: !a.has("text"),
		keepBlocks: !a.has("blocks"), keepMetadata: !a.has("metadata"),
	}
	if a.has("attachments") || a.has("markdown_text") {
		return out, "", refuse("invalid_arguments", "fakeslack takes text and blocks only")
	}
	if f := validBlocks(a.str("blocks")); f != nil {
		return out, "", f
	}
	out.blocks = compactBlocks(a.str("blocks"))
	if out.text == "" && out.blocks == nil {
		return out, "", refuse("no_text")
	}
	if why == updating && len(out.text) > maxUpdateText {
		return out, "", refuse("msg_too_long")
	}
	var f *failure
	if out.metadata, f = readMetadata(a.str("metadata")); f != nil {
		return out, "", f
	}
	var warning string
	if units(out.text) > maxPostText {
		out.text, warning = cutUnits(out.text, maxPostText), "message_truncated"
	}
	return out, warning, nil
}

// validBlocks refuses blocks that may not stand in a message.
func validBlocks(raw string) *failure {
	if raw == "" {
		return nil
	}
	problems := ValidateBlocks([]byte(raw), SurfaceMessage)
	if len(problems) == 0 {
		return nil
	}
	f := refuse(problems[0].Code)
	for _, p := range problems {
		if p.Code == f.code {
			f.messages = append(f.messages, p.String())
		}
	}
	return f
}

// compactBlocks returns valid blocks as kept: nil when there are none.
func compactBlocks(raw string) json.RawMessage {
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(raw)); err != nil || out.String() == "[]" {
		return nil
	}
	return out.Bytes()
}

// nameBlocks gives each block without a block_id one, as Slack does.
func (s *Server) nameBlocks(raw json.RawMessage) json.RawMessage {
	var blocks []map[string]json.RawMessage
	if raw == nil || json.Unmarshal(raw, &blocks) != nil {
		return raw
	}
	for _, b := range blocks {
		if _, ok := b["block_id"]; !ok {
			b["block_id"] = json.RawMessage(`"` + s.id("b") + `"`)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(blocks); err != nil {
		return raw
	}
	return bytes.TrimSpace(out.Bytes())
}

// units counts as Slack's limits are read here, strictly: in UTF-16 units, of
// which an emoji has two.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// cutUnits returns the longest beginning of at most n units.
func cutUnits(s string, n int) string {
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i]
		}
	}
	return s
}
