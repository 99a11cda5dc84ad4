package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// ErrNoServer is returned where PostgreSQL is not installed.
var ErrNoServer = errors.New("PostgreSQL is not installed: initdb and postgres are neither in PATH nor under /usr/lib/postgresql; or set TEST_POSTGRES to the URL of a role that may create databases")

// A server is a PostgreSQL server for the tests of a process.
type server struct {
	address  *url.URL  // of the database postgres
	cluster  *cluster  // nil for a server that was running before
	sessions *sessions // nil for a server that is not reached without TLS
	pool     pool
}

// shared is the server of the process. It is started before the first test in fake time, see [Engines].
//
//nolint:gochecknoglobals // started once
var shared = sync.OnceValues(startServer)

// started is the server of the process once it runs.
//
//nolint:gochecknoglobals // started once
var started atomic.Pointer[server]

// Server returns the URL of a new, empty database without tables, which is dropped with the test. It
// skips the test where there is no PostgreSQL.
func Server(tb testing.TB) string {
	tb.Helper()
	s, name := requireServer(tb), databaseName()
	require.NoError(tb, s.admin(tb.Context(), `create database `+name+` template template0`))
	tb.Cleanup(func() { require.NoError(tb, s.drop(name)) })
	return s.url(name)
}

// ServerWithTables returns the URL of a database with empty tables, which is given back with the test. It
// skips the test where there is no PostgreSQL.
func ServerWithTables(tb testing.TB) string {
	tb.Helper()
	return requireServer(tb).take(tb)
}

func requireServer(tb testing.TB) *server {
	tb.Helper()
	s, err := shared()
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") == "" {
		tb.Skip(err)
	}
	require.NoError(tb, err)
	return s
}

// cleanLimit bounds how long it takes to empty or drop a database.
const cleanLimit = time.Minute

func (s *server) drop(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
	defer cancel()
	if s.sessions != nil {
		s.sessions.forget(name)
	}
	return s.admin(ctx, `drop database if exists `+name+` with (force)`)
}

func databaseName() string { return "smileybot_" + strings.ToLower(rand.Text()) }

func (s *server) url(name string) string {
	u := *s.address
	u.Path = "/" + name
	return u.String()
}

// keptURL is the URL of a database by way of the sessions that are kept.
func (s *server) keptURL(name string) string {
	if s.sessions == nil {
		return s.url(name)
	}
	u := *s.address
	u.Path = "/" + name
	return s.sessions.through(&u)
}

// admin runs a statement about databases.
func (s *server) admin(ctx context.Context, statement string) error {
	return run(ctx, s.address.String(), statement)
}

// run runs statements in a database.
func run(ctx context.Context, address, statement string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = conn.PgConn().Exec(ctx, statement).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

// startServer starts a server, or uses that of TEST_POSTGRES.
func startServer() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := &server{}
	address := os.Getenv("TEST_POSTGRES")
	if address == "" {
		var err error
		if s.cluster, err = inMemory(ctx, "wal_level=minimal", "max_wal_senders=0"); err != nil {
			return nil, err
		}
		address = s.cluster.address
	}
	var err error
	if s.address, err = url.Parse(address); err != nil {
		return nil, errors.New("TEST_POSTGRES is not a URL")
	}
	if s.address.Query().Get("sslmode") == "disable" && s.address.Port() != "" {
		if s.sessions, err = keepSessions(s.address.Host); err != nil {
			return nil, err
		}
	}
	started.Store(s)
	return s, nil
}

// stop drops the databases of the pool and ends a server of one's own.
func (s *server) stop() (err error) {
	if s.sessions != nil {
		err = s.sessions.close()
	}
	if s.cluster != nil {
		return errors.Join(err, s.cluster.end())
	}
	return errors.Join(err, s.pool.drop(s))
}

// programs finds initdb and postgres, of the newest version if there are several.
func programs() (initdb, postgres string, err error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	packaged, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", "", err
	}
	for i := range packaged {
		folders = append(folders, packaged[len(packaged)-1-i])
	}
	for _, folder := range folders {
		initdb, postgres = filepath.Join(folder, "initdb"), filepath.Join(folder, "postgres")
		_, missing := os.Stat(initdb)                                  //nolint:gosec // of the machine
		if _, err := os.Stat(postgres); err == nil && missing == nil { //nolint:gosec // of the machine
			return initdb, postgres, nil
		}
	}
	return "", "", ErrNoServer
}

// unprivilegedFolder returns a new folder, and the user who owns it and who a server may run as.
func unprivilegedFolder(tb testing.TB) (folder string, as *syscall.SysProcAttr) {
	tb.Helper()
	folder, err := os.MkdirTemp("", "smileybot-server") //nolint:usetesting // its parents are open to all
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, os.RemoveAll(folder)) })
	as, err = unprivileged(folder)
	require.NoError(tb, err)
	return folder, as
}

// unprivileged gives a folder to the user that the server runs as, which may not be root.
func unprivileged(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	as := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return as, os.Chown(folder, int(uid), int(gid))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil //nolint:forcetypeassert // of a TCP listener
}
