package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// A serving is a running "smileybot serve".
type serving struct {
	slack   *fakeslack.Server
	address string
	admin   string
	stop    func() int // stops it and returns its exit code
	logs    *logs
}

// serve starts a bot with the settings of the environment and returns when it listens.
func serve(t *testing.T, slack *fakeslack.Server) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &serving{slack: slack, logs: &logs{began: make(chan struct{})}}
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, s.logs) }()
	s.stop = sync.OnceValue(func() int { cancel(); return <-ended })
	t.Cleanup(func() { s.stop() })
	select {
	case <-s.logs.began:
	case status := <-ended:
		require.Failf(t, "serve ended", "status %d: %s", status, s.logs)
	}
	s.address, s.admin = "http://"+s.logs.listen, "http://"+s.logs.admin
	return s
}

// logs collects standard error and finds the addresses in it.
type logs struct {
	mu            sync.Mutex
	text          bytes.Buffer
	began         chan struct{}
	listen, admin string
}

func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var said struct{ Msg, Listen, Admin string }
	if json.Unmarshal(line, &said) == nil && said.Listen != "" {
		l.listen, l.admin = said.Listen, said.Admin
		close(l.began)
	}
	return l.text.Write(line)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// send posts a webhook with "smileybot send" and returns the response.
func (s *serving) send(t *testing.T, args ...string) (answer struct{ ID, Result string }) {
	t.Helper()
	done := call(t, append([]string{"send", "--url", s.address + "/webhooks/feedback", "--secret", testSecret}, args...)...)
	require.Zero(t, done.status, done.stderr)
	_, body, _ := strings.Cut(done.stdout, "\n")
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	return answer
}

// await waits until Slack shows a message of the feedback that fits, and returns it.
func (s *serving) await(t *testing.T, feedbackID string, fits func(fakeslack.Message) bool) fakeslack.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var found fakeslack.Message
	err := s.slack.Wait(ctx, func(slack *fakeslack.Server) bool {
		for _, m := range slack.Messages("C0SUPPORT") {
			if m.Metadata != nil && m.Metadata.EventPayload["feedback_id"] == feedbackID && fits(m) {
				found = m
				return true
			}
		}
		return false
	})
	require.NoError(t, err, s.logs)
	return found
}

// post sends a request as Slack does and returns the body of the response.
func (s *serving) post(t *testing.T, request *http.Request, err error) []byte {
	t.Helper()
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return body
}

func (s *serving) click(t *testing.T, m fakeslack.Message, action string) {
	t.Helper()
	request, err := s.slack.ClickRequest(t.Context(), s.address+"/slack/interactions",
		fakeslack.Click{User: "U0BART", Channel: m.Channel, MessageTS: m.TS, ActionID: action})
	s.post(t, request, err)
}

// shows returns a condition: a message shows all these texts or action ids.
func shows(texts ...string) func(fakeslack.Message) bool {
	return func(m fakeslack.Message) bool {
		for _, text := range texts {
			if !strings.Contains(string(m.Blocks), text) {
				return false
			}
		}
		return true
	}
}

// TestServeFromWebhookToScore follows ratings from the signed webhook to Slack and back, and over a restart.
func TestServeFromWebhookToScore(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)

	// A red rating is posted in the channel, with its follow-up.
	red := s.send(t, "--id", "reply-1", "--smiley", "red", "--delivery", "msg_1", "--customer-name", canary+" de Vries")
	assert.Equal(t, "created", red.Result)
	first := s.await(t, red.ID, shows("followup_claim", "followup_done"))

	// The comment edits it and closes the follow-up.
	assert.Equal(t, "updated", s.send(t, "--id", "reply-1", "--comment", "Step 3 is "+canary).Result)
	closed := s.await(t, red.ID, shows("Step 3 is "+canary, "followup_reopen"))
	assert.Equal(t, first.TS, closed.TS)

	// The same delivery again changes nothing.
	again := s.send(t, "--id", "reply-1", "--smiley", "red", "--delivery", "msg_1")
	assert.Equal(t, "duplicate", again.Result)
	assert.Equal(t, red.ID, again.ID)

	// Another follow-up is claimed, and finished with an outcome.
	yellow := s.send(t, "--id", "reply-2", "--smiley", "yellow")
	open := s.await(t, yellow.ID, shows("followup_claim"))
	s.click(t, open, "followup_claim")
	claimed := s.await(t, yellow.ID, shows("followup_release", "U0BART"))
	s.click(t, claimed, "followup_done")
	require.NoError(t, slack.Wait(t.Context(), func(*fakeslack.Server) bool { return len(slack.Views("U0BART")) == 1 }))
	modal := slack.Views("U0BART")[0].ID
	request, err := slack.SubmitRequest(t.Context(), s.address+"/slack/interactions",
		fakeslack.Submission{ViewID: modal, Values: map[string]string{"outcome": "guide_fixed", "note": "Rewritten"}})
	require.NoError(t, slack.Answered(modal, s.post(t, request, err)))
	done := s.await(t, yellow.ID, shows("followup_reopen"))
	require.NoError(t, slack.Wait(t.Context(), func(*fakeslack.Server) bool {
		thread := slack.Thread(done.Channel, done.TS)
		return len(thread) == 1 && strings.Contains(thread[0].Text, "Rewritten")
	}))

	// The score is the same in Slack and in the terminal.
	request, err = slack.SlashRequest(t.Context(), s.address+"/slack/commands",
		fakeslack.Slash{User: "U0BART", Channel: "C0SUPPORT", Command: "/smileys", Text: "month"})
	s.post(t, request, err)
	require.NoError(t, slack.Wait(t.Context(), func(*fakeslack.Server) bool { return len(slack.Ephemerals("U0BART")) == 1 }))
	assert.True(t, strings.HasPrefix(slack.Ephemerals("U0BART")[0].Text, "Smileys: too few answers (2)"))
	assert.Contains(t, call(t, "score", "smileys").stdout, "Smileys: too few answers (2)")
	assert.Zero(t, call(t, "check").status)

	// A restart loses and repeats nothing.
	assert.Zero(t, s.stop())
	assert.NotContains(t, s.logs.String(), canary)
	s = serve(t, slack)
	assert.Equal(t, "unchanged", s.send(t, "--id", "reply-1", "--comment", "Step 3 is "+canary).Result)
	green := s.send(t, "--id", "reply-3", "--smiley", "green")
	s.await(t, green.ID, shows("followup_open"))
	assert.Zero(t, s.stop())
	messages := slack.Messages("C0SUPPORT")
	messages = slices.DeleteFunc(messages, fakeslack.Message.IsReply) // a note in the thread may be posted by now
	assert.Len(t, messages, 3)
	assert.NotContains(t, s.logs.String(), canary)
}

// TestServeOverSocketMode checks that no requests of Slack are needed, and that the bot stops in time.
func TestServeOverSocketMode(t *testing.T) {
	slack, settings := workspace(t)
	delete(settings, "SLACK_SIGNING_SECRET")
	settings["SLACK_APP_TOKEN"] = slack.Options().AppToken
	setenv(t, settings)
	s := serve(t, slack)
	red := s.send(t, "--smiley", "red")
	open := s.await(t, red.ID, shows("followup_claim"))
	_, err := slack.PushClick(fakeslack.Click{User: "U0BART", Channel: open.Channel, MessageTS: open.TS, ActionID: "followup_claim"})
	require.NoError(t, err)
	s.await(t, red.ID, shows("followup_release", "U0BART"))
	slack.PushSlash(fakeslack.Slash{User: "U0BART", Channel: "C0SUPPORT", Command: "/smileys", Text: "month"})
	require.NoError(t, slack.Wait(t.Context(), func(*fakeslack.Server) bool { return len(slack.Ephemerals("U0BART")) == 1 }))
	require.NoError(t, slack.Wait(t.Context(), func(f *fakeslack.Server) bool { return f.Unacked() == 0 }))
	assert.Zero(t, s.stop())
	assert.NotContains(t, s.logs.String(), slack.Options().AppToken)
}

// TestServeWithoutSlack checks that webhooks are accepted although Slack refuses the token.
func TestServeWithoutSlack(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	slack.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.ErrorCode("invalid_auth")})
	s := serve(t, slack)
	assert.Equal(t, "created", s.send(t, "--smiley", "red").Result)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+"/readyz", http.NoBody)
	require.NoError(t, slack.Wait(t.Context(), func(*fakeslack.Server) bool { return len(slack.Calls()) > 0 }))
	assert.Contains(t, string(s.post(t, request, err)), `"status"`)
	assert.Zero(t, s.stop())
}

// TestServeStopsWhileWaiting checks that a second serve, which waits for the first, can be stopped.
func TestServeStopsWhileWaiting(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	serve(t, slack)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var errs bytes.Buffer
	assert.Zero(t, run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, &errs))
	assert.NotContains(t, errs.String(), "smileybot:", "an error")
}

func TestServeCannotListen(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	t.Setenv("SMILEYBOT_DATABASE", t.TempDir()+"/other.db")
	t.Setenv("SMILEYBOT_LISTEN", strings.TrimPrefix(s.address, "http://"))
	done := call(t, "serve")
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "SMILEYBOT_LISTEN: cannot listen")
}

// TestServeNoticesItsDatabase checks that a removed database is reported once, with the same words
// everywhere, that nothing is received or posted meanwhile, and that the file may come back.
func TestServeNoticesItsDatabase(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	path := settings["SMILEYBOT_DATABASE"]
	first := s.send(t, "--id", "1", "--smiley", "green")
	s.await(t, first.ID, shows("followup_open"))
	require.NoError(t, os.Rename(path, path+".away"))

	get := func() (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+"/readyz", http.NoBody)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	words := "the database " + path + " was removed or moved away"
	status, body := get()
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, body, words)
	refused := call(t, "send", "--url", s.address+"/webhooks/feedback", "--secret", testSecret, "--id", "2", "--smiley", "green")
	assert.Contains(t, refused.stdout+refused.stderr, "503")
	assert.Contains(t, call(t, "check").stdout, "FAIL  "+words)
	assert.Contains(t, call(t, "score", "smileys").stderr, words)
	logged := func(text string) func() bool { return func() bool { return strings.Contains(s.logs.String(), text) } }
	require.Eventually(t, logged("the database cannot be used"), 10*time.Second, 20*time.Millisecond)

	require.NoError(t, os.Rename(path+".away", path))
	require.Eventually(t, logged("the database can be used again"), 10*time.Second, 20*time.Millisecond)
	status, _ = get()
	assert.Equal(t, http.StatusOK, status)
	second := s.send(t, "--id", "2", "--smiley", "green")
	s.await(t, second.ID, shows("followup_open"))
	assert.Zero(t, s.stop())
	assert.Equal(t, 1, strings.Count(s.logs.String(), `"msg":"the database cannot be used`))
	assert.Len(t, slack.Messages("C0SUPPORT"), 2)
}
