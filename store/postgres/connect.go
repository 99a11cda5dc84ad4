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
	// says reports that the URL says how statements are sent.
	says bool
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
	says := parameters.Has("default_query_exec_mode")
	if !says {
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
	return settings{write: conn.Copy(), read: read, says: says}, nil
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

// connect opens a connection outside the pool.
func (s settings) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, s.write)
}

// connectNamed is connect with names for the statements, so that the server parses and plans each once
// and not for every rating. It has them unless the URL says how statements are sent, and where the
// session is the connection's own: a pooler may run each transaction in another one.
func (s settings) connectNamed(ctx context.Context) (conn *pgx.Conn, named bool, err error) {
	if s.says {
		conn, err = s.connect(ctx)
		return conn, s.write.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement, err
	}
	with := s.write.Copy()
	with.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if conn, err = pgx.ConnectConfig(ctx, with); err != nil {
		return nil, false, err
	}
	pooled, err := behindPooler(ctx, conn)
	if err == nil && !pooled {
		return conn, true, nil
	}
	_ = conn.Close(ctx)
	if err != nil {
		return nil, false, err
	}
	conn, err = s.connect(ctx)
	return conn, false, err
}

// behindPooler reports whether a connection pooler answers for the server.
func behindPooler(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var process uint32
	if err := conn.QueryRow(ctx, `select pg_backend_pid()`, pgx.QueryExecModeExec).Scan(&process); err != nil {
		return false, err
	}
	return pooled(conn, process), nil
}

// pooled reports whether the process that runs the statements of a connection is another than the one
// which was named when it was opened: a server names its process as the key by which a query is
// cancelled, a pooler a key of its own.
func pooled(conn *pgx.Conn, process uint32) bool { return process != conn.PgConn().PID() }
