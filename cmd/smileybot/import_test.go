package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store/storetest"
)

// written writes a file in a temporary folder and returns its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// contents returns the text of a file.
func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestImportReportsWrongRows checks that good rows are imported, that wrong ones are reported and written to a file,
// that they are imported once they are corrected, and that importing again changes nothing.
func TestImportReportsWrongRows(t *testing.T) {
	kept(t)
	path := written(t, "history.csv", "\xef\xbb\xbfid;kind;channel;score;comment;occurred_at;note\r\n"+
		"1;nps;panel;9;\"two\r\nlines\";2026-10-05T10:00:00Z;x\r\n"+
		"2;nps;panel;11;;2026-10-05T10:00:00Z;\r\n"+
		"3;nps;panel;8;;5 October;\r\n"+
		"4;nps;panel;;no score;2026-10-05T10:00:00Z;\r\n"+
		"5;nps;panel;7;;2026-10-06T10:00:00Z;\r\n")
	done := call(t, "import", path)
	assert.Equal(t, 1, done.status)
	assert.Equal(t, "rows 5: 2 created, 0 updated, 0 unchanged, 0 stale, 3 rejected\n", done.stdout)
	rejected := strings.TrimSuffix(path, ".csv") + ".rejected.csv"
	assert.Equal(t, strings.Join([]string{
		path + ": column 7 (note) is not known and not read; known are " + strings.Join(sheetHeader(), ","),
		path + ": line 4, column 4 (score): must be a whole number from 0 to 10",
		path + ": line 5, column 6 (occurred_at): not a moment: write it as 2026-11-20T10:31:00Z, 2026-11-20 10:31 or 2026-11-20",
		path + ": line 6, column 4 (score): must be a whole number from 0 to 10; the first row of a feedback needs it",
		"this was import 1; to undo it: smileybot import --undo 1",
		"smileybot: the rejected rows were not imported and are in " + rejected + ": correct them there and import that file",
	}, "\n")+"\n", done.stderr)
	const wrong = "\xef\xbb\xbfid;kind;channel;score;comment;occurred_at;note\r\n2;nps;panel;11;;2026-10-05T10:00:00Z;\r\n" +
		"3;nps;panel;8;;5 October;\r\n4;nps;panel;;no score;2026-10-05T10:00:00Z;\r\n"
	assert.Equal(t, wrong, contents(t, rejected))

	corrected := strings.NewReplacer(";11;", ";10;", "5 October", "2026-10-05T10:00:00Z", ";;no", ";6;no").Replace(wrong)
	require.NoError(t, os.WriteFile(rejected, []byte(corrected), 0o600))
	assert.Equal(t, called{0, "rows 3: 3 created, 0 updated, 0 unchanged, 0 stale, 0 rejected\n", strings.Split(done.stderr, "\n")[0][len(path)+2:] + "\nthis was import 2; to undo it: smileybot import --undo 2\n"},
		without(call(t, "import", rejected), rejected+": "))
	assert.Equal(t, "rows 3: 0 created, 0 updated, 3 unchanged, 0 stale, 0 rejected\n", call(t, "import", rejected).stdout)
	assert.Contains(t, call(t, "score", "nps", "2026-10", "--json").stdout, `"n":5,`)
}

// without removes a prefix from the lines of standard error.
func without(c called, prefix string) called {
	c.stderr = strings.ReplaceAll(c.stderr, prefix, "")
	return c
}

func sheetHeader() []string {
	return strings.Split("id,sender,kind,channel,smiley,score,comment,customer.id,customer.name,customer.email,agent.id,agent.name,agent.email,"+
		"ticket.id,ticket.subject,ticket.url,ticket.urgent,ticket.opened_at,ticket.first_reply_at,ticket.resolved_at,ticket.replies,"+
		"site,follow_up_of,raw,occurred_at,void_reason,voided_at,voided_by,moments,claims", ",")
}

// TestImportFromStandardInput checks that rejected rows are kept only with --rejected.
func TestImportFromStandardInput(t *testing.T) {
	kept(t)
	const file = "id,channel,smiley,score\n1,ticket,roze,\n2,ticket,red,9"
	from := func(args ...string) called {
		var out, errs strings.Builder
		status := run(t.Context(), append([]string{"import", "--undated", "now", "-"}, args...), strings.NewReader(file), &out, &errs)
		return called{status, out.String(), errs.String()}
	}
	rejected := filepath.Join(t.TempDir(), "wrong.csv")
	assert.Equal(t, called{
		1, "rows 2: 1 created, 0 updated, 0 unchanged, 0 stale, 1 rejected\n",
		"standard input: line 2, column 3 (smiley): must be one of red, yellow, green\n" +
			"rows that count as of now, because they have no time or one in the future: 1\n" +
			"rows with a smiley or a score that their kind does not have, which was left out: 1\n" +
			"this was import 1; to undo it: smileybot import --undo 1\n" +
			"smileybot: the rejected rows were not imported and are in " + rejected + ": correct them there and import that file\n",
	}, from("--rejected", rejected))
	assert.Equal(t, "id,channel,smiley,score\n1,ticket,roze,\n", contents(t, rejected))
	done := from()
	assert.Equal(t, "rows 2: 0 created, 0 updated, 1 unchanged, 0 stale, 1 rejected\n", done.stdout)
	assert.Contains(t, done.stderr, "--rejected FILE keeps them in a file")
	done = from("--rejected", t.TempDir())
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "the wrong rows cannot be kept")
}

// TestImportCreatesTheDatabase checks that a missing database is created, with a message.
func TestImportCreatesTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": path})
	done := call(t, "import", written(t, "history", "id,channel,smiley,occurred_at\n1,ticket,red,2026-10-05\n"))
	assert.Zero(t, done.status, done.stderr)
	assert.Contains(t, done.stderr, "There was no database at "+path+": it is created now.")
}

// TestImportThatCannotBegin checks the messages about wrong arguments and files.
func TestImportThatCannotBegin(t *testing.T) {
	kept(t)
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no file", []string{"import"}, 2, "expected \"<file>\""},
		{"missing file", []string{"import", filepath.Join(t.TempDir(), "none.csv")}, 2, "no such file"},
		{"the zone of the machine", []string{"import", "--zone", "Local", written(t, "x.csv", "id\n")}, 2, "--zone is no time zone: name one such as Europe/Amsterdam or UTC"},
		{"no header", []string{"import", written(t, "x.csv", "1,ticket,red\n")}, 1, "there is no column id"},
		{"empty", []string{"import", written(t, "x.csv", "")}, 1, "the file is empty"},
		{"no day", []string{"export", "--from", "october"}, 2, "--from is not a date: write it as 2026-10-05"},
		{"no last day", []string{"export", "--to", "1"}, 2, "--to is not a date"},
		{"backwards", []string{"export", "--from", "2026-10-05", "--to", "2026-10-04"}, 2, "no day lies between"},
	} {
		done := call(t, c.args...)
		assert.Equal(t, c.status, done.status, c.name)
		assert.Contains(t, done.stderr, c.want, c.name)
		assert.Empty(t, done.stdout, c.name)
	}
}

// TestExportCanBeImported checks that an export can be imported to the same feedback, here and elsewhere, and that
// its days are local.
func TestExportCanBeImported(t *testing.T) {
	midnight := time.Date(2026, 10, 4, 22, 0, 0, 0, time.UTC) // in Amsterdam
	last := storetest.With(storetest.Smiley("3", feedback.Red, midnight.Add(24*time.Hour-time.Millisecond)), "=cmd|' /C calc'!A0\r\n\"x\"")
	last.Answer.Ticket, last.Mentions[feedback.FieldTicketUrgent] = feedback.Ticket{}, true
	kept(t, storetest.Smiley("1", feedback.Green, midnight.Add(-time.Millisecond)), storetest.Smiley("2", feedback.Yellow, midnight), last,
		storetest.Smiley("4", feedback.Green, midnight.Add(24*time.Hour)))
	done := call(t, "export", "--from", "2026-10-05", "--to", "2026-10-05")
	require.Zero(t, done.status, done.stderr)
	lines := strings.Split(strings.Replace(done.stdout, "'!A0\r\n", "'!A0\\r\\n", 1), "\r\n")
	require.Len(t, lines, 4, done.stdout)
	assert.Equal(t, strings.Join(sheetHeader(), ","), lines[0])
	assert.Equal(t, "2,feedback,smiley,ticket,yellow,,,,,,,,,,,,,,,,,,,,2026-10-04T22:00:00Z,,,,", lines[1])
	assert.Equal(t, `3,feedback,smiley,ticket,red,,"'=cmd|' /C calc'!A0\r\n""x""",,,,,,,,,,false,,,,,,,,2026-10-05T21:59:59.999Z,,,,`, lines[2])

	all := call(t, "export").stdout
	assert.Equal(t, "rows 4: 0 created, 0 updated, 4 unchanged, 0 stale, 0 rejected\n", call(t, "import", written(t, "all.csv", all)).stdout)
	kept(t)
	assert.Equal(t, "rows 4: 4 created, 0 updated, 0 unchanged, 0 stale, 0 rejected\n", call(t, "import", written(t, "all.csv", all)).stdout)
	assert.Equal(t, all, call(t, "export").stdout)
}
