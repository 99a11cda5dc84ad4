package main

import (
	"context"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"smileybot/bot/webhook"
	"smileybot/bot/webhook/samples"
)

// disguised is what the command line says of a sample of another sender.
type disguised struct {
	As        string  `placeholder:"NAME" help:"Send a sample as this sender would, signed: ${senders}."`
	Rating    *string `placeholder:"WORD" help:"With --as: the rating, in the words of that sender, such as Great or 4."`
	Questions string  `placeholder:"LIST" help:"With --as formbricks or typeform: your questions. Default: SMILEYBOT_FORMBRICKS_QUESTIONS or SMILEYBOT_TYPEFORM_QUESTIONS."`
}

// newDisguise is a sample as its sender posts it: with the id, the rating, the comment and
// the moment that the command line says, else with a new id and now.
func (c sendCommand) newDisguise(ctx context.Context, secret string, now time.Time) (*http.Request, error) {
	d, known := disguises()[c.As]
	if !known {
		return nil, misusef("--as does not know that sender; it knows %s", strings.Join(disguiseNames(), ", "))
	}
	if c.beyondDisguise() {
		return nil, misusef("with --as a sample is sent, of which --id, --rating, --comment and --occurred-at can be changed, and nothing else")
	}
	text, err := samples.Read(d.sample)
	if err != nil {
		return nil, err
	}
	tree, err := readPaper(text, strings.HasSuffix(d.sample, ".form"))
	if err != nil {
		return nil, err
	}
	if err := c.fill(&d, tree, now); err != nil {
		return nil, err
	}
	body, err := tree.bytes()
	if err != nil {
		return nil, err
	}
	request, err := newPost(ctx, c.URL, body)
	if err != nil {
		return nil, err
	}
	if tree.form {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range d.header {
		request.Header.Set(name, value)
	}
	delivery := c.Delivery
	if delivery == "" {
		delivery = uuid.NewString()
	}
	return request, d.prove(request, seal{secret: secret, delivery: delivery, at: now, body: body})
}

// beyondDisguise reports whether the command line says what only the own format has.
func (c sendCommand) beyondDisguise() bool {
	return c.Smiley != nil || c.Score != nil || c.Customer != (person{}) || c.Agent != (person{}) || c.Ticket != (ticket{}) ||
		c.Urgent != nil || c.Site != nil || c.FollowUpOf != nil
}

// fill writes into a sample what the command line says.
func (c sendCommand) fill(d *disguise, tree *paper, now time.Time) error {
	if err := d.ask(c.As, c.Questions, tree); err != nil {
		return err
	}
	at := now
	if c.OccurredAt != nil {
		t, err := time.Parse(time.RFC3339, *c.OccurredAt)
		if err != nil {
			return misusef("--occurred-at must be a time such as 2026-11-20T10:31:00Z")
		}
		at = t
	}
	id := c.ID
	if id == "" {
		id = strconv.FormatInt(now.UnixMilli(), 10) // some senders have numbers for ids
	}
	for _, path := range d.ids {
		tree.set(path, id)
	}
	for _, path := range d.times {
		tree.setTime(path, at)
	}
	for _, path := range d.unix {
		tree.set(path, strconv.FormatInt(at.Unix(), 10))
	}
	for _, name := range d.without {
		delete(tree.root, name)
	}
	if d.event != "" {
		delivery := c.Delivery
		if delivery == "" {
			delivery = uuid.NewString()
		}
		tree.set(d.event, delivery)
	}
	if c.Rating != nil {
		tree.set(d.rating, *c.Rating)
	}
	if c.Comment != nil {
		if d.comment == "" {
			return misusef("the sample of %s has no comment", c.As)
		}
		tree.set(d.comment, *c.Comment)
	}
	return nil
}

// ask puts the ids of the operator's own questions into the sample of a survey.
func (d *disguise) ask(name, text string, tree *paper) error {
	if d.questions == nil {
		return nil
	}
	if text == "" {
		text = os.Getenv("SMILEYBOT_" + strings.ToUpper(name) + "_QUESTIONS")
	}
	q, err := webhook.ParseQuestions(text)
	if err != nil {
		return misusef("--questions: %w", err)
	}
	d.questions(d, tree, q)
	return nil
}

// disguiseNames lists the senders that --as knows.
func disguiseNames() []string { return slices.Sorted(maps.Keys(disguises())) }
