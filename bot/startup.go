package bot

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A startup is what the bot does before it takes webhooks. It may be asked while it changes.
type startup struct {
	log *slog.Logger

	mu          sync.Mutex
	doing       string
	done, total int64
	over        bool
}

// logEvery is how often the progress of a step is logged.
const logEvery = 5 * time.Second

// step begins a step and returns a function that notes how far it is, and logs that now and then.
func (s *startup) step(doing string) (progress func(done, total int64)) {
	var logged time.Time
	return func(done, total int64) {
		s.set(doing, done, total)
		if time.Since(logged) >= logEvery {
			logged = time.Now()
			s.log.Info("starting", "step", doing, "done", done, "total", total)
		}
	}
}

func (s *startup) set(doing string, done, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing, s.done, s.total = doing, done, total
}

// end says that the bot has started.
func (s *startup) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// ended reports whether the bot has started.
func (s *startup) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// readiness returns the answer of /readyz while the bot starts.
func (s *startup) readiness() readiness {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := readiness{Status: statusStarting, Reason: s.doing, Remedy: "wait: it becomes ready by itself"}
	if s.total > 0 {
		r.Reason = fmt.Sprintf("%s: %d of %d", s.doing, s.done, s.total)
		r.Progress = &progress{Done: s.done, Total: s.total}
	}
	return r
}
