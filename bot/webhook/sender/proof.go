package sender

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/theory/jsonpath"

	"smileybot/feedback"
)

const (
	// tolerance is how far a signature's timestamp may lie from the time of arrival, in the past and in
	// the future.
	tolerance = 5 * time.Minute
	// minKeyBytes is the least length of the key in a whsec_ secret.
	minKeyBytes = 16
	// maxDeliveryID is the longest delivery id that is stored as it is, in bytes. Usual ones have
	// 20 to 40 bytes.
	maxDeliveryID = 200
	// SecretInPath is the name of the last part of the path of a sender with [PathSecret].
	SecretInPath = "secret"
)

// ProofKind is a way to prove a sender.
type ProofKind int

const (
	// StandardWebhooks is a signature as https://www.standardwebhooks.com describes it, under a
	// whsec_ secret; or a bearer token, where the settings have one.
	StandardWebhooks ProofKind = iota
	// Signature is an HMAC in a header.
	Signature
	// BearerToken is the secret in the Authorization header.
	BearerToken
	// PathSecret is the secret as the last part of the path, which must not be logged.
	PathSecret
)

// Proof is how a sender proves itself.
type Proof struct {
	Kind ProofKind
	// HMAC is set for [Signature].
	HMAC HMAC
}

// HMAC describes a signature over the raw body and, perhaps, a timestamp.
type HMAC struct {
	// Header holds the signature, and Prefix is the text in front of it, such as sha256=.
	Header, Prefix string
	Hash           func() hash.Hash
	Encoding       Encoding
	// Signed is the signed text, with {body} and {timestamp}. "" is the body alone.
	Signed string
	// Timestamp is the header with the moment of signing. Without one, the signature never expires.
	Timestamp       string
	TimestampFormat TimeFormat
}

// Encoding is how a signature is written.
type Encoding string

// The encodings of signatures.
const (
	Hex    Encoding = "hex"
	Base64 Encoding = "base64"
)

func (e Encoding) decode(text string) ([]byte, error) {
	if e == Base64 {
		return base64.StdEncoding.DecodeString(text)
	}
	return hex.DecodeString(text)
}

func (e Encoding) encode(sum []byte) string {
	if e == Base64 {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}

// TimeFormat is how a moment is written.
type TimeFormat string

// The formats of moments.
const (
	RFC3339   TimeFormat = "rfc3339"
	Unix      TimeFormat = "unix"
	UnixMilli TimeFormat = "unix_ms"
)

// Parse reads a moment.
func (f TimeFormat) Parse(text string) (time.Time, bool) {
	if f == RFC3339 {
		t, err := feedback.ParseMoment(text)
		return t, err == nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if f == UnixMilli {
		return time.UnixMilli(n), err == nil
	}
	return time.Unix(n, 0), err == nil
}

func (f TimeFormat) format(t time.Time) string {
	switch f {
	case RFC3339:
		return t.UTC().Format(time.RFC3339)
	case UnixMilli:
		return strconv.FormatInt(t.UnixMilli(), 10)
	default:
		return strconv.FormatInt(t.Unix(), 10)
	}
}

// DeliveryID is where a sender puts the id of a delivery. At most one field is set; without one,
// repeats are not recognised.
type DeliveryID struct {
	Header string         // a header
	Field  string         // a field of the body, such as data.id
	Path   *jsonpath.Path // the same, in a mapping
	// WholeBody takes the body for its own id, of a sender that posts the same body twice only
	// when it repeats a delivery.
	WholeBody bool
}

func (id DeliveryID) of(h http.Header, body []byte) string {
	switch {
	case id.Header != "":
		return h.Get(id.Header)
	case id.WholeBody:
		return hashed(body)
	case id.Field == "" && id.Path == nil:
		return ""
	}
	tree, err := readTree(Delivery{Header: h, Body: body}, true)
	switch {
	case err != nil:
		return "" // Decode reports the error
	case id.Path != nil:
		first, _ := tree.First(id.Path) // a repeat is not recognised when that takes too many steps
		return first.Text()
	default:
		return tree.At(strings.Split(id.Field, ".")...).Text()
	}
}

// deliveryKey is the text under which a delivery id is stored: the id itself, or its SHA-256 when
// it is long or no text, so that a header cannot fill the store. No id is "".
func deliveryKey(id string) string {
	if len(id) <= maxDeliveryID && utf8.ValidString(id) {
		return id
	}
	return hashed([]byte(id))
}

func hashed(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// keys are the secrets of a sender, ready for its kind of proof.
type keys struct {
	standard []*standardwebhooks.Webhook
	secrets  []string // of HMACs
	tokens   []string // that are sent as they are
}

func newKeys(kind ProofKind, s Settings) (k keys, err error) {
	k.tokens = s.Tokens
	switch kind {
	case StandardWebhooks:
		k.standard, err = standardKeys(s.Secrets)
	case Signature:
		k.secrets = s.Secrets
	default:
		k.tokens = s.Secrets
	}
	if empty := slices.Index(k.tokens, ""); empty >= 0 {
		return keys{}, fmt.Errorf("token %d is empty", empty+1)
	}
	return k, err
}

// standardKeys reads whsec_ secrets. Its error has the place of a bad one, from 1, and never the
// secret.
func standardKeys(secrets []string) ([]*standardwebhooks.Webhook, error) {
	var all []*standardwebhooks.Webhook
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) < minKeyBytes {
			return nil, fmt.Errorf("secret %d is not whsec_ and base64 of at least %d bytes", i+1, minKeyBytes)
		}
		webhook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, fmt.Errorf("secret %d cannot be used", i+1)
		}
		all = append(all, webhook)
	}
	return all, nil
}

// Provable reports whether the sender has any secret.
func (s Enabled) Provable() bool {
	return len(s.keys.standard)+len(s.keys.secrets)+len(s.keys.tokens) > 0
}

// ProvableBy reports whether the headers of a request may prove the sender, whatever its body: a token is
// right, or a signature has its form and its time.
func (s Enabled) ProvableBy(r *http.Request, now time.Time) bool {
	switch s.Proof.Kind {
	case StandardWebhooks:
		return s.keys.timely(r.Header, now) || s.keys.include(bearerToken(r.Header))
	case Signature:
		_, signed := s.Proof.HMAC.signature(r.Header, now)
		return signed
	case BearerToken:
		return s.keys.include(bearerToken(r.Header))
	default: // PathSecret
		return s.keys.include(r.PathValue(SecretInPath))
	}
}

// Prove reports whether a request comes from the sender, and the id under which its delivery is
// remembered, "" without one. Every secret is compared in constant time.
func (s Enabled) Prove(r *http.Request, body []byte, now time.Time) (deliveryID string, proved bool) {
	switch s.Proof.Kind {
	case StandardWebhooks:
		proved = s.keys.signedAsStandard(r.Header, body, now) || s.keys.include(bearerToken(r.Header))
	case Signature:
		proved = s.keys.signed(s.Proof.HMAC, r.Header, body, now)
	default:
		proved = s.ProvableBy(r, now)
	}
	if !proved {
		return "", false
	}
	return deliveryKey(s.DeliveryID.of(r.Header, body)), true
}

// Hint is what to check when a request is not proved. It never says which proof was wrong.
func (s Sender) Hint() string {
	switch {
	case s.ProofHint != "":
		return s.ProofHint
	case s.Proof.Kind == StandardWebhooks, s.Proof.HMAC.Timestamp != "":
		return "Check that the secret here and there is the same, and that the request comes no later than 5 minutes after it was signed."
	default:
		return "Check that the secret here and there is the same."
	}
}

// signedAsStandard checks a signature of Standard Webhooks:
//   - the timestamp, in Unix seconds, is within the tolerance;
//   - one of the space-separated signatures is v1 and matches under one of the secrets. Signatures of
//     other versions are passed over.
//
// The library compares in constant time. It checks timestamps by a clock of its own, which is why
// they are checked here.
func (k keys) signedAsStandard(h http.Header, body []byte, now time.Time) bool {
	return k.timely(h, now) && slices.ContainsFunc(k.standard, func(webhook *standardwebhooks.Webhook) bool {
		return webhook.VerifyIgnoringTimestamp(body, h) == nil
	})
}

// timely checks that a request has what Standard Webhooks asks for, and was signed just now.
func (k keys) timely(h http.Header, now time.Time) bool {
	at, ok := Unix.Parse(h.Get(standardwebhooks.HeaderWebhookTimestamp))
	return len(k.standard) > 0 && h.Get(standardwebhooks.HeaderWebhookSignature) != "" &&
		ok && at.Sub(now.Truncate(time.Second)).Abs() <= tolerance
}

// signature is the HMAC that a request brings. ok is false without one, and when its time is not now.
func (m HMAC) signature(h http.Header, now time.Time) (sum []byte, ok bool) {
	if !m.timely(h, now) {
		return nil, false
	}
	text, found := strings.CutPrefix(h.Get(m.Header), m.Prefix)
	sum, err := m.Encoding.decode(text)
	return sum, found && err == nil && len(sum) == m.Hash().Size()
}

// timely reports whether a request was signed just now, as far as it says when.
func (m HMAC) timely(h http.Header, now time.Time) bool {
	if m.Timestamp == "" {
		return true
	}
	at, ok := m.TimestampFormat.Parse(h.Get(m.Timestamp))
	return ok && at.Sub(now).Abs() <= tolerance
}

// signed checks an HMAC under each of the secrets.
func (k keys) signed(m HMAC, h http.Header, body []byte, now time.Time) bool {
	sent, ok := m.signature(h, now)
	if !ok {
		return false
	}
	proved := false
	for _, secret := range k.secrets {
		if hmac.Equal(sent, m.sum(secret, h, body)) {
			proved = true
		}
	}
	return proved
}

// sum is the HMAC of a request with its timestamp.
func (m HMAC) sum(secret string, h http.Header, body []byte) []byte {
	mac := hmac.New(m.Hash, []byte(secret))
	signed := strings.NewReplacer("{body}", string(body), "{timestamp}", h.Get(m.Timestamp))
	mac.Write([]byte(signed.Replace(cmp.Or(m.Signed, "{body}"))))
	return mac.Sum(nil)
}

// bearerToken is the token in an Authorization header.
func bearerToken(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimLeft(token, " ")
}

// include reports whether a text is one of the tokens. Hashes are compared, so that the time it
// takes reveals nothing, not even a length. No token is "".
func (k keys) include(text string) bool {
	sent := sha256.Sum256([]byte(text))
	equal := 0
	for _, token := range k.tokens {
		known := sha256.Sum256([]byte(token))
		equal |= subtle.ConstantTimeCompare(sent[:], known[:])
	}
	return equal == 1
}
