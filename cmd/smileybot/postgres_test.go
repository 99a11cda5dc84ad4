package main

import (
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
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

// TestServeWithoutItsDatabase: while the database does not answer, or has no room, senders get 503 and
// /readyz has the cause; when it is back, the same rating is taken and posted, and nothing was lost.
func TestServeWithoutItsDatabase(t *testing.T) {
	slack, settings := onPostgres(t)
	direct := settings["SMILEYBOT_DATABASE"]
	proxy, through := storetest.Through(t, direct)
	settings["SMILEYBOT_DATABASE"], settings["SMILEYBOT_WEBHOOK_TOKENS"] = through, bearer
	setenv(t, settings)
	s := serve(t, slack)
	exec := func(statement string) {
		db, err := sql.Open("pgx", direct)
		require.NoError(t, err)
		defer db.Close()
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	for id, fault := range map[string]struct {
		begin, end func()
		reason     string
	}{
		"away": {func() { proxy.SetAway(true) }, func() { proxy.SetAway(false) }, "cannot be reached"},
		"full": {
			func() {
				exec(`create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$`)
				exec(`create trigger full_disk before insert on feedback for each row execute function full_disk()`)
			},
			func() { exec(`drop trigger full_disk on feedback`) }, "is full",
		},
	} {
		fault.begin()
		status, header, _ := s.rate(t, id)
		assert.Equal(t, http.StatusServiceUnavailable, status, id)
		assert.NotEmpty(t, header.Get("Retry-After"), id)
		status, ready := s.ask(t, "/readyz")
		assert.Equal(t, http.StatusServiceUnavailable, status, id)
		assert.Contains(t, ready, fault.reason)
		assert.NotContains(t, ready, canary)
		fault.end()
		status, _, taken := s.rate(t, id)
		require.Equal(t, http.StatusAccepted, status, taken)
		var answer struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(taken), &answer))
		s.await(t, answer.ID, func(fakeslack.Message) bool { return true })
		status, _ = s.ask(t, "/readyz")
		assert.Equal(t, http.StatusOK, status, id)
	}
	assert.NotContains(t, s.logs.String(), canary)
	assert.Len(t, slack.Messages("C0SUPPORT"), 2)
}

// bearer is a sender's token.
const bearer = canary + "-of-a-sender"

// rate sends a rating with a delivery of its own name.
func (s *serving) rate(t *testing.T, id string) (status int, header http.Header, body string) {
	t.Helper()
	text := `{"id":"` + id + `","channel":"ticket","smiley":"green"}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/webhooks/feedback", strings.NewReader(text))
	require.NoError(t, err)
	request.Header = http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"delivery-" + id}, "Authorization": {"Bearer " + bearer}}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header, string(content)
}

// ask reads an admin page.
func (s *serving) ask(t *testing.T, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+path, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
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
