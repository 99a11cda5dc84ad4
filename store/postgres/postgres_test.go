package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/storetest"
)

const countFeedback = `select count(*) from feedback`

// TestCommitIsAnsweredOnce: a connection that is cut at a commit, before the server gets it or before its
// answer arrives, costs no rating and doubles none. A rating that was taken is not taken for a repeat of itself.
func TestCommitIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	for name, cuts := range map[string][]storetest.Cut{
		"before the commit": {storetest.CutBefore},
		"at it":             {storetest.CutAt},
		"before its answer": {storetest.CutUnanswered},
		"after its answer":  {storetest.CutAfter},
		"it arrives late":   {storetest.CutLate},
		"both, one by one":  {storetest.CutBefore, storetest.CutUnanswered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := storetest.ServerWithTables(t)
			p, by := storetest.Through(t, address)
			s := open(t, by)
			seen := 0
			p.SetCut(func(sent []byte) storetest.Cut {
				if !storetest.IsCommit(sent) {
					return storetest.NotCut
				}
				seen++
				if seen > len(cuts) {
					return storetest.NotCut
				}
				return cuts[seen-1]
			})
			done, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: noon()}, storetest.Smiley("1", feedback.Red, noon()))
			require.NoError(t, err)
			assert.Equal(t, feedback.Created, done[0].Result)
			assert.EqualValues(t, 1, query(t, address, countFeedback))
			assert.EqualValues(t, 1, query(t, address, `select count(*) from history`))
			assert.EqualValues(t, 1, query(t, address, `select sum(v1) from tally where unit = 'day' and channel = '' and agent = 0`))
			assert.Positive(t, seen)
		})
	}
}

// TestServerComesBack: while the server is away, writes and reads end soon with ErrUnavailable, and the
// next ones succeed when it is back.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	p, by := storetest.Through(t, storetest.Server(t))
	s := open(t, by)
	require.NoError(t, take(t, s, "1"))
	p.SetAway(true)
	began := time.Now()
	for i := range 3 {
		require.ErrorIs(t, take(t, s, strconv.Itoa(10+i)), store.ErrUnavailable)
		_, err := s.Backlog(t.Context())
		require.ErrorIs(t, err, store.ErrUnavailable)
		require.ErrorIs(t, err, store.ErrUnreachable)
	}
	assert.Less(t, time.Since(began), 30*time.Second)
	p.SetAway(false)
	require.NoError(t, take(t, s, "2"))
	_, err := s.Backlog(t.Context())
	require.NoError(t, err)
	p.SetAway(true) // the connections are lost, and new ones are allowed at once
	p.SetAway(false)
	_, err = s.Backlog(t.Context())
	require.NoError(t, err)
	require.NoError(t, take(t, s, "3"))
}

// TestTwoProcesses write the same feedback and tallies at once: none is lost, none deadlocks.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	const each = 40
	var running sync.WaitGroup
	for n := range 2 {
		s := open(t, address)
		for i := range each {
			running.Go(func() { assert.NoError(t, take(t, s, fmt.Sprint(n, "-", i))) })
			running.Go(func() { assert.NoError(t, take(t, s, "shared-"+strconv.Itoa(i%5))) })
		}
	}
	running.Wait()
	assert.EqualValues(t, 2*each+5, query(t, address, countFeedback))
	assert.EqualValues(t, 2*each+5, query(t, address, `select sum(v1) from tally where unit = 'day' and channel = '' and agent = 0`))
}

// TestPausedHolder: a process that is stopped while it holds the row of the writer keeps the others
// waiting for a few seconds at most.
func TestPausedHolder(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits three seconds for the server")
	}
	address := storetest.Server(t)
	s := open(t, address)
	paused, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer paused.Close(t.Context())
	_, err = paused.PgConn().Exec(t.Context(), `begin; set local idle_in_transaction_session_timeout = 1000; update writer set changes = changes + 1`).ReadAll()
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, take(t, s, "1"))
	assert.Less(t, time.Since(began), 9*time.Second)
	_, err = paused.Exec(t.Context(), `commit`)
	require.Error(t, err, "its transaction has ended")
}

// TestReadOnlyByDefault: a database whose transactions read only by default takes writes all the same,
// because each transaction says what it does.
func TestReadOnlyByDefault(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	s := open(t, address)
	require.NoError(t, take(t, s, "1"))
	u, err := url.Parse(address)
	require.NoError(t, err)
	name := u.Path[1:]
	query(t, address, `alter database `+name+` set default_transaction_read_only = on`)
	require.NoError(t, take(t, open(t, address), "2"))
}

// TestStandby: a server that has become a standby is named, and writes go on when it is the primary again.
func TestStandby(t *testing.T) {
	t.Parallel()
	server := storetest.NewCluster(t)
	s := open(t, server.Address)
	require.NoError(t, take(t, s, "1"))
	again := func(standby bool) {
		server.SetStandby(standby)
		server.Crash()
		server.Start()
		require.NoError(t, server.Await(t.Context()))
	}
	again(true)
	err := take(t, s, "2")
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorIs(t, err, store.ErrReadOnly)
	_, err = s.Backlog(t.Context())
	require.NoError(t, err)
	again(false)
	require.NoError(t, take(t, s, "2"))
}

// TestFullDisk: a disk without room, at a statement or at the commit, is named, costs the jobs of the group
// nothing that was written before, and the same rating is taken when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, trigger := range map[string]string{
		"at a statement": `create trigger full_disk before insert on feedback for each row execute function full_disk()`,
		"at the commit":  `create constraint trigger full_disk after insert on feedback deferrable initially deferred for each row execute function full_disk()`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := storetest.Server(t)
			s := open(t, address)
			require.NoError(t, take(t, s, "1"))
			query(t, address, `create function full_disk() returns trigger language plpgsql as $$ begin
				raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100'; end $$`)
			query(t, address, trigger)
			var running sync.WaitGroup
			for i := range 10 {
				running.Go(func() {
					err := take(t, s, "full-"+strconv.Itoa(i))
					assert.ErrorIs(t, err, store.ErrUnavailable)
					assert.ErrorIs(t, err, store.ErrFull)
				})
			}
			running.Wait()
			require.ErrorIs(t, s.Ready(t.Context(), noon()), store.ErrFull)
			assert.EqualValues(t, 1, query(t, address, countFeedback))
			assert.EqualValues(t, 1, query(t, address, `select count(*) from delivery`))
			query(t, address, `drop trigger full_disk on feedback`)
			require.NoError(t, take(t, s, "full-1"))
			require.NoError(t, s.Ready(t.Context(), noon()))
			assert.EqualValues(t, 2, query(t, address, countFeedback))
			assert.EqualValues(t, 2, query(t, address, `select sum(v1) from tally where unit = 'day' and channel = '' and agent = 0`))
		})
	}
}

// TestLeastRights: a role that owns its database and has no other right is enough.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	role := "least_" + u.Path[1:]
	query(t, address, `create role `+role+` login nosuperuser nocreatedb nocreaterole noreplication`)
	query(t, address, `alter database `+u.Path[1:]+` owner to `+role)
	u.User = url.User(role)
	s := open(t, u.String())
	require.NoError(t, take(t, s, "1"))
	_, err = s.Rebuild(t.Context(), func(int64, int64) {})
	require.NoError(t, err)
	_, err = s.Usage(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	query(t, address, `reassign owned by `+role+` to current_user`)
	query(t, address, `drop role `+role)
}

// TestSmallPool: with two connections everything goes on, also while a snapshot is read.
func TestSmallPool(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.Server(t)+"&pool_max_conns=2")
	require.NoError(t, take(t, s, "1"))
	var running sync.WaitGroup
	for i := range 20 {
		running.Go(func() { assert.NoError(t, take(t, s, strconv.Itoa(i))) })
		running.Go(func() {
			_, err := s.Backlog(context.WithoutCancel(t.Context()))
			assert.NoError(t, err)
		})
	}
	running.Wait()
}

// TestFaults: what an operator does wrong is named, and no password is.
func TestFaults(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	change := func(f func(*url.URL)) string {
		other := *u
		other.User = url.UserPassword("smileybot", "sesame")
		f(&other)
		return other.String()
	}
	for address, kind := range map[string]error{
		change(func(u *url.URL) { u.Path = "/none" }):                          store.ErrPlace,
		change(func(u *url.URL) { u.Host = "127.0.0.1:1" }):                    store.ErrUnreachable,
		change(func(u *url.URL) { u.User = url.UserPassword("no", "sesame") }): store.ErrDenied,
		"postgres://smileybot:sesame@[::1":                                     store.ErrPlace,
		"postgres://smileybot:sesame@localhost:port/x":                         store.ErrPlace,
	} {
		_, err := postgres.Open(t.Context(), address, storetest.Options(t))
		require.ErrorIs(t, err, kind)
		require.ErrorIs(t, err, store.ErrUnavailable)
		assert.NotContains(t, fmt.Sprintf("%+v", err), "sesame")
	}
	_, err = postgres.OpenExisting(t.Context(), address, storetest.Options(t))
	require.ErrorContains(t, err, "it is empty")
	query(t, address, `create table orders (id int)`)
	_, err = postgres.Open(t.Context(), address, storetest.Options(t))
	require.ErrorIs(t, err, store.ErrForeign)
}

// TestStartTogether: several processes that start on an empty database at once make its tables once.
func TestStartTogether(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() {
			s, err := postgres.Open(t.Context(), address, storetest.Options(t))
			if assert.NoError(t, err) {
				assert.NoError(t, s.Close())
			}
		})
	}
	running.Wait()
}

// TestPooler: everything works behind PgBouncer that gives each transaction another connection.
func TestPooler(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t)
	pooled := storetest.Pooled(t, address)
	first, second := open(t, pooled), open(t, pooled)
	var running sync.WaitGroup
	for i := range 30 {
		running.Go(func() { assert.NoError(t, take(t, first, "a-"+strconv.Itoa(i))) })
		running.Go(func() { assert.NoError(t, take(t, second, "b-"+strconv.Itoa(i))) })
		running.Go(func() {
			_, err := first.Backlog(context.WithoutCancel(t.Context()))
			assert.NoError(t, err)
		})
	}
	running.Wait()
	assert.EqualValues(t, 60, query(t, address, countFeedback))
	found, err := postgres.Inspect(t.Context(), pooled)
	require.NoError(t, err)
	assert.True(t, found.Pooler)
	direct, err := postgres.Inspect(t.Context(), address)
	require.NoError(t, err)
	assert.False(t, direct.Pooler)
	assert.Less(t, direct.Offset.Abs(), time.Minute)
}
