package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/bot/webhook/senders/feedback"
	"smileybot/config"
)

type sendCommand struct {
	URL string `required:"" placeholder:"URL" help:"The address of the webhook, as in http://127.0.0.1:8080/webhooks/feedback."`

	Secret     string `xor:"proof" required:"" placeholder:"SECRET" help:"Sign with this secret. Others on this machine can read it in the list of processes: better use --secret-file."`
	SecretFile string `xor:"proof" required:"" placeholder:"FILE" help:"Sign with the secret in this file; - is standard input."`
	Token      string `xor:"proof" required:"" placeholder:"TOKEN" help:"Send this bearer token instead of signing; it too shows in the list of processes."`
	TokenFile  string `xor:"proof" required:"" placeholder:"FILE" help:"Send the bearer token in this file; - is standard input."`
	Delivery   string `placeholder:"ID" help:"The id of the delivery; the same again is a repeat. Default: a new one."`

	sampleFlags `embed:""`
	payload     `embed:""`
}

// sampleFlags send a sample of another sender in the place of the own format.
type sampleFlags struct {
	As        string  `placeholder:"NAME" help:"Send a sample as this sender would, signed: ${senders}."`
	Rating    *string `placeholder:"WORD" help:"With --as: the rating, in the words of that sender, such as Great or 4."`
	Questions string  `placeholder:"LIST" help:"With --as ${surveys}: your questions. Default: SMILEYBOT_<NAME>_QUESTIONS."`
}

// payload is one feedback in the flags of send, as the JSON of the own format. nil is "not
// mentioned".
type payload struct {
	ID      string  `placeholder:"ID" json:"id" help:"Your own name of what was rated. Default: a new one."`
	Kind    string  `default:"smiley" json:"kind" help:"smiley, nps, csat, ces, nls or review."`
	Channel string  `default:"ticket" json:"channel" help:"ticket, chat, panel, email, phone, social or review."`
	Smiley  *string `placeholder:"COLOUR" json:"smiley,omitempty" help:"green, yellow or red."`
	Score   *int    `placeholder:"N" json:"score,omitempty" help:"The score, for the other kinds."`
	Comment *string `placeholder:"TEXT" json:"comment,omitempty" help:"What the customer says."`

	Customer person `embed:"" prefix:"customer-" json:"customer,omitzero"`
	Agent    person `embed:"" prefix:"agent-" json:"agent,omitzero"`
	Ticket   ticket `embed:"" prefix:"ticket-" json:"ticket,omitzero"`
	Urgent   *bool  `negatable:"" json:"-" help:"The ticket is flagged urgent."`

	Site       *string `placeholder:"SITE" json:"site,omitempty" help:"The review site."`
	FollowUpOf *string `placeholder:"ID" json:"follow_up_of,omitempty" help:"The id of the feedback whose follow-up this judges."`
	OccurredAt *string `placeholder:"TIME" json:"occurred_at,omitempty" help:"When, as in 2026-11-20T10:31:00Z. Default: now."`
}

type person struct {
	ID    *string `placeholder:"ID" json:"id,omitempty"`
	Name  *string `placeholder:"NAME" json:"name,omitempty"`
	Email *string `placeholder:"ADDRESS" json:"email,omitempty"`
}

type ticket struct {
	ID      *string `placeholder:"ID" json:"id,omitempty"`
	Subject *string `placeholder:"TEXT" json:"subject,omitempty"`
	URL     *string `placeholder:"URL" json:"url,omitempty"`
	Urgent  *bool   `kong:"-" json:"urgent,omitempty"`
}

// body is the webhook's JSON.
func (p payload) body() ([]byte, error) {
	if p.ID == "" {
		p.ID = "test-" + uuid.NewString()
	}
	p.Ticket.Urgent = p.Urgent
	return json.Marshal(p)
}

// hasNativeFields reports whether a field is set that only the own format has.
func (p payload) hasNativeFields() bool {
	return p.Smiley != nil || p.Score != nil || p.Customer != (person{}) || p.Agent != (person{}) || p.Ticket != (ticket{}) ||
		p.Urgent != nil || p.Site != nil || p.FollowUpOf != nil
}

// Help is printed by --help.
func (sendCommand) Help() string {
	return `Fields that are not given are not sent; --comment "" takes a comment back. The status and the
answer are printed; the exit status is 1 unless it is 2xx.

Examples:

	smileybot send --url http://127.0.0.1:8080/webhooks/feedback --secret whsec_… --smiley red --id reply-1
	smileybot send --url http://127.0.0.1:8080/webhooks/feedback --secret whsec_… --id reply-1 --comment "Step 3 is wrong"
	smileybot send --url http://127.0.0.1:8080/webhooks/feedback --token-file FILE --kind nps --channel panel --score 9
	smileybot send --url http://127.0.0.1:8080/webhooks/zendesk --secret-file FILE --as zendesk --rating Good
`
}

const (
	// sendTimeout bounds one delivery; the bot answers within milliseconds.
	sendTimeout = 15 * time.Second
	// maxAnswer is more than any answer of the bot, in bytes.
	maxAnswer = 1 << 20
)

// Run posts one webhook and prints the answer.
func (c sendCommand) Run(ctx context.Context, t streams) error {
	request, err := c.request(ctx, t.in)
	if err != nil {
		return err
	}
	// A redirect is not followed: a body that was signed for one address is not posted to another.
	client := &http.Client{Timeout: sendTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("nothing was sent to %s: %w; is 'smileybot serve' running there?", request.URL.Host, withoutURL(err))
	}
	defer response.Body.Close()
	return printAnswer(t.out, response)
}

// request is the signed webhook: of the own format, or of another sender.
func (c sendCommand) request(ctx context.Context, in io.Reader) (*http.Request, error) {
	secret, err := c.secret(in)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if c.As != "" {
		return c.sampleRequest(ctx, secret, now)
	}
	if c.Rating != nil || c.Questions != "" {
		return nil, usageErrorf("--rating and --questions go with --as; the own format has --smiley and --score")
	}
	own := feedback.Sender()
	if c.Token != "" || c.TokenFile != "" {
		own.Proof.Kind = sender.BearerToken
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.post(ctx, own, secret, cmp.Or(c.Delivery, "msg_"+uuid.NewString()), body, now)
}

// sampleRequest is a sample as its sender posts it, with the id, the rating, the comment and the
// moment of the command line, or with a new id and now.
func (c sendCommand) sampleRequest(ctx context.Context, secret string, now time.Time) (*http.Request, error) {
	s, found := senders.Find(senders.Examples(), c.As)
	if !found {
		return nil, usageErrorf("--as does not know that sender; it knows %s", exampleNames())
	}
	if c.hasNativeFields() {
		return nil, usageErrorf("with --as a sample is sent, of which --id, --rating, --comment and --occurred-at can be changed, and nothing else")
	}
	values := sender.Values{ID: c.ID, Rating: c.Rating, Comment: c.Comment, At: now, Delivery: cmp.Or(c.Delivery, uuid.NewString()), Secret: secret}
	var err error
	if c.OccurredAt != nil {
		if values.At, err = time.Parse(time.RFC3339, *c.OccurredAt); err != nil {
			return nil, usageErrorf("--occurred-at must be a time such as 2026-11-20T10:31:00Z")
		}
	}
	if s.QuestionsMeaning != "" {
		if values.Questions, err = questionsOf(s.Name, c.Questions); err != nil {
			return nil, err
		}
	}
	body, err := s.NewBody(values, now)
	if err != nil {
		return nil, err
	}
	return c.post(ctx, s, secret, values.Delivery, body, now)
}

// post is a request that proves its sender.
func (c sendCommand) post(ctx context.Context, s sender.Sender, secret, delivery string, body []byte, now time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil || r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.Hostname() == "" {
		return nil, usageErrorf("--url must be an http or https address, as in http://127.0.0.1:8080/webhooks/feedback")
	}
	if err := s.Sign(r, secret, delivery, now, body); err != nil {
		return nil, usageError{err}
	}
	return r, nil
}

// exampleNames lists the senders that --as knows.
func exampleNames() string { return strings.Join(senders.Names(senders.Examples()), ", ") }

// surveyNames lists the senders that need --questions.
func surveyNames() string {
	surveys := slices.DeleteFunc(senders.All(), func(s sender.Sender) bool { return s.QuestionsMeaning == "" })
	return strings.Join(senders.Names(surveys), " or ")
}

// questionsOf are a survey's questions: those of the flag, or of the settings.
func questionsOf(name, flag string) (sender.Questions, error) {
	questions, err := sender.ParseQuestions(cmp.Or(flag, config.Questions(name)))
	if err != nil {
		return nil, usageErrorf("--questions: %w", err)
	}
	return questions, nil
}

// secret is the secret or token that proves the delivery. White space around it in a file does not
// count.
func (c sendCommand) secret(in io.Reader) (string, error) {
	if given := cmp.Or(c.Token, c.Secret); given != "" {
		return given, nil
	}
	name := cmp.Or(c.SecretFile, c.TokenFile)
	switch name {
	case "":
		return "", usageErrorf("the secret is empty; give --secret-file FILE or --token-file FILE")
	case "-":
	default:
		file, err := os.Open(name) //nolint:gosec // the user names the file
		if err != nil {
			return "", usageErrorf("the file of the secret cannot be read: %w", err)
		}
		defer file.Close()
		in = file
	}
	const most = 4 << 10 // bytes; far longer than any secret
	text, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return "", usageErrorf("the secret cannot be read: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// withoutURL is the cause of an HTTP client's error; its URL may hold a secret.
func withoutURL(err error) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // http.Client returns it unwrapped
		return e.Err
	}
	return err
}

// printAnswer prints status and body, and fails unless the delivery was taken.
func printAnswer(out io.Writer, response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("the answer broke off: %w; send it again with the same --delivery", err)
	}
	if _, err := fmt.Fprintf(out, "%s\n%s\n", oneLine(response.Status), oneLine(strings.TrimSpace(string(body)))); err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("it was not taken: %s", remedyOf(response.StatusCode))
	}
	return nil
}

// remedyOf says what to do about a status.
func remedyOf(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "check the secret or token against the settings of serve, and this machine's clock"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status/100 == 3:
		return "check the address; it ends in /webhooks/feedback, or in the name of the sender that --as plays"
	case status/100 == 4:
		return "change what the answer names"
	default:
		return "send it again later with the same --delivery"
	}
}
