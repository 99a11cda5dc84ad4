package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/senders/mapping"
)

// mapped runs "smileybot map" with a body on standard input.
func mapped(t *testing.T, body string, args ...string) called {
	t.Helper()
	var out, errs bytes.Buffer
	status := run(t.Context(), append([]string{"map"}, args...), strings.NewReader(body), &out, &errs)
	return called{status, out.String(), errs.String()}
}

func TestMapShowsWhatWouldBeStored(t *testing.T) {
	setenv(t, nil)
	const freshdesk = "../../docs/senders/mappings/freshdesk.yaml"
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	require.NoError(t, os.WriteFile(wrong, []byte("senders:\n  desk:\n    proof: none\n    fields: {id: x}\n"), 0o600))
	site := filepath.Join(t.TempDir(), "site.yaml")
	require.NoError(t, os.WriteFile(site, []byte("senders:\n  kiyoh: {pull: {site: kiyoh, location: 1}}\n"), 0o600))
	tests := []struct {
		name, body string
		args       []string
		status     int
		says       []string
	}{
		{"what would be taken", `{"ticket_id": 7, "rating": 103, "agent_name": "Bart"}`, []string{"--mappings", freshdesk, "--sender", "freshdesk"}, 0, []string{
			"id                     7\n", "smiley                 green (103)\n", "agent.name             Bart\n", "occurred_at ",
		}},
		{"for machines", `{"ticket_id": 7, "rating": "unhappy"}`, []string{"--mappings", freshdesk, "--sender", "freshdesk", "--json"}, 0, []string{`"smiley": "red (unhappy)"`}},
		{"refused", `{"ticket_id": 7, "rating": 5}`, []string{"--mappings", freshdesk, "--sender", "freshdesk"}, 1, []string{"refused: $.rating must be one of happy, neutral, unhappy, 103"}},
		{"a warning", `{"ticket_id": 7, "rating": 103, "ticket_url": "x"}`, []string{"--mappings", freshdesk, "--sender", "freshdesk"}, 0, []string{"warning: $.ticket_url must be an http or https address"}},
		{"a ready-made sender", `{"id": 1, "rating": "Okay"}`, []string{"--sender", "helpscout", "--header", "X-HelpScout-Event=satisfaction.ratings"}, 0, []string{"smiley                 yellow (Okay)"}},
		{"ignored", `{}`, []string{"--sender", "helpscout"}, 0, []string{"ignored: it has no rating"}},
		{"a form", `ticket_id=9&rating=Good&updated_at=`, []string{"--sender", "zendesk", "--form"}, 0, []string{"smiley                 green (Good)"}},
		{"a survey", `{"event_type": "form_response", "form_response": {"token": "t", "hidden": {"a": 9}}}`, []string{"--sender", "typeform", "--questions", "a=nps"}, 0, []string{"score                  9"}},
		{"a survey without questions", `{}`, []string{"--sender", "typeform"}, 2, []string{"needs to know which question is a rating; give --questions"}},
		{"a mistake in the file", `{}`, []string{"--mappings", wrong, "--sender", "desk"}, 2, []string{"line 3, column 12: no such proof;", "line 4, column 18: no path;"}},
		{"another sender", `{}`, []string{"--mappings", freshdesk, "--sender", "gorgias"}, 2, []string{"it describes freshdesk"}},
		{"a site that is asked", `{}`, []string{"--mappings", site, "--sender", "kiyoh"}, 2, []string{"it is asked and sends no body", "smileybot check"}},
		{"a request of a site that is asked", `{}`, []string{"--mappings", site, "--sender", "kiyoh", "--request", "-"}, 2, []string{"smileybot check"}},
		{"no file", `{}`, []string{"--sender", "gorgias"}, 2, []string{"no file of mappings; give --mappings FILE"}},
		{"too long", strings.Repeat(" ", 300<<10), []string{"--sender", "zendesk"}, 2, []string{"over 256 KiB"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			done := mapped(t, test.body, test.args...)
			assert.Equal(t, test.status, done.status, done.stderr)
			for _, says := range test.says {
				assert.Contains(t, done.stdout+done.stderr, says)
			}
		})
	}
}

// TestMapSaysWhatServeWouldAnswer: of a whole request the method, the type of the body and the handshake
// are looked at as well as the proof.
func TestMapSaysWhatServeWouldAnswer(t *testing.T) {
	const secret = "a-secret-of-the-shop"
	setenv(t, map[string]string{"SMILEYBOT_SHOP_SECRETS": secret})
	file := func(challenge string) string {
		name := filepath.Join(t.TempDir(), "mappings.yaml")
		require.NoError(t, os.WriteFile(name, []byte("senders:\n  shop:\n    proof: {header: X-Token}\n    challenge: "+challenge+
			"\n    fields: {id: $.id, kind: {constant: nps}, channel: {constant: chat}, score: $.score}\n"), 0o600))
		return name
	}
	inQuery, inBody := file("{query: hub.challenge, token: hub.verify_token}"), file("{body: $.challenge}")
	const token, rating = "X-Token: " + secret + "\n", `{"id": "a", "score": 9}`
	const get = "GET /webhooks/shop?hub.challenge=77&hub.verify_token="
	for _, test := range []struct {
		name, mappings, request string
		status                  int
		says                    string
	}{
		{"a webhook", inQuery, "POST /webhooks/shop HTTP/1.1\n" + token + "\n" + rating, 0, "score                  9"},
		{"another method", inQuery, "PUT /webhooks/shop HTTP/1.1\n" + token + "\n" + rating, 1, "proof FAIL  the method PUT: webhooks come with POST"},
		{"another type", inQuery, "POST /webhooks/shop HTTP/1.1\nContent-Type: text/xml\n" + token + "\n" + rating, 1, "proof FAIL  the header Content-Type: XML is not read"},
		{"compressed", inQuery, "POST /webhooks/shop HTTP/1.1\nContent-Encoding: gzip\n" + token + "\n" + rating, 1, "proof FAIL  the header Content-Encoding: compressed"},
		{"a handshake", inQuery, get + secret + " HTTP/1.1\n\n", 0, "proof ok    the handshake, whose word in hub.challenge is sent back\n\n"},
		{"a handshake with another secret", inQuery, get + "x HTTP/1.1\n\n", 1, "the secret is not in the parameter hub.verify_token"},
		{"a handshake with a long word", inQuery, "GET /webhooks/shop?hub.challenge=" + strings.Repeat("7", 1025) + "&hub.verify_token=" + secret + " HTTP/1.1\n\n", 1, "longer than 1 KiB"},
		{"a GET without a handshake", inQuery, "GET /webhooks/shop HTTP/1.1\n" + token + "\n", 1, "the method GET: webhooks come with POST"},
		{"a handshake in the body", inBody, "POST /webhooks/shop HTTP/1.1\n" + token + "\n" + `{"challenge": "77"}`, 0, "proof ok    the handshake, whose word in the body is sent back\n\n"},
		{"an unproved one", inBody, "POST /webhooks/shop HTTP/1.1\n\n" + `{"challenge": "77"}`, 1, "proof FAIL  the header X-Token"},
	} {
		done := mapped(t, test.request, "--mappings", test.mappings, "--sender", "shop", "--request", "-")
		assert.Equal(t, test.status, done.status, test.name+done.stderr)
		assert.Contains(t, done.stdout, test.says, test.name)
		assert.NotContains(t, done.stdout, secret, test.name)
		if strings.Contains(test.says, "is sent back") {
			assert.NotContains(t, done.stdout, "refused", test.name)
		}
		done = mapped(t, test.request, "--mappings", test.mappings, "--sender", "shop", "--request", "-", "--json")
		assert.Equal(t, test.status, done.status, test.name)
		assert.Equal(t, test.status == 0, strings.Contains(done.stdout, `"ok": true`), test.name)
	}
}

// TestMapReadsTheSampleOfEachMapping checks that "smileybot map" shows what each ready-made mapping
// makes of its sample.
func TestMapReadsTheSampleOfEachMapping(t *testing.T) {
	setenv(t, nil)
	for _, s := range mapping.Examples() {
		body, err := fs.ReadFile(s.Files, s.Example.File)
		require.NoError(t, err)
		args := []string{"--mappings", "../../docs/senders/mappings/" + s.Name + ".yaml", "--sender", s.Name}
		if strings.HasSuffix(s.Example.File, ".form") {
			args = append(args, "--form")
		}
		done := mapped(t, string(body), args...)
		assert.Zero(t, done.status, "%s: %s%s", s.Name, done.stdout, done.stderr)
		assert.Contains(t, done.stdout, "kind ", s.Name)
		assert.NotContains(t, done.stdout, "warning", s.Name)
	}
}
