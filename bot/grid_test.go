package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// refusedKinds are the refused requests in the answer of /readyz.
func (s *fixture) refusedKinds() string {
	s.t.Helper()
	_, page := s.get(s.admin + "/readyz")
	return page
}

// TestRefusedRequestsAreShown in /readyz, whichever way they come: those of another workspace are logged
// once, and what was typed is given back.
func TestRefusedRequestsAreShown(t *testing.T) {
	s := newFixture(t)
	for range 3 {
		r, err := s.slack.SlashRequest(t.Context(), s.url+"/slack/commands", fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps", TeamID: "T0OTHER"})
		require.NoError(t, err)
		status, _ := s.do(r)
		assert.Equal(t, http.StatusForbidden, status)
	}
	ready := s.readiness()
	assert.Equal(t, "degraded", ready.Status)
	assert.Equal(t, "foreign_workspace", ready.Reason)
	assert.Contains(t, ready.Cure, "install it in one workspace only")
	assert.Equal(t, 1, strings.Count(s.log.String(), "refused a request of another workspace"))

	for _, path := range []string{"/webhooks/feedback/", "//webhooks/feedback", "/webhooks/zendesk", "/slack/nothing"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader("{}"))
		require.NoError(t, err)
		status, _ := s.do(r)
		assert.Equal(t, http.StatusNotFound, status, path)
	}
	wrong, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/slack/commands", strings.NewReader("a=b"))
	require.NoError(t, err)
	fakeslack.Sign(wrong.Header, `"`+s.slack.Options().SigningSecret+`"`, time.Now(), []byte("a=b"))
	status, _ := s.do(wrong)
	assert.Equal(t, http.StatusUnauthorized, status)
	shown := s.refusedKinds()
	for _, want := range []string{
		`"at":"/slack/commands","reason":"foreign_workspace","count":3`, `"at":"feedback","reason":"address","count":2`,
		`"at":"zendesk","reason":"address","count":1`, "set SMILEYBOT_ZENDESK_SECRETS", `"at":"other","reason":"address"`,
		`"at":"/slack/commands","reason":"wrong_secret","count":1`,
	} {
		assert.Contains(t, shown, want)
	}
}

// TestGridForms: over Socket Mode, the form of a person in another workspace of the organisation works,
// and one of an installation elsewhere gives back what was typed.
func TestGridForms(t *testing.T) {
	s := newFixtureWith(t, overSocket)
	status, _ := s.fire("d1", map[string]any{"id": "f1", "channel": "ticket", "smiley": "red"})
	require.Equal(t, http.StatusAccepted, status)
	s.until("a message", func(f *fakeslack.Server) bool { return len(f.Messages(support)) == 1 })
	form := func() string {
		s.until("the button", func(f *fakeslack.Server) bool {
			_, err := f.PushClick(fakeslack.Click{User: "U0BART", Channel: support, MessageTS: s.message().TS, ActionID: "followup_done"})
			return err == nil
		})
		s.until("the form", func(f *fakeslack.Server) bool { return len(f.Views("U0BART")) > 0 })
		return s.slack.Views("U0BART")[0].ID
	}
	_, err := s.slack.PushSubmission(fakeslack.Submission{ViewID: form(), TeamID: "T0OTHER", Values: map[string]string{"outcome": "other", "note": "called her"}})
	require.NoError(t, err)
	s.until("the note to come back", func(f *fakeslack.Server) bool {
		for _, m := range f.Ephemerals("U0BART") {
			if strings.Contains(m.Text+string(m.Blocks), "called her") {
				return true
			}
		}
		return false
	})
	assert.Equal(t, "foreign_workspace", s.readiness().Reason)
}
