package fakeslack_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// inProcess returns a WebSocket dialer without a socket.
func inProcess(s *fakeslack.Server) *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: s.Dial, NetDialTLSContext: s.Dial, WriteBufferSize: 32 << 10}
}

// appClient returns slack-go with an app-level token.
func appClient(s *fakeslack.Server, token string) *slack.Client {
	return slack.New("xoxb-fake", slack.OptionAppLevelToken(token), slack.OptionAPIURL(s.APIURL()),
		slack.OptionHTTPClient(&http.Client{Transport: s.Transport()}))
}

// connected opens a connection without slack-go, and reads its hello.
func connected(t *testing.T, s *fakeslack.Server) *websocket.Conn {
	t.Helper()
	_, address, err := appClient(s, "xapp-fake").StartSocketModeContext(t.Context())
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(address, "wss://slack.fake/link/?"), address)
	conn, res, err := inProcess(s).DialContext(t.Context(), address, nil)
	require.NoError(t, err)
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	hello := next(t, conn)
	require.Equal(t, "hello", hello["type"])
	return conn
}

// next returns the next frame of a connection.
func next(t *testing.T, conn *websocket.Conn) map[string]any {
	t.Helper()
	var frame map[string]any
	require.NoError(t, conn.ReadJSON(&frame))
	return frame
}

func ack(t *testing.T, conn *websocket.Conn, id, payload any) {
	t.Helper()
	require.NoError(t, conn.WriteJSON(map[string]any{"envelope_id": id, "payload": payload}))
}

// live returns a server with the clock of the bubble.
func live(t *testing.T) *fakeslack.Server {
	t.Helper()
	s, _ := workspace(t, fakeslack.Options{Now: time.Now})
	return s
}

func TestConnectionsOpenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := live(t)
		for _, c := range []struct{ token, code string }{
			{"", "not_authed"}, {"xapp-other", "invalid_auth"}, {"xoxb-fake", "not_allowed_token_type"},
		} {
			_, _, err := appClient(s, c.token).StartSocketModeContext(t.Context())
			assert.Equal(t, c.code, refusal(t, err).Err, c.token)
		}
		_, err := slack.New("xapp-fake", slack.OptionAPIURL(s.APIURL()), slack.OptionHTTPClient(&http.Client{Transport: s.Transport()})).AuthTestContext(t.Context())
		assert.Equal(t, "not_allowed_token_type", refusal(t, err).Err, "and the other way round")

		_, address, err := appClient(s, "xapp-fake").StartSocketModeContext(t.Context())
		require.NoError(t, err)
		conn, res, err := inProcess(s).DialContext(t.Context(), address, nil)
		require.NoError(t, err)
		_ = res.Body.Close()
		defer conn.Close()
		assert.EqualValues(t, 1, next(t, conn)["num_connections"])
		_, res, err = inProcess(s).DialContext(t.Context(), address, nil)
		require.ErrorIs(t, err, websocket.ErrBadHandshake, "a ticket is for one connection")
		assert.Equal(t, http.StatusUnauthorized, res.StatusCode)
		_ = res.Body.Close()

		s.Fail(fakeslack.Fault{Method: "socket", Kind: fakeslack.Status(http.StatusServiceUnavailable)})
		_, address, err = appClient(s, "xapp-fake").StartSocketModeContext(t.Context())
		require.NoError(t, err)
		_, res, err = inProcess(s).DialContext(t.Context(), address, nil)
		require.ErrorIs(t, err, websocket.ErrBadHandshake)
		_ = res.Body.Close()

		for range 9 {
			connected(t, s)
		}
		_, _, err = appClient(s, "xapp-fake").StartSocketModeContext(t.Context())
		assert.Equal(t, "too_many_websockets", refusal(t, err).Err)
		assert.Equal(t, 10, s.Sockets())
	})
}

func TestEnvelopesAreAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := live(t)
		n := s.PushSlash(fakeslack.Slash{User: anna, Channel: support, Command: "/nps", Text: "month"})
		assert.Zero(t, s.Envelope(n).Sent, "it waits for a connection")
		conn := connected(t, s)
		command := next(t, conn)
		assert.Equal(t, "slash_commands", command["type"])
		assert.Equal(t, true, command["accepts_response_payload"])
		payload, _ := command["payload"].(map[string]any)
		assert.Equal(t, "/nps", payload["command"])
		assert.Equal(t, "false", payload["is_enterprise_install"], "a text, as Slack has it here")
		assert.False(t, s.Envelope(n).Acked)
		ack(t, conn, command["envelope_id"], map[string]string{"text": "hello"})
		synctest.Wait()
		assert.True(t, s.Envelope(n).Acked)
		assert.JSONEq(t, `{"text":"hello"}`, string(s.Envelope(n).Ack))

		n, err := s.PushEvent(fakeslack.Event{Inner: map[string]any{"type": "app_home_opened"}})
		require.NoError(t, err)
		event := next(t, conn)
		assert.Equal(t, "events_api", event["type"])
		assert.Equal(t, false, event["accepts_response_payload"])
		assert.EqualValues(t, 0, event["retry_attempt"])
		big := make([]byte, 20<<10)
		ack(t, conn, event["envelope_id"], big)
		ack(t, conn, "another", nil)
		synctest.Wait()
		assert.False(t, s.Envelope(n).Acked, "Slack overlooks what is too large")
	})
}

func TestUnacknowledgedEnvelopesAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := live(t)
		first, second := connected(t, s), connected(t, s)
		n, err := s.PushEvent(fakeslack.Event{Inner: map[string]any{"type": "app_home_opened"}})
		require.NoError(t, err)
		sent := next(t, second)
		again := next(t, first) // after 3 s, on the other connection
		assert.NotEqual(t, sent["envelope_id"], again["envelope_id"])
		assert.Equal(t, sent["payload"], again["payload"])
		assert.EqualValues(t, 1, again["retry_attempt"])
		assert.Equal(t, "timeout", again["retry_reason"])

		ack(t, second, again["envelope_id"], nil)
		synctest.Wait()
		assert.False(t, s.Envelope(n).Acked, "not over another connection")
		require.NoError(t, first.Close())
		moved := next(t, second)
		assert.Equal(t, again["envelope_id"], moved["envelope_id"], "at once, and as it was")
		s.LoseAcks(1)
		ack(t, second, moved["envelope_id"], nil)
		synctest.Wait()
		assert.False(t, s.Envelope(n).Acked)
		ack(t, second, moved["envelope_id"], nil)
		synctest.Wait()
		assert.True(t, s.Envelope(n).Acked)
		assert.Equal(t, 3, s.Envelope(n).Sent)
		assert.Zero(t, s.Unacked())
	})
}

func TestSubmissionsWorkOverSocketMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := live(t)
		conn := connected(t, s)
		view := noteModal(t, s)
		n, err := s.PushSubmission(fakeslack.Submission{ViewID: view, Values: map[string]string{"note": "x"}})
		require.NoError(t, err)
		ack(t, conn, next(t, conn)["envelope_id"], map[string]any{"response_action": "errors", "errors": map[string]string{"note": "too short"}})
		synctest.Wait()
		require.NoError(t, s.Envelope(n).Err)
		require.Len(t, s.Views(anna), 1)
		assert.Equal(t, "too short", s.Views(anna)[0].Errors["note"])

		n, err = s.PushSubmission(fakeslack.Submission{ViewID: view, Values: map[string]string{"note": "longer"}})
		require.NoError(t, err)
		require.NoError(t, conn.WriteJSON(map[string]any{"envelope_id": next(t, conn)["envelope_id"]}))
		synctest.Wait()
		require.NoError(t, s.Envelope(n).Err)
		assert.Empty(t, s.Views(anna), "an empty acknowledgement closes the modal")
	})
}

// noteModal opens a modal with a note, after a command over Socket Mode.
func noteModal(t *testing.T, s *fakeslack.Server) (viewID string) {
	t.Helper()
	trigger := s.SlashForm(fakeslack.Slash{User: anna, Channel: support, Command: "/x"}).Get("trigger_id")
	text := func(words string) *slack.TextBlockObject {
		return slack.NewTextBlockObject("plain_text", words, false, false)
	}
	opened, err := client(s).OpenViewContext(t.Context(), trigger, slack.ModalViewRequest{
		Type: slack.VTModal, Title: text("A note"), Submit: text("Save"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("note", text("Note"), nil, slack.NewPlainTextInputBlockElement(nil, "note")),
		}},
	})
	require.NoError(t, err)
	return opened.ID
}

// TestClientReconnectsAfterEveryFault checks that slack-go notices every fault of a connection and
// reconnects.
func TestClientReconnectsAfterEveryFault(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*fakeslack.Server) error
	}{
		{"warning", func(s *fakeslack.Server) error { return s.Disconnect("warning") }},
		{"refresh", func(s *fakeslack.Server) error { return s.Disconnect("refresh_requested") }},
		{"off", func(s *fakeslack.Server) error { return s.Disconnect("link_disabled") }},
		{"line", (*fakeslack.Server).DropLine},
		{"pings", (*fakeslack.Server).StopPings},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := live(t)
				require.Error(t, test.spoil(s), "there is no connection")
				ctx, stop := context.WithCancel(t.Context())
				c := socketmode.New(appClient(s, "xapp-fake"), socketmode.OptionDialer(inProcess(s)))
				hellos := make(chan bool, 10)
				go func() {
					for {
						select {
						case e := <-c.Events:
							if e.Type == socketmode.EventTypeHello {
								hellos <- true
							}
						case <-ctx.Done():
							return
						}
					}
				}()
				ended := make(chan error)
				go func() { ended <- c.RunContext(ctx) }()
				<-hellos
				time.Sleep(5 * time.Minute) // in fake time: the pings keep it
				assert.Empty(t, hellos)
				began := time.Now()
				require.NoError(t, test.spoil(s))
				<-hellos
				assert.LessOrEqual(t, time.Since(began), 61*time.Second)
				stop()
				require.ErrorIs(t, <-ended, context.Canceled)
				synctest.Wait()
				assert.Zero(t, s.Sockets())
			})
		})
	}
}

// TestPushSendsAnyPayload checks that a payload that is not a JSON object is sent unchanged.
func TestPushSendsAnyPayload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := live(t)
		conn := connected(t, s)
		s.Push("new_type", json.RawMessage(`[1]`))
		frame := next(t, conn)
		assert.Equal(t, "new_type", frame["type"])
		assert.Equal(t, []any{1.0}, frame["payload"])
	})
}
