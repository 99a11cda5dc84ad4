package bot_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// raw sends bytes to the public address and reads until the connection is closed, or one
// more answer would have come. It returns the statuses of the answers.
func (s *fixture) raw(text string) (statuses []int) {
	s.t.Helper()
	conn, err := new(net.Dialer).DialContext(s.t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(s.t, err)
	defer conn.Close()
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(patience)))
	_, _ = conn.Write([]byte(text)) // which may be cut short
	tcp, ok := conn.(*net.TCPConn)
	require.True(s.t, ok)
	_ = tcp.CloseWrite()
	answers := bufio.NewReader(conn)
	for {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
		if err != nil {
			return statuses
		}
	}
}

const smuggled = "POST /webhooks/feedback HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

// TestRequestsInDoubt: a request that two servers could read in two ways is refused, and
// its connection closed; nothing in a body is ever served as a request. Each row is
// followed by one more request, which gets no answer.
func TestRequestsInDoubt(t *testing.T) {
	s := newFixture(t)
	post := "POST /webhooks/feedback HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
	slack := "POST /slack/commands HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	const (
		bad          = http.StatusBadRequest
		unproved     = http.StatusUnauthorized
		unknown      = http.StatusNotFound
		unsupported  = http.StatusNotImplemented
		headersLarge = http.StatusRequestHeaderFieldsTooLarge
	)
	for _, row := range []struct {
		name string
		text string
		want int
	}{
		{"two lengths", post + "Content-Length: 2\r\nContent-Length: 140\r\n\r\n{}", bad},
		{"two lengths in one line", post + "Content-Length: 2, 140\r\n\r\n{}", bad},
		{"the same length twice", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"a length with a sign", post + "Content-Length: +2\r\n\r\n{}", bad},
		{"a negative length", post + "Content-Length: -1\r\n\r\n", bad},
		{"a length that overflows", post + "Content-Length: 99999999999999999999\r\n\r\n", bad},
		{"a length in hex", post + "Content-Length: 0x2\r\n\r\n{}", bad},
		{"a length of white space", post + "Content-Length:  \r\n\r\n{}", bad},
		{"another coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", unsupported},
		{"an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", unsupported},
		{"a coding after a tab", post + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", bad},
		{"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", unsupported},
		{"a coding in HTTP/1.0", "POST /webhooks/feedback HTTP/1.0\r\nHost: bot\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
		{"length and coding", post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
		{"coding and length", post + "Transfer-Encoding: chunked\r\ncontent-LENGTH: 6\r\n\r\n0\r\n\r\n", bad},
		{"length and coding for slack", slack + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
		{"length and coding elsewhere", "POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
		{"a coding alone", post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", unproved},
		{"space before the colon", post + "Content-Length : 2\r\n\r\n{}", bad},
		{"no name", post + ": x\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"a folded header", post + "X-A: b\r\n Content-Length: 140\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"a header folded at a tab", post + "X-A: b\r\n\tc\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"line feeds alone", strings.ReplaceAll(post, "\r\n", "\n") + "Content-Length: 2\n\n{}", bad},
		{"one line feed alone", post + "X-A: b\nContent-Length: 2\r\n\r\n{}", bad},
		{"an empty line of a line feed", post + "Content-Length: 2\r\n\n{}", bad},
		{"a carriage return alone", post + "X-A: b\rContent-Length: 140\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"a NUL in a header", post + "X-A: b\x00c\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", bad},
		{"a chunk size too long", post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", bad},
		{"no host", "POST /webhooks/feedback HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"two hosts", "POST /webhooks/feedback HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}", bad},
		{"another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bad},
		{"no protocol", "GET /webhooks/feedback\r\n", bad},
		{"a request that waits for no answer", smuggled, unproved}, // the next one is refused, see below
		{"a body that is announced too long", post + "Content-Length: 300000\r\n\r\n" + strings.Repeat(" ", 100_000), http.StatusRequestEntityTooLarge},
		{"many headers", post + strings.Repeat("X-A: b\r\n", 5000) + "Content-Length: 2\r\n\r\n{}", headersLarge},
		{"many short headers in a small head", post + strings.Repeat("a:\r\n", 150) + "\r\n", headersLarge},
		{"as many headers as may be", post + names(98) + "\r\n", unproved},
		{"one header too many", post + names(99) + "\r\n", headersLarge},
		{"many names", post + names(200) + "\r\n", headersLarge},
		{"a long header", post + "X-A: " + strings.Repeat("b", 40_000) + "\r\nContent-Length: 2\r\n\r\n{}", headersLarge},
		{"a long address", "POST /" + strings.Repeat("b", 40_000) + " HTTP/1.1\r\nHost: bot\r\n\r\n", headersLarge},
	} {
		got := s.raw(row.text + smuggled)
		if row.want == unproved && len(got) == 2 { // both came in one go
			assert.Equal(t, bad, got[1], row.name)
			got = got[:1]
		}
		assert.Equal(t, []int{row.want}, got, row.name)
	}
	for _, row := range []struct {
		name string
		text string
		want int
	}{
		{"a request in a body", post + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(smuggled), smuggled), unproved},
		{"a compressed body", post + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00", http.StatusUnsupportedMediaType},
		{"a tunnel", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", unknown},
		{"an echo", "TRACE /webhooks/feedback HTTP/1.1\r\nHost: bot\r\n\r\n", http.StatusMethodNotAllowed},
		{"the server's options", "OPTIONS * HTTP/1.1\r\nHost: bot\r\n\r\n", bad},
		{"the operator's", "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\r\n", unknown},
		{"a way around", "GET /webhooks/../metrics HTTP/1.1\r\nHost: bot\r\n\r\n", unknown},
		{"a way around in hex", "GET /webhooks/%2e%2e/metrics HTTP/1.1\r\nHost: bot\r\n\r\n", unknown},
		{"a proxy's", "GET http://127.0.0.1:9090/metrics HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\r\n", unknown},
		{"a proxy's of another host", "POST http://a/webhooks/feedback HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", unproved},
	} {
		assert.Equal(t, []int{row.want}, s.raw(row.text), row.name)
	}
	status, answer := s.fire("msg_1", map[string]any{"id": "1", "channel": "ticket", "smiley": "green"})
	assert.Equal(t, http.StatusAccepted, status, "it takes ratings as before: %v", answer)
}

// names are that many headers.
func names(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "X-%d: a\r\n", i)
	}
	return all.String()
}

// TestEndlessBody: of a body without an end no more is read than a webhook may be long.
func TestEndlessBody(t *testing.T) {
	s := newFixture(t)
	endless := &counted{}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/webhooks/feedback", endless)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	if answer, err := s.client.Do(r); err == nil { // else it was cut before it could be read
		assert.Equal(t, http.StatusRequestEntityTooLarge, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
	}
	assert.Less(t, endless.n.Load(), int64(64<<20), "and what lay in buffers on the way")
}

// counted is a body without an end.
type counted struct{ n atomic.Int64 }

func (c *counted) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	c.n.Add(int64(len(p)))
	return len(p), nil
}
