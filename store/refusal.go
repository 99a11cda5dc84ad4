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
	return s.writer.do(ctx, func(t *tx) error {
		err := t.exec(`insert into refusal (sender, status, detail, received_ms, body) values ($1, $2, $3, $4, $5)`,
			r.Sender, r.Status, r.Detail, ms(r.ReceivedAt), append([]byte{}, r.Body...))
		if err != nil {
			return fmt.Errorf("keeping a refused delivery: %w", err)
		}
		return t.exec(`delete from refusal where id <= (select max(id) from refusal) - $1`, refusalsKept)
	})
}

// Refusals lists the refused deliveries that are kept, the latest first, without
// their bodies.
func (s *Store) Refusals(ctx context.Context) ([]Refusal, error) {
	rows, err := s.read.QueryContext(ctx, `select sender, status, detail, received_ms from refusal order by id desc`)
	if err != nil {
		return nil, fmt.Errorf("reading the refused deliveries: %w", err)
	}
	defer rows.Close()
	var refusals []Refusal
	for rows.Next() {
		var r Refusal
		var received int64
		if err := rows.Scan(&r.Sender, &r.Status, &r.Detail, &received); err != nil {
			return nil, fmt.Errorf("reading the refused deliveries: %w", err)
		}
		r.ReceivedAt = time.UnixMilli(received).UTC()
		refusals = append(refusals, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the refused deliveries: %w", err)
	}
	return refusals, nil
}

// Sweep drops raw payloads, delivery ids and refusals older than [Kept].
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	return s.writer.do(ctx, func(t *tx) error {
		for _, query := range []string{
			`delete from payload where received_ms <= $1`,
			`delete from delivery where received_ms <= $1`,
			`delete from refusal where received_ms <= $1`,
		} {
			if err := t.exec(query, ms(now.Add(-Kept))); err != nil {
				return fmt.Errorf("dropping old deliveries: %w", err)
			}
		}
		return nil
	})
}
