package message_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// ours matches what may be unescaped in mrkdwn: a date, a mention of a user or a channel, an address.
var ours = regexp.MustCompile(`<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|&]+>|<@[A-Z0-9]+>|<#[A-Z0-9]+>|<https?://[^<>|\s]+>`)

var ampersand = regexp.MustCompile(`&(?:amp;|lt;|gt;)?`)

// harmless checks that Slack would parse nothing in mrkdwn except ours.
func harmless(t require.TestingT, mrkdwn string) {
	rest := ours.ReplaceAllString(mrkdwn, "")
	assert.NotContains(t, rest, "<")
	assert.NotContains(t, rest, ">")
	for _, found := range ampersand.FindAllString(rest, -1) {
		assert.NotEqual(t, "&", found)
	}
}

// node is a part of a message as Slack reads it.
type node = map[string]any

// walk visits every object of a message.
func walk(value any, visit func(node)) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	case node:
		visit(v)
		for _, item := range v {
			walk(item, visit)
		}
	}
}

// units returns a length as JavaScript counts it.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// wellFormed checks everything that must hold of blocks, whatever they say.
func wellFormed(t require.TestingT, blocks []slack.Block) {
	accepted(t, blocks)
	var tree any
	require.NoError(t, json.Unmarshal(asJSON(t, blocks), &tree))
	sum, cells := 0, 0
	walk(tree, func(n node) {
		text, ok := n["text"].(string)
		if !ok {
			return
		}
		if n["type"] == "raw_text" { // of a table, which has a limit of its own
			cells += units(text)
		} else {
			sum += units(text)
		}
		assert.False(t, strings.ContainsFunc(text, forbidden), "%q", text)
		assert.NotEmpty(t, text)
		assert.LessOrEqual(t, units(text), 3000)
		assert.Contains(t, []any{"text", "link", "plain_text", "mrkdwn", "raw_text"}, n["type"])
		if n["type"] == "plain_text" {
			assert.Equal(t, false, n["emoji"])
		}
		if n["type"] == "mrkdwn" {
			harmless(t, text)
		}
	})
	assert.LessOrEqual(t, sum, 9000)
	assert.LessOrEqual(t, cells, 10_000)
	assert.LessOrEqual(t, len(blocks), 50)
}

// wellFormedText checks everything that must hold of a text.
func wellFormedText(t require.TestingT, text string, limit int) {
	assert.NotEmpty(t, strings.TrimSpace(text))
	assert.True(t, utf8.ValidString(text))
	assert.LessOrEqual(t, len(text), limit)
	assert.False(t, strings.ContainsFunc(text, forbidden), "%q", text)
	harmless(t, text)
}

// forbidden reports whether Slack refuses a character, or it reverses its neighbours.
func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || '\u202a' <= r && r <= '\u202e'
}

// anything draws what people write, with or without bad intentions.
func anything(longest int) *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"<!channel>", "<!here|x>", "<@U1>", "<#C1|x>", "<https://evil.example|good>", "&", "&amp;", "<", ">", "&lt;!here&gt;",
			"`", "```", "*", "_", "~", ":tada:", "\n", "\r\n", "\t", " ", "\u200b", "\u200d", "\u202e", "\u2066", "\u2069", "\ufeff",
			"\x00", "\x07", "\x1b[31m", "\u0085", "\u2028", "\ufffe", "\xff", "\xf0\x9f", "😀", "👨‍👩‍👧‍👦", "🇳🇱", "é", "e\u0301", "שלום", "مرحبا",
			"@channel", "jan@example.org", "Jan de Vries", "/nps", "…", "“", "|", "^", "{date}", "%7C",
		}),
		rapid.String(),
	)
	return rapid.Custom(func(t *rapid.T) string {
		text := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		if text == "" || !rapid.Bool().Draw(t, "long") {
			return text
		}
		return strings.Repeat(text, rapid.IntRange(1, 1+longest/len(text)).Draw(t, "times"))
	})
}

func anyPerson() *rapid.Generator[feedback.Person] {
	return rapid.Custom(func(t *rapid.T) feedback.Person {
		return feedback.Person{
			ID: anything(300).Draw(t, "id"), Name: anything(300).Draw(t, "name"), Email: "secret@example.com",
		}
	})
}

func anyMoment() *rapid.Generator[time.Time] {
	return rapid.OneOf(
		rapid.Just(time.Time{}),
		rapid.Custom(func(t *rapid.T) time.Time { return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "unix"), 0) }),
		rapid.Just(at),
	)
}

func anyUser() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"", "U1", "W0BART", feedback.ByCustomer, "<!channel>"}), anything(50))
}

// anyCase draws any feedback, even such as the webhook refuses.
func anyCase() *rapid.Generator[followup.Snapshot] {
	return rapid.Custom(func(t *rapid.T) followup.Snapshot {
		var v followup.Snapshot
		f := &v.Feedback
		f.ID, f.Revision = "019a9f3e-7c2b-7d4e-8f00-0123456789ab", rapid.Int64Range(1, 1<<53).Draw(t, "revision")
		f.Channel = rapid.SampledFrom(append(feedback.Channels(), "")).Draw(t, "channel")
		f.Kind = rapid.SampledFrom(append(feedback.Kinds(), "")).Draw(t, "kind")
		f.Rating = rapid.IntRange(-1, 11).Draw(t, "rating")
		f.Comment = anything(255<<10).Draw(t, "comment")
		f.Customer, f.Agent = anyPerson().Draw(t, "customer"), anyPerson().Draw(t, "agent")
		f.Ticket.ID, f.Ticket.Subject = anything(300).Draw(t, "ticket"), anything(300).Draw(t, "subject")
		f.Ticket.URL = rapid.OneOf(anything(100), rapid.Map(anything(4000), func(s string) string {
			return "https://tickets.example.org/" + s
		})).Draw(t, "url")
		f.Ticket.Urgent, f.Suspect = rapid.Bool().Draw(t, "urgent"), rapid.Bool().Draw(t, "suspect")
		f.Void.Reason = anything(5000).Draw(t, "void reason")
		f.Site, f.OccurredAt = anything(300).Draw(t, "site"), anyMoment().Draw(t, "occurred")
		f.AtRisk = rapid.Bool().Draw(t, "at risk")
		v.Risk = feedback.Risk{InRow: rapid.IntRange(0, 200).Draw(t, "in row"), Several: rapid.Bool().Draw(t, "several")}
		v.Recovery = rapid.SampledFrom(append(feedback.Smileys(), "")).Draw(t, "recovery")
		v.FollowUp = followup.FollowUp{
			State:    rapid.SampledFrom(append(followup.States(), followup.StateNone)).Draw(t, "state"),
			Claimer:  anyUser().Draw(t, "claimer"),
			Outcome:  rapid.SampledFrom(append(followup.Outcomes(), "")).Draw(t, "outcome"),
			Note:     anything(5000).Draw(t, "note"),
			OpenedAt: anyMoment().Draw(t, "opened"), DueAt: anyMoment().Draw(t, "due"),
			ChangedAt: anyMoment().Draw(t, "changed"), ChangedBy: anyUser().Draw(t, "by"),
		}
		return v
	})
}

func TestAnyFeedbackIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		acceptedFeedback(t, anyRenderer().Draw(t, "renderer"), anyCase().Draw(t, "view"))
	})
}

// anyRenderer draws a language.
func anyRenderer() *rapid.Generator[*message.Renderer] {
	return rapid.SampledFrom([]*message.Renderer{english, dutch})
}

func acceptedFeedback(t require.TestingT, r *message.Renderer, view followup.Snapshot) {
	m := r.Feedback(view)
	wellFormed(t, m.Blocks)
	wellFormedText(t, m.Text, 3900)
	assert.NotContains(t, string(asJSON(t, m)), "secret@example.com")
	clickable(t, m.Blocks, view)
	assert.Equal(t, m.Metadata.EventPayload[message.PayloadRevision], view.Feedback.Revision)

	plain := m.Plain()
	assert.Empty(t, plain.Blocks)
	wellFormedText(t, plain.Text, 3900)
	assert.NotContains(t, plain.Text, "secret@example.com")
}

// clickable checks what a message offers: at most two buttons and one menu of at most five, each
// once, in a block that names the feedback and its revision.
func clickable(t require.TestingT, blocks []slack.Block, v followup.Snapshot) {
	actions, ok := blocks[len(blocks)-1].(*slack.ActionBlock)
	require.True(t, ok)
	assert.Equal(t, message.BlockID(v.Feedback.ID, v.Feedback.Revision), actions.BlockID)
	var offered []string
	buttons, menus := 0, 0
	for _, element := range actions.Elements.ElementSet {
		switch e := element.(type) {
		case *slack.ButtonBlockElement:
			buttons++
			offered = append(offered, e.ActionID)
			assert.Equal(t, v.Feedback.ID, e.Value)
		case *slack.OverflowBlockElement:
			menus++
			assert.Equal(t, message.ActionMore, e.ActionID)
			for _, o := range e.Options {
				offered = append(offered, o.Value)
			}
		default:
			assert.Fail(t, "neither a button nor a menu")
		}
	}
	assert.LessOrEqual(t, buttons, 2)
	assert.LessOrEqual(t, menus, 1)
	slices.Sort(offered)
	assert.Equal(t, slices.Compact(slices.Clone(offered)), offered, "each once")
}

func TestAnyNoticeIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := message.Explanation{
			Claimer: anyUser().Draw(t, "claimer"), Comment: anything(255<<10).Draw(t, "comment"), Key: "k",
		}
		r := anyRenderer().Draw(t, "renderer")
		m := r.Explained(e)
		wellFormed(t, m.Blocks)
		wellFormedText(t, m.Text, 3000)
		wellFormedText(t, m.Plain().Text, 3900)
	})
}

func TestAnyReplyIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, words, who := anyRenderer().Draw(t, "renderer"), anything(255<<10).Draw(t, "words"), anyUser().Draw(t, "who")
		closing := message.Closing{Key: "k", By: who, Outcome: followup.Outcome(words), Note: words}
		verdict := message.ModerationNotice{Key: "k", Moderation: feedback.Moderation{Action: feedback.ModerationVoid, By: who, Reason: words}}
		handover := message.Handover{Key: "k", To: who, By: who}
		reminder := message.Reminder{Key: "k", Snapshot: anyCase().Draw(t, "view"), Permalink: words}
		for _, m := range []message.Message{r.Closed(closing), r.Moderated(verdict), r.HandedOver(handover), r.Due(reminder)} {
			wellFormed(t, m.Blocks)
			wellFormedText(t, m.Text, 3000)
			assert.Empty(t, m.Plain().Blocks)
			wellFormedText(t, m.Plain().Text, 3900)
		}
	})
}

func TestAnyListingIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, l := anyRenderer().Draw(t, "renderer"), message.Listing{Key: "k", Now: at}
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			l.Entries = append(l.Entries, message.Entry{Snapshot: anyCase().Draw(t, "view"), Permalink: anything(100).Draw(t, "link")})
		}
		for _, m := range []message.Message{r.Escalation(l), r.Missed(l), r.Risk(l)} {
			wellFormed(t, m.Blocks)
			wellFormedText(t, m.Text, 3900)
			assert.NotContains(t, m.Text, "secret@example.com")
			assert.Equal(t, message.Message{Text: m.Text, Metadata: m.Metadata}, m.Plain())
		}
	})
}

func TestAnyAnswerIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var queue []message.Entry
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			queue = append(queue, message.Entry{Snapshot: anyCase().Draw(t, "view"), Permalink: anything(100).Draw(t, "link")})
			queue[len(queue)-1].Feedback.ID += strconv.Itoa(len(queue))
			queue[len(queue)-1].FollowUp.State = rapid.SampledFrom([]followup.State{followup.StateOpen, followup.StateClaimed, followup.StateSnoozed}).Draw(t, "state")
		}
		word := anything(5000).Draw(t, "word")
		r := anyRenderer().Draw(t, "renderer")
		for _, answer := range []message.Message{
			r.Queue(message.Queue{View: message.QueueMine, Page: 1, QueuePage: message.QueuePage{Entries: queue, Total: len(queue)}, Now: at}),
			r.NotUnderstood(&score.QueryError{Word: word, Near: []string{word, word, word}}, "nps"),
			r.NotAllowed(word, "C1"),
			r.SelfCheck(message.Health{Version: word, Slack: &message.Fault{Reason: word, Channel: word}, StoreFailed: true}),
		} {
			wellFormed(t, answer.Blocks)
			wellFormedText(t, answer.Text, 3000)
		}
	})
}

// TestCommentIsShownInFull checks that a comment is cut only at Slack's limits.
func TestCommentIsShownInFull(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		comment string
		cut     bool
	}{
		{"a word", "Nee.", false},
		{"8,000 characters", strings.Repeat("Stap 3. ", 1000) + "Einde.", false},
		{"8,000 without a space", strings.Repeat("x", 8000), false},
		{"4,000 emoji", strings.Repeat("😀", 4000), false},
		{"no more than fits", strings.Repeat("Stap 3. ", 1200), true},
		{"all that is taken", strings.Repeat("&", 255<<10), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			view := with(func(v *followup.Snapshot) { v.Feedback.Comment = test.comment })
			m := english.Feedback(view)
			wellFormed(t, m.Blocks)
			shown := quoted(t, m.Blocks)
			if !test.cut {
				assert.Equal(t, test.comment, shown)
				return
			}
			begun, found := strings.CutSuffix(shown, "…")
			require.True(t, found)
			assert.True(t, strings.HasPrefix(test.comment, begun))
			assert.Greater(t, units(shown), 8000)
		})
	}
}

// TestLongestValuesLeaveEachOtherRoom checks that no value takes the room of the others.
func TestLongestValuesLeaveEachOtherRoom(t *testing.T) {
	t.Parallel()
	for _, letter := range []string{"&", "😀", "ש"} {
		t.Run(letter, func(t *testing.T) {
			t.Parallel()
			long := strings.Repeat(letter, 100_000)
			view := with(func(v *followup.Snapshot) {
				v.FollowUp = followUp(followup.StateDone)
				v.Feedback.Customer.Name, v.Feedback.Agent.Name, v.Feedback.Comment, v.FollowUp.Note = long, long, long, long
				v.Feedback.Ticket.ID, v.Feedback.Ticket.Subject = long, long
				v.Feedback.Ticket.URL = "https://example.org/" + strings.Repeat("x", 2000)
			})
			acceptedFeedback(t, english, view)
			m := english.Feedback(view)
			assert.Greater(t, units(quoted(t, m.Blocks)), 500)
			_, comment, found := strings.Cut(m.Text, "“")
			assert.True(t, found)
			assert.Greater(t, len(comment), 500)
			assert.Contains(t, m.Text, "Ticket")
			_, comment, found = strings.Cut(m.Plain().Text, "“")
			assert.True(t, found)
			assert.Greater(t, len(comment), 1000)
		})
	}
}

// quoted returns the text of the first quote.
func quoted(t *testing.T, blocks []slack.Block) string {
	t.Helper()
	var said strings.Builder
	for _, element := range blocks[0].(*slack.RichTextBlock).Elements {
		if quote, ok := element.(*slack.RichTextQuote); ok {
			for _, e := range quote.Elements {
				said.WriteString(e.(*slack.RichTextSectionTextElement).Text)
			}
		}
	}
	return said.String()
}

func FuzzFeedback(f *testing.F) {
	f.Add("<!channel>", "Jan <@U1>", "4711 & more", "https://example.org/|x>", "\u202e\x00")
	f.Add(strings.Repeat("&", 10_000), strings.Repeat("😀", 200), "\n\n", "javascript:alert(1)", strings.Repeat("<", 4000))
	f.Fuzz(func(t *testing.T, comment, name, subject, url, note string) {
		for _, state := range append(followup.States(), followup.StateNone) {
			acceptedFeedback(t, english, with(func(v *followup.Snapshot) {
				v.FollowUp = followUp(state)
				v.Feedback.Comment, v.Feedback.Customer.Name, v.Feedback.Agent.Name = comment, name, name
				v.Feedback.Ticket = feedback.Ticket{ID: subject, Subject: subject, URL: url}
				v.Feedback.Customer.Email, v.Feedback.Agent.Email, v.FollowUp.Note = "", "", note
			}))
		}
	})
}
