package bot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/fakeslack"
)

// TestAllTextsAreInTheLanguage: everything that reaches Slack is in the language of the settings.
func TestAllTextsAreInTheLanguage(t *testing.T) {
	s := newFixture(t)
	s.stop()
	s.config.Language = "nl"
	s.start()
	s.red()
	assert.Equal(t, "🔴 Rode smiley via chat. Follow-up open.", s.message().Text)

	for i, row := range []struct{ command, text, want string }{
		{"/nps", "maand", "NPS: te weinig antwoorden (0) · "},
		{"/smileys", "today", "Smileys: te weinig antwoorden (1) · vandaag\nTe weinig antwoorden voor een oordeel: voor een score zijn er minstens 10 nodig.\n1 antwoord: 0 groen (0%), 0 geel (0%), 1 rood (100%)."},
		{"/followups", "", "1 open follow-up."},
		{"/smileybot", "", "Wat je kunt vragen\n/nps maand"},
		{"/nps", "onzin", "Ik begreep “onzin” niet. Probeer:\n/nps deze maand"},
	} {
		s.types("U0ANNA", row.command, row.text)
		assert.Contains(t, s.answerTo("U0ANNA", i+1), row.want, "%s %s", row.command, row.text)
	}

	s.clicks("U0BART", "followup_claim")
	s.until("the claim", shows("followup_release"))
	s.fire("msg_2", map[string]any{"id": "1", "channel": "chat", "comment": "Te traag."})
	parent := s.message().TS
	thread := func(f *fakeslack.Server) []fakeslack.Message { return f.Thread(support, parent) }
	s.until("the comment for the claimer", func(f *fakeslack.Server) bool { return len(thread(f)) == 1 })
	assert.Equal(t, "<@U0BART>, de klant gaf een toelichting:\n“Te traag.”", thread(s.slack)[0].Text)
}
