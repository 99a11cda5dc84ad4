package slackapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSignatureIsSlacks checks a signature with the example of Slack's documentation
// (docs.slack.dev/authentication/verifying-requests-from-slack).
func TestSignatureIsSlacks(t *testing.T) {
	t.Parallel()
	const (
		secret = "8f742231b10e8888abcd99yyyzzz85a5"
		body   = "token=xyzz0WbapA4vBCDEFx0x6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
		sum    = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
		stamp  = "1531420618"
	)
	header := func(stamp, sum string) http.Header {
		h := make(http.Header)
		h.Set("X-Slack-Request-Timestamp", stamp)
		h.Set("X-Slack-Signature", sum)
		return h
	}
	s, ok := signatureOf(header(stamp, sum))
	require.True(t, ok)
	assert.Equal(t, time.Unix(1531420618, 0), s.at)
	assert.True(t, s.proves(secret, []byte(body)))
	assert.False(t, s.proves(secret, []byte(body+"&")))
	assert.False(t, s.proves(secret+"x", []byte(body)))

	later, ok := signatureOf(header("1531420619", sum))
	require.True(t, ok)
	assert.False(t, later.proves(secret, []byte(body)))

	for _, row := range []struct{ name, stamp, sum string }{
		{"none", "", ""},
		{"no stamp", "", sum},
		{"a stamp with a fraction", stamp + ".0", sum},
		{"no version", stamp, strings.TrimPrefix(sum, "v0=")},
		{"another version", stamp, "v1=" + strings.TrimPrefix(sum, "v0=")},
		{"too short", stamp, sum[:len(sum)-2]},
		{"too long", stamp, sum + "00"},
		{"not hexadecimal", stamp, sum[:len(sum)-2] + "zz"},
	} {
		_, ok := signatureOf(header(row.stamp, row.sum))
		assert.False(t, ok, row.name)
	}
}

// TestNothingIsSignedWithoutASecret: an empty secret is none.
func TestNothingIsSignedWithoutASecret(t *testing.T) {
	t.Parallel()
	assert.False(t, signature{}.proves("", nil))
}
