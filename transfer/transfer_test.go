package transfer_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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

// open opens an empty database.
func open(t *testing.T) *store.Store {
	t.Helper()
	return storetest.Open(t, filepath.Join(t.TempDir(), "smileybot.db"))
}

// load imports a text and returns the result and the errors of the rejected rows. rejectedRows may be
// nil.
func load(ctx context.Context, t *testing.T, s *store.Store, text io.Reader, rejectedRows io.Writer) (result transfer.ImportResult, rejected []string, err error) {
	t.Helper()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	rows, err := csvfile.NewReader(text, csvfile.Options{Now: now, UndatedNow: true})
	require.NoError(t, err)
	result, err = transfer.Import(ctx, transfer.ImportOptions{
		Rows: rows, Store: s, Now: now, RejectedRows: rejectedRows,
		Rejected: func(err *csvfile.RowError) { rejected = append(rejected, err.Error()) },
	})
	return result, rejected, err
}

// export returns all feedback as CSV.
func export(t *testing.T, s *store.Store) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, transfer.Export(t.Context(), &out, s, 0, 100_000))
	return out.String()
}

// TestImportCountsAndKeepsRejectedRows checks how rows are counted, that rejected rows are written byte for byte and in their
// order, also those that only the store can reject, and that the file can be imported again.
func TestImportCountsAndKeepsRejectedRows(t *testing.T) {
	s := open(t)
	const file = "id;kind;channel;score;comment;occurred_at\r\n" +
		"1;nps;panel;9;\"two\r\nlines\";2026-10-05T10:00:00Z\r\n" +
		"2;nps;panel;;no score;2026-10-05T10:00:00Z\r\n" +
		"3;nps;panel;11;;2026-10-05T10:00:00Z\r\n" +
		"1;nps;panel;;a later comment;2026-10-06T10:00:00Z\r\n" +
		"4;nps;panel;7;;"
	var rows strings.Builder
	result, rejected, err := load(t.Context(), t, s, strings.NewReader(file), &rows)
	require.NoError(t, err)
	assert.Equal(t, transfer.ImportResult{Created: 2, Updated: 1, Rejected: 2, Undated: 1}, result)
	assert.Equal(t, int64(5), result.Rows())
	assert.Equal(t, []string{
		"line 4, column 4 (score): must be a whole number from 0 to 10; the first row of a feedback needs it",
		"line 5, column 4 (score): must be a whole number from 0 to 10",
	}, rejected)
	assert.Equal(t, "id;kind;channel;score;comment;occurred_at\r\n"+
		"2;nps;panel;;no score;2026-10-05T10:00:00Z\r\n3;nps;panel;11;;2026-10-05T10:00:00Z\r\n", rows.String())

	result, _, err = load(t.Context(), t, s, strings.NewReader(file), nil)
	require.NoError(t, err)
	assert.Equal(t, transfer.ImportResult{Unchanged: 3, Rejected: 2, Undated: 1}, result)
}

// TestImportBatches imports more rows than fit into one batch.
func TestImportBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("20,000 rows are slow")
	}
	var file strings.Builder
	file.WriteString("id,channel,smiley,occurred_at\n")
	const rows = 20_001
	for i := range rows {
		smiley := "red"
		if i%1000 == 0 {
			smiley = "blue"
		}
		_, _ = file.WriteString(strconv.Itoa(i) + ",chat," + smiley + ",2026-10-05T10:00:00Z\n")
	}
	result, rejected, err := load(t.Context(), t, open(t), strings.NewReader(file.String()), nil)
	require.NoError(t, err)
	assert.Equal(t, transfer.ImportResult{Created: rows - 21, Rejected: 21}, result)
	require.Len(t, rejected, 21)
	assert.True(t, strings.HasPrefix(rejected[20], "line 20002,"), rejected[20])
}

// TestImportEndsEarly checks that good rows before an unreadable line are stored, and that nothing is
// after the end of the context.
func TestImportEndsEarly(t *testing.T) {
	s := open(t)
	broken := io.MultiReader(strings.NewReader("id,channel,smiley\n1,chat,red\n"), errorReader{})
	result, _, err := load(t.Context(), t, s, broken, nil)
	require.ErrorIs(t, err, os.ErrClosed)
	assert.Equal(t, int64(1), result.Created)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, _, err = load(ctx, t, s, strings.NewReader("id,channel,smiley\n2,chat,red\n"), nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, result.Rows())
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, os.ErrClosed }

func TestRejectedRowsCannotBeWritten(t *testing.T) {
	closed, broken := io.Pipe()
	require.NoError(t, closed.Close())
	_, rejected, err := load(t.Context(), t, open(t), strings.NewReader("id,channel,smiley\n1,chat,roze\n"), broken)
	require.ErrorContains(t, err, "the wrong rows cannot be kept")
	assert.Len(t, rejected, 1)
}

// TestExportOfChanges checks that a feedback that changed is exported with its first time and its last
// values, and that importing that where it came from changes nothing and makes nothing suspect.
func TestExportOfChanges(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 10, 5, 10, 0, 0, 123456789, time.UTC)
	var id string
	for i, smiley := range []feedback.Smiley{feedback.Red, feedback.Green} {
		e := storetest.Smiley("1", smiley, at)
		e.OccurredAt = at.Add(time.Duration(i) * time.Hour)
		taken, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: at.Add(time.Duration(i) * time.Hour)}, e)
		require.NoError(t, err)
		id = taken[0].FeedbackID
	}
	all := export(t, s)
	assert.Contains(t, all, "1,feedback,smiley,ticket,green,")
	assert.Contains(t, all, "2026-10-05T10:00:00.123Z")
	result, _, err := load(t.Context(), t, s, strings.NewReader(all), nil)
	require.NoError(t, err)
	assert.Equal(t, transfer.ImportResult{Unchanged: 1}, result)
	assert.Equal(t, all, export(t, s))
	c, err := s.Snapshot(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, int64(2), c.Feedback.Revision)
	assert.False(t, c.Feedback.Suspect)
}

// TestExportedScores checks that an import of an export gives the same scores.
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
		require.NoError(rt, transfer.Export(t.Context(), &file, from, 0, 100_000))
		rows, err := csvfile.NewReader(&file, csvfile.Options{Now: time.Now(), UndatedNow: true})
		require.NoError(rt, err)
		result, err := transfer.Import(t.Context(), transfer.ImportOptions{Rows: rows, Store: into, Now: time.Now()})
		require.NoError(rt, err)
		require.Equal(rt, result.Rows(), result.Created)
		for day := office.Date(2026, 10, 23); day < office.Date(2026, 10, 28); day++ {
			for _, kind := range feedback.Kinds() {
				require.Equal(rt, scores(t, from, kind, day), scores(t, into, kind, day))
			}
		}
	})
}

// scores returns the scores of a kind on a day.
func scores(tb testing.TB, s *store.Store, kind feedback.Kind, day office.Day) []score.PeriodScore {
	tb.Helper()
	var all []score.PeriodScore
	for _, metric := range score.Metrics() {
		if metric.Kind() != kind {
			continue
		}
		report, err := s.Report(tb.Context(), score.NewQuery(metric, score.Period{From: day, To: day, Unit: score.UnitDay}))
		require.NoError(tb, err)
		all = append(all, report.PeriodScore)
	}
	return all
}
