package fakeslack

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf16"
)

func postArguments() []string {
	return []string{
		"channel", "text", "blocks", "attachments", "metadata", "thread_ts", "reply_broadcast",
		"unfurl_links", "unfurl_media", "parse", "link_names", "mrkdwn", "markdown_text",
		"username", "icon_url", "icon_emoji", "as_user", "client_msg_id",
	}
}

func updateArguments() []string {
	return []string{
		"channel", "ts", "text", "blocks", "attachments", "metadata", "reply_broadcast",
		"unfurl_links", "unfurl_media", "parse", "link_names", "markdown_text", "as_user", "file_ids",
	}
}

func ephemeralArguments() []string {
	return []string{
		"channel", "user", "text", "blocks", "attachments", "thread_ts", "parse", "link_names",
		"markdown_text", "username", "icon_url", "icon_emoji", "as_user",
	}
}

// postMessage posts a message of the bot.
func (s *Server) postMessage(a args) (result, *failure) {
	c, f := s.writable(a.str("channel"), a.str("thread_ts"))
	if f != nil {
		return nil, f
	}
	body, warning, f := readContent(a, posting)
	if f != nil {
		return nil, f
	}
	if f := threadable(c, a.str("thread_ts")); f != nil {
		return nil, f
	}
	if f := s.pace(c); f != nil {
		return nil, f
	}
	m := s.post(c, s.opts.BotUserID, a.str("thread_ts"), a.flag("reply_broadcast"), body)
	out := result{"channel": c.ID, "ts": m.TS, "message": s.wire(m.Message, true)}
	if warning != "" {
		out["warning"] = warning
		out["response_metadata"] = result{"warnings": []string{warning}}
	}
	return out, nil
}

// pace refuses a post that follows the previous one in the channel too soon.
func (s *Server) pace(c *channel) *failure {
	now := s.opts.Now()
	if wait := c.lastPost.Add(s.opts.PostInterval).Sub(now); s.opts.PostInterval > 0 && wait > 0 {
		f := refuse("ratelimited")
		f.wait = wait
		return f
	}
	c.lastPost = now
	return nil
}

// post adds a message to the channel.
func (s *Server) post(c *channel, user, threadTS string, broadcast bool, body content) *message {
	now := s.opts.Now()
	m := &message{Message: Message{
		Channel: c.ID, TS: s.timestamp(), ThreadTS: threadTS, User: user,
		Broadcast: broadcast && threadTS != "",
	}}
	if user == s.opts.BotUserID {
		m.BotID = s.opts.BotID
	}
	body.blocks = s.nameBlocks(body.blocks)
	m.show(now, body)
	c.messages = append(c.messages, m)
	if m.IsReply() {
		c.addReply(threadTS)
	}
	s.record(Change{Kind: Posted, Message: m.snapshot()})
	return m
}

// PostAs posts a message of a person and returns its timestamp, which is empty when the channel
// does not exist. The message is a reply when threadTS is not empty.
func (s *Server) PostAs(channelID, user, text, threadTS string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return ""
	}
	return s.post(c, user, threadTS, false, content{text: text}).TS
}

// PostCopy posts blocks and metadata as a person, or as another bot when user is empty, and returns the
// message's timestamp, which is empty when the channel does not exist.
func (s *Server) PostCopy(channelID, user string, blocks json.RawMessage, metadata *Metadata) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return ""
	}
	m := s.post(c, user, "", false, content{text: "a copy", blocks: blocks, metadata: metadata})
	if user == "" {
		m.User, m.BotID = "U0OTHERBOT", "B0OTHERBOT"
	}
	return m.TS
}

// threadable refuses a thread whose first message is not in the channel.
func threadable(c *channel, threadTS string) *failure {
	if threadTS == "" {
		return nil
	}
	parent := c.message(threadTS)
	if parent == nil || parent.IsReply() {
		return refuse("cannot_reply_to_message")
	}
	return nil
}

// updateMessage edits a message of the bot. Absent arguments keep what the message has.
func (s *Server) updateMessage(a args) (result, *failure) {
	c, m, f := s.own(a, "cant_update_message")
	if f != nil {
		return nil, f
	}
	if c.Archived || c.Frozen {
		return nil, refuse("is_inactive")
	}
	body, _, f := readContent(a, updating)
	if f != nil {
		return nil, f
	}
	s.edit(m, body.over(m))
	return result{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.wire(m.Message, true)}, nil
}

func (s *Server) edit(m *message, body content) {
	body.blocks = s.nameBlocks(body.blocks)
	m.show(s.opts.Now(), body)
	m.Edited = true
	kind := Edited
	if m.To != "" {
		kind = EphemeralEdit
	}
	s.record(Change{Kind: kind, Message: m.snapshot()})
}

// deleteMessage deletes a message of the bot.
func (s *Server) deleteMessage(a args) (result, *failure) {
	c, m, f := s.own(a, "cant_delete_message")
	if f != nil {
		return nil, f
	}
	s.remove(c, m)
	return result{"channel": c.ID, "ts": m.TS}, nil
}

func (s *Server) remove(c *channel, m *message) {
	m.Deleted = true
	if c != nil && m.IsReply() {
		if parent := c.lookup(m.ThreadTS); parent != nil {
			parent.replies--
		}
	}
	kind := Deleted
	if m.To != "" {
		kind = EphemeralGone
	}
	s.record(Change{Kind: kind, Message: m.snapshot()})
}

// Delete deletes a message as an administrator would, and reports whether it existed.
func (s *Server) Delete(channelID, ts string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return false
	}
	m := c.message(ts)
	if m == nil {
		return false
	}
	s.remove(c, m)
	return true
}

// own returns the bot's message that a call names.
func (s *Server) own(a args, notOurs string) (*channel, *message, *failure) {
	c, f := s.visible(a.str("channel"))
	if f != nil {
		return nil, nil, f
	}
	m := c.message(a.str("ts"))
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	if m.User != s.opts.BotUserID {
		return nil, nil, refuse(notOurs)
	}
	return c, m, nil
}

// postEphemeral shows a message to one member of a channel.
func (s *Server) postEphemeral(a args) (result, *failure) {
	c, f := s.writable(a.str("channel"), a.str("thread_ts"))
	if f != nil {
		return nil, f
	}
	if !c.member(a.str("user")) {
		return nil, refuse("user_not_in_channel")
	}
	body, _, f := readContent(a, posting)
	if f != nil {
		return nil, f
	}
	m := s.addEphemeral(c.ID, a.str("user"), a.str("thread_ts"), body)
	return result{"message_ts": m.TS}, nil
}

func (s *Server) addEphemeral(channelID, user, threadTS string, body content) *message {
	m := &message{Message: Message{
		Channel: channelID, TS: s.timestamp(), ThreadTS: threadTS,
		User: s.opts.BotUserID, BotID: s.opts.BotID, To: user,
	}}
	body.blocks = s.nameBlocks(body.blocks)
	m.show(s.opts.Now(), body)
	s.ephemeral = append(s.ephemeral, m)
	s.record(Change{Kind: EphemeralShown, Message: m.snapshot()})
	return m
}

// permalink returns the address of a message.
func (s *Server) permalink(a args) (result, *failure) {
	c, f := s.visible(a.str("channel"))
	if f != nil {
		return nil, f
	}
	m := c.message(a.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	return result{"channel": c.ID, "permalink": "https://fakeslack.slack.com/archives/" + c.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")}, nil
}

// content is what a message shows. The flags mark what an update keeps.
type content struct {
	text     string
	blocks   json.RawMessage
	metadata *Metadata

	keepText, keepBlocks, keepMetadata bool
}

// over returns the content, with what it keeps taken from the message.
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

// purpose distinguishes a post from an update, which have different limits on the text.
type purpose int

const (
	posting purpose = iota
	updating
)

const (
	maxPostText   = 40_000 // characters; longer texts are cut with a warning
	maxUpdateText = 4_000  // bytes of UTF-8; longer texts are refused
)

// readContent returns the validated content of a message, and a warning when its text was cut.
func readContent(a args, why purpose) (content, string, *failure) {
	out := content{
		text: a.str("text"), keepText: !a.has("text"),
		keepBlocks: !a.has("blocks"), keepMetadata: !a.has("metadata"),
	}
	if a.has("attachments") || a.has("markdown_text") {
		return out, "", refuse("invalid_arguments", "fakeslack takes text and blocks only")
	}
	if raw := a.str("blocks"); raw != "" {
		if problems := ValidateBlocks([]byte(raw), SurfaceMessage); len(problems) > 0 {
			return out, "", refuseAll(problems)
		}
		out.blocks = compactBlocks(raw)
	}
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

// compactBlocks returns the compact form of valid blocks, nil for an empty list.
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

// units returns the length of a string in UTF-16 units, the strictest reading of Slack's
// "characters". An emoji has two.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// cutUnits returns the longest prefix of at most n units.
func cutUnits(s string, n int) string {
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i]
		}
	}
	return s
}

// readMetadata returns the metadata of a message, nil for an empty object. The values of
// event_payload must be scalars or arrays of scalars.
func readMetadata(raw string) (*Metadata, *failure) {
	if raw == "" || raw == "{}" {
		return nil, nil
	}
	value, err := decode([]byte(raw))
	if err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	c := newChecker("invalid_metadata_format", SurfaceMessage)
	c.object("/metadata", value, need("event_type", c.chars(1, maxIDLength)), need("event_payload", c.payload))
	if len(c.problems) > 0 {
		return nil, refuseAll(c.problems)
	}
	var out Metadata
	if json.Unmarshal([]byte(raw), &out) != nil {
		return nil, refuse("invalid_metadata_format")
	}
	return &out, nil
}

func (c *checker) payload(at string, value any) {
	members, ok := value.(map[string]any)
	if !ok {
		c.reject(at, "must be an object")
		return
	}
	for name, v := range members {
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		for _, item := range list {
			if !scalar(item) {
				c.reject(at+"/"+name, "must be a scalar or an array of scalars")
			}
		}
	}
}

func scalar(value any) bool {
	switch value.(type) {
	case string, bool, json.Number:
		return true
	}
	return false
}
