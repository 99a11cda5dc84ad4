package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Outgoing is an event for the ticket system.
type Outgoing struct {
	// ID is the event's own, a UUIDv7.
	ID         string
	FeedbackID string
	Type       followup.Announcement
	// Body is the JSON as it is sent: ids and codes, nothing personal.
	Body []byte
	At   time.Time
	// Attempts is the number of attempts since the backoff began; the next one is not before
	// RetryAt.
	Attempts int
	RetryAt  time.Time
}

// outgoingBody is the body of an event, in the shape of Standard Webhooks.
type outgoingBody struct {
	Type      followup.Announcement `json:"type"`
	Timestamp time.Time             `json:"timestamp"`
	Data      outgoingData          `json:"data"`
}

type outgoingData struct {
	FeedbackID string           `json:"feedback_id"`
	Sender     string           `json:"sender"`
	ID         string           `json:"id"`
	Kind       feedback.Kind    `json:"kind"`
	Channel    feedback.Channel `json:"channel"`
	Smiley     feedback.Smiley  `json:"smiley,omitempty"`
	Score      *int             `json:"score,omitempty"`
	Ticket     struct {
		ID  string `json:"id,omitempty"`
		URL string `json:"url,omitempty"`
	} `json:"ticket"`
	FollowUp outgoingFollowUp `json:"follow_up"`
	By       string           `json:"by"`
}

type outgoingFollowUp struct {
	State    followup.State   `json:"state"`
	Claimer  string           `json:"claimer,omitempty"`
	Outcome  followup.Outcome `json:"outcome,omitempty"`
	OpenedAt time.Time        `json:"opened_at"`
	DueAt    time.Time        `json:"due_at"`
	Openings int              `json:"openings"`
}

// queueOutgoing queues an event about a changed follow-up.
func queueOutgoing(t *Unit, f feedback.Feedback, before, after followup.FollowUp) error {
	what := after.Announce(before)
	if what == "" {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	d := outgoingData{
		FeedbackID: f.ID, Sender: f.Sender, ID: f.Key.ID, Kind: f.Kind, Channel: f.Channel,
		By: after.ChangedBy,
		FollowUp: outgoingFollowUp{
			State: after.State, Claimer: after.Claimer, Outcome: after.Outcome, OpenedAt: after.OpenedAt, DueAt: after.DueAt, Openings: after.Openings,
		},
	}
	d.Ticket.ID, d.Ticket.URL = f.Ticket.ID, f.Ticket.URL
	if f.Kind == feedback.KindSmiley {
		d.Smiley = f.Colour()
	} else {
		d.Score = &f.Rating
	}
	body, err := json.Marshal(outgoingBody{Type: what, Timestamp: after.ChangedAt, Data: d})
	if err != nil {
		return fmt.Errorf("encoding a follow-up: %w", err)
	}
	return t.Exec(`insert into outgoing (event_id, feedback_id, type, body, at_ms) values ($1, $2, $3, $4, $5)`,
		id.String(), f.ID, what, string(body), ms(after.ChangedAt))
}

// NextOutgoing is the next event for the ticket system: of the oldest events of all feedback,
// the one with the earliest retry. It returns [ErrNotFound] when there is no event.
func (s *Store) NextOutgoing(ctx context.Context) (Outgoing, error) {
	var o Outgoing
	err := s.row(ctx, "the outgoing events", `
select event_id, feedback_id, type, body, at_ms, attempts, retry_ms from outgoing o
where not exists (select 1 from outgoing e where e.feedback_id = o.feedback_id and e.id < o.id)
order by retry_ms, id limit 1`).Scan(&o.ID, &o.FeedbackID, &o.Type, &o.Body, momentIn(&o.At), &o.Attempts, momentIn(&o.RetryAt))
	return o, err
}

// MarkSent deletes an event that was accepted or given up. When one is accepted, events that
// were backing off are retried at once with a fresh backoff. Each event gets this only once: one
// that keeps failing while others succeed is itself the problem.
func (s *Store) MarkSent(ctx context.Context, id string, accepted bool) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		if accepted {
			if err := t.Exec(`update outgoing set retry_ms = 0, attempts = 0, poison = 1 where retry_ms > 0 and poison = 0`); err != nil {
				return err
			}
		}
		return t.Exec(`delete from outgoing where event_id = $1`, id)
	})
}

// ScheduleRetry records that an event was not accepted, and when to retry. poison reports that
// the event itself was rejected.
func (s *Store) ScheduleRetry(ctx context.Context, id string, retry time.Time, poison bool) error {
	return s.exec(ctx, `update outgoing set attempts = attempts + 1, retry_ms = $1, poison = case when $2 = 1 then 1 else poison end where event_id = $3`, ms(retry), flag(poison), id)
}

// PendingCount counts the queued events and returns the time of the oldest, zero without one.
func (s *Store) PendingCount(ctx context.Context) (n int, oldest time.Time, err error) {
	err = s.row(ctx, "the outgoing events", `select count(*), min(at_ms) from outgoing`).Scan(&n, momentIn(&oldest))
	return n, oldest, err
}
