package sqlite

import (
	"time"

	"github.com/gofrs/flock"
)

// turnPatience bounds how long a writer waits for its turn. It is longer than another writer keeps it,
// which is busyTimeout or pauseWriters.
const turnPatience = 3 * time.Second

// A turn is the lock that the writers of several processes take in turn, see [writer.begin].
type turn struct {
	lock *flock.Flock
	// free is closed while this process neither has the lock nor waits for it.
	free chan struct{}
}

func newTurn(database string) *turn {
	t := &turn{lock: flock.New(turnFile(database)), free: make(chan struct{})}
	close(t.free)
	return t
}

// take waits for the lock, and returns what gives it back. A program that is stopped keeps the lock:
// after turnPatience, or at the end of hurry, the writer goes on without it, and so do the next
// transactions until it is free.
func (t *turn) take(hurry <-chan struct{}) (end func()) {
	select {
	case <-t.free:
	default:
		return func() {}
	}
	free := make(chan struct{})
	t.free = free
	release := func() {
		_ = t.lock.Unlock()
		close(free)
	}
	if taken, err := t.lock.TryLock(); taken || err != nil {
		return release
	}
	got := make(chan struct{})
	go func() {
		_ = t.lock.Lock()
		close(got)
	}()
	timer := time.NewTimer(turnPatience)
	defer timer.Stop()
	select {
	case <-got:
		return release
	case <-timer.C:
	case <-hurry:
	}
	go func() {
		<-got
		release()
	}()
	return func() {}
}
