package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

type sendCommand struct {
	URL string `required:"" placeholder:"URL" help:"The address of the webhook, as in http://127.0.0.1:8080/webhooks/feedback."`

	Secret     string `xor:"proof" required:"" placeholder:"SECRET" help:"Sign with this secret. Others on this machine can read it in the list of processes: better use --secret-file."`
	SecretFile string `xor:"proof" required:"" placeholder:"FILE" help:"Sign with the secret in this file; - is standard input."`
	Token      string `xor:"proof" required:"" placeholder:"TOKEN" help:"Send this bearer token instead of signing; it too shows in the list of processes."`
	Delivery   string `placeholder:"ID" help:"The id of the delivery; the same again is a repeat. Default: a new one."`

	disguised `embed:""`
	said      `embed:""`
}

// Help is printed by --help.
func (sendCommand) Help() string {
	return `Fields that are not given are not sent; --comment "" takes a comment back. The status and the
answer are printed; the exit status is 1 unless it is 2xx.

Examples:

	smileybot send --url http://127.0.0.1:8080/webhooks/feedback --secret whsec_… --smiley red --id reply-1
	smileybot send --url http://127.0.0.1:8080/webhooks/feedback --secret whsec_… --id reply-1 --comment "Step 3 is wrong"
	smileybot send --url http://127.0.0.1:8080/webhooks/feedback --token … --kind nps --channel panel --score 9
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
func (c sendCommand) Run(ctx context.Context, t terminal) error {
	request, err := c.request(ctx, t.in)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: sendTimeout, CheckRedirect: noRedirect}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("nothing was sent to %s: %w; is 'smileybot serve' running there?", request.URL.Host, withoutURL(err))
	}
	defer response.Body.Close()
	return printAnswer(t.out, response)
}

// request is the webhook, proved: of the own format, or of another sender.
func (c sendCommand) request(ctx context.Context, in io.Reader) (*http.Request, error) {
	secret, err := c.secret(in)
	if err != nil {
		return nil, err
	}
	if c.As != "" {
		return c.newDisguise(ctx, secret, time.Now())
	}
	if c.Rating != nil || c.Questions != "" {
		return nil, misusef("--rating and --questions go with --as; the own format has --smiley and --score")
	}
	prove := bearer(secret)
	if c.Token == "" {
		if prove, err = newSigner(secret); err != nil {
			return nil, err
		}
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return newDelivery(ctx, c.URL, c.Delivery, prove, body)
}

// secret is what the delivery is proved with; white space around that in a file does
// not count.
func (c sendCommand) secret(in io.Reader) (string, error) {
	switch {
	case c.Token != "":
		return c.Token, nil
	case c.Secret != "":
		return c.Secret, nil
	case c.SecretFile == "":
		return "", misusef("the secret is empty; give --secret SECRET, --secret-file FILE or --token TOKEN")
	case c.SecretFile != "-":
		file, err := os.Open(c.SecretFile)
		if err != nil {
			return "", misusef("--secret-file cannot be read: %w", err)
		}
		defer file.Close()
		in = file
	}
	const most = 4 << 10 // bytes; far longer than any secret
	text, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return "", misusef("the secret cannot be read: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// noRedirect: what was signed for one address is not posted to another.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

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
	if _, err := fmt.Fprintf(out, "%s\n%s\n", response.Status, strings.TrimSpace(string(body))); err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("it was not taken: %s", cureOf(response.StatusCode))
	}
	return nil
}

// cureOf says what to do about a status.
func cureOf(status int) string {
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
