package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Message is a message of smileybot: one that stays in a channel or a thread, or the answer
// to a command or a click.
type Message struct {
	// Text is what notifications show and screen readers read, as escaped mrkdwn.
	Text   string
	Blocks []slack.Block
	// Chartless is Blocks with a line of text instead of the chart; nil without a chart.
	Chartless []slack.Block
	// Metadata identifies a posted message to smileybot. It holds ids only, because everyone
	// in the workspace can read it. An answer has no metadata.
	Metadata slack.SlackMetadata

	// plain makes the text of the plain form where Text is not the whole message.
	plain func() string
}

// Plain returns the message without blocks, to send when Slack refuses the blocks. Its text
// holds everything that the blocks say, cut to the limit of a text.
func (m Message) Plain() Message {
	plain := Message{Text: m.Text, Metadata: m.Metadata}
	if m.plain != nil {
		plain.Text = m.plain()
	}
	return plain
}

// Entry is a feedback in a list, with the link to its message. The link is empty before the
// message is posted.
type Entry struct {
	feedback.Case
	Permalink string
}

// QueuePage is a part of a list: some of its entries, in order, and how many there are in all.
type QueuePage struct {
	Entries []Entry
	Total   int
}

// The event types of the metadata, by which smileybot finds its messages again.
const (
	EventFeedback = "smileybot_feedback" // payload: feedback_id, revision
	EventNotice   = "smileybot_notice"   // payload: key
)

// The keys of the metadata's payload.
const (
	PayloadFeedbackID = "feedback_id"
	PayloadRevision   = "revision"
	PayloadKey        = "key"
)

func metadataOf(f feedback.Feedback) slack.SlackMetadata {
	return slack.SlackMetadata{
		EventType:    EventFeedback,
		EventPayload: map[string]any{PayloadFeedbackID: f.ID, PayloadRevision: f.Revision},
	}
}

func noticeMetadata(key string) slack.SlackMetadata {
	return slack.SlackMetadata{EventType: EventNotice, EventPayload: map[string]any{PayloadKey: key}}
}

// notice returns a notice whose blocks are short enough to be its text as well.
func notice(key string, blocks ...slack.Block) Message {
	return Message{Text: blocksMrkdwn(blocks), Blocks: blocks, Metadata: noticeMetadata(key)}
}

// Permalink is the address of a message as Slack makes it, in the workspace with that
// address; empty for one that is not posted yet.
func Permalink(workspace, channel, ts string) string {
	if ts == "" || workspace == "" {
		return ""
	}
	return strings.TrimSuffix(workspace, "/") + "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
}
