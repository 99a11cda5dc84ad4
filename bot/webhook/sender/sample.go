package sender

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Example says which of its [Sender.Files] `smileybot send --as` posts, and where in it the values are
// that a command line can change. A place is a path such as events.0.eventData.id.
type Example struct {
	File            string            // a .form file has form fields, all others have JSON
	Header          map[string]string // says what the body is
	IDs             []string          // of what was rated
	Rating, Comment string
	Secret          string   // of a sender whose secret is in the body
	Times           []string // of the rating: RFC 3339, or seconds since 1970 where the file has digits
	Without         []string // fields to leave out, so that the time of arrival counts
	// RatingQuestion and CommentQuestion are the ids of the questions of a survey. Without them,
	// the last name of Rating and Comment is the id of the question.
	RatingQuestion, CommentQuestion string
}

// Values replace values of an example.
type Values struct {
	ID              string // of what was rated; "" is a new one
	Delivery        string // the id of the delivery
	Secret          string // of a sender whose secret is in the body
	Rating, Comment *string
	At              time.Time // of the rating
	Questions       Questions // of a survey
}

// NewBody returns the body of the sender's example with other values.
func (s Sender) NewBody(v Values, now time.Time) ([]byte, error) {
	e := s.Example
	text, err := fs.ReadFile(s.Files, e.File)
	if err != nil {
		return nil, err
	}
	b, err := readSample(text, e.isForm())
	if err != nil {
		return nil, err
	}
	if v.ID == "" {
		v.ID = strconv.FormatInt(now.UnixMilli(), 10) // some senders have numbers for ids
	}
	if s.QuestionsMeaning != "" {
		e.Rating = b.ask(e.RatingQuestion, e.Rating, v.Questions.Rating())
		e.Comment = b.ask(e.CommentQuestion, e.Comment, v.Questions.Comment())
	}
	for _, path := range e.IDs {
		b.set(path, v.ID)
	}
	for _, path := range e.Times {
		b.setTime(path, v.At)
	}
	for _, name := range e.Without {
		delete(b.root, name)
	}
	b.set(s.DeliveryID.Field, v.Delivery)
	b.set(e.Secret, v.Secret)
	if v.Rating != nil {
		b.set(e.Rating, *v.Rating)
	}
	if v.Comment != nil {
		b.set(e.Comment, *v.Comment)
	}
	return b.bytes()
}

func (e Example) isForm() bool { return strings.HasSuffix(e.File, ".form") }

// Sign adds the headers of the example to a request, and what proves its sender: a signature at a
// moment, or the secret where the sender has it, except in the body. It fails when the secret cannot sign.
func (s Sender) Sign(r *http.Request, secret, delivery string, at time.Time, body []byte) error {
	r.Header.Set("Content-Type", "application/json")
	if s.Example.isForm() {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range s.Example.Header {
		r.Header.Set(name, value)
	}
	if s.DeliveryID.Header != "" {
		r.Header.Set(s.DeliveryID.Header, delivery)
	}
	switch m := s.Proof.HMAC; s.Proof.Kind {
	case StandardWebhooks:
		return signAsStandard(r.Header, secret, delivery, at, body)
	case Signature:
		m.sign(r, secret, at, body)
	case BearerToken:
		r.Header.Set("Authorization", "Bearer "+secret)
	case PathSecret:
		r.URL = r.URL.JoinPath(secret)
	case BasicAuth:
		r.SetBasicAuth(cmp.Or(s.Proof.User, s.Name), secret)
	case HeaderToken:
		r.Header.Set(s.Proof.Name, s.Proof.Prefix+secret)
	case QueryToken:
		query := r.URL.Query()
		query.Set(s.Proof.Name, secret)
		r.URL.RawQuery = query.Encode()
	case BodyToken: // the example has it
	}
	return nil
}

// sign adds a signature to a request.
func (m HMAC) sign(r *http.Request, secret string, at time.Time, body []byte) {
	stamp := m.TimestampFormat.format(at)
	prefix := m.Prefix
	if m.Part != "" {
		prefix = m.Part + "=" + prefix
	}
	switch {
	case m.TimestampPart != "":
		prefix = m.TimestampPart + "=" + stamp + "," + prefix
		r.Header.Set(m.Header, prefix) // the signed text has the moment
	case m.Timestamp != "":
		r.Header.Set(m.Timestamp, stamp)
	}
	r.Header.Set(m.Header, prefix+m.Encoding.encode(m.sum(secret, r, body)))
}

func signAsStandard(h http.Header, secret, delivery string, at time.Time, body []byte) error {
	key, err := standardwebhooks.NewWebhook(secret)
	if err != nil || !strings.HasPrefix(secret, "whsec_") || secret == "whsec_" {
		return errors.New("the secret must be whsec_ and base64, as in SMILEYBOT_WEBHOOK_SECRETS")
	}
	signature, err := key.Sign(delivery, at, body)
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	h.Set(standardwebhooks.HeaderWebhookTimestamp, Unix.format(at))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}

// sampleBody is a sample whose values can be changed. A value keeps its type: a number stays a
// number if the new text is one.
type sampleBody struct {
	root map[string]any
	form bool
}

func readSample(text []byte, form bool) (*sampleBody, error) {
	read := parseObject
	if form {
		read = parseForm
	}
	root, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("a sample: %w", err)
	}
	return &sampleBody{root: root, form: form}, nil
}

// ask puts the operator's own question in the place of the sample's, and returns the place of its
// answer.
func (b *sampleBody) ask(question, answer, id string) string {
	if id == "" {
		return answer
	}
	if question != "" {
		b.set(question, id)
		return answer
	}
	dot := strings.LastIndex(answer, ".")
	object, name := answer[:dot], answer[dot+1:]
	b.change(object, func(old any) any {
		if o, ok := old.(map[string]any); ok && name != id {
			o[id] = o[name]
			delete(o, name)
		}
		return old
	})
	return object + "." + id
}

// set changes the value at a path. A value that is not there is not added.
func (b *sampleBody) set(path, text string) {
	b.change(path, func(old any) any {
		if _, number := old.(json.Number); number {
			if _, err := strconv.ParseFloat(text, 64); err == nil {
				return json.Number(text)
			}
		}
		return text
	})
}

// setTime changes a moment, in the format that it has. Form fields have seconds as digits.
func (b *sampleBody) setTime(path string, at time.Time) {
	b.change(path, func(old any) any {
		text := fmt.Sprint(old)
		switch _, isText := old.(string); {
		case isText && (!b.form || strings.Trim(text, "0123456789") != ""):
			return RFC3339.format(at)
		case len(text) == len("1795082400000"):
			return json.Number(UnixMilli.format(at))
		default:
			return json.Number(Unix.format(at))
		}
	})
}

func (b *sampleBody) change(path string, to func(old any) any) {
	change(b.root, strings.Split(path, "."), to)
}

// change returns a value after a change at a path in it, which may lead into a text of JSON. What is not
// there is not added.
func change(value any, path []string, to func(old any) any) any {
	if len(path) == 0 {
		return to(value)
	}
	switch v := value.(type) {
	case map[string]any:
		if old, there := v[path[0]]; there {
			v[path[0]] = change(old, path[1:], to)
		}
	case []any:
		if n, err := strconv.Atoi(path[0]); err == nil && n >= 0 && n < len(v) {
			v[n] = change(v[n], path[1:], to)
		}
	case string:
		inner, err := parseObject([]byte(v))
		if err != nil {
			return v
		}
		if text, err := json.Marshal(change(inner, path, to)); err == nil {
			return string(text)
		}
	}
	return value
}

// bytes is the body to send.
func (b *sampleBody) bytes() ([]byte, error) {
	if !b.form {
		return json.Marshal(b.root)
	}
	values := make(url.Values)
	for name, value := range b.root {
		values.Set(name, fmt.Sprint(value))
	}
	return []byte(values.Encode()), nil
}
