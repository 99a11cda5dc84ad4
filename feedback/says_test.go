package feedback_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

func TestSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		says       bool
	}{
		{"nothing", "", false},
		{"white space", " \t\r\n\u00a0\u2003\u3000\u2028\u1680", false},
		{"control characters", "\x00\x07\x1b\x7f\u0085", false},
		{"zero width", "\u200b\u200c\u200d\u2060\ufeff", false},
		{"soft hyphen", "\u00ad", false},
		{"directions", "\u200e\u200f\u202a\u202e\u2066\u2069\u061c", false},
		{"combining", "\u0301\u20dd\u034f\u0903", false},
		{"variation selectors", "\ufe0f\ufe0e\u180b\U000e0100", false},
		{"tags", "\U000e0001\U000e0041\U000e007f", false},
		{"hangul fillers", "\u115f\u1160\u3164\uffa0", false},
		{"khmer inherent vowels", "\u17b4\u17b5", false},
		{"mongolian separator", "\u180e", false},
		{"braille blank", "\u2800", false},
		{"object replacement", "\ufffc", false},
		{"null notehead", "\U0001d159\U0001d173", false},
		{"annotation anchors", "\ufff9\ufffa\ufffb", false},
		{"private use", "\ue000\U000f0000", false},
		{"noncharacters", "\ufdd0\uffff", false},
		{"of several kinds", " \u200b\u0301\ufe0f\u2800\u3164 ", false},
		{"an empty paragraph of an editor", "<p><br></p>\n", false},
		{"a line break", "<br>", false},
		{"capitals, spaces, attributes", `<DIV class="note"><BR /></DIV><span></span>`, false},
		{"an entity", "&nbsp;", false},
		{"entities", "&#160;&#xA0;&zwnj;&ZeroWidthSpace;&shy;", false},
		{"tags and entities", "<div>&nbsp;<br/></div>", false},

		{"a letter", "a", true},
		{"a letter after nothing", "\u200b\u0301a", true},
		{"a letter of any script", "ж", true},
		{"hangul", "한", true},
		{"a digit", "8", true},
		{"a fraction", "½", true},
		{"a hyphen", "-", true},
		{"a full stop", ".", true},
		{"a sad face", ":(", true},
		{"an emoji", "😡", true},
		{"an emoji with a selector", "\u2764\ufe0f", true},
		{"an emoji of later", "\U0001fac6\U0001fc00", true},
		{"a family", "👨\u200d👩\u200d👧", true},
		{"a flag", "🇳🇱", true},
		{"a braille letter", "⠓", true},
		{"a replacement character", "\ufffd", true},
		{"a letter with marks", "e\u0301", true},
		{"a heart", "<3", true},
		{"an arrow", "<-", true},
		{"a line of its own", "<hr>", true},
		{"a picture", `<img src="screen.png">`, true},
		{"an unknown tag", "<sad>", true},
		{"half a tag", "<br", true},
		{"text in tags", "<p>no</p>", true},
		{"a visible entity", "&lt;", true},
		{"an ampersand", "&", true},
		{"an unknown entity", "&nbspace", true},
	} {
		assert.Equal(t, test.says, feedback.Says(test.text), "%s: %q", test.name, test.text)
		if want := map[bool]string{true: test.text}[test.says]; want != feedback.Said(test.text) {
			t.Errorf("%s: Said(%q) = %q, want %q", test.name, test.text, feedback.Said(test.text), want)
		}
	}
}
