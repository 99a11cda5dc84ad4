package slackapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// TestSignatureIsSlacks compares what is accepted as Slack's with the judgement of slack-go.
func TestSignatureIsSlacks(t *testing.T) {
	t.Parallel()
	const secret = "8f742231b10e8888abcd99yyyzzz85a5"
	signed := make(http.Header)
	fakeslack.Sign(signed, secret, time.Now(), []byte("text=%2Fnps&a=b"))
	stamp, sum := signed.Get("X-Slack-Request-Timestamp"), signed.Get("X-Slack-Signature")
	header := func(stamp, sum string) http.Header {
		h := make(http.Header)
		h.Set("X-Slack-Request-Timestamp", stamp)
		h.Set("X-Slack-Signature", sum)
		return h
	}
	for _, row := range []struct {
		name, secret, body, stamp string
		want                      bool
	}{
		{"as it was signed", secret, "text=%2Fnps&a=b", stamp, true},
		{"another body", secret, "text=%2Fnps&a=c", stamp, false},
		{"another secret", secret + "x", "text=%2Fnps&a=b", stamp, false},
		{"another time", secret, "text=%2Fnps&a=b", "0" + stamp, false},
	} {
		s, ok := signatureOf(header(row.stamp, sum))
		require.True(t, ok, row.name)
		assert.WithinDuration(t, time.Now(), s.at, time.Minute, row.name)
		assert.Equal(t, row.want, s.proves(row.secret, []byte(row.body)), row.name)
		library, err := slack.NewSecretsVerifier(header(row.stamp, sum), row.secret)
		require.NoError(t, err, row.name)
		_, err = library.Write([]byte(row.body))
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, library.Ensure() == nil, row.name)
	}

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
