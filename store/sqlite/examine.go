package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// Examine looks at the file of a database and its folder before they are opened, and returns a
// [store.Fault] that would lose or hide data, or keep the database from being written. A
// database that does not exist yet has no fault. It must not be called by a process that has
// the database open: it closes a descriptor of the file, and that drops SQLite's locks.
func Examine(path string) error {
	path = resolved(path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return examineAbsent(path)
	case errors.Is(err, syscall.ENOTDIR):
		return wrongPlace(fmt.Sprintf("the database %s cannot be there: a part of its path is no folder", path), "correct SMILEYBOT_DATABASE")
	case err != nil:
		return asFault(path, fmt.Errorf("database %s: %w", path, err))
	case !info.Mode().IsRegular():
		remedy := "set SMILEYBOT_DATABASE to the path of a file"
		if info.IsDir() {
			remedy = "set SMILEYBOT_DATABASE to a file in it, such as " + filepath.Join(path, "smileybot.db")
		}
		return wrongPlace(fmt.Sprintf("the database %s is no regular file", path), remedy)
	}
	if mounted, err := mountinfo.Mounted(path); err == nil && mounted {
		return wrongPlace(fmt.Sprintf("the database %s is mounted as a single file, so its write-ahead log would not be kept with it", path),
			"mount its folder instead, such as /var/lib/smileybot")
	}
	for _, file := range Files(path) {
		if err := usable(file); err != nil {
			return err
		}
	}
	if err := usable(filepath.Dir(path)); err != nil {
		return err
	}
	return examineContent(path, info.Size())
}

// examineAbsent looks at the place of a database that does not exist.
func examineAbsent(path string) error {
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrongPlace(fmt.Sprintf("the folder %s of the database does not exist", folder), "make it, or correct SMILEYBOT_DATABASE")
	case err != nil:
		return asFault(path, fmt.Errorf("database %s: %w", path, err))
	case !info.IsDir():
		return wrongPlace(folder+" is no folder", "correct SMILEYBOT_DATABASE")
	case size(logFile(path)) > 0 || len(formerTokens(path)) > 0:
		return removed(path)
	}
	if err := usable(folder); err != nil {
		return err
	}
	return usable(lockFile(path))
}

// examineContent looks at the first bytes of a database, and whether the log next to it is its own.
func examineContent(path string, bytes int64) error {
	hasLog := size(logFile(path)) > 0
	if bytes == 0 && !hasLog && len(formerTokens(path)) == 0 {
		return nil // made and not used yet
	}
	file, err := os.Open(path) //nolint:gosec // the path is the operator's
	if err != nil {
		return asFault(path, fmt.Errorf("database %s: %w", path, err))
	}
	defer file.Close()
	token, err := readToken(file)
	if errors.Is(err, errNoHeader) {
		if size(path+"-journal") > 0 {
			return nil // the power failed while it was made: SQLite rolls that back, or says what is wrong
		}
		return notSQLite(path)
	}
	if err != nil {
		return asFault(path, fmt.Errorf("reading database %s: %w", path, err))
	}
	if former := formerTokens(path); hasLog && len(former) > 0 && !slices.Contains(former, token) {
		if heldByServe(path) {
			return replaced(path)
		}
		return staleLog(path)
	}
	return nil
}

// usable reports whether this user may read and write a file, or make files in a folder. A file
// that does not exist is usable.
func usable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return asFault(path, err)
	}
	verb, mode := "read and write", uint32(unix.R_OK|unix.W_OK)
	if info.IsDir() {
		verb, mode = "write in", unix.W_OK|unix.X_OK
	}
	switch err := unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS); {
	case errors.Is(err, unix.EROFS):
		return readOnly(path)
	case errors.Is(err, fs.ErrPermission):
		return denied(verb, path)
	case err != nil:
		return asFault(path, fmt.Errorf("%s: %w", path, err))
	}
	return nil
}

// resolved is the path of a file behind its links, also where the last of them leads nowhere.
func resolved(path string) string {
	const most = 40 // links, as in the kernel
	for range most {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	return path
}

// size is that of a file, 0 when there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// magic begins every SQLite file. Its header has 100 bytes, with the user's version at 60:
// https://www.sqlite.org/fileformat.html#the_database_header.
const (
	magic       = "SQLite format 3\x00"
	headerBytes = 100
	tokenOffset = 60
)

// errNoHeader is returned for a file that does not begin as a database.
var errNoHeader = errors.New("no SQLite header")

// readToken reads the token of a database from its header; see guard.
func readToken(file io.ReaderAt) (uint32, error) {
	var header [headerBytes]byte
	if n, err := file.ReadAt(header[:], 0); n < len(header) {
		if errors.Is(err, io.EOF) {
			return 0, errNoHeader
		}
		return 0, err
	}
	if string(header[:len(magic)]) != magic {
		return 0, errNoHeader
	}
	return binary.BigEndian.Uint32(header[tokenOffset:]), nil
}

// formerTokens are those that the last serve wrote down in the lock file: its own, and the one
// that it found if its own may not be in the file's header yet.
func formerTokens(path string) []uint32 {
	content, err := os.ReadFile(lockFile(path))
	if err != nil {
		return nil
	}
	var tokens []uint32
	for word := range strings.FieldsSeq(string(content)) {
		var token uint32
		if _, err := fmt.Sscanf(word, "%08x", &token); err == nil {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// noteTokens writes tokens down in the lock file.
func noteTokens(path string, tokens ...uint32) error {
	var words strings.Builder
	for _, token := range tokens {
		fmt.Fprintf(&words, "%08x\n", token)
	}
	if err := os.WriteFile(lockFile(path), []byte(words.String()), 0o600); err != nil {
		return asFault(path, fmt.Errorf("lock file of %s: %w", path, err))
	}
	return nil
}

// besideServe returns the fault of a database next to a running serve that uses another file.
func besideServe(path string) error {
	path = resolved(path)
	const looks, rest = 5, 20 * time.Millisecond // a serve that starts or stops takes or leaves one lock after the other
	for look := 1; ; look++ {
		tokens := formerTokens(path)
		if len(tokens) == 0 || !heldByServe(path) {
			return nil
		}
		switch is, err := isServed(path, tokens); {
		case err != nil:
			return err
		case is:
			return besideLog(path)
		case look == looks:
			return replaced(path)
		}
		time.Sleep(rest)
	}
}

// isServed reports whether the file is the one that a serve uses, whose lock file has these tokens.
func isServed(path string, tokens []uint32) (bool, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's
	if err != nil {
		return false, asGone(path, err)
	}
	defer file.Close()
	token, err := readToken(file)
	is, known := inodeLocked(file)
	return err == nil && slices.Contains(tokens, token) && (is || !known), nil
}

// servedElsewhere returns the fault of a second name of a database that a serve uses: SQLite would
// keep another log for it, and so miss what is in the log of the serve and write over it.
func servedElsewhere(path string) error {
	path = resolved(path)
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's
	if err != nil {
		return asGone(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return asFault(path, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if is, _ := inodeLocked(file); !is || !ok || stat.Nlink == 1 || heldByServe(path) {
		return nil
	}
	return wrongPlace(fmt.Sprintf("the database %s is a second name of one that 'smileybot serve' uses", path), "set SMILEYBOT_DATABASE to the name that it uses")
}

// besideLog returns the fault of a database whose write-ahead log was removed while a serve uses it.
// Opening the database would make another log in its place. A serve that has just begun has none yet.
func besideLog(path string) error {
	const tries, pause = 20, 50 * time.Millisecond
	for range tries {
		if _, err := os.Stat(logFile(path)); err == nil || !heldByServe(path) {
			return nil
		}
		time.Sleep(pause)
	}
	return logLost(logFile(path))
}
