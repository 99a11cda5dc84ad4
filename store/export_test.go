package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/mattn/go-sqlite3"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Tx is the writer's transaction, for tests of the writer.
type Tx = tx

// Exec runs a statement in the transaction.
func (t *tx) Exec(query string, args ...any) error { return t.exec(query, args...) }

// Row runs a query for one row in the transaction.
func (t *tx) Row(query string, args ...any) scanner { return t.row(query, args...) }

// Count counts a rating in a place.
func (t *tx) Count(at score.Place, rating int) {
	var c score.Count
	c.Tally[rating]++
	t.moved = append(t.moved, move{at, c})
}

// Context is the one that statements run on.
func (t *tx) Context() context.Context { return t.ctx }

// Write runs a job of a test in the writer.
func (s *Store) Write(ctx context.Context, run func(*Tx) error) error { return s.writer.do(ctx, run) }

// WriteAgain is Write for a job that may be run again.
func (s *Store) WriteAgain(ctx context.Context, run func(*Tx) error) error {
	return s.writer.doAgain(ctx, run)
}

// RunOut rolls the whole transaction back, as SQLite does by itself when memory or the disk
// fails a statement, even one that only reads.
func (t *tx) RunOut() error {
	_, err := t.conn.ExecContext(t.ctx, `rollback`, nil)
	return err
}

// SelectSent names every channel and kind.
const SelectSent = selectSent

// MaxGroup is the most jobs that share a commit.
const MaxGroup = maxGroup

// A connector opens connections with a hook of the test's.
type connector struct {
	dsn  string
	hook func(driver.Conn) (driver.Conn, error)
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return c.hook(conn)
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// HookWriter has every further connection of the writer pass through a hook.
func (s *Store) HookWriter(hook func(driver.Conn) (driver.Conn, error)) error {
	err := s.writer.do(context.Background(), func(*tx) error {
		open := s.writer.open
		s.writer.open = func() (driver.Conn, error) {
			conn, err := open()
			if err != nil {
				return nil, err
			}
			return hook(conn)
		}
		return ErrUnavailable // so that the connection is given up
	})
	if !errors.Is(err, ErrUnavailable) {
		return err
	}
	return nil
}

// HookReaders has every connection of the readers pass through a hook. It comes
// before the first read.
func (s *Store) HookReaders(hook func(driver.Conn) (driver.Conn, error)) error {
	former := s.read
	s.read = sql.OpenDB(connector{dsn(s.path, "rw", "_query_only=true"), hook})
	s.read.SetMaxOpenConns(readers)
	return former.Close()
}

// Written lists the statements the writer has prepared so far.
func (s *Store) Written(ctx context.Context) ([]string, error) {
	var queries []string
	err := s.writer.do(ctx, func(t *tx) error {
		queries = slices.Sorted(maps.Keys(t.stmts))
		return nil
	})
	return queries, err
}

// Queued is how many jobs wait for the writer.
func (s *Store) Queued() int { return len(s.writer.jobs) }

// Interrupted runs a long statement on a context that is cancelled while it
// runs.
func (t *tx) Interrupted(ctx context.Context, query string) error {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := t.conn.ExecContext(ctx, query, nil)
	return err
}

// Tally counts the answers of a kind, all of them.
func (s *Store) Tally(ctx context.Context, kind feedback.Kind, first, last office.Day) (score.Tally, error) {
	for _, metric := range score.Metrics() {
		if metric.Kind() == kind {
			state, err := s.read.BeginTx(ctx, nil)
			if err != nil {
				return score.Tally{}, err
			}
			defer state.Rollback()
			a := asked{Query: score.Query{Metric: metric}, state: state, refs: []int64{everybody}}
			counted, err := a.count(ctx, score.Period{From: first, To: last})
			return counted.all.Tally, err
		}
	}
	return score.Tally{}, nil
}

// Service counts the tickets that were opened on some days and have a rating that matches
// the scope.
func (s *Store) Service(ctx context.Context, first, last office.Day, by score.Scope) (counted score.ServiceCount, err error) {
	err = s.ask(ctx, score.Query{}, func(a asked) error {
		a.Filter = score.Filter{Channel: by.Channel, Agent: by.Agent}
		a.keys = map[string]string{by.Agent: by.Agent}
		r, err := a.service(ctx, &s.served, score.Period{From: first, To: last})
		if err == nil {
			counted = r.all
		}
		return err
	})
	return counted, err
}

// ServiceCache is the copies of days that a report adds up.
type ServiceCache = serviceCache

// MaxCache bounds a ServiceCache, in bytes.
const MaxCache = maxCache

// Keep caches a day with so many tickets.
func (c *serviceCache) Keep(day office.Day, version, tickets int64) {
	c.keep(day, cachedDay{version, map[string]*score.ServiceCount{"": {N: tickets}}})
}

// Size is about how many bytes are cached.
func (c *serviceCache) Size() int { return c.size }

// Trend reads a trend, also of too few answers to show one.
func (s *Store) Trend(ctx context.Context, q score.Query) error {
	return s.ask(ctx, q, func(a asked) error {
		_, err := a.trend(ctx)
		return err
	})
}
