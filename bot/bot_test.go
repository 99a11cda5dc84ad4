package bot_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/duty"
	"smileybot/fakeslack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRatingsBecomeMessages is the whole story over real sockets: a red smiley, its comment,
// the same delivery again, claim, done with an outcome, and the score.
func TestRatingsBecomeMessages(t *testing.T) {
	eachWay(t, theLoop)
}

func theLoop(s *fixture) {
	t := s.t
	red := map[string]any{
		"id": "reply-88213", "channel": "ticket", "smiley": "red",
		"customer": map[string]any{"id": "c-1042", "name": "Jan de Vries", "email": "jan@example.org"},
		"ticket":   map[string]any{"id": "4711", "subject": "Website offline", "url": "https://tickets.example.org/4711"},
	}
	status, answer := s.fire("msg_1", red)
	require.Equal(t, http.StatusAccepted, status)
	assert.Equal(t, "created", answer["result"])
	s.until("the message", func(f *fakeslack.Server) bool { return len(f.Messages(support)) == 1 })
	assert.Contains(t, string(s.message().Blocks), "followup_claim")
	assert.NotContains(t, string(s.message().Blocks)+s.message().Text, "jan@example.org")

	status, answer = s.fire("msg_1", red)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "duplicate", answer["result"])

	s.clicks("U0BART", "followup_claim")
	s.until("the claim", shows("followup_release"))
	status, answer = s.fire("msg_2", map[string]any{"id": "reply-88213", "channel": "ticket", "comment": "Step 3 is wrong"})
	require.Equal(t, http.StatusAccepted, status)
	assert.Equal(t, "updated", answer["result"])
	s.until("the comment and the notice", func(f *fakeslack.Server) bool {
		return shows("Step 3 is wrong")(f) && len(f.Thread(support, f.Messages(support)[0].TS)) == 1
	})

	s.clicks("U0BART", "followup_done")
	s.until("the modal", func(f *fakeslack.Server) bool { return len(f.Views("U0BART")) == 1 })
	s.submits("U0BART", map[string]string{"outcome": "guide_fixed", "note": "rewrote step 3"})
	assert.Empty(t, s.slack.Views("U0BART"))
	s.until("the outcome and the note", func(f *fakeslack.Server) bool {
		thread := f.Thread(support, f.Messages(support)[0].TS)
		return shows("followup_reopen")(f) && len(thread) == 2 && strings.Contains(thread[1].Text, "rewrote step 3")
	})

	s.types("U0ANNA", "/smileys", "today")
	s.until("the score", func(f *fakeslack.Server) bool { return len(f.Ephemerals("U0ANNA")) == 1 })
	assert.True(t, strings.HasPrefix(s.slack.Ephemerals("U0ANNA")[0].Text, "Smileys: too few answers (1)"))
	assert.Len(t, living(s.slack), 1)
	assert.NotContains(t, s.log.String(), "Jan de Vries")
	assert.NotContains(t, s.log.String(), "Step 3")
}

// shows reports whether a message of the channel shows something now.
func shows(what string) func(*fakeslack.Server) bool {
	return func(f *fakeslack.Server) bool {
		for _, m := range living(f) {
			if strings.Contains(string(m.Blocks), what) {
				return true
			}
		}
		return false
	}
}

func living(f *fakeslack.Server) []fakeslack.Message {
	var living []fakeslack.Message
	for _, m := range f.Messages(support) {
		if !m.IsReply() {
			living = append(living, m)
		}
	}
	return living
}

func TestSlackRequestsMustBeSigned(t *testing.T) {
	s := newFixture(t)
	for _, path := range []string{"/slack/commands", "/slack/interactions", "/slack/events"} {
		signed := func() *http.Request {
			r, err := s.slack.SlashRequest(t.Context(), s.url+path, fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps"})
			require.NoError(t, err)
			return r
		}
		for _, test := range []struct {
			name  string
			spoil func(*http.Request)
		}{
			{"no signature", func(r *http.Request) { r.Header.Del("X-Slack-Signature") }},
			{"no time", func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }},
			{"other secret", func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64)) }},
			{"too old", func(r *http.Request) {
				r.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(time.Now().Unix()-301, 10))
			}},
		} {
			r := signed()
			test.spoil(r)
			status, _ := s.do(r)
			assert.Equal(t, http.StatusUnauthorized, status, "%s, %s", path, test.name)
		}
		r := signed()
		r.Method = http.MethodGet
		status, _ := s.do(r)
		assert.Equal(t, http.StatusMethodNotAllowed, status)
	}
}

func TestEventsAddressIsConfirmed(t *testing.T) {
	s := newFixture(t)
	r, err := s.slack.VerificationRequest(t.Context(), s.url+"/slack/events", "challenge-1")
	require.NoError(t, err)
	status, body := s.do(r)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "challenge-1", body)
}

func TestHealthAndReadiness(t *testing.T) {
	s := newFixture(t)
	status, _ := s.get(s.admin + "/healthz")
	assert.Equal(t, http.StatusOK, status)
	var begun struct {
		Status string
		Bot    string
		Duties map[string]duty.State
	}
	var body string
	require.Eventually(t, func() bool {
		status, body = s.get(s.admin + "/readyz")
		require.Equal(t, http.StatusOK, status)
		require.NoError(t, json.Unmarshal([]byte(body), &begun))
		return begun.Duties[duty.Slack].Mine && begun.Duties[duty.Clock].Mine
	}, patience, time.Millisecond)
	assert.Equal(t, "ok", begun.Status)
	assert.NotEmpty(t, begun.Bot)
	for _, d := range begun.Duties {
		assert.Equal(t, begun.Bot, d.Holder)
		assert.Equal(t, int64(1), d.Term)
	}

	s.slack.Leave(support, s.slack.Options().BotUserID)
	s.fire("msg_1", map[string]any{"id": "1", "channel": "chat", "smiley": "red"})
	s.until("the refused post", func(f *fakeslack.Server) bool {
		for _, c := range f.Calls() {
			if c.Outcome == "not_in_channel" {
				return true
			}
		}
		return false
	})
	var ready struct{ Status, Reason, Cure string }
	require.Eventually(t, func() bool { // the bot learns of it a moment after the stand-in
		status, body = s.get(s.admin + "/readyz")
		return status == http.StatusOK && json.Unmarshal([]byte(body), &ready) == nil && ready.Status == "degraded"
	}, patience, 5*time.Millisecond)
	assert.Contains(t, ready.Reason, "not_in_channel")
	assert.Contains(t, ready.Cure, "/invite @smileybot")

	var metrics string
	require.Eventually(t, func() bool { // the look at the channels may have been quicker than the post
		_, metrics = s.get(s.admin + "/metrics")
		return strings.Contains(metrics, "smileybot_slack_trouble{")
	}, patience, 5*time.Millisecond)
	for _, name := range []string{
		`smileybot_feedback_total{channel="chat",kind="smiley",result="created",sender="feedback"} 1`,
		`smileybot_outbox_pending 1`, `smileybot_outbox_oldest_seconds `, `smileybot_webhook_seconds_count`,
		`smileybot_slack_requests_total{method="chat.postMessage",outcome="operator"} 1`,
		`smileybot_followups{state="open"} 1`, `smileybot_slack_trouble{channel="C0SUPPORT"`, `smileybot_delivery_seconds_count`,
	} {
		assert.Contains(t, metrics, name)
	}
}

func TestARestartLosesAndDoublesNothing(t *testing.T) {
	s := newFixture(t)
	s.fire("msg_1", map[string]any{"id": "1", "channel": "chat", "smiley": "red"})
	s.until("the message", func(f *fakeslack.Server) bool { return len(living(f)) == 1 })
	s.stop()
	s.start()
	status, answer := s.fire("msg_1", map[string]any{"id": "1", "channel": "chat", "smiley": "red"})
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "duplicate", answer["result"])
	s.fire("msg_2", map[string]any{"id": "1", "channel": "chat", "smiley": "green"})
	s.until("the edit", shows("Green"))
	assert.Len(t, living(s.slack), 1)
}
