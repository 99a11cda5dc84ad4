package sender

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/theory/jsonpath"
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
	// BasicAuth is the secret as the password of HTTP Basic authentication.
	BasicAuth
	// HeaderToken is the secret in a header of its own.
	HeaderToken
	// QueryToken is the secret in the query of the address, which must not be logged.
	QueryToken
	// BodyToken is the secret in the body.
	BodyToken
)

// Proof is how a sender proves itself.
type Proof struct {
	Kind ProofKind
	// HMAC is set for [Signature].
	HMAC HMAC
	// User is that of [BasicAuth], "" for any.
	User string
	// Name is that of the header of [HeaderToken], or of the parameter of [QueryToken].
	Name string
	// Prefix is in front of the secret in the header of [HeaderToken].
	Prefix string
	// Path is where [BodyToken] is.
	Path *jsonpath.Path
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

// deliveryID is the id of a delivery, "" without one.
func (s Sender) deliveryID(d Delivery) string {
	id := s.DeliveryID
	switch {
	case id.Header != "":
		return d.Header.Get(id.Header)
	case id.WholeBody:
		return hashed(d.Body)
	case id.Field == "" && id.Path == nil:
		return ""
	}
	tree, err := s.tree(d)
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
	written  []string // whsec_ secrets as they are written
}

func newKeys(kind ProofKind, s Settings) (k keys, err error) {
	k.tokens = s.Tokens
	switch kind {
	case StandardWebhooks:
		k.standard, err = standardKeys(s.Secrets)
		k.written = s.Secrets
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

// known reports whether a text is one of the secrets, whatever they prove.
func (k keys) known(text string) bool {
	return keys{tokens: slices.Concat(k.tokens, k.secrets, k.written)}.include(text)
}

// Provable reports whether the sender has any secret.
func (s Enabled) Provable() bool {
	return len(s.keys.standard)+len(s.keys.secrets)+len(s.keys.tokens) > 0
}

// ProvableBy reports whether a request may prove the sender, before its body is read: a token is right,
// a signature has its form and its time, or the proof is in the body.
func (s Enabled) ProvableBy(r *http.Request, now time.Time) bool {
	switch s.Proof.Kind {
	case StandardWebhooks:
		return s.keys.timely(r.Header, now) || s.keys.include(bearerToken(r.Header))
	case Signature:
		_, wrong := s.Proof.HMAC.signature(r.Header, now)
		return wrong == ""
	case BodyToken:
		return true
	default:
		token, there := s.Proof.token(r)
		return there && s.keys.include(token)
	}
}

// token is the secret as a request brings it outside of its body; there is false when the request lacks
// its place.
func (p Proof) token(r *http.Request) (token string, there bool) {
	switch p.Kind {
	case BasicAuth:
		user, password, there := r.BasicAuth()
		return password, there && (p.User == "" || p.User == user)
	case HeaderToken:
		return strings.CutPrefix(r.Header.Get(p.Name), p.Prefix)
	case QueryToken:
		query := r.URL.Query()
		return query.Get(p.Name), query.Has(p.Name)
	case PathSecret:
		token = r.PathValue(SecretInPath)
	default:
		token = bearerToken(r.Header)
	}
	return token, token != ""
}

// Prove reports whether a request comes from the sender, and the id under which its delivery is
// remembered, "" without one. Every secret is compared in constant time.
func (s Enabled) Prove(r *http.Request, body []byte, now time.Time) (deliveryID string, proved bool) {
	d := NewDelivery(s.Name, r, body, now)
	switch s.Proof.Kind {
	case StandardWebhooks:
		proved = s.keys.signedAsStandard(r.Header, body, now) || s.keys.include(bearerToken(r.Header))
	case Signature:
		proved = s.keys.signed(s.Proof.HMAC, r, body, now)
	case BodyToken:
		proved = s.keys.include(s.bodyToken(d))
	default:
		proved = s.ProvableBy(r, now)
	}
	if !proved {
		return "", false
	}
	return deliveryKey(s.deliveryID(d)), true
}

// bodyToken is the secret in a body, "" without one.
func (s Sender) bodyToken(d Delivery) string {
	tree, err := s.tree(d)
	if err != nil {
		return ""
	}
	token, _ := tree.First(s.Proof.Path)
	return token.Text()
}

// Hint is what to check when a request is not proved. It never says which proof was wrong.
func (s Sender) Hint() string {
	switch {
	case s.ProofHint != "":
		return s.ProofHint
	case s.Proof.Kind == StandardWebhooks, s.Proof.HMAC.timed():
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
