package storetest

import (
	"context"
	"sync"

	"smileybot/store"
)

// A Gate is the way of one bot to a database that others use as well. It can be shut, as for a process
// that was stopped, and broken, as for one that was killed.
type Gate struct {
	store.Engine

	mu   sync.Mutex
	shut chan struct{} // closed when it is open; nil when it was never shut
	dead bool
}

// Behind returns a handle of the same database behind a gate of its own.
func Behind(s *store.Store) (*Gate, *store.Store) {
	g := &Gate{}
	return g, s.Through(func(e store.Engine) store.Engine {
		g.Engine = e
		return g
	})
}

// Shut lets nothing through until the returned function is called.
func (g *Gate) Shut() (open func()) {
	shut := make(chan struct{})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	return sync.OnceFunc(func() { close(shut) })
}

// Break lets nothing through for good.
func (g *Gate) Break() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dead = true
}

// pass waits until the gate is open, whether or not the caller has the patience: a process that is
// stopped does not notice that its time is up.
func (g *Gate) pass() error {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut != nil {
		<-shut
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return store.ErrUnavailable
	}
	return nil
}

// Close does nothing: the database is the others' as well.
func (g *Gate) Close() error { return nil }

// Write runs a job when the gate is open.
func (g *Gate) Write(ctx context.Context, job func(*store.Unit) error) error {
	if err := g.pass(); err != nil {
		return err
	}
	return g.Engine.Write(ctx, job)
}

// WriteIdempotent runs a job when the gate is open.
func (g *Gate) WriteIdempotent(ctx context.Context, job func(*store.Unit) error) error {
	if err := g.pass(); err != nil {
		return err
	}
	return g.Engine.WriteIdempotent(ctx, job)
}

// WriteSet runs a job when the gate is open.
func (g *Gate) WriteSet(ctx context.Context, job any, do store.SetFunc) error {
	if err := g.pass(); err != nil {
		return err
	}
	return g.Engine.WriteSet(ctx, job, do)
}

// Changes reads the number of changes when the gate is open.
func (g *Gate) Changes(ctx context.Context) (int64, error) {
	if err := g.pass(); err != nil {
		return 0, err
	}
	return g.Engine.Changes(ctx)
}

// Row reads a row when the gate is open.
func (g *Gate) Row(ctx context.Context, query string, args ...any) store.Scanner {
	if err := g.pass(); err != nil {
		return unread{err}
	}
	return g.Engine.Row(ctx, query, args...)
}

// Each reads rows when the gate is open.
func (g *Gate) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	if err := g.pass(); err != nil {
		return err
	}
	return g.Engine.Each(ctx, scan, query, args...)
}

// State reads one state when the gate is open.
func (g *Gate) State(ctx context.Context, read func(store.Reader) error) error {
	if err := g.pass(); err != nil {
		return err
	}
	return g.Engine.State(ctx, read)
}

// Snapshot begins to read one state when the gate is open.
func (g *Gate) Snapshot(ctx context.Context) (store.Snapshot, error) {
	if err := g.pass(); err != nil {
		return nil, err
	}
	return g.Engine.Snapshot(ctx)
}

// unread is a row that could not be read.
type unread struct{ err error }

func (u unread) Scan(...any) error { return u.err }
