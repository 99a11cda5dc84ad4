package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
)

// TestErrorsAreFaults: each error of SQLite and of the operating system has its own cause.
func TestErrorsAreFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
		want error // nil: no fault
	}{
		{"damaged", sqlite3.Error{Code: sqlite3.ErrCorrupt}, store.ErrDamaged},
		{"no database", sqlite3.Error{Code: sqlite3.ErrNotADB}, store.ErrDamaged},
		{"full", sqlite3.Error{Code: sqlite3.ErrFull}, store.ErrFull},
		{"full, while a file is made", sqlite3.Error{Code: sqlite3.ErrCantOpen, SystemErrno: syscall.ENOSPC}, store.ErrFull},
		{"quota", sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.EDQUOT}, store.ErrFull},
		{"read-only file", sqlite3.Error{Code: sqlite3.ErrReadonly}, store.ErrReadOnly},
		{"disk that became read-only", sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.EROFS}, store.ErrReadOnly},
		{"moved", sqlite3.Error{Code: sqlite3.ErrReadonly, ExtendedCode: sqlite3.ErrReadonlyDbMoved}, store.ErrRemoved},
		{"denied", sqlite3.Error{Code: sqlite3.ErrCantOpen, SystemErrno: syscall.EACCES}, store.ErrDenied},
		{"of the operating system", &fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, store.ErrReadOnly},
		{"wrapped", fmt.Errorf("%w: %w", store.ErrUnavailable, lostBy(sqlite3.Error{Code: sqlite3.ErrFull})), store.ErrFull},
		{"busy", sqlite3.Error{Code: sqlite3.ErrBusy}, nil},
		{"constraint", sqlite3.Error{Code: sqlite3.ErrConstraint}, nil},
		{"another one", errors.New("no such row"), nil},
	} {
		got := asFault("/data/s.db", tc.err)
		if tc.want == nil {
			assert.Equal(t, tc.err, got, tc.name)
			continue
		}
		require.ErrorIs(t, got, tc.want, tc.name)
		require.ErrorIs(t, got, store.ErrUnavailable, tc.name)
		assert.Contains(t, got.Error(), "/data/s.db", tc.name)
	}
	require.NoError(t, asFault("/data/s.db", nil))
}

func TestResolved(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	in := func(name string) string { return filepath.Join(folder, name) }
	require.NoError(t, os.WriteFile(in("file"), nil, 0o600))
	require.NoError(t, errors.Join(
		os.Symlink("file", in("link")), os.Symlink("nothing", in("dangling")), os.Symlink("dangling", in("second")),
		os.Symlink("loop", in("loop")), os.Symlink(folder, in("folder"))))
	for _, tc := range []struct{ path, want string }{
		{"file", "file"},
		{"link", "file"},
		{"dangling", "nothing"},
		{"second", "nothing"},
		{"folder/link", "file"},
		{"folder/nothing", "nothing"},
		{"loop", "loop"},
	} {
		assert.Equal(t, in(tc.want), resolved(in(tc.path)), tc.path)
	}
}
