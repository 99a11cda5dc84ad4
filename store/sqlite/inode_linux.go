package sqlite

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// The lock of a serve is on one byte of the database far behind its content and behind the bytes
// that SQLite locks (at 1 GiB). It belongs to the open descriptor and not to the process, so
// SQLite's closing of another descriptor does not drop it. A flock(2) would do on a local disk,
// and on NFS lock SQLite out.
const serveByte = 1 << 40

// lockInode locks a database for serve if it is free, whatever the name it was opened by. Where the
// kernel has no such locks, the lock file is the only one.
func lockInode(file *os.File) (taken bool, err error) {
	err = setLock(file, unix.F_WRLCK)
	switch {
	case err == nil, errors.Is(err, unix.EINVAL):
		return true, nil
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return false, nil
	default:
		return false, err
	}
}

func unlockInode(file *os.File) error {
	if err := setLock(file, unix.F_UNLCK); err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}

func setLock(file *os.File, kind int16) error {
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: serveByte, Len: 1})
}

// inodeLocked reports whether a serve has locked the database, and whether that is known.
func inodeLocked(file *os.File) (is, known bool) { return locked(file, serveByte, 1) }

// inUse reports whether any program has the database open with SQLite, which in the mode of a
// write-ahead log keeps a shared lock on 510 bytes: https://www.sqlite.org/c3ref/c_lock_exclusive.html.
func inUse(file *os.File) bool {
	const sharedFirst, sharedSize = 0x40000000 + 2, 510
	is, known := locked(file, sharedFirst, sharedSize)
	return is || !known
}

func locked(file *os.File, start, length int64) (is, known bool) {
	found := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: start, Len: length}
	err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &found)
	return err == nil && found.Type != unix.F_UNLCK, err == nil
}
