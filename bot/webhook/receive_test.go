package webhook

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestChecksAreMadeInOrder sends requests with several mistakes: the response is about the first in
// the order 405, 415, 413, 401, duplicate, 400, 422.
func TestChecksAreMadeInOrder(t *testing.T) {
	t.Parallel()
	const (
		method = 1 << iota
		mediaType
		size
		proof
		repeat
		syntax
		fields
		all = 1<<iota - 1
	)
	wants := []struct{ fault, status int }{
		{method, http.StatusMethodNotAllowed},
		{mediaType, http.StatusUnsupportedMediaType},
		{size, http.StatusRequestEntityTooLarge},
		{proof, http.StatusUnauthorized},
		{repeat, http.StatusOK},
		{syntax, http.StatusBadRequest},
		{fields, http.StatusUnprocessableEntity},
		{0, http.StatusOK}, // unchanged
	}
	want := func(faults int) int {
		for _, w := range wants {
			if faults&w.fault == w.fault {
				return w.status
			}
		}
		panic("unreachable")
	}
	d := newDoor(t)
	require.Equal(t, http.StatusAccepted, d.post(t, "taken", red).Code)
	for faults := range all + 1 {
		body := red
		if faults&fields != 0 {
			body = `{"id":"x"}`
		}
		if faults&syntax != 0 {
			body = strings.TrimSuffix(body, "}")
		}
		if faults&size != 0 {
			body += strings.Repeat(" ", maxBody)
		}
		id := ""
		if faults&repeat != 0 {
			id = "taken"
		}
		r := borne(t, tokenA, body)
		r.Header.Set("webhook-id", id)
		if faults&proof != 0 {
			r.Header.Set("Authorization", "Bearer nonsense")
		}
		if faults&mediaType != 0 {
			r.Header.Set("Content-Type", "text/plain")
		}
		if faults&method != 0 {
			r.Method = http.MethodPut
		}
		assert.Equal(t, want(faults), d.serve(r).Code, "faults %07b", faults)
	}
}

func TestOnlyPOSTAndHEADAreServed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", "BREW"} {
		r := request(t, red)
		r.Method = method
		w := d.serve(r)
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		assert.Equal(t, "POST, HEAD", w.Header().Get("Allow"))
		assertProblem(t, w)
	}
	w := d.serve(httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/webhooks/feedback", nil))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Empty(t, w.Body.String())
}

func TestOwnFormatMustBeJSON(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tests := []struct {
		contentType string
		fine        bool
	}{
		{"application/json", true},
		{"Application/JSON", true},
		{"application/json; charset=utf-8", true},
		{"application/json;charset=UTF-8;", true},
		{"application/json; charset", true},
		{"", false},
		{"text/json", false},
		{"application/problem+json", true},
		{"application/vnd.example+json; charset=utf-8", true},
		{"text/vnd.example+json", false},
		{"+json", false},
		{"application/jsonx", false},
		{"application/x-www-form-urlencoded", false},
	}
	for _, test := range tests {
		r := request(t, red)
		r.Header.Set("Content-Type", test.contentType)
		want := http.StatusUnsupportedMediaType
		if test.fine {
			want = http.StatusUnauthorized // it was looked at
		}
		assert.Equal(t, want, d.serve(r).Code, test.contentType)
	}
	for _, encoding := range []string{"gzip", "identity", ""} {
		r := borne(t, tokenA, red)
		r.Header["Content-Encoding"] = []string{encoding}
		assert.Equal(t, http.StatusUnsupportedMediaType, d.serve(r).Code, encoding)
	}
}

func TestBodyMayHave256KiB(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	exact := red + strings.Repeat(" ", 262_144-len(red))
	assert.Equal(t, http.StatusAccepted, d.serve(borne(t, tokenA, exact)).Code)
	assert.Equal(t, http.StatusRequestEntityTooLarge, d.serve(borne(t, tokenA, exact+" ")).Code)
	for _, test := range []struct {
		body   string
		status int
	}{{exact, http.StatusOK}, {exact + " ", http.StatusRequestEntityTooLarge}} {
		chunked := borne(t, tokenA, test.body)
		chunked.ContentLength = -1
		assert.Equal(t, test.status, d.serve(chunked).Code, len(test.body))
	}
	unread := borne(t, tokenA, "")
	unread.ContentLength = maxBody + 1
	unread.Body = io.NopCloser(iotest.ErrReader(errors.New("the body was read")))
	assert.Equal(t, http.StatusRequestEntityTooLarge, d.serve(unread).Code)
}

func TestBodyThatBreaksOffIsRejected(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, test := range []struct {
		err    error
		status int
	}{
		{io.ErrUnexpectedEOF, http.StatusBadRequest},
		{os.ErrDeadlineExceeded, http.StatusRequestTimeout},
	} {
		r := borne(t, tokenA, "")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(red), iotest.ErrReader(test.err)))
		w := d.serve(r)
		assert.Equal(t, test.status, w.Code, test.err)
		assertProblem(t, w)
	}
	refusals, err := d.store.RejectedDeliveries(t.Context())
	require.NoError(t, err)
	assert.Empty(t, refusals, "the sender was not proved")
}

// assertProblem checks that an answer is what RFC 9457 asks for.
func assertProblem(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	r := replyOf(t, w)
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.Equal(t, "about:blank", r.Type)
	assert.Equal(t, http.StatusText(w.Code), r.Title)
	assert.Equal(t, w.Code, r.Status)
	assert.NotEmpty(t, r.Detail)
}
