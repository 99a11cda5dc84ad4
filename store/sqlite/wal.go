package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"smileybot/store"
)

// The write-ahead log (the file -wal) grows while a transaction reads: SQLite starts it again
// from its beginning only when no reader needs what is in it. So a reader that takes long, or
// that stalls, would let it fill the disk. Four things keep it under [MaxLog]:
//
//   - Every read of this package is watched: it is ended when the log has passed logMarks.reads
//     since it began, see watch. It is then repeated, and the last time no one writes meanwhile.
//   - The writer empties a log over logMarks.empty as soon as no one reads.
//   - Before it writes to a log over logMarks.wait, it waits until the readers are ended.
//   - A transaction is small: at most maxGroup jobs, each in pieces of a bounded number of rows.
//
// Programs other than smileybot are not watched. The log then grows, because a rating is worth
// more than the disk's space; the metrics show it, and holders names the program.

// MaxLog is the size under which the write-ahead log stays, in bytes.
const MaxLog = 64 << 20

// logMarks are sizes of the write-ahead log in bytes, in ascending order.
type logMarks struct{ empty, reads, wait int64 }

// defaultMarks leave room for one transaction of each writer over the last mark.
func defaultMarks() logMarks { return logMarks{empty: 16 << 20, reads: 20 << 20, wait: 28 << 20} }

const (
	// watchEvery is how often a watch looks at the size of the log. The fastest writers add some
	// 5 MiB in that time.
	watchEvery = 50 * time.Millisecond
	// watchPatience is how long a read may take that begins when the log is over its mark already.
	watchPatience = time.Second
	// waitForReaders bounds how long the writer waits for readers, and waitAgain for how long it
	// does not wait after one that did not end: it is another program, or a stopped one.
	waitForReaders = 2 * time.Second
	waitAgain      = 4 * time.Second
)

// A wal is the write-ahead log of a database.
type wal struct {
	database string
	file     string // its log, where a link to the database leads
	marks    logMarks
}

func newWAL(database string, marks logMarks) *wal {
	return &wal{database, logFile(resolved(database)), marks}
}

// size is the size of the log in bytes.
func (l *wal) size() int64 { return size(l.file) }

// watch returns a context for a read. It ends with [store.ErrInterrupted] when the log grows
// over its mark while the read lasts; a read of a log that is large already gets watchPatience.
// stop must be called when the read has ended.
func (l *wal) watch(ctx context.Context) (watched context.Context, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	first, began := l.size(), time.Now()
	timer := time.AfterFunc(watchEvery, func() {
		for {
			size := l.size()
			late := first <= l.marks.reads || size > first+l.marks.empty || time.Since(began) > watchPatience
			if late && size > l.marks.reads && size > first {
				cancel(store.ErrInterrupted)
			}
			select {
			case <-watched.Done():
				return
			case <-time.After(watchEvery):
			}
		}
	})
	return watched, func() {
		timer.Stop()
		cancel(nil)
	}
}

// interrupted replaces the error of a read that its watch has ended.
func interrupted(watched context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(watched), store.ErrInterrupted) {
		return store.ErrInterrupted
	}
	return err
}

// A read is tried readAttempts times. The last time the writers of all programs are paused, for
// pauseWriters at most.
const (
	readAttempts = 4
	pauseWriters = 2 * time.Second
)

// repeat runs a read again when its watch has ended it.
func (l *wal) repeat(ctx context.Context, read func() error) error {
	for attempt := 1; ; attempt++ {
		resume := func() {}
		if attempt > 1 {
			l.empty(ctx) // or the next attempt begins with a log that is over its mark
		}
		if attempt == readAttempts {
			resume = l.pause(ctx)
		}
		err := read()
		resume()
		if !errors.Is(err, store.ErrInterrupted) || attempt == readAttempts || ctx.Err() != nil {
			return err
		}
	}
}

// empty empties the log if no program reads it. Writers pause meanwhile: they begin so soon after each
// other that it would wait for them in vain, and keep the writer from emptying the log itself.
func (l *wal) empty(ctx context.Context) {
	defer l.pause(ctx)()
	conn, err := dial(l.database, "mode=rw&_busy_timeout=200")
	if err != nil {
		return // the next attempt says why
	}
	_, _ = conn.ExecContext(ctx, `pragma wal_checkpoint(truncate)`, nil)
	_ = conn.Close()
}

// pause keeps the writers of all programs from beginning a transaction, until resume is called,
// for pauseWriters at most. It waits as long for their turn.
func (l *wal) pause(ctx context.Context) (resume func()) {
	turn := flock.New(turnFile(l.database))
	const retry = 5 * time.Millisecond
	waiting, cancel := context.WithTimeout(ctx, pauseWriters)
	defer cancel()
	if taken, err := turn.TryLockContext(waiting, retry); err != nil || !taken {
		return func() {}
	}
	timer := time.AfterFunc(pauseWriters, func() { _ = turn.Unlock() })
	return func() {
		timer.Stop()
		_ = turn.Unlock()
	}
}

// holders names the programs that read the database, such as "smileybot (process 4711)". It
// reads the kernel's list of locks, because opening a file of the database would drop SQLite's
// own locks on it. It is empty where there is no such list.
func (l *wal) holders() string {
	const firstReader, lastReader = 123, 127 // the bytes of -shm that readers lock
	info, err := os.Stat(indexFile(resolved(l.database)))
	if err != nil {
		return ""
	}
	file, ok := info.Sys().(*syscall.Stat_t)
	locks, err := os.Open("/proc/locks")
	if !ok || err != nil {
		return ""
	}
	defer locks.Close()
	var found []string
	for lines := bufio.NewScanner(locks); lines.Scan(); {
		// 1: POSIX  ADVISORY  READ 4711 fd:01:1234 124 124
		f := strings.Fields(lines.Text())
		if len(f) != 8 || f[1] != "POSIX" || !strings.HasSuffix(f[5], ":"+strconv.FormatUint(file.Ino, 10)) {
			continue
		}
		first, err := strconv.Atoi(f[6])
		if err != nil || first < firstReader || first > lastReader {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", f[4], "comm"))
		if err != nil {
			name = []byte("a program")
		}
		found = append(found, fmt.Sprintf("%s (process %s)", strings.TrimSpace(strconv.QuoteToGraphic(strings.TrimSpace(string(name)))), f[4]))
	}
	return strings.Join(found, ", ")
}

// checkpointed runs a truncating checkpoint and reports whether the log is empty after it.
func (t *tx) checkpointed(wait time.Duration) bool {
	defer t.pragma("busy_timeout = " + strconv.Itoa(busyTimeout))
	t.pragma("busy_timeout = " + strconv.FormatInt(wait.Milliseconds(), 10))
	var busy, frames, written int64
	err := t.Row(`pragma wal_checkpoint(truncate)`).Scan(&busy, &frames, &written)
	return err == nil && busy == 0
}

// bound keeps the log small between two transactions of the writer.
func (w *writer) bound(t *tx) {
	size := w.log.size()
	if size <= w.log.marks.empty || t.conn == nil {
		return
	}
	wait := time.Duration(0)
	if size > w.log.marks.wait && time.Now().After(w.waitNext) {
		wait = waitForReaders
	}
	switch done := t.checkpointed(wait); {
	case done:
		w.waitNext = time.Time{}
	case wait > 0:
		w.waitNext = time.Now().Add(waitAgain)
	}
}
