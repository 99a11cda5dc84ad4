package transfer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/csvfile"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
	"smileybot/transfer"
)

// TestMain has rapid check less than it usually does, as each check has two databases; -rapid.checks has
// the last word.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// begins is when the drawn histories begin, a Monday; all of them are over a week later.
func begins() time.Time { return time.Date(2026, 10, 19, 6, 0, 0, 0, time.UTC) }

func ends() time.Time { return begins().AddDate(0, 0, 10) }

// drawEvent draws an event about one of few feedbacks and tickets.
func drawEvent(t *rapid.T) feedback.Event {
	kind := rapid.SampledFrom([]feedback.Kind{feedback.KindSmiley, feedback.KindSmiley, feedback.KindNPS, feedback.KindCES}).Draw(t, "kind")
	low, high := kind.Scale()
	at := begins().Add(time.Duration(rapid.Int64Range(0, int64(7*24*time.Hour)).Draw(t, "at")))
	if rapid.Bool().Draw(t, "whole hour") {
		at = at.Truncate(time.Hour) // moments that are equal
	}
	number := rapid.IntRange(0, 4).Draw(t, "number")
	e := feedback.Event{
		Key: feedback.Key{
			Sender: "feedback", Channel: rapid.SampledFrom([]feedback.Channel{"ticket", "chat"}).Draw(t, "channel"), Kind: kind,
			ID: []string{"1", " 2", "=3", "004", "7.8E+12"}[number],
		},
		OccurredAt: at, Mentions: make(map[feedback.Field]bool),
	}
	a := &e.Answer
	mention := func(field feedback.Field, set func()) {
		if rapid.Bool().Draw(t, string(field)) {
			e.Mentions[field] = true
			set()
		}
	}
	mention(feedback.FieldRating, func() { a.Rating = rapid.IntRange(low, high).Draw(t, "rating") })
	mention(feedback.FieldComment, func() { a.Comment = rapid.SampledFrom([]string{"", "fine", "=1", " x "}).Draw(t, "comment") })
	mention(feedback.FieldTicketID, func() { a.Ticket.ID = rapid.SampledFrom([]string{"", "t1", "t2", "003"}).Draw(t, "ticket") })
	moment := func() time.Time {
		return feedback.Moment(begins().Add(time.Duration(rapid.IntRange(0, 7*24*4).Draw(t, "quarters")) * 15 * time.Minute))
	}
	mention(feedback.FieldTicketOpenedAt, func() { a.Ticket.OpenedAt = moment() })
	mention(feedback.FieldTicketFirstReplyAt, func() { a.Ticket.FirstReplyAt = moment() })
	mention(feedback.FieldTicketResolvedAt, func() { a.Ticket.ResolvedAt = moment() })
	mention(feedback.FieldTicketReplies, func() { a.Ticket.Replies = rapid.IntRange(0, 2).Draw(t, "replies") })
	if agent := rapid.SampledFrom([]string{"", "Bart", "Bart de Vries", "Anna "}).Draw(t, "agent"); agent != "" {
		a.Agent = feedback.Person{ID: "a-" + agent[:4], Name: agent}
		e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName] = true, true
	}
	return e
}

// act lets something happen in a store: an event of a webhook, a customer who takes the answer back, or
// a person who voids or restores.
func act(t *rapid.T, s *store.Store) {
	e := drawEvent(t)
	e.TakenBack = rapid.IntRange(0, 9).Draw(t, "taken back") == 0
	ingest(t, s, e)
	moderate(t, s, e.Key, rapid.IntRange(0, 9).Draw(t, "moderation"))
}

// ingest takes an event. One that comes before its rating is refused: an export has none that wait.
func ingest(t *rapid.T, s *store.Store, e feedback.Event) string {
	taken, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: ends(), Strict: true}, e)
	if err != nil {
		require.ErrorIs(t, err, feedback.ErrRatingMissing)
		return err.Error()
	}
	return string(taken[0].Result)
}

// moderate voids or restores a feedback, or does nothing: most numbers.
func moderate(t *rapid.T, s *store.Store, key feedback.Key, what int) {
	action := feedback.ModerationVoid
	switch what {
	case 0:
	case 1:
		action = feedback.ModerationRestore
	default:
		return
	}
	found := ""
	require.NoError(t, s.Export(t.Context(), 0, 100_000, func(f feedback.Feedback) error {
		if f.Key == key {
			found = f.ID
		}
		return nil
	}))
	if found == "" {
		return
	}
	_, err := s.Moderate(t.Context(), found, feedback.Moderation{Action: action, By: "U1", Reason: rapid.SampledFrom([]string{"a test", "-", " -", "003"}).Draw(t, "reason"), At: ends()})
	if err != nil { // it is voided already, or not
		_, refused := errors.AsType[*feedback.ModerationRefusedError](err)
		require.True(t, refused, err)
	}
}

// answers are those of every score command, as JSON.
func answers(t *rapid.T, s *store.Store) []string {
	var all []string
	add := func(report any, err error) {
		if err != nil {
			all = append(all, err.Error())
			return
		}
		text, err := json.Marshal(report)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	first := office.DayOf(begins(), time.UTC)
	for _, p := range []score.Period{
		{From: first - 1, To: first + 12, Unit: score.UnitDays}, {From: first, To: first, Unit: score.UnitDay}, {From: first + 3, To: first + 3, Unit: score.UnitDay},
	} {
		for _, q := range []score.Query{
			{}, {GroupBy: score.ByAgent}, {GroupBy: score.ByChannel}, {Filter: score.Filter{Channel: "chat"}}, {Filter: score.Filter{Agent: "a-Bart"}},
		} {
			q.Period = p
			for _, q.Metric = range []score.Metric{score.MetricSmileys, score.MetricNPS, score.MetricCES} {
				report, err := s.Report(t.Context(), q)
				add(transfer.ScoreJSON(report), err)
			}
			service, err := s.ServiceReport(t.Context(), q)
			add(transfer.ServiceJSON(service), err)
		}
	}
	return all
}

// twoStores makes two new databases for each draw.
func twoStores(tb testing.TB) func(*rapid.T) (*store.Store, *store.Store) {
	tb.Helper()
	options, folder, number := storetest.Options(tb), storetest.Folder(tb), 0
	one := func(t *rapid.T) *store.Store {
		number++
		path := filepath.Join(folder, fmt.Sprint(number, ".db"))
		storetest.Create(tb, path)
		s, err := sqlite.Open(t.Context(), path, options)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	return func(t *rapid.T) (*store.Store, *store.Store) { return one(t), one(t) }
}

func exported(t *rapid.T, s *store.Store, d csvfile.Dialect) []byte {
	var file bytes.Buffer
	require.NoError(t, transfer.Export(t.Context(), &file, s, 0, 100_000, d))
	return file.Bytes()
}

func imported(t *rapid.T, s *store.Store, file []byte, replace bool) transfer.ImportResult {
	rows, err := csvfile.NewReader(bytes.NewReader(file), csvfile.Options{Now: ends()})
	require.NoError(t, err)
	result, err := transfer.Import(t.Context(), transfer.ImportOptions{Rows: rows, Store: s, Now: ends(), Replace: replace})
	require.NoError(t, err)
	require.Empty(t, result.Mistakes.Lines())
	require.Empty(t, result.Warnings.Lines())
	return result
}

// TestCopyAnswersAlike: an export that is imported into an empty database gives the same answers of
// every score command, and the same results of what happens later, also of late events.
func TestCopyAnswersAlike(t *testing.T) {
	t.Parallel()
	stores := twoStores(t)
	rapid.Check(t, func(t *rapid.T) {
		original, second := stores(t)
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			act(t, original)
		}
		d := rapid.SampledFrom([]csvfile.Dialect{{}, {Separator: ';', Mark: true}, {Separator: '\t'}}).Draw(t, "dialect")
		file := exported(t, original, d)
		result := imported(t, second, file, false)
		require.Equal(t, result.Rows(), result.Created)
		require.Equal(t, string(file), string(exported(t, second, d)))
		require.Equal(t, answers(t, original), answers(t, second))
		again := imported(t, original, file, rapid.Bool().Draw(t, "replace"))
		require.Equal(t, again.Rows(), again.Unchanged, "where it comes from it changes nothing")
		for range rapid.IntRange(1, 6).Draw(t, "late events") {
			e := drawEvent(t)
			require.Equal(t, ingest(t, original, e), ingest(t, second, e))
		}
		require.Equal(t, string(exported(t, original, d)), string(exported(t, second, d)))
	})
}

// TestUndoRestores: after an undo, every score is as before the import, and so is an export. What
// something else changed since is left and named.
func TestUndoRestores(t *testing.T) {
	t.Parallel()
	stores := twoStores(t)
	rapid.Check(t, func(t *rapid.T) {
		s, other := stores(t)
		for range rapid.IntRange(0, 8).Draw(t, "events") {
			act(t, s)
		}
		for range rapid.IntRange(1, 8).Draw(t, "others") {
			act(t, other)
		}
		before, file := answers(t, s), exported(t, s, csvfile.Dialect{})
		result := imported(t, s, exported(t, other, csvfile.Dialect{}), rapid.Bool().Draw(t, "replace"))
		between := exported(t, s, csvfile.Dialect{})
		later := imported(t, s, exported(t, other, csvfile.Dialect{}), rapid.Bool().Draw(t, "replace again"))
		if later.Updated > 0 {
			undone, err := s.Undo(t.Context(), later.Number, ends())
			require.NoError(t, err)
			require.Zero(t, undone.Left)
			require.Equal(t, string(between), string(exported(t, s, csvfile.Dialect{})))
		}
		undone, err := s.Undo(t.Context(), result.Number, ends())
		require.NoError(t, err)
		require.Zero(t, undone.Left)
		require.Equal(t, result.Created, undone.Removed)
		require.Equal(t, string(file), string(exported(t, s, csvfile.Dialect{})))
		require.Equal(t, before, answers(t, s))
	})
}

// TestTakenBackAnswerAgain: a row whose rating is later than the moment at which the customer took the
// answer back voids it, and is unchanged the second time.
func TestTakenBackAnswerAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	const file = "id,kind,channel,smiley,occurred_at,void_reason,voided_at,voided_by,moments\n" +
		"1,smiley,chat,yellow,2026-10-19T09:00:00Z,taken back,2026-10-19T09:00:00Z,customer,rating=2026-10-23T19:51:54.2808Z\n"
	for _, want := range []string{
		"1 created, 0 updated, 0 unchanged, 0 stale, 0 rejected, 0 undated",
		"0 created, 0 updated, 1 unchanged, 0 stale, 0 rejected, 0 undated",
	} {
		result, _, err := load(t.Context(), t, s, strings.NewReader(file), nil)
		require.NoError(t, err)
		require.Equal(t, want, counts(result))
	}
}

// TestNameOfAnAgentInACopy: an agent with several names is shown under that of the last day, also when
// later feedback about another name has moved to another agent.
func TestNameOfAnAgentInACopy(t *testing.T) {
	t.Parallel()
	original, second := open(t), open(t)
	rated := func(id, agent, name string, day int) feedback.Event {
		e := storetest.Smiley(id, feedback.Green, begins().AddDate(0, 0, day))
		e.Answer.Agent = feedback.Person{ID: agent, Name: name}
		e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName] = true, true
		return e
	}
	moved := rated("3", "a-2", "Anna", 5)
	moved.OccurredAt, moved.Answer.Rating = moved.OccurredAt.Add(time.Hour), feedback.Yellow.Value() // a new rating names its agent
	for _, e := range []feedback.Event{rated("1", "a-1", "Bart", 0), rated("2", "a-1", "B. de Vries", 2), rated("3", "a-1", "Bart", 5), moved} {
		_, err := original.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: ends()}, e)
		require.NoError(t, err)
	}
	_, _, err := load(t.Context(), t, second, strings.NewReader(export(t, original)), nil)
	require.NoError(t, err)
	first := office.DayOf(begins(), time.UTC)
	for _, s := range []*store.Store{original, second} {
		q := score.NewQuery(score.MetricSmileys, score.Period{From: first, To: first + 9, Unit: score.UnitDays})
		q.GroupBy = score.ByAgent
		report, err := s.Report(t.Context(), q)
		require.NoError(t, err)
		var names []string
		for _, g := range report.Groups {
			names = append(names, g.Name)
		}
		require.ElementsMatch(t, []string{"B. de Vries", "Anna"}, names)
	}
}
