package message

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// dateFormat shows a time as the reader's Slack does: "Today 10:31 AM".
const dateFormat = "{date_short_pretty} {time}"

// line is text that Slack shows literally, with links, users and times in it. A line of nothing is
// nil.
type line []slack.RichTextSectionElement

func (l *line) join(other line) { *l = append(*l, other...) }

func (l *line) text(s string) { l.join(textLine(s)) }

// fact adds a part after a separator. An empty part is left out.
func (l *line) fact(f line) {
	if len(f) == 0 {
		return
	}
	if len(*l) > 0 {
		l.text(separator)
	}
	l.join(f)
}

// lines puts lines below each other. Those that are empty are left out.
func lines(parts ...line) line {
	var all line
	for _, l := range parts {
		if len(all) > 0 && len(l) > 0 {
			all.text("\n")
		}
		all.join(l)
	}
	return all
}

func textLine(words string) line { return styled(words, nil) }

func bold(words string) line { return styled(words, &slack.RichTextSectionTextStyle{Bold: true}) }

func code(words string) line { return styled(words, &slack.RichTextSectionTextStyle{Code: true}) }

func styled(words string, style *slack.RichTextSectionTextStyle) line {
	var l line
	for _, piece := range chunks(words) {
		l = append(l, slack.NewRichTextSectionTextElement(piece, style))
	}
	return l
}

// linked is words, as a link if address is not empty.
func linked(address, words string) line {
	if address == "" || words == "" {
		return textLine(words)
	}
	return line{slack.NewRichTextSectionLinkElement(address, words, nil)}
}

// restyled is a line with another style for all of its text.
func restyled(l line, style *slack.RichTextSectionTextStyle) line {
	for _, element := range l {
		switch e := element.(type) {
		case *slack.RichTextSectionTextElement:
			e.Style = style
		case *slack.RichTextSectionLinkElement:
			e.Style = style
		}
	}
	return l
}

// struck is a line that is struck through, and nothing in it is bold.
func struck(l line) line { return restyled(l, &slack.RichTextSectionTextStyle{Strike: true}) }

// colour shows the colour of a smiley as an emoji and as a word.
func (r *Renderer) colour(s feedback.Smiley) line {
	shown := colourOf(s)
	l := line{slack.NewRichTextSectionEmojiElement(shown.name, 0, nil)}
	l.text(" ")
	l.join(bold(r.text("colour_" + shown.key)))
	return l
}

// user mentions a user of Slack. Without a valid id it is the words in otherwise.
func user(id, otherwise string) line {
	if !slackID(id) {
		return textLine(otherwise)
	}
	return line{slack.NewRichTextSectionUserElement(id, nil)}
}

// user mentions a user of Slack in the middle of a sentence.
func (r *Renderer) user(id string) line { return user(id, r.text("somebody")) }

// channel mentions a channel of Slack. It is nil without a valid id.
func channel(id string) line {
	if !slackID(id) {
		return nil
	}
	return line{slack.NewRichTextSectionChannelElement(id, nil)}
}

// time shows a time in the reader's own zone. It is nil for the zero time.
func (r *Renderer) time(t time.Time) line {
	if t.IsZero() {
		return nil
	}
	fallback := r.moment(t)
	if !datable(t) {
		return textLine(fallback)
	}
	return line{slack.NewRichTextSectionDateElement(t.Unix(), dateFormat, nil, &fallback)}
}

// when is a sentence about a time. It is nil for the zero time.
func (r *Renderer) when(t time.Time, key string) line {
	if t.IsZero() {
		return nil
	}
	return r.line(key, values{"time": r.time(t)})
}

func (l line) block() slack.Block { return rich(l.section()) }

func (l line) section() slack.RichTextElement { return slack.NewRichTextSection(l...) }

// quote sets off what a person wrote.
func quote(s string) slack.RichTextElement {
	return &slack.RichTextQuote{Type: slack.RTEQuote, Elements: textLine(s)}
}

func rich(elements ...slack.RichTextElement) slack.Block {
	return slack.NewRichTextBlock("", elements...)
}

func contextBlock(s string) slack.Block { return slack.NewContextBlock("", plain(s)) }

// plain is text that Slack shows literally.
func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// mrkdwn is text that Slack parses: nothing that people wrote may be in it unescaped.
func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

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

func lineBytes(l line) int { return len(lineMrkdwn(l)) }

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

func emojiOf(name string) string {
	for _, s := range feedback.Smileys() {
		if c := colourOf(s); c.name == name {
			return c.emoji
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
