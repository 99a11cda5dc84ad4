package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/store/storetest"
)

// traces are texts that identify Jan or were written about him.
func traces() []string {
	return []string{"Jan de Vries", "jan@example.org", "c-1042", "klopt niet", "Step 3 rewritten"}
}

// rateAsJan sends a running bot a rating of Jan, and finishes its follow-up with a note about him.
func rateAsJan(t *testing.T, s *serving) (feedbackID string) {
	t.Helper()
	who := []string{"--id", "reply-1", "--customer-id", "c-1042", "--customer-name", "Jan de Vries", "--customer-email", "jan@example.org"}
	answer := s.send(t, append(who, "--smiley", "red")...)
	m := s.await(t, answer.ID, func(fakeslack.Message) bool { return true })
	s.click(t, m, "followup_done")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, s.slack.Wait(ctx, func(slack *fakeslack.Server) bool { return len(slack.Views("U0BART")) > 0 }))
	views := s.slack.Views("U0BART")
	request, err := s.slack.SubmitRequest(t.Context(), s.address+"/slack/interactions", fakeslack.Submission{
		ViewID: views[0].ID, Values: map[string]string{"outcome": "guide_fixed", "note": "Step 3 rewritten for Jan de Vries"},
	})
	s.post(t, request, err)
	s.send(t, append(who, "--comment", "Stap 3 klopt niet")...)
	s.await(t, answer.ID, func(m fakeslack.Message) bool {
		return strings.Contains(m.Text, "klopt niet") && len(s.slack.Thread("C0SUPPORT", m.TS)) > 0
	})
	return answer.ID
}

// left returns the traces that are still in the files of the database, or in Slack.
func left(t *testing.T, slack *fakeslack.Server, database string) []string {
	t.Helper()
	files, err := filepath.Glob(database + "*")
	require.NoError(t, err)
	var all []byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		all = append(all, content...)
	}
	for _, m := range slack.Messages("C0SUPPORT") {
		all = append(all, m.Text...)
		all = append(all, m.Blocks...)
	}
	var found []string
	for _, trace := range traces() {
		if bytes.Contains(all, []byte(trace)) {
			found = append(found, trace)
		}
	}
	return found
}

// TestForgetBesideServe checks that the command waits for a running bot, which edits the messages.
func TestForgetBesideServe(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	id := rateAsJan(t, s)
	before := call(t, "score", "csat", "--json").stdout
	require.Len(t, left(t, slack, settings["SMILEYBOT_DATABASE"]), len(traces()))

	dry := call(t, "forget", "--customer", "JAN@example.org", "--dry-run")
	assert.Zero(t, dry.status)
	assert.Equal(t, "would erase 1 feedback, 1 comment, 1 note, 2 payloads of senders; in Slack 2 messages; nothing was changed\n", dry.stdout)
	require.Len(t, left(t, slack, settings["SMILEYBOT_DATABASE"]), len(traces()))

	done := call(t, "forget", "--customer", "JAN@example.org")
	assert.Zero(t, done.status, done.stderr)
	assert.Equal(t, "erased in the database: 1 feedback, 1 comment, 1 note, 2 payloads of senders; in Slack 2 messages\nerased in Slack as well\n", done.stdout)
	assert.Empty(t, left(t, slack, settings["SMILEYBOT_DATABASE"]))
	for _, trace := range traces() {
		assert.NotContains(t, s.logs.String(), trace)
	}
	m := s.await(t, id, func(m fakeslack.Message) bool { return true })
	assert.Contains(t, string(m.Blocks), "were erased")
	assert.Equal(t, before, call(t, "score", "csat", "--json").stdout)
	assert.Zero(t, s.stop())
	assert.Empty(t, left(t, slack, settings["SMILEYBOT_DATABASE"]))
}

// TestForgetWithoutServe checks that the command edits the messages itself, also those of an earlier run
// that failed, and that it lists those it cannot erase.
func TestForgetWithoutServe(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	rateAsJan(t, s)
	require.Zero(t, s.stop())
	slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("edit_window_closed"), Times: -1})
	slack.Fail(fakeslack.Fault{Method: "chat.delete", Kind: fakeslack.ErrorCode("cant_delete_message"), Times: -1})
	failed := call(t, "forget", "--customer", "c-1042")
	assert.Equal(t, exitFailed, failed.status)
	assert.Equal(t, 2, strings.Count(failed.stdout, "not erased: channel C0SUPPORT, message "), failed.stdout)
	assert.Contains(t, failed.stdout, "/archives/C0SUPPORT/p")
	assert.Contains(t, failed.stderr, "2 messages in Slack can be neither edited nor deleted by the bot")
	check := call(t, "check")
	assert.Equal(t, exitFailed, check.status)
	assert.Contains(t, check.stdout, "FAIL  forgetting: 2 messages can be neither edited nor deleted by the bot")
	slack.Heal()
	again := call(t, "forget", "--customer", "c-1042")
	assert.Zero(t, again.status, again.stdout+again.stderr)
	assert.Contains(t, again.stdout, "erased in the database: 0 feedback")
	assert.Empty(t, left(t, slack, settings["SMILEYBOT_DATABASE"]))
	assert.Zero(t, call(t, "check").status)
}

// TestForgetWhileAnotherProgramReads checks that the command erases everything but the log, and names
// the program that holds it.
func TestForgetWhileAnotherProgramReads(t *testing.T) {
	if testing.Short() {
		t.Skip("the command waits for the program for five seconds")
	}
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	rateAsJan(t, s)
	reading, err := storetest.Raw(t, settings["SMILEYBOT_DATABASE"]).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, reading.QueryRowContext(t.Context(), `select count(*) from feedback`).Scan(new(int)))
	held := call(t, "forget", "--customer", "c-1042")
	assert.Equal(t, exitFailed, held.status)
	assert.Contains(t, held.stdout, "erased in Slack as well")
	assert.Contains(t, held.stderr, fmt.Sprintf("(process %d), so it still has what was erased: end that program", os.Getpid()))
	require.NoError(t, reading.Rollback())
	assert.Zero(t, call(t, "forget", "--customer", "c-1042").status)
	assert.Empty(t, left(t, slack, settings["SMILEYBOT_DATABASE"]))
	assert.Zero(t, s.stop())
}

func TestForgetMisused(t *testing.T) {
	_, settings := workspace(t)
	setenv(t, settings)
	for _, args := range [][]string{{"forget"}, {"forget", "--customer"}, {"forget", "--customer", " "}} {
		done := call(t, args...)
		assert.Equal(t, exitUsage, done.status, args)
	}
	nowhere := call(t, "forget", "--customer", "c-1")
	assert.Equal(t, exitFailed, nowhere.status)
	assert.Contains(t, nowhere.stderr, "there is no database")
}
