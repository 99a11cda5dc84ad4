package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"

	"smileybot/outfile"
	"smileybot/store"
)

// Backup describes a finished copy of the database.
type Backup struct {
	// Feedback is the number of feedbacks in it, Bytes its size.
	Feedback, Bytes int64
}

// stepPages is how many pages are copied at once, 16 MiB. After each step the copy reports
// progress and checks its context.
const stepPages = 4096

// Files lists the files that belong to a database, itself first. No output may replace them. Where
// the database is a link, those of the file that it leads to are in the list as well.
func Files(database string) []string {
	var files []string
	for _, path := range realPaths(database) {
		files = append(files, path, path+"-wal", path+"-shm", path+"-journal", lockFile(path), turnFile(path))
	}
	return files
}

// realPaths lists path, and where it really is if it is a link.
func realPaths(path string) []string {
	if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
		return []string{path, real}
	}
	return []string{path}
}

// Partial is the file in which a backup to target is made. It is always the same, so killed
// backups do not pile up.
func Partial(target string) string { return target + ".partial" }

// Copy makes a backup of a database of any schema, which may be in use. It copies one state;
// readers and writers do not wait, but the write-ahead log grows until the copy is done.
// Copy checks the copy, syncs it, and only then renames it to target, where it may replace
// an earlier backup. If it fails, target is unchanged. Only the owner can read the backup.
// step is called with the number of copied pages and of all pages.
func Copy(ctx context.Context, database, target string, step func(done, total int64)) (Backup, error) {
	if _, err := os.Stat(database); err != nil {
		return Backup{}, fmt.Errorf("database %s: %w; is SMILEYBOT_DATABASE right?", database, err)
	}
	if err := replaceable(target); err != nil {
		return Backup{}, err
	}
	partial := Partial(target)
	if err := outfile.Check(partial); err != nil {
		return Backup{}, fmt.Errorf("the backup is first made in a file of its own: %w", err)
	}
	lock := flock.New(partial, flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return Backup{}, fmt.Errorf("the backup cannot be written: %w; its folder must exist and be writable", err)
	case !locked:
		return Backup{}, fmt.Errorf("another backup to %s is being made", target)
	}
	defer lock.Unlock() //nolint:errcheck // it goes with the process at the latest
	if err := emptied(partial); err != nil {
		return Backup{}, fmt.Errorf("the backup cannot be written: %w", err)
	}
	made, err := copyTo(ctx, database, partial, target, step)
	if err != nil { // no other process has a file of this name while it is locked
		for _, leftover := range Files(partial) {
			_ = os.Remove(leftover)
		}
	}
	return made, err
}

// copyTo copies through a partial file that exists and is empty.
func copyTo(ctx context.Context, database, partial, target string, step func(done, total int64)) (Backup, error) {
	if err := copyPages(ctx, database, partial, step); err != nil {
		return Backup{}, fmt.Errorf("copying the database: %w%s", err, copyRemedy(err))
	}
	made, err := checked(ctx, partial)
	if err != nil {
		return Backup{}, fmt.Errorf("checking the copy: %w", err)
	}
	if err := publish(partial, target); err != nil {
		return Backup{}, fmt.Errorf("keeping the backup: %w", err)
	}
	return made, nil
}

// emptied makes a partial file empty and its owner's alone. It must be ours and have no other name,
// or what another person put there would be written through, or would keep the copy open to them.
func emptied(partial string) error {
	file, err := os.OpenFile(partial, os.O_RDWR|syscall.O_NOFOLLOW, 0) //nolint:gosec // the path is the operator's
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	owned, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() || owned.Nlink != 1 || int(owned.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to someone else or has a second name: remove it", partial)
	}
	for _, leftover := range Files(partial)[1:] { // SQLite would take up a journal that lies there
		if err := os.Remove(leftover); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(file.Chmod(0o600), file.Truncate(0))
}

// copyRemedy is what an operator does about a copy that fails.
func copyRemedy(err error) string {
	failed, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case ok && (failed.Code == sqlite3.ErrFull || failed.Code == sqlite3.ErrIoErr):
		return "; is there room for a second copy where the backup goes?"
	case ok && failed.Code == sqlite3.ErrNotADB:
		return "; SMILEYBOT_DATABASE names another file: correct the path"
	default:
		return ""
	}
}

// replaceable refuses a target that is not free or a backup. A database with a log next to it is in
// use: its log would be mixed into the backup.
func replaceable(target string) error {
	const magic = "SQLite format 3\x00"
	head, err := outfile.Head(target, int64(len(magic)))
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	if len(head) > 0 && string(head) != magic {
		return fmt.Errorf("%s is another file, and no backup: name a new file, or a backup to replace", target)
	}
	for _, log := range []string{target + "-wal", target + "-journal"} {
		if _, err := os.Lstat(log); err == nil {
			return fmt.Errorf("%s is next to it, so %s is a database in use, and no backup: name another file", log, target)
		}
	}
	return nil
}

// copyPages copies one state of a database. It holds a transaction open, because the copy
// would restart after each write of another process.
func copyPages(ctx context.Context, database, partial string, step func(done, total int64)) (err error) {
	from, err := dial(database, "mode=rw&_query_only=true&_busy_timeout=2500")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := dial(partial, "mode=rw&_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	for _, query := range []string{`begin`, `select count(*) from sqlite_schema`} {
		if _, err := from.ExecContext(ctx, query, nil); err != nil {
			return err
		}
	}
	backup, err := to.Backup("main", from, "main")
	if err != nil {
		return err
	}
	for done := false; err == nil && !done; {
		if err = ctx.Err(); err != nil {
			break
		}
		if done, err = backup.Step(stepPages); err == nil {
			total := int64(backup.PageCount())
			step(total-int64(backup.Remaining()), total)
		}
	}
	return errors.Join(err, backup.Close())
}

// checked checks every page, index and reference of the copy.
func checked(ctx context.Context, partial string) (Backup, error) {
	db, err := sql.Open("sqlite3", uri(partial, "mode=rw&_journal_mode=DELETE&_cache_size=-65536"))
	if err != nil {
		return Backup{}, err
	}
	defer db.Close()
	t, made, found := reader{db}, Backup{}, ""
	if err := t.Row(ctx, `pragma integrity_check(1)`).Scan(&found); err != nil {
		return Backup{}, err
	}
	if found != "ok" {
		return Backup{}, errors.New("it is damaged, and so is probably the database: restore the last good backup")
	}
	err = t.Each(ctx, func(store.Scanner) error {
		return errors.New("a row refers to one that is missing: run 'smileybot check'")
	}, `pragma foreign_key_check`)
	if err != nil {
		return Backup{}, err
	}
	if err := t.Row(ctx, `select count(*) from feedback`).Scan(&made.Feedback); err != nil {
		return Backup{}, fmt.Errorf("it is no database of smileybot: %w", err)
	}
	info, err := os.Stat(partial)
	if err != nil {
		return Backup{}, err
	}
	made.Bytes = info.Size()
	return made, nil
}

// publish syncs a file and gives it its name.
func publish(partial, target string) error {
	if err := syncPath(partial); err != nil {
		return err
	}
	return outfile.Publish(partial, target)
}

func syncPath(path string) error {
	file, err := os.Open(path) //nolint:gosec // the path is the operator's
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// dial opens a connection of the driver.
func dial(path, parameters string) (*sqlite3.SQLiteConn, error) {
	opened, err := new(sqlite3.SQLiteDriver).Open(uri(path, parameters))
	if err != nil {
		return nil, err
	}
	return asSQLite(opened)
}

// asSQLite is the driver's connection with its own type.
func asSQLite(opened driver.Conn) (*sqlite3.SQLiteConn, error) {
	conn, ok := opened.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, errors.Join(errors.New("not an SQLite connection"), opened.Close())
	}
	return conn, nil
}
