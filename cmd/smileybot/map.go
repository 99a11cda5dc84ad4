package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

type mapCommand struct {
	Sender    string            `required:"" placeholder:"NAME" help:"The sender, of the file of mappings or a ready-made one."`
	Mappings  string            `placeholder:"FILE" env:"SMILEYBOT_MAPPINGS" help:"The file of mappings. Default: SMILEYBOT_MAPPINGS."`
	Header    map[string]string `placeholder:"NAME=VALUE" mapsep:"none" help:"A header of the webhook, where the sender needs one, as in X-HelpScout-Event=satisfaction.ratings."`
	Form      bool              `help:"The body is form fields, not JSON."`
	Request   string            `placeholder:"FILE" help:"A whole HTTP request in this file, - for standard input: says first whether it proves the sender, by the secrets in SMILEYBOT_<NAME>_SECRETS."`
	At        *time.Time        `placeholder:"TIME" help:"With --request: when it arrived, as in 2026-11-20T10:31:00Z. Default: now."`
	PublicURL string            `name:"public-url" placeholder:"URL" env:"SMILEYBOT_PUBLIC_URL" help:"With --request, of a sender that signs its address: where senders reach the bot. Default: SMILEYBOT_PUBLIC_URL."`
	Questions string            `placeholder:"LIST" help:"With --sender ${surveys}: your questions. Default: SMILEYBOT_<NAME>_QUESTIONS."`
	JSON      bool              `name:"json" help:"Print JSON for machines."`
}

// Help is printed by --help.
func (mapCommand) Help() string {
	return `It reads a body on standard input and shows what would be stored of it, and which conditions
decide that. Nothing is stored, and no proof is needed, except with --request, which explains the proof
and shows no secret. The exit status is 1 when the body or the proof would be refused, and 2 when the
file of mappings is wrong.

Examples:

	smileybot map --mappings mappings.yaml --sender freshdesk < body.json
	SMILEYBOT_SHOP_SECRETS_FILE=secret smileybot map --mappings mappings.yaml --sender shop --request request.txt
`
}

// Run prints what would become of a body.
func (c mapCommand) Run(_ context.Context, t streams) error {
	s, err := c.sender()
	if err != nil {
		return err
	}
	d, steps, handshake, err := c.delivery(s, t.in)
	if err != nil {
		return err
	}
	var run sender.DryRun
	if !handshake {
		run = s.DryRun(d)
	}
	switch {
	case c.JSON:
		err = printJSON(t.out, run, steps)
	case handshake:
		err = printProof(t.out, steps)
	default:
		err = errors.Join(printProof(t.out, steps), printDryRun(t.out, run))
	}
	if err == nil && (len(run.Errors) > 0 || refusal(steps) != "") {
		return errReported
	}
	return err
}

// delivery reads the body, or with --request the whole request, and explains its proof. A handshake has no
// rating.
func (c mapCommand) delivery(s sender.Enabled, in io.Reader) (d sender.Delivery, steps []sender.Step, handshake bool, err error) {
	const mostBody, mostHead = 256 << 10, 64 << 10 // bytes, as of a webhook
	d = sender.Delivery{Sender: s.Name, Header: http.Header{}, ReceivedAt: time.Now()}
	if c.At != nil {
		d.ReceivedAt = *c.At
	}
	if c.Request != "" && c.Request != "-" {
		file, err := os.Open(c.Request)
		if err != nil {
			return d, nil, false, usageErrorf("--request cannot be read: %w", err)
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, mostBody+mostHead+1))
	if err != nil {
		return d, nil, false, fmt.Errorf("the body cannot be read: %w", err)
	}
	d.Body = text
	if c.Request != "" {
		r, body, err := rawRequest(text)
		if err != nil {
			return d, nil, false, usageError{err}
		}
		// The secret in an address is its last part, as the routes have it.
		_, secret, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/webhooks/"), "/")
		r.SetPathValue(sender.SecretInPath, secret)
		if step, asked := s.ExplainHandshake(r); asked {
			return d, []sender.Step{step}, true, nil
		}
		steps = append(s.ExplainHead(r), s.ExplainProof(r, body, d.ReceivedAt)...)
		d = sender.NewDelivery(s.Name, r, body, d.ReceivedAt)
		d.Body = s.Redact(d)
		if _, handshake = s.InBody(d); handshake && refusal(steps) == "" {
			steps = append(steps, sender.Step{Part: "the handshake, whose word in the body is sent back", OK: true})
		}
	}
	if len(d.Body) > mostBody {
		return d, nil, false, usageErrorf("the body is over 256 KiB, which no webhook may be")
	}
	if c.Form {
		d.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.Header {
		d.Header.Set(name, value)
	}
	return d, steps, handshake, nil
}

// settings are those of the sender. Its secrets are read where a proof is explained.
func (c mapCommand) settings(questions sender.Questions) (sender.Settings, error) {
	settings := sender.Settings{Questions: questions, PublicURL: strings.TrimSuffix(c.PublicURL, "/")}
	if c.Request == "" {
		return settings, nil
	}
	var err error
	settings.Secrets, err = bot.SenderSecrets(c.Sender)
	return settings, usageErrorOrNil(err)
}

// sender is the sender of the flags.
func (c mapCommand) sender() (sender.Enabled, error) {
	if s, found := senders.Find(senders.All(), c.Sender); found {
		questions, err := questionsOf(c.Sender, c.Questions)
		if err != nil {
			return sender.Enabled{}, err
		}
		settings, err := c.settings(questions)
		if err != nil {
			return sender.Enabled{}, err
		}
		e, err := s.Enable(settings)
		if err != nil {
			return e, usageErrorf("%w; give --questions", err)
		}
		return e, nil
	}
	if c.Mappings == "" {
		readyMade := slices.Sorted(slices.Values(senders.Names(senders.All())))
		return sender.Enabled{}, usageErrorf("no file of mappings; give --mappings FILE, or one of the ready-made senders %s", strings.Join(readyMade, ", "))
	}
	text, err := os.ReadFile(c.Mappings)
	if err != nil {
		return sender.Enabled{}, usageErrorf("--mappings cannot be read: %w", err)
	}
	list, err := senders.Mappings(text)
	if err != nil {
		return sender.Enabled{}, usageError{err}
	}
	if s, found := senders.Find(list, c.Sender); found {
		if s.Pull != nil && s.Pull.Site != "" {
			return sender.Enabled{}, usageErrorf("that sender is a ready-made review site: it is asked and sends no body, and its fields are known; try it with smileybot check")
		}
		settings, err := c.settings(nil)
		if err != nil {
			return sender.Enabled{}, err
		}
		e, err := s.Enable(settings)
		if errors.Is(err, sender.ErrNoPublicURL) {
			err = fmt.Errorf("%w; give --public-url https://bot.example.org, or write url next to signed in the mapping", err)
		}
		return e, usageErrorOrNil(err)
	}
	return sender.Enabled{}, usageErrorf("the file does not describe that sender; it describes %s", strings.Join(senders.Names(list), ", "))
}

// usageErrorOrNil is an error as one of usage, nil for nil.
func usageErrorOrNil(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// refusal is the first reason why a proof is refused, "" for a right one or none.
func refusal(steps []sender.Step) string {
	for _, s := range steps {
		if !s.OK {
			return s.Part + ": " + s.Why
		}
	}
	return ""
}

// printProof prints the parts of a proof.
func printProof(out io.Writer, steps []sender.Step) error {
	var b strings.Builder
	for _, s := range steps {
		if s.OK {
			fmt.Fprintf(&b, "proof ok    %s\n", oneLine(s.Part))
		} else {
			fmt.Fprintf(&b, "proof FAIL  %s: %s\n", oneLine(s.Part), oneLine(s.Why))
		}
	}
	if len(steps) > 0 {
		b.WriteString("\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// printDryRun prints the events field by field.
func printDryRun(out io.Writer, d sender.DryRun) error {
	var b strings.Builder
	for i, event := range d.Events {
		if i > 0 {
			b.WriteString("\n")
		}
		for _, field := range sender.Show(event) {
			fmt.Fprintf(&b, "%-22s %s\n", field.Name, oneLine(field.Value))
		}
	}
	if len(d.Events) == 0 && len(d.Errors) == 0 {
		b.WriteString("ignored: it has no rating\n")
	}
	for _, c := range d.Conditions {
		holds := "holds"
		if !c.Holds {
			holds = "does not hold: " + c.Why
		}
		fmt.Fprintf(&b, "condition: rating %d, %s %s %s\n", c.Rating, c.In, oneLine(c.Place), oneLine(holds))
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", oneLine(w))
	}
	for _, wrong := range d.Errors {
		fmt.Fprintf(&b, "refused: %s\n", oneLine(wrong))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// provedJSON is a proof for machines. Why is every part that is wrong.
type provedJSON struct {
	OK  bool   `json:"ok"`
	Why string `json:"why"`
}

func printJSON(out io.Writer, d sender.DryRun, steps []sender.Step) error {
	printed := struct {
		Proof      *provedJSON         `json:"proof,omitempty"`
		Events     []map[string]string `json:"events"`
		Conditions []sender.Condition  `json:"conditions"`
		Warnings   []string            `json:"warnings"`
		Errors     []string            `json:"errors"`
	}{
		Events: []map[string]string{}, Conditions: append([]sender.Condition{}, d.Conditions...),
		Warnings: append([]string{}, d.Warnings...), Errors: append([]string{}, d.Errors...),
	}
	if len(steps) > 0 {
		var why []string
		for _, s := range steps {
			if !s.OK {
				why = append(why, s.Part+": "+s.Why)
			}
		}
		printed.Proof = &provedJSON{OK: len(why) == 0, Why: strings.Join(why, "; ")}
	}
	for _, event := range d.Events {
		fields := make(map[string]string)
		for _, field := range sender.Show(event) {
			fields[field.Name] = field.Value
		}
		printed.Events = append(printed.Events, fields)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(printed)
}
