package csvfile_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/csvfile"
	"smileybot/feedback"
)

func now() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }

// result is what reading a whole file gave.
type result struct {
	rows     []csvfile.Row
	rejected string // byte for byte
	mistakes []string
	warnings []string
	unknown  []csvfile.Mistake
}

// read reads a file; the error is what ended it early.
func read(in io.Reader) (result, error) {
	return readWith(in, csvfile.Options{UndatedNow: true})
}

func readWith(in io.Reader, o csvfile.Options) (result, error) {
	var got result
	o.Now = now()
	r, err := csvfile.NewReader(in, o)
	if err != nil {
		return got, err
	}
	got.unknown = r.Unknown()
	for {
		row, err := r.Read()
		wrong, ok := errors.AsType[*csvfile.RowError](err)
		switch {
		case errors.Is(err, io.EOF):
			return got, nil
		case ok:
			got.mistakes = append(got.mistakes, strings.Split(wrong.Error(), "\n")...)
			got.rejected += string(r.Raw())
		case err != nil:
			return got, err
		default:
			for _, m := range row.Warnings {
				got.warnings = append(got.warnings, m.At(row.Line))
			}
			row.Warnings = nil
			got.rows = append(got.rows, row)
		}
	}
}

// TestEveryColumn reads a row with all of them.
func TestEveryColumn(t *testing.T) {
	t.Parallel()
	got, err := read(strings.NewReader(strings.Join(csvfile.Header(), ",") + "\n" +
		`reply-1,helpscout,csat,ticket,,2,"Stap ""3"" klopt` + "\r\n" + `niet.",c-1,Jan,jan@example.org,a-1,Bart,bart@example.net,4711,Website,https://t.example.org/4711,TRUE,` +
		"2026-11-20T09:12:00Z,2026-11-20T10:40:00+01:00,2026-11-20T10:05:00.1239Z,1,trustpilot,reply-0,Meh,2026-11-20T10:31:00.5Z,mail scanner,2026-11-21T10:00:00Z,U1,"))
	require.NoError(t, err)
	require.Empty(t, got.mistakes)
	mentions := make(map[feedback.Field]bool)
	for _, name := range append(csvfile.Header()[6:23], string(feedback.FieldRating)) {
		mentions[feedback.Field(name)] = true
	}
	require.Len(t, mentions, 18)
	assert.Equal(t, []csvfile.Row{{
		Line: 2, VoidReason: "mail scanner", VoidedAt: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), VoidedBy: "U1",
		Event: feedback.Event{
			Key:        feedback.Key{Sender: "helpscout", Channel: "ticket", Kind: "csat", ID: "reply-1"},
			OccurredAt: time.Date(2026, 11, 20, 10, 31, 0, 5e8, time.UTC),
			Mentions:   mentions,
			Answer: feedback.Answer{
				Rating: 2, Raw: "Meh", Comment: "Stap \"3\" klopt\r\nniet.",
				Customer: feedback.Person{ID: "c-1", Name: "Jan", Email: "jan@example.org"},
				Agent:    feedback.Person{ID: "a-1", Name: "Bart", Email: "bart@example.net"},
				Ticket: feedback.Ticket{
					ID: "4711", Subject: "Website", URL: "https://t.example.org/4711", Urgent: true, Replies: 1,
					OpenedAt:     time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC),
					FirstReplyAt: time.Date(2026, 11, 20, 9, 40, 0, 0, time.UTC),
					ResolvedAt:   time.Date(2026, 11, 20, 10, 5, 0, 123e6, time.UTC),
				},
				Site: "trustpilot", FollowUpOf: "reply-0",
			},
		},
	}}, got.rows)
}

// TestDialects: the same rows however a spreadsheet writes them.
func TestDialects(t *testing.T) {
	t.Parallel()
	want, err := read(strings.NewReader("id,channel,smiley,comment\n1,ticket,red,\"a,b;c\"\n2,chat,green,\n"))
	require.NoError(t, err)
	require.Len(t, want.rows, 2)
	for _, c := range []struct {
		name string
		file string
	}{
		{"byte order mark", "\xef\xbb\xbfid,channel,smiley,comment\n1,ticket,red,\"a,b;c\"\n2,chat,green,\n"},
		{"semicolons", "id;channel;smiley;comment\n1;ticket;red;\"a,b;c\"\n2;chat;green;\n"},
		{"both", "\xef\xbb\xbf\"id\";\"channel\";\"smiley\";\"comment\"\r\n\"1\";\"ticket\";\"red\";\"a,b;c\"\r\n\"2\";\"chat\";\"green\";\"\"\r\n"},
		{"no line end", "id,channel,smiley,comment\r\n1,ticket,red,\"a,b;c\"\r\n2,chat,green,"},
		{"a half line end", "id,channel,smiley,comment\r\n1,ticket,red,\"a,b;c\"\r\n2,chat,green,\r"},
		{"quoted to the end", "id,channel,smiley,comment\n1,ticket,red,\"a,b;c\"\n2,chat,green,\"\""},
		{"quoted and a half", "id,channel,smiley,comment\n1,ticket,red,\"a,b;c\"\n2,chat,green,\"\"\r"},
		{"another order", "comment,smiley,channel,id\n\"a,b;c\",red,ticket,1\n,green,chat,2\n"},
		{"spaces", "id, channel ,smiley,comment\n1, ticket ,red ,\"a,b;c\"\n2,chat,green,\n"},
		{"a comment of space", "id,channel,smiley,comment\n1,ticket,red,\"a,b;c\"\n2,chat,green,\n"},
	} {
		got, err := read(iotest.OneByteReader(strings.NewReader(c.file)))
		require.NoError(t, err, c.name)
		assert.Equal(t, want, got, c.name)
	}
}

// TestMistakes: what is wrong is reported with the file's line and the column, the row
// comes back as it is, and the rows around it are taken.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const header = "id,channel,kind,smiley,score,ticket.url,comment,occurred_at\n"
	for _, c := range []struct {
		name      string
		row, want string
	}{
		{"no id", ",ticket,,red,,,,\n", "line 3, column 1 (id): must be a string of 1 to 200 characters: the sender's own name of what was rated"},
		{"long id", strings.Repeat("é", 201) + ",ticket,,red,,,,\n", "line 3, column 1 (id): must be a string of at most 200 characters"},
		{"no channel", "x,,,red,,,,\n", "line 3, column 2 (channel): must be one of ticket, chat, panel, email, phone, social, review"},
		{"strange kind", "x,ticket,smilie,red,,,,\n", "line 3, column 3 (kind): must be one of smiley, nps, csat, ces, nls, review, or empty, which is smiley"},
		{"strange smiley", "x,ticket,,roze,,,,\n", "line 3, column 4 (smiley): must be one of red, yellow, green"},
		{"score too high", "x,panel,nps,,11,,,\n", "line 3, column 5 (score): must be a whole number from 0 to 10"},
		{"half a score", "x,panel,ces,,5.5,,,\n", "line 3, column 5 (score): must be a whole number from 1 to 7"},
		{"no time", "x,ticket,,red,,,,yesterday\n", "line 3, column 8 (occurred_at): not a moment: write it as 2026-11-20T10:31:00Z, 2026-11-20 10:31 or 2026-11-20"},
		{"two mistakes", "x,,,roze,,,,\n", "line 3, column 2 (channel): must be one of ticket, chat, panel, email, phone, social, review\nline 3, column 4 (smiley): must be one of red, yellow, green"},
		{"too many cells", "x,ticket,,red,,,,,\r\n", "line 3, column 9: the row has 9 cells and the header 8: is a separator or a quotation mark missing or too many?"},
		{"quote in a cell", "x,ticket,,red,,,a 5\" screen,\n", "line 3, column 7 (comment): there is a quotation mark in a cell that does not begin with one: put the cell in quotation marks and double each one in it"},
		{"text after quote", "x,ticket,,red,,,\"a\" b,\n", "line 3, column 7 (comment): there is text after a closing quotation mark: double each quotation mark that belongs to the text"},
	} {
		file := header + "1,ticket,,red,,,\"two\nlines\",\n" + c.row + "2,ticket,,green,,,,\n"
		if c.name == "no id" { // the line counts, also after an empty one and a quoted line end
			file = strings.Replace(file, "\n", "\n\n", 1)
		}
		got, err := read(strings.NewReader(file))
		require.NoError(t, err, c.name)
		line := "line 4"
		if c.name == "no id" {
			line = "line 5"
		}
		assert.Equal(t, strings.ReplaceAll(c.want, "line 3", line), strings.Join(got.mistakes, "\n"), c.name)
		assert.Equal(t, c.row, got.rejected, c.name)
		require.Len(t, got.rows, 2, c.name)
		assert.Equal(t, "2", got.rows[1].Event.ID, c.name)
	}
}

// TestOpenQuote: a quotation mark that no one closes costs its line, not the rest
// of the file.
func TestOpenQuote(t *testing.T) {
	t.Parallel()
	rest := strings.Repeat("2,ticket,green,\n", 100_000)
	got, err := read(strings.NewReader("id,channel,smiley,comment\n1,ticket,red,\"open\n" + rest))
	require.NoError(t, err)
	assert.Equal(t, "1,ticket,red,\"open\n", got.rejected)
	assert.Equal(t, []string{"line 2, column 4 (comment): a quotation mark opens and is not closed: close it, or double each one that belongs to the text"}, got.mistakes)
	assert.Len(t, got.rows, 100_000)
	assert.Equal(t, 100_002, got.rows[99_999].Line)

	_, err = read(strings.NewReader("id,channel,smiley,comment\n" + strings.Repeat("1,ticket,red,\"open\"x\n1,ticket,red,\"open\n", 200_000)))
	require.ErrorContains(t, err, "quotation marks do not match")
	got, err = read(strings.NewReader("id,channel,smiley,comment\n1,ticket,red," + strings.Repeat("x", 1<<20) + "\n"))
	require.NoError(t, err)
	assert.Contains(t, got.mistakes[0], "longer than a megabyte")
}

// TestHeaders that cannot be read.
func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file string
		want string
	}{
		{"", "the file is empty"},
		{"\xef\xbb\xbf", "the file is empty"},
		{"\xff\xfei\x00d\x00", "UTF-16"},
		{"channel,smiley\n", "line 1: there is no column id"},
		{"id,smiley\n", "line 1: there is no column channel"},
		{"id,channel,id\n", "line 1, column 3: there is another column of that name"},
		{"id,channel,\"smiley\n", "line 1: a quotation mark opens"},
		{"1,ticket,red\n2,ticket,red", "line 1: there is no column id"},
	} {
		_, err := read(strings.NewReader(c.file))
		format, ok := errors.AsType[*csvfile.FormatError](err)
		require.True(t, ok, c.file)
		assert.ErrorContains(t, format, c.want, c.file)
	}
	got, err := read(strings.NewReader("id,channel,coment,smiley,\n1,ticket,x,red,y\n"))
	require.NoError(t, err)
	assert.Equal(t, []csvfile.Mistake{{Column: 3, Name: "coment"}, {Column: 5}}, got.unknown)
	assert.Len(t, got.rows, 1)
	broken := errors.New("the disk broke")
	_, err = read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	_, err = read(io.MultiReader(strings.NewReader("id,channel\n1,"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

// TestWhatARowLeavesOut is taken as a webhook's would be.
func TestWhatARowLeavesOut(t *testing.T) {
	t.Parallel()
	got, err := read(strings.NewReader("id,channel,kind,smiley,score,comment,occurred_at\n" +
		"1,ticket,,,,more,\n2,ticket,,red,9,  ,2027-01-01T00:00:00Z\n3,panel,nps,red,9.0,'=1+1,2026-11-20t10:31:00z\n"))
	require.NoError(t, err)
	require.Empty(t, got.mistakes)
	assert.Equal(t, map[feedback.Field]bool{"comment": true}, got.rows[0].Event.Mentions)
	assert.True(t, got.rows[0].Undated)
	assert.Equal(t, now(), got.rows[0].Event.OccurredAt)
	assert.Equal(t, now(), got.rows[1].Event.OccurredAt, "nothing occurs after now")
	assert.True(t, got.rows[1].LeftOut)
	assert.Equal(t, feedback.Answer{Rating: 1}, got.rows[1].Event.Answer)
	assert.True(t, got.rows[2].LeftOut)
	assert.False(t, got.rows[2].Undated)
	assert.Equal(t, feedback.Answer{Rating: 9, Comment: "=1+1"}, got.rows[2].Event.Answer)
}

// TestTextThatSaysNothing: such a comment is none, such a reason voids nothing, and such a name counts
// as an empty cell.
func TestTextThatSaysNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{" ", "\u200b", "\ufeff\u00ad", "\u0301\ufe0f", "\u2800\u3164", "&nbsp;"} {
		got, err := read(strings.NewReader("id,channel,smiley,comment,customer.name,void_reason\n1,ticket,red," + strings.Repeat(text+",", 2) + text + "\n"))
		require.NoError(t, err)
		require.Len(t, got.rows, 1)
		assert.Equal(t, feedback.Answer{Rating: feedback.Red.Value()}, got.rows[0].Event.Answer, "%q", text)
		assert.False(t, got.rows[0].Event.Mentions[feedback.FieldCustomerName], "%q", text)
		assert.Empty(t, got.rows[0].VoidReason, "%q", text)
	}
}

// hostile are texts that a spreadsheet or a parser may trip over.
func hostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"=1+1", "+1", "-1", "@a", "\tx", "\rx", "'", "''=1", "\"", "\"\"", "a,b", "a;b", "\r\n", "\n", "a\rb", " a ", "00123", "1234567890123456", "3-4", "1E5", "7.8E+12", "12:30", "1/2", "nov 3", "MAR1", "TRUE", "1.50", "-", "\ufeffx", "é😀", ","}),
		rapid.StringN(1, 20, 80),
		rapid.StringOfN(rapid.RuneFrom([]rune("\",;\r\n'=+-@\t aé")), 1, 12, -1),
	).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) && feedback.Says(s) })
}

// row draws a row that is right.
func row() *rapid.Generator[csvfile.Row] {
	return rapid.Custom(func(t *rapid.T) csvfile.Row {
		kind := rapid.SampledFrom(feedback.Kinds()).Draw(t, "kind")
		low, high := kind.Scale()
		at := func(name string, last time.Time) time.Time {
			return time.UnixMilli(rapid.Int64Range(0, last.UnixMilli()).Draw(t, name)).UTC()
		}
		occurred := at("occurred", now().Add(-time.Millisecond))
		yearLater := occurred.AddDate(1, 0, 0)
		e := feedback.Event{
			Key: feedback.Key{
				Sender: hostile().Draw(t, "sender"), Channel: rapid.SampledFrom(feedback.Channels()).Draw(t, "channel"),
				Kind: kind, ID: hostile().Draw(t, "id"),
			},
			OccurredAt: occurred, Mentions: map[feedback.Field]bool{feedback.FieldRating: true},
		}
		e.Answer.Rating = rapid.IntRange(low, high).Draw(t, "rating")
		some := func(field feedback.Field, set func()) {
			if rapid.Bool().Draw(t, string(field)) {
				set()
				e.Mentions[field] = true
			}
		}
		a := &e.Answer
		for _, c := range []struct {
			field feedback.Field
			place *string
		}{
			{feedback.FieldComment, &a.Comment},
			{feedback.FieldCustomerID, &a.Customer.ID},
			{feedback.FieldCustomerName, &a.Customer.Name},
			{feedback.FieldCustomerEmail, &a.Customer.Email},
			{feedback.FieldAgentID, &a.Agent.ID},
			{feedback.FieldAgentName, &a.Agent.Name},
			{feedback.FieldAgentEmail, &a.Agent.Email},
			{feedback.FieldTicketID, &a.Ticket.ID},
			{feedback.FieldTicketSubject, &a.Ticket.Subject},
			{feedback.FieldSite, &a.Site},
			{feedback.FieldFollowUpOf, &a.FollowUpOf},
		} {
			some(c.field, func() { *c.place = hostile().Draw(t, "text") })
		}
		some(feedback.FieldTicketURL, func() { a.Ticket.URL = "https://example.org/" })
		some(feedback.FieldTicketUrgent, func() { a.Ticket.Urgent = rapid.Bool().Draw(t, "urgent") })
		some(feedback.FieldTicketOpenedAt, func() { a.Ticket.OpenedAt = at("opened", yearLater) })
		some(feedback.FieldTicketFirstReplyAt, func() { a.Ticket.FirstReplyAt = at("replied", yearLater) })
		some(feedback.FieldTicketResolvedAt, func() { a.Ticket.ResolvedAt = at("resolved", now().AddDate(1, 0, 0)) })
		some(feedback.FieldTicketReplies, func() { a.Ticket.Replies = rapid.IntRange(0, 9).Draw(t, "replies") })
		for _, field := range feedback.Fields() {
			if e.Mentions[field] && rapid.Bool().Draw(t, "set later") {
				if e.SetAt == nil {
					e.SetAt = make(map[feedback.Field]time.Time)
				}
				e.SetAt[field] = occurred.Add(time.Duration(1 + rapid.Int64Range(0, now().Sub(occurred).Nanoseconds()-1).Draw(t, "later")))
			}
		}
		some(feedback.FieldAgentID, func() { a.Agent.ID = "" }) // emptied by an event
		e.Claims = claims(t, kind)
		r := csvfile.Row{Event: e, VoidReason: rapid.OneOf(rapid.Just(""), hostile()).Draw(t, "reason")}
		if r.VoidReason != "" {
			r.VoidedAt, r.VoidedBy = at("voided", now()), rapid.SampledFrom([]string{"U1", "W0BART", feedback.ByImport, feedback.ByCustomer}).Draw(t, "by")
		}
		return r
	})
}

// claims draws what the events of a feedback said of its people; nil is nothing.
func claims(t *rapid.T, kind feedback.Kind) []feedback.Claim {
	low, high := kind.Scale()
	var all []feedback.Claim
	for _, at := range rapid.SliceOfN(rapid.Int64Range(0, now().UnixNano()), 0, 3).Draw(t, "claims") {
		rating := rapid.IntRange(low, high).Draw(t, "claimed rating")
		c := feedback.Claim{At: time.Unix(0, at).UTC(), Rating: &rating}
		if rapid.Bool().Draw(t, "claims people") {
			c.People = map[feedback.Field]string{
				feedback.FieldAgentName:  rapid.OneOf(rapid.Just(""), hostile()).Draw(t, "claimed agent"),
				feedback.FieldCustomerID: hostile().Draw(t, "claimed customer"),
			}
			if rapid.Bool().Draw(t, "only people") {
				c.Rating = nil
			}
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b feedback.Claim) int { return a.At.Compare(b.At) })
	return all
}

// TestRoundTrip: what was written is read again, to the letter, and no cell of it
// begins as a formula does.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(row(), 1, 5).Draw(t, "rows")
		var file bytes.Buffer
		w, err := csvfile.NewWriter(&file, csvfile.Dialect{})
		require.NoError(t, err)
		for _, row := range want {
			require.NoError(t, w.Write(row))
		}
		require.NoError(t, w.Flush())
		text := file.String()
		got, err := read(&file)
		require.NoError(t, err)
		require.Empty(t, got.mistakes, text)
		for i := range got.rows {
			got.rows[i].Line = 0
		}
		require.Equal(t, want, got.rows, text)
		for _, formula := range []string{",=", ",+", ",-", ",@", ",\"=", ",\"+", ",\"-", ",\"@", ";=", "\n=", "\t="} {
			require.NotContains(t, text, formula)
		}
	})
}

// TestFormulas are guarded to the letter.
func TestFormulas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell string
		want string
	}{
		{"=1", "'=1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@a", "'@a"}, {"\tx", `"'` + "\tx" + `"`}, {"\rx", `"'` + "\rx" + `"`}, {"'x", "''x"}, {"''", "'''"}, {"a=1", "a=1"}, {"x'", "x'"},
	} {
		if strings.HasPrefix(c.cell, "\t") {
			c.want = "'\tx" // which needs no quotation marks
		}
		var file bytes.Buffer
		w, err := csvfile.NewWriter(&file, csvfile.Dialect{})
		require.NoError(t, err)
		e := feedback.Event{Key: feedback.Key{ID: "1", Channel: "chat", Kind: "smiley"}, Mentions: map[feedback.Field]bool{"comment": true}}
		e.Answer.Comment = c.cell
		require.NoError(t, w.Write(csvfile.Row{Event: e}))
		require.NoError(t, w.Flush())
		assert.Contains(t, file.String(), "1,,smiley,chat,,,"+c.want+",", c.cell)
	}
}

// FuzzReader: whatever the bytes, reading ends, every line is either taken or
// given back, and what is taken survives writing.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"id,channel,smiley\n1,ticket,red\n", "\xef\xbb\xbfid;channel;score\r\n1;panel;9\r\n", "id,channel,comment\n1,ticket,\"a\n\"\"b\"\n2,chat,\"open\n",
		"id,channel,kind,score,occurred_at\n1,panel,nps,9,2026-11-20T10:31:00Z\n", "id,channel\n\"1\"x,ticket\n\r\n,\n", "id,channel,ticket.urgent\n'1,ticket,TRUE\n\xff,ticket,\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := read(bytes.NewReader(file))
		slow, slowErr := read(iotest.OneByteReader(bytes.NewReader(file)))
		if err != nil {
			require.Error(t, slowErr)
			return
		}
		require.Equal(t, got, slow)
		var out bytes.Buffer
		w, err := csvfile.NewWriter(&out, csvfile.Dialect{})
		require.NoError(t, err)
		for _, row := range got.rows {
			require.True(t, row.Event.Kind.Known() && row.Event.Channel.Known() && row.Event.ID != "")
			require.NoError(t, w.Write(row))
		}
		require.NoError(t, w.Flush())
		again, err := read(&out)
		require.NoError(t, err)
		require.Empty(t, again.mistakes)
		require.Len(t, again.rows, len(got.rows))
		for i, row := range again.rows {
			want := got.rows[i]
			require.Equal(t, want.Event.Key, row.Event.Key)
			require.Equal(t, want.Event.Answer, row.Event.Answer)
			require.Equal(t, want.Event.Mentions, row.Event.Mentions)
			require.True(t, feedback.SameClaims(want.Event.Claims, row.Event.Claims))
			require.True(t, want.Event.OccurredAt.Equal(row.Event.OccurredAt))
		}
	})
}

// TestMomentsOfATicketAreNearTheAnswer: a moment of a ticket more than a year after the row's
// occurred_at is wrong, whatever the order of the columns; without one, a year after now.
func TestMomentsOfATicketAreNearTheAnswer(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"ticket.opened_at", "ticket.first_reply_at", "ticket.resolved_at"} {
		wrong := "line 2, column 4 (" + column + "): must be at most a year after occurred_at"
		for _, c := range []struct{ moment, occurred, want string }{
			{"2021-03-01T10:00:00Z", "2020-03-01T10:00:00Z", ""},
			{"2021-03-01T10:00:00.001Z", "2020-03-01T10:00:00Z", wrong},
			{"2040-12-31T12:00:00Z", "2026-03-01T10:00:00Z", wrong},
			{"2040-12-31T12:00:00Z", "2040-12-31T12:00:00Z", wrong}, // the future is now
			{"9996-12-31T12:00:00Z", "", wrong},
			{now().AddDate(1, 0, 0).Format(time.RFC3339), "", ""},
			{now().AddDate(1, 0, 1).Format(time.RFC3339), "", wrong},
			{"2020-02-29T23:59:60Z", "2020-03-01T10:00:60Z", ""},
		} {
			got, err := read(strings.NewReader("id,channel,smiley," + column + ",occurred_at\nx,ticket,red," + c.moment + "," + c.occurred + "\n"))
			require.NoError(t, err)
			assert.Empty(t, got.mistakes)
			assert.Equal(t, c.want, strings.Join(got.warnings, "\n"), "%s after %s", c.moment, c.occurred)
		}
	}
}
