package mapping_test

import (
	_ "embed"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/bot/webhook/senders/mapping"
	"smileybot/feedback"
)

// noon is when requests arrive.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// mappings reads a file of mappings that is right.
func mappings(tb testing.TB, text string) map[string]sender.Sender {
	tb.Helper()
	list, err := senders.Mappings([]byte(text))
	require.NoError(tb, err)
	byName := make(map[string]sender.Sender)
	for _, m := range list {
		byName[m.Name] = m
	}
	return byName
}

//go:embed testdata/everything.yaml
var everything string

//go:embed testdata/language.yaml
var language string

// TestMappingReadsEverything takes a body that uses all that a mapping can say.
func TestMappingReadsEverything(t *testing.T) {
	t.Parallel()
	s, err := mappings(t, everything)["desk"].Enable(sender.Settings{})
	require.NoError(t, err)
	body := `{"delivery": "d1", "live": true, "where": "web", "list": [
		{"type": "rated", "id": 1, "kind": "promoter", "points": "TEN", "why": "Good", "prio": "high", "opened": 1795082400, "agent": 7, "at": "20-11-2026 10:00", "began": "2026-11-19T10:00:00Z"},
		{"type": "seen", "id": 2, "kind": "promoter", "points": "ten"},
		{"type": "deleted", "id": 3, "kind": "effort", "points": "one", "prio": "whatever"},
		{"type": "rated", "id": 4, "kind": "mood", "points": "ten"}]}`
	e := s.DryRun(sender.Delivery{Header: http.Header{}, Body: []byte(body), ReceivedAt: noon()})
	require.Empty(t, e.Errors)
	require.Len(t, e.Events, 2)
	first, second := e.Events[0], e.Events[1]
	assert.Equal(t, feedback.Key{Sender: "desk", Channel: feedback.ChannelChat, Kind: feedback.KindNPS, ID: "1"}, first.Key)
	assert.Equal(t, []any{10, "TEN", "Good", true, "7"}, []any{first.Answer.Rating, first.Answer.Raw, first.Answer.Comment, first.Answer.Ticket.Urgent, first.Answer.Agent.ID})
	assert.Equal(t, "2026-11-20T09:00:00Z", first.OccurredAt.UTC().Format("2006-01-02T15:04:05Z"))
	assert.Equal(t, "2026-11-19T10:00:00Z", first.BeganAt.UTC().Format("2006-01-02T15:04:05Z"))
	assert.Equal(t, "2026-11-19T10:00:00Z", first.Answer.Ticket.OpenedAt.UTC().Format("2006-01-02T15:04:05Z"))
	assert.True(t, second.TakenBack)
	assert.ElementsMatch(t, []string{
		"$.prio must be one of high, low, as the mapping has it; it was left out",
		"$.kind must be one of Promoter, Effort, as the mapping has it; the rating was left out",
	}, withoutDuplicates(e.Warnings))

	none := s.DryRun(sender.Delivery{Header: http.Header{}, Body: []byte(`{"live": false, "list": [{"type": "rated"}]}`), ReceivedAt: noon()})
	assert.Equal(t, sender.DryRun{Conditions: []sender.Condition{
		{In: "only", Place: "$.type", Rating: 1, Holds: true},
		{In: "only", Place: "$.live", Rating: 1, Why: "the value is not one of true"},
		{In: "taken_back", Place: "$.type", Rating: 1, Why: "the value is not one of deleted"},
	}}, none)
}

// TestExpensivePathIsAMistakeOfItsField: a path that never ends over some body costs an optional field,
// or refuses the delivery for a required one.
func TestExpensivePathIsAMistakeOfItsField(t *testing.T) {
	t.Parallel()
	const steps = "takes too many steps over this body: write the path with fewer .. and without a filter in a filter"
	deep := strings.Repeat(`{"a":`, 90) + "1" + strings.Repeat("}", 90)
	body := `{"id": 7, "score": 9, "list": [` + deep + "," + deep + `], "many": [` + strings.Repeat("1,", 10_000) + `1]}`
	never := "$..a..a..a..a..none"
	desk := func(id, comment, more string) string {
		return "senders:\n  desk:\n    proof: bearer\n" + more +
			"    fields: {id: " + id + ", kind: {constant: nps}, channel: {constant: chat}, score: $.score, comment: " + comment + "}\n"
	}
	for _, row := range []struct {
		name, text       string
		events           int
		warnings, errors []string
	}{
		{"an optional field", desk("$.id", never, ""), 1, []string{never + " " + steps + "; it was left out"}, nil},
		{"a required field", desk(never, "$.none", ""), 0, nil, []string{never + " " + steps}},
		{"a condition", desk("$.id", "$.none", "    only: {path: "+never+"}\n"), 0, nil, []string{never + " " + steps}},
		{"when it is taken back", desk("$.id", "$.none", "    taken_back: {path: "+never+"}\n"), 0, nil, []string{never + " " + steps}},
		{"each", desk("$.id", "$.none", "    each: "+never+"\n"), 0, nil, []string{`$..["a"]..["a"]..["a"]..["a"]..["none"] ` + steps}},
		{"too many ratings", desk("$.id", "$.none", "    each: $.many[*]\n"), 0, nil, []string{`$["many"][*] must select at most 10000 ratings`}},
	} {
		s, err := mappings(t, row.text)["desk"].Enable(sender.Settings{})
		require.NoError(t, err)
		d := s.DryRun(sender.Delivery{Header: http.Header{}, Body: []byte(body), ReceivedAt: noon()})
		assert.Len(t, d.Events, row.events, row.name)
		assert.Equal(t, row.warnings, d.Warnings, row.name)
		for _, want := range row.errors {
			assert.Contains(t, d.Errors, want, row.name)
		}
		assert.Equal(t, len(row.errors) > 0, len(d.Errors) > 0, row.name)
	}
}

// withoutDuplicates leaves out the warnings about a field that is missing for another reason.
func withoutDuplicates(warnings []string) []string {
	var kept []string
	for _, s := range warnings {
		if strings.HasPrefix(s, "$") {
			kept = append(kept, s)
		}
	}
	return kept
}

// TestMappingMistakesHaveAPlace checks that each is reported with its place and a remedy, and all
// at once.
func TestMappingMistakesHaveAPlace(t *testing.T) {
	t.Parallel()
	const fields = "\n    fields: {id: $.id, kind: {constant: smiley}, channel: {constant: chat}, smiley: $.s}\n"
	desk := func(text string) string { return "senders:\n  desk:\n    " + text }
	for _, test := range []struct{ text, want string }{
		{"", "line 1, column 1: nothing in it"},
		{"senders: [", "line 1, column 1: no YAML"},
		{"a: 1", "line 1, column 1: not known here; choose from senders"},
		{"senders: 3", "line 1, column 10: a list or a text where names and values should be"},
		{"senders:\n  Desk: {}", "line 2, column 3: no name for a sender"},
		{"senders:\n  zendesk: {}", "line 2, column 3: the name is taken; call it otherwise, such as my_zendesk"},
		{"senders:\n  feedback: {}", "line 2, column 3: the name is taken"},
		{"senders: &x\n  desk: *x", "line 1, column 10: an anchor or alias"},
		{desk("proof: bearer"), "line 3, column 5: no fields"},
		{desk("fields: {}"), "line 3, column 5: no proof"},
		{desk("proof: none" + fields), "line 3, column 12: no such proof"},
		{desk("proof: {hmac: {}}" + fields), "line 3, column 19: no header"},
		{desk("proof: {hmac: {header: X, algorithm: md5}}" + fields), "line 3, column 42: no such algorithm; write sha1, sha256 or sha512"},
		{desk("proof: {hmac: {header: X, encoding: rot13}}" + fields), "line 3, column 41: no such encoding"},
		{desk("proof: {hmac: {header: X, signed: '{timestamp}'}}" + fields), "line 3, column 39: the body is not signed"},
		{desk("proof: {hmac: {header: X, signed: '{timestamp}{body}'}}" + fields), "line 3, column 39: {timestamp} and the header of the timestamp go together"},
		{desk("proof: {hmac: {header: X, timestamp: {header: Y}}}" + fields), "line 3, column 19: the timestamp is not signed"},
		{desk("proof: {hmac: {header: X, signed: '{timestamp}{body}', timestamp: {header: Y, format: iso}}}" + fields), "line 3, column 91: no such format"},
		{desk("proof: path\n    each: list" + fields), "line 4, column 11: no JSON path"},
		{desk("proof: path\n    delivery_id: {}" + fields), "line 4, column 18: neither or both of header and path"},
		{desk("proof: path\n    only: {is: x}" + fields), "line 4, column 11: no place to look at"},
		{desk("proof: path\n    fields: {id: $.id}"), "line 4, column 13: missing: kind, channel, smiley or score"},
		{desk("proof: path\n    fields: {id: $.id, kind: {constant: nps}, channel: {constant: chat}, smiley: $.s}"), "line 4, column 13: missing: score"},
		{desk("proof: path\n    fields: {id: id, kind: {constant: nps}, channel: {constant: chat}, score: $.s}"), "line 4, column 18: no path; write a path that begins with $"},
		{desk("proof: path\n    fields: {id: $.id, kind: {constant: mood}, channel: {constant: chat}, score: $.s}"), "line 4, column 41: the field kind does not take that; it must be one of smiley, nps"},
		{desk("proof: path\n    fields: {id: $.id, kind: {constant: smiley}, channel: {constant: chat}, smiley: {path: $.s, values: {1: blue}}}"), "line 4, column 109: the field smiley does not take that; it must be one of red, yellow, green"},
		{desk("proof: path\n    fields: {id: $.id, kind: {constant: smiley}, channel: {constant: chat}, smiley: {path: $.s, form: s}}"), "line 4, column 85: not one of path, body, form, jq, constant"},
		{desk("proof: path\n    fields: {id: $.id, colour: $.c}"), "line 4, column 24: not known here; choose from id, kind"},
		{desk("proof: path\n    fields: {id: $.id, occurred_at: {path: $.a, format: soon}}"), "no such format; write unix, unix_ms, rfc3339"},
		{desk("proof: path\n    fields: {id: $.id, occurred_at: {path: $.a, zone: Mars}}"), "not the name of a time zone"},
		{strings.Repeat("#", 1<<20+1), "longer than 1 MiB"},
	} {
		_, err := senders.Mappings([]byte(test.text))
		require.Error(t, err, test.text)
		assert.Contains(t, err.Error(), test.want, test.text)
		assert.NotEmpty(t, mapping.MistakesIn(err))
	}
	_, err := senders.Mappings([]byte("senders:\n  zendesk: {}\n  desk:\n    proof: none\n    fields: {id: x}\n"))
	assert.Len(t, mapping.MistakesIn(err), 4)
	assert.Empty(t, mapping.MistakesIn(nil))
}

// FuzzMappings reads anything as a file of mappings.
func FuzzMappings(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte(language))
	for _, text := range []string{"a: &a [*a]", "senders: {desk: {proof: path, fields: {id: $.., kind: $[?@.a == 1]}}}", "- 1\n- 2", "\x00", "senders: !!binary x"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := senders.Mappings(text)
		if err != nil {
			require.NotEmpty(t, mapping.MistakesIn(err))
			return
		}
		for _, m := range list {
			s, err := m.Enable(sender.Settings{Secrets: []string{"a-secret-of-a-sender"}})
			require.NoError(t, err)
			s.DryRun(sender.Delivery{Header: http.Header{}, Body: []byte(`{"id": 1, "list": [{"a": [1]}]}`), ReceivedAt: noon()})
		}
	})
}
