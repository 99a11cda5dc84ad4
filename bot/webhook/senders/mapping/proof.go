package mapping

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // what some senders sign with; as an HMAC it is not broken
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/jq"
	"smileybot/bot/webhook/sender"
)

// proof reads the kind of proof of requests with these methods.
func (r *reader) proof(n *yaml.Node, methods []string) sender.Proof {
	const remedy = "write bearer (a token in the Authorization header), basic (the password), path (the secret ends the address), standard (Standard Webhooks), {header: X-Token}, {query: key}, {body: $.secret} or hmac: {header: X-Signature, algorithm: sha256, encoding: hex}"
	if n.Kind == yaml.ScalarNode {
		kinds := map[string]sender.ProofKind{
			"bearer": sender.BearerToken, "path": sender.PathSecret, "standard": sender.StandardWebhooks, "basic": sender.BasicAuth,
		}
		kind, known := kinds[n.Value]
		if !known {
			r.wrong(n, "no such proof", remedy+meant(n.Value, proofWords()))
		}
		return sender.Proof{Kind: kind}
	}
	e := r.entries(n, proofKeys()...)
	if len(e) != 1 {
		r.wrong(n, "no proof, or several", remedy)
		return sender.Proof{}
	}
	switch {
	case e["hmac"] != nil:
		return sender.Proof{Kind: sender.Signature, HMAC: r.hmac(e["hmac"], methods)}
	case e["basic"] != nil:
		return sender.Proof{Kind: sender.BasicAuth, User: r.mustName(r.entries(e["basic"], basicKeys()...)["user"], e["basic"])}
	case e["query"] != nil:
		return sender.Proof{Kind: sender.QueryToken, Name: r.mustName(e["query"], n)}
	case e["body"] != nil:
		return sender.Proof{Kind: sender.BodyToken, Path: r.path(e["body"])}
	default:
		return r.headerProof(e["header"])
	}
}

// headerProof reads the name of the header with the secret, perhaps with what is in front of it.
func (r *reader) headerProof(n *yaml.Node) sender.Proof {
	if n.Kind != yaml.MappingNode {
		return sender.Proof{Kind: sender.HeaderToken, Name: r.mustName(n, n)}
	}
	e := r.entries(n, headerKeys()...)
	return sender.Proof{Kind: sender.HeaderToken, Name: r.mustName(e["name"], n), Prefix: r.text(e["prefix"])}
}

// mustName reads a name, which must be there.
func (r *reader) mustName(n, where *yaml.Node) string {
	name := r.text(n)
	if name == "" {
		r.wrong(where, "no name", "write the name of the user, header or parameter")
	}
	return name
}

func (r *reader) hmac(n *yaml.Node, methods []string) sender.HMAC {
	e := r.entries(n, hmacKeys()...)
	m := sender.HMAC{
		Header: r.text(e["header"]), Part: r.text(e["part"]), Prefix: r.text(e["prefix"]), URL: r.text(e["url"]),
		Hash: sha256.New, Encoding: sender.Hex,
	}
	if m.Header == "" {
		r.wrong(n, "no header", "write the name of the header with the signature, as in header: X-Hub-Signature")
	}
	if a := e["algorithm"]; a != nil {
		kinds := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
		if m.Hash = kinds[a.Value]; m.Hash == nil {
			r.wrong(a, "no such algorithm", "write sha1, sha256 or sha512")
		}
	}
	if enc := e["encoding"]; enc != nil {
		if m.Encoding = sender.Encoding(enc.Value); !slices.Contains(sender.Encodings(), m.Encoding) {
			r.wrong(enc, "no such encoding", "write hex, base64 or base64url")
		}
	}
	if at := e["timestamp"]; at != nil {
		r.timestamp(&m, at)
	}
	timed := e["timestamp"] != nil
	switch signed := e["signed"]; {
	case signed != nil:
		m.Signed = r.signed(signed, timed, methods)
	case timed:
		r.wrong(n, "the timestamp is not signed, so that it proves nothing", `write what is signed, as in signed: "{timestamp}.{body}"`)
	case slices.Contains(methods, http.MethodGet):
		r.wrong(n, addressUnsigned, `write signed: "{url}"`)
	}
	if address := e["url"]; address != nil && !strings.Contains(m.Signed, "{url}") {
		r.wrong(address, "the address is not signed", "write {url} in signed, or leave url out")
	}
	return m
}

// timestamp reads where the moment of signing is: in a header, or in a part of the one with the signature.
func (r *reader) timestamp(m *sender.HMAC, n *yaml.Node) {
	e := r.entries(n, timestampKeys()...)
	m.Timestamp, m.TimestampPart = r.text(e["header"]), r.text(e["part"])
	switch {
	case m.Timestamp == "" && m.TimestampPart == "":
		r.wrong(n, "no header", "write the name of the header with the moment of signing")
	case m.Timestamp != "" && m.TimestampPart != "":
		r.wrong(n, "both a header and a part", "write header for a header of its own, or part for one of the signature's header, as in {part: t}")
	case m.TimestampPart != "" && m.Part == "":
		r.wrong(e["part"], "the signature is not in parts", "write which part the signature is, as in part: v1")
	}
	m.TimestampFormat = sender.Unix
	if f := e["format"]; f != nil {
		if m.TimestampFormat = sender.TimeFormat(f.Value); !slices.Contains(sender.TimeFormats(), m.TimestampFormat) {
			r.wrong(f, "no such format", "write unix, unix_ms or rfc3339")
		}
	}
}

const addressUnsigned = "the address of a GET is not signed, so that the signature proves nothing of its values"

// signed reads the signed text, with its placeholders: all that a request of one of the methods can say.
func (r *reader) signed(n *yaml.Node, timestamp bool, methods []string) string {
	text := r.text(n)
	for _, placeholder := range sender.Placeholders().FindAllString(text, -1) {
		switch _, header := sender.HeaderPlaceholder(placeholder); placeholder {
		case "{body}", "{timestamp}", "{method}", "{url}":
		default:
			if !header {
				name := strings.Trim(placeholder, "{}")
				r.wrong(n, placeholder+" is no placeholder", "choose from {body}, {timestamp}, {method}, {url} and {header:NAME}, as in {header:"+cmp.Or(strings.TrimPrefix(name, "header:"), "X-Id")+"}")
			}
		}
	}
	get := slices.Contains(methods, http.MethodGet)
	if get && !strings.Contains(text, "{url}") {
		r.wrong(n, addressUnsigned, "write {url} where the address is")
	}
	if !strings.Contains(text, "{body}") && (!get || len(methods) > 1) {
		r.wrong(n, "the body is not signed, so that the signature proves nothing of it", `write {body} where the body is, as in signed: "{timestamp}.{body}"`)
	}
	if strings.Contains(text, "{timestamp}") != timestamp {
		r.wrong(n, "{timestamp} and the header of the timestamp go together", "write timestamp: {header: X-Timestamp} next to it, or leave out both")
	}
	return text
}

// hidden are the names of headers and parameters that expressions do not see: what they hold proves the
// sender.
type hidden struct{ headers, parameters []string }

// hiddenBy are the names that a sender's proof has.
func hiddenBy(s sender.Sender) hidden {
	h := hidden{headers: []string{"authorization", "proxy-authorization", "cookie", "webhook-signature"}}
	switch s.Proof.Kind {
	case sender.Signature:
		h.headers = append(h.headers, strings.ToLower(s.Proof.HMAC.Header))
	case sender.HeaderToken:
		h.headers = append(h.headers, strings.ToLower(s.Proof.Name))
	case sender.QueryToken:
		h.parameters = append(h.parameters, s.Proof.Name)
	default: // not in a place that expressions see
	}
	if s.Challenge.Token != "" {
		h.parameters = append(h.parameters, s.Challenge.Token)
	}
	return h
}

// variables are what expressions see of a delivery besides its ratings. Of what comes twice, the last
// value counts.
func (h hidden) variables(d sender.Delivery, body sender.Tree) jq.Variables {
	headers, query := make(map[string]any), make(map[string]any)
	for name, values := range d.Header {
		if name = strings.ToLower(name); !slices.Contains(h.headers, name) && len(values) > 0 {
			headers[name] = strings.ToValidUTF8(values[len(values)-1], "�")
		}
	}
	for name, values := range d.Query {
		if !slices.Contains(h.parameters, name) && len(values) > 0 {
			query[strings.ToValidUTF8(name, "�")] = strings.ToValidUTF8(values[len(values)-1], "�")
		}
	}
	form := any(map[string]any{})
	if d.IsForm() {
		form = body.Value
	}
	return jq.Variables{Body: body.Value, Headers: headers, Query: query, Form: form}
}
