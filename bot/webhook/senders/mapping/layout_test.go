package mapping_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/senders/mapping"
	"smileybot/csvfile"
	"smileybot/feedback"
)

// shop is a layout with what a ready-made one lacks.
const shop = `
header: 2
dates: dmy
zone: Europe/Amsterdam
only: [{column: State, is: [done, closed]}, {column: Nr, not: [number]}]
fields:
  id: Nr
  kind: {constant: smiley}
  channel: {column: Via, values: {mail: email, shop: chat}}
  smiley: {column: [Verdict, Old verdict], values: {Top: green, Poor: red}}
  comment: {contains: [remark], without: [internal]}
  ticket.urgent: {column: Urgent, values: {x: true}}
  occurred_at: When
`

// read reads a file with a layout.
func read(t *testing.T, layout, file string, set ...string) (rows []csvfile.Row, mistakes []string, r *csvfile.Reader) {
	t.Helper()
	l, err := mapping.ParseLayout([]byte(layout))
	require.NoError(t, err)
	for i := 0; i < len(set); i += 2 {
		require.NoError(t, l.Set(set[i], set[i+1]))
	}
	r, err = csvfile.NewReader(strings.NewReader(file), csvfile.Options{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), Layout: l.CSV()})
	if err != nil {
		return nil, []string{err.Error()}, nil
	}
	for {
		row, err := r.Read()
		wrong, rejected := errors.AsType[*csvfile.RowError](err)
		switch {
		case errors.Is(err, io.EOF):
			return rows, mistakes, r
		case rejected:
			for _, one := range wrong.Unwrap() {
				mistakes = append(mistakes, one.Error())
			}
		default:
			require.NoError(t, err)
			rows = append(rows, row)
			for _, one := range row.Warnings {
				mistakes = append(mistakes, "warning: "+one.At(row.Line))
			}
		}
	}
}

// TestLayout checks a layout of one's own: columns, tables, conditions, the header, and that mistakes have the line and
// the column of the file.
func TestLayout(t *testing.T) {
	file := "nr;STATE;Via;Verdict;Old verdict;Internal remark;Any remarks?;Urgent;When\r\n" +
		"number;state;;;;;;;\r\n" +
		"1;done;Mail;top;;staff;'fine';X;25-10-2026 02:30\r\n" +
		"2;open;mail;top;;;;;20-11-2026 10:31\r\n" +
		"3;closed;shop;;Poor;;;;20-11-2026 10:31\r\n" +
		"4;closed;shop;;;;;;20-11-2026 10:31\r\n" +
		"5;closed;fax;meh;;;;;20-11-2026 10:31\r\n" +
		"6;closed;shop;top;;;;maybe;20-11-2026 10:31\r\n" +
		"7;closed;shop;top;;;;;11/20/2026\r\n" +
		"7.8E+12;closed;shop;top;;;;;20-11-2026\r\n"
	rows, mistakes, r := read(t, shop, file)
	assert.Equal(t, []string{
		"line 7, column 3 (Via): must be one of mail, shop, as the layout has it",
		"line 7, column 4 (Verdict): must be one of Top, Poor, as the layout has it",
		"warning: line 8, column 8 (Urgent): must be one of x, as the layout has it",
		"line 9, column 9 (When): not a moment: as --dates dmy reads it, there is no such day",
		"line 10, column 1 (nr): a spreadsheet has shortened this id to a power of ten: export it again from its source, and format the column as text",
	}, mistakes)
	require.Len(t, rows, 3)
	first := rows[0].Event
	assert.Equal(t, feedback.Key{Sender: "feedback", Kind: feedback.KindSmiley, Channel: feedback.ChannelEmail, ID: "1"}, first.Key)
	assert.Equal(t, "'fine'", first.Answer.Comment, "another system's apostrophes are its customers'")
	assert.Equal(t, "top", first.Answer.Raw)
	assert.True(t, first.Answer.Ticket.Urgent)
	assert.Equal(t, "2026-10-25T00:30:00Z", first.OccurredAt.UTC().Format(time.RFC3339))
	assert.Equal(t, feedback.Red.Value(), rows[1].Event.Answer.Rating, "the first column of several that a row fills")
	assert.Equal(t, int64(2), r.Skipped(), "the open one and the one without a rating")
	assert.Equal(t, strings.Join(strings.SplitAfter(file, "\r\n")[:2], ""), string(r.Header()))
}

// TestLayoutKeepsTheFirstResponse checks that a response is no row of the header, however many rows that may have.
func TestLayoutKeepsTheFirstResponse(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       int
	}{
		{"without the second row", "Nr;State;Via;Verdict;When\n1;done;mail;top;20-11-2026\n2;done;mail;top;20-11-2026\n", 2},
		{"with it", "Nr;State;Via;Verdict;When\n;;;Response;\n1;done;mail;top;20-11-2026\n", 1},
		{"only the header", "Nr;State;Via;Verdict;When\n", 0},
		{"a broken row first", "Nr;State;Via;Verdict;When\n1;done;ma\"il;top;\n2;done;mail;top;20-11-2026\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, mistakes, _ := read(t, shop, c.file)
			assert.Len(t, rows, c.want)
			assert.Len(t, mistakes, strings.Count(c.file, "ma\"il"))
		})
	}
}

// TestLayoutNamesAMistakeOnce checks that a wrong moment in the second of two columns is not also missing in the first.
func TestLayoutNamesAMistakeOnce(t *testing.T) {
	const tickets = "fields: {id: Id, kind: {constant: nps}, channel: {constant: panel}, score: Score, occurred_at: [Solved, Updated]}"
	_, mistakes, _ := read(t, tickets, "Id,Score,Solved,Updated\n1,9,,3-12-2025\n2,9,,\n")
	assert.Equal(t, []string{
		"line 2, column 4 (Updated): not a moment: --dates dmy or --dates mdy tells in which order day and month stand",
		"line 3, column 3 (Solved): no moment: without one the row would count today; fill it in, or add --undated now",
	}, mistakes)
}

// TestLayoutNamesWhatIsMissing checks what a file without a column gets to read.
func TestLayoutNamesWhatIsMissing(t *testing.T) {
	const survey = "fields: {id: Id, kind: {constant: nps}, channel: {constant: panel}, score: {contains: [recommend]}, occurred_at: When, comment: Why}"
	const has = "; name a column with --set FIELD=COLUMN; the file has "
	for _, c := range []struct {
		name, header, want string
		set                []string
	}{
		{"all there", "Id,Would you recommend us?,When", "", nil},
		{"a required column", "Nr,Would you recommend us?,When", `line 1: id: no column has the name "Id"` + has + `1 "Nr", 2 "Would you recommend us?", 3 "When"`, nil},
		{"no question", "Id,Score,When", `line 1: score: no column has a name with "recommend"` + has + `1 "Id", 2 "Score", 3 "When"`, nil},
		{"two questions", "Id,Recommend A?,Recommend B?,When", `line 1: score: the names of columns 2 and 3 all have "recommend"` + has + `1 "Id", 2 "Recommend A?", 3 "Recommend B?", 4 "When"`, nil},
		{"said by its name", "Id,Recommend A?,Recommend B?,When", "", []string{"score", "recommend b?"}},
		{"said by its number", "Id,Recommend A?,Recommend A?,When", "", []string{"score", "3"}},
		{"two columns of that name", "Id,Recommend A?,Recommend A?,When", `line 1: score: columns 2 and 3 have the name "Recommend A?": write the number of one` + has + `1 "Id", 2 "Recommend A?", 3 "Recommend A?", 4 "When"`, []string{"score", "Recommend A?"}},
		{"an optional column that was said", "Id,Recommend?,When", `line 1: comment: no column has the name "Because"` + has + `1 "Id", 2 "Recommend?", 3 "When"`, []string{"comment", "Because"}},
		{"two optional columns of one name", "Id,Recommend?,When,Why,Why", "", nil},
		{"no moment", "Id,Recommend?", "line 1: there is no moment in the layout's columns, so all rows would count today: name the column with --set occurred_at=COLUMN, or add --undated now", nil},
		{"another kind without its question", "Id,Recommend?,When", `line 1: score: the layout does not say which column it is` + has + `1 "Id", 2 "Recommend?", 3 "When"`, []string{"kind", "csat"}},
		{"smileys without their column", "Id,Recommend?,When", `line 1: the layout does not say which column is smiley` + has + `1 "Id", 2 "Recommend?", 3 "When"`, []string{"kind", "smiley"}},
		{"the same kind", "Id,Recommend?,When", "", []string{"kind", "nps"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, mistakes, _ := read(t, survey, c.header+"\n", c.set...)
			assert.Equal(t, c.want, strings.Join(mistakes, "\n"))
		})
	}
}

// TestLayoutMistakes checks that the mistakes of a file are all named, with line and column.
func TestLayoutMistakes(t *testing.T) {
	const fields = "fields: {id: Id, kind: {constant: nps}, channel: {constant: panel}, score: Q1}\n"
	for _, c := range []struct{ name, file, want string }{
		{"right", fields, ""},
		{"empty", "", "line 1, column 1: nothing in it; begin with fields: and which column is what"},
		{"no YAML", "fields: {", "line 1, column 1: no YAML: did not find expected node content; correct it; indent with spaces, and put quotes around what begins with { * & or @"},
		{"a list", "- 1\n", "line 1, column 1: a list or a text where names and values should be; write name: value, a line each\nline 1, column 1: no fields; write fields: and which columns have id, kind, channel, occurred_at and smiley or score"},
		{"unknown keys", fields + "skip: 2\n", "line 2, column 1: not known here; choose from header, zone, dates, only, fields"},
		{"header", fields + "header: none\n", "line 2, column 9: no number of rows; write how many rows the header has, from 1 to 10"},
		{"header too long", fields + "header: 11\n", "line 2, column 9: no number of rows; write how many rows the header has, from 1 to 10"},
		{"zone", fields + "zone: Mars\n", "line 2, column 7: not the name of a time zone; write it as Europe/Amsterdam"},
		{"the zone of the machine", fields + "zone: Local\n", "line 2, column 7: not the name of a time zone; write it as Europe/Amsterdam"},
		{"zone of the header", fields + "zone: {header: abc}\n", `line 2, column 7: no pattern with one group; write a regular expression whose group is the zone, as in {header: '"timeZone":"([^"]+)"'}`},
		{"dates", fields + "dates: ymd\n", "line 2, column 8: no order of dates; write dmy for 20-11-2026 or mdy for 11/20/2026"},
		{"condition", fields + "only: {is: x}\n", "line 2, column 7: no column to look at; write {column: Finished, is: [true, 1]}"},
		{"required", "fields: {id: Id, kind: {constant: nps}, smiley: Q1}\n", "line 1, column 9: missing: channel, score; write which column has it, as in id: Response ID, or kind: {constant: nps}"},
		{"two places", "fields: {id: {column: a, constant: b}, kind: {constant: nps}, channel: {constant: panel}, score: Q1}\n", "line 1, column 14: not one of column, contains and constant; write the name of a column, or {column: …, values: {…}}, {contains: [recommend]} or {constant: …}"},
		{"words", "fields: {id: Id, kind: {constant: npss}, channel: {constant: panel}, score: {column: Q1, values: {good: ten}}}\n", "line 1, column 35: the field kind does not take that; it must be one of smiley, nps, csat, ces, nls, review\nline 1, column 105: the field score does not take that; it must be a whole number from 0 to 1000000"},
		{"format", strings.Replace(fields, "score: Q1", "score: Q1, occurred_at: {column: When, format: 2006-01}", 1), "line 1, column 116: no such format; write unix, unix_ms, rfc3339, a format such as DD-MM-YYYY HH:mm, or how the moment 2006-01-02 15:04:05 is written there"},
		{"an empty name", strings.Replace(fields, "Q1", `""`, 1), "line 1, column 76: nothing in it; write a text"},
		{"an alias", "a: &a Id\nfields: {id: *a}\n", "line 1, column 4: an anchor or alias; write it out\nline 2, column 14: an anchor or alias; write it out"},
		{"too long", fields + strings.Repeat("#", 1<<20), "line 1, column 1: longer than 1 MiB; leave in it what the program reads"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := mapping.ParseLayout([]byte(c.file))
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.EqualError(t, err, c.want)
		})
	}
}

// TestLayoutSetRefuses checks what --set does not take.
func TestLayoutSetRefuses(t *testing.T) {
	for _, c := range []struct{ field, value, want string }{
		{"scoer", "Q1", "scoer is no field; there are "},
		{"kind", "stars", "kind must be one of smiley, nps, csat, ces, nls, review"},
		{"channel", "web", "channel must be one of ticket, chat, panel, email, phone, social, review"},
	} {
		l, err := mapping.ParseLayout([]byte(shop))
		require.NoError(t, err)
		assert.ErrorContains(t, l.Set(c.field, c.value), c.want)
	}
}

// FuzzLayout checks that no layout and no file makes the reader fail otherwise than with a mistake.
func FuzzLayout(f *testing.F) {
	for _, name := range mapping.LayoutNames() {
		text, _ := mapping.ReadyMadeLayout(name)
		f.Add(string(text), "Id,Would you recommend us?,Timestamp\n1,9,2026/11/20 10:31:05 AM GMT+1\n")
	}
	f.Add(shop, "Nr;State;Via;Verdict;When\n1;done;mail;top;20-11-2026\n")
	f.Fuzz(func(t *testing.T, layout, file string) {
		l, err := mapping.ParseLayout([]byte(layout))
		if err != nil {
			assert.NotEmpty(t, mapping.MistakesIn(err))
			return
		}
		r, err := csvfile.NewReader(strings.NewReader(file), csvfile.Options{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), Layout: l.CSV(), UndatedNow: true})
		for err == nil {
			var row csvfile.Row
			row, err = r.Read()
			if err == nil {
				assert.NotEmpty(t, row.Event.ID)
				assert.True(t, row.Event.Channel.Known())
			}
			if _, rejected := errors.AsType[*csvfile.RowError](err); rejected {
				err = nil
			}
		}
	})
}
