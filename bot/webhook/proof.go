package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	// tolerance is how far a signature's timestamp may lie from the time of
	// arrival, in the past and in the future.
	tolerance = 5 * time.Minute

	// minKeyBytes is the least a secret's key holds.
	minKeyBytes = 16

	// maxDeliveryID is the length in bytes from which on a delivery id is kept
	// as its hash. Usual ones are 20 to 40 bytes long.
	maxDeliveryID = 200
)

// proof checks that a request comes from a sender that knows one of our secrets
// (Standard Webhooks) or tokens (bearer).
type proof struct {
	webhooks []*standardwebhooks.Webhook
	tokens   tokens
}

// newProof returns the proof by any of the secrets and bearer tokens. Its errors name
// the place of a bad one, from 1, and never the secret.
func newProof(secrets, bearers []string) (proof, error) {
	var p proof
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) < minKeyBytes {
			return proof{}, fmt.Errorf("secret %d is not whsec_ and base64 of at least %d bytes", i+1, minKeyBytes)
		}
		webhook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return proof{}, fmt.Errorf("secret %d cannot be used", i+1)
		}
		p.webhooks = append(p.webhooks, webhook)
	}
	for i, token := range bearers {
		if token == "" {
			return proof{}, errors.New("token " + strconv.Itoa(i+1) + " is empty")
		}
	}
	p.tokens = newTokens(bearers)
	return p, nil
}

// tokens are the hashes of secrets that are sent as they are.
type tokens [][sha256.Size]byte

func newTokens(secrets []string) tokens {
	var t tokens
	for _, s := range secrets {
		t = append(t, sha256.Sum256([]byte(s)))
	}
	return t
}

// include reports whether a text is one of the secrets. Hashes are compared, so that
// the time it takes tells nothing, not even a length.
func (t tokens) include(text string) bool {
	sent := sha256.Sum256([]byte(text))
	equal := 0
	for _, known := range t {
		equal |= subtle.ConstantTimeCompare(sent[:], known[:])
	}
	return equal == 1
}

// possible reports whether anything can be proved at all.
func (p proof) possible() bool { return len(p.webhooks)+len(p.tokens) > 0 }

// verify reports whether the request proves its sender, and under which id it
// is remembered.
func (p proof) verify(r *http.Request, body []byte, now time.Time) (deliveryID string, proved bool) {
	if !p.signed(r.Header, body, now) && !p.borne(r.Header) {
		return "", false
	}
	return deliveryKey(r.Header.Get(standardwebhooks.HeaderWebhookID)), true
}

// signed checks a signature of Standard Webhooks:
//   - the timestamp, in Unix seconds, is within the tolerance;
//   - one of the space-separated signatures is v1 and matches under one of the
//     secrets. Signatures of other versions are passed over.
//
// The library compares in constant time. It checks timestamps by a clock of its
// own, which is why that is done here.
func (p proof) signed(h http.Header, body []byte, now time.Time) bool {
	seconds, err := strconv.ParseInt(h.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return false
	}
	earliest, latest := now.Add(-tolerance).Unix(), now.Add(tolerance).Unix()
	if seconds < earliest || seconds > latest {
		return false
	}
	for _, webhook := range p.webhooks {
		if webhook.VerifyIgnoringTimestamp(body, h) == nil {
			return true
		}
	}
	return false
}

// borne checks an Authorization header with a bearer token.
func (p proof) borne(h http.Header) bool {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && p.tokens.include(strings.TrimLeft(token, " "))
}

// deliveryKey is the text under which a sender's delivery id is remembered: the
// id itself or, when that is long or no text, its SHA-256, so that a header
// cannot fill the store. Without an id it is "".
func deliveryKey(id string) string {
	if len(id) <= maxDeliveryID && utf8.ValidString(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + hex.EncodeToString(sum[:])
}
