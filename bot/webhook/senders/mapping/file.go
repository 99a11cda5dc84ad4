package mapping

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // what some senders sign with; as an HMAC it is not broken
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/theory/jsonpath"
	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// MaxFile is the most a file of mappings may be long, in bytes.
const MaxFile = 1 << 20

// Mistake is one thing that is wrong in a file of mappings.
type Mistake struct {
	Line, Column int // from 1
	Problem      string
	Remedy       string
}

// Place is the line and the column.
func (m Mistake) Place() string { return fmt.Sprintf("line %d, column %d", m.Line, m.Column) }

// String is one line: "line 3, column 12: what is wrong; what to do".
func (m Mistake) String() string { return m.Place() + ": " + m.Problem + "; " + m.Remedy }

// Mistakes is everything wrong in a file of mappings, in its order.
type Mistakes []Mistake //nolint:errname // a person reads them as mistakes

// Error is a line for each mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap is an error for each mistake.
func (ms Mistakes) Unwrap() []error {
	each := make([]error, len(ms))
	for i, m := range ms {
		each[i] = errors.New(m.String())
	}
	return each
}

// MistakesIn are the mistakes in an error of [Parse].
func MistakesIn(err error) Mistakes {
	ms, _ := errors.AsType[Mistakes](err)
	return ms
}

// reader reads a file of mappings and collects the mistakes.
type reader struct {
	reserved []string
	mistakes Mistakes
}

func (r *reader) wrong(n *yaml.Node, problem, remedy string) {
	r.mistakes = append(r.mistakes, Mistake{Line: max(n.Line, 1), Column: max(n.Column, 1), Problem: problem, Remedy: remedy})
}

// Parse reads a file of mappings, as docs/senders/mapping.md describes it, and returns their senders by
// name. Reserved are the names of ready-made senders, which a mapping cannot have. The error is
// [Mistakes], all of them.
func Parse(text []byte, reserved ...string) ([]sender.Sender, error) {
	r := reader{reserved: reserved}
	root := r.root(text, "begin with senders: and the name of a sender")
	var all []sender.Sender
	if root != nil {
		senders := r.entries(root, "senders")["senders"]
		if senders == nil {
			r.wrong(root, "no senders", "begin with senders: and the name of a sender")
			return nil, r.mistakes
		}
		for name, n := range r.named(senders) {
			all = append(all, r.sender(name, n))
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.inOrder()
	}
	slices.SortFunc(all, func(a, b sender.Sender) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// root reads the YAML of a file; it is nil, with a mistake, when there is none. Begin says how a file
// begins.
func (r *reader) root(text []byte, begin string) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(text) > MaxFile {
		r.wrong(start, "longer than 1 MiB", "leave in it what the program reads")
		return nil
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		r.mistakes = append(r.mistakes, syntaxMistake(err))
		return nil
	}
	if root.Kind == 0 || len(root.Content) == 0 {
		r.wrong(start, "nothing in it", begin)
		return nil
	}
	if r.plain(&root); len(r.mistakes) > 0 {
		return nil
	}
	return root.Content[0]
}

// inOrder returns the mistakes in the order of the file.
func (r *reader) inOrder() Mistakes {
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.mistakes
}

// syntaxMistake is an error of the YAML library, which knows the line.
func syntaxMistake(err error) Mistake {
	m := Mistake{Line: 1, Column: 1, Problem: "no YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), Remedy: "correct it; indent with spaces, and put quotes around what begins with { * & or @"}
	if found := regexp.MustCompile(`^yaml: line (\d+): (.*)`).FindStringSubmatch(err.Error()); found != nil {
		m.Line, _ = strconv.Atoi(found[1])
		m.Problem = "no YAML: " + found[2]
	}
	return m
}

// plain refuses anchors and aliases, whose values are not visible where they are used.
func (r *reader) plain(n *yaml.Node) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.wrong(n, "an anchor or alias", "write it out")
		return
	}
	for _, inner := range n.Content {
		r.plain(inner)
	}
}

// senderName is the syntax of a mapped sender's name, which is in addresses and, in capital letters,
// in the name of a setting.
var senderName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`)

// named are the senders by name.
func (r *reader) named(n *yaml.Node) map[string]*yaml.Node {
	senders := make(map[string]*yaml.Node)
	r.pairs(n, func(key, value *yaml.Node) {
		switch {
		case !senderName.MatchString(key.Value):
			r.wrong(key, "no name for a sender", "take 2 to 31 of a-z, 0-9 and _, beginning with a letter")
		case key.Value == "webhook" || slices.Contains(r.reserved, key.Value):
			r.wrong(key, "the name is taken", "call it otherwise, such as my_"+key.Value)
		case senders[key.Value] != nil:
			r.wrong(key, "described twice", "keep one")
		default:
			senders[key.Value] = value
		}
	})
	return senders
}

// pairs walks over the entries of a mapping node.
func (r *reader) pairs(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "a list or a text where names and values should be", "write name: value, a line each")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		each(n.Content[i], n.Content[i+1])
	}
}

// entries are the values of a mapping node by name. Unknown names are mistakes.
func (r *reader) entries(n *yaml.Node, known ...string) map[string]*yaml.Node {
	entries := make(map[string]*yaml.Node)
	r.pairs(n, func(key, value *yaml.Node) {
		switch {
		case !slices.Contains(known, key.Value):
			r.wrong(key, "not known here", "choose from "+strings.Join(known, ", "))
		case entries[key.Value] != nil:
			r.wrong(key, "said twice", "keep one")
		default:
			entries[key.Value] = value
		}
	})
	return entries
}

// text is a scalar, "" for a node of nil.
func (r *reader) text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.wrong(n, "a list or an object where a text should be", "write one text")
	}
	return n.Value
}

// path reads a JSON path, nil for a node of nil.
func (r *reader) path(n *yaml.Node) *jsonpath.Path {
	if n == nil {
		return nil
	}
	p, err := jsonpath.Parse(r.text(n))
	if err != nil {
		r.wrong(n, "no JSON path: "+strings.TrimPrefix(err.Error(), "jsonpath: "), "write it as RFC 9535 has it, such as $.ticket.id or $['a-b'][0]")
		return nil
	}
	return p
}

// sender reads one sender.
func (r *reader) sender(name string, n *yaml.Node) sender.Sender {
	e := r.entries(n, "proof", "delivery_id", "only", "taken_back", "each", "fields")
	m := mapping{only: oneOrMore(e["only"], r.condition), takenBack: oneOrMore(e["taken_back"], r.condition), each: r.path(e["each"]), fields: make(map[string]source)}
	s := sender.Sender{Name: name, Forms: true}
	if e["proof"] == nil {
		r.wrong(n, "no proof", "write proof: bearer, proof: path, or proof: {hmac: …}; nothing is taken unproved")
	} else {
		s.Proof = r.proof(e["proof"])
	}
	if id := e["delivery_id"]; id != nil {
		in := r.entries(id, "header", "path")
		s.DeliveryID.Header, s.DeliveryID.Path = r.text(in["header"]), r.path(in["path"])
		if (in["header"] == nil) == (in["path"] == nil) {
			r.wrong(id, "neither or both of header and path", "write one of them")
		}
	}
	if e["fields"] == nil {
		r.wrong(n, "no fields", "write fields: and where id, kind, channel and smiley or score are")
	} else {
		r.fields(m.fields, e["fields"])
	}
	s.Translate = m.translate
	return s
}

// fields reads where the fields are.
func (r *reader) fields(m map[string]source, n *yaml.Node) {
	for field, value := range r.entries(n, fieldNames()...) {
		m[field] = r.source(field, value)
	}
	r.required(m, n, "write where it is, as in id: $.ticket.id or kind: {constant: smiley}")
}

// required reports required fields that are missing.
func (r *reader) required(m map[string]source, n *yaml.Node, remedy string) {
	var missing []string
	for _, field := range []string{"id", "kind", "channel"} {
		if _, there := m[field]; !there {
			missing = append(missing, field)
		}
	}
	_, smiley := m["smiley"]
	_, score := m["score"]
	kind := m["kind"]
	isSmiley := kind.text == string(feedback.KindSmiley)
	switch {
	case !kind.constant && !smiley && !score:
		missing = append(missing, "smiley or score")
	case kind.constant && isSmiley && !smiley:
		missing = append(missing, "smiley")
	case kind.constant && !isSmiley && !score:
		missing = append(missing, "score")
	}
	if len(missing) > 0 {
		r.wrong(n, "missing: "+strings.Join(missing, ", "), remedy)
	}
}

// proof reads the kind of proof.
func (r *reader) proof(n *yaml.Node) sender.Proof {
	const remedy = "write bearer (a token in the Authorization header), path (the secret ends the address) or hmac: {header: X-Signature, algorithm: sha256, encoding: hex}"
	if n.Kind == yaml.ScalarNode {
		switch n.Value {
		case "bearer":
			return sender.Proof{Kind: sender.BearerToken}
		case "path":
			return sender.Proof{Kind: sender.PathSecret}
		}
		r.wrong(n, "no such proof", remedy)
	} else if hmac := r.entries(n, "hmac")["hmac"]; hmac != nil {
		return sender.Proof{Kind: sender.Signature, HMAC: r.hmac(hmac)}
	} else {
		r.wrong(n, "no proof", remedy)
	}
	return sender.Proof{}
}

func (r *reader) hmac(n *yaml.Node) sender.HMAC {
	e := r.entries(n, "header", "prefix", "algorithm", "encoding", "signed", "timestamp")
	m := sender.HMAC{Header: r.text(e["header"]), Prefix: r.text(e["prefix"]), Hash: sha256.New, Encoding: sender.Hex}
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
		if m.Encoding = sender.Encoding(enc.Value); m.Encoding != sender.Hex && m.Encoding != sender.Base64 {
			r.wrong(enc, "no such encoding", "write hex or base64")
		}
	}
	if at := e["timestamp"]; at != nil {
		stamp := r.entries(at, "header", "format")
		if m.Timestamp = r.text(stamp["header"]); m.Timestamp == "" {
			r.wrong(at, "no header", "write the name of the header with the moment of signing")
		}
		m.TimestampFormat = sender.Unix
		if f := stamp["format"]; f != nil {
			if m.TimestampFormat = sender.TimeFormat(f.Value); !slices.Contains(timeFormats(), m.TimestampFormat) {
				r.wrong(f, "no such format", "write unix, unix_ms or rfc3339")
			}
		}
	}
	if signed := e["signed"]; signed != nil {
		m.Signed = r.signed(signed, m.Timestamp != "")
	} else if m.Timestamp != "" {
		r.wrong(n, "the timestamp is not signed, so that it proves nothing", `write what is signed, as in signed: "{timestamp}.{body}"`)
	}
	return m
}

// signed reads the signed text, with {body} and {timestamp} in it.
func (r *reader) signed(n *yaml.Node, timestamp bool) string {
	if !strings.Contains(n.Value, "{body}") {
		r.wrong(n, "the body is not signed, so that the signature proves nothing of it", `write {body} where the body is, as in signed: "{timestamp}.{body}"`)
	}
	if strings.Contains(n.Value, "{timestamp}") != timestamp {
		r.wrong(n, "{timestamp} and the header of the timestamp go together", "write timestamp: {header: X-Timestamp} next to it, or leave out both")
	}
	return n.Value
}

// source reads where a field comes from: a path, or an object with more.
func (r *reader) source(field string, n *yaml.Node) source {
	const remedy = "write a path that begins with $, {constant: …}, {form: …}, {body: $.…} or {path: $.…, values: {…}}"
	if n.Kind == yaml.ScalarNode {
		if !strings.HasPrefix(n.Value, "$") {
			r.wrong(n, "no path", remedy)
			return source{}
		}
		return source{text: n.Value, find: r.find("path", n), moment: sender.RFC3339.Parse}
	}
	places := []string{"path", "body", "form", "constant"}
	known := slices.Concat(places, []string{"values"})
	if isTime(field) {
		known = append(known, "format", "zone")
	}
	if field == "comment" {
		known = append(known, "added")
	}
	e := r.entries(n, known...)
	places = slices.DeleteFunc(places, func(place string) bool { return e[place] == nil })
	if len(places) != 1 {
		r.wrong(n, "not one of path, body, form and constant", remedy)
		return source{}
	}
	place := e[places[0]]
	s := source{text: place.Value, find: r.find(places[0], place), moment: r.moment(e["format"], e["zone"])}
	if s.constant = e["constant"] != nil; s.constant {
		r.ours(field, place)
	}
	if e["values"] != nil {
		r.values(field, &s, e["values"])
	}
	if added := r.text(e["added"]); e["added"] != nil && added != "true" && added != "false" {
		r.wrong(e["added"], "neither true nor false", "write one of them")
	} else {
		s.added = added == "true"
	}
	return s
}

// find reads how to find a value: with a JSON path in a rating or in the whole body, in a form field,
// or as a constant.
func (r *reader) find(place string, n *yaml.Node) finder {
	text := r.text(n)
	switch place {
	case "path":
		path := r.path(n)
		return func(_, item sender.Tree) (sender.Tree, error) { return item.First(path) }
	case "body":
		path := r.path(n)
		return func(body, _ sender.Tree) (sender.Tree, error) { return body.First(path) }
	case "form":
		return func(body, _ sender.Tree) (sender.Tree, error) { return body.At(text), nil }
	default:
		return func(_, _ sender.Tree) (sender.Tree, error) { return sender.Tree{Value: text}, nil }
	}
}

// values reads our words for the sender's.
func (r *reader) values(field string, s *source, n *yaml.Node) {
	s.values = make(map[string]string)
	r.pairs(n, func(key, value *yaml.Node) {
		word := strings.ToLower(strings.TrimSpace(r.text(key)))
		if _, twice := s.values[word]; twice {
			r.wrong(key, "said twice; capitals make no difference", "keep one")
		}
		s.values[word] = r.text(value)
		s.words = append(s.words, key.Value)
		r.ours(field, value)
	})
}

// ours reports a word that a field does not take.
func (r *reader) ours(field string, n *yaml.Node) {
	word := r.text(n)
	wrong := ""
	switch field {
	case "smiley":
		if _, err := feedback.ParseSmiley(word); err != nil {
			wrong = err.Error()
		}
	case "kind":
		if !feedback.Kind(word).Known() {
			wrong = "must be " + feedback.OneOf(feedback.Kinds())
		}
	case "channel":
		if !feedback.Channel(word).Known() {
			wrong = "must be " + feedback.OneOf(feedback.Channels())
		}
	case "score", "ticket.replies":
		if n, ok := feedback.ParseWhole(word); !ok || n < 0 || n > feedback.MaxReplies {
			wrong = fmt.Sprintf("must be a whole number from 0 to %d", feedback.MaxReplies)
		}
	case "ticket.urgent":
		if word != "true" && word != "false" {
			wrong = "must be true or false"
		}
	}
	if wrong != "" {
		r.wrong(n, "the field "+field+" does not take that", "it "+wrong)
	}
}

// oneOrMore reads one value, or a list of them; none where there is no node.
func oneOrMore[T any](n *yaml.Node, read func(*yaml.Node) T) []T {
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		return []T{read(n)}
	}
	var all []T
	for _, one := range n.Content {
		all = append(all, oneOrMore(one, read)...)
	}
	return all
}

// condition reads one condition.
func (r *reader) condition(n *yaml.Node) condition {
	e := r.entries(n, "path", "body", "form", "is")
	var c condition
	for _, place := range []string{"path", "body", "form"} {
		if e[place] != nil && c.find == nil {
			c.text, c.find = e[place].Value, r.find(place, e[place])
		}
	}
	if c.find == nil {
		r.wrong(n, "no place to look at", "write {path: $.event, is: rated}")
	}
	if is := e["is"]; is != nil {
		words := []*yaml.Node{is}
		if is.Kind == yaml.SequenceNode {
			words = is.Content
		}
		for _, word := range words {
			c.is = append(c.is, r.text(word))
		}
	}
	return c
}

// isTime reports whether a field is a moment.
func isTime(field string) bool { return strings.HasSuffix(field, "_at") }

// moment reads how a moment is written: RFC 3339 by default, a [sender.TimeFormat], or a layout of
// package time.
func (r *reader) moment(format, zone *yaml.Node) func(text string) (time.Time, bool) {
	where := time.UTC
	if zone != nil {
		where = r.location(zone)
	}
	layout := r.text(format)
	known := sender.TimeFormat(cmp.Or(layout, string(sender.RFC3339)))
	if slices.Contains(timeFormats(), known) {
		return known.Parse
	}
	r.timeFormat(format, layout)
	return func(text string) (time.Time, bool) {
		t, err := time.ParseInLocation(layout, text, where)
		return t, err == nil
	}
}

func timeFormats() []sender.TimeFormat {
	return []sender.TimeFormat{sender.Unix, sender.UnixMilli, sender.RFC3339}
}

// location reads the name of a time zone.
func (r *reader) location(n *yaml.Node) *time.Location {
	zone, ok := feedback.Zone(r.text(n))
	if !ok {
		r.wrong(n, "not the name of a time zone", "write it as Europe/Amsterdam")
		return time.UTC
	}
	return zone
}

// timeFormat checks a format: a [sender.TimeFormat], or one in the notation of package time, which
// must have a whole date.
func (r *reader) timeFormat(n *yaml.Node, format string) {
	if slices.Contains(timeFormats(), sender.TimeFormat(format)) {
		return
	}
	example := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if t, err := time.Parse(format, example.Format(format)); err != nil || !t.Equal(example) {
		r.wrong(n, "no such format", "write unix, unix_ms, rfc3339, or how the moment 2006-01-02 15:04:05 is written there")
	}
}
