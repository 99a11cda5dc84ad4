package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"

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

// Files lists the files that belong to a database, itself first. No backup may replace them.
func Files(database string) []string {
	return []string{database, database + "-wal", database + "-shm", database + "-journal", lockFile(database), turnFile(database)}
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
	lock := flock.New(partial, flock.SetPermissions(0o600))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return Backup{}, fmt.Errorf("the backup cannot be written: %w; its folder must exist and be writable", err)
	case !locked:
		return Backup{}, fmt.Errorf("another backup to %s is being made", target)
	}
	defer lock.Unlock() //nolint:errcheck // it goes with the process at the latest
	made, err := copyTo(ctx, database, partial, target, step)
	if err != nil { // no other process has a file of this name while it is locked
		for _, leftover := range Files(partial) {
			_ = os.Remove(leftover)
		}
	}
	return made, err
}

// copyTo copies through a partial file that exists.
func copyTo(ctx context.Context, database, partial, target string, step func(done, total int64)) (Backup, error) {
	if err := errors.Join(os.Chmod(partial, 0o600), os.Truncate(partial, 0)); err != nil {
		return Backup{}, fmt.Errorf("the backup cannot be written: %w", err)
	}
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

// replaceable refuses a target that is a file other than a backup.
func replaceable(target string) error {
	const magic = "SQLite format 3\x00"
	file, err := os.Open(target) //nolint:gosec // the path is the operator's
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	defer file.Close()
	head := make([]byte, len(magic))
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	if n > 0 && string(head[:n]) != magic {
		return fmt.Errorf("%s is another file, and no backup: name a new file, or a backup to replace", target)
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
	t, made, found := reader{db, &wal{database: partial, marks: defaultMarks()}}, Backup{}, ""
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
	if err := os.Rename(partial, target); err != nil {
		return err
	}
	return syncPath(filepath.Dir(target))
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
