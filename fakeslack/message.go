package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is the present state of a message of a channel, or of an ephemeral one.
type Message struct {
	Channel   string
	TS        string          // its id within the channel
	ThreadTS  string          // the thread's first message; empty outside threads, the own TS of a message with replies
	User      string          // who wrote it
	BotID     string          // set when the bot wrote it
	Text      string          // notification text, mrkdwn
	Blocks    json.RawMessage // the blocks as stored, each with a block_id; nil when there are none
	Metadata  *Metadata       // nil when there is none
	Broadcast bool            // a reply also shown in the channel
	Deleted   bool
	Edited    bool
	To        string     // the only reader of an ephemeral message
	Revisions []Revision // everything it has shown, the present content last
}

// Revision is what a message shows from a moment until the next revision.
type Revision struct {
	At       time.Time
	Text     string
	Blocks   json.RawMessage
	Metadata *Metadata
}

// Metadata is the machine-readable part of a message.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// IsReply reports whether the message is a reply in a thread.
func (m Message) IsReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// message is a message as the server stores it.
type message struct {
	Message

	replies int
}

// snapshot returns a copy that later changes leave alone.
func (m *message) snapshot() Message {
	out := m.Message
	out.Revisions = slices.Clone(m.Revisions)
	return out
}

// show adds a revision.
func (m *message) show(at time.Time, c content) {
	m.Text, m.Blocks, m.Metadata = c.text, c.blocks, c.metadata
	m.Revisions = append(m.Revisions, Revision{At: at, Text: c.text, Blocks: c.blocks, Metadata: c.metadata})
}

// at returns the message with its n-th revision, counted from 1; 0 is the present one.
func (m *message) at(n int) (Message, bool) {
	out := m.snapshot()
	if n == 0 {
		return out, true
	}
	if n < 0 || n > len(m.Revisions) {
		return Message{}, false
	}
	r := m.Revisions[n-1]
	out.Text, out.Blocks, out.Metadata = r.Text, r.Blocks, r.Metadata
	return out, true
}

// wire returns the message in Slack's JSON format. Without allMetadata the metadata has its type
// only.
func (s *Server) wire(m Message, allMetadata bool) map[string]any {
	out := map[string]any{
		"type": "message", "ts": m.TS, "user": m.User, "text": m.Text, "team": s.opts.TeamID,
	}
	if m.BotID != "" {
		out["bot_id"], out["app_id"] = m.BotID, s.opts.AppID
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.Edited {
		out["edited"] = map[string]any{"user": m.User, "ts": formatTS(m.Revisions[len(m.Revisions)-1].At.UnixMicro())}
	}
	if m.Broadcast {
		out["subtype"] = "thread_broadcast"
	}
	if m.Metadata != nil && allMetadata {
		out["metadata"] = m.Metadata
	}
	if m.Metadata != nil && !allMetadata {
		out["metadata"] = map[string]any{"event_type": m.Metadata.EventType}
	}
	return out
}

// formatTS returns microseconds since 1970 as a message timestamp.
func formatTS(micros int64) string {
	return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6)
}

// parseTS returns a message timestamp, with or without its fraction, in microseconds since 1970.
func parseTS(ts string) (micros int64, ok bool) {
	seconds, fraction, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s < 0 || s > 1<<40 || len(fraction) > 6 {
		return 0, false
	}
	f, err := strconv.ParseUint((fraction + "000000")[:6], 10, 32)
	if err != nil {
		return 0, false
	}
	return s*1e6 + int64(f), true
}

// TimeOf returns the time of a message timestamp, or the zero time when it is invalid.
func TimeOf(ts string) time.Time {
	micros, ok := parseTS(ts)
	if !ok {
		return time.Time{}
	}
	return time.UnixMicro(micros)
}
