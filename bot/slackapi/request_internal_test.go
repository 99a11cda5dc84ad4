package slackapi

import (
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestParseInteraction: Slack may send a state without values as a list.
func TestParseInteraction(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		payload string
	}{
		{"no state", `{"type":"block_actions","actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`},
		{"an empty one", `{"type":"block_actions","state":{"values":{}},"actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`},
		{"a list", `{"type":"block_actions","state":{"values":[]},"actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`},
		{"a list in view", `{"type":"block_actions","view":{"state":{"values":[]}},"actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i, err := parseInteraction([]byte(test.payload))
			require.NoError(t, err)
			require.Len(t, i.ActionCallback.BlockActions, 1)
			assert.Equal(t, "a", i.ActionCallback.BlockActions[0].ActionID)
		})
	}
	for _, payload := range []string{"", "null and void", `{"type":`, `{"actions":7}`} {
		_, err := parseInteraction([]byte(payload))
		assert.Error(t, err, payload)
	}
}

func FuzzParseInteraction(f *testing.F) {
	f.Add(`{"type":"block_actions","state":{"values":[]},"actions":[]}`)
	f.Add(`{"view":{"state":{"values":[]}}}`)
	f.Fuzz(func(_ *testing.T, payload string) {
		_, _ = parseInteraction([]byte(payload)) // it must not panic
	})
}

// TestRecentRequests recognises what comes again in the same envelope or with the same payload, and
// remembers a bounded number.
func TestRecentRequests(t *testing.T) {
	t.Parallel()
	of := func(kind, envelope, payload string) socketmode.Request {
		return socketmode.Request{Type: kind, EnvelopeID: envelope, Payload: []byte(payload)}
	}
	s, err := New(Options{}).NewSocket(SocketOptions{Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	const command, event = socketmode.RequestTypeSlashCommands, socketmode.RequestTypeEventsAPI
	assert.True(t, s.firstTime(of(command, "e1", `{"trigger_id":"1"}`)))
	assert.False(t, s.firstTime(of(command, "e1", `{"trigger_id":"1"}`)))
	assert.False(t, s.firstTime(of(command, "e2", `{"trigger_id":"1"}`)), "another envelope")
	assert.False(t, s.firstTime(of(command, "e2", `{"trigger_id":"9"}`)), "which is known now, too")
	assert.True(t, s.firstTime(of(command, "e3", `{"trigger_id":"2"}`)))
	assert.True(t, s.firstTime(of(event, "e4", `{"event_id":"1"}`)))
	assert.True(t, s.firstTime(of(event, "e5", `{"event_id":"1"}`)), "harmless")
	assert.False(t, s.firstTime(of(event, "e5", `{"event_id":"1"}`)))
	assert.True(t, s.firstTime(of(command, "e6", `{"text":"month"}`)))
	assert.True(t, s.firstTime(of(command, "e7", `{"text":"month"}`)), "nothing says that it is the same")
	for i := range 2 * maxRecent {
		assert.True(t, s.firstTime(of(event, strconv.Itoa(i), "")))
	}
	assert.Equal(t, maxRecent, s.recent.Len())
	assert.True(t, s.firstTime(of(event, "e5", "")), "forgotten")
	assert.False(t, s.firstTime(of(event, strconv.Itoa(2*maxRecent-1), "")))
}

// TestParseEvent: only what every event has is read here.
func TestParseEvent(t *testing.T) {
	t.Parallel()
	e, err := parseEvent([]byte(`{"type":"event_callback","team_id":"T1","event":{"type":"app_home_opened","tab":"home","view":{"blocks":[{"type":"new"}]}}}`))
	require.NoError(t, err)
	assert.Equal(t, "T1", e.TeamID)
	assert.Equal(t, "app_home_opened", e.Type)
	assert.JSONEq(t, `{"type":"app_home_opened","tab":"home","view":{"blocks":[{"type":"new"}]}}`, string(e.Inner))
	for _, payload := range []string{"", "null and void", `{"event":`, `{"team_id":7}`, `{"type":"event_callback"}`, `{"event":"x"}`, `{"event":{"type":7}}`} {
		_, err := parseEvent([]byte(payload))
		assert.Error(t, err, payload)
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"team_id":"T1","event":{"type":"app_home_opened"}}`))
	f.Add([]byte(`{"event":null}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if e, err := parseEvent(payload); err == nil && e.Type != "" {
			assert.NotEmpty(t, e.Inner)
		}
	})
}

// FuzzParseEnvelope parses any payload in any envelope.
func FuzzParseEnvelope(f *testing.F) {
	for _, kind := range []string{"slash_commands", "interactive", "events_api", "hello", ""} {
		f.Add(kind, []byte(`{"team_id":"T1","command":"/nps","is_enterprise_install":"false"}`))
		f.Add(kind, []byte(`{"team":{"id":"T1"},"type":"block_actions","state":{"values":[]},"actions":[{"type":"button"}]}`))
		f.Add(kind, []byte(`{"team_id":"T1","event":{"type":"app_home_opened"}}`))
		f.Add(kind, []byte(`null`))
	}
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		r, err := parseEnvelope(socketmode.Request{Type: kind, Payload: payload})
		if err == nil {
			assert.True(t, r.Command != nil || r.Interaction != nil || r.Event != nil)
		}
	})
}
