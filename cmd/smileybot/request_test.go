package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRawRequestsAsToolsSaveThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, body string }{
		{"as it went over the wire", "POST /webhooks/shop?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-A: b\r\n\r\n{}", "{}"},
		{"line feeds and one at the end", "POST /webhooks/shop?a=1 HTTP/1.1\nContent-Length: 2\nX-A: b\n\n{}\n", "{}"},
		{"without a length", "POST /webhooks/shop?a=1 HTTP/1.1\nX-A: b\n\n{}\n", "{}\n"},
		{"a length that is too short for the text", "POST /webhooks/shop?a=1 HTTP/1.1\nX-A: b\nContent-Length: 1\n\n{}", "{}"},
		{"HTTP/2", "POST /webhooks/shop?a=1 HTTP/2\nX-A: b\n\n{}", "{}"},
		{"no version", "\nPOST /webhooks/shop?a=1\nX-A: b\n\n{}", "{}"},
		{"in chunks", "POST /webhooks/shop?a=1 HTTP/1.1\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "{}"},
		{"an empty line in the body", "POST /webhooks/shop?a=1 HTTP/1.1\r\nX-A: b\r\n\r\n{\n\n}", "{\n\n}"},
		{"no body", "POST /webhooks/shop?a=1 HTTP/1.1\nX-A: b", ""},
	} {
		r, body, err := rawRequest([]byte(test.text))
		require.NoError(t, err, test.name)
		assert.Equal(t, test.body, string(body), test.name)
		assert.Equal(t, []string{"POST", "/webhooks/shop", "a=1", "b"}, []string{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("X-A")}, test.name)
	}
	for _, text := range []string{"", "{}", "POST\n\n", "\x00", "POST /a HTTP/1.1\nno colon\n\n"} {
		_, _, err := rawRequest([]byte(text))
		require.Error(t, err, text)
	}
}
