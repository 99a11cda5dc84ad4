package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/senders/mapping"
)

// exported is what an export has, a line each feedback, with the columns that a layout fills.
func exported(t *testing.T, columns ...string) []string {
	t.Helper()
	done := call(t, "export")
	require.Zero(t, done.status, done.stderr)
	rows, err := csv.NewReader(strings.NewReader(done.stdout)).ReadAll()
	require.NoError(t, err)
	var lines []string
	for _, row := range rows[1:] {
		var cells []string
		for _, column := range columns {
			cells = append(cells, row[slices.Index(rows[0], column)])
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}

// sample is the path of an export of another system, with invented values.
func sample(name string) string { return filepath.Join("testdata", "layouts", name+".csv") }

// TestImportLayouts checks that the samples of the ready-made layouts are imported whole, with one command, and that the
// same file again changes nothing.
func TestImportLayouts(t *testing.T) {
	survey := []string{"id", "sender", "kind", "channel", "score", "comment", "customer.id", "customer.name", "customer.email", "ticket.id", "occurred_at"}
	for _, c := range []struct {
		layout  string
		columns []string
		want    []string
		skipped string
	}{
		{"typeform", survey, []string{
			"8f14e45fceea167a5a36dedd4bea2543|typeform|nps|panel|10|Quick, and friendly.|||jan@example.org|4711|2025-12-03T10:00:44Z",
			"c9f0f895fb98ab9159f51fd0297e236d|typeform|nps|panel|6|The guide is old.\nStep 3 is wrong.||||4712|2026-03-28T23:30:00Z",
			"d3d9446802a44259755d38e6d163e820|typeform|nps|panel|8||||piet@example.org||2026-11-20T09:31:05Z",
		}, "1"},
		{"surveymonkey", survey, []string{
			"118041234561|feedback|nps|panel|10||c-1042|Jan|jan@example.org||2025-12-03T10:00:44Z",
			"118041234562|feedback|nps|panel|6|Answer faster, please.|||||2026-03-29T00:30:00Z",
			"118041234564|feedback|nps|panel|0||||||2026-11-20T21:31:05Z",
		}, "1"},
		{"qualtrics", survey, []string{ // its moments are of Denver, as its third row says
			"R_1dJAq0Zx3hVwY7c|feedback|nps|panel|10|Quick help|c-1042||jan@example.org||2025-12-03T10:00:45Z",
			"R_3kPw8bWcD2aXyZ1|feedback|nps|panel|4|Te traag, helaas|||||2026-06-30T22:30:01Z",
		}, "2"},
		{"googleforms", survey, []string{
			"2025/12/03 11:00:44 AM GMT+1|feedback|nps|panel|10|Quick help|||jan@example.org||2025-12-03T10:00:44Z",
			"2026/03/29 3:30:00 AM CEST|feedback|nps|panel|6|Slow, sadly|||||2026-03-29T01:30:00Z",
			"2026/03/29 3:30:00 AM CEST-2|feedback|nps|panel|7||||||2026-03-29T01:30:00Z",
			"2026/11/20 10:31:05 p. m. CET|feedback|nps|panel|9||||||2026-11-20T21:31:05Z",
		}, ""},
		{"zendesk", []string{"id", "sender", "kind", "channel", "smiley", "raw", "customer.id", "customer.email", "agent.name", "ticket.id", "ticket.opened_at", "ticket.resolved_at", "ticket.replies", "occurred_at"}, []string{
			"4711|zendesk|smiley|ticket|green|Good|360011|jan@example.org|Bart|4711|2025-12-03T08:12:00Z|2025-12-03T09:05:00Z|1|2025-12-03T09:05:00Z",
			"4712|zendesk|smiley|ticket|red|Bad|360012|piet@example.org|Anna|4712|2026-05-02T10:00:00Z|2026-05-03T07:30:00Z|4|2026-05-03T07:30:00Z",
		}, "2"},
	} {
		t.Run(c.layout, func(t *testing.T) {
			kept(t)
			done := call(t, "import", "--layout", c.layout, sample(c.layout))
			assert.Zero(t, done.status, done.stderr)
			assert.Contains(t, done.stderr, "layout "+c.layout+": ")
			assert.NotContains(t, done.stderr, "warning")
			if c.skipped != "" {
				assert.Contains(t, done.stderr, "no finished response: "+c.skipped+"\n")
			}
			assert.Equal(t, c.want, exported(t, c.columns...))
			again := call(t, "import", "--layout", c.layout, sample(c.layout))
			assert.Contains(t, again.stdout, ": 0 created, 0 updated, ")
			assert.Contains(t, again.stdout, " 0 stale, 0 rejected")
		})
	}
	assert.Len(t, mapping.LayoutNames(), 5)
}

// TestImportLayoutRejected checks that rejected rows of another system's file keep its whole header, and that they are
// imported with the same layout once they are corrected.
func TestImportLayoutRejected(t *testing.T) {
	kept(t)
	path := written(t, "survey.csv", strings.Replace(contents(t, sample("qualtrics")), ",1,4,", ",1,44,", 1))
	done := call(t, "import", "--layout", "qualtrics", path)
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, ": line 8, column 19 (Q1): must be a whole number from 0 to 10\n")
	rejected := strings.TrimSuffix(path, ".csv") + ".rejected.csv"
	rows := contents(t, rejected)
	assert.Equal(t, contents(t, path)[:strings.Index(contents(t, path), "\n2025-12-03")+1], rows[:strings.Index(rows, "2026-06-30")])
	require.NoError(t, os.WriteFile(rejected, []byte(strings.Replace(rows, ",1,44,", ",1,4,", 1)), 0o600))
	done = call(t, "import", "--layout", "qualtrics", rejected)
	assert.Equal(t, "rows 1: 1 created, 0 updated, 0 unchanged, 0 stale, 0 rejected\n", done.stdout)
	assert.Contains(t, exported(t, "id", "occurred_at"), "R_3kPw8bWcD2aXyZ1|2026-06-30T22:30:01Z")
}

// TestImportLayoutRejectedKeepsItsNumber checks that a rejected row that only its place tells apart from others becomes
// feedback of its own once it is corrected.
func TestImportLayoutRejectedKeepsItsNumber(t *testing.T) {
	kept(t)
	const header, at, later = "Timestamp,NPS\n", "2025/12/03 11:00:44 AM GMT+1", "2025/12/03 11:00:45 AM GMT+1"
	path := written(t, "form.csv", header+at+",9\n"+at+",ten\n"+at+",3\n"+at+",two\n"+later+",7\n"+later+",8\n"+at+",none\n")
	done := call(t, "import", "--layout", "googleforms", path)
	assert.Equal(t, "rows 7: 4 created, 0 updated, 0 unchanged, 0 stale, 3 rejected\n", done.stdout)
	rejected := strings.TrimSuffix(path, ".csv") + ".rejected.csv"
	rows := contents(t, rejected)
	assert.Equal(t, header+at+",9\n"+at+",ten\n"+at+",3\n"+at+",two\n"+at+",none\n", rows)
	require.NoError(t, os.WriteFile(rejected, []byte(strings.NewReplacer("ten", "10", "two", "2", at+",none\n", "").Replace(rows)), 0o600))
	done = call(t, "import", "--layout", "googleforms", rejected)
	assert.Equal(t, "rows 4: 2 created, 0 updated, 2 unchanged, 0 stale, 0 rejected\n", done.stdout)
	assert.ElementsMatch(t, []string{at + "|9", at + "-2|10", at + "-3|3", at + "-4|2", later + "|7", later + "-2|8"}, exported(t, "id", "score"))
}

// TestImportLayoutSavedBySpreadsheet checks a file that a Dutch spreadsheet has opened and saved: semicolons, days first, and
// WAAR for true.
func TestImportLayoutSavedBySpreadsheet(t *testing.T) {
	kept(t)
	path := written(t, "survey.csv", "ResponseId;Status;Finished;RecordedDate;NPS\r\n"+
		"Response ID;Response Type;Finished;Recorded Date;How likely are you to recommend us?\r\n"+
		"R_1;IP Address;WAAR;3-12-2025 02:00;9\r\nR_2;IP Address;ONWAAR;3-12-2025 02:00;8\r\n")
	done := call(t, "import", "--layout", "qualtrics", "--zone", "UTC", "--dates", "dmy", path)
	assert.Equal(t, "rows 1: 1 created, 0 updated, 0 unchanged, 0 stale, 0 rejected\n", done.stdout, done.stderr)
	assert.Equal(t, []string{"R_1|9|2025-12-03T02:00:00Z"}, exported(t, "id", "score", "occurred_at"))
}

// TestImportLayoutOfOnesOwn checks that a ready-made layout can be printed, changed and used, and that flags win over it.
func TestImportLayoutOfOnesOwn(t *testing.T) {
	kept(t)
	printed := call(t, "import", "--layout", "SurveyMonkey", "--print-layout")
	require.Zero(t, printed.status, printed.stderr)
	own := written(t, "own.yaml", strings.Replace(printed.stdout, "{constant: panel}", "{constant: email}", 1))
	done := call(t, "import", "--layout", own, "--zone", "UTC", "--dates", "dmy", "--set", "comment=9", written(t, "survey.csv", contents(t, sample("surveymonkey"))))
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "survey.csv: End Date: not a moment (lines 4–6): as --dates dmy reads it, there is no such day\n")
	assert.Equal(t, []string{"118041234561|email|c-1042|2025-03-12T11:00:44Z"}, exported(t, "id", "channel", "comment", "occurred_at"))

	denver := call(t, "import", "--layout", "qualtrics", "--zone", "UTC", sample("qualtrics"))
	assert.Zero(t, denver.status, denver.stderr)
	assert.Contains(t, exported(t, "id", "occurred_at"), "R_1dJAq0Zx3hVwY7c|2025-12-03T03:00:45Z", "the flag wins over the file")

	csat := call(t, "import", "--layout", "typeform", "--set", "kind=CSAT", "--set", "channel=Chat", "--set", "sender=feedback",
		"--set", "score=How was it?", written(t, "csat.csv", "Token,How was it?,Submit Date (UTC)\na,5,2026-11-20 10:00:00\n"))
	assert.Zero(t, csat.status, csat.stderr)
	assert.Contains(t, exported(t, "id", "sender", "kind", "channel", "score"), "a|feedback|csat|chat|5")
}

// TestImportLayoutMistakes checks what a wrong layout, or a wrong name of one, gets to read. Nothing is stored.
func TestImportLayoutMistakes(t *testing.T) {
	kept(t)
	const all = "googleforms, qualtrics, surveymonkey, typeform, zendesk\n"
	wrong := written(t, "wrong.yaml", "fields: {id: Id}\nzone: Mars\n")
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"an unknown name", "smileybot: --layout: there is no file surveymoney and no layout of that name; did you mean surveymonkey? There are " + all, []string{"--layout", "surveymoney", "x.csv"}},
		{"a wrong file", "smileybot: " + wrong + ": line 1, column 9: missing: kind, channel, smiley or score; write which column has it, as in id: Response ID, or kind: {constant: nps}\n" +
			"smileybot: " + wrong + ": line 2, column 7: not the name of a time zone; write it as Europe/Amsterdam\n", []string{"--layout", wrong, "x.csv"}},
		{"no layout to change", "smileybot: --set changes a layout: name one with --layout; there are " + all, []string{"--set", "score=2", "x.csv"}},
		{"no layout to print", "smileybot: --print-layout needs --layout: there are " + all, []string{"--print-layout"}},
		{"an unknown kind", "smileybot: --set: kind must be one of smiley, nps, csat, ces, nls, review\n", []string{"--layout", "typeform", "--set", "kind=stars", "x.csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, called{2, "", c.want}, call(t, append([]string{"import"}, c.args...)...))
		})
	}
	other := call(t, "import", "--layout", "typeform", sample("surveymonkey"))
	assert.Equal(t, 1, other.status)
	assert.Contains(t, other.stderr, `surveymonkey.csv: line 1: id: no column has the name "Token" or "#" or "Response ID"; name a column with --set FIELD=COLUMN; the file has 1 "Respondent ID"`)
	sender := call(t, "import", "--layout", "typeform", "--set", "sender=typefrom", sample("typeform"))
	assert.Equal(t, 1, sender.status)
	assert.Contains(t, sender.stderr, "typeform.csv: sender: no sender is called that: did you mean typeform? There are ")
	assert.Empty(t, sender.stdout)
	empty := written(t, "empty.csv", "")
	assert.Equal(t, called{1, "", "smileybot: " + empty + ": the file is empty; its first line must name the columns\n"}, call(t, "import", "--layout", "typeform", empty))
	assert.Empty(t, exported(t, "id"))
}
