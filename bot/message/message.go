package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Message is a message of smileybot: one that stays in a channel or a thread, or the answer to a
// command or a click.
type Message struct {
	// Text is what notifications show and screen readers read, as escaped mrkdwn.
	Text   string
	Blocks []slack.Block
	// Chartless is Blocks with a line of text instead of the chart; nil without a chart.
	Chartless []slack.Block
	// Metadata identifies a posted message to smileybot. It holds ids only, because everyone in
	// the workspace can read it. An answer has no metadata.
	Metadata slack.SlackMetadata

	// plain makes the text of the plain form; nil when that is Text.
	plain func() string
}

// Plain returns the message without blocks, to send when Slack refuses the blocks. Its text says
// what the blocks say, cut to Slack's limit for a text.
func (m Message) Plain() Message {
	plain := Message{Text: m.Text, Metadata: m.Metadata}
	if m.plain != nil {
		plain.Text = m.plain()
	}
	return plain
}

// Together returns several answers as one.
func Together(answers ...Message) Message {
	var texts []string
	var all Message
	for _, a := range answers {
		if a.Text != "" {
			texts = append(texts, a.Text)
		}
		all.Blocks = append(all.Blocks, a.Blocks...)
	}
	all.Text = strings.Join(texts, "\n")
	return all
}

// blocksMessage returns an answer whose blocks are short enough to be its text as well.
func blocksMessage(blocks ...slack.Block) Message {
	return Message{Text: blocksMrkdwn(blocks), Blocks: blocks}
}

// lineMessage returns an answer of one line.
func lineMessage(l line) Message { return blocksMessage(l.block()) }

// ephemeral returns an answer of one sentence of the catalogue.
func (r *Renderer) ephemeral(key string) Message { return lineMessage(textLine(r.text(key))) }

// notice returns a notice whose blocks are short enough to be its text as well.
func notice(key string, blocks ...slack.Block) Message {
	return Message{Text: blocksMrkdwn(blocks), Blocks: blocks, Metadata: noticeMetadata(key)}
}

// Entry is a feedback in a list, with the link to its message. The link is empty before the
// message is posted.
type Entry struct {
	followup.Snapshot
	Permalink string
}

// QueuePage is a part of a list: some of its entries, in order, and how many there are in all.
type QueuePage struct {
	Entries []Entry
	Total   int
}

// nameOf returns the first name of a customer in a list about one customer.
func nameOf(entries []Entry) string {
	for _, e := range entries {
		if who := name(e.Feedback.Customer); who != "" {
			return who
		}
	}
	return ""
}

// The event types of the metadata, by which smileybot finds its messages in Slack's history.
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

func feedbackMetadata(f feedback.Feedback) slack.SlackMetadata {
	return slack.SlackMetadata{
		EventType:    EventFeedback,
		EventPayload: map[string]any{PayloadFeedbackID: f.ID, PayloadRevision: f.Revision},
	}
}

func noticeMetadata(key string) slack.SlackMetadata {
	return slack.SlackMetadata{EventType: EventNotice, EventPayload: map[string]any{PayloadKey: key}}
}
