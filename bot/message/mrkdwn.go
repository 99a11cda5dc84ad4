package message

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// blocksMrkdwn writes blocks that this package made as mrkdwn, a line each, for the text of a
// message. Buttons are left out.
func blocksMrkdwn(blocks []slack.Block) string {
	var lines []string
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.RichTextBlock:
			lines = append(lines, richMrkdwn(b.Elements)...)
		case *slack.ContextBlock:
			lines = append(lines, contextMrkdwn(b.ContextElements.Elements))
		}
	}
	return strings.Join(lines, "\n")
}

func richMrkdwn(elements []slack.RichTextElement) []string {
	var lines []string
	for _, element := range elements {
		switch e := element.(type) {
		case *slack.RichTextSection:
			lines = append(lines, lineMrkdwn(e.Elements))
		case *slack.RichTextQuote:
			lines = append(lines, "“"+lineMrkdwn(e.Elements)+"”")
		}
	}
	return lines
}

func lineMrkdwn(l line) string {
	var b strings.Builder
	for _, element := range l {
		switch e := element.(type) {
		case *slack.RichTextSectionTextElement:
			b.WriteString(escape(e.Text))
		case *slack.RichTextSectionLinkElement:
			b.WriteString(escape(e.Text) + " " + addressMrkdwn(e.URL))
		case *slack.RichTextSectionUserElement:
			b.WriteString("<@" + e.UserID + ">")
		case *slack.RichTextSectionChannelElement:
			b.WriteString("<#" + e.ChannelID + ">")
		case *slack.RichTextSectionEmojiElement:
			b.WriteString(emojiOf(e.Name))
		case *slack.RichTextSectionDateElement:
			b.WriteString(date(e.Timestamp.Time(), *e.Fallback))
		}
	}
	return b.String()
}

// lineText returns the words of a line, not escaped and without the addresses of its links.
func lineText(l line) string {
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

// emojiOf returns the emoji of a colour by its name in Slack.
func emojiOf(name string) string {
	for _, s := range feedback.Smileys() {
		if known, emoji := colourEmoji(s); known == name {
			return emoji
		}
	}
	return ""
}

// addressMrkdwn links to an address in mrkdwn. A bar would end the address and begin a label, so it
// is encoded.
func addressMrkdwn(address string) string {
	return "<" + escape(strings.ReplaceAll(address, "|", "%7C")) + ">"
}

func contextMrkdwn(elements []slack.MixedElement) string {
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

// date shows a time in mrkdwn, in the reader's own zone; fallback is for clients that cannot.
func date(t time.Time, fallback string) string {
	if !datable(t) {
		return escape(fallback)
	}
	return fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), dateFormat, escape(fallback))
}

// datable reports whether Slack can show a time as a date: from 1970 to 9999.
func datable(t time.Time) bool { return t.Unix() > 0 && t.UTC().Year() <= 9999 }
