package sender

import (
	"cmp"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Step is a part of a proof and whether it is right. It has no secret and no signature, neither a right
// nor a wrong one.
type Step struct {
	Part string
	OK   bool
	Why  string // what is wrong, and what to do
}

// explanation collects the steps of a proof.
type explanation struct{ steps []Step }

// step adds a part. Why says what is wrong; "" when nothing is.
func (e *explanation) step(part, why string) {
	e.steps = append(e.steps, Step{Part: part, OK: why == "", Why: why})
}

// ExplainHead says what of the head of a request is refused before its proof is looked at.
func (s Enabled) ExplainHead(r *http.Request) []Step {
	var e explanation
	if allowed := strings.Join(s.Allowed(), " or "); !slices.Contains(s.Allowed(), r.Method) {
		e.step("the method "+r.Method, "webhooks come with "+allowed+": set that at the sender, or write method in the mapping")
	}
	if remedy, ok := s.Readable(r.Header.Get("Content-Type")); !ok && r.Method != http.MethodGet {
		e.step("the header Content-Type", remedy)
	}
	if len(r.Header.Values("Content-Encoding")) > 0 {
		e.step("the header Content-Encoding", "compressed bodies are not read: have the sender leave the body as it is")
	}
	return e.steps
}

// ExplainHandshake says whether a handshake in the query is answered; asked is false for any other request.
func (s Enabled) ExplainHandshake(r *http.Request) (step Step, asked bool) {
	_, asked, proved := s.InQuery(r)
	step = Step{Part: "the handshake, whose word in " + s.Challenge.Query + " is sent back", OK: proved}
	switch {
	case !asked, proved:
	case !s.Provable():
		step.Why = s.noSecret()
	case !s.keys.known(r.URL.Query().Get(s.Challenge.Token)):
		step.Why = "the secret is not in the parameter " + s.Challenge.Token + ": compare the one at the sender with the setting"
	default:
		step.Why = "the word is empty, longer than 1 KiB, or not one line"
	}
	return step, asked
}

// ExplainProof says part by part why a request proves the sender or does not. Unlike [Enabled.Prove] it
// goes on after the first part that is wrong.
func (s Enabled) ExplainProof(r *http.Request, body []byte, now time.Time) []Step {
	var e explanation
	if !s.Provable() {
		e.step("secrets", s.noSecret())
		return e.steps
	}
	switch s.Proof.Kind {
	case StandardWebhooks:
		e.standard(s.keys, r.Header, body, now)
	case Signature:
		e.signature(s.Proof.HMAC, s.keys, r, body, now)
	default:
		e.token(s, r, body)
	}
	if _, proved := s.Prove(r, body, now); proved != e.ok() { // a part that this explanation does not know
		e.step("all together", "it is refused")
	}
	return e.steps
}

func (e *explanation) ok() bool {
	return !slices.ContainsFunc(e.steps, func(s Step) bool { return !s.OK })
}

// setting is the variable with the sender's secrets.
func (s Sender) setting() string { return "SMILEYBOT_" + strings.ToUpper(s.Name) + "_SECRETS" }

func (s Sender) noSecret() string { return "there is none: set " + s.setting() + " as for serve" }

// token explains a secret that is sent as it is.
func (e *explanation) token(s Enabled, r *http.Request, body []byte) {
	token, there := s.Proof.token(r)
	var missing string
	place := "the bearer token"
	switch authorization := r.Header.Get("Authorization"); s.Proof.Kind {
	case BearerToken:
		missing = "no Authorization header: have the sender send Authorization: Bearer and the secret"
		if authorization != "" {
			missing = "the Authorization header does not begin with Bearer: write proof: basic, or proof: {header: {name: Authorization, prefix: …}}"
		}
	case BasicAuth:
		place, missing = "the password of Basic authentication", "no Authorization header of the kind Basic: enter user and password at the sender"
		if user, _, basic := r.BasicAuth(); basic && s.Proof.User != "" && user != s.Proof.User {
			missing = "another user than the mapping has: correct user, or leave it out"
		}
	case HeaderToken:
		place, missing = "the header "+s.Proof.Name, "no such header: look for its name among those of the request"
		if r.Header.Get(s.Proof.Name) != "" {
			missing = fmt.Sprintf("it does not begin with %q: correct prefix", s.Proof.Prefix)
		}
	case QueryToken:
		place, missing = "the parameter "+s.Proof.Name+" of the address", "no such parameter: add it to the address at the sender"
	case BodyToken:
		token = s.bodyToken(NewDelivery(s.Name, r, body, time.Time{}))
		there = token != ""
		place, missing = "the secret in the body", "nothing is at the path: correct the path of proof: {body: …}"
	default: // PathSecret
		place, missing = "the last part of the address", "the address has no secret at its end: write /webhooks/"+s.Name+"/ and the secret at the sender"
	}
	if !there {
		e.step(place, missing)
		return
	}
	e.step(place, s.keys.differs(token))
}

// differs says how a text is not one of the secrets, "" when it is.
func (k keys) differs(text string) string {
	trimmed := strings.Trim(text, "\"' \t\r\n")
	switch {
	case k.include(text):
		return ""
	case text == "":
		return "it is empty"
	case trimmed != text && k.include(trimmed):
		return "it is a secret with white space or quotation marks around it: enter it again at the sender"
	case k.include(strings.TrimPrefix(strings.TrimPrefix(text, "Bearer "), "Token ")):
		return "it is a secret after a word: write the word as prefix"
	default:
		return fmt.Sprintf("it is not the secret (%d set): compare the one at the sender with the setting", len(k.tokens))
	}
}

// standard explains a proof of Standard Webhooks.
func (e *explanation) standard(k keys, h http.Header, body []byte, now time.Time) {
	if bearerToken(h) != "" && len(k.tokens) > 0 {
		e.step("the bearer token", k.differs(bearerToken(h)))
		return
	}
	there := true
	for _, name := range []string{standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, standardwebhooks.HeaderWebhookSignature} {
		why := ""
		if h.Get(name) == "" {
			there, why = false, "no such header: the sender does not sign as Standard Webhooks has it"
		}
		e.step("the header "+name, why)
	}
	if !there {
		return
	}
	e.step("the moment of signing", unixMoment(h.Get(standardwebhooks.HeaderWebhookTimestamp), Unix, now))
	why := fmt.Sprintf("it fits none of the secrets (%d set): compare the one at the sender with the setting; the body must be as it came, byte for byte", len(k.standard))
	for _, webhook := range k.standard {
		if webhook.VerifyIgnoringTimestamp(body, h) == nil {
			why = ""
		}
	}
	e.step("the signature", why)
}

// unixMoment says what is wrong with a moment of signing.
func unixMoment(text string, format TimeFormat, now time.Time) string {
	at, ok := format.Parse(text)
	if text == "" {
		return "it is missing"
	}
	for _, other := range TimeFormats() {
		otherAt, otherOK := other.Parse(text)
		if other != format && otherOK && otherAt.Sub(now).Abs() < 366*24*time.Hour && (!ok || at.Sub(now).Abs() > 366*24*time.Hour) {
			return fmt.Sprintf("it is not written as %s but as %s: correct format", format, other)
		}
	}
	switch away := at.Sub(now).Round(time.Second); {
	case !ok:
		return fmt.Sprintf("it is not written as %s: correct format", format)
	case -away > tolerance:
		return fmt.Sprintf("it was signed %v before its arrival, and 5 minutes are allowed: check the clocks; for a request of the past give --at", -away)
	case away > tolerance:
		return fmt.Sprintf("it was signed %v after its arrival, and 5 minutes are allowed: check the clocks", away)
	}
	return ""
}

// signature explains an HMAC.
func (e *explanation) signature(m HMAC, k keys, r *http.Request, body []byte, now time.Time) {
	if m.timed() {
		e.step("the moment of signing in "+cmp.Or(m.Timestamp, "the part "+m.TimestampPart+" of "+m.Header), unixMoment(m.timestamp(r.Header), m.TimestampFormat, now))
	}
	for _, placeholder := range placeholder.FindAllString(m.Signed, -1) {
		if name, is := HeaderPlaceholder(placeholder); is {
			why := ""
			if signedHeader(r, name) == "" {
				why = "no such header, so that nothing is signed in its place"
			}
			e.step("the header "+name+", which is signed", why)
		}
	}
	if strings.Contains(m.Signed, "{url}") {
		e.step("the address "+m.URL+", which is signed with the query as it came", "")
	}
	sums := e.form(m, r.Header)
	if len(sums) > 0 {
		e.step("the signature", m.mismatch(k, r, body, sums))
	}
}

// form explains how the signature is written, and returns the signatures that can be read.
func (e *explanation) form(m HMAC, h http.Header) [][]byte {
	text, place := h.Get(m.Header), "the header "+m.Header
	if text == "" {
		e.step(place, "no such header: look for its name among those of the request, and at the sender whether it signs")
		return nil
	}
	e.step(place, "")
	texts := []string{text}
	if m.Part != "" {
		texts = parts(text, m.Part)
		if len(texts) == 0 {
			e.step("the part "+m.Part+" of "+m.Header, "no such part: they are separated by commas or semicolons, as in t=…,v1=…")
			return nil
		}
	}
	var sums [][]byte
	why := ""
	for _, text := range texts {
		sum, wrong := m.read(text)
		if wrong != "" {
			why = wrong
			continue
		}
		sums = append(sums, sum)
	}
	if len(sums) > 0 {
		why = ""
	}
	e.step("how the signature is written", why)
	return sums
}

// read reads a signature, or says why it cannot be read.
func (m HMAC) read(text string) (sum []byte, wrong string) {
	rest, found := strings.CutPrefix(text, m.Prefix)
	if !found {
		return nil, fmt.Sprintf("it does not begin with %q: correct prefix, or leave it out", m.Prefix)
	}
	sum, err := m.Encoding.decode(rest)
	size := m.Hash().Size()
	if err == nil && len(sum) == size {
		return sum, ""
	}
	for _, other := range Encodings() {
		if sum, err := other.decode(rest); err == nil && len(sum) == size {
			return nil, fmt.Sprintf("it is not written as %s but as %s: correct encoding", m.Encoding, other)
		}
	}
	algorithms := map[int]string{20: "sha1", 32: "sha256", 64: "sha512"}
	for _, other := range append([]Encoding{m.Encoding}, Encodings()...) {
		if sum, err := other.decode(rest); err == nil && algorithms[len(sum)] != "" {
			return nil, fmt.Sprintf("it is as long as one of %s in %s: correct algorithm and encoding", algorithms[len(sum)], other)
		}
	}
	if word, _, prefixed := strings.Cut(rest, "="); prefixed && len(word) < 10 && !strings.HasSuffix(rest, "=") {
		return nil, fmt.Sprintf("it begins with another word than %q: write the word as prefix", m.Prefix)
	}
	return nil, fmt.Sprintf("it is no %s of %d bytes: correct prefix, algorithm and encoding", m.Encoding, size)
}

// mismatch says how the signatures fit none of the secrets, "" when one fits. It tries what is usually
// wrong.
func (m HMAC) mismatch(k keys, r *http.Request, body []byte, sums [][]byte) string {
	fits := func(m HMAC, decode func(string) ([]byte, error), body []byte) bool {
		return slices.ContainsFunc(k.secrets, func(secret string) bool {
			key, err := decode(secret)
			return err == nil && slices.ContainsFunc(sums, func(sum []byte) bool { return hmac.Equal(sum, m.sum(string(key), r, body)) })
		})
	}
	asWritten := func(secret string) ([]byte, error) { return []byte(secret), nil }
	if fits(m, asWritten, body) {
		return ""
	}
	for _, other := range [][]byte{[]byte(strings.TrimRight(string(body), "\r\n")), append(slices.Clone(body), '\n'), append(slices.Clone(body), '\r', '\n')} {
		if fits(m, asWritten, other) {
			return "it fits the body with another line break at its end: save the body as it came, byte for byte"
		}
	}
	for _, signed := range []string{"{body}", "{timestamp}.{body}", "{timestamp}{body}", "{timestamp}:{body}", "{body}{timestamp}", "{url}{body}", "{method}{url}{body}"} {
		other := m
		if other.Signed = signed; fits(other, asWritten, body) {
			return fmt.Sprintf("it fits the text %q: correct signed", signed)
		}
	}
	for _, key := range []struct {
		written string
		decode  func(string) ([]byte, error)
	}{
		{"base64", base64.StdEncoding.DecodeString},
		{"hexadecimal digits", hex.DecodeString},
		{"base64 after whsec_", func(secret string) ([]byte, error) {
			return base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		}},
	} {
		if fits(m, key.decode, body) {
			return "it fits when the secret is read as " + key.written + ", which a mapping cannot do: use proof: standard or proof: path"
		}
	}
	return fmt.Sprintf("it fits none of the secrets (%d set): compare the one at the sender with the setting, and signed with the sender's documents; the body must be as it came, byte for byte", len(k.secrets))
}
