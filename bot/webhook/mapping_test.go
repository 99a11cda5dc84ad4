package webhook

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// mappings reads a file of mappings that is right.
func mappings(tb testing.TB, text string) map[string]Mapping {
	tb.Helper()
	list, err := ParseMappings([]byte(text))
	require.NoError(tb, err)
	byName := make(map[string]Mapping)
	for _, m := range list {
		byName[m.Name()] = m
	}
	return byName
}

// readyMade reads the mappings of the docs.
func readyMade(tb testing.TB) map[string]Mapping {
	tb.Helper()
	files, err := filepath.Glob("../../docs/senders/mappings/*.yaml")
	require.NoError(tb, err)
	all := make(map[string]Mapping)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(tb, err)
		for name, m := range mappings(tb, string(text)) {
			assert.Equal(tb, name+".yaml", filepath.Base(file))
			all[name] = m
		}
	}
	return all
}

// TestReadyMadeMappings states for each sample what its sender says.
func TestReadyMadeMappings(t *testing.T) {
	t.Parallel()
	all := readyMade(t)
	assert.Len(t, all, 5)
	for name, want := range map[string]seen{
		"freshdesk.json": {
			feedback.KindSmiley, feedback.ChannelTicket, 1, "unhappy", "", "4711",
			"", "Jan de Vries", "jan@example.org", "", "Bart",
			"4711", "Website offline", "https://example.freshdesk.com/helpdesk/tickets/4711", "", "2026-11-20T12:00:00Z", "2026-11-20 12:00:00",
		},
		"zammad.json": {
			feedback.KindSmiley, feedback.ChannelTicket, 2, "okay", "Duurde lang", "981",
			"", "Jan de Vries", "jan@example.org", "", "Lise",
			"20981", "Domein verhuizen", "https://desk.example.org/#ticket/zoom/981", "", "2026-11-19T15:00:00Z", "2026-11-19 15:00:00",
		},
		"freescout.form": {
			feedback.KindSmiley, feedback.ChannelEmail, 3, "great", "Prima", "5512",
			"", "", "jan@example.org", "", "Bart",
			"312", "Mail instellen", "https://desk.example.org/conversation/5512", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		},
		"osticket.form": {
			feedback.KindSmiley, feedback.ChannelTicket, 1, "red", "Stap 3 klopt niet", "118822",
			"", "Jan de Vries", "jan@example.org", "", "Lise",
			"118822", "SSL", "https://desk.example.org/view.php?id=7", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		},
		"googleforms.json": {
			feedback.KindNPS, feedback.ChannelPanel, 9, "", "Snelle server", "2_ABaOnud0001",
			"", "", "jan@example.org", "", "",
			"4711", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender, _, _ := strings.Cut(name, ".")
			d := newDoor(t)
			d.senders = []Sender{all[sender].Sender([]string{olderSecret, senderSecret})}
			l := sample(t, sender, name)
			unproved := l
			unproved.secret = "a-secret-of-somebody"
			assert.Equal(t, http.StatusUnauthorized, d.through(unproved.request(t)).Code)
			assert.Zero(t, d.rows(t))
			w := d.through(l.request(t))
			got := replyOf(t, w)
			require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
			assert.Empty(t, got.Warnings)
			assert.Equal(t, want, d.looked(t, got.ID))
			again := replyOf(t, d.through(l.request(t)))
			assert.Equal(t, got.ID, again.ID)
		})
	}
}

const anything = `
senders:
  desk:
    proof: {hmac: {header: X-Sign, prefix: "v1:", algorithm: sha512, encoding: base64, signed: "{timestamp}|{body}", timestamp: {header: X-At, format: unix_ms}}}
    delivery_id: {path: $.delivery}
    only: [{path: $.type, is: [rated, deleted]}, {body: $.live, is: true}]
    taken_back: {path: $.type, is: deleted}
    each: $.list[*]
    fields:
      id: $.id
      kind: {path: $.kind, values: {Promoter: nps, Effort: ces}}
      channel: {body: $.where, values: {Web: chat}}
      score: {path: $.points, values: {ten: 10, one: 1}}
      comment: $.why
      ticket.urgent: {path: $.prio, values: {high: true, low: false}}
      ticket.opened_at: {path: $.opened, format: unix}
      agent.id: $.agent
      occurred_at: {path: $.at, format: "02-01-2006 15:04", zone: Europe/Amsterdam}
      began_at: $.began
`

// TestMappingOfEverything takes a body that uses all that a mapping can say.
func TestMappingOfEverything(t *testing.T) {
	t.Parallel()
	s := mappings(t, anything)["desk"].Sender([]string{senderSecret})
	body := `{"delivery": "d1", "live": true, "where": "web", "list": [
		{"type": "rated", "id": 1, "kind": "promoter", "points": "TEN", "why": "Good", "prio": "high", "opened": 1795082400, "agent": 7, "at": "20-11-2026 10:00", "began": "2026-11-19T10:00:00Z"},
		{"type": "seen", "id": 2, "kind": "promoter", "points": "ten"},
		{"type": "deleted", "id": 3, "kind": "effort", "points": "one", "prio": "whatever"},
		{"type": "rated", "id": 4, "kind": "mood", "points": "ten"}]}`
	e := s.Explain([]byte(body), http.Header{}, noon())
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

	none := s.Explain([]byte(`{"live": false, "list": [{"type": "rated"}]}`), http.Header{}, noon())
	assert.Equal(t, Explanation{}, none)
}

// withoutDuplicates leaves out what is said of a field that is missing for another reason.
func withoutDuplicates(said []string) []string {
	var kept []string
	for _, s := range said {
		if strings.HasPrefix(s, "$") {
			kept = append(kept, s)
		}
	}
	return kept
}

// TestMappingMistakes: each is told with its place and a cure, and all at once.
func TestMappingMistakes(t *testing.T) {
	t.Parallel()
	const fields = "\n    fields: {id: $.id, kind: {constant: smiley}, channel: {constant: chat}, smiley: $.s}\n"
	sender := func(text string) string { return "senders:\n  desk:\n    " + text }
	for text, want := range map[string]string{
		"":                                   "line 1, column 1: nothing in it",
		"senders: [":                         "line 1, column 1: no YAML",
		"a: 1":                               "line 1, column 1: not known here; choose from senders",
		"senders: 3":                         "line 1, column 10: a list or a text where names and values should be",
		"senders:\n  Desk: {}":               "line 2, column 3: no name for a sender",
		"senders:\n  zendesk: {}":            "line 2, column 3: the name is taken; call it otherwise, such as my_zendesk",
		"senders:\n  feedback: {}":           "line 2, column 3: the name is taken",
		"senders: &x\n  desk: *x":            "line 1, column 10: an anchor or alias",
		sender("proof: bearer"):              "line 3, column 5: no fields",
		sender("fields: {}"):                 "line 3, column 5: no proof",
		sender("proof: none" + fields):       "line 3, column 12: no such proof",
		sender("proof: {hmac: {}}" + fields): "line 3, column 19: no header",
		sender("proof: {hmac: {header: X, algorithm: md5}}" + fields):                                                                              "line 3, column 42: no such algorithm; write sha1, sha256 or sha512",
		sender("proof: {hmac: {header: X, encoding: rot13}}" + fields):                                                                             "line 3, column 41: no such encoding",
		sender("proof: {hmac: {header: X, signed: '{timestamp}'}}" + fields):                                                                       "line 3, column 39: the body is not signed",
		sender("proof: {hmac: {header: X, signed: '{timestamp}{body}'}}" + fields):                                                                 "line 3, column 39: {timestamp} and the header of the timestamp go together",
		sender("proof: {hmac: {header: X, timestamp: {header: Y}}}" + fields):                                                                      "line 3, column 19: the timestamp is not signed",
		sender("proof: {hmac: {header: X, signed: '{timestamp}{body}', timestamp: {header: Y, format: iso}}}" + fields):                            "line 3, column 91: no such format",
		sender("proof: path\n    each: list" + fields):                                                                                             "line 4, column 11: no JSON path",
		sender("proof: path\n    delivery_id: {}" + fields):                                                                                        "line 4, column 18: neither or both of header and path",
		sender("proof: path\n    only: {is: x}" + fields):                                                                                          "line 4, column 11: no place to look at",
		sender("proof: path\n    fields: {id: $.id}"):                                                                                              "line 4, column 13: not told: kind, channel, smiley or score",
		sender("proof: path\n    fields: {id: $.id, kind: {constant: nps}, channel: {constant: chat}, smiley: $.s}"):                               "line 4, column 13: not told: score",
		sender("proof: path\n    fields: {id: id, kind: {constant: nps}, channel: {constant: chat}, score: $.s}"):                                  "line 4, column 18: no path; write a path that begins with $",
		sender("proof: path\n    fields: {id: $.id, kind: {constant: mood}, channel: {constant: chat}, score: $.s}"):                               "line 4, column 41: the field kind does not take that; it must be one of smiley, nps",
		sender("proof: path\n    fields: {id: $.id, kind: {constant: smiley}, channel: {constant: chat}, smiley: {path: $.s, values: {1: blue}}}"): "line 4, column 109: the field smiley does not take that; it must be one of red, yellow, green",
		sender("proof: path\n    fields: {id: $.id, kind: {constant: smiley}, channel: {constant: chat}, smiley: {path: $.s, form: s}}"):           "line 4, column 85: not one of path, body, form and constant",
		sender("proof: path\n    fields: {id: $.id, colour: $.c}"):                                                                                 "line 4, column 24: not known here; choose from id, kind",
		sender("proof: path\n    fields: {id: $.id, occurred_at: {path: $.a, format: soon}}"):                                                      "no such format; write unix, unix_ms, rfc3339",
		sender("proof: path\n    fields: {id: $.id, occurred_at: {path: $.a, zone: Mars}}"):                                                        "not the name of a time zone",
		strings.Repeat("#", maxMappings+1):                                                                                                         "longer than 1 MiB",
	} {
		_, err := ParseMappings([]byte(text))
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
		assert.NotEmpty(t, MistakesIn(err))
	}
	_, err := ParseMappings([]byte("senders:\n  zendesk: {}\n  desk:\n    proof: none\n    fields: {id: x}\n"))
	assert.Len(t, MistakesIn(err), 4)
	assert.Empty(t, MistakesIn(nil))
}

// FuzzMappings reads anything as a file of mappings.
func FuzzMappings(f *testing.F) {
	f.Add([]byte(anything))
	for _, text := range []string{"a: &a [*a]", "senders: {desk: {proof: path, fields: {id: $.., kind: $[?@.a == 1]}}}", "- 1\n- 2", "\x00", "senders: !!binary x"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseMappings(text)
		if err != nil {
			require.NotEmpty(t, MistakesIn(err))
			return
		}
		for _, m := range list {
			m.Sender([]string{senderSecret}).Explain([]byte(`{"id": 1, "list": [{"a": [1]}]}`), http.Header{}, noon())
		}
	})
}

// FuzzMapped reads anything as a mapped sender's format.
func FuzzMapped(f *testing.F) {
	for _, body := range bodies() {
		f.Add(false, []byte(body))
	}
	for _, name := range []string{"freshdesk.json", "zammad.json", "freescout.form", "osticket.form", "googleforms.json"} {
		f.Add(strings.HasSuffix(name, ".form"), []byte(sample(f, "x", name).body))
	}
	all := readyMade(f)
	all["desk"] = mappings(f, anything)["desk"]
	f.Fuzz(func(t *testing.T, form bool, body []byte) {
		header := http.Header{}
		if form {
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for _, m := range all {
			e := m.Sender([]string{senderSecret}).Explain(body, header, noon())
			for _, event := range e.Events {
				low, high := event.Kind.Scale()
				require.True(t, !event.Mentions[feedback.FieldRating] || event.Answer.Rating >= low && event.Answer.Rating <= high)
				require.False(t, event.OccurredAt.After(noon()))
			}
		}
	})
}
