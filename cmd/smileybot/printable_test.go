package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/selfcheck"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/store/storetest"
)

// forged begins a line of its own where a line break got through.
const forged = "FORGED"

// hostile has everything that a terminal must not get: a sequence that sets the clipboard, its
// one-byte form, bidirectional characters, line breaks of all kinds, and what shows nothing.
const hostile = "x\x1b]52;c;YQ\x07\u009b31m\x7f\b\v\f\u202a\u202e\u2066\u2069\u200e\u200f\u061c\u200b\ufeff\u3164\U000e0041\t\r" +
	forged + "\n" + forged + "\u0085" + forged + "\u2028" + forged + "\u2029" + forged

// assertPrintable checks that a terminal may get what was printed, by a list of its own.
func assertPrintable(t *testing.T, name, printed string) {
	t.Helper()
	assert.True(t, utf8.ValidString(printed), "%s: %q", name, printed)
	for _, r := range printed {
		switch {
		case r < ' ' && r != '\n', r >= 0x7f && r < 0xa0, r == 0xad, r == 0x61c, r == 0x180e, r == 0x3164, r == 0xfeff,
			r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r < 0xe0100:
			assert.Fail(t, "a terminal obeys it, or shows nothing", "%s: %U in %q", name, r, printed)
			return
		}
	}
	for line := range strings.Lines(printed) {
		assert.NotRegexp(t, `^\W*(smileybot: )?`+forged, line, name)
	}
}

// answering is a server that answers every request with raw bytes.
func answering(t *testing.T, answer string) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 64<<10))
			_, _ = io.WriteString(connection, answer)
			_ = connection.Close()
		}
	}()
	return listener.Addr().String()
}

// TestNothingReachesATerminal checks every command with texts of customers, files, other servers and
// the command line.
func TestNothingReachesATerminal(t *testing.T) {
	slack, settings := workspace(t)
	slack.AddChannel(fakeslack.Channel{ID: "C0HOSTILE", Name: hostile, Members: []string{slack.Options().BotUserID}})
	agent := storetest.With(storetest.Smiley("1", feedback.Red, time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)), hostile)
	agent.Answer.Agent = feedback.Person{ID: "a" + hostile, Name: hostile}
	agent.Mentions[feedback.FieldAgentID], agent.Mentions[feedback.FieldAgentName] = true, true
	kept(t, agent)
	settings["SMILEYBOT_DATABASE"] = os.Getenv("SMILEYBOT_DATABASE")
	settings["SLACK_CHANNEL"] = "C0HOSTILE"
	setenv(t, settings)

	body, err := json.Marshal(map[string]any{"id": 7, "rating": "Okay", "comments": hostile, "ticket": map[string]any{"id": 1, "subject": hostile}, "user": map[string]any{"firstName": hostile}})
	require.NoError(t, err)
	own := answering(t, "HTTP/1.1 202 Taken\x1b[31m\u202e\u2028"+forged+"\r\n\r\n"+hostile)
	status := answering(t, "HTTP/1.1 503 Down\x1b[31m\u009b\u202e\r\n\r\n"+hostile)
	health := answering(t, "HTTP/1.1 200 OK\r\n\r\n"+hostile)
	folder := t.TempDir()
	named := func(text string) string {
		path := filepath.Join(folder, strings.ReplaceAll(hostile, "/", "")+".csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	quoted := `"` + hostile + `"`
	header := "id,channel,smiley," + quoted + "\n"
	send := []string{"send", "--secret", testSecret, "--smiley", "red", "--url"}
	for _, c := range []struct {
		name  string
		stdin string
		args  []string
		env   map[string]string
	}{
		{"map", string(body), []string{"map", "--sender", "helpscout", "--header", "X-HelpScout-Event=satisfaction.ratings"}, nil},
		{"map for machines", string(body), []string{"map", "--sender", "helpscout", "--header", "X-HelpScout-Event=satisfaction.ratings", "--json"}, nil},
		{"map of a broken body", `{"id": "` + hostile, []string{"map", "--sender", "helpscout"}, nil},
		{"map of another rating", `{"id": 1, "rating": "\u001b\u202e\n` + forged + `"}`, []string{"map", "--sender", "helpscout", "--header", "X-HelpScout-Event=satisfaction.ratings"}, nil},
		{"map with another sender", "{}", []string{"map", "--sender", hostile, "--mappings", named("senders:\n  desk: {proof: \"x\\e\\u202e\\n" + forged + "\"}\n")}, nil},
		{"map without a file", "{}", []string{"map", "--sender", "x", "--mappings", hostile}, nil},
		{"map with unknown questions", "{}", []string{"map", "--sender", "typeform", "--questions", hostile}, nil},
		{"send", "", append(send, "http://"+own), nil},
		{"send, refused", "", append(send, "http://"+status), nil},
		{"send to no server", "", append(send, "http://"+hostile), nil},
		{"send without a secret", "", []string{"send", "--secret-file", hostile, "--smiley", "red", "--url", "http://x"}, nil},
		{"send as no sender", "", []string{"send", "--secret", testSecret, "--as", hostile, "--url", "http://x"}, nil},
		{"import of unknown columns", header + "1,ticket,rood,x\n2,ticket,red\n", []string{"import", "-"}, nil},
		{"import of a named file", "", []string{"import", named(header + "1,ticket,rood,x\n" + quoted + ",,,,\n")}, nil},
		{"import of a broken header", "\"" + hostile, []string{"import", "-"}, nil},
		{"import of no file", "", []string{"import", hostile}, nil},
		{"import into a new database", header, []string{"import", "-"}, map[string]string{"SMILEYBOT_DATABASE": filepath.Join(folder, hostile)}},
		{"import with another place", header, []string{"import", "-", "--rejected", hostile + "/x"}, nil},
		{"score", "", []string{"score", "smileys", "2026-10", "by", "agent"}, nil},
		{"score of an agent", "", []string{"score", "smileys", "2026-10", `agent:"` + hostile + `"`}, nil},
		{"score for machines", "", []string{"score", "smileys", "2026-10", "by", "agent", "--json"}, nil},
		{"score of nothing", "", []string{"score", hostile, hostile}, nil},
		{"score of no period", "", []string{"score", "nps", hostile}, nil},
		{"score without a database", "", []string{"score", "nps"}, map[string]string{"SMILEYBOT_DATABASE": hostile}},
		{"rebuild", "", []string{"rebuild"}, nil},
		{"forget", "", []string{"forget", "--customer", hostile, "--dry-run"}, nil},
		{"check", "", []string{"check", "--post"}, nil},
		{"check of another Slack", "", []string{"check"}, map[string]string{"SLACK_API_URL": "http://" + own + "/"}},
		{"check of an address", "", []string{"check", "--url", "http://" + status}, nil},
		{"health", "", []string{"health"}, map[string]string{"SMILEYBOT_ADMIN_LISTEN": health}},
		{"health, refused", "", []string{"health"}, map[string]string{"SMILEYBOT_ADMIN_LISTEN": status}},
		{"health of nothing", "", []string{"health"}, map[string]string{"SMILEYBOT_ADMIN_LISTEN": hostile}},
		{"backup", "", []string{"backup", filepath.Join(folder, "b"+hostile)}, nil},
		{"backup in no folder", "", []string{"backup", hostile + "/b"}, nil},
		{"settings from a file", "", []string{"score", "nps"}, map[string]string{"SMILEYBOT_WEBHOOK_SECRETS_FILE": hostile}},
		{"settings", "", []string{"serve"}, map[string]string{"SMILEYBOT_TIMEZONE": hostile, "SMILEYBOT_OFFICE_HOURS": hostile, "SMILEYBOT_ROUTES": hostile, "SMILEYBOT_MAPPINGS": hostile}},
		{"export of no day", "", []string{"export", "--from", hostile}, nil},
		{"manifest", "", []string{"manifest", "--url", "https://" + hostile}, nil},
		{"demo", "", []string{"demo", "--listen", hostile}, nil},
		{"no command", "", []string{hostile}, nil},
		{"no flag", "", []string{"score", "--" + hostile}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, value := range c.env {
				t.Setenv(name, strings.ReplaceAll(value, "\x00", ""))
			}
			if c.name == "rebuild" {
				db, err := sql.Open("sqlite3", os.Getenv("SMILEYBOT_DATABASE"))
				require.NoError(t, err)
				defer db.Close()
				_, err = db.ExecContext(t.Context(), `update tally set voided = 7`)
				require.NoError(t, err)
			}
			var out, errs bytes.Buffer
			run(t.Context(), c.args, strings.NewReader(c.stdin), &out, &errs)
			assertPrintable(t, "standard output", out.String())
			assertPrintable(t, "standard error", errs.String())
			assert.NotEmpty(t, out.String()+errs.String())
			if strings.HasSuffix(c.name, "machines") {
				assert.True(t, json.Valid(out.Bytes()), out.String())
			}
			if c.name == "map for machines" {
				var printed struct{ Events []map[string]string }
				require.NoError(t, json.Unmarshal(out.Bytes(), &printed))
				assert.Equal(t, hostile, printed.Events[0]["comment"], "nothing is lost")
			}
		})
	}
	// What another program reads is exact.
	exported := call(t, "export").stdout
	assert.Contains(t, exported, hostile)
}

// TestCheckKeepsToItsLines checks Slack's answers and the details of refused deliveries.
func TestCheckKeepsToItsLines(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	streams{out: p}.printResult(selfcheck.Result{Failed: true, Text: hostile, Remedy: hostile, Details: []string{hostile}})
	p.flush()
	assertPrintable(t, "result", out.String())
	assert.Equal(t, 2, strings.Count(out.String(), "\n"))
}

// TestLogsLoseNothing checks that what is escaped in a log is read again by what reads JSON.
func TestLogsLoseNothing(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	slog.New(slog.NewJSONHandler(p, nil)).Info("text", "text", hostile)
	slog.New(slog.NewTextHandler(p, nil)).Info("text", "text", hostile)
	assertPrintable(t, "log", out.String())
	first, _, _ := strings.Cut(out.String(), "\n")
	var line map[string]string
	require.NoError(t, json.Unmarshal([]byte(first), &line))
	assert.Equal(t, hostile, line["text"])
}

// TestPrinter checks that bytes that are written in any parts, also within a character, print the
// same, and that nothing printable is changed.
func TestPrinter(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"score 9\nJan 😀 é", "score 9\nJan 😀 é"},
		{"\x1b[31m\x07\x00\x7f", `\u001b[31m\u0007\u0000\u007f`},
		{"\t\r\n", `\t\r` + "\n"},
		{"\u009b\u0085\u202e\u2066\u200f\u061c\u2028", `\u009b\u0085\u202e\u2066\u200f\u061c\u2028`},
		{"\u200b\ufeff\u00ad\u3164\U000e0041", `\u200b\ufeff\u00ad\u3164\udb40\udc41`},
		{"\x9b\xff a\xe2\x82", `\x9b\xff a\xe2\x82`},
	} {
		assert.Equal(t, strings.ReplaceAll(c.want, "\n", `\n`), oneLine(c.text))
		for size := 1; size <= len(c.text); size++ {
			var out bytes.Buffer
			p := &printer{out: &out}
			for rest := c.text; rest != ""; rest = rest[min(size, len(rest)):] {
				n, err := io.WriteString(p, rest[:min(size, len(rest))])
				require.NoError(t, err)
				require.Equal(t, min(size, len(rest)), n)
			}
			p.flush()
			assert.Equal(t, c.want, out.String())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if line := oneLine(text); strings.ContainsFunc(line, isHidden) || !utf8.ValidString(line) {
			t.Fatalf("%q is printed as %q", text, line)
		}
	})
}

// TestTableForPeople checks that a row stays one line, however the CSV is cut.
func TestTableForPeople(t *testing.T) {
	const file = "id,comment\r\n1,\"a \"\"b\"\"\r\nc\"\r\n2,\"\n,\"\r\n"
	for size := 1; size <= len(file); size++ {
		var out strings.Builder
		table := &tableForPeople{out: &out}
		for rest := file; rest != ""; rest = rest[min(size, len(rest)):] {
			_, err := fmt.Fprint(table, rest[:min(size, len(rest))])
			require.NoError(t, err)
		}
		assert.Equal(t, "id,comment\n1,\"a \"\"b\"\"\\r\\nc\"\n2,\"\\n,\"\n", out.String())
	}
}
