package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Message is what stands in a channel or a thread.
type Message struct {
	// Text is what notifications show and screen readers read; with no blocks
	// it is the whole message. It is mrkdwn, escaped.
	Text   string
	Blocks []slack.Block
	// Metadata names the message for smileybot itself. It holds ids only:
	// everyone in the workspace can read it.
	Metadata slack.SlackMetadata
}

// Answer is what one person sees, or with "share" the channel, after a command
// or a click. Text is the whole answer in short: it is sent alone when Slack
// refuses the blocks.
type Answer struct {
	Text   string
	Blocks []slack.Block
	// Chartless are the blocks without the chart that is in Blocks, which a line of
	// text stands for; nil when there is none.
	Chartless []slack.Block
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
