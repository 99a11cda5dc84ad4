package store

import (
	"context"
	"fmt"
	"time"
)

// refusalsKept is how many refused deliveries are kept.
const refusalsKept = 100

// Refusal is a delivery that proved its sender and was refused.
type Refusal struct {
	Sender string
	// Status is 400 or 422.
	Status int
	// Detail says what was wrong, without what the sender wrote.
	Detail     string
	ReceivedAt time.Time
	Body       []byte
}

// Refuse keeps a refused delivery, so that the operator can find out what a
// sender does wrong. Only the last 100 are kept.
func (s *Store) Refuse(ctx context.Context, r Refusal) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		err := t.Exec(`insert into refusal (sender, status, detail, received_ms, body) values ($1, $2, $3, $4, $5)`,
			r.Sender, r.Status, r.Detail, ms(r.ReceivedAt), append([]byte{}, r.Body...))
		if err != nil {
			return fmt.Errorf("keeping a refused delivery: %w", err)
		}
		return t.Exec(`delete from refusal where id <= (select max(id) from refusal) - $1`, refusalsKept)
	})
}

// Refusals lists the refused deliveries that are kept, the latest first, without
// their bodies.
func (s *Store) Refusals(ctx context.Context) ([]Refusal, error) {
	var refusals []Refusal
	err := s.each(ctx, "the refused deliveries", func(row Scanner) error {
		var r Refusal
		var received int64
		err := row.Scan(&r.Sender, &r.Status, &r.Detail, &received)
		r.ReceivedAt = time.UnixMilli(received).UTC()
		refusals = append(refusals, r)
		return err
	}, `select sender, status, detail, received_ms from refusal order by id desc`)
	return refusals, err
}
