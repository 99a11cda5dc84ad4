package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// ErrNoServer is returned where PostgreSQL is not installed.
var ErrNoServer = errors.New("PostgreSQL is not installed: initdb and postgres are neither in PATH nor under /usr/lib/postgresql; or set SMILEYBOT_TEST_POSTGRES to the URL of a role that may create databases")

// A server is a PostgreSQL server for the tests of a process.
type server struct {
	address *url.URL // of the database postgres
	running *os.File // the server ends when this is closed
	pool    pool
}

// shared is the server of the process. It is started before the first test in fake time, see [Engines].
//
//nolint:gochecknoglobals // started once
var shared = sync.OnceValues(startServer)

// Server returns the URL of a new, empty database without tables, which is dropped with the test. It
// skips the test where there is no PostgreSQL.
func Server(tb testing.TB) string {
	tb.Helper()
	s, name := requireServer(tb), databaseName()
	require.NoError(tb, s.admin(tb.Context(), `create database `+name+` template template0`))
	tb.Cleanup(func() { require.NoError(tb, s.drop(name)) })
	return s.url(name)
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

func (s *server) drop(name string) error {
	return s.admin(context.Background(), `drop database if exists `+name+` with (force)`)
}

func databaseName() string { return "smileybot_" + strings.ToLower(rand.Text()) }

func (s *server) url(name string) string {
	u := *s.address
	u.Path = "/" + name
	return u.String()
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

// startServer starts a server, or uses that of SMILEYBOT_TEST_POSTGRES.
func startServer() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := &server{}
	address := os.Getenv("SMILEYBOT_TEST_POSTGRES")
	if address == "" {
		var err error
		if address, err = s.start(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if s.address, err = url.Parse(address); err != nil {
		return nil, errors.New("SMILEYBOT_TEST_POSTGRES is not a URL")
	}
	return s, nil
}

// stop drops the databases of the pool and ends a server of one's own.
func (s *server) stop() error {
	if s.running != nil {
		return s.running.Close()
	}
	return s.pool.drop(s)
}

// keeper runs a server until its standard input is closed, which the end of the test's process does
// also when it is killed, and removes its folder.
const keeper = `folder=$1; shift; "$@" >"$folder/log" 2>&1 & read _; kill -QUIT $!; wait; rm -rf "$folder"`

// start starts a server in memory that does not wait for its files.
func (s *server) start(ctx context.Context) (address string, err error) {
	parent := ""
	if memory, err := os.Stat("/dev/shm"); err == nil && memory.IsDir() {
		parent = "/dev/shm"
	}
	address, s.running, err = StartServer(ctx, parent, "fsync=off", "full_page_writes=off", "max_connections=400", "shared_buffers=32MB",
		"autovacuum=off", "dynamic_shared_memory_type=mmap", "max_wal_size=4GB", "wal_level=minimal", "max_wal_senders=0")
	return address, err
}

// StartServer makes a database cluster in a new folder of parent, "" for that of temporary files, and
// starts a server with some settings. The server ends, and the folder is removed, when running is closed.
func StartServer(ctx context.Context, parent string, settings ...string) (address string, running *os.File, err error) {
	initdb, postgres, err := programs()
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp(parent, "smileybot-postgres")
	if err != nil {
		return "", nil, err
	}
	as, err := unprivileged(folder)
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(folder, "data")
	cmd := exec.CommandContext(ctx, initdb, "-D", data, "-U", "smileybot", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8") //nolint:gosec // of the machine
	cmd.SysProcAttr, cmd.Dir = as, folder
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w: %s", err, said)
	}
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	read, running, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer read.Close()
	arguments := []string{"-c", keeper, "sh", folder, postgres, "-D", data, "-p", strconv.Itoa(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	run := exec.Command("/bin/sh", arguments...) //nolint:noctx,gosec // as long as the process
	run.SysProcAttr, run.Stdin, run.Dir = as, read, folder
	if err := run.Start(); err != nil {
		return "", nil, err
	}
	address = fmt.Sprintf("postgres://smileybot@127.0.0.1:%d/postgres?sslmode=disable", port)
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return address, running, conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return "", nil, errors.Join(fmt.Errorf("PostgreSQL does not start: %w", err), running.Close())
		case <-time.After(20 * time.Millisecond):
		}
	}
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

// Unprivileged returns a new folder, and the user who owns it and who a server may run as. The server is
// killed with the test's process.
func Unprivileged(tb testing.TB) (folder string, as *syscall.SysProcAttr) {
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
