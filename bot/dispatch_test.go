package bot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// red takes a red smiley and waits for its message.
func (s *fixture) red() {
	s.t.Helper()
	s.fire("msg_1", map[string]any{"id": "1", "channel": "chat", "smiley": "red"})
	s.until("the message", shows("followup_claim"))
}

func TestCommandsAreAnsweredEachWay(t *testing.T) {
	eachWay(t, func(s *fixture) {
		t := s.t
		s.red()
		for i, row := range []struct{ command, text, want string }{
			{"/nps", "", "NPS"},
			{"/nps", "vorige maand", "NPS"},
			{"/csat", "today", "CSAT: too few answers (1)"},
			{"/smileys", "2026", "Smileys: too few answers (1)"},
			{"/followups", "", "1 open follow-up"},
			{"/smileybot", "", "smileybot"},
			{"/smileybot", "check", "Self-check"},
			{"/smileybot", "smileys week", "Smileys: too few answers (1)"},
			{"/nps", "nonsense & <!channel>", "“nonsense &amp; &lt;!channel&gt;”"},
			{"/other", "", "“other”"},
		} {
			s.types("U0ANNA", row.command, row.text)
			assert.Contains(t, s.answerTo("U0ANNA", i+1), row.want, "%s %s", row.command, row.text)
		}
		s.types("U0ANNA", "/smileys", "today share")
		s.until("the shared score", func(f *fakeslack.Server) bool { return len(f.Messages(support)) == 2 })
		assert.Contains(t, s.slack.Messages(support)[1].Text, "Smileys: too few answers (1)")
	})
}

func TestClicksChangeTheMessage(t *testing.T) {
	eachWay(t, func(s *fixture) {
		t := s.t
		s.red()
		s.clicks("U0GUEST", "followup_claim")
		assert.Contains(t, s.answerTo("U0GUEST", 1), "Only members")

		s.clicks("U0BART", "followup_claim")
		s.until("the claim", shows("followup_release"))
		s.presses(fakeslack.Click{User: "U0ANNA", Channel: support, MessageTS: s.message().TS, ActionID: "followup_claim", Revision: 1})
		assert.Contains(t, s.answerTo("U0ANNA", 1), "U0BART", "who has it")

		s.clicks("U0BART", "followup_release")
		s.until("the release", shows("followup_claim"))
	})
}

// TestHomeShowsWhatWaits: it shows what waits when it is opened, follows a click in it at once,
// and is updated when a rating comes.
func TestHomeShowsWhatWaits(t *testing.T) {
	eachWay(t, func(s *fixture) {
		s.red()
		s.pushes(s.slack.HomeOpened("U0BART", "home"))
		says := func(words string) func(*fakeslack.Server) bool {
			return func(f *fakeslack.Server) bool {
				view, _ := f.Home("U0BART")
				return strings.Contains(string(view.Blocks), words)
			}
		}
		s.until("the Home tab", says("Not claimed yet: 1"))
		view, _ := s.slack.Home("U0BART")
		s.presses(fakeslack.Click{User: "U0BART", ViewID: view.ID, ActionID: "followup_claim"})
		s.until("the claim at Home", says("Claimed by you: 1"))
		s.until("the claim in the channel", shows("followup_release"))
	})
}

// TestAClickWithAnEmptyState: the shape Slack sometimes sends is no reason to
// lose a click.
func TestAClickWithAnEmptyState(t *testing.T) {
	eachWay(t, func(s *fixture) {
		t := s.t
		s.red()
		payload, err := s.slack.ClickPayload(fakeslack.Click{User: "U0BART", Channel: support, MessageTS: s.message().TS, ActionID: "followup_claim"})
		require.NoError(t, err)
		var click map[string]any
		require.NoError(t, json.Unmarshal(payload, &click))
		click["state"] = map[string]any{"values": []any{}}
		payload, err = json.Marshal(click)
		require.NoError(t, err)
		s.sends(fakeslack.EnvelopeInteractive, payload)
		s.until("the claim", shows("followup_release"))
	})
}

// TestAnotherWorkspaceIsRefused: with HTTP's 403, and over Socket Mode, which
// knows no refusal, by no answer.
func TestAnotherWorkspaceIsRefused(t *testing.T) {
	eachWay(t, func(s *fixture) {
		t := s.t
		s.red()
		const other = "T0OTHER"
		s.asks(fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps", TeamID: other})
		s.presses(fakeslack.Click{User: "U0BART", Channel: support, MessageTS: s.message().TS, ActionID: "followup_claim", TeamID: other})
		s.pushes(fakeslack.Event{Inner: map[string]any{"type": "app_home_opened"}, TeamID: other})
		s.types("U0BART", "/smileys", "today")
		s.answerTo("U0BART", 1)
		assert.True(t, shows("followup_claim")(s.slack), "it is still open")
	})
}

// TestWhatCannotBeRead is acknowledged all the same, and logged without what it
// says: Slack would only show people an error that says nothing.
func TestWhatCannotBeRead(t *testing.T) {
	eachWay(t, func(s *fixture) {
		t := s.t
		s.sends(fakeslack.EnvelopeInteractive, []byte(`"hunter2"`))
		s.sends(fakeslack.EnvelopeInteractive, []byte(`{"actions":"hunter2"}`))
		s.sends(fakeslack.EnvelopeEvent, []byte(`{"event":"hunter2"}`))
		s.pushes(fakeslack.Event{Inner: map[string]any{"type": "app_mention"}})
		s.types("U0BART", "/nps", "")
		s.answerTo("U0BART", 1)
		s.stop() // when all that was begun has ended
		assert.NotContains(t, s.log.String(), "hunter2")
		assert.GreaterOrEqual(t, strings.Count(s.log.String(), "unreadable request"), 3)
	})
}

// TestOneWayAlone: without the signing secret nothing of Slack is served over
// HTTP, and with both settings both ways work.
func TestOneWayAlone(t *testing.T) {
	s := newFixtureWith(t, overSocket)
	for _, path := range []string{"/slack/commands", "/slack/interactions", "/slack/events"} {
		r, err := s.slack.SlashRequest(t.Context(), s.url+path, fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps"})
		require.NoError(t, err)
		status, _ := s.do(r)
		assert.Equal(t, http.StatusNotFound, status, path)
	}

	s.stop()
	s.until("the end of the connections", func(f *fakeslack.Server) bool { return f.Sockets() == 0 })
	overHTTP.set(&s.config, s.slack.Options())
	s.start()
	s.types("U0BART", "/nps", "")
	s.answerTo("U0BART", 1)
	s.way = overHTTP
	s.types("U0BART", "/nps", "")
	s.answerTo("U0BART", 2)
}
