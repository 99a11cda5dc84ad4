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
			i, err := parseInteraction(payload)
			require.NoError(t, err)
			require.Len(t, i.ActionCallback.BlockActions, 1)
			assert.Equal(t, "a", i.ActionCallback.BlockActions[0].ActionID)
		})
	}
	for _, payload := range []string{"", "null and void", `{"type":`, `{"actions":7}`} {
		_, err := parseInteraction(payload)
		assert.Error(t, err, payload)
	}
}

func FuzzParseInteraction(f *testing.F) {
	f.Add(`{"type":"block_actions","state":{"values":[]},"actions":[]}`)
	f.Add(`{"view":{"state":{"values":[]}}}`)
	f.Fuzz(func(_ *testing.T, payload string) {
		_, _ = parseInteraction(payload) // it must not panic
	})
}
