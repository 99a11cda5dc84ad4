package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A cluster is a PostgreSQL server of the tests' own.
type cluster struct {
	address string // URL of the database postgres
	data    string
	as      *syscall.SysProcAttr
	control *os.File // see keeper
	running *exec.Cmd
}

// keeper runs a server. A line on its standard input stops the server as a crash does, the next one
// starts it. The end of its input, which the end of the test's process causes also when that is killed,
// stops the server and removes its folder.
const keeper = `folder=$1; shift
while "$@" >>"$folder/log" 2>&1 & read _; do kill -QUIT $!; wait; read _ || break; done
kill -QUIT $! 2>/dev/null; wait; rm -rf "$folder"`

// inMemory starts a cluster with some settings in memory. It does not wait for its files.
func inMemory(ctx context.Context, settings ...string) (*cluster, error) {
	parent := ""
	if memory, err := os.Stat("/dev/shm"); err == nil && memory.IsDir() {
		parent = "/dev/shm"
	}
	return startCluster(ctx, parent, append(settings, "fsync=off", "full_page_writes=off", "max_connections=400", "shared_buffers=32MB",
		"autovacuum=off", "jit=off", "dynamic_shared_memory_type=mmap", "max_wal_size=4GB")...)
}

// StartServer starts a server with some settings, and its data in a new folder of parent, "" for that of
// temporary files. The server ends, and the folder is removed, when running is closed.
func StartServer(ctx context.Context, parent string, settings ...string) (address string, running *os.File, err error) {
	c, err := startCluster(ctx, parent, settings...)
	if err != nil {
		return "", nil, err
	}
	return c.address, c.control, nil
}

// startCluster makes a database cluster in a folder of parent and starts a server on it.
func startCluster(ctx context.Context, parent string, settings ...string) (*cluster, error) {
	initdb, postgres, err := programs()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(parent, "smileybot-postgres")
	if err != nil {
		return nil, err
	}
	c := &cluster{data: filepath.Join(folder, "data")}
	if c.as, err = unprivileged(folder); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, initdb, "-D", c.data, "-U", "smileybot", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8") //nolint:gosec // of a package
	cmd.SysProcAttr, cmd.Dir = c.as, folder
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, said)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	c.control = write
	arguments := []string{"-c", keeper, "sh", folder, postgres, "-D", c.data, "-p", strconv.Itoa(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	c.running = exec.Command("/bin/sh", arguments...) //nolint:noctx,gosec // as long as the process
	c.running.SysProcAttr, c.running.Stdin, c.running.Dir = c.as, read, folder
	if err := c.running.Start(); err != nil {
		return nil, err
	}
	c.address = fmt.Sprintf("postgres://smileybot@127.0.0.1:%d/postgres?sslmode=disable", port)
	return c, c.Await(ctx)
}

// Await waits until the server answers.
func (c *cluster) Await(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, c.address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not start: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end ends the server and removes its folder.
func (c *cluster) end() error {
	return errors.Join(c.control.Close(), c.running.Wait())
}

// A Cluster is a PostgreSQL server of one test, which crashes and starts again.
type Cluster struct {
	// Address is the URL of an empty database without tables.
	Address string

	tb testing.TB
	*cluster
}

// NewCluster starts a server that ends with the test. It skips the test where there is no PostgreSQL.
func NewCluster(tb testing.TB) *Cluster {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	c, err := inMemory(ctx)
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") == "" {
		tb.Skip(err)
	}
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, c.end()) })
	return &Cluster{Address: c.address, tb: tb, cluster: c}
}

// Crash ends the server at once, as pg_ctl stop -m immediate does.
func (c *Cluster) Crash() { c.toggle() }

// Start starts the server after a crash.
func (c *Cluster) Start() { c.toggle() }

func (c *Cluster) toggle() {
	c.tb.Helper()
	_, err := c.control.WriteString("\n")
	require.NoError(c.tb, err)
}

// Exec runs statements of an administrator.
func (c *Cluster) Exec(statements ...string) {
	c.tb.Helper()
	conn, err := pgx.Connect(c.tb.Context(), c.address)
	require.NoError(c.tb, err)
	for _, statement := range statements {
		_, err := conn.Exec(c.tb.Context(), statement)
		require.NoError(c.tb, err)
	}
	require.NoError(c.tb, conn.Close(c.tb.Context()))
}

// SetStandby has the next start be that of a standby, which takes no writes, or of a primary.
func (c *Cluster) SetStandby(standby bool) {
	c.tb.Helper()
	signal := filepath.Join(c.data, "standby.signal")
	if !standby {
		require.NoError(c.tb, os.Remove(signal))
		return
	}
	require.NoError(c.tb, os.WriteFile(signal, nil, 0o600))
	if as := c.as.Credential; as != nil {
		require.NoError(c.tb, os.Chown(signal, int(as.Uid), int(as.Gid)))
	}
}
