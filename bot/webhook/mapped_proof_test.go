package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

// shopDoor is an intake with one mapped sender, of these lines.
func shopDoor(t *testing.T, secrets []string, lines ...string) (*door, sender.Enabled) {
	t.Helper()
	list, err := senders.Mappings([]byte("senders:\n  shop:\n    " + strings.Join(lines, "\n    ") +
		"\n    fields: {id: {jq: .id // $query.id}, kind: {constant: nps}, channel: {constant: chat}, score: {jq: .score // $query.score}}\n"))
	require.NoError(t, err)
	s, err := list[0].Enable(sender.Settings{Secrets: secrets, PublicURL: "https://bot.example.org"})
	require.NoError(t, err)
	d := newDoor(t)
	d.senders = []sender.Enabled{s}
	return d, s
}

// digest is an HMAC under the secret of these tests.
func digest(hash func() hash.Hash, parts ...string) []byte {
	mac := hmac.New(hash, []byte(senderSecret))
	for _, part := range parts {
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

const rated = `{"id": "a", "score": 9, "secret": "` + senderSecret + `"}`

// TestProofsOfMappings sends, for each kind of proof, a request that proves the sender and others that do
// not. What map says of each agrees, and shows neither the secret nor a signature.
func TestProofsOfMappings(t *testing.T) {
	t.Parallel()
	now := strconv.FormatInt(noon().Unix(), 10)
	stale := strconv.FormatInt(noon().Add(-6*time.Minute).Unix(), 10)
	hexOf, b64 := hex.EncodeToString, base64.StdEncoding.EncodeToString
	const url = "https://bot.example.org/webhooks/shop"
	signed := `proof: {hmac: {header: X-Sig, algorithm: sha256, prefix: "sha256=", signed: "{method}{url}{header:X-Request-Id}{timestamp}{body}", url: "` + url + `", timestamp: {header: X-Time}}}`
	inParts := `proof: {hmac: {header: X-Pay, part: v1, signed: "{timestamp}.{body}", timestamp: {part: t}}}`
	good := hexOf(digest(sha256.New, now, ".", rated))
	type headers = map[string]string
	tests := []struct {
		name, proof string
		target      string // behind /webhooks/shop
		header      headers
		ok          bool
		why         string
	}{
		{"bearer", "proof: bearer", "", headers{"Authorization": "Bearer " + senderSecret}, true, ""},
		{"bearer in quotes", "proof: bearer", "", headers{"Authorization": `Bearer "` + senderSecret + `"`}, false, "white space or quotation marks"},
		{"bearer, none", "proof: bearer", "", nil, false, "no Authorization header"},
		{"basic, any user", "proof: basic", "", headers{"Authorization": "Basic " + b64([]byte("x:"+senderSecret))}, true, ""},
		{"basic, wrong password", "proof: basic", "", headers{"Authorization": "Basic " + b64([]byte("x:y"))}, false, "it is not the secret (2 set)"},
		{"basic, its user", "proof: {basic: {user: zammad}}", "", headers{"Authorization": "Basic " + b64([]byte("zammad:"+senderSecret))}, true, ""},
		{"basic, another user", "proof: {basic: {user: zammad}}", "", headers{"Authorization": "Basic " + b64([]byte("x:"+senderSecret))}, false, "another user"},
		{"a header", "proof: {header: X-Token}", "", headers{"X-Token": senderSecret}, true, ""},
		{"a header, wrong", "proof: {header: X-Token}", "", headers{"X-Token": senderSecret + "x"}, false, "it is not the secret"},
		{"a header, empty", "proof: {header: X-Token}", "", headers{"X-Token": ""}, false, "it is empty"},
		{"a header with a prefix", `proof: {header: {name: Authorization, prefix: "Token "}}`, "", headers{"Authorization": "Token " + senderSecret}, true, ""},
		{"a header without the prefix", `proof: {header: {name: Authorization, prefix: "Token "}}`, "", headers{"Authorization": senderSecret}, false, `it does not begin with "Token "`},
		{"the query", "proof: {query: key}", "?key=" + senderSecret, nil, true, ""},
		{"the query, wrong", "proof: {query: key}", "?key=", nil, false, "it is empty"},
		{"the query, none", "proof: {query: key}", "?Key=" + senderSecret, nil, false, "no such parameter"},
		{"the body", "proof: {body: $.secret}", "", nil, true, ""},
		{"the body, elsewhere", "proof: {body: $.auth.secret}", "", nil, false, "nothing is at the path"},
		{"the body, wrong", "proof: {body: $.id}", "", nil, false, "it is not the secret"},
		{"the path", "proof: path", "/" + senderSecret, nil, true, ""},
		{"the path, none", "proof: path", "", nil, false, "no secret at its end"},
		{"Standard Webhooks", "proof: standard", "", headers{"webhook-id": "1", "webhook-timestamp": now, "webhook-signature": standardSignature(t, noon(), rated)}, true, ""},
		{"Standard Webhooks, stale", "proof: standard", "", headers{"webhook-id": "1", "webhook-timestamp": stale, "webhook-signature": standardSignature(t, noon().Add(-6*time.Minute), rated)}, false, "it was signed 6m0s before its arrival"},
		{"Standard Webhooks, unsigned", "proof: standard", "", nil, false, "the sender does not sign as Standard Webhooks has it"},
		{"method, address, header, moment", signed, "?a=%20b&c", headers{"X-Time": now, "X-Request-Id": "r1", "X-Sig": "sha256=" + hexOf(digest(sha256.New, "POST", url+"?a=%20b&c", "r1", now, rated))}, true, ""},
		{"the address of the settings", "proof: {hmac: {header: X-Sig, signed: '{url}|{body}'}}", "?a=b", headers{"X-Sig": hexOf(digest(sha256.New, url+"?a=b|", rated))}, true, ""},
		{"another address", "proof: {hmac: {header: X-Sig, signed: '{url}|{body}'}}", "", headers{"X-Sig": hexOf(digest(sha256.New, "http://bot.example.org/webhooks/shop|", rated))}, false, "it fits none of the secrets"},
		{"the host", "proof: {hmac: {header: X-Sig, signed: '{header:Host}|{header:host}{body}'}}", "", headers{"X-Sig": hexOf(digest(sha256.New, "example.com|example.com", rated))}, true, ""},
		{"another host", "proof: {hmac: {header: X-Sig, signed: '{header:Host}{body}'}}", "", headers{"X-Sig": hexOf(digest(sha256.New, "example.org", rated))}, false, "it fits none of the secrets"},
		{"parts with semicolons", inParts, "", headers{"X-Pay": "t=" + now + "; v1=" + good}, true, ""},
		{"another query", signed, "?a=b", headers{"X-Time": now, "X-Request-Id": "r1", "X-Sig": "sha256=" + hexOf(digest(sha256.New, "POST", url, "r1", now, rated))}, false, "it fits none of the secrets"},
		{"a signed header is missing", signed, "", headers{"X-Time": now, "X-Sig": "sha256=" + hexOf(digest(sha256.New, "POST", url, "r1", now, rated))}, false, "nothing is signed in its place"},
		{"another prefix", signed, "", headers{"X-Time": now, "X-Request-Id": "r1", "X-Sig": "sha1=aa"}, false, `it does not begin with "sha256="`},
		{"parts", inParts, "", headers{"X-Pay": "t=" + now + ",v1=" + good}, true, ""},
		{"parts, the second signature", inParts, "", headers{"X-Pay": "t=" + now + ", v0=x, v1=" + hexOf(digest(sha256.New, "x")) + ", v1=" + good}, true, ""},
		{"parts, none", inParts, "", headers{"X-Pay": "t=" + now}, false, "no such part"},
		{"parts, no moment", inParts, "", headers{"X-Pay": "v1=" + good}, false, "it is missing"},
		{"parts, stale", inParts, "", headers{"X-Pay": "t=" + stale + ",v1=" + hexOf(digest(sha256.New, stale, ".", rated))}, false, "it was signed 6m0s before its arrival"},
		{"parts, milliseconds", inParts, "", headers{"X-Pay": "t=" + now + "000,v1=" + hexOf(digest(sha256.New, now, "000.", rated))}, false, "it is not written as unix but as unix_ms"},
		{"base64url", "proof: {hmac: {header: X-Sig, encoding: base64url}}", "", headers{"X-Sig": base64.RawURLEncoding.EncodeToString(digest(sha256.New, rated))}, true, ""},
		{"base64 for hex", "proof: {hmac: {header: X-Sig}}", "", headers{"X-Sig": b64(digest(sha256.New, rated))}, false, "it is not written as hex but as base64"},
		{"another algorithm", "proof: {hmac: {header: X-Sig}}", "", headers{"X-Sig": hexOf(digest(sha1.New, rated))}, false, "it is as long as one of sha1 in hex"},
		{"a prefix that the mapping lacks", "proof: {hmac: {header: X-Sig}}", "", headers{"X-Sig": "sha256=" + hexOf(digest(sha256.New, rated))}, false, "write the word as prefix"},
		{"a line break", "proof: {hmac: {header: X-Sig}}", "", headers{"X-Sig": hexOf(digest(sha256.New, rated, "\n"))}, false, "another line break at its end"},
		{"another text", "proof: {hmac: {header: X-Sig, signed: '{method}{body}'}}", "", headers{"X-Sig": hexOf(digest(sha256.New, rated))}, false, `it fits the text "{body}": correct signed`},
		{"no signature", "proof: {hmac: {header: X-Sig}}", "", nil, false, "no such header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			secrets := []string{olderSecret, senderSecret}
			if test.proof == "proof: standard" {
				secrets = []string{secretA}
			}
			d, s := shopDoor(t, secrets, test.proof)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/shop"+test.target, strings.NewReader(rated))
			r.Header.Set("Content-Type", "application/json")
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			if s.Proof.Kind == sender.PathSecret {
				r.SetPathValue(sender.SecretInPath, strings.TrimPrefix(test.target, "/"))
			}
			var why []string
			for _, step := range s.ExplainProof(r, []byte(rated), noon()) {
				why = append(why, step.Why)
				for _, hidden := range append(secrets, hexOf(digest(sha256.New, rated)), good) {
					assert.NotContains(t, step.Part+step.Why, hidden)
				}
			}
			said := strings.TrimSpace(strings.Join(why, " "))
			assert.Contains(t, said, test.why)
			assert.Equal(t, test.ok, said == "", said)
			w := d.through(r)
			if !test.ok {
				assert.Equal(t, http.StatusUnauthorized, w.Code)
				assert.Zero(t, d.rows(t))
				return
			}
			assert.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
		})
	}
}

// standardSignature signs as Standard Webhooks has it, under the first secret.
func standardSignature(t *testing.T, at time.Time, body string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secretA, "whsec_"))
	require.NoError(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("1." + strconv.FormatInt(at.Unix(), 10) + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// TestSecretInTheBodyIsNotStored: the body that is kept, and what a mapping sees, has no secret, however
// the sender writes it. The rest of it is as it came.
func TestSecretInTheBodyIsNotStored(t *testing.T) {
	t.Parallel()
	const secret, digits = `a&b<c>d/e+f g%h"\é😀`, "12345678901234567890"
	const form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
	part := func(value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"secret\"\r\n\r\n" + value +
			"\r\n--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na\r\n--x--\r\n"
	}
	for _, test := range []struct{ name, contentType, body, want string }{
		{"JSON as Go writes it", "", `{"b": 1e3, "secret": "a\u0026b\u003cc\u003ed/e+f g%h\"\\é😀", "a": null}`, `{"b": 1e3, "secret": "-", "a": null}`},
		{"raw JSON", "", `{"secret": "a&b<c>d/e+f g%h\"\\é😀"}`, `{"secret": "-"}`},
		{"JSON in capitals", "", `{"secret": "\u0061\u0026b\u003Cc\u003Ed\/e+f g%h\u0022\u005C\u00E9\uD83D\uDE00"}`, `{"secret": "-"}`},
		{"JSON, twice and within a text", "", `{"secret": 1, "x": ["a", "my a&b<c>d\/e+f g%h\"\\é😀 ."], "secret": "a&b<c>d\/e+f g%h\"\\é😀"}`, `{"secret": 1, "x": ["a", "my - ."], "secret": "-"}`},
		{"JSON after a byte order mark", "", "\ufeff{\"secret\": \"a&b<c>d/e+f g%h\\\"\\\\é😀\"}", "\ufeff{\"secret\": \"-\"}"},
		{"a number", "", `{"secret": ` + digits + `, "x": -5.0}`, `{"secret": "-", "x": -5.0}`},
		{"a secret that another one begins", "", `{"secret": "` + digits + `1"}`, `{"secret": "-"}`},
		{"a form", form, "secret=a%26b%3Cc%3Ed%2Fe%2Bf+g%25h%22%5C%C3%A9%F0%9F%98%80&id=a%20b", "secret=-&id=a%20b"},
		{"a form in lower case", form, "secret=a%26b<c>d%2fe%2bf%20g%25h%22%5c%c3%a9😀&id=a", "secret=-&id=a"},
		{"a form, twice", form, "secret=a%26b<c>d/e%2bf%20g%25h%22%5cé😀&secret=a%26b<c>d/e%2bf%20g%25h%22%5cé😀", "secret=-&secret=-"},
		{"multipart", multipart, part(secret), part("-")},
	} {
		_, s := shopDoor(t, []string{digits, digits + "1", secret}, "proof: {body: $.secret}")
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/shop", nil)
		r.Header.Set("Content-Type", test.contentType)
		_, proved := s.Prove(r, []byte(test.body), noon())
		assert.True(t, proved, test.name)
		assert.Equal(t, test.want, string(s.Redact(sender.NewDelivery("shop", r, []byte(test.body), noon()))), test.name)
	}
}

// TestAddressIsKept: what is stored of a delivery has the parameters of its address, without its proof.
func TestAddressIsKept(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ proof, query, body, want string }{
		{"proof: bearer", "", rated, rated},
		{"proof: bearer", "rating=103&a=%20b", "{}", "?a=+b&rating=103\n{}"},
		{"proof: bearer", "id=b&score=3", "", "?id=b&score=3\n"},
		{"proof: {query: key}", "key=" + senderSecret, rated, rated},
		{"proof: {query: key}", "key=" + senderSecret + "&x=1&key=2", rated, "?x=1\n" + rated},
		{"proof: {hmac: {header: X}}", "again=my" + senderSecret, "{}", "?again=my-\n{}"},
		{"proof: bearer\n    challenge: {query: c, token: v}", "v=x&id=1", "{}", "?id=1\n{}"},
	} {
		_, s := shopDoor(t, []string{senderSecret}, test.proof)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/shop?"+test.query, nil)
		assert.Equal(t, test.want, string(s.Kept(sender.NewDelivery("shop", r, []byte(test.body), noon()))), test.proof+test.query)
	}
	d, _ := shopDoor(t, []string{senderSecret}, "proof: {header: X-Token}", "method: GET")
	assert.Equal(t, http.StatusUnprocessableEntity, ask(t, d, http.MethodGet, "?id=b&score=33", "").Code)
	assert.Equal(t, http.StatusAccepted, ask(t, d, http.MethodGet, "?id=b&score=3", "").Code)
	db, err := sql.Open("sqlite3", "file:"+d.path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	var refused, taken string
	require.NoError(t, db.QueryRowContext(t.Context(), `select (select body from refusal), (select body from payload)`).Scan(&refused, &taken))
	assert.Equal(t, []string{"?id=b&score=33\n", "?id=b&score=3\n"}, []string{refused, taken})
}

// ask sends a request to the mapped sender.
func ask(t *testing.T, d *door, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/webhooks/shop"+target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Token", senderSecret)
	return d.through(r)
}

func TestMethodsAndAnswersOfMappings(t *testing.T) {
	t.Parallel()
	d, _ := shopDoor(t, []string{senderSecret}, "proof: {header: X-Token}", "method: [PUT, GET]", "answer: 200")
	assert.Equal(t, http.StatusOK, ask(t, d, http.MethodPut, "", rated).Code)
	assert.Equal(t, "unchanged", replyOf(t, ask(t, d, http.MethodPut, "", rated)).Result)
	w := ask(t, d, http.MethodGet, "?id=b&score=3", "")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "created", replyOf(t, w).Result)
	w = ask(t, d, http.MethodPost, "", rated)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, "PUT, GET, HEAD", w.Header().Get("Allow"))
	assert.Equal(t, http.StatusOK, ask(t, d, http.MethodHead, "", "").Code)

	d, _ = shopDoor(t, []string{senderSecret}, "proof: {header: X-Token}", "answer: 204")
	w = ask(t, d, http.MethodPost, "", rated)
	assert.Equal(t, http.StatusNoContent, w.Code)
	assert.Empty(t, w.Body.String())
	assert.Equal(t, http.StatusOK, ask(t, d, http.MethodPost, "", rated).Code)
}

// TestRepeatsOfStandardWebhooks: the webhook-id marks a repeat, unless the mapping names another place.
func TestRepeatsOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	for proof, again := range map[string]string{
		"proof: standard": "duplicate",
		"proof: standard\n    delivery_id: {path: $.delivery}": "updated",
	} {
		d, _ := shopDoor(t, []string{secretA}, proof)
		var results []string
		for _, body := range []string{rated, `{"id": "a", "score": 3}`} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/shop", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("webhook-id", "1")
			r.Header.Set("webhook-timestamp", strconv.FormatInt(noon().Unix(), 10))
			r.Header.Set("webhook-signature", standardSignature(t, noon(), body))
			results = append(results, replyOf(t, d.through(r)).Result)
		}
		assert.Equal(t, []string{"created", again}, results, proof)
	}
}

// TestSignedAddressOfGET: the values in the address are signed, where there is no body.
func TestSignedAddressOfGET(t *testing.T) {
	t.Parallel()
	d, _ := shopDoor(t, []string{senderSecret}, "method: GET", "proof: {hmac: {header: X-Sig, signed: '{url}'}}")
	for query, status := range map[string]int{"?id=a&score=9": http.StatusAccepted, "?id=a&score=3": http.StatusUnauthorized} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/shop"+query, nil)
		r.Header.Set("X-Sig", hex.EncodeToString(digest(sha256.New, "https://bot.example.org/webhooks/shop?id=a&score=9")))
		assert.Equal(t, status, d.through(r).Code, query)
	}
}

func TestHandshakesOfMappings(t *testing.T) {
	t.Parallel()
	d, _ := shopDoor(t, []string{senderSecret}, "proof: {header: X-Token}", "challenge: {query: hub.challenge, token: hub.verify_token}")
	const asking = "?hub.mode=subscribe&hub.challenge=77%3Cb%3E&hub.verify_token="
	w := ask(t, d, http.MethodGet, asking+senderSecret, "")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "77<b>", w.Body.String())
	assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	for _, target := range []string{asking, asking + "wrong", "?hub.challenge=" + strings.Repeat("7", 2000) + "&hub.verify_token=" + senderSecret, "?hub.challenge=%0d%0a&hub.verify_token=" + senderSecret} {
		assert.Equal(t, http.StatusUnauthorized, ask(t, d, http.MethodGet, target, "").Code, target)
	}
	w = ask(t, d, http.MethodGet, "", "")
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, "POST, HEAD, GET", w.Header().Get("Allow"))
	assert.Equal(t, http.StatusAccepted, ask(t, d, http.MethodPost, "", rated).Code)

	d, _ = shopDoor(t, []string{senderSecret}, "proof: {header: X-Token}", "challenge: {body: $.challenge}")
	w = ask(t, d, http.MethodPost, "", `{"challenge": "abc"}`)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "abc", w.Body.String())
	assert.Zero(t, d.rows(t))
	assert.Equal(t, http.StatusAccepted, ask(t, d, http.MethodPost, "", rated).Code)
	d.senders[0].Proof.Name = "X-Other"
	assert.Equal(t, http.StatusUnauthorized, ask(t, d, http.MethodPost, "", `{"challenge": "abc"}`).Code)
}
