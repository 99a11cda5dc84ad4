package main

import (
	"encoding/json"

	"github.com/google/uuid"
)

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
