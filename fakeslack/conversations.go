package fakeslack

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// visible returns a channel that the bot can see: a public one, or a private one that it is in.
func (s *Server) visible(id string) (*channel, *failure) {
	c, ok := s.channels[id]
	if !ok || c.Private && !c.member(s.opts.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	return c, nil
}

// writable returns a channel that the bot may post to, or reply in a thread of.
func (s *Server) writable(id, threadTS string) (*channel, *failure) {
	c, f := s.visible(id)
	if f != nil {
		return nil, f
	}
	if code := c.refusesPost(threadTS); code != "" {
		return nil, refuse(code)
	}
	if !c.member(s.opts.BotUserID) && !slices.Contains(s.scopes, "chat:write.public") {
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// readable returns a channel whose messages or settings the bot may read with the scope.
func (s *Server) readable(id, scope string) (*channel, *failure) {
	c, f := s.visible(id)
	if f != nil {
		return nil, f
	}
	if f := s.needs(c.kind() + ":" + scope); f != nil {
		return nil, f
	}
	if scope == "history" && !c.member(s.opts.BotUserID) {
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// kind returns the name of the type of channel in scopes.
func (c *channel) kind() string {
	if c.Group {
		return "mpim"
	}
	if c.Private {
		return "groups"
	}
	return "channels"
}

// history lists the messages of a channel, newest first, with replies only when they were
// broadcast.
func (s *Server) history(a args) (result, *failure) {
	c, f := s.readable(a.str("channel"), "history")
	if f != nil {
		return nil, f
	}
	w, f := readWindow(a)
	if f != nil {
		return nil, f
	}
	if f := s.countRead("history"); f != nil {
		return nil, f
	}
	var found []*message
	for _, m := range slices.Backward(c.messages) {
		shown := !m.IsReply() || m.Broadcast
		if shown && (!m.Deleted || m.replies > 0) && w.contains(m.TS) {
			found = append(found, m)
		}
	}
	return s.page(a, found)
}

// replies lists the first message of a thread, then the replies from old to new.
func (s *Server) replies(a args) (result, *failure) {
	c, f := s.readable(a.str("channel"), "history")
	if f != nil {
		return nil, f
	}
	w, f := readWindow(a)
	if f != nil {
		return nil, f
	}
	if f := s.countRead("replies"); f != nil {
		return nil, f
	}
	root := c.lookup(a.str("ts"))
	if root == nil || root.Deleted && root.replies == 0 {
		return nil, refuse("thread_not_found")
	}
	found := []*message{root}
	for _, m := range c.messages {
		if m.IsReply() && m.ThreadTS == root.TS && !m.Deleted && w.contains(m.TS) {
			found = append(found, m)
		}
	}
	return s.page(a, found)
}

// A historyQuota is how much of a channel's history the app may read.
type historyQuota struct {
	page int                  // messages a page; 0 for the usual
	wait time.Duration        // between two calls of a method; 0 for none
	last map[string]time.Time // by method
}

// LimitHistory makes the history come in pages of so many messages, one call a method in a time. Slack
// allows an app that is distributed outside its Marketplace 15 and one a minute.
func (s *Server) LimitHistory(page int, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quota = historyQuota{page: page, wait: wait, last: map[string]time.Time{}}
}

// countRead refuses a read of the history that comes too soon after the previous one.
func (s *Server) countRead(method string) *failure {
	if s.quota.wait == 0 {
		return nil
	}
	now := s.opts.Now()
	if last, read := s.quota.last[method]; read && now.Before(last.Add(s.quota.wait)) {
		f := refuse("ratelimited")
		f.wait = last.Add(s.quota.wait).Sub(now)
		return f
	}
	s.quota.last[method] = now
	return nil
}

// Shown is how much of the metadata the history has.
type Shown int

// What the history has of the metadata.
const (
	ShownAll  Shown = iota
	ShownType       // the event_type alone
	ShownNone
)

// ShowMetadata chooses how much of the metadata the history has from now on.
func (s *Server) ShowMetadata(much Shown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = much
}

// historyMost is how many messages a page has at most.
const historyMost = 999

// page returns one page of the messages. A cursor names the first message of the next page.
func (s *Server) page(a args, found []*message) (result, *failure) {
	from, to, next, f := s.cut(a, len(found), 100, historyMost, func(i int) string { return found[i].TS })
	if f != nil {
		return nil, f
	}
	shown := []result{}
	for _, m := range found[from:to] {
		shown = append(shown, s.listed(m, a.flag("include_all_metadata")))
	}
	return result{
		"messages": shown, "has_more": next != "", "pin_count": 0,
		"response_metadata": result{"next_cursor": next},
	}, nil
}

// cut returns the bounds of a page in a list of n items with the given names.
func (s *Server) cut(a args, n, standard, most int, name func(int) string) (from, to int, next string, f *failure) {
	limit, f := a.number("limit", standard, most)
	if f != nil {
		return 0, 0, "", f
	}
	if s.opts.PageSize > 0 {
		limit = min(limit, s.opts.PageSize)
	}
	if most == historyMost && s.quota.page > 0 {
		limit = min(limit, s.quota.page)
	}
	if cursor := a.str("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		wanted, ok := strings.CutPrefix(string(raw), "next:")
		if err != nil || !ok {
			return 0, 0, "", refuse("invalid_cursor")
		}
		for from < n && name(from) != wanted {
			from++
		}
	}
	to = min(from+limit, n)
	if to < n {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + name(to)))
	}
	return from, to, next, nil
}

// listed returns a message as history and replies list it.
func (s *Server) listed(m *message, allMetadata bool) result {
	if m.Deleted {
		return result{
			"type": "message", "subtype": "tombstone", "text": "This message was deleted.",
			"user": "USLACKBOT", "ts": m.TS, "thread_ts": m.TS, "reply_count": m.replies,
		}
	}
	out := result(s.wire(m.Message, allMetadata && s.shown == ShownAll))
	if s.shown == ShownNone {
		delete(out, "metadata")
	}
	if m.replies > 0 {
		out["reply_count"] = m.replies
	}
	return out
}

// window is a period in microseconds. The bounds are in it when it is inclusive.
type window struct {
	oldest, latest int64
	inclusive      bool
}

func readWindow(a args) (window, *failure) {
	w := window{latest: 1 << 62, inclusive: a.flag("inclusive")}
	for _, end := range []struct {
		name  string
		value *int64
	}{{"oldest", &w.oldest}, {"latest", &w.latest}} {
		if a.str(end.name) == "" {
			continue
		}
		micros, ok := parseTS(a.str(end.name))
		if !ok {
			return w, refuse("invalid_ts_" + end.name)
		}
		*end.value = micros
	}
	return w, nil
}

func (w window) contains(ts string) bool {
	micros, _ := parseTS(ts)
	low, high := cmp.Compare(micros, w.oldest), cmp.Compare(micros, w.latest)
	if w.inclusive {
		return low >= 0 && high <= 0
	}
	return low > 0 && high < 0
}

// conversation describes a channel.
func (s *Server) conversation(a args) (result, *failure) {
	c, f := s.readable(a.str("channel"), "read")
	if f != nil {
		return nil, f
	}
	return result{"channel": result{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name,
		"is_channel": !c.Private, "is_group": c.Private, "is_private": c.Private || c.Group, "is_im": false, "is_mpim": c.Group,
		"is_archived": c.Archived, "is_member": c.member(s.opts.BotUserID),
		"is_shared": c.Shared, "is_ext_shared": c.Shared, "is_read_only": c.ReadOnly,
		"is_thread_only": c.ThreadOnly, "is_non_threadable": c.Threadless, "is_frozen": c.Frozen,
		"num_members": len(c.Members), "context_team_id": s.opts.TeamID,
	}}, nil
}

// members lists the ids of a channel's members.
func (s *Server) members(a args) (result, *failure) {
	c, f := s.readable(a.str("channel"), "read")
	if f != nil {
		return nil, f
	}
	from, to, next, f := s.cut(a, len(c.Members), 100, 1000, func(i int) string { return c.Members[i] })
	if f != nil {
		return nil, f
	}
	return result{
		"members":           append([]string{}, c.Members[from:to]...),
		"response_metadata": result{"next_cursor": next},
	}, nil
}
