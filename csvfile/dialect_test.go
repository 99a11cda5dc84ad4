package csvfile_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/csvfile"
	"smileybot/feedback"
)

// TestFilesOfSpreadsheets: the same rows, however a spreadsheet or a person writes them.
func TestFilesOfSpreadsheets(t *testing.T) {
	t.Parallel()
	want, err := read(strings.NewReader("id,channel,smiley,ticket.urgent,comment\n1,ticket,red,true,\"a,b\n;c\"\n2,chat,green,,\n"))
	require.NoError(t, err)
	require.Len(t, want.rows, 2)
	for _, c := range []struct{ name, file string }{
		{"sep=", "sep=;\r\nid;channel;smiley;ticket.urgent;comment\r\n1;ticket;red;true;\"a,b\n;c\"\r\n2;chat;green;;\r\n"},
		{"sep= after a mark", "\xef\xbb\xbfSEP=,\nid,channel,smiley,ticket.urgent,comment\n1,ticket,red,true,\"a,b\n;c\"\n2,chat,green,,\n"},
		{"sep= in quotation marks", "\"sep=\t\"\nid\tchannel\tsmiley\tticket.urgent\tcomment\n1\tticket\tred\ttrue\t\"a,b\n;c\"\n2\tchat\tgreen\t\t\n"},
		{"tabs", "id\tchannel\tsmiley\tticket.urgent\tcomment\r\n1\tticket\tred\ttrue\t\"a,b\n;c\"\r\n2\tchat\tgreen\t\t\r\n"},
		{"header in capitals", "ID,Channel,SMILEY,Ticket.Urgent,Comment\n1,ticket,red,true,\"a,b\n;c\"\n2,chat,green,,\n"},
		{"separators in a name", "id,channel,smiley,ticket.urgent,comment,\"why; how; when; who; what; where\"\n1,ticket,red,true,\"a,b\n;c\"\n2,chat,green,,\n"},
		{"CR", "id,channel,smiley,ticket.urgent,comment\r1,ticket,red,true,\"a,b\n;c\"\r2,chat,green,,\r"},
		{"CR without the last", "sep=;\rid;channel;smiley;ticket.urgent;comment\r1;ticket;red;true;\"a,b\n;c\"\r2;chat;green;;\"\""},
		{"CR and others", "id,channel,smiley,ticket.urgent,comment\r1,ticket,red,true,\"a,b\n;c\"\r\n2,chat,green,,\n"},
		{"missing last cells", "id,channel,smiley,ticket.urgent,comment\n1,ticket,red,true,\"a,b\n;c\"\n2,chat,green\n"},
		{"rows of empty cells", "id,channel,smiley,ticket.urgent,comment\n,,,,\n1,ticket,red,true,\"a,b\n;c\"\n, ,\"\",\n2,chat,green,,\n,,,,\n"},
		{"English words", "id,channel,smiley,ticket.urgent,comment\n1,Ticket,RED,Yes,\"a,b\n;c\"\n2,CHAT, Green ,,\n"},
		{"Dutch words", "id,channel,smiley,ticket.urgent,comment\n1,TICKET,Rood,ja,\"a,b\n;c\"\n2,chat,groen,,\n"},
		{"truth of a spreadsheet", "id,channel,smiley,ticket.urgent,comment\n1,TICKET,Rood,WAAR,\"a,b\n;c\"\n2,chat,groen,,\n"},
		{"space around ids", "id,channel,smiley,ticket.urgent,comment\n 1,ticket,red,1,\"a,b\n;c\"\n\"2\u00a0\",chat,green,,\n"},
	} {
		got, err := read(iotest.OneByteReader(strings.NewReader(c.file)))
		require.NoError(t, err, c.name)
		for i := range got.rows {
			got.rows[i].Line = want.rows[min(i, 1)].Line
		}
		got.unknown = want.unknown
		assert.Equal(t, want, got, c.name)
	}
}

// TestWords: every word of a smiley, a kind, a channel and a flag, in both languages.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, channel, smiley, urgent string
		wantKind                      feedback.Kind
		wantChannel                   feedback.Channel
		rating                        int
	}{
		{"", "Panel", "Groen", "Nee", "smiley", "panel", 3},
		{"Smiley", "klantenpaneel", "geel", "0", "smiley", "panel", 2},
		{"SMILEY", "E-mail", "YELLOW", "ONWAAR", "smiley", "email", 2},
		{"NPS", "Telefoon", "", "no", "nps", "phone", 5},
		{"Ces", "sociaal", "", "False", "ces", "social", 5},
		{"Recensie", "recensie", "", "N", "review", "review", 5},
		{"CSAT", "Phone", "", "n", "csat", "phone", 5},
		{"nls", "SOCIAL", "", "nee", "nls", "social", 5},
	} {
		score := ""
		if c.smiley == "" {
			score = "5"
		}
		got, err := read(strings.NewReader("id,kind,channel,smiley,score,ticket.urgent\n1," + c.kind + "," + c.channel + "," + c.smiley + "," + score + "," + c.urgent + "\n"))
		require.NoError(t, err)
		require.Empty(t, got.mistakes)
		require.Empty(t, got.warnings)
		e := got.rows[0].Event
		assert.Equal(t, []any{c.wantKind, c.wantChannel, c.rating, false, true},
			[]any{e.Kind, e.Channel, e.Answer.Rating, e.Answer.Ticket.Urgent, e.Mentions[feedback.FieldTicketUrgent]}, "%v", c)
	}
}

// TestOtherFiles are named as what they are.
func TestOtherFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, want string }{
		{"PK\x03\x04\x14\x00\x06\x00", "a spreadsheet such as .xlsx"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old spreadsheet such as .xls"},
		{"\x1f\x8b\x08", "gzip"},
		{"%PDF-1.7", "PDF"},
		{"<!DOCTYPE html>\n<table>", "HTML"},
		{"\xef\xbb\xbf\n <html>", "HTML"},
		{"<?xml version='1.0'?>", "XML"},
		{`[{"id": 1}]`, "JSON"},
		{"\xff\xfei\x00d\x00", "UTF-16"},
		{"\xfe\xff\x00i\x00d", "UTF-16"},
		{"i\x00d\x00,\x00", "UTF-16"},
		{"\x00i\x00d\x00,", "UTF-16"},
		{"sep=|\nid|channel\n", "commas, semicolons and tabs"},
	} {
		_, err := read(strings.NewReader(c.file))
		format, ok := errors.AsType[*csvfile.FormatError](err)
		require.True(t, ok, c.file)
		assert.ErrorContains(t, format, c.want, c.file)
	}
}

// TestLongRow: a row longer than a megabyte is one mistake, about no column, and is not kept.
func TestLongRow(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\n", "\r\n", "\r"} {
		for _, cells := range []string{"1,ticket,red,", "1,ticket,red,\"", "1,tick\"et,"} {
			file := "id,channel,smiley,comment" + end + cells + strings.Repeat("é", 3<<20) + end + "2,ticket,green,x" + end + "3,ticket,groen"
			got, err := read(strings.NewReader(file))
			require.NoError(t, err)
			assert.Len(t, got.mistakes, 1)
			assert.Contains(t, got.mistakes[0], "line 2: the row is longer than a megabyte")
			assert.Empty(t, got.rejected)
			require.Len(t, got.rows, 2)
			assert.Equal(t, 4, got.rows[1].Line)
		}
	}
}

// TestMissingMoments: history without a moment would count today.
func TestMissingMoments(t *testing.T) {
	t.Parallel()
	_, err := readWith(strings.NewReader("id,channel,smiley,date\n1,ticket,red,2024-10-01T10:00:00Z\n"), csvfile.Options{})
	_, ok := errors.AsType[*csvfile.FormatError](err)
	require.True(t, ok)
	require.ErrorContains(t, err, "there is no column occurred_at")
	const file = "id,channel,smiley,occurred_at\n1,ticket,red,\n2,ticket,red\n3,ticket,red,soon\n4,ticket,red,2026-10-01T10:00:00Z\n5,ticket,red,2030-10-01T10:00:00Z\n"
	got, err := readWith(strings.NewReader(file), csvfile.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"line 2, column 4 (occurred_at): no moment: without one the row would count today; fill it in, or add --undated now",
		"line 3, column 4 (occurred_at): no moment: without one the row would count today; fill it in, or add --undated now",
		"line 4, column 4 (occurred_at): not a moment: write it as 2026-11-20T10:31:00Z, 2026-11-20 10:31 or 2026-11-20",
	}, got.mistakes)
	require.Len(t, got.rows, 2)
	assert.Equal(t, now(), got.rows[1].Event.OccurredAt)
	got, err = readWith(strings.NewReader(file), csvfile.Options{UndatedNow: true})
	require.NoError(t, err)
	assert.Len(t, got.mistakes, 1)
	require.Len(t, got.rows, 4)
	assert.True(t, got.rows[1].Undated)
}

// TestSenders: a sender is known by its name in any case; another is refused with the nearest name.
func TestSenders(t *testing.T) {
	t.Parallel()
	known := []string{"feedback", "zendesk", "typeform", "oursurvey"}
	for _, c := range []struct{ cell, want, mistake string }{
		{"", "feedback", ""},
		{"Zendesk", "zendesk", ""},
		{" TYPEFORM ", "typeform", ""},
		{"zendsk", "", "did you mean zendesk?"},
		{"type form", "", "did you mean typeform?"},
		{"survey", "", "did you mean oursurvey?"},
		{strings.Repeat("é", 1<<15), "", "no sender is called that"},
	} {
		got, err := readWith(strings.NewReader("id,sender,channel,smiley\n1,"+c.cell+",ticket,red\n"), csvfile.Options{Senders: known, UndatedNow: true})
		require.NoError(t, err)
		if c.mistake == "" {
			require.Len(t, got.rows, 1, c.cell)
			assert.Equal(t, c.want, got.rows[0].Event.Sender)
			continue
		}
		require.Len(t, got.mistakes, 1, c.cell)
		assert.Contains(t, got.mistakes[0], "line 2, column 2 (sender): ")
		assert.Contains(t, got.mistakes[0], c.mistake)
	}
}

// TestOptionalCells: a wrong one costs only its field, with a warning.
func TestOptionalCells(t *testing.T) {
	t.Parallel()
	const header = "id,channel,smiley,occurred_at,ticket.urgent,ticket.subject,ticket.url,comment,customer.id,ticket.replies,moments,voided_at,voided_by\n"
	got, err := read(strings.NewReader(header +
		"1,ticket,red,2026-11-20T10:31:00Z,perhaps," + strings.Repeat("x", 201) + ",tickets/4711,caf\xe9,7.81105E+12,many,yesterday,once,U1> <!channel\n" +
		"2,ticket,red,2026-11-20T10:31:00Z,yes,fine,,a\x00b,'7.81105E+12,2,,\n"))
	require.NoError(t, err)
	require.Empty(t, got.mistakes)
	require.Len(t, got.rows, 2)
	assert.Equal(t, map[feedback.Field]bool{feedback.FieldRating: true}, got.rows[0].Event.Mentions)
	assert.Equal(t, feedback.Answer{Rating: 1}, got.rows[0].Event.Answer)
	assert.Equal(t, []string{
		"line 2, column 5 (ticket.urgent): must be true or false, yes or no",
		"line 2, column 6 (ticket.subject): must be a string of at most 200 characters",
		"line 2, column 7 (ticket.url): must be an http or https address with a host, of at most 2000 characters, without a user, spaces or invisible characters",
		"line 2, column 8 (comment): is not UTF-8: save the file as CSV in UTF-8",
		"line 2, column 9 (customer.id): a spreadsheet has shortened this id to a power of ten: export it again from its source, and format the column as text",
		"line 2, column 10 (ticket.replies): must be a whole number from 0 to 1000000",
		"line 2, column 11 (moments): must be fields with their moments as export writes them, none of them in the future",
		"line 2, column 12 (voided_at): not a moment: write it as 2026-11-20T10:31:00Z, 2026-11-20 10:31 or 2026-11-20",
		"line 2, column 13 (voided_by): must be the id of a Slack user, import or customer",
		"line 3, column 8 (comment): must not hold a NUL byte",
	}, got.warnings)
	assert.Equal(t, "7.81105E+12", got.rows[1].Event.Answer.Customer.ID)
}

// TestShortenedIDs: an id that a spreadsheet has made a power of ten is refused.
func TestShortenedIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id    string
		wrong bool
	}{
		{"7.81105E+12", true},
		{"7,81105E+12", true},
		{"7.8E+12", true},
		{" 1e+15 ", true},
		{"'7.8E+12", false},
		{"7E12", false},
		{"E+12", false},
		{"reply-1.2E+12", false},
		{"7811050000001", false},
	} {
		got, err := read(strings.NewReader("id;channel;smiley\n" + c.id + ";ticket;red\n"))
		require.NoError(t, err)
		assert.Len(t, got.mistakes, map[bool]int{true: 1}[c.wrong], c.id)
	}
}

// TestVoids: a - takes a void back, also with space around it; the same as a text is a reason.
func TestVoids(t *testing.T) {
	t.Parallel()
	got, err := read(strings.NewReader("id,channel,smiley,void_reason\n1,ticket,red,-\n2,ticket,red,'-\n3,ticket,red,\n4,ticket,red,spam\n5,ticket,red, - \n6,ticket,red,' -\n7,ticket,red,\"-\t\"\n"))
	require.NoError(t, err)
	require.Empty(t, got.mistakes)
	for i, want := range []csvfile.Row{{Restores: true}, {VoidReason: "-"}, {}, {VoidReason: "spam"}, {Restores: true}, {VoidReason: " -"}, {Restores: true}} {
		assert.Equal(t, want.Restores, got.rows[i].Restores)
		assert.Equal(t, want.VoidReason, got.rows[i].VoidReason)
	}
}
