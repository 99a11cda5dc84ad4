package message

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

func TestCutKeepsTheLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		limit int
		want  string
	}{
		{"", 5, ""},
		{"five!", 5, "five!"},
		{"sixsix", 5, "sixs…"},
		{"one two", 5, "one…"}, // no space before the ellipsis
		{"😀😀😀", 6, "😀😀😀"},      // an emoji is two units
		{"😀😀😀", 5, "😀😀…"},
		{"😀😀😀", 4, "😀…"},
		{"👨\u200d👩", 4, "👨…"}, // nothing is joined to the ellipsis
		{"word", 1, "…"},
		{"word", 0, ""},
		{"word", -3, ""},
	}
	for _, test := range tests {
		got := cut(test.text, test.limit)
		assert.Equal(t, test.want, got)
		assert.LessOrEqual(t, units(got), max(test.limit, 0))
	}
}

func TestEscapeWithinKeepsTheLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		limit int
		want  string
	}{
		{"<@U1> & co", 100, "&lt;@U1&gt; &amp; co"},
		{"&&&", 15, "&amp;&amp;&amp;"},
		{"&&&", 14, "&amp;&amp;…"}, // cut before it is escaped, never inside an entity
		{"&&&", 12, "&amp;…"},
		{"éé", 4, "éé"},
		{"ééé", 5, "é…"},
		{"&", 2, ""},
	}
	for _, test := range tests {
		got := escapeWithin(test.text, test.limit)
		assert.Equal(t, test.want, got)
		assert.LessOrEqual(t, len(got), test.limit)
	}
}

func TestChunksTearNoEmojiApart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		want []int // the units of each piece
	}{
		{"nothing", "", nil},
		{"one", strings.Repeat("x", 3000), []int{3000}},
		{"one too many", strings.Repeat("x", 3001), []int{3000, 1}},
		{"emoji", "x" + strings.Repeat("😀", 1500), []int{2999, 2}},
		{"after a space", strings.Repeat("x", 2000) + " " + strings.Repeat("y", 2000), []int{2001, 2000}},
		{"no space about", "x " + strings.Repeat("y", 4000), []int{3000, 1002}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var lengths []int
			pieces := chunks(test.text)
			for _, piece := range pieces {
				lengths = append(lengths, units(piece))
			}
			assert.Equal(t, test.want, lengths)
			assert.Equal(t, test.text, strings.Join(pieces, ""))
		})
	}
}

func TestOnlyWebAddressesAreLinked(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://example.org/4711?a=1&b=2", "http://example.org", "https://example.org/|x>"} {
		assert.Equal(t, good, link(good))
	}
	for _, bad := range []string{
		"", "example.org", "//example.org", "javascript:alert(1)", "ftp://example.org", "https://", "https://example.org/a b",
		"https://example.org/\u202e", "https://example.org/" + strings.Repeat("x", maxLinkUnits),
		"https://example.org/" + strings.Repeat("\U0001f600", maxLinkUnits/2), "https://good.example@evil.example", "https://example.org:99999/",
	} {
		assert.Empty(t, link(bad), bad)
	}
}

// TestStoredAddressesAreCheckedAgain renders a feedback whose address an older version stored: it is
// shown, and not linked.
func TestStoredAddressesAreCheckedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		address string
		linked  bool
	}{
		{"https://tickets.example.org/4711", true},
		{"https://good.example@evil.example/", false},
		{"https://tickets.example.org:99999/", false},
		{"https://tickets.example.org/\u202e", false},
	} {
		for _, kind := range feedback.Kinds() {
			f := feedback.Feedback{Key: feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: kind, ID: "x"}}
			f.Rating, f.Ticket = 1, feedback.Ticket{ID: "4711", Subject: "Website offline", URL: test.address}
			m := NewRenderer(Options{}).Feedback(followup.Snapshot{Feedback: f})
			body, err := json.Marshal(m)
			require.NoError(t, err)
			assert.Equal(t, test.linked, strings.Contains(string(body), `"type":"link"`), "%s %s", kind, test.address)
			assert.Contains(t, string(body), "Website offline")
			assert.NotContains(t, m.Text, "evil")
		}
	}
}
