package command_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// FuzzCommand types anything after any command. There is always exactly one answer, Slack accepts it as
// it is, and only share makes it public.
func FuzzCommand(f *testing.F) {
	for _, name := range []string{"/nps", "/csat", "/followups", "/smileybot", "", "/"} {
		for _, text := range []string{
			"", "month", "share", "last week share", "2026-W99", "99999999999999999999d", "..", "2026-01-01..", "\x00\xff\u202e",
			"<!channel>", "nps month", "by agent share", "agent:“Bart de Vries” by channel", "channel:chat eu last week", "agent:\"", "per kanaal kanaal:", "nps nps", "“share”", strings.Repeat("month ", 500), strings.Repeat("\u200b", 300),
		} {
			f.Add(name, text)
		}
	}
	s := newFixture(f)
	s.answers(feedback.KindNPS, 9, 10, s.clock())
	f.Fuzz(func(t *testing.T, name, text string) {
		s.tb = t
		refused, public, private := s.refused(), len(s.slack.Messages(lobby)), len(s.slack.Ephemerals(visitor))
		s.types(visitor, lobby, name, text)
		public = len(s.slack.Messages(lobby)) - public
		private = len(s.slack.Ephemerals(visitor)) - private
		require.Equal(t, 1, public+private, s.log)
		require.Equal(t, refused, s.refused(), s.log)
		if public > 0 {
			require.Regexp(t, "share|delen|deel", strings.Join(strings.Fields(score.Fold(text)), ""))
		}
		if private > 0 {
			require.NotContains(t, s.replyTo(visitor), "<!channel")
			require.Regexp(t, `^(I did|“|NPS|CSAT|CES|NLS|Smileys|Only members|What you|Self-check|\*|.*has not started yet)`, s.replyTo(visitor))
		}
	})
}

// FuzzNote finishes a follow-up with any note, too late: the note comes back unchanged, and Slack accepts
// the answer.
func FuzzNote(f *testing.F) {
	f.Add("rang twice")
	f.Add("<!channel> & <@U1>")
	f.Add(strings.Repeat("👩‍👩‍👧‍👦", 270))
	f.Add("\u202e\x00 \r\n\t")
	s := newFixture(f)
	id := s.unhappy()
	f.Fuzz(func(t *testing.T, note string) {
		s.tb = t
		if !utf8.ValidString(note) || len(note) > 3000 {
			t.Skip("Slack's input does not take it")
		}
		refused, replies := s.refused(), len(s.slack.Ephemerals(bart))
		s.clicks(bart, id, message.ActionID(followup.ActionFinish))
		s.clicks(lise, id, message.ActionID(followup.ActionFinish))
		s.submits(lise, map[string]string{"outcome": "other", "note": note})
		s.submits(bart, map[string]string{"outcome": "other", "note": note})
		s.show(support, id)
		require.Len(t, s.slack.Ephemerals(bart), replies+1)
		require.Equal(t, refused, s.refused(), s.log)
		s.clicks(bart, id, message.ActionID(followup.ActionReopen))
		s.show(support, id)
		require.Equal(t, followup.StateOpen, s.state(id))
	})
}

// FuzzEvent sends events that Slack never sends. A Home tab is published only for a user of the
// workspace who opened it, and only such a user is recorded.
func FuzzEvent(f *testing.F) {
	for _, inner := range []string{
		`{"type":"app_home_opened","user":"U0BART","tab":"home"}`, `{"user":"U0BART","tab":"messages"}`, `{"user":"U0GONE","tab":"home"}`,
		`{"user":"","tab":"home"}`, `{"user":["U0BART"],"tab":"home"}`, `{"user":"U0BART","tab":{"home":1}}`, `null`, `[]`, `7`, ``, `{`, "\xff",
		`{"user":"U0BART","tab":"home","tab":"messages"}`, `{"user":"` + strings.Repeat("U", 5000) + `","tab":"home"}`, `{"user":"\u0000","tab":"home"}`,
	} {
		f.Add("app_home_opened", []byte(inner))
		f.Add("app_mention", []byte(inner))
	}
	s := newFixture(f)
	s.about("1001")
	people := []string{bart, lise, chris, leader, guest, visitor}
	f.Fuzz(func(t *testing.T, kind string, inner []byte) {
		s.tb = t
		s.log.Reset()
		before := s.calls("views.publish")
		s.Event(t.Context(), slackapi.Event{TeamID: "T0FAKE", Type: kind, Inner: inner})
		if s.calls("views.publish") > before {
			require.Equal(t, "app_home_opened", kind)
			require.Contains(t, string(inner), "home")
		}
		homes, err := s.store.Homes(t.Context())
		require.NoError(t, err)
		for _, h := range homes {
			require.Contains(t, people, h.User)
		}
	})
}

// refused counts the calls that Slack rejected.
func (s *fixture) refused() int {
	n := 0
	for _, c := range s.slack.Calls() {
		if c.Outcome != "ok" {
			n++
		}
	}
	return n
}
