// Package outfile writes files that an operator names, such as rejected rows and backups. A mistaken
// name costs nothing: no link is followed, nothing but a regular file is replaced, and only by a
// complete one. What is written is its owner's alone. The package knows nothing of ours.
package outfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// mode lets only the owner read and write: what is written holds personal data.
const mode = 0o600

// Check returns an error unless path is free or names a regular file. A link is an error wherever it
// leads, also to nothing.
func Check(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a link, which is not followed: name the file itself", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file: name a new file", path)
	default:
		return nil
	}
}

// Head reads the first bytes of a file that passes [Check], at most so many. It neither follows a
// link nor waits for the other end of a pipe. A file that is missing has none.
func Head(path string, most int64) ([]byte, error) {
	if err := Check(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0) //nolint:gosec // the path is the operator's
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most))
}

// Same reports whether two paths name one file, by whatever name or link. The file need not exist.
func Same(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	return place(a) == place(b)
}

// place returns the absolute path of a file in the folder as it really is, links resolved.
func place(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(folder, filepath.Base(path))
	}
	return path
}

// File is a file while it is written. It has another name in the same folder, which no one can
// guess, until [File.Keep] gives it its own.
type File struct {
	*os.File
	target string
}

// Create begins the file at path, which must pass [Check]. What is there stays until [File.Keep].
func Create(path string) (*File, error) {
	if err := Check(path); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.partial")
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(mode); err != nil { // whatever the umask
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return &File{File: file, target: path}, nil
}

// Keep syncs the file and gives it its name. After an error nothing of it is left.
func (f *File) Keep() error {
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = Publish(f.Name(), f.target)
	}
	if err != nil {
		return errors.Join(err, remove(f.Name()))
	}
	return nil
}

// Discard removes the file; what was at its path before stays.
func (f *File) Discard() error { return errors.Join(f.Close(), remove(f.Name())) }

// remove removes a file, which may be gone.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Publish renames a synced file to target, which must pass [Check], and syncs the folder.
func Publish(file, target string) error {
	if err := Check(target); err != nil {
		return err
	}
	if err := os.Rename(file, target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the path is the operator's
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
