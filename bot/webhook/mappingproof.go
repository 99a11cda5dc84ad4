package webhook

import (
	"crypto/sha1" //nolint:gosec // what some senders sign with; as an HMAC it is not broken
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// proof reads how a sender proves itself.
func (r *mappingReader) proof(n *yaml.Node) mappedProof {
	const cure = "write bearer (a token in the Authorization header), path (the secret ends the address) or hmac: {header: X-Signature, algorithm: sha256, encoding: hex}"
	if n.Kind == yaml.ScalarNode {
		switch n.Value {
		case "bearer":
			return mappedProof{bearer: true}
		case "path":
			return mappedProof{inPath: true}
		}
		r.wrong(n, "no such proof", cure)
		return mappedProof{}
	}
	entries := r.entries(n, "hmac")
	if entries["hmac"] == nil {
		r.wrong(n, "no proof", cure)
		return mappedProof{}
	}
	return mappedProof{hmac: r.hmac(entries["hmac"])}
}

func (r *mappingReader) hmac(n *yaml.Node) *scheme {
	e := r.entries(n, "header", "prefix", "algorithm", "encoding", "signed", "timestamp")
	s := &scheme{header: r.text(e["header"]), prefix: r.text(e["prefix"]), hash: sha256.New, decode: fromHex}
	if s.header == "" {
		r.wrong(n, "no header", "write the name of the header with the signature, as in header: X-Hub-Signature")
	}
	if a := e["algorithm"]; a != nil {
		kinds := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
		if s.hash = kinds[a.Value]; s.hash == nil {
			r.wrong(a, "no such algorithm", "write sha1, sha256 or sha512")
		}
	}
	if enc := e["encoding"]; enc != nil {
		codes := map[string]func(string) ([]byte, error){"hex": fromHex, "base64": fromBase64}
		if s.decode = codes[enc.Value]; s.decode == nil {
			r.wrong(enc, "no such encoding", "write hex or base64")
		}
	}
	if at := e["timestamp"]; at != nil {
		stamp := r.entries(at, "header", "format")
		if s.timestamp = r.text(stamp["header"]); s.timestamp == "" {
			r.wrong(at, "no header", "write the name of the header with the moment of signing")
		}
		s.moment = inSeconds
		if f := stamp["format"]; f != nil {
			formats := map[string]func(string) (time.Time, bool){"unix": inSeconds, "unix_ms": inMilliseconds, "rfc3339": inWords}
			if s.moment = formats[f.Value]; s.moment == nil {
				r.wrong(f, "no such format", "write unix, unix_ms or rfc3339")
			}
		}
	}
	if signed := e["signed"]; signed != nil {
		s.signed = r.signed(signed, s.timestamp)
	} else if s.timestamp != "" {
		r.wrong(n, "the timestamp is not signed, so that it proves nothing", `write what is signed, as in signed: "{timestamp}.{body}"`)
	}
	return s
}

// signed reads what is signed: text with {body} and {timestamp} in it.
func (r *mappingReader) signed(n *yaml.Node, timestamp string) []part {
	var parts []part
	whole, stamped := false, false
	for rest := n.Value; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "{body}"):
			parts, rest, whole = append(parts, wholeBody()), rest[len("{body}"):], true
		case strings.HasPrefix(rest, "{timestamp}"):
			parts, rest, stamped = append(parts, part{header: timestamp}), rest[len("{timestamp}"):], true
		default:
			end := strings.IndexByte(rest[1:], '{') + 1
			if end == 0 {
				end = len(rest)
			}
			parts, rest = append(parts, part{text: rest[:end]}), rest[end:]
		}
	}
	if !whole {
		r.wrong(n, "the body is not signed, so that the signature proves nothing of it", `write {body} where the body stands, as in signed: "{timestamp}.{body}"`)
	}
	if stamped != (timestamp != "") {
		r.wrong(n, "{timestamp} and the header of the timestamp go together", "write timestamp: {header: X-Timestamp} beside it, or leave out both")
	}
	return parts
}
