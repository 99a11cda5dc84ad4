package fakeslack

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
)

// Transport returns a round tripper that serves every request in process, for any host, on the
// goroutine of the caller. It uses no sockets and leaves nothing behind. A hanging fault ends with
// the context of the request.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip serves one request. A cut connection is io.ErrUnexpectedEOF, as over a socket.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec, cut := t.serve(in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if cut {
		return nil, io.ErrUnexpectedEOF
	}
	res := rec.Result()
	res.Request = r
	return res, nil
}

func (t transport) serve(r *http.Request) (rec *httptest.ResponseRecorder, cut bool) {
	rec = httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			cut = true
		default:
			panic(p)
		}
	}()
	t.server.ServeHTTP(rec, r)
	return rec, false
}

// Dial connects to the server in process, for any address. It is the dial function of a WebSocket
// client. The goroutine that serves the connection ends with it. No socket is used, so client and
// server can be inside one testing/synctest bubble.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, served := net.Pipe()
	go s.servePipe(served)
	return client, nil
}

// servePipe serves one request, which may hijack the connection.
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
		_ = res.Write(conn) // the client may have disconnected
	}
}

// pipeWriter writes the response to a request on a pipe, or hands the pipe over.
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
