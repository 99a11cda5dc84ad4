package fakeslack

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// Transport returns a round tripper that answers every request, whatever its
// host, in process and on the caller's goroutine: no sockets, nothing left
// behind, and a hanging fault ends with the request's context.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip serves one request. A connection that the server cuts is
// io.ErrUnexpectedEOF, as over a socket.
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
