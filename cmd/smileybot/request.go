package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
)

// rawRequest reads a request as it went over the wire, or as an editor saved it: with CRLF or LF, and
// perhaps a line break after the body. The body is all that follows the empty line.
func rawRequest(text []byte) (*http.Request, []byte, error) {
	head, body, found := bytes.Cut(text, []byte("\r\n\r\n"))
	if short, rest, lf := bytes.Cut(text, []byte("\n\n")); lf && (!found || len(short) < len(head)) {
		head, body = short, rest
	}
	var lines []string
	length, chunked := -1, false
	for i, line := range strings.Split(strings.TrimLeft(string(head), "\r\n"), "\n") {
		line = strings.TrimRight(line, "\r")
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); {
		case i == 0:
			line = requestLine(line)
		case strings.EqualFold(name, "Content-Length"):
			if n, err := strconv.Atoi(value); err == nil {
				length = n
			}
			continue
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = strings.EqualFold(value, "chunked")
			continue
		}
		lines = append(lines, line)
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.Join(lines, "\r\n") + "\r\n\r\n")))
	if err != nil {
		return nil, nil, errors.New("--request must name a file with a request line such as POST /webhooks/shop HTTP/1.1, headers, an empty line and the body")
	}
	if chunked {
		if whole, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body))); err == nil {
			body = whole
		}
	}
	if length >= 0 && length < len(body) && strings.Trim(string(body[length:]), "\r\n") == "" {
		body = body[:length] // the editor's line break
	}
	return r, body, nil
}

// requestLine is a request line as HTTP/1.1 writes it; tools show others.
func requestLine(line string) string {
	parts := strings.Fields(line)
	const inAll = 3
	if len(parts) == inAll && strings.HasPrefix(parts[2], "HTTP/") || len(parts) == inAll-1 {
		return parts[0] + " " + parts[1] + " HTTP/1.1"
	}
	return line
}
