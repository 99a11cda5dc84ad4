package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync"

	"github.com/mattn/go-sqlite3"

	"smileybot/store"
)

// A guard watches the file of an open database. SQLite goes on with an open file that is removed,
// and reads on in one that is overwritten.
//
// Each serve writes a random token into the header (pragma user_version), and a backup writes
// another one into its copy. So the header tells whether the content is still ours, which costs
// one read of 100 bytes. A nil guard watches nothing.
type guard struct {
	path   string // as the operator wrote it, so that a link that leads elsewhere is seen
	file   *os.File
	tokens []uint32
	logs   map[string]fs.FileInfo // the write-ahead log and its index

	mu sync.Mutex
	// final is a fault that stays until the process ends. A file that is only gone may come back.
	final error
	// leave is set when SQLite must not close the file, see [engine.Close].
	leave   bool
	lost    *lostFile // next to a database that is in its place
	largest int64
	suspect bool // the file has shrunk since the last look at its pages
}

// look returns the fault of the file, nil when there is none.
func (g *guard) look() error {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.final != nil {
		return g.final
	}
	fault, final := g.compare()
	if final {
		g.final = fault
	}
	return fault
}

// compare compares the file with what was opened, and reports whether its fault is final.
func (g *guard) compare() (fault error, final bool) {
	g.lost = nil
	there, err := os.Stat(g.path)
	if err != nil {
		return asGone(g.path, err), false
	}
	opened, err := g.file.Stat()
	if err != nil {
		return asFault(g.path, err), false
	}
	if !os.SameFile(opened, there) {
		lost := g.lostLog()
		g.leave = lost != nil && lost.final
		return replaced(g.path), true
	}
	token, err := readToken(g.file)
	switch {
	case errors.Is(err, errNoHeader):
		g.leave = true
		return replaced(g.path), true
	case err != nil:
		return asFault(g.path, fmt.Errorf("reading database %s: %w", g.path, err)), false
	case !slices.Contains(g.tokens, token):
		g.leave = true
		return replaced(g.path), true
	}
	if g.lost = g.lostLog(); g.lost != nil {
		g.leave = g.lost.final
		return g.lost.fault, g.lost.final
	}
	g.suspect = g.suspect || opened.Size() < g.largest
	g.largest = max(g.largest, opened.Size())
	return nil, false
}

// A lostFile is a file next to the database that is gone, or finally another one.
type lostFile struct {
	path  string
	fault error
	final bool
}

// lostLog looks for the write-ahead log and its index, nil when both are in their place.
func (g *guard) lostLog() *lostFile {
	for path, opened := range g.logs {
		there, err := os.Stat(path)
		if err != nil {
			return &lostFile{path, logLost(path), false}
		}
		if !os.SameFile(opened, there) {
			if path == logFile(resolved(g.path)) {
				return &lostFile{path, logReplaced(path), true}
			}
			return &lostFile{path, logLost(path), true}
		}
	}
	return nil
}

// withoutLog reports whether the database itself is in its place and its write-ahead log has no name
// any more, and whether another file has its name.
func (g *guard) withoutLog() (gone, replaced bool) {
	_ = g.look()
	g.mu.Lock()
	defer g.mu.Unlock()
	gone = g.lost != nil && g.lost.path == logFile(resolved(g.path))
	return gone, gone && g.lost.final
}

// asGone is the fault of a file that cannot be found.
func asGone(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return removed(path)
	}
	return asFault(path, fmt.Errorf("database %s: %w", path, err))
}

// judge returns an error of the database as its fault, and keeps it when the database is damaged.
func (g *guard) judge(err error) error {
	if g == nil || err == nil {
		return err
	}
	err = asFault(g.path, err)
	if errors.Is(err, store.ErrDamaged) {
		g.condemn(err)
	}
	return err
}

func (g *guard) condemn(fault error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.final == nil {
		g.final = fault
	}
}

// mustLeave reports whether SQLite must not close the file: it would write its log over the
// content of another database, or remove the log of one.
func (g *guard) mustLeave() bool {
	if g.look() == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.leave
}

// shrunk reports whether the file has become smaller since it was last asked. That is what VACUUM
// does, and a file that was cut off.
func (g *guard) shrunk() bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.suspect
	g.suspect, g.largest = false, 0
	return was
}

// newToken is a random token. 0 is that of a database without one.
func newToken() uint32 {
	var bytes [4]byte
	_, _ = rand.Read(bytes[:]) // it never fails
	return binary.BigEndian.Uint32(bytes[:]) | 1
}

// applicationID marks a database of smileybot in its header: "smly".
const applicationID = 0x736d6c79

// mark writes a token into a database, and that it is one of smileybot.
func mark(ctx context.Context, db *sql.DB, token uint32) error {
	for _, statement := range []string{
		fmt.Sprintf(`pragma user_version = %d`, int32(token)), //nolint:gosec // the header has the same 32 bits
		fmt.Sprintf(`pragma application_id = %d`, applicationID),
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("marking the database: %w", err)
		}
	}
	return nil
}

// arm marks an open database as the one that this process serves, and begins to watch it.
func (h *Held) arm(ctx context.Context, e *engine) error {
	path := resolved(h.path)
	found, err := readToken(h.file)
	if err != nil && !errors.Is(err, errNoHeader) {
		return err
	}
	token := newToken()
	if err := noteTokens(path, found, token); err != nil {
		return err
	}
	if err := mark(ctx, e.write, token); err != nil {
		return err
	}
	// So that the token is in the file itself, where no command reads meanwhile.
	if _, err := e.write.ExecContext(ctx, `pragma wal_checkpoint(passive)`); err != nil {
		return fmt.Errorf("marking the database: %w", err)
	}
	tokens := []uint32{found, token}
	if now, err := readToken(h.file); err == nil && now == token {
		tokens = tokens[1:]
		if err := noteTokens(path, token); err != nil {
			return err
		}
	}
	g := &guard{path: h.path, file: h.file, tokens: tokens, logs: make(map[string]fs.FileInfo)}
	for _, name := range []string{logFile(path), indexFile(path)} {
		if info, err := os.Stat(name); err == nil {
			g.logs[name] = info
		}
	}
	e.guard = g
	e.writer.guard.Store(g)
	return g.look()
}

// refuseForeign refuses a database of another program without changing its file. A database of
// smileybot from before the mark is known by its tables.
func refuseForeign(ctx context.Context, path string) error {
	if size(path) == 0 {
		return nil
	}
	id, tables, known, err := marksOf(ctx, path, "ro")
	if failed, ok := errors.AsType[sqlite3.Error](err); ok && failed.ExtendedCode == sqlite3.ErrReadonlyRollback {
		id, tables, known, err = marksOf(ctx, path, "rw") // the power failed in a transaction: it is rolled back
	}
	if err != nil {
		return asFault(path, fmt.Errorf("database %s cannot be read: %w; %s", path, err, openRemedy(path)))
	}
	const marks = 5 // tables since the first version
	if id != applicationID && (id != 0 || tables > 0 && known < marks) {
		return foreign(path)
	}
	return nil
}

// marksOf reads the mark of a database, and how many tables it has and how many of those of smileybot.
func marksOf(ctx context.Context, path, mode string) (id, tables, known int64, err error) {
	db, err := sql.Open("sqlite3", uri(path, "mode="+mode+"&_busy_timeout="+strconv.Itoa(busyTimeout)))
	if err != nil {
		return 0, 0, 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `select application_id, count(name),
			count(case when name in ('feedback', 'history', 'delivery', 'outbox', 'tally') then 1 end)
		from pragma_application_id left join sqlite_schema
			on type = 'table' and name not like 'sqlite_%' and name <> 'goose_db_version'`).Scan(&id, &tables, &known)
	return id, tables, known, err
}
