package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/csvfile"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// written puts a file into a folder of the test's own.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// held is what a file holds.
func held(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestImport: good rows are taken, wrong ones told and kept for mending; mended,
// they are taken, too; and everything again changes nothing.
func TestImport(t *testing.T) {
	kept(t)
	path := written(t, "history.csv", "\xef\xbb\xbfid;kind;channel;score;comment;occurred_at;note\r\n"+
		"1;nps;panel;9;\"two\r\nlines\";2026-10-05T10:00:00Z;x\r\n"+
		"2;nps;panel;11;;2026-10-05T10:00:00Z;\r\n"+
		"3;nps;panel;8;;5 October;\r\n"+
		"4;nps;panel;;no score;2026-10-05T10:00:00Z;\r\n"+
		"5;nps;panel;7;;2026-10-06T10:00:00Z;\r\n")
	done := call(t, "import", path)
	assert.Equal(t, 1, done.status)
	assert.Equal(t, "rows 5: 2 created, 0 updated, 0 unchanged, 3 rejected\n", done.stdout)
	rejected := strings.TrimSuffix(path, ".csv") + ".rejected.csv"
	assert.Equal(t, strings.Join([]string{
		path + ": column 7 (note) is not known and not read; known are " + strings.Join(sheetHeader(), ","),
		path + ": line 4, column 4 (score): must be a whole number from 0 to 10",
		path + ": line 5, column 6 (occurred_at): must be a time as RFC 3339 writes it, with an offset and not before 1970, such as 2026-11-20T10:31:00Z",
		path + ": line 6, column 4 (score): must be a whole number from 0 to 10; the first row of a feedback needs it",
		"smileybot: the wrong rows were not taken and are in " + rejected + ": mend them there and import that file",
	}, "\n")+"\n", done.stderr)
	const wrong = "\xef\xbb\xbfid;kind;channel;score;comment;occurred_at;note\r\n2;nps;panel;11;;2026-10-05T10:00:00Z;\r\n" +
		"3;nps;panel;8;;5 October;\r\n4;nps;panel;;no score;2026-10-05T10:00:00Z;\r\n"
	assert.Equal(t, wrong, held(t, rejected))

	mended := strings.NewReplacer(";11;", ";10;", "5 October", "2026-10-05T10:00:00Z", ";;no", ";6;no").Replace(wrong)
	require.NoError(t, os.WriteFile(rejected, []byte(mended), 0o600))
	assert.Equal(t, called{0, "rows 3: 3 created, 0 updated, 0 unchanged, 0 rejected\n", strings.Split(done.stderr, "\n")[0][len(path)+2:] + "\n"},
		without(call(t, "import", rejected), rejected+": "))
	assert.Equal(t, "rows 3: 0 created, 0 updated, 3 unchanged, 0 rejected\n", call(t, "import", rejected).stdout)
	assert.Contains(t, call(t, "score", "nps", "2026-10", "--json").stdout, `"n":5,`)
}

// without takes a prefix out of what was said.
func without(c called, prefix string) called {
	c.stderr = strings.ReplaceAll(c.stderr, prefix, "")
	return c
}

func sheetHeader() []string {
	return strings.Split("id,sender,kind,channel,smiley,score,comment,customer.id,customer.name,customer.email,agent.id,agent.name,agent.email,"+
		"ticket.id,ticket.subject,ticket.url,ticket.urgent,ticket.opened_at,ticket.first_reply_at,ticket.resolved_at,ticket.replies,"+
		"site,follow_up_of,raw,occurred_at,void_reason", ",")
}

// TestImportFromStandardInput keeps wrong rows only where it is told to.
func TestImportFromStandardInput(t *testing.T) {
	kept(t)
	const file = "id,channel,smiley,score\n1,ticket,rood,\n2,ticket,red,9"
	from := func(args ...string) called {
		var out, errs strings.Builder
		status := run(t.Context(), append([]string{"import", "-"}, args...), strings.NewReader(file), &out, &errs)
		return called{status, out.String(), errs.String()}
	}
	rejected := filepath.Join(t.TempDir(), "wrong.csv")
	assert.Equal(t, called{
		1, "rows 2: 1 created, 0 updated, 0 unchanged, 1 rejected\n",
		"standard input: line 2, column 3 (smiley): must be one of red, yellow, green\n" +
			"rows that count as of now, because they say no moment or one in the future: 1\n" +
			"rows with a smiley or a score that their kind does not have, which was left out: 1\n" +
			"smileybot: the wrong rows were not taken and are in " + rejected + ": mend them there and import that file\n",
	}, from("--rejected", rejected))
	assert.Equal(t, "id,channel,smiley,score\n1,ticket,rood,\n", held(t, rejected))
	done := from()
	assert.Equal(t, "rows 2: 0 created, 0 updated, 1 unchanged, 1 rejected\n", done.stdout)
	assert.Contains(t, done.stderr, "--rejected FILE keeps them apart")
	done = from("--rejected", t.TempDir())
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "the wrong rows cannot be kept")
}

// TestImportMakesADatabase where there is none, and says so.
func TestImportMakesADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": path})
	done := call(t, "import", written(t, "history", "id,channel,smiley\n1,ticket,red\n"))
	assert.Zero(t, done.status, done.stderr)
	assert.Contains(t, done.stderr, "There was no database at "+path+": it is made now.")
}

// TestImportThatCannotBegin says what to do.
func TestImportThatCannotBegin(t *testing.T) {
	kept(t)
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"no file":      {[]string{"import"}, 2, "expected \"<file>\""},
		"missing file": {[]string{"import", filepath.Join(t.TempDir(), "none.csv")}, 2, "no such file"},
		"no header":    {[]string{"import", written(t, "x.csv", "1,ticket,red\n")}, 1, "there is no column id"},
		"empty":        {[]string{"import", written(t, "x.csv", "")}, 1, "the file is empty"},
		"no day":       {[]string{"export", "--from", "october"}, 2, "--from is not a date: write it as 2026-10-05"},
		"no last day":  {[]string{"export", "--to", "1"}, 2, "--to is not a date"},
		"backwards":    {[]string{"export", "--from", "2026-10-05", "--to", "2026-10-04"}, 2, "no day lies between"},
	} {
		done := call(t, c.args...)
		assert.Equal(t, c.status, done.status, name)
		assert.Contains(t, done.stderr, c.want, name)
		assert.Empty(t, done.stdout, name)
	}
}

// TestExport: what was exported is imported to the same, here and elsewhere, and
// days are local.
func TestExport(t *testing.T) {
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
	assert.Equal(t, "2,feedback,smiley,ticket,yellow,,,,,,,,,,,,,,,,,,,,2026-10-04T22:00:00Z,", lines[1])
	assert.Equal(t, `3,feedback,smiley,ticket,red,,"'=cmd|' /C calc'!A0\r\n""x""",,,,,,,,,,false,,,,,,,,2026-10-05T21:59:59.999Z,`, lines[2])

	all := call(t, "export").stdout
	assert.Equal(t, "rows 4: 0 created, 0 updated, 4 unchanged, 0 rejected\n", call(t, "import", written(t, "all.csv", all)).stdout)
	kept(t)
	assert.Equal(t, "rows 4: 4 created, 0 updated, 0 unchanged, 0 rejected\n", call(t, "import", written(t, "all.csv", all)).stdout)
	assert.Equal(t, all, call(t, "export").stdout)
}

// TestExportOfChanges: a feedback that changed is exported at its beginning with
// its last values; taken in where it came from, it changes nothing and makes
// nothing suspect.
func TestExportOfChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "smileybot.db")
	s, err := sqlite.Open(t.Context(), path, storetest.Options(t))
	require.NoError(t, err)
	at := time.Date(2026, 10, 5, 10, 0, 0, 123456789, time.UTC)
	for i, smiley := range []feedback.Smiley{feedback.Red, feedback.Green} {
		e := storetest.Smiley("1", smiley, at)
		e.OccurredAt = at.Add(time.Duration(i) * time.Hour)
		_, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: at.Add(time.Duration(i) * time.Hour)}, e)
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": path})
	all := call(t, "export").stdout
	assert.Contains(t, all, "1,feedback,smiley,ticket,green,")
	assert.Contains(t, all, "2026-10-05T10:00:00.123Z")
	assert.Equal(t, "rows 1: 0 created, 0 updated, 1 unchanged, 0 rejected\n", call(t, "import", written(t, "all.csv", all)).stdout)
	assert.Equal(t, all, call(t, "export").stdout)
	reopened := storetest.Open(t, path)
	next, err := reopened.NextPosts(t.Context(), at.Add(2*time.Hour))
	require.NoError(t, err)
	require.Len(t, next, 1)
	c, err := reopened.Case(t.Context(), next[0].FeedbackID)
	require.NoError(t, err)
	assert.Equal(t, int64(2), c.Feedback.Revision)
	assert.False(t, c.Feedback.Suspect)
}

// TestExportedScores: whatever is exported gives the same scores where it is
// imported.
func TestExportedScores(t *testing.T) {
	options := storetest.Options(t)
	rapid.Check(t, func(rt *rapid.T) {
		from, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "from.db"), options)
		require.NoError(rt, err)
		defer from.Close()
		kinds := rapid.SampledFrom(feedback.Kinds())
		for range rapid.IntRange(0, 20).Draw(rt, "events") {
			kind := kinds.Draw(rt, "kind")
			low, high := kind.Scale()
			at := time.Date(2026, 10, 24, 12, 0, 0, rapid.IntRange(0, 1e9).Draw(rt, "ns"), time.UTC).Add(time.Duration(rapid.IntRange(0, 48*60).Draw(rt, "minutes")) * time.Minute)
			e := storetest.Score(rapid.SampledFrom([]string{"1", "=2", "'3", "4\r\n\"5;,"}).Draw(rt, "id"), kind, rapid.IntRange(low, high).Draw(rt, "rating"), at)
			e.OccurredAt = at
			_, err := from.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: at}, e)
			require.NoError(rt, err)
		}
		into, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "into.db"), options)
		require.NoError(rt, err)
		defer into.Close()
		var file bytes.Buffer
		require.NoError(rt, writeCSV(t.Context(), &file, from, 0, 100_000))
		rows, err := csvfile.NewReader(&file, time.Now())
		require.NoError(rt, err)
		for {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(rt, err)
			storetest.Import(t, into, time.Now(), row.Event)
		}
		for day := feedback.Date(2026, 10, 23); day < feedback.Date(2026, 10, 28); day++ {
			for _, kind := range feedback.Kinds() {
				require.Equal(rt, counted(t, from, kind, day), counted(t, into, kind, day))
			}
		}
	})
}

// counted is what counts of a kind on a day.
func counted(tb testing.TB, s *store.Store, kind feedback.Kind, day feedback.Day) []feedback.Reading {
	tb.Helper()
	var all []feedback.Reading
	for _, metric := range feedback.Metrics() {
		if metric.Kind() != kind {
			continue
		}
		report, err := s.Report(tb.Context(), feedback.About(metric, feedback.Period{From: day, To: day, Unit: feedback.UnitDay}))
		require.NoError(tb, err)
		all = append(all, report.Reading)
	}
	return all
}
