// Package message says how things look in Slack: values in, blocks and text out. It knows neither
// the store nor the network nor the time of day.
//
// Three rules hold for everything it makes, whatever the values:
//
//   - Slack parses nothing that people wrote. It is in rich_text and plain_text, where nothing is
//     parsed, or it is escaped (see [escape]). So a customer's "<!channel>" pings no one.
//   - Slack's limits hold; those that a value could exceed are in text.go. A comment and a note
//     are cut, with "…", only at Slack's limits; a value next to other words, such as a name, is a
//     [phrase] with a smaller limit.
//   - A missing value leaves its part out. No text of a block is empty.
//
// A [Message] has blocks, and a text for notifications and screen readers. When Slack refuses the
// blocks, the caller sends [Message.Plain].
//
// # Sentences
//
// A [Renderer] writes one language. Every sentence is in its catalogue, catalogue/active.en.toml or
// active.nl.toml, under a key; [Renderer.text] looks it up. What is the same in every language, such
// as "NPS 9/10", is not in the catalogues. To add a sentence:
//
//   - Put it into all catalogues under one key, as a whole: half a sentence glued to another cannot
//     be translated. A key begins with what the sentence is about (queue_…, form_…). go-i18n reserves
//     a few names: id, description, zero, one, two, few, many and other.
//   - A value is written {{.place}}. Values are never read as templates, and Slack does not parse
//     them: they become plain text or are escaped.
//   - A number that decides between singular and plural is called n, and the sentence has both
//     forms: {one = "{{.n}} day", other = "{{.n}} days"}. Other numbers that have decimals or can
//     exceed a thousand go through [Renderer.number] first.
//   - A sentence with a user, a link, a time or bold words in it is made by [Renderer.line], whose
//     values may be lines themselves: [Renderer.user], [channel], [linked], [Renderer.time], [bold].
//     Each language decides on their order.
//   - A value of the subject, such as an outcome, has a key of its own, outcome_guide_fixed: the
//     literal that begins the key ends with "_".
//
// Tests find a sentence outside the catalogues, a key that is missing or unused, and places that
// differ between languages. Golden files in testdata show each message to its reviewer: in full in
// English, and the texts alone for other languages.
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
	// Chartless is Blocks with lines of text instead of the chart and the table; nil without either.
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

func lineMessage(l line) Message { return blocksMessage(l.block()) }

func (r *Renderer) ephemeral(key string) Message { return lineMessage(textLine(r.text(key))) }

// notice returns a notice whose blocks are short enough to be its text as well.
func notice(key string, blocks ...slack.Block) Message {
	return Message{Text: blocksMrkdwn(blocks), Blocks: marked(key, blocks), Metadata: noticeMetadata(key)}
}

// maxBlockID is Slack's limit for the id of a block.
const maxBlockID = 255

// marked gives the first block of a notice an id, by which it is recognised where Slack leaves out the
// metadata.
func marked(key string, blocks []slack.Block) []slack.Block {
	id := noticeBlock + key
	if len(id) > maxBlockID {
		return blocks
	}
	switch b := blocks[0].(type) {
	case *slack.RichTextBlock:
		b.BlockID = id
	case *slack.HeaderBlock:
		b.BlockID = id
	case *slack.SectionBlock:
		b.BlockID = id
	}
	return blocks
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
