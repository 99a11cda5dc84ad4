package main

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/store/storetest"
)

// onPostgres is a workspace whose database is on PostgreSQL. The password is the canary, which the server does
// not ask for.
func onPostgres(t *testing.T) (*fakeslack.Server, map[string]string) {
	t.Helper()
	slack, settings := workspace(t)
	address, err := url.Parse(storetest.Server(t))
	require.NoError(t, err)
	address.User = url.UserPassword(address.User.Username(), canary)
	settings["SMILEYBOT_DATABASE"] = address.String()
	return slack, settings
}

// TestForgetBesideServes: while bots serve, one of them edits the messages. check says who holds each duty,
// and nothing shows the password.
func TestForgetBesideServes(t *testing.T) {
	slack, settings := onPostgres(t)
	setenv(t, settings)
	first, second := serve(t, slack), serve(t, slack)
	rateAsJan(t, second)
	before := call(t, "score", "csat", "--json").stdout

	checked := call(t, "check")
	for _, duty := range []string{"slack", "clock"} {
		assert.Regexp(t, `ok +duty `+duty+`: \S+ does it, term 1\n`, checked.stdout)
	}
	assert.Contains(t, checked.stdout, "ok    PostgreSQL ")

	done := call(t, "forget", "--customer", "jan@example.org")
	assert.Zero(t, done.status, done.stderr)
	assert.Regexp(t, `^erased in the database: 1 feedback, 1 comment, 1 note, 2 payloads of senders; in Slack 2 messages
PostgreSQL's files keep the former rows until a vacuum, .*
erased in Slack as well
$`, done.stdout)
	assert.Empty(t, done.stderr, "the command took no duty over")
	assert.Empty(t, left(t, slack, "none"))
	assert.Equal(t, before, call(t, "score", "csat", "--json").stdout)
	for _, said := range []string{first.logs.String(), second.logs.String(), checked.stdout, checked.stderr, done.stderr} {
		assert.NotContains(t, said, canary)
	}
}

// TestForgetWithoutServes: the command edits the messages itself.
func TestForgetWithoutServes(t *testing.T) {
	slack, settings := onPostgres(t)
	setenv(t, settings)
	s := serve(t, slack)
	rateAsJan(t, s)
	assert.Zero(t, s.stop())
	done := call(t, "forget", "--customer", "jan@example.org")
	assert.Zero(t, done.status, done.stderr)
	assert.Contains(t, done.stdout, "erased in Slack as well\n")
	assert.Empty(t, done.stderr)
	assert.Empty(t, left(t, slack, "none"))
	assert.Contains(t, call(t, "check").stdout, "duties: no bot runs")
}

// TestDatabaseURLIsSecret: no command prints the password of the database, whatever is wrong with it.
func TestDatabaseURLIsSecret(t *testing.T) {
	_, settings := onPostgres(t)
	file := filepath.Join(t.TempDir(), "history.csv")
	require.NoError(t, os.WriteFile(file, []byte("id,channel,smiley,occurred_at\n1,ticket,red,"+time.Now().Format(time.RFC3339)+"\n"), 0o600))
	working, err := url.Parse(settings["SMILEYBOT_DATABASE"])
	require.NoError(t, err)
	missing := *working
	missing.Path = "/nowhere"
	for name, address := range map[string]string{
		"it works":            working.String(),
		"no such database":    missing.String(),
		"nobody answers":      "postgres://bot:" + canary + "@127.0.0.1:1/smileybot",
		"its host is unknown": "postgres://bot:" + canary + "@nowhere.invalid/smileybot",
		"a wrong parameter":   "postgres://bot:" + canary + "@127.0.0.1/smileybot?pool_max_conns=many&sslmode=perhaps",
		"a password unquoted": "postgres://bot:" + canary + "#%zz@127.0.0.1/smileybot",
		"another scheme":      "mysql://bot:" + canary + "@127.0.0.1/smileybot",
	} {
		t.Run(name, func(t *testing.T) {
			settings["SMILEYBOT_DATABASE"] = address
			setenv(t, settings)
			commands := [][]string{
				{"check"},
				{"score", "nps"},
				{"import", file},
				{"export"},
				{"rebuild"},
				{"forget", "--customer", "c-1"},
				{"backup", filepath.Join(t.TempDir(), "backup.db")},
				{"restore", file},
				{"undo"},
				{"copy", "--to", filepath.Join(t.TempDir(), "copy.db")},
			}
			if address != working.String() {
				commands = append(commands, []string{"serve"})
			}
			for _, command := range commands {
				said := call(t, command...)
				assert.NotContains(t, said.stdout+said.stderr, canary, command[0])
				if address != working.String() {
					assert.NotZero(t, said.status, command[0])
				}
			}
		})
	}
}
