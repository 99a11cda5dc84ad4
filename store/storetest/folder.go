package storetest

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Folder returns a folder of the test's own, in memory where the machine has room for it there. Every
// commit waits for the disk, which is most of the time of a test; what a power cut leaves is the
// subject of store/sqlite and test/soak, which use the disk.
func Folder(tb testing.TB) string {
	tb.Helper()
	const (
		memory = "/dev/shm"
		least  = 1 << 30 // bytes
	)
	var free unix.Statfs_t
	if err := unix.Statfs(memory, &free); err != nil || free.Type != unix.TMPFS_MAGIC || free.Bavail*uint64(free.Bsize) < least { //nolint:gosec // a size of blocks
		return tb.TempDir()
	}
	folder, err := os.MkdirTemp(memory, "smileybot-test") //nolint:usetesting // not in its folder
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() { require.NoError(tb, os.RemoveAll(folder)) })
	return folder
}
