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

	"smileybot/bot/webhook"
	"smileybot/feedback"
)

type mapCommand struct {
	Sender    string            `required:"" placeholder:"NAME" help:"The sender, of the file of mappings or a ready-made one."`
	Mappings  string            `placeholder:"FILE" env:"SMILEYBOT_MAPPINGS" help:"The file of mappings. Default: SMILEYBOT_MAPPINGS."`
	Header    map[string]string `placeholder:"NAME=VALUE" mapsep:"none" help:"A header of the webhook, where the sender tells something by one, as in X-HelpScout-Event=satisfaction.ratings."`
	Form      bool              `help:"The body is form fields, not JSON."`
	Questions string            `placeholder:"LIST" help:"For formbricks and typeform: your questions, as in SMILEYBOT_FORMBRICKS_QUESTIONS."`
	JSON      bool              `name:"json" help:"Print JSON for machines."`
}

// Help is printed by --help.
func (mapCommand) Help() string {
	return `It reads a body on standard input and shows what would be taken of it. Nothing is taken, and
no proof is needed. The exit status is 1 when the body would be refused, and 2 when the file of
mappings is wrong.

Example:

	smileybot map --mappings mappings.yaml --sender freshdesk < body.json
`
}

// Run shows what a body says.
func (c mapCommand) Run(_ context.Context, t terminal) error {
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
		return misusef("the body is over 256 KiB, which no webhook may be")
	}
	header := http.Header{}
	if c.Form {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.Header {
		header.Set(name, value)
	}
	e := s.Explain(body, header, time.Now())
	if c.JSON {
		err = printJSON(t.out, e)
	} else {
		err = printExplanation(t.out, e)
	}
	if err == nil && len(e.Errors) > 0 {
		return errSaid
	}
	return err
}

// sender is the one that is asked for.
func (c mapCommand) sender() (webhook.Sender, error) {
	if slices.Contains(webhook.AdapterNames(), c.Sender) {
		text := c.Questions
		if text == "" {
			text = os.Getenv("SMILEYBOT_" + strings.ToUpper(c.Sender) + "_QUESTIONS")
		}
		questions, err := webhook.ParseQuestions(text)
		if err != nil {
			return webhook.Sender{}, misusef("--questions: %w", err)
		}
		s, err := webhook.NewAdapter(c.Sender, nil, questions)
		if err != nil {
			return s, misusef("%w; give --questions", err)
		}
		return s, nil
	}
	if c.Mappings == "" {
		return webhook.Sender{}, misusef("no file of mappings; give --mappings FILE, or one of the ready-made senders %s", strings.Join(webhook.AdapterNames(), ", "))
	}
	text, err := os.ReadFile(c.Mappings)
	if err != nil {
		return webhook.Sender{}, misusef("--mappings cannot be read: %w", err)
	}
	list, err := webhook.ParseMappings(text)
	if err != nil {
		return webhook.Sender{}, misuse{err}
	}
	var names []string
	for _, m := range list {
		if m.Name() == c.Sender {
			return m.Sender(nil), nil
		}
		names = append(names, m.Name())
	}
	return webhook.Sender{}, misusef("the file does not describe that sender; it describes %s", strings.Join(names, ", "))
}

// printExplanation shows the events field by field.
func printExplanation(out io.Writer, e webhook.Explanation) error {
	var b strings.Builder
	for i, event := range e.Events {
		if i > 0 {
			b.WriteString("\n")
		}
		for _, line := range linesOf(event) {
			fmt.Fprintf(&b, "%-22s %s\n", line.name, line.value)
		}
	}
	if len(e.Events) == 0 && len(e.Errors) == 0 {
		b.WriteString("ignored: it tells of no rating\n")
	}
	for _, w := range e.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	for _, wrong := range e.Errors {
		fmt.Fprintf(&b, "refused: %s\n", wrong)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// A shown is a field of an event as it is shown.
type shown struct{ name, value string }

// linesOf are the fields of an event, under the names of the own format.
func linesOf(e feedback.Event) []shown {
	lines := []shown{{"id", e.ID}, {"kind", string(e.Kind)}, {"channel", string(e.Channel)}}
	for _, field := range feedback.Fields() {
		if !e.Mentions[field] {
			continue
		}
		name, value := string(field), e.Answer.Text(field)
		if field == feedback.FieldRating {
			name, value = "score", e.Kind.RatingText(e.Answer.Rating)
			if e.Kind == feedback.KindSmiley {
				name = "smiley"
			}
			if e.Answer.Raw != "" {
				value += " (" + e.Answer.Raw + ")"
			}
		}
		lines = append(lines, shown{name, value})
	}
	if e.TakenBack {
		lines = append(lines, shown{"taken back", "it would be void"})
	}
	return append(lines, shown{"occurred_at", e.OccurredAt.UTC().Format(time.RFC3339Nano)})
}

func printJSON(out io.Writer, e webhook.Explanation) error {
	said := struct {
		Events   []map[string]string `json:"events"`
		Warnings []string            `json:"warnings,omitempty"`
		Errors   []string            `json:"errors,omitempty"`
	}{Events: []map[string]string{}, Warnings: e.Warnings, Errors: e.Errors}
	for _, event := range e.Events {
		fields := make(map[string]string)
		for _, line := range linesOf(event) {
			fields[line.name] = line.value
		}
		said.Events = append(said.Events, fields)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(said)
}
