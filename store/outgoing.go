package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"smileybot/feedback"
)

// Outgoing is something that the ticket system is to be told.
type Outgoing struct {
	// ID is the event's own, a UUIDv7.
	ID         string
	FeedbackID string
	Type       feedback.Announcement
	// Body is the JSON as it is sent: ids and codes, nothing personal.
	Body []byte
	At   time.Time
	// Attempts is how often it was tried, as far as its next waiting time goes; it is not
	// tried before RetryAt.
	Attempts int
	RetryAt  time.Time
}

// announced is the body of an event, in the shape of Standard Webhooks.
type announced struct {
	Type      feedback.Announcement `json:"type"`
	Timestamp time.Time             `json:"timestamp"`
	Data      announcedData         `json:"data"`
}

type announcedData struct {
	FeedbackID string            `json:"feedback_id"`
	Sender     string            `json:"sender"`
	ID         string            `json:"id"`
	Kind       feedback.Kind     `json:"kind"`
	Channel    feedback.Channel  `json:"channel"`
	Smiley     feedback.Smiley   `json:"smiley,omitempty"`
	Score      *int              `json:"score,omitempty"`
	Ticket     announcedTicket   `json:"ticket"`
	FollowUp   announcedFollowUp `json:"follow_up"`
	By         string            `json:"by"`
}

type announcedTicket struct {
	ID  string `json:"id,omitempty"`
	URL string `json:"url,omitempty"`
}

type announcedFollowUp struct {
	State    feedback.State   `json:"state"`
	Claimer  string           `json:"claimer,omitempty"`
	Outcome  feedback.Outcome `json:"outcome,omitempty"`
	OpenedAt time.Time        `json:"opened_at"`
	DueAt    time.Time        `json:"due_at"`
	Openings int              `json:"openings"`
}

// announce has the ticket system told of a follow-up that has changed.
func announce(t *Unit, f feedback.Feedback, before, after feedback.FollowUp) error {
	what := after.Announce(before)
	if what == "" {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	body, err := json.Marshal(announced{Type: what, Timestamp: after.ChangedAt, Data: dataOf(f, after)})
	if err != nil {
		return fmt.Errorf("announcing a follow-up: %w", err)
	}
	return t.Exec(`insert into outgoing (event_id, feedback_id, type, body, at_ms) values ($1, $2, $3, $4, $5)`,
		id.String(), f.ID, what, string(body), ms(after.ChangedAt))
}

func dataOf(f feedback.Feedback, u feedback.FollowUp) announcedData {
	d := announcedData{
		FeedbackID: f.ID, Sender: f.Sender, ID: f.Key.ID, Kind: f.Kind, Channel: f.Channel,
		Ticket: announcedTicket{ID: f.Ticket.ID, URL: f.Ticket.URL}, By: u.ChangedBy,
		FollowUp: announcedFollowUp{
			State: u.State, Claimer: u.Claimer, Outcome: u.Outcome, OpenedAt: u.OpenedAt, DueAt: u.DueAt, Openings: u.Openings,
		},
	}
	if f.Kind == feedback.KindSmiley {
		d.Smiley = f.Colour()
	} else {
		d.Score = &f.Rating
	}
	return d
}

// NextOutgoing is what the ticket system is told next: of each feedback what happened
// first, and of these what may be tried the soonest. It is [ErrNotFound] when there is
// nothing.
func (s *Store) NextOutgoing(ctx context.Context) (Outgoing, error) {
	var o Outgoing
	var at, retry int64
	err := s.engine.Row(ctx, `
select event_id, feedback_id, type, body, at_ms, attempts, retry_ms from outgoing o
where not exists (select 1 from outgoing e where e.feedback_id = o.feedback_id and e.id < o.id)
order by retry_ms, id limit 1`).Scan(&o.ID, &o.FeedbackID, &o.Type, &o.Body, &at, &o.Attempts, &retry)
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrNotFound
	}
	if err != nil {
		return o, fmt.Errorf("reading what is to be told: %w", err)
	}
	o.At, o.RetryAt = time.UnixMilli(at).UTC(), time.UnixMilli(retry).UTC()
	return o, nil
}

// Told notes that an event was taken, or that it was given up. What waits perhaps only
// because nothing was taken is tried at once when taken is true, and waits as at first if
// it fails again; but that happens once: what fails while others are taken has a reason of
// its own.
func (s *Store) Told(ctx context.Context, id string, taken bool) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		if taken {
			if err := t.Exec(`update outgoing set retry_ms = 0, attempts = 0, aside = 1 where retry_ms > 0 and aside = 0`); err != nil {
				return err
			}
		}
		return t.Exec(`delete from outgoing where event_id = $1`, id)
	})
}

// Untold notes that an event was not taken, and when it is tried again. aside says that
// it was refused for a reason of its own.
func (s *Store) Untold(ctx context.Context, id string, retry time.Time, aside bool) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		return t.Exec(`update outgoing set attempts = attempts + 1, retry_ms = $1, aside = case when $2 = 1 then 1 else aside end where event_id = $3`, ms(retry), flag(aside), id)
	})
}

// Untolds counts what waits to be told, and tells since when the oldest does, zero when
// there is none.
func (s *Store) Untolds(ctx context.Context) (n int, oldest time.Time, err error) {
	var at sql.NullInt64
	if err := s.engine.Row(ctx, `select count(*), min(at_ms) from outgoing`).Scan(&n, &at); err != nil {
		return 0, time.Time{}, fmt.Errorf("counting what is to be told: %w", err)
	}
	return n, moment(at), nil
}
