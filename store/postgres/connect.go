package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"smileybot/store"
)

const (
	// connections is how many a bot opens when the URL does not say pool_max_conns. One writes.
	connections = 8
	// leastConnections is the one that writes and one that reads.
	leastConnections = 2
	// connectTimeout bounds one attempt to connect when the URL does not say connect_timeout.
	connectTimeout = 3 * time.Second
	// waitForReader bounds how long a read waits for a free connection.
	waitForReader = 5 * time.Second
)

// settings are what the URL of a database says.
type settings struct {
	write *pgx.ConnConfig
	read  *pgxpool.Config
}

// parse reads a URL. Its error says nothing of the password, nor anything else of the URL.
func parse(address string) (settings, error) {
	read, err := pgxpool.ParseConfig(address)
	if err != nil {
		return settings{}, wrongURL(address)
	}
	parameters := url.Values{}
	if parsed, err := url.Parse(address); err == nil {
		parameters = parsed.Query()
	}
	conn := read.ConnConfig
	if !parameters.Has("default_query_exec_mode") {
		// Without named statements, which a pooler may not carry from one connection to another.
		conn.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if conn.ConnectTimeout == 0 || !parameters.Has("connect_timeout") {
		conn.ConnectTimeout = connectTimeout
	}
	if !parameters.Has("application_name") {
		conn.RuntimeParams["application_name"] = "smileybot"
	}
	most := int32(connections)
	if parameters.Has("pool_max_conns") {
		most = max(read.MaxConns, leastConnections)
	}
	read.MaxConns = most - 1
	return settings{write: conn.Copy(), read: read}, nil
}

// wrongURL is the fault of a URL that cannot be read.
func wrongURL(address string) error {
	reason := "SMILEYBOT_DATABASE is not the URL of a PostgreSQL database"
	if parsed, err := url.Parse(address); err == nil && parsed.Port() != "" {
		if _, err := strconv.ParseUint(parsed.Port(), 10, 16); err != nil {
			reason += ": its port is not a number"
		}
	}
	return &store.Fault{
		Kind: store.ErrPlace, Reason: reason,
		Remedy: "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters of the password as %XX",
	}
}

// place names a database in messages, without user and password.
func (s settings) place() string {
	return fmt.Sprintf("%s on %s:%d", s.write.Database, s.write.Host, s.write.Port)
}

// connect opens the connection that writes.
func (s settings) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, s.write)
}
