package message

import (
	"net/url"
	"strings"
	"unicode"

	"smileybot/feedback"
)

// prose makes what a person wrote fit to be shown on lines of its own: valid UTF-8 without control
// characters (line ends and tabs stay), without characters that change the direction of writing,
// and without white space around it. It is empty when nothing is visible.
func prose(s string) string {
	for _, end := range []string{"\r\n", "\r", "\u2028", "\u2029"} {
		s = strings.ReplaceAll(s, end, "\n")
	}
	s = strings.Map(harmless, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
	if !strings.ContainsFunc(s, visible) {
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

func visible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
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
		words := strings.Fields(candidate)
		kept := words[:0]
		for _, word := range words {
			if strings.Index(word, "@") < 1 {
				kept = append(kept, word)
			}
		}
		if shown := phrase(strings.Join(kept, " "), feedback.MaxName); shown != "" {
			return shown
		}
	}
	return ""
}

// link returns an address that may be linked to, or "".
func link(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || units(address) > maxLinkUnits {
		return ""
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" {
		return ""
	}
	if strings.ContainsFunc(address, unprintable) {
		return ""
	}
	return address
}

func unprintable(r rune) bool {
	return !unicode.IsPrint(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar
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
