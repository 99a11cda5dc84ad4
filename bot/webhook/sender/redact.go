package sender

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// redacted is in the place of a secret.
const redacted = "-"

// Redact is the body of a proved delivery without the secrets that prove its sender, so that it can be
// stored. A secret is found however the body writes it; the rest stays as it came, byte for byte.
func (s Enabled) Redact(d Delivery) []byte {
	if s.Proof.Kind != BodyToken {
		return d.Body
	}
	// The longest comes first, because one secret may be a part of another.
	tokens := slices.SortedFunc(slices.Values(s.keys.tokens), func(a, b string) int { return len(b) - len(a) })
	contentType := d.Header.Get("Content-Type")
	switch {
	case d.isJSON():
	case s.Forms && HasType(contentType, formType):
		return redactForm(d.Body, tokens)
	case s.Forms && HasType(contentType, multipartType): // its parts are not decoded
		return []byte(withoutTokens(string(d.Body), tokens))
	}
	return redactJSON(d.Body, tokens)
}

// Kept is what is stored of a delivery with a redacted body: the body, and in front of it, in a line of its
// own that begins with a question mark, the parameters of the address that prove nothing.
func (s Enabled) Kept(d Delivery) []byte {
	query := make(url.Values)
	for name, values := range d.Query {
		if name == s.Challenge.Token || s.Proof.Kind == QueryToken && name == s.Proof.Name {
			continue
		}
		for _, value := range values {
			query.Add(name, withoutTokens(value, slices.Concat(s.keys.tokens, s.keys.secrets, s.keys.written)))
		}
	}
	if len(query) == 0 {
		return d.Body
	}
	return append([]byte("?"+query.Encode()+"\n"), d.Body...)
}

func withoutTokens(text string, tokens []string) string {
	for _, token := range tokens {
		text = strings.ReplaceAll(text, token, redacted)
	}
	return text
}

// redactForm replaces the secrets in the names and values of form fields.
func redactForm(body []byte, tokens []string) []byte {
	fields := strings.Split(string(body), "&")
	for i, field := range fields {
		halves := strings.SplitN(field, "=", 2)
		for j, half := range halves {
			text, err := url.QueryUnescape(half)
			if err != nil { // unreachable: a body that is not made of form fields proves nothing
				continue
			}
			if without := withoutTokens(text, tokens); without != text {
				halves[j] = url.QueryEscape(without)
			}
		}
		fields[i] = strings.Join(halves, "=")
	}
	return []byte(strings.Join(fields, "&"))
}

// redactJSON replaces the secrets in the strings of a JSON body, and the numbers that are one.
func redactJSON(body []byte, tokens []string) []byte {
	var out bytes.Buffer
	for len(body) > 0 {
		n := literal(body)
		var text string
		switch {
		case body[0] == '"' && json.Unmarshal(body[:n], &text) == nil:
			without := withoutTokens(text, tokens)
			if without == text {
				out.Write(body[:n])
			} else if written, err := json.Marshal(without); err == nil { // always: it is a string
				out.Write(written)
			}
		case slices.Contains(tokens, string(body[:n])):
			out.WriteString(`"` + redacted + `"`)
		default:
			out.Write(body[:n])
		}
		body = body[n:]
	}
	return out.Bytes()
}

// literal is the length of what JSON begins with: a string, a number or a word, or one other byte.
func literal(text []byte) int {
	if text[0] != '"' {
		return max(1, len(text)-len(bytes.TrimLeft(text, "+-.0123456789abcdefghijklmnopqrstuvwxyzE")))
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
