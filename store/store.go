// Package store keeps what smileybot must not lose: the feedback with its history, the
// follow-ups, the tallies that scores are summed from, and the outbox of what Slack must
// show. It knows neither Slack nor HTTP nor a database driver.
//
// A [Store] has the methods. All SQL is here, next to the function that needs it, one
// concept a file. An [Engine] runs it; package store/sqlite is the embedded one.
//
// The way of a rating is in ingest.go, load.go and feedback.go. Jobs that write get a [Unit], the
// transaction with what its jobs collect: statements without a result run in batches, and the
// tallies are written once before the commit.
//
// # SQL
//
// Statements are written for SQLite and PostgreSQL: placeholders $1, $2 … whose first
// appearances ascend (SQLite's driver numbers them by appearance), paging by id, aliases on
// sub-selects, no scalar max and min, flags as 0 and 1.
package store

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

// ErrNotFound is returned when nothing is kept under an id.
var ErrNotFound = errors.New("not found")

// ErrUnavailable is returned when the database cannot be written now: a full disk, a locked or closed
// file, a server that does not answer. Nothing was written, except when the answer to a commit was lost
// and the server did not come back in time to be asked: then all or nothing of the job was. A caller
// that repeats a job either knows it by a key, as a delivery by its id, or compares what it changes.
var ErrUnavailable = errors.New("the database cannot be written now")

// ErrInterrupted is returned when a read took so long while others wrote that the log of the
// database became too large. The same read may succeed later.
var ErrInterrupted = errors.New("reading took too long while much was written: try again later")

// ErrHeld is returned when what was erased cannot be removed from the log of the database yet,
// because another program reads it.
var ErrHeld = errors.New("the write-ahead log of the database is held")

// Options are the rules that the store applies to events.
type Options struct {
	// Location decides on which local day a feedback counts.
	Location *time.Location
	// Policy says when follow-ups are due.
	Policy followup.Policy
	// Outgoing queues changes of follow-ups for the ticket system, see [Store.NextOutgoing].
	Outgoing bool
	// Migrating, if it is not nil, is called while the engine brings the schema up to date, with the
	// number of migrations that are done and of all.
	Migrating func(done, total int64)
	// Unfinished opens a database also while a copy into it is not complete, see [Copy].
	Unfinished bool
}

// Store is an open database. It is safe for concurrent use.
//
// A method that writes returns [ErrUnavailable] when the database cannot be written. A method
// says which other errors it returns for the caller to recognize.
type Store struct {
	Upkeep

	engine  Engine
	options Options
	*memory
}

// A memory is what all handles of a database in this process remember of it, see [Store.Under].
type memory struct {
	served serviceCache
	probe  probe
	// refused is the latest delivery if it could not be stored, else nil.
	refused atomic.Pointer[refusal]
}

// A refusal is a delivery that could not be stored.
type refusal struct {
	at  time.Time
	why error
}

// refusedFor is how long a delivery that could not be stored counts against the store. A
// full disk has room for a small write now and then, and for no delivery.
const refusedFor = 30 * time.Second

// Open makes a store of an engine whose schema is up to date. An empty database gets the
// settings of options. It returns [ErrUnfinished] for the target of an unfinished copy. The caller
// closes the engine after an error.
func Open(ctx context.Context, engine Engine, options Options) (*Store, error) {
	s := &Store{Upkeep: engine, engine: engine, options: options, memory: &memory{}}
	if !options.Unfinished {
		if unfinished, err := engine.Has(ctx, copyMark); unfinished || err != nil {
			return nil, cmp.Or(err, ErrUnfinished)
		}
	}
	if err := s.initSettings(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// OpenExisting is Open for a command that works next to a running serve: it also refuses a
// database that is counted in the days of another time zone.
func OpenExisting(ctx context.Context, engine Engine, options Options) (*Store, error) {
	s, err := Open(ctx, engine, options)
	if err == nil {
		err = s.checkTimeZone(ctx)
	}
	return s, err
}

// Ready reports whether the database can be written, by writing to it; see [probe] for how often. It
// returns [ErrUnavailable] if not, or what the latest delivery has just met.
func (s *Store) Ready(ctx context.Context, now time.Time) error {
	if err := s.Fault(); err != nil {
		return err
	}
	if r := s.refused.Load(); r != nil && now.Sub(r.at) < refusedFor {
		return r.why
	}
	return s.probe.result(ctx, now, func(ctx context.Context) error {
		return s.exec(ctx, `insert into probe (id, at_ms) values (1, $1) on conflict (id) do update set at_ms = excluded.at_ms`, ms(now))
	})
}

// day is the local day on which a feedback of that moment counts.
func (s *Store) day(t time.Time) office.Day { return office.DayOf(t, s.options.Location) }
