package message

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// dateFormat shows a moment as the reader's Slack has it: "Today 10:31 AM".
const dateFormat = "{date_short_pretty} {time}"

// line is text that Slack shows literally, with links, people and moments in
// it. Its methods leave out what is empty.
type line []slack.RichTextSectionElement

func (l *line) add(e slack.RichTextSectionElement) { *l = append(*l, e) }

func (l *line) text(s string) { l.styled(s, nil) }

func (l *line) bold(s string) { l.styled(s, &slack.RichTextSectionTextStyle{Bold: true}) }

func (l *line) code(s string) { l.styled(s, &slack.RichTextSectionTextStyle{Code: true}) }

func (l *line) styled(s string, style *slack.RichTextSectionTextStyle) {
	for _, piece := range chunks(s) {
		l.add(slack.NewRichTextSectionTextElement(piece, style))
	}
}

// dot separates what follows from what stands there.
func (l *line) dot() {
	if len(*l) > 0 {
		l.text(separator)
	}
}

// link shows s, linked when address is one.
func (l *line) link(address, s string) {
	switch {
	case s == "":
	case address == "":
		l.text(s)
	default:
		l.add(slack.NewRichTextSectionLinkElement(address, s, nil))
	}
}

// colour shows a colour as an emoji and as a word.
func (l *line) colour(s feedback.Smiley) {
	emoji, _ := colourEmoji(s)
	l.add(slack.NewRichTextSectionEmojiElement(emoji, 0, nil))
	l.text(" ")
	l.bold(colourWord(s))
}

func (l *line) user(id string) {
	if !slackID(id) {
		l.text(wordSomebody)
		return
	}
	l.add(slack.NewRichTextSectionUserElement(id, nil))
}

func (l *line) channel(id string) {
	if slackID(id) {
		l.add(slack.NewRichTextSectionChannelElement(id, nil))
	}
}

func (l *line) moment(t time.Time, zone *time.Location) {
	fallback := moment(t, zone)
	if !datable(t) {
		l.text(fallback)
		return
	}
	l.add(slack.NewRichTextSectionDateElement(t.Unix(), dateFormat, nil, &fallback))
}

// since shows a moment after some words, when the moment is known.
func (l *line) since(t time.Time, words string, o Options) {
	if t.IsZero() {
		return
	}
	l.text(words)
	l.moment(t, o.Zone)
}

func (l line) section() slack.RichTextElement { return slack.NewRichTextSection(l...) }

// quote sets what somebody wrote apart.
func quote(s string) slack.RichTextElement {
	var l line
	l.text(s)
	return &slack.RichTextQuote{Type: slack.RTEQuote, Elements: l}
}

// rich is a block of such lines.
func rich(elements ...slack.RichTextElement) slack.Block {
	return slack.NewRichTextBlock("", elements...)
}

// plain is text that Slack shows literally.
func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// mrkdwn is text of our own: nothing that anyone wrote may come into it.
func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

// when shows a moment in mrkdwn, in the reader's own time zone; fallback is for
// those to whom Slack cannot show it so.
func when(t time.Time, fallback string) string {
	if !datable(t) {
		return escape(fallback)
	}
	return fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), dateFormat, escape(fallback))
}

// datable reports whether a moment lies between the years 1970 and 9999, which
// is what Slack's dates can show.
func datable(t time.Time) bool { return t.Unix() > 0 && t.UTC().Year() <= 9999 }

// moment is a time in words of our own: "20 Nov 2026 11:31 CET".
func moment(t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2 Jan 2006 15:04 MST")
}
