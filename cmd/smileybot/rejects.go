package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"smileybot/outfile"
)

// rejects is the file for the rejected rows of an import. Whether it can be written is decided before
// the first row is imported, and it has its name only once the import is over.
type rejects struct {
	path   string
	header []byte        // without its line end
	file   *outfile.File // nil: the rows are reported only
	cause  error         // why there is no file although one was wanted
}

// openRejects begins the file for rejected rows: that of --rejected, or FILE.rejected.csv. It never
// replaces the database, the input or a file of another kind, which is one whose first line is not
// header. Without --rejected, an import that finds no wrong row needs no file: the error then waits
// for one.
func (c importCommand) openRejects(database string, in io.Reader, header []byte) (*rejects, error) {
	r := &rejects{path: c.Rejected, header: bytes.TrimRight(header, "\r\n")}
	if c.Rejected == "" && c.File == "-" {
		return r, nil
	}
	if c.Rejected == "" {
		r.path = strings.TrimSuffix(c.File, ".csv") + ".rejected.csv"
	}
	switch {
	case r.path == "-":
		return nil, usageErrorf("--rejected takes a file: name one")
	case belongsTo(database, r.path):
		return nil, usageErrorf("the wrong rows cannot be kept: %s belongs to the database itself; --rejected names another file", r.path)
	case isFile(in, r.path):
		return nil, usageErrorf("the wrong rows cannot be kept: %s is the file that is imported; --rejected names another file", r.path)
	}
	err := r.open()
	if err != nil && c.Rejected != "" {
		return nil, fmt.Errorf("the wrong rows cannot be kept: %w; --rejected names another file", err)
	}
	r.cause = err
	return r, nil
}

func (r *rejects) open() error {
	former, err := outfile.Head(r.path, int64(len(r.header))+8) // a byte order mark, a line end and more
	if err != nil {
		return err
	}
	if len(former) > 0 && !r.isOurs(former) {
		return fmt.Errorf("%s is another file: its first line is not the header of this one", r.path)
	}
	r.file, err = outfile.Create(r.path)
	return err
}

// isOurs reports whether a file that begins so holds rejected rows of a file with this header. A
// spreadsheet that saved it may have changed the line end and the byte order mark.
func (r *rejects) isOurs(start []byte) bool {
	const mark = "\xef\xbb\xbf"
	rest, ok := bytes.CutPrefix(bytes.TrimPrefix(start, []byte(mark)), bytes.TrimPrefix(r.header, []byte(mark)))
	return ok && (len(rest) == 0 || rest[0] == '\r' || rest[0] == '\n')
}

// isFile reports whether in is the file at path.
func isFile(in io.Reader, path string) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	input, err := file.Stat()
	if err != nil {
		return false
	}
	output, err := os.Stat(path)
	return err == nil && os.SameFile(input, output)
}

// writer takes the rows; nil takes none.
func (r *rejects) writer() io.Writer {
	if r.file == nil {
		return nil
	}
	return r
}

// Write adds a row. After an error the file is not kept.
func (r *rejects) Write(row []byte) (int, error) {
	n, err := r.file.Write(row)
	r.cause = err
	return n, err
}

// finish keeps the file when rows were rejected, also when the import ended early. A complete import
// without any removes the rows of an earlier one.
func (r *rejects) finish(rejected int64, complete bool) error {
	if r.file == nil {
		return nil
	}
	file := r.file
	if rejected > 0 && r.cause == nil {
		if err := file.Keep(); err != nil {
			r.cause = err
			return fmt.Errorf("the wrong rows cannot be kept: %w", err)
		}
		return nil
	}
	err := file.Discard()
	if err != nil || !complete {
		return err
	}
	if former, err := outfile.Head(r.path, int64(len(r.header))+8); err != nil || !r.isOurs(former) {
		return err
	}
	return os.Remove(r.path)
}

// discard removes what an import that did not begin leaves. After finish it changes nothing.
func (r *rejects) discard() {
	if r.file != nil {
		_ = r.file.Discard()
	}
}
