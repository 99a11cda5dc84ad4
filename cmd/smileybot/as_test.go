package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/bot/webhook/senders/mapping"
	"smileybot/fakeslack"
)

// asSecrets are the secrets that sign the samples.
func asSecrets(t *testing.T, settings map[string]string) map[string]string {
	t.Helper()
	secrets := make(map[string]string)
	for _, name := range senders.Names(senders.Examples()) {
		secret := canary + "-secret-of-" + name
		if name == "formbricks" {
			secret = testSecret
		}
		secrets[name] = secret
		settings["SMILEYBOT_"+strings.ToUpper(name)+"_SECRETS"] = "another-secret-before," + secret
	}
	settings["SMILEYBOT_MAPPINGS"] = allMappings(t)
	settings["SMILEYBOT_FORMBRICKS_SECRETS"] = testSecret
	settings["SMILEYBOT_FORMBRICKS_QUESTIONS"] = "cq1=nps, cq2=comment"
	settings["SMILEYBOT_TYPEFORM_QUESTIONS"] = "tq1=csat, tq2=comment"
	return secrets
}

// allMappings is one file with the ready-made mappings of the docs.
func allMappings(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../docs/senders/mappings/*.yaml")
	require.NoError(t, err)
	var all strings.Builder
	all.WriteString("senders:\n")
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, body, _ := strings.Cut(string(text), "senders:\n")
		all.WriteString(body)
	}
	path := filepath.Join(t.TempDir(), "mappings.yaml")
	require.NoError(t, os.WriteFile(path, []byte(all.String()), 0o600))
	return path
}

// TestEverySenderIsShown sends a sample as a sender of each kind would to a running bot: its message
// appears in the channel, and a later comment changes the same message.
func TestEverySenderIsShown(t *testing.T) {
	slack, settings := workspace(t)
	delete(settings, "SMILEYBOT_ROUTES")
	secrets := asSecrets(t, settings)
	setenv(t, settings)
	s := serve(t, slack)
	names := shownSenders()
	if testing.Short() {
		names = names[:2] // each waits for Slack's pace
	}
	for _, name := range names {
		send := func(more ...string) (answer struct{ ID, Result string }) {
			args := append([]string{"send", "--as", name, "--url", s.address + "/webhooks/" + name, "--secret", secrets[name]}, more...)
			done := call(t, args...)
			require.Zero(t, done.status, "%s: %s%s", name, done.stdout, done.stderr)
			status, body, _ := strings.Cut(done.stdout, "\n")
			assert.True(t, strings.HasPrefix(status, "20"), status)
			require.NoError(t, json.Unmarshal([]byte(body), &answer))
			return answer
		}
		first := send("--id", "7001")
		assert.Equal(t, "created", first.Result, name)
		s.await(t, first.ID, func(fakeslack.Message) bool { return true })
		again := send("--id", "7001", "--comment", "Later words of "+name)
		assert.Equal(t, first.ID, again.ID, name)
		s.await(t, first.ID, func(m fakeslack.Message) bool { return strings.Contains(m.Text, "Later words of "+name) })

		done := call(t, "send", "--as", name, "--url", s.address+"/webhooks/"+name, "--secret", wrongSecret(name))
		assert.Equal(t, exitFailed, done.status)
		assert.Contains(t, done.stdout, "401", name)
	}
	require.Zero(t, s.stop())
	assert.NotContains(t, s.logs.String(), canary)
	assert.NotContains(t, s.logs.String(), "Later words")
}

// shownSenders are the senders with formats of their own, and a mapped one for each other kind of proof.
// That every mapping reads its sample is tested without Slack's pace.
func shownSenders() []string {
	names := senders.Names(senders.All())
	known := make(map[sender.ProofKind]bool)
	for _, s := range senders.All() {
		known[s.Proof.Kind] = true
	}
	for _, s := range mapping.Examples() {
		if !known[s.Proof.Kind] {
			known[s.Proof.Kind], names = true, append(names, s.Name)
		}
	}
	return names
}

func wrongSecret(name string) string {
	if name == "formbricks" {
		return "whsec_" + strings.Repeat("QUJD", 8)
	}
	return "another-secret-of-the-tests"
}

// TestSendAsChanges checks that the values of the command line are in the sample, in its types.
func TestSendAsChanges(t *testing.T) {
	url, got := receiver(t, http.StatusAccepted, `{"result":"created"}`)
	done := call(t, "send", "--url", url, "--secret", "some-secret", "--as", "helpscout", "--id", "42", "--rating", "Bad",
		"--comment", "Why", "--occurred-at", "2026-11-20T10:31:00+01:00")
	require.Zero(t, done.status, done.stderr)
	var body map[string]any
	require.NoError(t, json.Unmarshal(got.body, &body))
	assert.Equal(t, []any{42.0, "Bad", "Why", "2026-11-20T09:31:00Z"}, []any{body["id"], body["rating"], body["comments"], body["modifiedAt"]})
	assert.Equal(t, "satisfaction.ratings", got.header.Get("X-HelpScout-Event"))

	done = call(t, "send", "--url", url, "--secret", "some-secret", "--as", "zendesk", "--rating", "Good", "--comment", `It's "fine" & so on`)
	require.Zero(t, done.status, done.stderr)
	assert.Equal(t, "application/x-www-form-urlencoded", got.header.Get("Content-Type"))
	assert.Contains(t, string(got.body), "comment=It%27s+%22fine%22+%26+so+on")
}

func TestSendAsMisused(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"--as unknown", "does not know that sender; it knows chatwoot, crisp,"},
		{"--as zendesk --smiley red", "and nothing else"},
		{"--as zendesk --occurred-at now", "--occurred-at must be a time"},
		{"--as typeform --questions a=b", "--questions: entry 1: no such meaning"},
		{"--rating Good", "go with --as"},
		{"--as formbricks --questions x=comment", "no question is a rating"},
	} {
		done := call(t, append([]string{"send", "--url", "http://127.0.0.1:1/x", "--secret", testSecret}, strings.Fields(test.line)...)...)
		assert.Equal(t, exitUsage, done.status, test.line)
		assert.Contains(t, done.stderr, test.want, test.line)
	}
}
