package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

type mapCommand struct {
	Sender    string            `required:"" placeholder:"NAME" help:"The sender, of the file of mappings or a ready-made one."`
	Mappings  string            `placeholder:"FILE" env:"SMILEYBOT_MAPPINGS" help:"The file of mappings. Default: SMILEYBOT_MAPPINGS."`
	Header    map[string]string `placeholder:"NAME=VALUE" mapsep:"none" help:"A header of the webhook, where the sender needs one, as in X-HelpScout-Event=satisfaction.ratings."`
	Form      bool              `help:"The body is form fields, not JSON."`
	Questions string            `placeholder:"LIST" help:"With --sender ${surveys}: your questions. Default: SMILEYBOT_<NAME>_QUESTIONS."`
	JSON      bool              `name:"json" help:"Print JSON for machines."`
}

// Help is printed by --help.
func (mapCommand) Help() string {
	return `It reads a body on standard input and shows what would be stored of it. Nothing is stored, and
no proof is needed. The exit status is 1 when the body would be refused, and 2 when the file of
mappings is wrong.

Example:

	smileybot map --mappings mappings.yaml --sender freshdesk < body.json
`
}

// Run prints what would become of a body.
func (c mapCommand) Run(_ context.Context, t streams) error {
	s, err := c.sender()
	if err != nil {
		return err
	}
	const most = 256 << 10 // bytes, as of a webhook
	body, err := io.ReadAll(io.LimitReader(t.in, most+1))
	if err != nil {
		return fmt.Errorf("the body cannot be read: %w", err)
	}
	if len(body) > most {
		return usageErrorf("the body is over 256 KiB, which no webhook may be")
	}
	header := http.Header{}
	if c.Form {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.Header {
		header.Set(name, value)
	}
	d := s.DryRun(sender.Delivery{Sender: s.Name, Header: header, Body: body, ReceivedAt: time.Now()})
	if c.JSON {
		err = printJSON(t.out, d)
	} else {
		err = printDryRun(t.out, d)
	}
	if err == nil && len(d.Errors) > 0 {
		return errReported
	}
	return err
}

// sender is the sender of the flags, without secrets.
func (c mapCommand) sender() (sender.Enabled, error) {
	if s, found := senders.Find(senders.All(), c.Sender); found {
		questions, err := questionsOf(c.Sender, c.Questions)
		if err != nil {
			return sender.Enabled{}, err
		}
		e, err := s.Enable(sender.Settings{Questions: questions})
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
		return s.Enable(sender.Settings{})
	}
	return sender.Enabled{}, usageErrorf("the file does not describe that sender; it describes %s", strings.Join(senders.Names(list), ", "))
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
	for _, w := range d.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", oneLine(w))
	}
	for _, wrong := range d.Errors {
		fmt.Fprintf(&b, "refused: %s\n", oneLine(wrong))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func printJSON(out io.Writer, d sender.DryRun) error {
	printed := struct {
		Events   []map[string]string `json:"events"`
		Warnings []string            `json:"warnings,omitempty"`
		Errors   []string            `json:"errors,omitempty"`
	}{Events: []map[string]string{}, Warnings: d.Warnings, Errors: d.Errors}
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
