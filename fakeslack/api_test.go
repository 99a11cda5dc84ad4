package fakeslack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(raw)
}

func TestAuthTestChecksTheToken(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{Scopes: []string{"chat:write", "users:read"}})
	who, err := api.AuthTestContext(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "T0FAKE", who.TeamID)
	assert.Equal(t, bot, who.UserID)
	assert.Equal(t, "B0BOT", who.BotID)
	assert.Equal(t, "chat:write,users:read", who.Header.Get("X-OAuth-Scopes"))

	other := slack.New("xoxb-other", slack.OptionAPIURL(s.APIURL()), slack.OptionHTTPClient(&http.Client{Transport: s.Transport()}))
	_, err = other.AuthTestContext(t.Context())
	assert.Equal(t, "invalid_auth", refusal(t, err).Err)
	assert.Contains(t, send(t, s, "auth.test", "application/json", "{}", ""), `"not_authed"`)
	assert.Contains(t, send(t, s, "auth.test", "application/json", "{}", "xoxb-fake"), `"ok":true`)
}

func TestMethodsNeedTheirScopes(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	s.SetScopes("users:read")
	_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false))
	got := refusal(t, err)
	assert.Equal(t, "missing_scope", got.Err)
	assert.Equal(t, "chat:write", got.Needed)
	assert.Equal(t, "users:read", got.Provided)
	_, err = api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: support})
	assert.Equal(t, "channels:history", refusal(t, err).Needed)
	u, err := api.GetUserInfoContext(t.Context(), anna)
	require.NoError(t, err)
	assert.Empty(t, u.Profile.Email, "the address has its own scope")

	s.SetScopes("chat:write", "chat:write.public")
	s.AddChannel(fakeslack.Channel{ID: "CPUBLIC"})
	_, _, err = api.PostMessageContext(t.Context(), "CPUBLIC", slack.MsgOptionText("x", false))
	require.NoError(t, err, "this scope posts where the bot is no member")
}

func TestBodiesAreParsedAsSlackDoes(t *testing.T) {
	s, _ := workspace(t, fakeslack.Options{})
	const form, asJSON = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, c := range []struct{ name, method, contentType, body, want string }{
		{"unknown method", "chat.shout", form, "", "unknown_method"},
		{"text body", "chat.postMessage", "text/plain", "hello", "invalid_post_type"},
		{"broken JSON", "chat.postMessage", asJSON, `{"a":`, "invalid_json"},
		{"no object", "chat.postMessage", asJSON, `[]`, "json_not_object"},
		{"null", "chat.postMessage", asJSON, `null`, "json_not_object"},
		{"no UTF-8", "chat.postMessage", asJSON, "{\"text\":\"\xff\"}", "invalid_charset"},
		{"broken form", "chat.postMessage", form, "a=%zz", "invalid_form_data"},
		{"twice", "chat.postMessage", form, "text=a&text=b", "invalid_array_arg"},
		{"unknown argument", "chat.postMessage", form, "channel=" + support + "&text=a&colour=red", "invalid_arg_name"},
		{"method without JSON", "users.info", asJSON, `{"user":"` + anna + `"}`, "user_not_found"},
		{"limit", "conversations.history", asJSON, `{"channel":"` + support + `","limit":-1}`, "invalid_limit"},
		{"too large", "chat.postMessage", form, "text=" + strings.Repeat("x", 1<<20), "invalid_form_data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got struct {
				OK    bool
				Error string
			}
			require.NoError(t, json.Unmarshal([]byte(send(t, s, c.method, c.contentType, c.body, "xoxb-fake")), &got))
			assert.False(t, got.OK)
			assert.Equal(t, c.want, got.Error)
		})
	}
	body := `{"channel":"` + support + `","text":"hi","blocks":[{"type":"divider"}],"unfurl_links":false,"metadata":null}`
	assert.Contains(t, send(t, s, "chat.postMessage", asJSON, body, "xoxb-fake"), `"ok":true`)
	assert.Equal(t, "false", s.Calls()[len(s.Calls())-1].Args["unfurl_links"])
}

func TestServerWorksOverASocket(t *testing.T) {
	s, _ := workspace(t, fakeslack.Options{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.SetBaseURL(server.URL)
	api := slack.New("xoxb-fake", slack.OptionAPIURL(s.APIURL()))
	_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false))
	require.NoError(t, err)
	s.Fail(fakeslack.Fault{Kind: fakeslack.CutAfter()})
	_, _, err = api.PostMessageContext(t.Context(), support, slack.MsgOptionText("y", false))
	require.ErrorIs(t, err, io.EOF)
	assert.Len(t, s.Messages(support), 2)

	res, err := server.Client().Get(server.URL + "/elsewhere") //nolint:noctx // a test's socket
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusNotFound, res.StatusCode)
}

func FuzzAPIBody(f *testing.F) {
	f.Add("chat.postMessage", true, `{"channel":"C0SUPPORT","text":"x","blocks":[{"type":"divider"}]}`)
	f.Add("chat.update", false, `channel=C0SUPPORT&ts=1.2&text=x&blocks=%5B%5D`)
	f.Add("views.open", true, `{"trigger_id":"x","view":{"type":"modal"}}`)
	f.Add("conversations.history", true, `{"channel":"C0SUPPORT","oldest":"1","limit":3,"cursor":"bmV4dDox"}`)
	f.Fuzz(func(t *testing.T, method string, asJSON bool, body string) {
		s, _ := workspace(t, fakeslack.Options{})
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/x", strings.NewReader(body))
		req.URL.Path = "/api/" + method
		req.Header.Set("Authorization", "Bearer xoxb-fake")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if asJSON {
			req.Header.Set("Content-Type", "application/json")
		}
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		assert.True(t, json.Valid(rec.Body.Bytes()))
		s.Text(support)
	})
}
