package fakeslack

import "strings"

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
	c, f := s.writable(a.str("channel"))
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
	m := s.post(c, s.opts.BotUserID, a.str("thread_ts"), a.yes("reply_broadcast"), body)
	out := result{"channel": c.ID, "ts": m.TS, "message": s.wire(m.Message, true)}
	if warning != "" {
		out["warning"] = warning
		out["response_metadata"] = result{"warnings": []string{warning}}
	}
	return out, nil
}

// pace refuses a post that comes too soon after the one before it in the channel.
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

// post puts a message into the channel.
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
		c.answered(threadTS)
	}
	s.record(Change{Kind: Posted, Message: m.snapshot()})
	return m
}

// PostAs puts a message of a person into the channel, in a thread unless
// threadTS is empty, and returns its timestamp; empty when there is no such
// channel.
func (s *Server) PostAs(channelID, user, text, threadTS string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return ""
	}
	return s.post(c, user, threadTS, false, content{text: text}).TS
}

// threadable refuses a thread whose first message is not one of the channel's.
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

// updateMessage makes a message of the bot show something else. What is left
// out stays as it was.
func (s *Server) updateMessage(a args) (result, *failure) {
	c, m, f := s.own(a, "cant_update_message")
	if f != nil {
		return nil, f
	}
	if c.Archived {
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

// deleteMessage takes a message of the bot away.
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
		if parent := c.remembered(m.ThreadTS); parent != nil {
			parent.replies--
		}
	}
	kind := Deleted
	if m.To != "" {
		kind = EphemeralGone
	}
	s.record(Change{Kind: kind, Message: m.snapshot()})
}

// Delete takes a message away as an administrator would, and tells whether it
// stood there.
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

// own finds the bot's message that a call is about.
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
	c, f := s.writable(a.str("channel"))
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
	m := s.whisper(c.ID, a.str("user"), a.str("thread_ts"), body)
	return result{"message_ts": m.TS}, nil
}

func (s *Server) whisper(channelID, user, threadTS string, body content) *message {
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

// permalink gives a message's address.
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
