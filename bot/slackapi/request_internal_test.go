package bot

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestParseInteraction: Slack may send a state without values as a list.
func TestParseInteraction(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"no state":       `{"type":"block_actions","actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`,
		"an empty one":   `{"type":"block_actions","state":{"values":{}},"actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`,
		"a list":         `{"type":"block_actions","state":{"values":[]},"actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`,
		"a list in view": `{"type":"block_actions","view":{"state":{"values":[]}},"actions":[{"type":"button","action_id":"a","block_id":"b","value":"v"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, err := parseInteraction([]byte(payload))
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

// TestAPanicOverOneRequest is a bug that ends neither the process nor what
// others asked for, and its words, perhaps a customer's, are not logged.
func TestAPanicOverOneRequest(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := &people{log: slog.New(slog.NewTextHandler(&log, nil))}
	answered := make(chan struct{})
	require.True(t, p.begin(t.Context(), request{answer: func(context.Context) { panic("hunter2") }}))
	require.True(t, p.begin(t.Context(), request{answer: func(context.Context) { close(answered) }}))
	<-answered
	p.stop(time.Minute)
	assert.Contains(t, log.String(), "this is a bug")
	assert.NotContains(t, log.String(), "hunter2")
	assert.False(t, p.begin(t.Context(), request{answer: func(context.Context) {}}), "it has stopped")
}

// TestSeen: what comes again in the same envelope or with the same payload is
// known again, and the memory is bounded.
func TestSeen(t *testing.T) {
	t.Parallel()
	of := func(kind, envelope, payload string) []identity {
		return identities(socketmode.Request{Type: kind, EnvelopeID: envelope, Payload: []byte(payload)})
	}
	var s seen
	const command, event = socketmode.RequestTypeSlashCommands, socketmode.RequestTypeEventsAPI
	assert.True(t, s.first(of(command, "e1", `{"trigger_id":"1"}`)))
	assert.False(t, s.first(of(command, "e1", `{"trigger_id":"1"}`)))
	assert.False(t, s.first(of(command, "e2", `{"trigger_id":"1"}`)), "another envelope")
	assert.False(t, s.first(of(command, "e2", `{"trigger_id":"9"}`)), "which is known now, too")
	assert.True(t, s.first(of(command, "e3", `{"trigger_id":"2"}`)))
	assert.True(t, s.first(of(event, "e4", `{"event_id":"1"}`)))
	assert.True(t, s.first(of(event, "e5", `{"event_id":"1"}`)), "harmless")
	assert.False(t, s.first(of(event, "e5", `{"event_id":"1"}`)))
	assert.True(t, s.first(of(command, "e6", `{"text":"month"}`)))
	assert.True(t, s.first(of(command, "e7", `{"text":"month"}`)), "nothing tells that it is the same")
	for i := range 2 * maxSeen {
		assert.True(t, s.first(of(event, strconv.Itoa(i), "")))
	}
	assert.Len(t, s.known, maxSeen)
	assert.Len(t, s.order, maxSeen)
	assert.True(t, s.first(of(event, "e5", "")), "forgotten")
	assert.False(t, s.first(of(event, strconv.Itoa(2*maxSeen-1), "")))
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

// FuzzRead gives the door for Socket Mode any payload in any envelope.
func FuzzRead(f *testing.F) {
	for _, kind := range []string{"slash_commands", "interactive", "events_api", "hello", ""} {
		f.Add(kind, []byte(`{"team_id":"T1","command":"/nps","is_enterprise_install":"false"}`))
		f.Add(kind, []byte(`{"team":{"id":"T1"},"type":"block_actions","state":{"values":[]},"actions":[{"type":"button"}]}`))
		f.Add(kind, []byte(`{"team_id":"T1","event":{"type":"app_home_opened"}}`))
		f.Add(kind, []byte(`null`))
	}
	door := &socketDoor{people: &people{}}
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		asked, err := door.read(socketmode.Request{Type: kind, Payload: payload})
		if err == nil {
			assert.NotNil(t, asked.answer)
		}
	})
}
