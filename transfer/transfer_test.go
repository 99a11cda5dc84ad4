package transfer_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/csvfile"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
	"smileybot/transfer"
)

// open opens an empty database.
func open(t *testing.T) *store.Store {
	t.Helper()
	return storetest.Open(t, filepath.Join(storetest.Folder(t), "smileybot.db"))
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
	})
	return result, result.Mistakes.Lines(), err
}

// counts are the numbers of a result.
func counts(r transfer.ImportResult) string {
	return fmt.Sprintf("%d created, %d updated, %d unchanged, %d stale, %d rejected, %d undated", r.Created, r.Updated, r.Unchanged, r.Stale, r.Rejected, r.Undated)
}

// export returns all feedback as CSV.
func export(t *testing.T, s *store.Store) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, transfer.Export(t.Context(), &out, s, 0, 100_000, csvfile.Dialect{}))
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
	assert.Equal(t, "2 created, 1 updated, 0 unchanged, 0 stale, 2 rejected, 1 undated", counts(result))
	assert.Equal(t, int64(5), result.Rows())
	assert.Equal(t, []string{
		"line 4, column 4 (score): must be a whole number from 0 to 10; the first row of a feedback needs it",
		"line 5, column 4 (score): must be a whole number from 0 to 10",
	}, rejected)
	assert.Equal(t, "id;kind;channel;score;comment;occurred_at\r\n"+
		"2;nps;panel;;no score;2026-10-05T10:00:00Z\r\n3;nps;panel;11;;2026-10-05T10:00:00Z\r\n", rows.String())

	result, _, err = load(t.Context(), t, s, strings.NewReader(file), nil)
	require.NoError(t, err)
	assert.Equal(t, "0 created, 0 updated, 3 unchanged, 0 stale, 2 rejected, 1 undated", counts(result))
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
	assert.Equal(t, fmt.Sprint(rows-21, " created, 0 updated, 0 unchanged, 0 stale, 21 rejected, 0 undated"), counts(result))
	assert.Equal(t, []string{"smiley: must be one of red, yellow, green (lines 2, 1002, 2002, 3002, 4002, 5002, 6002, 7002, 8002, 9002 and 11 more)"}, rejected)
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
	assert.Equal(t, "0 created, 0 updated, 1 unchanged, 0 stale, 0 rejected, 0 undated", counts(result))
	assert.Equal(t, all, export(t, s))
	c, err := s.Snapshot(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, int64(2), c.Feedback.Revision)
	assert.False(t, c.Feedback.Suspect)
}
