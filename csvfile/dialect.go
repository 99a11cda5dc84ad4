package csvfile

import (
	"bytes"
	"strings"
)

const byteOrderMark = "\xef\xbb\xbf"

// prepare skips the byte order mark and a first line sep=;, and recognises the separator and the line
// end by the header. The error is a [*FormatError] for a file that is no CSV, or one of in.
func (r *records) prepare() error {
	header, err := r.firstLine()
	if err != nil {
		return err
	}
	if kind := notCSV(r.buffer[:r.end]); kind != "" {
		return malformed("the file is %s: save it as CSV in UTF-8", kind)
	}
	if bytes.HasPrefix(header, []byte(byteOrderMark)) {
		r.begin, r.mark = len(byteOrderMark), []byte(byteOrderMark)
		header = header[len(byteOrderMark):]
	}
	if named, found := bytes.CutPrefix(bytes.ToLower(bytes.Trim(header, "\"\r\n")), []byte("sep=")); found {
		if len(named) != 1 || !bytes.Contains([]byte(",;\t"), named) {
			return malformed("line 1: sep= names a separator that is not read: commas, semicolons and tabs are")
		}
		r.comma = named[0]
		r.begin += len(header)
		r.line++
		return nil
	}
	most := 0
	for _, separator := range []byte{',', ';', '\t'} {
		if n := bytes.Count(unquoted(header), []byte{separator}); n > most {
			r.comma, most = separator, n
		}
	}
	return nil
}

// firstLine reads the first line, with its end, and recognises from it how lines end. Line ends in
// quotation marks do not count, unless a quotation mark is never closed.
func (r *records) firstLine() ([]byte, error) {
	for at, quoted := 0, false; ; at++ {
		for at+1 >= r.end && !r.ended { // one more byte tells CR from CRLF
			if r.end >= maxRecord {
				return r.buffer[:r.end], nil
			}
			if err := r.fill(); err != nil {
				return nil, err
			}
		}
		if at >= r.end {
			line, _, _ := bytes.Cut(r.buffer[:r.end], []byte("\n"))
			return line, nil
		}
		switch c := r.buffer[at]; {
		case c == '"':
			quoted = !quoted
		case quoted || c != '\n' && c != '\r':
		case c == '\r' && (at+1 == r.end || r.buffer[at+1] != '\n'):
			r.bareCR = true
			return r.buffer[:at+1], nil
		case c == '\r':
			return r.buffer[:at+2], nil
		default:
			return r.buffer[:at+1], nil
		}
	}
}

// unquoted is a line without the text in quotation marks.
func unquoted(line []byte) []byte {
	var rest []byte
	for i, part := range bytes.Split(line, []byte{'"'}) {
		if i%2 == 0 {
			rest = append(rest, part...)
		}
	}
	return rest
}

// notCSV names what a file is that begins so, when it is no CSV.
func notCSV(start []byte) string {
	for _, c := range []struct{ magic, kind string }{
		{"PK\x03\x04", "a spreadsheet such as .xlsx or .ods, or another ZIP archive"},
		{"\xd0\xcf\x11\xe0", "an old spreadsheet such as .xls"},
		{"\x1f\x8b", "compressed with gzip"},
		{"%PDF-", "a PDF"},
		{"\xff\xfe", "in UTF-16"},
		{"\xfe\xff", "in UTF-16"},
	} {
		if bytes.HasPrefix(start, []byte(c.magic)) {
			return c.kind
		}
	}
	head := start[:min(len(start), 64)]
	if len(head) > 3 && (head[0] == 0 && head[2] == 0 || head[1] == 0 && head[3] == 0) {
		return "in UTF-16"
	}
	switch text := strings.TrimSpace(strings.TrimPrefix(string(head), byteOrderMark)); {
	case strings.HasPrefix(text, "<"):
		return "HTML or XML"
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "JSON"
	}
	return ""
}
