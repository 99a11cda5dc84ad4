package command

import (
	"regexp"
	"strings"

	"smileybot/feedback/score"
)

// markup finds what Slack makes of addresses, channels and people in the text of a command: a sigil or
// a scheme, what is meant, and perhaps a label (https://docs.slack.dev/messaging/formatting-message-text).
var markup = regexp.MustCompile(`<(mailto:|tel:|https?://|#|@)([^<>|]*)(?:\|([^<>]*))?>`)

// unescape turns the only three characters that Slack escapes back.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&") //nolint:gochecknoglobals // a list that never changes

// typed is the text of a command as it was typed: without Slack's markup and without what is not seen or
// not meant, see [score.Clean]. The mention of a user stays, see [mention].
func typed(text string) string {
	text = markup.ReplaceAllStringFunc(text, func(marked string) string {
		found := markup.FindStringSubmatch(marked)
		switch scheme, meant, label := found[1], found[2], found[3]; {
		case scheme == "@":
			return strings.ReplaceAll(marked, " ", "")
		case scheme == "mailto:", label == "":
			return meant
		default:
			return label
		}
	})
	return score.Clean(unescape.Replace(text))
}

// mentioned finds the mention of a user, with or without a label.
var mentioned = regexp.MustCompile(`^<@([A-Z0-9]+)(?:\|([^<>]*))?>$`)

// mention reads the mention of a user: the id, and the handle that Slack adds, which may be empty.
func mention(text string) (user, handle string, ok bool) {
	found := mentioned.FindStringSubmatch(text)
	if found == nil {
		return "", "", false
	}
	return found[1], found[2], true
}
