package bot

import (
	"testing"

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
