package postgres_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/storetest"
)

const countFeedback = `select count(*) from feedback`

// TestCommitIsAnsweredOnce: a connection that is cut at a commit, before the server gets it or before its
// answer arrives, costs no rating and doubles none.
func TestCommitIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]func(first bool) (before, after bool){
		"before the commit": func(first bool) (bool, bool) { return first, false },
		"before its answer": func(first bool) (bool, bool) { return false, first },
		"both, one by one":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := storetest.Server(t)
			p, by := through(t, address)
			s := open(t, by)
			seen := 0
			p.setCut(func(sent []byte) (before, after bool) {
				if !isCommit(sent) {
					return false, false
				}
				seen++
				switch {
				case lost != nil:
					return lost(seen == 1)
				default:
					return seen == 1, seen == 2
				}
			})
			require.NoError(t, take(t, s, "1"))
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
	p, by := through(t, storetest.Server(t))
	s := open(t, by)
	require.NoError(t, take(t, s, "1"))
	p.setAway(true)
	began := time.Now()
	for i := range 3 {
		require.ErrorIs(t, take(t, s, strconv.Itoa(10+i)), store.ErrUnavailable)
		_, err := s.Backlog(t.Context())
		require.ErrorIs(t, err, store.ErrUnavailable)
		require.ErrorIs(t, err, store.ErrUnreachable)
	}
	assert.Less(t, time.Since(began), 30*time.Second)
	p.setAway(false)
	require.NoError(t, take(t, s, "2"))
	_, err := s.Backlog(t.Context())
	require.NoError(t, err)
	p.setAway(true) // the connections are lost, and new ones are allowed at once
	p.setAway(false)
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
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; os.Getenv("CI") == "" {
			if _, err := os.Stat(program); err != nil {
				t.Skip("pgbouncer is not installed")
			}
		}
	}
	address := storetest.Server(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	folder, as := storetest.Unprivileged(t)
	settings := filepath.Join(folder, "pgbouncer.ini")
	require.NoError(t, os.WriteFile(settings, fmt.Appendf(nil, `[databases]
* = host=%s port=%s user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`, u.Hostname(), u.Port(), u.User.Username(), port), 0o644))
	cmd := exec.CommandContext(t.Context(), program, "-q", settings)
	cmd.SysProcAttr = as
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	u.Host = "127.0.0.1:" + strconv.Itoa(port)
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", u.Host)
		if err == nil {
			err = conn.Close()
		}
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	first, second := open(t, u.String()), open(t, u.String())
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
	found, err := postgres.Inspect(t.Context(), u.String())
	require.NoError(t, err)
	assert.True(t, found.Pooler)
	direct, err := postgres.Inspect(t.Context(), address)
	require.NoError(t, err)
	assert.False(t, direct.Pooler)
	assert.Less(t, direct.Offset.Abs(), time.Minute)
}
