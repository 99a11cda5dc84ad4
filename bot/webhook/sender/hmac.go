package sender

import (
	"cmp"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// HMAC describes a signature over the raw body and, perhaps, other parts of the request.
type HMAC struct {
	// Header holds the signature, and Prefix is the text in front of it, such as sha256=.
	Header, Prefix string
	// Part is the name of the signature in a header of several parts, such as v1 in t=…,v1=…. A part
	// may come several times. "" is the whole header.
	Part     string
	Hash     func() hash.Hash
	Encoding Encoding
	// Signed is the signed text, with the placeholders of [Placeholders]. "" is the body alone.
	Signed string
	// URL is what {url} is; the query of the request is added.
	URL string
	// Timestamp is the header with the moment of signing, and TimestampPart its part of Header. Without
	// either, the signature never expires.
	Timestamp, TimestampPart string
	TimestampFormat          TimeFormat
}

// Encoding is how a signature is written.
type Encoding string

// The encodings of signatures.
const (
	Hex       Encoding = "hex"
	Base64    Encoding = "base64"
	Base64URL Encoding = "base64url"
)

// Encodings lists the encodings.
func Encodings() []Encoding { return []Encoding{Hex, Base64, Base64URL} }

func (e Encoding) decode(text string) ([]byte, error) {
	switch e {
	case Base64:
		return base64.StdEncoding.DecodeString(text)
	case Base64URL:
		return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	default:
		return hex.DecodeString(text)
	}
}

func (e Encoding) encode(sum []byte) string {
	switch e {
	case Base64:
		return base64.StdEncoding.EncodeToString(sum)
	case Base64URL:
		return base64.RawURLEncoding.EncodeToString(sum)
	default:
		return hex.EncodeToString(sum)
	}
}

// Placeholders find the placeholders in a signed text: {body}, {timestamp}, {url}, {method} and
// {header:NAME}. Other words in braces are found too, and have no meaning.
func Placeholders() *regexp.Regexp { return placeholder }

var placeholder = regexp.MustCompile(`\{[A-Za-z][^{}]*\}`)

// HeaderPlaceholder is the name of the header of a placeholder such as {header:X-Id}.
func HeaderPlaceholder(text string) (name string, ok bool) {
	name, ok = strings.CutPrefix(strings.TrimSuffix(text, "}"), "{header:")
	return name, ok && name != ""
}

// needsAddress reports whether the address is signed, and is that of the settings.
func (m HMAC) needsAddress() bool { return m.URL == "" && strings.Contains(m.Signed, "{url}") }

// timed reports whether the moment of signing is signed.
func (m HMAC) timed() bool { return m.Timestamp != "" || m.TimestampPart != "" }

// timestamp is the moment of signing as a request brings it.
func (m HMAC) timestamp(h http.Header) string {
	if m.TimestampPart != "" {
		return first(parts(h.Get(m.Header), m.TimestampPart))
	}
	return h.Get(m.Timestamp)
}

// maxParts is how many signatures of one header are compared. Senders send two while they rotate.
const maxParts = 10

// parts are the values of a name in a header such as t=1,v1=a,v1=b, with commas or semicolons.
func parts(header, name string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ',' || r == ';' }) {
		key, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if found && key == name && len(all) < maxParts {
			all = append(all, value)
		}
	}
	return all
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// signature returns the HMACs that a request brings, or what is wrong with it: no signature, one of
// another form, or one whose time is not now. It quotes nothing.
func (m HMAC) signature(h http.Header, now time.Time) (sums [][]byte, wrong string) {
	if wrong := m.untimely(h, now); wrong != "" {
		return nil, wrong
	}
	texts := []string{h.Get(m.Header)}
	if m.Part != "" {
		texts = parts(h.Get(m.Header), m.Part)
	}
	for _, text := range texts {
		text, found := strings.CutPrefix(text, m.Prefix)
		sum, err := m.Encoding.decode(text)
		if found && err == nil && len(sum) == m.Hash().Size() {
			sums = append(sums, sum)
		}
	}
	if len(sums) == 0 {
		return nil, "no signature of the right form"
	}
	return sums, ""
}

// untimely says what is wrong with the moment of signing, "" when it is now or not signed.
func (m HMAC) untimely(h http.Header, now time.Time) string {
	if !m.timed() {
		return ""
	}
	at, ok := m.TimestampFormat.Parse(m.timestamp(h))
	switch {
	case !ok:
		return "no moment of signing"
	case at.Sub(now).Abs() > tolerance:
		return "signed too long ago"
	default:
		return ""
	}
}

// signed checks an HMAC under each of the secrets.
func (k keys) signed(m HMAC, r *http.Request, body []byte, now time.Time) bool {
	sent, wrong := m.signature(r.Header, now)
	if wrong != "" {
		return false
	}
	proved := false
	for _, secret := range k.secrets {
		right := m.sum(secret, r, body)
		for _, sum := range sent {
			if hmac.Equal(sum, right) {
				proved = true
			}
		}
	}
	return proved
}

// sum is the HMAC of a request with its timestamp.
func (m HMAC) sum(secret string, r *http.Request, body []byte) []byte {
	mac := hmac.New(m.Hash, []byte(secret))
	mac.Write([]byte(placeholder.ReplaceAllStringFunc(cmp.Or(m.Signed, "{body}"), func(part string) string {
		switch part {
		case "{body}":
			return string(body)
		case "{timestamp}":
			return m.timestamp(r.Header)
		case "{method}":
			return r.Method
		case "{url}":
			return m.address(r)
		}
		if name, ok := HeaderPlaceholder(part); ok {
			return signedHeader(r, name)
		}
		return part
	})))
	return mac.Sum(nil)
}

// signedHeader is a header as it came. The server takes Host out of the others.
func signedHeader(r *http.Request, name string) string {
	if strings.EqualFold(name, "Host") {
		return r.Host
	}
	return r.Header.Get(name)
}

// address is the URL that was signed, with the query as it came.
func (m HMAC) address(r *http.Request) string {
	if r.URL.RawQuery == "" && !r.URL.ForceQuery {
		return m.URL
	}
	return m.URL + "?" + r.URL.RawQuery
}
