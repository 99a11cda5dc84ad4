package webhook

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/samples"
	"smileybot/store"
)

// TestHelpScoutOtherSurveys: Help Scout sends the answers to all its surveys as one
// event. What is no NPS is not taken for it, though its choice be a number.
func TestHelpScoutOtherSurveys(t *testing.T) {
	t.Parallel()
	sample, err := samples.Read("helpscout-survey.json")
	require.NoError(t, err)
	const nps = `"value": "9",
    "category": "passive",`
	for name, c := range map[string]struct {
		answer string
		events int
	}{
		"nps":    {nps, 1},
		"faces":  {`"name": "Happy", "value": "😀",`, 0},
		"choice": {`"value": "5",`, 0},
		"text":   {``, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(sample), nps)
			body := strings.Replace(string(sample), nps, c.answer, 1)
			said, rejected := decodeHelpScout(parcel{
				Delivery: store.Delivery{Sender: "helpscout", Body: []byte(body)},
				header:   http.Header{"X-Helpscout-Event": {"message.survey.response.received"}},
			})
			require.Nil(t, rejected)
			assert.Len(t, said.events, c.events)
			assert.Empty(t, said.warnings)
		})
	}
}
