package mapping_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
)

// faulty reads a body as that of a sender with some lines of its own.
func faulty(t *testing.T, lines, more, body string) sender.DryRun {
	t.Helper()
	s, err := mappings(t, "senders:\n  desk:\n    proof: bearer\n"+lines+
		"    fields: {id: $.id, kind: {constant: nps}, channel: {constant: chat}, score: $.score"+more+"}\n")["desk"].Enable(sender.Settings{})
	require.NoError(t, err)
	return s.DryRun(sender.Delivery{Header: http.Header{}, Body: []byte(body), ReceivedAt: noon()})
}

// TestErrorOfOneConditionCostsOneRating: the ratings after it are read.
func TestErrorOfOneConditionCostsOneRating(t *testing.T) {
	t.Parallel()
	for _, condition := range []string{"only", "taken_back"} {
		d := faulty(t, "    each: $.list[*]\n    "+condition+": {jq: '.tags | length < 3 and (.[0] | startswith(\"x\"))'}\n", "",
			`{"list": [{"id": 1, "score": 9, "tags": ["x"]}, {"id": 2, "score": 9, "tags": [7]}, {"id": 3, "score": 9, "tags": ["x"]}]}`)
		assert.Empty(t, d.Errors, condition)
		require.Len(t, d.Events, 2, condition)
		assert.Equal(t, "3", d.Events[1].ID, condition)
		require.NotEmpty(t, d.Warnings, condition)
		assert.Contains(t, d.Warnings[0], "ends with an error over this body", condition)
	}
}

// TestRequiredFieldThatFails refuses the rating, however it fails, except of one that is taken back.
func TestRequiredFieldThatFails(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ field, place, value string }{
		{"comment", "jq: '.v | ascii_downcase'", "7"},
		{"ticket.urgent", "path: $.v, values: {high: true}", `"low"`},
		{"ticket.opened_at", "path: $.v", `"soon"`},
		{"occurred_at", "path: $.v", `"soon"`},
		{"ticket.url", "path: $.v", `"x"`},
		{"customer.name", "path: $.v", `["Jan"]`},
		{"comment", "path: $.v", `{"text": "Traag"}`},
	} {
		for _, required := range []bool{true, false} {
			more := ", " + row.field + ": {" + row.place + "}"
			if required {
				more = ", " + row.field + ": {" + row.place + ", required: true}"
			}
			d := faulty(t, "    taken_back: {path: $.gone}\n", more, `{"id": 1, "score": 9, "v": `+row.value+`}`)
			assert.Equal(t, required, len(d.Errors) == 1 && len(d.Events) == 0, "%v %v", more, d)
			assert.Equal(t, !required, len(d.Warnings) == 1 && len(d.Events) == 1, "%v %v", more, d)
			back := faulty(t, "    taken_back: {path: $.gone}\n", more, `{"id": 1, "score": 9, "gone": true, "v": `+row.value+`}`)
			assert.Empty(t, back.Errors, more)
			assert.Len(t, back.Events, 1, more)
		}
	}
	future := faulty(t, "", ", occurred_at: {path: $.v, required: true}", `{"id": 1, "score": 9, "v": "2099-01-01T00:00:00Z"}`)
	assert.Empty(t, future.Errors, "a moment in the future is one")
}

// TestWordsOfNoValue: neither the words of a condition nor a table hold for what is no single value.
func TestWordsOfNoValue(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		value     string // of v, with its name
		takenBack bool
		urgent    bool
		warned    bool
	}{
		{value: ""},
		{value: `, "v": null`},
		{value: `, "v": []`, warned: true},
		{value: `, "v": {}`, warned: true},
		{value: `, "v": [""]`, warned: true},
		{value: `, "v": [1]`, warned: true},
		{value: `, "v": {"a": 1}`, warned: true},
		{value: `, "v": ""`, takenBack: true, warned: true},
		{value: `, "v": " "`, takenBack: true, warned: true},
		{value: `, "v": "x"`, urgent: true},
		{value: `, "v": false`, urgent: true},
		{value: `, "v": 0`, urgent: true},
	} {
		d := faulty(t, "    taken_back: {path: $.v, is: ['']}\n", ", ticket.urgent: {path: $.v, values: {low: false, else: true}}", `{"id": 1, "score": 9`+row.value+`}`)
		require.Len(t, d.Events, 1, row.value)
		assert.Equal(t, row.takenBack, d.Events[0].TakenBack, row.value)
		assert.Equal(t, row.urgent, d.Events[0].Answer.Ticket.Urgent, row.value)
		assert.Equal(t, row.warned, len(d.Warnings) == 1, "%s %v", row.value, d.Warnings)
	}
}
