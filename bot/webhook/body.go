package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"
)

// maxBody is the most a webhook may be long: 256 KiB.
const maxBody = 256 << 10

// read returns the body of a request that posts what its sender may. The checks are made in
// the order 405, 415, 413, and before anything of the body is looked at.
func read(w http.ResponseWriter, r *http.Request, s sender) ([]byte, *rejection) {
	if r.Method != http.MethodPost {
		return nil, wrongMethod()
	}
	contentType := r.Header.Get("Content-Type")
	switch {
	case isJSON(contentType), s.foreign && likeJSON(contentType), s.forms && isForm(contentType):
	case s.forms:
		return nil, wrongMediaType("Send JSON, with Content-Type: application/json, or form fields, with application/x-www-form-urlencoded.")
	default:
		return nil, wrongMediaType("Send JSON, with Content-Type: application/json.")
	}
	if len(r.Header.Values("Content-Encoding")) > 0 {
		return nil, wrongMediaType("Send the body as it is, without Content-Encoding.")
	}
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, tooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, unread(http.StatusRequestTimeout, "The body took too long to arrive.")
	}
	if err != nil {
		return nil, unread(http.StatusBadRequest, "The body broke off before its end.")
	}
	return body, nil
}

// isJSON reports whether a Content-Type is application/json, with parameters or
// without. A parameter that makes no sense does not change the type.
func isJSON(contentType string) bool { return isOf(contentType, "application/json") }

// likeJSON takes in what other senders call their JSON: nothing at all, or a type of
// their own such as application/vnd.example+json (RFC 6839, section 3.1).
func likeJSON(contentType string) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return contentType == "" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
}

// isForm reports the same of application/x-www-form-urlencoded.
func isForm(contentType string) bool { return isOf(contentType, "application/x-www-form-urlencoded") }

func isOf(contentType, want string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return mediaType == want && (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter))
}

// parseObject reads a body that is exactly one JSON object in valid UTF-8
// without the character U+0000. Names are taken as they are written, and of a
// name that comes twice the last value counts, as in most JSON readers. An
// object nested more than 10,000 deep, the limit of encoding/json, is refused.
func parseObject(body []byte) (map[string]json.RawMessage, *rejection) {
	start := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	if start == len(body) {
		return nil, malformed("The body is empty: send one JSON object.")
	}
	if at := invalidUTF8(body); at >= 0 {
		return nil, malformed("The body is not valid UTF-8 " + where(body, at) + ".")
	}
	if at := bytes.IndexByte(body, 0); at >= 0 {
		return nil, malformed("The body has a NUL byte " + where(body, at) + ".")
	}
	var object map[string]json.RawMessage
	err := json.Unmarshal(body, &object)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, malformed("The body is not one JSON object: it goes wrong " + where(body, int(syntax.Offset)-1) + ".")
	}
	if err != nil || body[start] != '{' {
		return nil, malformed("The body is JSON, but not an object, which would begin with { " + where(body, start) + ".")
	}
	if at := escapedNUL(body); at >= 0 {
		return nil, malformed(`The body has the escape \u0000 ` + where(body, at) + ".")
	}
	return object, nil
}

// invalidUTF8 is where text stops to be valid UTF-8, or -1.
func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

// escapedNUL is where a string of valid JSON has the escape \u0000, or -1.
// Backslashes occur in strings only, and what follows one belongs to it, so
// that \\u0000 is a backslash and five characters.
func escapedNUL(text []byte) int {
	for at := 0; at < len(text); at++ {
		if text[at] != '\\' {
			continue
		}
		if bytes.HasPrefix(text[at:], []byte(`\u0000`)) {
			return at
		}
		at++
	}
	return -1
}

// where names the place of an offset in the body; lines, columns (in
// characters) and bytes are counted from 1.
func where(body []byte, offset int) string {
	offset = min(max(offset, 0), len(body))
	before := body[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("at line %d, column %d (byte %d)", line, column, offset+1)
}
