package postgres

import (
	"context"

	"smileybot/store"
)

// OpenEngine opens the engine of a database that has its tables.
func OpenEngine(ctx context.Context, address string) (store.Engine, error) {
	s, err := parse(address)
	if err != nil {
		return nil, err
	}
	return openEngine(ctx, s)
}
