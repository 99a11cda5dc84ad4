// Package logbuffer writes a log through a bounded buffer, so that a reader that stalls stops nothing:
// a full pipe, a full disk or a closed terminal costs lines of the log, which are counted, and never
// the time of the goroutine that logs.
package logbuffer

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// maxBytes bounds the lines that wait to be written: some five thousand of them.
const maxBytes = 1 << 20

// A Log is a [slog.Handler] whose lines are written by a goroutine of its own, one write a line. It is
// also an [io.Writer], whose writes are lines. It is safe for concurrent use.
type Log struct {
	slog.Handler

	notices *slog.Logger // says how many lines were dropped
	out     io.Writer
	dropped atomic.Uint64
	ended   chan struct{} // closed when everything is written after Close

	mu     sync.Mutex // guards the fields below
	work   *sync.Cond
	lines  [][]byte
	bytes  int    // of lines, and of those that are being written
	missed uint64 // lines dropped since the last notice
	closed bool
}

// New begins a log. handler returns the format of lines that are written to a writer.
func New(out io.Writer, handler func(io.Writer) slog.Handler) *Log {
	l := &Log{out: out, notices: slog.New(handler(out)), ended: make(chan struct{})}
	l.work = sync.NewCond(&l.mu)
	l.Handler = handler(l)
	go l.run()
	return l
}

// Dropped returns how many lines were dropped: those for which there was no room, and those that could
// not be written.
func (l *Log) Dropped() uint64 { return l.dropped.Load() }

// Write queues a line. It never blocks and never fails.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.bytes+len(line) > maxBytes {
		l.drop(1)
		return len(line), nil
	}
	l.lines = append(l.lines, append([]byte(nil), line...))
	l.bytes += len(line)
	l.work.Signal()
	return len(line), nil
}

// drop counts lines. The caller holds mu.
func (l *Log) drop(lines uint64) {
	l.missed += lines
	l.dropped.Add(lines)
}

// Close writes what is queued, for at most as long as grace, and ends the log.
func (l *Log) Close(grace time.Duration) {
	l.mu.Lock()
	l.closed = true
	l.work.Signal()
	l.mu.Unlock()
	select {
	case <-l.ended:
	case <-time.After(grace):
	}
}

// run writes what is queued until the log is closed.
func (l *Log) run() {
	defer close(l.ended)
	for {
		l.mu.Lock()
		for len(l.lines) == 0 && !l.closed {
			l.work.Wait()
		}
		lines, missed, closed := l.lines, l.missed, l.closed
		l.lines, l.missed = nil, 0
		l.mu.Unlock()
		written := l.write(lines)
		if missed > 0 && !written {
			l.mu.Lock()
			l.missed += missed // it is said after a line that is written
			l.mu.Unlock()
		} else if missed > 0 {
			l.notices.Warn("dropped lines of the log that nothing read", "lines", missed)
		}
		if closed && len(lines) == 0 {
			return
		}
	}
}

// write writes lines, and reports whether the last one was written.
func (l *Log) write(lines [][]byte) (written bool) {
	for _, line := range lines {
		_, err := l.out.Write(line)
		written = err == nil
		l.mu.Lock()
		l.bytes -= len(line)
		if err != nil {
			l.drop(1)
		}
		l.mu.Unlock()
	}
	return written
}
