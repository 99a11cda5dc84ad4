// Package sender is the vocabulary that the receiver of webhooks and every sender share: how a
// sender is described and configured, how it proves itself, how its body becomes
// [feedback.Event]s, and what a sample of it looks like.
//
// A [Sender] is data and one function, Translate. A body goes from [Tree] (its JSON or form fields)
// through [FieldMap] (our names for the sender's places) to the rules of the own format in fields.go,
// so that one set of rules holds for all senders.
package sender

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"time"

	"smileybot/feedback"
)

// Sender describes a system whose webhooks are accepted at /webhooks/NAME.
type Sender struct {
	// Name is the sender in addresses, settings, the store, metrics and logs.
	Name string
	// QuestionsMeaning describes SMILEYBOT_NAME_QUESTIONS in the table of settings. It is set for
	// surveys, which need [Questions], and "" for all others.
	QuestionsMeaning string

	// Pull says how the sender is asked, of one that sends nothing; nil for all others.
	Pull *Pull
	// Proof says how the sender proves itself.
	Proof Proof
	// ProofHint is what a 401 suggests. "" leaves it to Proof.
	ProofHint string
	// DeliveryID says how a repeated delivery is recognised.
	DeliveryID DeliveryID
	// OwnFormat says that the sender sends smileybot's own format. Only other senders may leave out
	// the Content-Type.
	OwnFormat bool
	// Forms accepts form fields in the place of JSON.
	Forms bool
	// Lists accepts a body that is one JSON list.
	Lists bool
	// Methods are those of its requests; empty is POST alone.
	Methods []string
	// Accepted is the status that answers what was stored; 0 is 202.
	Accepted int
	// Challenge is the handshake by which the sender makes sure of the address.
	Challenge Challenge

	// Translate returns the feedback in a body of another format, empty for a body without a rating.
	Translate func(Delivery, Tree, Questions) []*FieldMap
	// Conditions returns what decides whether a body is a rating. Nil for a sender without any that
	// can be named.
	Conditions func(Delivery, Tree) []Condition
	// RatingLater says that events may precede their rating. Then an event of an unknown feedback is
	// ignored, not wrong.
	RatingLater bool

	// Files are samples: bodies in exactly the shape of the vendor's documents (the same keys, the same
	// types), with values of our own.
	Files fs.FS
	// Example is how `smileybot send --as` makes a webhook of a sample.
	Example Example
}

// Allowed are the methods of its requests.
func (s Sender) Allowed() []string {
	if len(s.Methods) == 0 {
		return []string{http.MethodPost}
	}
	return s.Methods
}

// Settings are what the operator sets for a sender.
type Settings struct {
	// Secrets prove the sender; any of them verifies, so that they can be rotated.
	Secrets []string
	// Tokens are bearer tokens that [StandardWebhooks] accepts in the place of a signature.
	Tokens []string
	// Questions are the meanings of a survey's questions.
	Questions Questions
	// PublicURL is where senders reach the bot, without a path; "" when it is not known.
	PublicURL string
}

// Enabled is a sender that the settings turn on.
type Enabled struct {
	Sender

	questions Questions
	keys      keys
}

// ErrNoPublicURL is returned for a sender that signs its address, which neither its mapping nor the
// settings have.
var ErrNoPublicURL = errors.New("the sender signs the address that it posts to, and that is not known")

// Enable returns the sender with its settings. It fails when a secret or token proves nothing, when a
// survey has no questions, or with [ErrNoPublicURL]; the error holds no secret.
func (s Sender) Enable(settings Settings) (Enabled, error) {
	if s.QuestionsMeaning != "" && len(settings.Questions) == 0 {
		return Enabled{}, errors.New("it needs to know which question is a rating")
	}
	if s.Proof.HMAC.needsAddress() {
		if settings.PublicURL == "" && len(settings.Secrets) > 0 {
			return Enabled{}, ErrNoPublicURL
		}
		s.Proof.HMAC.URL = settings.PublicURL + "/webhooks/" + s.Name
	}
	k, err := newKeys(s.Proof.Kind, settings)
	return Enabled{Sender: s, questions: settings.Questions, keys: k}, err
}

// Decode reads a delivery. The error is a [DecodeError]. What is wrong with one feedback of several
// does not cost the others.
func (s Enabled) Decode(d Delivery) (Payload, error) {
	if s.OwnFormat {
		return readOwnFormat(d)
	}
	body, err := s.tree(d)
	if err != nil {
		return Payload{}, err
	}
	p := Payload{RatingLater: true}
	for _, m := range s.Translate(d, body, s.questions) {
		if m.OfBot {
			p.Bots++
			continue
		}
		p.Strict = p.Strict || m.Rated
		if e, ok := m.event(d); ok {
			p.Events, p.Warnings = append(p.Events, e), append(p.Warnings, m.warnings...)
			p.Parts = append(p.Parts, Part{m.Part.Value, m.warnings})
		} else if m.values == nil { // see NoAnswer
			p.Warnings = append(p.Warnings, m.warnings...)
		}
		if len(m.errors) > 0 {
			p.Refused = append(p.Refused, Part{m.Part.Value, m.errors})
		}
		p.RatingLater = p.RatingLater && (s.RatingLater || m.TakenBack)
	}
	if len(p.Events) == 0 && len(p.Refused) > 0 {
		return Payload{}, invalid(p.Refusals()...)
	}
	if len(p.Events) == 0 && s.Conditions != nil {
		p.Failed = failed(s.Conditions(d, body))
	}
	for _, part := range p.Refused {
		for i := range part.Problems {
			part.Problems[i].Message += "; the rating was left out"
		}
	}
	return p, nil
}

// Refusals are the problems of all ratings that cannot be read.
func (p Payload) Refusals() []Problem {
	var all []Problem
	for _, part := range p.Refused {
		all = append(all, part.Problems...)
	}
	return all
}

// Delivery is one HTTP request of a sender that has proved itself.
type Delivery struct {
	Sender     string
	Method     string
	Header     http.Header
	Query      url.Values
	Body       []byte
	ReceivedAt time.Time
}

// NewDelivery is a request as a delivery of a sender.
func NewDelivery(sender string, r *http.Request, body []byte, received time.Time) Delivery {
	return Delivery{Sender: sender, Method: r.Method, Header: r.Header, Query: r.URL.Query(), Body: body, ReceivedAt: received}
}

// Payload is the content of a delivery.
type Payload struct {
	// Events are empty when the delivery carries no rating.
	Events []feedback.Event
	// Ignored are the names of unknown fields, sorted.
	Ignored []string
	// Parts are what the events were read from, in their order, with the warnings of each; empty in the
	// own format.
	Parts []Part
	// Warnings are about optional fields that were left out or corrected.
	Warnings []Problem
	// Refused are the ratings of several that cannot be read.
	Refused []Part
	// Bots counts the ratings of bots, which are left out.
	Bots int
	// Strict refuses an event without a rating that has a comment, in the place of keeping it: it must have
	// one, or it names a rating of null or fields that are unknown, one of which may be the rating.
	Strict bool
	// RatingLater is that of the sender, or true when all events take an answer back.
	RatingLater bool
	// Failed is the place of the first condition that did not hold, in the words of a mapping, when
	// there are no events. It has nothing of the body.
	Failed string
}

// Part is one rating of a body, as it was sent, and what is wrong with it.
type Part struct {
	// Value is as [Tree.Value] has it; nil when the sender does not say which part it is.
	Value    any
	Problems []Problem
}

// Told are the warnings and what is wrong with the ratings that were left out, for the sender.
func (p Payload) Told() []Problem { return slices.Concat(p.Warnings, p.Refusals()) }

// Condition is what decides whether a body, or one rating of it, is a rating or is taken back.
type Condition struct {
	// In is only or taken_back, and Place where the mapping looks.
	In    string `json:"in"`
	Place string `json:"place"`
	// Rating is the number of the rating in the body, from 1.
	Rating int  `json:"rating"`
	Holds  bool `json:"holds"`
	// Why says why it does not hold, or why it could not be looked at. It quotes nothing.
	Why string `json:"why,omitempty"`
}

// failed is the place of the first condition for a rating that does not hold, "" without one.
func failed(all []Condition) string {
	for _, c := range all {
		if c.In == "only" && !c.Holds {
			return c.Place
		}
	}
	return ""
}

// Problem is what is wrong with one field. The message continues the field's name, says what to
// send instead, and quotes nothing.
type Problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	// Cause is for the operator at a terminal alone: it may quote the body.
	Cause string `json:"-"`
	// Ours is the field's name in the own format, "" when it is about no field of it.
	Ours string `json:"-"`
}

// String is a sentence.
func (p Problem) String() string { return p.Field + " " + p.Message }

// DecodeError says why a body cannot be read.
type DecodeError struct {
	// Malformed says where a body is not in its media type's syntax.
	Malformed string
	// Invalid are the required fields that are missing or wrong, of a body that is well-formed.
	Invalid []Problem
}

// Error names the fields, or the place of a syntax error.
func (e *DecodeError) Error() string {
	if e.Malformed != "" {
		return e.Malformed
	}
	return fmt.Sprint(e.Invalid)
}

func malformed(detail string) error { return &DecodeError{Malformed: detail} }

// invalid is the error of required fields that are missing or wrong.
func invalid(problems ...Problem) error { return &DecodeError{Invalid: problems} }

// DryRun is what would become of a body.
type DryRun struct {
	// Events are empty for a body without a rating.
	Events []feedback.Event
	// Conditions say why it is a rating or not.
	Conditions []Condition
	// Warnings and Errors say what was not understood, a sentence each. With errors the body would
	// be rejected.
	Warnings, Errors []string
}

// DryRun reads a delivery as the sender's, without proof, and stores nothing.
func (s Enabled) DryRun(delivery Delivery) DryRun {
	delivery.Sender = s.Name
	p, err := s.Decode(delivery)
	d := DryRun{Events: p.Events, Warnings: sentences(p.Told())}
	if e, ok := errors.AsType[*DecodeError](err); ok {
		d.Errors = sentences(e.Invalid)
		if e.Malformed != "" {
			d.Errors = []string{e.Malformed}
		}
	}
	if body, err := s.tree(delivery); err == nil && s.Conditions != nil {
		d.Conditions = s.Conditions(delivery, body)
	}
	for _, e := range p.Events {
		if !e.Mentions[feedback.FieldRating] && !e.TakenBack {
			d.Warnings = append(d.Warnings, ratingField(e.Kind)+" has no value; so it begins no feedback: "+p.withoutRating(e))
		}
	}
	return d
}

// withoutRating says what becomes of an event without a rating.
func (p Payload) withoutRating(e feedback.Event) string {
	switch {
	case e.Waits() && !p.Strict:
		return "it changes the one of this id, or waits 30 days for it"
	case p.RatingLater:
		return "it changes the one of this id, or is ignored"
	default:
		return "it changes the one of this id, or is refused"
	}
}

func sentences(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		sentence := p.String()
		if p.Cause != "" {
			sentence += " (" + p.Cause + ")"
		}
		all = append(all, sentence)
	}
	return all
}

// Shown is a field of an event as people read it.
type Shown struct{ Name, Value string }

// Show returns the fields of an event that it mentions, under the names of the own format.
func Show(e feedback.Event) []Shown {
	fields := []Shown{{"id", e.ID}, {"kind", string(e.Kind)}, {"channel", string(e.Channel)}}
	for _, field := range feedback.Fields() {
		if !e.Mentions[field] {
			continue
		}
		name, value := string(field), e.Answer.Text(field)
		if field == feedback.FieldRating {
			name, value = ratingField(e.Kind), e.Kind.RatingText(e.Answer.Rating)
			if e.Answer.Raw != "" {
				value += " (" + e.Answer.Raw + ")"
			}
		}
		fields = append(fields, Shown{name, value})
	}
	if e.TakenBack {
		fields = append(fields, Shown{"taken back", "it would be void"})
	}
	return append(fields, Shown{"occurred_at", e.OccurredAt.UTC().Format(time.RFC3339Nano)})
}
