package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"smileybot/store"
)

const restoreRemedy = "put a backup in place: stop 'smileybot serve' and run 'smileybot restore FILE'"

func removed(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrRemoved,
		Reason: fmt.Sprintf("the database %s was removed or moved away", path),
		Remedy: fmt.Sprintf("move it back, or %s; for a new, empty database remove what is left of it, %s and %s-wal", restoreRemedy, lockFile(path), path),
	}
}

func replaced(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrReplaced,
		Reason: fmt.Sprintf("the database %s was replaced or overwritten by another file", path),
		Remedy: restoreRemedy,
	}
}

// logLost is the fault of a database whose write-ahead log or its index is gone. Closing the
// database writes what the log holds, because the file is still open.
func logLost(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrRemoved,
		Reason: path + " was removed or replaced while the database was in use",
		Remedy: "move it back, or restart 'smileybot serve', which loses nothing; leave the files next to the database alone",
	}
}

// logReplaced is the fault of a database with another file in the place of its write-ahead log, see
// [engine.Rescue].
func logReplaced(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrReplaced,
		Reason: path + " was replaced while the database was in use",
		Remedy: "stop 'smileybot serve' and run 'smileybot restore' with the file that its log names, which has everything; leave the files next to the database alone",
	}
}

// staleLog is the fault of a database next to the write-ahead log of another one.
func staleLog(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrReplaced,
		Reason: fmt.Sprintf("the database %s was replaced, and %s-wal is the log of the former one", path, path),
		Remedy: fmt.Sprintf("%s; if file and log were copied here together, remove %s", restoreRemedy, lockFile(path)),
	}
}

func damaged(path string) *store.Fault {
	return &store.Fault{Kind: store.ErrDamaged, Reason: fmt.Sprintf("the database %s is damaged", path), Remedy: restoreRemedy}
}

// notSQLite is the fault of a file that does not begin as a database does.
func notSQLite(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrDamaged,
		Reason: fmt.Sprintf("the database %s is damaged or no database: it does not begin as one", path),
		Remedy: "correct SMILEYBOT_DATABASE, or " + restoreRemedy,
	}
}

func foreign(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrForeign,
		Reason: fmt.Sprintf("the database %s belongs to another program", path),
		Remedy: "correct SMILEYBOT_DATABASE; nothing in the file was changed",
	}
}

func readOnly(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrReadOnly,
		Reason: path + " is on a read-only disk, or the disk has become read-only",
		Remedy: "mount it writable; after an error of the disk the kernel's log says why",
	}
}

func full(path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrFull,
		Reason: fmt.Sprintf("the disk of the database %s is full", path),
		Remedy: fmt.Sprintf("make room in %s, or raise the quota of uid %d; senders try again meanwhile", filepath.Dir(path), os.Geteuid()),
	}
}

// denied is the fault of a path that this user may not use.
func denied(verb, path string) *store.Fault {
	return &store.Fault{
		Kind:   store.ErrDenied,
		Reason: fmt.Sprintf("SMILEYBOT_DATABASE: uid %d may not %s %s", os.Geteuid(), verb, path),
		Remedy: fmt.Sprintf("give it to the user of the bot: chown %d %s", os.Geteuid(), path),
	}
}

func wrongPlace(reason, remedy string) *store.Fault {
	return &store.Fault{Kind: store.ErrPlace, Reason: reason, Remedy: remedy}
}

// asFault returns an error as the fault of the database at path that it shows. An error that
// shows none, such as that of a busy database, is returned as it is.
func asFault(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*store.Fault](err); ok {
		return err
	}
	if failed, ok := errors.AsType[sqlite3.Error](err); ok {
		switch failed.Code {
		case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
			return damaged(path)
		case sqlite3.ErrFull:
			return full(path)
		case sqlite3.ErrReadonly:
			if failed.ExtendedCode == sqlite3.ErrReadonlyDbMoved {
				return removed(path)
			}
			return readOnly(path)
		}
		return asDiskFault(path, failed.SystemErrno, err)
	}
	return asDiskFault(path, err, err)
}

// asDiskFault is asFault for the operating system's reason of an error.
func asDiskFault(path string, reason, err error) error {
	switch {
	case errors.Is(reason, syscall.ENOSPC), errors.Is(reason, syscall.EDQUOT):
		return full(path)
	case errors.Is(reason, syscall.EROFS):
		return readOnly(path)
	case errors.Is(reason, fs.ErrPermission):
		return denied("use", path)
	default:
		return err
	}
}

// A lostError is the error of a transaction that was lost. It has the words of its cause, and of
// its chain only SQLite's error: that of a job would name a fault that the others do not have.
type lostError struct {
	words string
	cause error
}

func lostBy(err error) lostError {
	l := lostError{words: err.Error()}
	if failed, ok := errors.AsType[sqlite3.Error](err); ok {
		l.cause = failed
	}
	return l
}

func (l lostError) Error() string { return l.words }
func (l lostError) Unwrap() error { return l.cause }
