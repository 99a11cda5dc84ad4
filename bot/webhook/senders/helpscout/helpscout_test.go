package helpscout

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
)

// TestOnlyNPSSurveysAreRead checks that only answers to NPS surveys are read. Help Scout sends the
// answers to all its surveys as one event, and the choice of another survey may be a number.
func TestOnlyNPSSurveysAreRead(t *testing.T) {
	t.Parallel()
	sample, err := files.ReadFile("survey.json")
	require.NoError(t, err)
	const nps = `"value": "9",
    "category": "passive",`
	for _, test := range []struct {
		name, answer string
		events       int
	}{
		{"nps", nps, 1},
		{"faces", `"name": "Happy", "value": "😀",`, 0},
		{"choice", `"value": "5",`, 0},
		{"text", ``, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(sample), nps)
			body := strings.Replace(string(sample), nps, test.answer, 1)
			e, err := Sender().Enable(sender.Settings{})
			require.NoError(t, err)
			p, err := e.Decode(sender.Delivery{
				Sender: "helpscout", Body: []byte(body), ReceivedAt: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC),
				Header: http.Header{"X-Helpscout-Event": {"message.survey.response.received"}},
			})
			require.NoError(t, err)
			assert.Len(t, p.Events, test.events)
			assert.Empty(t, p.Warnings)
		})
	}
}
