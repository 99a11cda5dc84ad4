package sqlite_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// hold keeps the writer busy until release, so that what is written meanwhile
// shares one commit.
func (d *fixture) hold(tb testing.TB) (release func()) {
	tb.Helper()
	busy, free := make(chan struct{}), make(chan struct{})
	var held sync.WaitGroup
	held.Go(func() {
		assert.NoError(tb, d.engine.Write(tb.Context(), func(*store.Unit) error {
			close(busy)
			<-free
			return nil
		}))
	})
	<-busy
	return func() {
		close(free)
		held.Wait()
	}
}

// together runs writes that share one commit, and returns their errors.
func (d *fixture) together(tb testing.TB, writes ...func() error) []error {
	tb.Helper()
	release := d.hold(tb)
	errs := make([]error, len(writes))
	var all sync.WaitGroup
	var refused atomic.Int64
	for i, write := range writes {
		all.Go(func() {
			errs[i] = write()
			refused.Add(1)
		})
	}
	for d.engine.Queued()+int(refused.Load()) < len(writes) {
		runtime.Gosched()
	}
	release()
	all.Wait()
	return errs
}

func (d *fixture) taking(ctx context.Context, e feedback.Event, body string) func() error {
	return func() error {
		_, err := d.Ingest(ctx, store.Delivery{Sender: "feedback", ID: e.ID, Body: []byte(body), ReceivedAt: noon()}, e)
		return err
	}
}

// known is which of the sender's ids are on disk.
func (d *fixture) known(tb testing.TB) map[string]bool {
	tb.Helper()
	found := make(map[string]bool)
	for _, row := range d.rows(tb, `select external_id from feedback`) {
		found[row[0].(string)] = true
	}
	return found
}

// TestGroupCommit: many writes at once all arrive, in few commits.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	const n = sqlite.MaxGroup + 40
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { assert.NoError(t, d.taking(t.Context(), red(strconv.Itoa(i)), "{}")()) })
	}
	all.Wait()
	assert.Len(t, d.known(t), n)
	assert.EqualValues(t, n, d.one(t, everything))
}

// TestBadNeighbours: a write that is refused, that panics, that no caller waits for or
// that its maker rolls back does not harm the others in its commit.
func TestBadNeighbours(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	wrong := red("wrong")
	wrong.Answer.Rating = 9
	gone, leave := context.WithCancel(t.Context())
	within, interrupt := context.WithCancel(t.Context())
	var statements atomic.Int32
	errs := d.together(
		t,
		d.taking(t.Context(), red("1"), "{}"),
		d.taking(t.Context(), wrong, "{}"),
		d.taking(t.Context(), red("2"), "{}"),
		func() error {
			return d.engine.Write(t.Context(), func(tx *store.Unit) error {
				require.NoError(t, tx.Exec(`insert into pause (method, until_ms) values ('panicked', 1)`))
				panic("sesame")
			})
		},
		d.taking(t.Context(), red("3"), "{}"),
		func() error {
			return d.engine.Write(within, func(tx *store.Unit) error {
				interrupt()
				statements.Add(1)
				return tx.Exec(`insert into pause (method, until_ms) values ('interrupted', 1)`)
			})
		},
		d.taking(t.Context(), red("4"), "{}"),
		func() error {
			return d.engine.Write(t.Context(), func(tx *store.Unit) error {
				require.NoError(t, tx.Exec(`insert into pause (method, until_ms) values ('refused', 1)`))
				return feedback.ErrRatingMissing
			})
		},
		d.taking(t.Context(), red("5"), "{}"),
		func() error {
			leave()
			return d.taking(gone, red("gone"), "{}")()
		},
	)
	assert.Equal(t, []error{nil, nil, nil, nil, nil}, []error{errs[0], errs[2], errs[4], errs[6], errs[8]})
	assert.ErrorContains(t, errs[1], "CHECK constraint failed")
	assert.NotErrorIs(t, errs[1], store.ErrUnavailable)
	assert.ErrorIs(t, errs[3], store.ErrUnavailable)
	assert.NotContains(t, errs[3].Error(), "sesame")
	assert.ErrorContains(t, errs[3], "writer_test.go:", "where it was")
	if errs[5] != nil { // it was done or given up on, whichever was seen first
		assert.ErrorIs(t, errs[5], context.Canceled)
	}
	assert.EqualValues(t, 1, statements.Load())
	assert.Equal(t, feedback.ErrRatingMissing, errs[7])
	assert.ErrorIs(t, errs[9], context.Canceled)
	assert.Equal(t, map[string]bool{"1": true, "2": true, "3": true, "4": true, "5": true}, d.known(t))
	assert.Equal(t, [][]any{{"interrupted"}}, d.rows(t, `select method from pause`), "a write that has begun ends")
	require.NoError(t, d.taking(t.Context(), red("6"), "{}")())
}

// TestAbandonedJobIsSkipped: a caller that leaves before its turn is not written.
func TestAbandonedJobIsSkipped(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	release := d.hold(t)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { assert.ErrorIs(t, d.taking(ctx, red("1"), "{}")(), context.Canceled) })
	for d.engine.Queued() < 1 {
		runtime.Gosched()
	}
	cancel()
	all.Wait()
	release()
	require.NoError(t, d.taking(t.Context(), red("2"), "{}")())
	assert.Equal(t, map[string]bool{"2": true}, d.known(t))
}

// TestCancelledStatementFailsItsGroup shows why no request can cancel the writer's context: a
// cancelled statement rolls the whole transaction back, with the neighbours' savepoints. A
// write that does so fails its group with an error, and the next group is written.
func TestCancelledStatementFailsItsGroup(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	errs := d.together(
		t,
		d.taking(t.Context(), red("1"), "{}"),
		func() error {
			return d.engine.Write(t.Context(), func(tx *store.Unit) error {
				return sqlite.Interrupted(t.Context(), tx, `
insert into pause (method, until_ms)
with recursive c (i) as (select 1 union all select i + 1 from c where i < 100000000) select i, i from c`)
			})
		},
		d.taking(t.Context(), red("2"), "{}"),
	)
	for i, err := range errs {
		require.ErrorIs(t, err, store.ErrUnavailable, i)
	}
	assert.Empty(t, d.known(t))
	require.NoError(t, d.taking(t.Context(), red("3"), "{}")())
	assert.Equal(t, map[string]bool{"3": true}, d.known(t))
}

// TestCloseWritesTheQueue: what was queued is written, what comes later refused.
func TestCloseWritesTheQueue(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	release := d.hold(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { assert.NoError(t, d.taking(t.Context(), red(strconv.Itoa(i)), "{}")()) })
	}
	for d.engine.Queued() < 20 {
		runtime.Gosched()
	}
	all.Go(func() { assert.NoError(t, d.Close()) })
	release()
	all.Wait()
	assert.Len(t, d.known(t), 20)
	require.ErrorIs(t, d.taking(t.Context(), red("late"), "{}")(), store.ErrUnavailable)
	require.NoError(t, d.Close(), "twice is once")
	_, err := os.Stat(d.path + "-journal")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestSpoiledGroup: deliveries share a commit without savepoints. One that breaks a rule of
// the database half-way, and one that no caller waits for, do not harm the others: each of
// these is there, and counted, once.
func TestSpoiledGroup(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	wrong := ordinary("wrong", 1)
	wrong.Answer.Rating = 9
	gone, leave := context.WithCancel(t.Context())
	leave()
	writes := []func() error{
		d.taking(t.Context(), wrong, "{}"), d.taking(gone, ordinary("gone", 1), "{}"),
		func() error { // the first event is taken before the second breaks the rule
			_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "both", ReceivedAt: noon()}, ordinary("first", 1), wrong)
			return err
		},
	}
	const n = 30
	for i := range n {
		writes = append(writes, d.taking(t.Context(), ordinary(strconv.Itoa(i), i), "{}"))
	}
	errs := d.together(t, writes...)
	for i, err := range errs {
		switch i {
		case 0, 2:
			require.ErrorContains(t, err, "CHECK constraint failed")
			require.NotErrorIs(t, err, store.ErrUnavailable)
		case 1:
			require.ErrorIs(t, err, context.Canceled)
		default:
			require.NoError(t, err)
		}
	}
	assert.Len(t, d.known(t), n)
	assert.EqualValues(t, n, d.one(t, everything))
	assert.EqualValues(t, n, d.one(t, `select count(*) from delivery`))
	rebuilt, err := d.Rebuild(t.Context(), noStep)
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)
}

// TestLostWhileReading: SQLite rolls a transaction back also when a statement fails that only
// reads. Nothing of the group is kept then, and nothing is written outside a transaction,
// where it would not be counted.
func TestLostWhileReading(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		said error
	}{{"reported", sqlite3.Error{Code: sqlite3.ErrNomem}}, {"unreported", nil}, {"of its own", feedback.ErrRatingMissing}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			errs := d.together(t,
				d.taking(t.Context(), ordinary("1", 1), "{}"),
				func() error {
					return d.engine.WriteIdempotent(t.Context(), func(tx *store.Unit) error { return errors.Join(sqlite.RunOut(tx), c.said) })
				},
				d.taking(t.Context(), ordinary("2", 1), "{}"),
				d.taking(t.Context(), ordinary("3", 1), "{}"),
			)
			for i, err := range errs {
				require.ErrorIs(t, err, store.ErrUnavailable, i)
				require.NotErrorIs(t, err, feedback.ErrRatingMissing, "that is an answer to one sender")
			}
			assert.Empty(t, d.known(t))
			assert.EqualValues(t, 0, d.one(t, `select count(*) from delivery`))
			require.NoError(t, d.taking(t.Context(), ordinary("1", 1), "{}")(), "the next group has a connection of its own")
			rebuilt, err := d.Rebuild(t.Context(), noStep)
			require.NoError(t, err)
			assert.Empty(t, rebuilt.Differences)
		})
	}
}

// TestSets: set jobs next to each other run in one call, without those whose callers have left, and
// the rest of a set in the next one. A job of another kind between them parts them.
func TestSets(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var calls [][]any
	refused := errors.New("refused")
	do := func(u *store.Unit, jobs []any) ([]error, error) {
		jobs = jobs[:min(3, len(jobs))]
		calls = append(calls, jobs)
		results := make([]error, len(jobs))
		for i, job := range jobs {
			if job == "refused" {
				results[i] = refused
				continue
			}
			if err := u.Exec(notePause, job); err != nil {
				return nil, err
			}
		}
		return results, nil
	}
	gone, leave := context.WithCancel(t.Context())
	write := func(ctx context.Context, name string) func() error {
		return func() error { return d.engine.WriteSet(ctx, name, do) }
	}
	release := d.hold(t)
	errs := make([]error, 7)
	var all sync.WaitGroup
	for i, job := range []func() error{
		write(t.Context(), "1"), write(t.Context(), "refused"), write(gone, "gone"), write(t.Context(), "3"), write(t.Context(), "4"),
		func() error {
			return d.engine.Write(t.Context(), func(u *store.Unit) error { return u.Exec(notePause, "other") })
		},
		write(t.Context(), "5"),
	} {
		all.Go(func() { errs[i] = job() })
		for d.engine.Queued() <= i {
			runtime.Gosched()
		}
	}
	leave()
	release()
	all.Wait()
	assert.Equal(t, [][]any{{"1", "refused", "3"}, {"4"}, {"5"}}, calls)
	require.ErrorIs(t, errs[1], refused)
	require.ErrorIs(t, errs[2], context.Canceled)
	for _, i := range []int{0, 3, 4, 5, 6} {
		assert.NoError(t, errs[i])
	}
	assert.Equal(t, [][]any{{"1"}, {"3"}, {"4"}, {"5"}, {"other"}}, storetest.Rows(t, d.raw, `select method from pause order by method`))
}
