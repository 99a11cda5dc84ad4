package page_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/demo/page"
	"smileybot/fakeslack"
)

const (
	bart    = "U0BART"
	lise    = "U0LISE"
	support = "C0SUPPORT"
)

// stage is a page with a stand-in for Slack, and an app that records requests.
type stage struct {
	t       *testing.T
	slack   *fakeslack.Server
	page    *page.Page
	server  *httptest.Server
	asked   chan string // paths of Slack's requests to the app
	mondays int
	rated   []page.Rating
	waiting int
	paused  bool
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, slack: fakeslack.New(fakeslack.Options{}), asked: make(chan string, 10)}
	s.slack.AddUser(fakeslack.User{ID: bart, Name: "Bart"})
	s.slack.AddUser(fakeslack.User{ID: lise, Name: "Lise"})
	s.slack.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: []string{bart, lise, "U0BOT"}})
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { s.asked <- r.URL.Path }))
	t.Cleanup(app.Close)
	s.page = page.New(page.Options{
		Slack: s.slack, AppURL: app.URL, Client: app.Client(),
		Channels: []page.Channel{{ID: support, Name: "support"}},
		People:   []page.Person{{ID: bart, Name: "Bart", Title: "supporter"}, {ID: lise, Name: "Lise", Title: "lead"}, {ID: "U0EMMA", Name: "Emma"}},
		Commands: []string{"/nps month", "/followups"},
		Words:    words(t, "en"), Language: "en", Signing: &sync.Mutex{}, Ahead: func() time.Duration { return time.Hour },
		NextMonday: func(context.Context) error {
			s.mondays++
			return nil
		},
		Rate: func(_ context.Context, r page.Rating) (string, error) {
			if r.Smiley == "" && r.ID == "" {
				return "", errors.New("a rating begins with a smiley")
			}
			s.rated = append(s.rated, r)
			return "visitor-1", nil
		},
		Waiting: func(context.Context) (int, error) { return s.waiting, nil },
		Pause:   func(paused bool) { s.paused = paused },
	})
	s.server = httptest.NewServer(s.page.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// words are those of the page in a language.
func words(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../words/" + language + ".json")
	require.NoError(t, err)
	var all struct{ Page map[string]string }
	require.NoError(t, json.Unmarshal(text, &all))
	return all.Page
}

// TestLanguagesHaveTheSameWords checks that both languages have every word, with the same gaps, and that
// the page says each.
func TestLanguagesHaveTheSameWords(t *testing.T) {
	t.Parallel()
	english, dutch := words(t, "en"), words(t, "nl")
	var said strings.Builder
	for _, file := range []string{"static/index.html", "static/app.js", "static/blocks.js", "static/chart.js", "actions.go", "events.go", "page.go"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		said.Write(text)
	}
	for key, text := range english {
		assert.Equal(t, strings.Count(text, "%"), strings.Count(dutch[key], "%"), key)
		made := strings.HasSuffix(key, "_kept") || strings.HasSuffix(key, "_smiley") || strings.HasPrefix(key, "hint_") // of pieces
		assert.True(t, made || strings.Contains(said.String(), `"`+key+`"`) || strings.Contains(said.String(), "words."+key), "nothing says %s", key)
	}
	for key := range dutch {
		assert.Contains(t, english, key)
	}
}

func (s *stage) client() *slack.Client {
	return slack.New("xoxb-fake", slack.OptionAPIURL(s.slack.APIURL()), slack.OptionHTTPClient(&http.Client{Transport: s.slack.Transport()}))
}

// posts posts a message as the app does.
func (s *stage) posts(text string, blocks ...slack.Block) string {
	s.t.Helper()
	_, ts, err := s.client().PostMessageContext(s.t.Context(), support, slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...))
	require.NoError(s.t, err)
	return ts
}

// does sends an action to the page and returns the status and the body of the response.
func (s *stage) does(path, body string, header ...string) (int, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.server.URL+"/page/"+path, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := s.server.Client().Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response.StatusCode, strings.TrimSpace(string(answer))
}

// event is a server-sent event.
type event struct {
	name string
	data map[string]any
}

// follow opens the stream of a person; next waits for the next event.
func (s *stage) follow(as string) (next func() event) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	s.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+"/page/events?as="+as, nil)
	require.NoError(s.t, err)
	response, err := s.server.Client().Do(request)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = response.Body.Close() })
	require.Equal(s.t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return func() event {
		s.t.Helper()
		var e event
		for lines.Scan() {
			name, isName := strings.CutPrefix(lines.Text(), "event: ")
			data, isData := strings.CutPrefix(lines.Text(), "data: ")
			switch {
			case isName:
				e.name = name
			case isData:
				if data != "null" {
					require.NoError(s.t, json.Unmarshal([]byte(data), &e.data))
				}
				return e
			}
		}
		require.NoError(s.t, lines.Err())
		require.Fail(s.t, "the stream has ended")
		return e
	}
}

func TestPageIsServedWithLittleRights(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, c := range []struct{ path, kind string }{
		{"/", "text/html"}, {"/page/app.js", "text/javascript"}, {"/page/page.css", "text/css"},
	} {
		response, err := s.server.Client().Get(s.server.URL + c.path) //nolint:noctx // a test
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, http.StatusOK, response.StatusCode, c.path)
		assert.Contains(t, response.Header.Get("Content-Type"), c.kind)
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'")
		assert.NotContains(t, response.Header.Get("Content-Security-Policy"), "unsafe")
	}
	response, err := s.server.Client().Get(s.server.URL + "/page/../../page.go") //nolint:noctx // a test
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusNotFound, response.StatusCode)
}

// TestOnlyItsOwnPageMayAct checks that a request which another site makes the browser send is refused, and
// one to a name that another site's DNS gives to this machine.
func TestOnlyItsOwnPageMayAct(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, foreign := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"},
	} {
		status, _ := s.does("fail", `{"mode": "down"}`, foreign...)
		assert.Equal(t, http.StatusForbidden, status, foreign)
	}
	assert.False(t, s.page.Failing())
	for _, c := range []struct {
		host string
		want int
	}{
		{"evil.example", http.StatusForbidden},
		{"evil.example:80", http.StatusForbidden},
		{"", http.StatusForbidden},
		{"localhost:8080", http.StatusOK},
		{"127.0.0.1", http.StatusOK},
		{"[::1]:8080", http.StatusOK},
		{"192.168.1.7:1", http.StatusOK},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		s.page.Handler().ServeHTTP(w, r)
		assert.Equal(t, c.want, w.Code, c.host)
	}
}

func TestStreamSendsWhatThePersonSees(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ts := s.posts("before <!channel>")
	next := s.follow(bart)
	first := next()
	assert.Equal(t, "snapshot", first.name)
	assert.Len(t, first.data["messages"], 1)
	assert.Nil(t, first.data["modal"])

	s.posts("after")
	got := next()
	assert.Equal(t, "message", got.name)
	assert.Equal(t, "after", got.data["text"])

	_, _, _, err := s.client().UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("changed", false))
	require.NoError(t, err)
	got = next()
	assert.Equal(t, []any{"changed", ts, true}, []any{got.data["text"], got.data["ts"], got.data["edited"]})

	_, err = s.client().PostEphemeralContext(t.Context(), support, lise, slack.MsgOptionText("for Lise", false))
	require.NoError(t, err)
	_, err = s.client().PostEphemeralContext(t.Context(), support, bart, slack.MsgOptionText("for Bart", false))
	require.NoError(t, err)
	got = next()
	assert.Equal(t, []any{"for Bart", true}, []any{got.data["text"], got.data["only"]}, "what Lise sees is not Bart's")

	_, _, err = s.client().DeleteMessageContext(t.Context(), support, ts)
	require.NoError(t, err)
	got = next()
	assert.Equal(t, []any{"gone", ts}, []any{got.name, got.data["ts"]})
}

// TestOnlyTheLatestMessagesAreShown checks the limit on messages: a demo may run for days.
func TestOnlyTheLatestMessagesAreShown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var last string
	for range 310 {
		last = s.posts("one of many")
	}
	shown, ok := s.follow(bart)().data["messages"].([]any)
	require.True(t, ok)
	assert.Len(t, shown, 300)
	assert.Equal(t, last, shown[299].(map[string]any)["ts"])
}

func TestStreamSendsTheStatus(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	next := s.follow(lise)
	assert.InDelta(t, 0, next().data["status"].(map[string]any)["waiting"], 0)
	status, _ := s.does("fail", `{"mode": "limited"}`)
	assert.Equal(t, http.StatusOK, status)
	got := next()
	assert.Equal(t, []any{"status", "limited"}, []any{got.name, got.data["mode"]})
}

func TestActionsBecomeRequestsOfSlack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	button := slack.NewActionBlock("feedback:f1:1", slack.NewButtonBlockElement("followup_claim", "f1", slack.NewTextBlockObject("plain_text", "Claim", false, false)))
	ts := s.posts("with a button", button)
	for _, c := range []struct{ path, body, asked string }{
		{"command", `{"as": "` + bart + `", "channel": "` + support + `", "text": "/nps month"}`, "/slack/commands"},
		{"click", `{"as": "` + bart + `", "channel": "` + support + `", "ts": "` + ts + `", "action": "followup_claim"}`, "/slack/interactions"},
		{"home", `{"as": "` + bart + `"}`, "/slack/events"},
		{"shortcut", `{"as": "` + bart + `", "callback_id": "snooze", "channel": "` + support + `", "ts": "` + ts + `"}`, "/slack/interactions"},
		{"shortcut", `{"as": "` + bart + `", "callback_id": "find"}`, "/slack/interactions"},
	} {
		status, answer := s.does(c.path, c.body)
		require.Equal(t, http.StatusOK, status, answer)
		assert.Equal(t, c.asked, <-s.asked)
	}
}

func TestRefusedActionsSayWhy(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"command", `{"as": "U0BART", "channel": "C0SUPPORT", "text": "hello"}`, http.StatusConflict, "takes slash commands, such as /nps month"},
		{"command", `{"as": "U0EMMA", "text": "/nps"}`, http.StatusNotFound, "this person cannot be played"},
		{"command", `not JSON`, http.StatusBadRequest, "not a JSON object"},
		{"click", `{"as": "U0BART", "channel": "C0SUPPORT", "ts": "1.2", "action": "x"}`, http.StatusConflict, "no message 1.2"},
		{"submit", `{"as": "U0BART", "view": "V1"}`, http.StatusConflict, "no modal"},
		{"rate", `{"rating": {"comment": "why"}}`, http.StatusConflict, "begins with a smiley"},
		{"fail", `{"mode": "sideways"}`, http.StatusConflict, "limited, down or silent"},
	} {
		status, answer := s.does(c.path, c.body)
		assert.Equal(t, c.status, status, c.path)
		assert.Contains(t, answer, c.says)
	}
	assert.Empty(t, s.asked)
}

func TestVisitorIsACustomer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	status, answer := s.does("rate", `{"rating": {"smiley": "red"}}`)
	assert.Equal(t, []any{http.StatusOK, `{"id":"visitor-1"}`}, []any{status, answer})
	status, _ = s.does("rate", `{"rating": {"id": "visitor-1", "comment": "why"}}`)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, []page.Rating{{Smiley: "red"}, {ID: "visitor-1", Comment: "why"}}, s.rated)
	_, answer = s.does("pause", `{"paused": true}`)
	assert.True(t, s.paused)
	assert.JSONEq(t, `{"mode": "", "paused": true, "waiting": 0, "left": 0, "ahead": 3600}`, answer)
}

func TestSlackFailsAsAsked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, mode := range []string{"limited", "down"} {
		s.does("fail", `{"mode": "`+mode+`"}`)
		assert.True(t, s.page.Failing())
		_, _, err := s.client().PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false))
		require.Error(t, err, mode)
	}
	s.does("fail", `{"mode": ""}`)
	assert.False(t, s.page.Failing())
	s.posts("it works again")
}

// TestWhatDoesNotReachTheBotSaysSo checks what a visitor reads who acts while Slack is down, and that a
// rating still arrives. A Slack that only limits the bot passes commands on.
func TestWhatDoesNotReachTheBotSaysSo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	command := `{"as": "` + bart + `", "channel": "` + support + `", "text": "/nps month"}`
	for _, mode := range []string{"down", "silent"} {
		s.does("fail", `{"mode": "`+mode+`"}`)
		for _, c := range []struct{ path, body, says string }{
			{"command", command, "Slack is down: the command did not reach smileybot."},
			{"home", `{"as": "` + bart + `"}`, "Slack is down: the click did not reach smileybot."},
			{"monday", `{}`, "the clock moves once Slack works again"},
		} {
			status, answer := s.does(c.path, c.body)
			assert.Equal(t, http.StatusConflict, status, c.path)
			assert.Contains(t, answer, c.says)
		}
		status, _ := s.does("rate", `{"rating": {"smiley": "red"}}`)
		assert.Equal(t, http.StatusOK, status)
	}
	assert.Empty(t, s.asked)
	s.does("fail", `{"mode": "limited"}`)
	status, answer := s.does("command", command)
	assert.Equal(t, http.StatusOK, status, answer)
	s.does("fail", `{"mode": ""}`)
	status, _ = s.does("monday", `{}`)
	assert.Equal(t, []any{http.StatusOK, 1}, []any{status, s.mondays})
}

// TestTheQueueIsCountedDown checks how long the messages that wait are said to take.
func TestTheQueueIsCountedDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.waiting = 6
	left := func(mode string) float64 {
		_, answer := s.does("fail", `{"mode": "`+mode+`"}`)
		var status struct{ Left float64 }
		require.NoError(t, json.Unmarshal([]byte(answer), &status))
		return status.Left
	}
	assert.InDelta(t, 2, left(""), 0, "two hundred milliseconds each")
	assert.InDelta(t, 6, left("limited"), 0, "as long as Slack asks")
	assert.InDelta(t, 31, left("down"), 1, "half a minute, and each in turn")
	assert.InDelta(t, 31, left(""), 1, "counted from now")
}
