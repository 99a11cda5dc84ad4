package sqlite_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
)

const (
	notePause = `insert into pause (method, until_ms) values ($1, 1)`
	// forEver is a statement that does not end.
	forEver = `insert into pause (method, until_ms)
with recursive c (i) as (select 1 union all select i + 1 from c) select i, i from c where i < 0`
	readForEver = `with recursive c (i) as (select 1 union all select i + 1 from c) select i from c where i < 0`
)

// TestJobHasALimit: a job that takes too long is rolled back alone and fails, wherever it is when
// its time is over. Those that share its commit are written once.
func TestJobHasALimit(t *testing.T) {
	t.Parallel()
	endless := make(chan struct{})
	var left sync.WaitGroup
	t.Cleanup(left.Wait)
	t.Cleanup(func() { close(endless) })
	for _, c := range []struct {
		name       string
		idempotent bool
		job        func(t *store.Unit) error
	}{
		{"many statements", false, func(t *store.Unit) error {
			for {
				if err := t.Exec(notePause, time.Now().String()); err != nil {
					return err
				}
			}
		}},
		{"many statements of an idempotent job", true, func(t *store.Unit) error {
			for {
				if err := t.Exec(notePause, time.Now().String()); err != nil {
					return err
				}
			}
		}},
		{"a failure that it hides", false, func(t *store.Unit) error {
			for t.Exec(notePause, time.Now().String()) == nil {
			}
			return nil
		}},
		{"a statement that writes", false, func(t *store.Unit) error { return t.Exec(forEver) }},
		{"a statement that reads", false, func(t *store.Unit) error {
			return errors.Join(t.Exec(notePause, "x"), t.Row(readForEver).Scan(new(int)))
		}},
		{"between the rows of a query", false, func(t *store.Unit) error {
			return t.Each(func(store.Scanner) error {
				time.Sleep(time.Millisecond)
				return nil
			}, `with recursive c (i) as (select 1 union all select i + 1 from c) select i from c`)
		}},
		{"a wait that does not end", false, func(t *store.Unit) error {
			left.Add(1)
			defer left.Done()
			err := t.Exec(notePause, "x")
			<-endless
			return errors.Join(err, t.Exec(notePause, "y"))
		}},
		{"a wait within a query, in an idempotent job", true, func(t *store.Unit) error {
			left.Add(1)
			defer left.Done()
			return t.Each(func(store.Scanner) error {
				<-endless
				return t.Exec(notePause, "y")
			}, `select 1 union all select 2`)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			d.engine.SetLimit(300 * time.Millisecond)
			run := d.engine.Write
			if c.idempotent {
				run = d.engine.WriteIdempotent
			}
			writes := []func() error{
				d.taking(t.Context(), red("1"), "{}"),
				func() error { return run(t.Context(), c.job) },
				d.taking(t.Context(), red("2"), "{}"),
			}
			if !c.idempotent {
				writes = append(writes, func() error {
					return d.engine.Write(t.Context(), func(u *store.Unit) error { return u.Exec(notePause, "neighbour") })
				})
			}
			errs := d.together(t, writes...)
			for i, err := range errs {
				if i != 1 {
					assert.NoError(t, err, i)
				}
			}
			require.ErrorIs(t, errs[1], store.ErrUnavailable)
			assert.ErrorContains(t, errs[1], "took too long")
			require.NoError(t, d.taking(t.Context(), red("3"), "{}")())
			assert.Equal(t, map[string]bool{"1": true, "2": true, "3": true}, d.known(t))
			assert.EqualValues(t, 3, d.one(t, everything))
			assert.LessOrEqual(t, len(d.rows(t, `select method from pause`)), 1, "of the neighbour")
			assert.Empty(t, d.rows(t, `select method from pause where method <> 'neighbour'`))
			usage, err := d.Usage(t.Context())
			require.NoError(t, err)
			assert.EqualValues(t, 1, usage.Overruns)
			rebuilt, err := d.Rebuild(t.Context(), noStep)
			require.NoError(t, err)
			assert.Empty(t, rebuilt.Differences)
		})
	}
}

// TestCloseDoesNotWaitForAJob: a stop ends also when a job does not, and what is queued behind it
// fails, so that senders repeat it.
func TestCloseDoesNotWaitForAJob(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	started, endless, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := d.engine.Write(t.Context(), func(*store.Unit) error {
			defer close(ended)
			close(started)
			<-endless
			return nil
		})
		assert.ErrorIs(t, err, store.ErrUnavailable)
	})
	<-started
	all.Go(func() { assert.ErrorIs(t, d.taking(t.Context(), red("1"), "{}")(), store.ErrUnavailable) })
	for d.engine.Queued() < 1 {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	require.NoError(t, d.Close())
	assert.Less(t, time.Since(began), 3*time.Second)
	all.Wait()
	assert.Empty(t, d.known(t))
	close(endless)
	<-ended
}

// TestLargeBodiesAreCommittedInParts: a group of large bodies is no large transaction.
func TestLargeBodiesAreCommittedInParts(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	log := watchLog(t, d.path)
	body := string(make([]byte, 256<<10))
	var writes []func() error
	for i := range 120 {
		writes = append(writes, d.taking(t.Context(), ordinary(string(rune('A'+i)), i), body))
	}
	for _, err := range d.together(t, writes...) {
		require.NoError(t, err)
	}
	assert.Len(t, d.known(t), 120)
	assert.Less(t, log.largest.Load(), int64(28<<20))
}
