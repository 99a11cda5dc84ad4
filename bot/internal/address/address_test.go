package address_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/internal/address"
)

func TestListenSaysWhyNot(t *testing.T) {
	taken, err := address.Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	folder := socketFolder(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
	for _, test := range []struct{ address, reason, remedy string }{
		{taken.Addr().String(), "another program uses that port", "end it ('ss -ltnp' names it), or set another port"},
		{"192.0.2.1:0", "this machine has no such address", "write one of those that 'ip address' lists, or only the port, as in :8080"},
		{"unix:" + folder + "/file", "another program listens there, or it is no socket", "end that program, or set another path"},
	} {
		_, err := address.Listen(t.Context(), test.address)
		var fault *address.Fault
		require.ErrorAs(t, err, &fault, test.address)
		_, place := address.Split(test.address)
		assert.Equal(t, "cannot listen at "+place+": "+test.reason, fault.Reason)
		assert.Equal(t, test.remedy, fault.Remedy)
	}
}

// TestListenAtASocket: its group may connect, a socket that a killed process left is replaced, and one
// that is used is not.
func TestListenAtASocket(t *testing.T) {
	path := filepath.Join(socketFolder(t), "web.sock")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	left.SetUnlinkOnClose(false)
	require.NoError(t, left.Close())

	first, err := address.Listen(t.Context(), "unix:"+path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o660), info.Mode().Perm())
	_, err = address.Listen(t.Context(), "unix:"+path)
	require.ErrorContains(t, err, "another program listens there")
	require.NoError(t, first.Close())
	assert.NoFileExists(t, path)
}

// socketFolder is a folder with a short path: that of a socket has at most 107 bytes.
func socketFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "s") //nolint:usetesting // t.TempDir has a long path
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}
