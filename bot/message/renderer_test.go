package message

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// TestNothingIsReadAsATemplate checks that a sentence has a value as it is, next to parts that are
// more than text.
func TestNothingIsReadAsATemplate(t *testing.T) {
	t.Parallel()
	r := renderer()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(
			rapid.SampledFrom([]string{"{{.who}}", "{{", "}}", "{{template \"x\"}}", placeMark + "0" + placeMark, placeMark + "7", "%s"}),
			rapid.String(),
		).Draw(t, "word")
		clean := strings.ReplaceAll(word, placeMark, "")
		l := r.line("stale_done", values{"who": user("U1", ""), "outcome": word})
		assert.Equal(t, "<@U1> already finished this follow-up: "+escape(clean)+".", lineMrkdwn(l))
	})
}

func TestLanguageDecidesOnTheOrder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		language Language
		want     string
	}{
		{English, "2 open follow-ups: urgent ones first, then the oldest."},
		{Dutch, "2 open follow-ups: spoed eerst, daarna de oudste."},
	} {
		l := NewRenderer(Options{Language: test.language}).queueHead(Queue{View: QueueWaiting, QueuePage: QueuePage{Total: 2}})
		assert.Equal(t, test.want, lineMrkdwn(l))
		first, ok := l[0].(*slack.RichTextSectionTextElement)
		assert.True(t, ok && first.Style != nil && first.Style.Bold)
	}
}

func TestNumbersAreWrittenPerLanguage(t *testing.T) {
	t.Parallel()
	dutch := NewRenderer(Options{Language: Dutch})
	for _, test := range []struct {
		digits string
		en, nl string
	}{
		{"0", "0", "0"},
		{"999", "999", "999"},
		{"1000", "1,000", "1.000"},
		{"−12345678.9", "−12,345,678.9", "−12.345.678,9"},
		{"+3.2", "+3.2", "+3,2"},
		{"-100", "-100", "-100"},
	} {
		assert.Equal(t, test.en, renderer().number(test.digits))
		assert.Equal(t, test.nl, dutch.number(test.digits))
	}
	assert.Equal(t, "1.200 antwoorden", dutch.answersWord(1200))
}

// TestAppFitsItsManifest checks the limits of Slack's manifest schema.
func TestAppFitsItsManifest(t *testing.T) {
	t.Parallel()
	for _, language := range Languages() {
		r := NewRenderer(Options{Language: language})
		short, long := r.App()
		assert.LessOrEqual(t, units(short), 140)
		assert.Greater(t, units(long), 174)
		assert.LessOrEqual(t, units(long), 4000)
		for _, command := range []string{"nps", "csat", "smileys", "followups", "smileybot"} {
			description, usage := r.Command(command)
			assert.NotEqual(t, "command_"+command, description)
			assert.NotEqual(t, "usage_"+command, usage)
		}
	}
}
