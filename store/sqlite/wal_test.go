package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/sqlite"
)

// smallMarks make the log of a test small, so that few ratings fill it.
func smallMarks() sqlite.Marks { return sqlite.Marks{256 << 10, 512 << 10, 1 << 20} }

// A logWatch keeps the largest size of a write-ahead log.
type logWatch struct{ largest atomic.Int64 }

// watchLog looks at the size of the log until the test ends.
func watchLog(t *testing.T, database string) *logWatch {
	t.Helper()
	w := new(logWatch)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			if info, err := os.Stat(database + "-wal"); err == nil && info.Size() > w.largest.Load() {
				w.largest.Store(info.Size())
			}
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	t.Cleanup(func() {
		close(done)
		watching.Wait()
	})
	return w
}

// rate ingests n ratings from several senders at once, until ctx ends.
func (d *fixture) rate(ctx context.Context, t *testing.T, name string, n int) {
	t.Helper()
	var all sync.WaitGroup
	for sender := range 8 {
		all.Go(func() {
			for i := sender; i < n && ctx.Err() == nil; i += 8 {
				id := name + strconv.Itoa(i)
				_, err := d.Ingest(ctx, store.Delivery{Sender: "feedback", ID: id, Body: make([]byte, 600), ReceivedAt: noon()}, ordinary(id, i))
				if ctx.Err() == nil {
					assert.NoError(t, err)
				}
			}
		})
	}
	all.Wait()
}

// TestLogStaysSmall: the write-ahead log stays under its bound while ratings arrive, whatever
// reads, and however long the reader stalls. Another process reads through an engine of its own.
func TestLogStaysSmall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		// read begins to read, stalls until stalled is called back, and returns its error.
		read func(ctx context.Context, d *fixture, stall func()) error
		want error
	}{
		{"an export whose output no one reads", func(ctx context.Context, d *fixture, stall func()) error {
			return d.Export(ctx, -1e6, 1e6, func(feedback.Feedback) error { stall(); return nil })
		}, nil},
		{"a query in the middle of its rows", func(ctx context.Context, d *fixture, stall func()) error {
			return d.engine.Each(ctx, func(store.Scanner) error { stall(); return nil }, `select id from feedback`)
		}, store.ErrInterrupted},
		{"a row that was read", func(ctx context.Context, d *fixture, stall func()) error {
			var id string
			defer stall()
			return d.engine.Row(ctx, `select id from feedback`).Scan(&id)
		}, nil},
		{"a state of the database", func(ctx context.Context, d *fixture, stall func()) error {
			once := sync.OnceFunc(stall)
			return d.engine.State(ctx, func(r store.Reader) error {
				var n int
				if err := r.Row(ctx, `select count(*) from feedback`).Scan(&n); err != nil {
					return err
				}
				once() // the second time it does not stall
				return r.Row(ctx, `select count(*) from history`).Scan(&n)
			})
		}, nil},
		{"a state that always stalls", func(ctx context.Context, d *fixture, stall func()) error {
			return d.engine.State(ctx, func(r store.Reader) error {
				var n int
				if err := r.Row(ctx, `select count(*) from feedback`).Scan(&n); err != nil {
					return err
				}
				stall()
				return r.Row(ctx, `select count(*) from history`).Scan(&n)
			})
		}, store.ErrInterrupted},
		{"a query that computes for long", func(ctx context.Context, d *fixture, stall func()) error {
			defer stall()
			var n int64
			return d.engine.Row(ctx, `with recursive c (i) as (select 1 union all select i + 1 from c where i < 4000000000) select count(*) from c, feedback`).Scan(&n)
		}, store.ErrInterrupted},
		{"a snapshot that is not read", func(ctx context.Context, d *fixture, stall func()) error {
			s, err := d.engine.Snapshot(ctx)
			if err != nil {
				return err
			}
			defer s.Close()
			var n int
			if err := s.Row(ctx, `select count(*) from feedback`).Scan(&n); err != nil {
				return err
			}
			stall()
			return s.Row(ctx, `select count(*) from history`).Scan(&n)
		}, store.ErrInterrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t, smallMarks())
			d.rate(t.Context(), t, "before", 20)
			reading, err := sqlite.OpenEngine(t.Context(), d.path, smallMarks())
			require.NoError(t, err)
			other := &fixture{Store: d.Store, engine: reading, path: d.path, raw: d.raw}
			log := watchLog(t, d.path)

			stalls := make(chan chan struct{})
			ended := make(chan error, 1)
			go func() {
				ended <- c.read(t.Context(), other, func() {
					wait := make(chan struct{})
					stalls <- wait
					<-wait
				})
			}()
			writing, stop := context.WithCancel(t.Context())
			defer stop()
			var writes sync.WaitGroup
			for round, reads := 0, true; reads; round++ {
				if round == 0 && strings.Contains(c.name, "computes") {
					writes.Go(func() { d.rate(writing, t, "during", 1e6) })
				}
				select {
				case wait := <-stalls:
					if round < 6 && writing.Err() == nil {
						d.rate(t.Context(), t, fmt.Sprint("round", round, "-"), 150)
					}
					close(wait)
				case err := <-ended:
					reads = false
					if c.want == nil {
						assert.NoError(t, err)
					} else {
						assert.ErrorIs(t, err, c.want)
					}
				}
				if round == 0 && !reads {
					break
				}
			}
			stop()
			writes.Wait()
			require.NoError(t, reading.Close())
			d.rate(t.Context(), t, "after", 10)
			assert.Greater(t, log.largest.Load(), int64(256<<10), "enough is written to fill the log")
			assert.Less(t, log.largest.Load(), int64(16<<20))
			size, err := os.Stat(d.path + "-wal")
			require.NoError(t, err)
			assert.Less(t, size.Size(), int64(2<<20), "it becomes small again")
		})
	}
}

// TestLogShrinksAfterACrash: a log that another program left large becomes small with the first
// ratings after it is gone.
func TestLogShrinksAfterACrash(t *testing.T) {
	t.Parallel()
	d := newFixture(t, smallMarks())
	tx, err := d.raw.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	var n int
	require.NoError(t, tx.QueryRowContext(t.Context(), `select count(*) from feedback`).Scan(&n))
	d.rate(t.Context(), t, "held", 200)
	info, err := os.Stat(d.path + "-wal")
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(2<<20), "a program other than ours is not ended, and no rating is refused for it")
	require.NoError(t, tx.Rollback())
	d.rate(t.Context(), t, "free", 20)
	info, err = os.Stat(d.path + "-wal")
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(1<<20))
}

// TestExportWhileRatingsArrive: an export passes each feedback that existed when it began once,
// whatever is written between its pages.
func TestExportWhileRatingsArrive(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	const n = 450
	d.rate(t.Context(), t, "old", n)
	seen := make(map[string]int)
	var before string
	require.NoError(t, d.Export(t.Context(), -1e6, 1e6, func(f feedback.Feedback) error {
		seen[f.Key.ID]++
		assert.Less(t, before, f.ID, "in the order of arrival")
		if before = f.ID; len(seen)%100 == 0 {
			d.rate(t.Context(), t, fmt.Sprint("new", len(seen), "-"), 5)
		}
		return nil
	}))
	assert.Len(t, seen, n)
	for id, times := range seen {
		assert.Equal(t, 1, times, id)
		assert.True(t, strings.HasPrefix(id, "old"), id)
	}
	var none int
	require.NoError(t, d.Export(t.Context(), office.Day(1), office.Day(2), func(feedback.Feedback) error { none++; return nil }))
	assert.Zero(t, none)
}

// TestScrubNamesTheHolder: a log that another program holds is not scrubbed, and the error names
// the program.
func TestScrubNamesTheHolder(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/locks"); err != nil {
		t.Skip("this system does not list its locks")
	}
	d := newFixture(t)
	d.rate(t.Context(), t, "a", 1)
	reader := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperReader$")
	reader.Env = append(os.Environ(), "SMILEYBOT_TEST_READER="+d.path)
	said, err := reader.StdoutPipe()
	require.NoError(t, err)
	leave, err := reader.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, reader.Start())
	_, err = said.Read(make([]byte, 1)) // it reads now
	require.NoError(t, err)
	d.rate(t.Context(), t, "b", 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = d.Scrub(ctx)
	require.ErrorIs(t, err, store.ErrHeld)
	assert.Contains(t, err.Error(), fmt.Sprintf("(process %d)", reader.Process.Pid))
	assert.NotContains(t, err.Error(), "deadline")
	require.NoError(t, leave.Close())
	require.NoError(t, reader.Wait())
	require.NoError(t, d.Scrub(t.Context()))
}

// TestHelperReader is the other program of [TestScrubNamesTheHolder].
func TestHelperReader(t *testing.T) { //nolint:paralleltest // a process of its own
	path := os.Getenv("SMILEYBOT_TEST_READER")
	if path == "" {
		t.Skip("TestScrubNamesTheHolder runs it")
	}
	sqlite.ReadUntilClosed(t.Context(), t, path)
}

// TestBackupIsInterrupted: a backup that is slower than what is written begins again next to the
// database, and leaves nothing there.
func TestBackupIsInterrupted(t *testing.T) {
	t.Parallel()
	d := newFixture(t, smallMarks())
	d.rate(t.Context(), t, "before", 300)
	log := watchLog(t, d.path)
	target := filepath.Join(t.TempDir(), "backup.db")
	slow, staged := 0, 0
	made, err := sqlite.CopySlowly(t.Context(), d.path, target, smallMarks(), func(_, _ int64) {
		if _, err := os.Stat(d.path + ".backup"); err == nil {
			staged++
			return
		}
		slow++
		d.rate(t.Context(), t, fmt.Sprint("during", slow, "-"), 40)
	})
	require.NoError(t, err)
	assert.Positive(t, slow)
	assert.Positive(t, staged)
	assert.EqualValues(t, 300+40*slow, made.Feedback)
	assert.Less(t, log.largest.Load(), int64(16<<20))
	assert.NoFileExists(t, d.path+".backup")
	assert.NoFileExists(t, sqlite.Partial(target))
}

// TestBackupBeginsAgain: a copy that was interrupted has written some of its pages and not the first;
// the next one does not begin with them.
func TestBackupBeginsAgain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("copies ten megabytes, slowly")
	}
	d := newFixture(t, smallMarks())
	for i := range 150 { // more than is kept in memory before it is written
		id := "large" + strconv.Itoa(i)
		_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: id, Body: make([]byte, 64<<10), ReceivedAt: noon()}, ordinary(id, i))
		require.NoError(t, err)
	}
	staged := 0
	made, err := sqlite.CopySlowly(t.Context(), d.path, filepath.Join(t.TempDir(), "backup.db"), smallMarks(), func(done, total int64) {
		if _, err := os.Stat(d.path + ".backup"); err == nil {
			staged++
		}
		if staged == 0 || staged == 1 && done < total/2 || done > total/2 && staged < 60 {
			d.rate(t.Context(), t, fmt.Sprint("during", staged, "-", done, "-"), 40)
			time.Sleep(60 * time.Millisecond) // until the watch has looked
		}
	})
	require.NoError(t, err)
	assert.Greater(t, staged, 60, "the copy next to the database was interrupted, too")
	assert.GreaterOrEqual(t, made.Feedback, int64(150))
}

// TestBackupInVain: a backup that is always slower than what is written ends with an error that
// says what to do, and leaves no file.
func TestBackupInVain(t *testing.T) {
	t.Parallel()
	d := newFixture(t, smallMarks())
	d.rate(t.Context(), t, "before", 300)
	target := filepath.Join(t.TempDir(), "backup.db")
	n := 0
	_, err := sqlite.CopySlowly(t.Context(), d.path, target, smallMarks(), func(_, _ int64) {
		n++
		d.rate(t.Context(), t, fmt.Sprint("during", n, "-"), 60)
		time.Sleep(60 * time.Millisecond) // until the guard has looked
	})
	require.ErrorIs(t, err, store.ErrInterrupted)
	require.ErrorContains(t, err, "name a file on a faster disk")
	assert.NoFileExists(t, d.path+".backup")
	assert.NoFileExists(t, target)
	assert.NoFileExists(t, sqlite.Partial(target))
}

// TestLogStaysUnderItsBound: with the marks of the program, tens of megabytes of log a second, and
// readers of every kind that stall at the same time, the log stays under the size that is promised.
func TestLogStaysUnderItsBound(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it writes 4,000 ratings")
	}
	d := newFixture(t)
	d.rate(t.Context(), t, "before", 500)
	log := watchLog(t, d.path)
	written := make(chan struct{})
	var reads sync.WaitGroup
	reads.Go(func() {
		assert.NoError(t, d.Export(t.Context(), -1e6, 1e6, func(feedback.Feedback) error { <-written; return nil }))
	})
	reads.Go(func() {
		err := d.engine.Each(t.Context(), func(store.Scanner) error { <-written; return nil }, `select id from feedback`)
		assert.ErrorIs(t, err, store.ErrInterrupted)
	})
	reads.Go(func() {
		assert.NoError(t, d.engine.State(t.Context(), func(r store.Reader) error {
			err := r.Row(t.Context(), `select count(*) from feedback`).Scan(new(int))
			<-written
			return errors.Join(err, r.Row(t.Context(), `select count(*) from history`).Scan(new(int)))
		}))
	})
	d.rate(t.Context(), t, "during", 4000)
	close(written)
	reads.Wait()
	d.rate(t.Context(), t, "after", 10)
	assert.Less(t, log.largest.Load(), int64(sqlite.MaxLog))
	info, err := os.Stat(d.path + "-wal")
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(20<<20))
}
