package fakeslack

import (
	"slices"
	"strings"
	"time"
)

// Channel is a channel of the workspace.
type Channel struct {
	ID       string
	Name     string
	Private  bool
	Group    bool // a group direct message, which is private
	Archived bool
	Members  []string // user ids; the bot must be one to post

	Shared     bool // with another company, over Slack Connect
	ReadOnly   bool // only some people may post
	ThreadOnly bool // the bot may only reply
	Threadless bool // no one may reply
	Frozen     bool // what was said stays, and nothing is added
	Restricted bool // the settings let the app post nothing
}

// refusesPost is the code with which the channel refuses a message or a reply of the bot, empty when it
// takes it.
func (c *channel) refusesPost(threadTS string) string {
	switch {
	case c.Archived:
		return "is_archived"
	case c.ReadOnly:
		return "restricted_action_read_only_channel"
	case c.ThreadOnly && threadTS == "":
		return "restricted_action_thread_only_channel"
	case c.Threadless && threadTS != "":
		return "restricted_action_non_threadable_channel"
	case c.Restricted, c.Frozen:
		return "restricted_action"
	default:
		return ""
	}
}

// User is a member of the workspace.
type User struct {
	ID              string
	Name            string
	RealName        string
	Email           string
	Restricted      bool // a guest of several channels
	UltraRestricted bool // a guest of one channel
	Bot             bool
	Deleted         bool
	TeamID          string // the workspace, when it is not the server's
	Stranger        bool   // of another company, in a shared channel
}

// channel is a channel as the server stores it, with its messages in order.
type channel struct {
	Channel

	messages []*message
	lastPost time.Time
}

func (c *channel) member(user string) bool { return slices.Contains(c.Members, user) }

// message returns the message with the timestamp, or nil. Deleted messages are not found.
func (c *channel) message(ts string) *message {
	m := c.lookup(ts)
	if m == nil || m.Deleted {
		return nil
	}
	return m
}

// lookup returns the message with the timestamp, deleted or not, or nil.
func (c *channel) lookup(ts string) *message {
	for _, m := range slices.Backward(c.messages) { // calls mostly name the newest
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// addReply counts a reply in the first message of its thread.
func (c *channel) addReply(threadTS string) {
	if parent := c.message(threadTS); parent != nil {
		parent.ThreadTS = parent.TS
		parent.replies++
	}
}

// AddChannel adds a channel, or replaces the settings of an existing one, whose messages remain.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Members = slices.Clone(c.Members)
	if old, ok := s.channels[c.ID]; ok {
		old.Channel = c
		return
	}
	s.channels[c.ID] = &channel{Channel: c}
}

// RemoveChannel removes the channel and its messages.
func (s *Server) RemoveChannel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.channels, id)
}

// Move gives a channel another id, as Slack does when it is moved between workspaces. The former id is
// unknown from then on.
func (s *Server) Move(id, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[id]
	if !ok {
		return
	}
	delete(s.channels, id)
	c.ID = to
	for _, m := range c.messages {
		m.Channel = to
	}
	s.channels[to] = c
}

// Join makes the user a member of the channel.
func (s *Server) Join(channelID, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.channels[channelID]; ok && !c.member(user) {
		c.Members = append(c.Members, user)
	}
}

// Leave ends the user's membership of the channel.
func (s *Server) Leave(channelID, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.channels[channelID]; ok {
		c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return m == user })
	}
}

// Archive archives the channel, or unarchives it.
func (s *Server) Archive(channelID string, archived bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.channels[channelID]; ok {
		c.Archived = archived
	}
}

// AddUser adds a user, or replaces the one with the same id.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
}

// name returns the name of the user, or the id when the user is unknown or has no name.
func (s *Server) name(user string) string {
	u, ok := s.users[user]
	if !ok || u.Name == "" {
		return user
	}
	return u.Name
}

// userInfo returns a user. The e-mail address needs a scope of its own.
func (s *Server) userInfo(a args) (result, *failure) {
	u, ok := s.users[a.str("user")]
	if !ok {
		return nil, refuse("user_not_found")
	}
	return s.user(u), nil
}

// userByEmail returns the active user with an e-mail address, in any case.
func (s *Server) userByEmail(a args) (result, *failure) {
	email := a.str("email")
	if email == "" {
		return nil, refuse("invalid_arguments", "missing required field: email")
	}
	for _, u := range s.users {
		if strings.EqualFold(u.Email, email) && !u.Deleted {
			return s.user(u), nil
		}
	}
	return nil, refuse("users_not_found")
}

func (s *Server) user(u *User) result {
	profile := result{"real_name": u.RealName, "display_name": u.Name, "team": s.opts.TeamID}
	if u.Email != "" && slices.Contains(s.scopes, "users:read.email") {
		profile["email"] = u.Email
	}
	team := s.team(u.TeamID)
	info := result{
		"id": u.ID, "team_id": team, "name": u.Name, "real_name": u.RealName,
		"deleted": u.Deleted, "is_bot": u.Bot, "is_restricted": u.Restricted || u.UltraRestricted,
		"is_ultra_restricted": u.UltraRestricted, "is_app_user": false, "profile": profile,
	}
	switch {
	case u.Stranger:
		info["is_stranger"] = true
	case s.opts.EnterpriseID != "":
		info["enterprise_user"] = result{"id": u.ID, "enterprise_id": s.opts.EnterpriseID, "enterprise_name": "Fake Organisation", "teams": []string{team}}
	}
	return result{"user": info}
}
