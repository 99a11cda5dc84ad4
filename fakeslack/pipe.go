package fakeslack

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
)

// Dial connects to the server in process, whatever the address, as a WebSocket
// client's dial function. The goroutine that serves the connection ends with
// it. No socket is used, so that client and server may live inside one
// testing/synctest bubble.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, served := net.Pipe()
	go s.servePipe(served)
	return client, nil
}

// servePipe serves one request on the connection, which may take it over.
func (s *Server) servePipe(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	w := &pipeWriter{ResponseRecorder: httptest.NewRecorder(), conn: conn, in: in}
	defer func() {
		switch p := recover(); p {
		case nil, http.ErrAbortHandler:
		default:
			panic(p)
		}
	}()
	s.ServeHTTP(w, r)
	if !w.taken {
		res := w.Result()
		res.Close = true
		_ = res.Write(conn) // the caller may be gone
	}
}

// pipeWriter writes the answer to a request on a pipe, or hands the pipe over.
type pipeWriter struct {
	*httptest.ResponseRecorder

	conn  net.Conn
	in    *bufio.Reader
	taken bool
}

// Hijack hands the connection over.
func (w *pipeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.taken = true
	return w.conn, bufio.NewReadWriter(w.in, bufio.NewWriter(w.conn)), nil
}
