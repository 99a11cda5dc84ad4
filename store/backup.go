package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"
)

// Backup is a copy of the database that was made.
type Backup struct {
	// Feedback is how many answers it holds, Bytes how long it is.
	Feedback, Bytes int64
}

// stepPages is how many pages are copied at once, 16 MiB: after that progress is told, and
// looked whether to stop.
const stepPages = 4096

// Files are the files that belong to a database, itself first; no backup may take their
// place.
func Files(database string) []string {
	return []string{database, database + "-wal", database + "-shm", database + "-journal", lockFile(database), turnFile(database)}
}

// Partial is where a backup is made before it takes its place: the same each time, so that
// a killed one leaves no heap.
func Partial(target string) string { return target + ".partial" }

// Copy makes a backup of a database of whatever schema, which may be in use: it copies one
// state of it, and whoever reads or writes waits for nothing, but for a log that grows until
// the copy is done. The copy is checked, brought to the disk, and only then put at target,
// in the place of a former backup; when it fails, nothing has changed there. It can be read
// by its owner only. step is told how many pages of all are copied.
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
	if err != nil { // nobody else has a file of this name while it is locked
		for _, leftover := range Files(partial) {
			_ = os.Remove(leftover)
		}
	}
	return made, err
}

// copyTo is [Copy] by way of a file that is there.
func copyTo(ctx context.Context, database, partial, target string, step func(done, total int64)) (Backup, error) {
	if err := errors.Join(os.Chmod(partial, 0o600), os.Truncate(partial, 0)); err != nil {
		return Backup{}, fmt.Errorf("the backup cannot be written: %w", err)
	}
	if err := copyPages(ctx, database, partial, step); err != nil {
		return Backup{}, fmt.Errorf("copying the database: %w%s", err, cureCopying(err))
	}
	made, err := checked(ctx, partial)
	if err != nil {
		return Backup{}, fmt.Errorf("checking the copy: %w", err)
	}
	if err := settleFile(partial, target); err != nil {
		return Backup{}, fmt.Errorf("keeping the backup: %w", err)
	}
	return made, nil
}

// cureCopying is what an operator does about a copy that fails.
func cureCopying(err error) string {
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

// replaceable refuses a place where something stands that is no backup.
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
		return fmt.Errorf("%s is another file, and no backup: name a new file, or one that is to be replaced", target)
	}
	return nil
}

// copyPages copies one state of a database. The transaction that it holds open meanwhile
// keeps the state, or the copy would begin anew with each write of another program.
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

// checked looks the copy over: every page, index and reference.
func checked(ctx context.Context, partial string) (Backup, error) {
	conn, err := dial(partial, "mode=rw&_journal_mode=DELETE&_cache_size=-65536")
	if err != nil {
		return Backup{}, err
	}
	t := newTx()
	defer t.drop()
	t.conn, t.ctx = conn, ctx
	made, found := Backup{}, ""
	if err := t.row(`pragma integrity_check(1)`).Scan(&found); err != nil {
		return Backup{}, err
	}
	if found != "ok" {
		return Backup{}, errors.New("it is damaged, and so is probably the database: restore the last good backup")
	}
	err = t.each(func(scanner) error { return errors.New("a row refers to one that is missing: run 'smileybot check'") }, `pragma foreign_key_check`)
	if err != nil {
		return Backup{}, err
	}
	if err := t.row(`select count(*) from feedback`).Scan(&made.Feedback); err != nil {
		return Backup{}, fmt.Errorf("it is no database of smileybot: %w", err)
	}
	info, err := os.Stat(partial)
	if err != nil {
		return Backup{}, err
	}
	made.Bytes = info.Size()
	return made, nil
}

// settleFile brings a file to the disk and gives it its name.
func settleFile(partial, target string) error {
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

// dial opens a connection of the driver's own.
func dial(path, parameters string) (*sqlite3.SQLiteConn, error) {
	opened, err := new(sqlite3.SQLiteDriver).Open(uri(path, parameters))
	if err != nil {
		return nil, err
	}
	return asSQLite(opened)
}

// asSQLite is a connection as SQLite's own.
func asSQLite(opened driver.Conn) (*sqlite3.SQLiteConn, error) {
	conn, ok := opened.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, errors.Join(errors.New("not an SQLite connection"), opened.Close())
	}
	return conn, nil
}
