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
	"strconv"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/mattn/go-sqlite3"
	"github.com/shirou/gopsutil/v4/disk"

	"smileybot/outfile"
	"smileybot/store"
)

// Backup describes a finished copy of the database.
type Backup struct {
	// Feedback is the number of feedbacks in it, Bytes its size.
	Feedback, Bytes int64
}

// stepPages is how many pages are copied at once, 4 MiB. After each step the copy reports
// progress and checks its context.
const stepPages = 1024

// Files lists the files that belong to a database, itself first. No output may replace them. Where
// the database is a link, those of the file that it leads to are in the list as well.
func Files(database string) []string {
	var files []string
	for _, path := range []string{database, resolved(database)} {
		files = append(append(files, path), sides(path)...)
		files = append(files, lockFile(path), turnFile(path), stagedFile(path))
	}
	return files
}

// sides are the files that SQLite keeps next to a database.
func sides(path string) []string { return []string{logFile(path), indexFile(path), path + "-journal"} }

// removeUnfinished removes a copy that has no name yet, with what SQLite kept next to it. It removes a
// link, and not what that leads to.
func removeUnfinished(partial string) error { return removeFiles(append(sides(partial), partial)) }

func removeFiles(paths []string) error {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Partial is the file in which a backup to target is made. It is always the same, so killed
// backups do not pile up.
func Partial(target string) string { return target + ".partial" }

// Copy makes a backup of a database of any schema, which may be in use. It copies one state.
// Readers do not wait, and writers a few seconds at most. When so much is written meanwhile that
// the write-ahead log would grow too large, it begins again, see copying.state; it returns
// [store.ErrInterrupted] when that was in vain.
// Copy checks the copy, syncs it, and only then renames it to target, where it may replace
// an earlier backup. If it fails, target is unchanged. Only the owner can read the backup.
// step is called with the number of copied pages and of all pages.
func Copy(ctx context.Context, database, target string, step func(done, total int64)) (Backup, error) {
	report, wait := inBackground(step)
	defer wait()
	return copying{newWAL(database, defaultMarks()), stepPages, report}.to(ctx, target)
}

// inBackground returns a function that calls step without waiting for it, because a terminal may
// stall. It leaves calls out while step is busy. wait waits for the last call.
func inBackground(step func(done, total int64)) (report func(done, total int64), wait func()) {
	type progress struct{ done, total int64 }
	latest, ended := make(chan progress, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for p := range latest {
			step(p.done, p.total)
		}
	}()
	report = func(done, total int64) {
		select {
		case latest <- progress{done, total}:
		default:
		}
	}
	return report, func() {
		close(latest)
		<-ended
	}
}

// copying is a running backup.
type copying struct {
	log *wal
	// stepPages is how many pages are copied at once.
	stepPages int
	// step is called after each step, while the transaction is open.
	step func(done, total int64)
}

func (c copying) to(ctx context.Context, target string) (Backup, error) {
	database := c.log.database
	if err := absent(database); err != nil {
		return Backup{}, err
	}
	if err := besideServe(database); err != nil {
		return Backup{}, err
	}
	if err := refuseForeign(ctx, database); err != nil {
		return Backup{}, err
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
	made, err := c.through(ctx, partial, target)
	if err != nil { // no other process has a file of this name while it is locked
		_ = removeUnfinished(partial)
	}
	return made, err
}

// through copies through a partial file that exists and is empty.
func (c copying) through(ctx context.Context, partial, target string) (Backup, error) {
	database := c.log.database
	err := c.state(ctx, partial)
	if errors.Is(asFault(database, err), store.ErrDamaged) {
		return Backup{}, damaged(database)
	}
	if err != nil {
		return Backup{}, fmt.Errorf("copying the database: %w%s", err, copyRemedy(err))
	}
	made, err := checked(ctx, partial)
	if errors.Is(asFault(database, err), store.ErrDamaged) {
		return Backup{}, damaged(database)
	}
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
	if err := removeFiles(sides(partial)); err != nil { // SQLite would take up a journal that lies there
		return err
	}
	return errors.Join(file.Chmod(0o600), file.Truncate(0))
}

// copyRemedy is what an operator does about a copy that fails.
func copyRemedy(err error) string {
	failed, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case errors.Is(err, store.ErrInterrupted):
		return "; the copy is slower than what is written: name a file on a faster disk, or make room for a second copy next to the database"
	case ok && (failed.Code == sqlite3.ErrFull || failed.Code == sqlite3.ErrIoErr):
		return "; is there room for a second copy where the backup goes?"
	default:
		return ""
	}
}

// replaceable refuses a target that is not free or a backup. A database with a log next to it is in
// use: its log would be mixed into the backup.
func replaceable(target string) error {
	head, err := outfile.Head(target, int64(len(magic)))
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	if len(head) > 0 && string(head) != magic {
		return fmt.Errorf("%s is another file, and no backup: name a new file, or a backup to replace", target)
	}
	for _, log := range []string{logFile(target), target + "-journal"} {
		if _, err := os.Lstat(log); err == nil {
			return fmt.Errorf("%s is next to it, so %s is a database in use, and no backup: name another file", log, target)
		}
	}
	return nil
}

// state copies one state of a database. When too much is written before the copy is done, the
// target may be slow: then it copies to a file next to the database first, if there is room.
func (c copying) state(ctx context.Context, partial string) error {
	err := c.pages(ctx, partial)
	if !errors.Is(err, store.ErrInterrupted) {
		return err
	}
	c.log.empty(ctx)
	next := stagedFile(c.log.database)
	lock := flock.New(next, flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK))
	locked, err := lock.TryLock()
	if err != nil || !locked || !roomFor(c.log) { // not even a small file fits there, or another backup uses it
		return c.log.repeat(ctx, func() error { return c.pages(ctx, partial) })
	}
	defer func() {
		_ = os.Remove(next)
		_ = lock.Unlock()
	}()
	if err := c.log.repeat(ctx, func() error { return c.pages(ctx, next) }); err != nil {
		return err
	}
	return copyFile(ctx, next, partial)
}

// stagedFile is the copy that is made next to a database when the target of a backup is slow.
func stagedFile(database string) string { return database + ".backup" }

// roomFor reports whether a second copy of the database fits next to it, and leaves as much free.
func roomFor(log *wal) bool {
	usage, err := disk.Usage(filepath.Dir(resolved(log.database)))
	const copies = 2
	return err == nil && usage.Free > copies*uint64(size(resolved(log.database))+MaxLog) //nolint:gosec // a size is not negative
}

// copyFile copies the content of a file to one that exists.
func copyFile(ctx context.Context, from, to string) (err error) {
	source, err := os.Open(from) //nolint:gosec // it is ours
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600) //nolint:gosec // the path is the operator's
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	const piece = 4 << 20
	for n := int64(piece); n == piece; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n, err = io.CopyN(target, source, piece); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// pages copies one state of a database. It holds a transaction open, because the copy
// would restart after each write of another process. It returns [store.ErrInterrupted] when the
// write-ahead log grows too large meanwhile.
func (c copying) pages(ctx context.Context, target string) (err error) {
	if err := emptied(target); err != nil { // an attempt that was interrupted has written some pages
		return err
	}
	watched, stop := c.log.watch(ctx)
	defer stop()
	from, err := dial(c.log.database, "mode=rw&_query_only=true&_busy_timeout="+strconv.Itoa(busyTimeout))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := dial(target, "mode=rw&_journal_mode=OFF&_synchronous=OFF")
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
		if err = interrupted(watched, watched.Err()); err != nil {
			break
		}
		if done, err = backup.Step(c.stepPages); err == nil {
			total := int64(backup.PageCount())
			c.step(total-int64(backup.Remaining()), total)
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
	t, made, found := reader{db, newWAL(partial, defaultMarks())}, Backup{}, ""
	if err := t.Row(ctx, `pragma integrity_check(1)`).Scan(&found); err != nil {
		return Backup{}, err
	}
	if found != "ok" {
		return Backup{}, sqlite3.Error{Code: sqlite3.ErrCorrupt}
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
	// A token of its own shows when someone writes the copy over the database of a running serve.
	if err := mark(ctx, db, newToken()); err != nil {
		return Backup{}, err
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
