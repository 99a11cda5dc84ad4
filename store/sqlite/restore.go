package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"smileybot/store"
)

// Restored describes a backup that was put in place.
type Restored struct {
	Backup

	// Aside is where the former database is now, empty when there was none.
	Aside string
}

// ErrInUse is returned when a command uses the database.
var ErrInUse = errors.New("a command of smileybot, or another program, uses the database: wait until it ends")

// Restore puts a backup in the place of a database, which may be damaged or missing. It returns
// [ErrLocked] while a serve runs, [ErrInUse] while another program has the database open, and a
// [store.Fault] when the backup is damaged or not smileybot's, or its place cannot be used.
//
// The backup is copied next to the database and checked there. One rename puts it in place, so
// a kill at any moment leaves the former database or the whole backup. What the log of the former
// database holds is written into it first. When that cannot be done, because it is damaged, the
// log is kept aside with it. step is called with the number of copied bytes and of all bytes.
func Restore(ctx context.Context, database, backup string, now time.Time, step func(done, total int64)) (Restored, error) {
	path := resolved(database)
	if err := restorable(path); err != nil {
		return Restored{}, err
	}
	release, err := holdForRestore(ctx, path)
	if err != nil {
		return Restored{}, err
	}
	defer release()
	if err := giveToOwner(lockFile(path)); err != nil {
		return Restored{}, err
	}
	partial := path + ".restoring"
	made, err := readBackup(ctx, backup, partial, step)
	if err != nil {
		_ = removeUnfinished(partial)
		return Restored{}, err
	}
	aside, err := swap(ctx, path, partial, now)
	if err != nil {
		return Restored{}, asFault(path, fmt.Errorf("putting the backup in place: %w", err))
	}
	return Restored{Backup: made, Aside: aside}, nil
}

// restorable refuses a place in which no database can be kept. What is wrong with the content of the
// present one is no reason.
func restorable(path string) error {
	err := Examine(path)
	for _, kind := range []error{store.ErrDamaged, store.ErrRemoved, store.ErrReplaced} {
		if errors.Is(err, kind) {
			return nil
		}
	}
	return err
}

// holdForRestore keeps serve and writers away. It does not create a database.
func holdForRestore(ctx context.Context, path string) (release func(), err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		near := flock.New(lockFile(path), flock.SetPermissions(0o600))
		taken, err := near.TryLock()
		switch {
		case err != nil:
			return nil, asFault(path, fmt.Errorf("locking database %s: %w", path, err))
		case !taken:
			return nil, fmt.Errorf("%s: %w", path, ErrLocked)
		}
		return func() { _ = near.Unlock() }, nil
	}
	held, err := LockExisting(ctx, path, 0)
	if err != nil {
		return nil, err
	}
	release = func() { _ = held.Release() }
	if inUse(held.file) {
		release()
		return nil, fmt.Errorf("%s: %w", path, ErrInUse)
	}
	return release, nil
}

// readBackup copies a backup to partial and checks the copy, so that the backup itself is not
// changed, nor anything next to it.
func readBackup(ctx context.Context, backup, partial string, step func(done, total int64)) (Backup, error) {
	if err := copyBackup(ctx, backup, partial, step); err != nil {
		return Backup{}, err
	}
	if err := refuseForeign(ctx, partial); err != nil {
		return Backup{}, ofBackup(backup, err)
	}
	db, err := sql.Open("sqlite3", uri(partial, "mode=rw"))
	if err != nil {
		return Backup{}, err
	}
	_, _, _, err = versions(ctx, db)
	if err = errors.Join(err, db.Close()); err != nil {
		return Backup{}, ofBackup(backup, err)
	}
	made, err := checked(ctx, partial)
	if err != nil {
		return Backup{}, ofBackup(backup, err)
	}
	return made, syncPath(partial)
}

// ofBackup says that an error is the backup's and not the database's.
func ofBackup(backup string, err error) error {
	switch err := asFault(backup, err); {
	case errors.Is(err, store.ErrDamaged):
		return &store.Fault{Kind: store.ErrDamaged, Reason: fmt.Sprintf("the backup %s is damaged", backup), Remedy: "take another one; nothing was changed"}
	case errors.Is(err, store.ErrForeign):
		return &store.Fault{Kind: store.ErrForeign, Reason: backup + " is no backup of smileybot", Remedy: "name another file; nothing was changed"}
	default:
		return fmt.Errorf("the backup %s: %w; nothing was changed", backup, err)
	}
}

// copyBackup copies a regular file, and follows no link on either side.
func copyBackup(ctx context.Context, from, to string, step func(done, total int64)) (err error) {
	source, err := os.OpenFile(from, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0) //nolint:gosec // the path is the operator's
	if errors.Is(err, syscall.ELOOP) {
		return fmt.Errorf("%s is a link: name the file that it leads to", from)
	}
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return fmt.Errorf("%s is no backup of smileybot: name a file that 'smileybot backup' made", from)
	}
	if _, err := readToken(source); err != nil {
		return fmt.Errorf("%s is no backup of smileybot: name a file that 'smileybot backup' made", from)
	}
	if size(logFile(from)) > 0 {
		return fmt.Errorf("%s is a database with a log, %s-wal: make a backup of it with 'smileybot backup', and restore that", from, from)
	}
	if err := removeUnfinished(to); err != nil { // of a restore that was killed
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // next to the database
	if err != nil {
		return asFault(to, err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := giveToOwner(to); err != nil {
		return err
	}
	const chunk = 16 << 20
	for done := int64(0); done < info.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(target, source, min(chunk, info.Size()-done))
		if err != nil {
			return asFault(to, fmt.Errorf("copying the backup: %w", err))
		}
		done += n
		step(done, info.Size())
	}
	return nil
}

// giveToOwner gives a file to the owner of its folder when root makes it, because serve is not root.
func giveToOwner(path string) error {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	}
	return nil
}

// swap puts a checked copy in the place of the database and returns where that is kept.
func swap(ctx context.Context, path, partial string, now time.Time) (aside string, err error) {
	_, err = os.Lstat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	hasLog := size(logFile(path)) > 0
	if hasLog && !missing && Examine(path) == nil {
		emptyLog(ctx, path)
		hasLog = size(logFile(path)) > 0
	}
	if !missing || hasLog {
		if aside, err = asideName(path, now); err != nil {
			return "", err
		}
	}
	if !missing {
		if err := os.Link(path, aside); err != nil {
			return "", fmt.Errorf("keeping the former database: %w", err)
		}
	}
	if hasLog {
		if err := os.Rename(logFile(path), logFile(aside)); err != nil {
			return "", fmt.Errorf("keeping the former log: %w", err)
		}
	}
	if err := removeFiles(sides(path)); err != nil { // the former database's
		return "", err
	}
	if err := syncPath(filepath.Dir(path)); err != nil {
		return "", err
	}
	return aside, publish(partial, path)
}

// emptyLog writes the log of a database into it, if that is possible.
func emptyLog(ctx context.Context, path string) {
	db, err := sql.Open("sqlite3", dsn(path, "rw", ""))
	if err != nil {
		return
	}
	defer db.Close()
	_, _ = db.ExecContext(ctx, `pragma wal_checkpoint(truncate)`) // what cannot be written stays in the log
}

// asideName is a free name for the former database.
func asideName(path string, now time.Time) (string, error) {
	const most = 100
	name := path + ".before-restore-" + now.UTC().Format("20060102T150405Z")
	for n := range most {
		free := name
		if n > 0 {
			free = fmt.Sprintf("%s-%d", name, n+1)
		}
		_, errFile := os.Lstat(free)
		_, errLog := os.Lstat(logFile(free))
		if errors.Is(errFile, fs.ErrNotExist) && errors.Is(errLog, fs.ErrNotExist) {
			return free, nil
		}
	}
	return "", fmt.Errorf("there is no free name %s: move the former databases elsewhere", name)
}
