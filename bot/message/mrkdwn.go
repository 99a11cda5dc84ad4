package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// flat writes blocks that this package made as mrkdwn, a line each: what is
// sent when Slack refuses the blocks, and what screen readers get. Buttons are
// left out.
func flat(blocks []slack.Block) string {
	var lines []string
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.RichTextBlock:
			lines = append(lines, flatRich(b.Elements)...)
		case *slack.ContextBlock:
			lines = append(lines, flatContext(b.ContextElements.Elements))
		}
	}
	return strings.Join(lines, "\n")
}

func flatRich(elements []slack.RichTextElement) []string {
	var lines []string
	for _, element := range elements {
		switch e := element.(type) {
		case *slack.RichTextSection:
			lines = append(lines, flatLine(e.Elements))
		case *slack.RichTextQuote:
			lines = append(lines, "“"+flatLine(e.Elements)+"”")
		}
	}
	return lines
}

func flatLine(l line) string {
	var b strings.Builder
	for _, element := range l {
		switch e := element.(type) {
		case *slack.RichTextSectionTextElement:
			b.WriteString(escape(e.Text))
		case *slack.RichTextSectionLinkElement:
			b.WriteString(escape(e.Text) + " " + flatAddress(e.URL))
		case *slack.RichTextSectionUserElement:
			b.WriteString("<@" + e.UserID + ">")
		case *slack.RichTextSectionChannelElement:
			b.WriteString("<#" + e.ChannelID + ">")
		case *slack.RichTextSectionEmojiElement:
			b.WriteString(flatEmoji(e.Name))
		case *slack.RichTextSectionDateElement:
			b.WriteString(date(e.Timestamp.Time(), *e.Fallback))
		}
	}
	return b.String()
}

// flatWords is a line without its links, not escaped.
func flatWords(l line) string {
	var b strings.Builder
	for _, element := range l {
		switch e := element.(type) {
		case *slack.RichTextSectionTextElement:
			b.WriteString(e.Text)
		case *slack.RichTextSectionLinkElement:
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// flatEmoji is the emoji of a colour.
func flatEmoji(name string) string {
	for _, s := range feedback.Smileys() {
		if known, emoji := colourEmoji(s); known == name {
			return emoji
		}
	}
	return ""
}

// flatAddress links an address in mrkdwn. A bar would end it and begin a label.
func flatAddress(address string) string {
	return "<" + escape(strings.ReplaceAll(address, "|", "%7C")) + ">"
}

func flatContext(elements []slack.MixedElement) string {
	var parts []string
	for _, element := range elements {
		text, ok := element.(*slack.TextBlockObject)
		switch {
		case !ok:
		case text.Type == slack.MarkdownType:
			parts = append(parts, text.Text)
		default:
			parts = append(parts, escape(text.Text))
		}
	}
	return joined(parts...)
}
