package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Inspection is what a server says of itself.
type Inspection struct {
	Version string
	// Isolation is how transactions are isolated that do not say it; smileybot's say it.
	Isolation string
	// Replica reports that the server takes no writes.
	Replica bool
	// Pooler reports that a connection pooler answers for the server.
	Pooler bool
	// Offset is how far the server's clock is ahead.
	Offset time.Duration
}

// Inspect asks a server what it is.
func Inspect(ctx context.Context, address string) (Inspection, error) {
	s, err := parse(address)
	if err != nil {
		return Inspection{}, err
	}
	conn, err := s.connect(ctx)
	if err != nil {
		return Inspection{}, s.opening(err)
	}
	found, err := inspect(ctx, conn)
	_ = conn.Close(ctx)
	if err != nil {
		return Inspection{}, s.opening(err)
	}
	return found, nil
}

func inspect(ctx context.Context, conn *pgx.Conn) (found Inspection, err error) {
	const query = `
select current_setting('server_version'), current_setting('default_transaction_isolation'), pg_is_in_recovery(),
       pg_backend_pid(), (extract(epoch from clock_timestamp()) * 1000)::bigint`
	var process uint32
	var at int64
	for range 2 { // the first round trip also describes the statement
		began := time.Now()
		if err := conn.QueryRow(ctx, query).Scan(&found.Version, &found.Isolation, &found.Replica, &process, &at); err != nil {
			return found, err
		}
		found.Pooler = found.Pooler || pooled(conn, process)
		middle := began.Add(time.Since(began) / 2)
		found.Offset = time.UnixMilli(at).Sub(middle)
	}
	return found, nil
}
