package message

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Slack's limits. Lengths of blocks are counted in UTF-16 units, the strictest interpretation; those
// of a message's text in bytes of UTF-8 after escaping.
const (
	// maxBlocksUnits limits the text of all blocks of a message. Slack publishes no number for
	// msg_blocks_too_long; 9,597 characters were seen to pass and 11,341 to be refused
	// (slackapi/bolt-js, issue 2867).
	maxBlocksUnits = 9000
	// maxElementUnits limits one text object (docs.slack.dev, text object).
	maxElementUnits = 3000
	// maxTextBytes limits the text of a message with blocks. Slack refuses an edit with more than
	// 4,000 (msg_too_long) and splits a longer post in two.
	maxTextBytes = 3000
	// maxPlainBytes limits the text of a message without blocks.
	maxPlainBytes = 3900
	// maxLinkUnits limits an address that is linked to (docs.slack.dev, button and image URLs).
	maxLinkUnits = 3000
	// maxLabelUnits limits what a screen reader says of a button (docs.slack.dev, button element).
	maxLabelUnits = 75
	// maxNoteUnits limits a plain_text_input (docs.slack.dev, plain-text input element).
	maxNoteUnits = 3000
)

const ellipsis = "…"

// escape disarms the only three characters that Slack interprets in mrkdwn and in a message's text,
// and with them <!channel>, <@U1>, <#C1>, <https://…|…> and <!date^…>.
func escape(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;") // first, because the others add more
	s = strings.ReplaceAll(s, "<", "&lt;")
	return strings.ReplaceAll(s, ">", "&gt;")
}

// units returns the length of s in UTF-16 units: an emoji has two or more.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cut shortens s to at most limit UTF-16 units, the last one an ellipsis.
func cut(s string, limit int) string { return cutBy(s, limit, 1, utf16.RuneLen) }

// escapeWithin escapes s, shortened before so that the result has at most limit bytes.
func escapeWithin(s string, limit int) string { return escape(cutEscaped(s, limit)) }

// cutEscaped shortens s so that it has at most limit bytes once it is escaped.
func cutEscaped(s string, limit int) string { return cutBy(s, limit, len(ellipsis), escapedBytes) }

func escapedBytes(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	default:
		return utf8.RuneLen(r)
	}
}

// cutBy shortens s, which must be valid UTF-8, to a total size of at most limit. size is the size
// of a rune, mark that of the ellipsis at the end. With less room than the ellipsis takes, the
// result is empty.
func cutBy(s string, limit, mark int, size func(rune) int) string {
	used, keep := 0, 0
	for at, r := range s {
		if used+mark <= limit {
			keep = at
		}
		used += size(r)
		if used > limit {
			if limit < mark {
				return ""
			}
			const joiner = "\u200d" // a zero-width joiner would join the ellipsis
			return strings.TrimRight(s[:keep], " \n\t"+joiner) + ellipsis
		}
	}
	return s
}

// chunks divides s into pieces of at most maxElementUnits, after a space or a line's end if there
// is one near, so that no emoji is torn apart.
func chunks(s string) []string {
	var pieces []string
	for units(s) > maxElementUnits {
		at := unitsAt(s, maxElementUnits)
		if space := strings.LastIndexAny(s[:at], " \n"); space > at/2 {
			at = space + 1
		}
		pieces, s = append(pieces, s[:at]), s[at:]
	}
	if s != "" {
		pieces = append(pieces, s)
	}
	return pieces
}

// unitsAt returns the byte position in s that at most n units precede.
func unitsAt(s string, n int) int {
	for at, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return at
		}
	}
	return len(s)
}

// unitsOf returns the length of all text in blocks that this package made, with links and
// fallbacks: Slack does not say what it counts.
func unitsOf(blocks []slack.Block) int {
	n := 0
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.RichTextBlock:
			n += richUnits(b.Elements)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				if text, ok := e.(*slack.TextBlockObject); ok {
					n += units(text.Text)
				}
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if button, ok := e.(*slack.ButtonBlockElement); ok {
					n += units(button.Text.Text) + units(button.AccessibilityLabel)
				}
			}
		}
	}
	return n
}

func richUnits(elements []slack.RichTextElement) int {
	n := 0
	for _, element := range elements {
		switch e := element.(type) {
		case *slack.RichTextSection:
			n += lineUnits(e.Elements)
		case *slack.RichTextQuote:
			n += lineUnits(e.Elements)
		}
	}
	return n
}

func lineUnits(l line) int {
	n := 0
	for _, element := range l {
		switch e := element.(type) {
		case *slack.RichTextSectionTextElement:
			n += units(e.Text)
		case *slack.RichTextSectionLinkElement:
			n += units(e.Text) + units(e.URL)
		case *slack.RichTextSectionUserElement:
			n += units(e.UserID)
		case *slack.RichTextSectionChannelElement:
			n += units(e.ChannelID)
		case *slack.RichTextSectionEmojiElement:
			n += units(e.Name)
		case *slack.RichTextSectionDateElement:
			n += units(e.Format) + units(*e.Fallback)
		}
	}
	return n
}

// listFrame is more than what surrounds the entries of a list takes, in bytes and in units.
const listFrame = 500

// fit composes an answer with as many entries, from the first on, as fit into so many bytes of text,
// and into so many units of blocks.
func fit(entries []slack.Block, bytes, units int, compose func(shown []slack.Block) []slack.Block) Message {
	inText := countThatFit(entries, bytes, func(b slack.Block) int { return len(blocksMrkdwn([]slack.Block{b})) + len("\n") })
	inBlocks := countThatFit(entries, units, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	return Message{Text: blocksMrkdwn(compose(entries[:inText])), Blocks: compose(entries[:inBlocks])}
}

// countThatFit returns how many entries, from the first on, have a total size of at most limit.
func countThatFit[T any](entries []T, limit int, size func(T) int) int {
	for i, entry := range entries {
		if limit -= size(entry); limit < 0 {
			return i
		}
	}
	return len(entries)
}

// prose makes what a person wrote fit to be shown on lines of its own: valid UTF-8 without control
// characters (line ends and tabs stay), without characters that change the direction of writing,
// and without white space around it. It is empty when it says nothing, see [feedback.Says].
func prose(s string) string {
	for _, end := range []string{"\r\n", "\r", "\u2028", "\u2029"} {
		s = strings.ReplaceAll(s, end, "\n")
	}
	s = strings.Map(harmless, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
	if !feedback.Says(s) {
		return ""
	}
	return strings.TrimSpace(s)
}

// phrase makes what a person wrote fit to be shown next to other words: as [prose], on one line, of
// at most limit characters. A phrase with text from right to left is isolated, so that its
// neighbours keep their places.
func phrase(s string, limit int) string {
	s = strings.Map(oneLine, prose(s))
	s = cutBy(s, limit, 1, func(rune) int { return 1 })
	if strings.ContainsFunc(s, rightToLeft) {
		const firstStrongIsolate, popIsolate = "\u2068", "\u2069"
		return firstStrongIsolate + s + popIsolate
	}
	return s
}

func oneLine(r rune) rune {
	if r == '\n' || r == '\t' {
		return ' '
	}
	return r
}

// harmless drops control characters, which Slack refuses, and those that embed, override or isolate
// a direction of writing.
func harmless(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return -1
	case '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return -1
	default:
		return r
	}
}

// rightToLeft reports whether a character is in a Unicode block that is written from right to left.
func rightToLeft(r rune) bool {
	return '\u0590' <= r && r <= '\u08ff' || '\ufb1d' <= r && r <= '\ufdff' || '\ufe70' <= r && r <= '\ufefc' ||
		0x10800 <= r && r <= 0x10fff || 0x1e800 <= r && r <= 0x1efff
}

// name returns what a person is called: the name, or else the sender's id. Many senders put an
// e-mail address into either; addresses are not shown.
func name(p feedback.Person) string {
	for _, candidate := range []string{p.Name, p.ID} {
		if shown := phrase(feedback.WithoutAddresses(candidate), feedback.MaxName); shown != "" {
			return shown
		}
	}
	return ""
}

// link returns an address that may be linked to, or "". What older versions stored is checked again.
func link(address string) string {
	if feedback.CheckURL(address) != nil || units(address) > maxLinkUnits {
		return ""
	}
	return address
}

// slackID reports whether s can be the id of a user or a channel: capitals and digits, about a
// dozen of them.
func slackID(s string) bool {
	const longest = 50
	if s == "" || len(s) > longest {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}
