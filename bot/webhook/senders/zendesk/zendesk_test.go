package zendesk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// TestPageOfTheDocsIsRead pastes what docs/senders/zendesk.md has for pasting: the parameters of
// the form and the JSON are the same, and nothing in them is sent for nothing.
func TestPageOfTheDocsIsRead(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../../docs/senders/zendesk.md")
	require.NoError(t, err)
	form, pasted := make(map[string]string), make(map[string]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `(\\{\\{.*\\}\\})` \\|$").FindAllStringSubmatch(string(page), -1) {
		form[row[1]] = row[2]
	}
	block := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(page)
	require.NotNil(t, block, "the page has the JSON to paste")
	require.NoError(t, json.Unmarshal(block[1], &pasted))
	assert.Equal(t, form, pasted)

	rendered := map[string]string{ // as Zendesk puts values in
		"{{ticket.id}}": "35510", "{{ticket.title}}": "E-mail", "{{ticket.link}}": "example.zendesk.com/agent/tickets/35510",
		"{{ticket.requester.id}}": "1042", "{{ticket.requester.name}}": "Jan", "{{ticket.requester.email}}": "jan@example.org",
		"{{ticket.assignee.name}}": "Bart", "{{ticket.assignee.email}}": "bart@example.org",
		"{{satisfaction.current_rating}}": "Bad", "{{satisfaction.current_comment}}": `Step 3 "works" not`,
		"{{ticket.updated_at_with_timestamp}}": "2026-11-19T10:00Z", // the vendor's example has no seconds
	}
	fields := make(url.Values)
	for key, placeholder := range form {
		require.Contains(t, rendered, placeholder)
		fields.Set(key, rendered[placeholder])
	}
	e, err := Sender().Enable(sender.Settings{})
	require.NoError(t, err)
	p, err := e.Decode(sender.Delivery{
		Sender: "zendesk", Body: []byte(fields.Encode()), ReceivedAt: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	})
	require.NoError(t, err)
	require.Len(t, p.Events, 1)
	assert.Empty(t, p.Warnings)
	event := p.Events[0]
	assert.Equal(t, "35510", event.ID)
	assert.Equal(t, time.Date(2026, 11, 19, 10, 0, 0, 0, time.UTC), event.OccurredAt)
	assert.Equal(t, feedback.Answer{
		Rating: feedback.Red.Value(), Raw: "Bad", Comment: `Step 3 "works" not`,
		Customer: feedback.Person{ID: "1042", Name: "Jan", Email: "jan@example.org"},
		Agent:    feedback.Person{Name: "Bart", Email: "bart@example.org"},
		Ticket:   feedback.Ticket{ID: "35510", Subject: "E-mail", URL: "https://example.zendesk.com/agent/tickets/35510"},
	}, event.Answer)
}
