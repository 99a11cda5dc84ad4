package storetest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Pooled returns the URL of a database by way of PgBouncer, which gives each transaction another one of
// three connections, and ends with the test. It skips the test where PgBouncer is not installed.
func Pooled(tb testing.TB, address string) string {
	tb.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; os.Getenv("CI") == "" {
			if _, err := os.Stat(program); err != nil {
				tb.Skip("PgBouncer is not installed")
			}
		}
	}
	u, err := url.Parse(address)
	require.NoError(tb, err)
	port, err := freePort()
	require.NoError(tb, err)
	folder, as := unprivilegedFolder(tb)
	settings := filepath.Join(folder, "pgbouncer.ini")
	content := fmt.Appendf(nil, `[databases]
* = host=%s port=%s user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_login_retry = 1
`, u.Hostname(), u.Port(), u.User.Username(), port)
	require.NoError(tb, os.WriteFile(settings, content, 0o644))       //nolint:gosec // for the unprivileged user
	cmd := exec.CommandContext(tb.Context(), program, "-q", settings) //nolint:gosec // of a package
	cmd.SysProcAttr = as
	require.NoError(tb, cmd.Start())
	tb.Cleanup(func() { _ = cmd.Wait() })
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	require.Eventually(tb, func() bool {
		conn, err := net.Dial("tcp", u.Host) //nolint:noctx // at once
		if err == nil {
			err = conn.Close()
		}
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	return u.String()
}
