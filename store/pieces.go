package store

import (
	"context"
	"time"
)

// A long piece of work is written in many transactions, so that webhooks do not wait for it and
// that the write-ahead log stays small. Each takes pieceTime at most, and pieceRows rows or fewer.
const (
	pieceTime = 200 * time.Millisecond
	pieceRows = 500
)

// inPieces writes rows in as many transactions as it takes, with at most so many rows in each. write
// may be called again for a row whose transaction was rolled back. done, if it is not nil, is called
// after each transaction with how many rows are on disk.
func inPieces[T any](ctx context.Context, engine Engine, most int, rows []T, write func(t *Unit, i int, row T) error, done func(rows int)) error {
	for first, next := 0, 0; first < len(rows); first = next {
		err := engine.WriteIdempotent(ctx, func(t *Unit) error {
			began := time.Now()
			for next = first; next < len(rows) && next-first < most; next++ {
				if next > first && time.Since(began) > pieceTime {
					break
				}
				if err := write(t, next, rows[next]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if done != nil {
			done(next)
		}
	}
	return nil
}
