package message

import (
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// dateFormat shows a time as the reader's Slack does: "Today 10:31 AM".
const dateFormat = "{date_short_pretty} {time}"

// line is text that Slack shows literally, with links, users and times in it. Its methods leave out
// what is empty.
type line []slack.RichTextSectionElement

func (l *line) add(e slack.RichTextSectionElement) { *l = append(*l, e) }

func (l *line) join(other line) { *l = append(*l, other...) }

func (l *line) text(s string) { l.styled(s, nil) }

func (l *line) bold(s string) { l.styled(s, &slack.RichTextSectionTextStyle{Bold: true}) }

func (l *line) code(s string) { l.styled(s, &slack.RichTextSectionTextStyle{Code: true}) }

func (l *line) styled(s string, style *slack.RichTextSectionTextStyle) {
	for _, piece := range chunks(s) {
		l.add(slack.NewRichTextSectionTextElement(piece, style))
	}
}

// dot separates what follows from what precedes it.
func (l *line) dot() {
	if len(*l) > 0 {
		l.text(separator)
	}
}

// fact adds a part after a separator. An empty part is left out.
func (l *line) fact(f line) {
	if len(f) > 0 {
		l.dot()
		l.join(f)
	}
}

// link adds s, as a link if address is not empty.
func (l *line) link(address, s string) {
	switch {
	case s == "":
	case address == "":
		l.text(s)
	default:
		l.add(slack.NewRichTextSectionLinkElement(address, s, nil))
	}
}

// textLine is plain words.
func textLine(words string) line {
	var l line
	l.text(words)
	return l
}

// bold is bold words.
func bold(words string) line {
	var l line
	l.bold(words)
	return l
}

// code is words that can be typed.
func code(words string) line {
	var l line
	l.code(words)
	return l
}

// linked is words, as a link if address is not empty.
func linked(address, words string) line {
	var l line
	l.link(address, words)
	return l
}

// colour shows a colour as an emoji and as a word.
func (r *Renderer) colour(c feedback.Smiley) line {
	var l line
	emoji, _ := colourEmoji(c)
	l.add(slack.NewRichTextSectionEmojiElement(emoji, 0, nil))
	l.text(" ")
	l.bold(r.colourWord(c))
	return l
}

// user mentions a user of Slack. Without a valid id it is the words in otherwise.
func user(id, otherwise string) line {
	var l line
	if slackID(id) {
		l.add(slack.NewRichTextSectionUserElement(id, nil))
	} else {
		l.text(otherwise)
	}
	return l
}

// user mentions a user of Slack in the middle of a sentence.
func (r *Renderer) user(id string) line { return user(id, r.text("somebody")) }

// channel mentions a channel of Slack. It is nil without a valid id.
func channel(id string) line {
	var l line
	if slackID(id) {
		l.add(slack.NewRichTextSectionChannelElement(id, nil))
	}
	return l
}

// time shows a time in the reader's own zone. It is nil for the zero time.
func (r *Renderer) time(t time.Time) line {
	if t.IsZero() {
		return nil
	}
	var l line
	fallback := r.moment(t)
	if !datable(t) {
		l.text(fallback)
		return l
	}
	l.add(slack.NewRichTextSectionDateElement(t.Unix(), dateFormat, nil, &fallback))
	return l
}

// when is a sentence about a time. It is nil for the zero time.
func (r *Renderer) when(t time.Time, key string) line {
	if t.IsZero() {
		return nil
	}
	return r.line(key, values{"time": r.time(t)})
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

// block is a block of one line.
func (l line) block() slack.Block { return rich(l.section()) }

func (l line) section() slack.RichTextElement { return slack.NewRichTextSection(l...) }

// quote sets off what a person wrote.
func quote(s string) slack.RichTextElement {
	var l line
	l.text(s)
	return &slack.RichTextQuote{Type: slack.RTEQuote, Elements: l}
}

// rich is a block of lines and quotes.
func rich(elements ...slack.RichTextElement) slack.Block {
	return slack.NewRichTextBlock("", elements...)
}

// contextBlock is small print.
func contextBlock(s string) slack.Block { return slack.NewContextBlock("", plain(s)) }

// plain is text that Slack shows literally.
func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// mrkdwn is text that Slack parses: nothing that people wrote may be in it unescaped.
func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}
