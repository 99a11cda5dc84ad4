package webhook

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
)

// A scheme is how a sender signs its webhooks: an HMAC in a header, over the raw body
// and perhaps more.
type scheme struct {
	header string // which holds the signature
	prefix string // in front of it, such as sha256=
	hash   func() hash.Hash
	decode func(string) ([]byte, error) // of the signature's text
	// signed is what is signed; nil for the body alone.
	signed []part
	// timestamp is the header with the moment of signing, "" when there is none. Then
	// a repeat is recognised by what it says only.
	timestamp string
	// moment reads the timestamp.
	moment func(string) (time.Time, bool)
}

// A part is a stretch of what is signed: a text, the value of a header, or the body.
type part struct{ text, header string }

// wholeBody is the part that is the body.
func wholeBody() part { return part{} }

// fromHex and fromBase64 read a signature.
func fromHex(text string) ([]byte, error)    { return hex.DecodeString(text) }
func fromBase64(text string) ([]byte, error) { return base64.StdEncoding.DecodeString(text) }

// inSeconds, inMilliseconds and inWords read a timestamp: Unix time, or RFC 3339.
func inSeconds(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(n, 0), err == nil
}

func inMilliseconds(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(n), err == nil
}

func inWords(text string) (time.Time, bool) {
	t, err := feedback.ParseMoment(text)
	return t, err == nil
}

// proves checks a request against any of the secrets. Each is tried, and each
// comparison takes the same time whatever was sent.
func (s scheme) proves(secrets []string) func(r *http.Request, body []byte, now time.Time) bool {
	return func(r *http.Request, body []byte, now time.Time) bool {
		if s.timestamp != "" && !s.recent(r.Header.Get(s.timestamp), now) {
			return false
		}
		text, found := strings.CutPrefix(r.Header.Get(s.header), s.prefix)
		sent, err := s.decode(text)
		if !found || err != nil {
			return false
		}
		proved := false
		for _, secret := range secrets {
			if hmac.Equal(sent, s.sign(secret, r.Header, body)) {
				proved = true
			}
		}
		return proved
	}
}

// recent reports whether a timestamp lies within the tolerance.
func (s scheme) recent(text string, now time.Time) bool {
	at, ok := s.moment(text)
	return ok && at.Sub(now).Abs() <= tolerance
}

// sign is the signature under a secret.
func (s scheme) sign(secret string, h http.Header, body []byte) []byte {
	mac := hmac.New(s.hash, []byte(secret))
	parts := s.signed
	if parts == nil {
		parts = []part{wholeBody()}
	}
	for _, p := range parts {
		switch {
		case p.text != "":
			mac.Write([]byte(p.text))
		case p.header != "":
			mac.Write([]byte(h.Get(p.header)))
		default:
			mac.Write(body)
		}
	}
	return mac.Sum(nil)
}
