package fakeslack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault is a failure to play. The first scripted fault that matches a call is
// used, so that several play one after another.
type Fault struct {
	Method  string          // such as "chat.postMessage", "response_url"; empty: any
	Channel string          // the channel it concerns; empty: any
	When    func(Call) bool // a further condition on the call; nil: none
	Times   int             // how many calls it spoils; 0 means 1, -1 every one until Heal
	Kind    Kind
}

// Kind is what goes wrong. Make one with RateLimited, Status, ErrorCode, Hang,
// CutBefore and their twins that fail after the work was done.
type Kind struct {
	name  string
	after bool
	write func(http.ResponseWriter)
	block bool
}

// RateLimited answers 429 with Retry-After, in whole seconds rounded up, and
// does nothing.
func RateLimited(retryAfter time.Duration) Kind {
	return Kind{name: "ratelimited", write: func(w http.ResponseWriter) { writeRateLimited(w, retryAfter) }}
}

// Status answers with that HTTP status and does nothing.
func Status(code int) Kind {
	return Kind{name: fmt.Sprintf("http_%d", code), write: statusWriter(code)}
}

// StatusAfter does the work and then answers with that HTTP status.
func StatusAfter(code int) Kind {
	return Kind{name: fmt.Sprintf("http_%d", code), write: statusWriter(code), after: true}
}

// ErrorCode answers 200 with that error, such as "channel_not_found", and does
// nothing.
func ErrorCode(code string) Kind {
	return Kind{name: code, write: errorWriter(code)}
}

// ErrorCodeAfter does the work and then answers 200 with that error, as
// "internal_error" and "fatal_error" may.
func ErrorCodeAfter(code string) Kind {
	return Kind{name: code, write: errorWriter(code), after: true}
}

// Garbage answers 200 with a page instead of JSON, as a proxy on the way may, and does
// nothing.
func Garbage() Kind { return Kind{name: "garbage", write: writeGarbage} }

// GarbageAfter does the work and then answers with the page.
func GarbageAfter() Kind { return Kind{name: "garbage", write: writeGarbage, after: true} }

// Hang does not answer until the request's context ends, which leaves the work
// undone, or until Heal, after which the call goes on as if nothing had been.
func Hang() Kind { return Kind{name: "hang", block: true} }

// HangAfter does the work and then does not answer until the request's context
// ends or Heal.
func HangAfter() Kind { return Kind{name: "hang", block: true, after: true} }

// CutBefore cuts the connection and does nothing.
func CutBefore() Kind { return Kind{name: "cut"} }

// CutAfter does the work and cuts the connection before the answer.
func CutAfter() Kind { return Kind{name: "cut", after: true} }

type scripted struct {
	Fault

	left   int
	healed chan struct{}
}

// Fail adds a fault to the script.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := f.Times
	if left == 0 {
		left = 1
	}
	s.faults = append(s.faults, &scripted{Fault: f, left: left, healed: make(chan struct{})})
}

// Heal ends all faults, also for the calls that hang right now.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		close(f.healed)
	}
	s.faults = nil
}

// take returns the fault that spoils the call, or nil, and uses it up once.
// Used-up faults stay in the script so that Heal reaches those who hang.
func (s *Server) take(c Call) *scripted {
	i := slices.IndexFunc(s.faults, func(f *scripted) bool {
		return f.left != 0 &&
			(f.Method == "" || f.Method == c.Method) &&
			(f.Channel == "" || f.Channel == c.Channel) &&
			(f.When == nil || f.When(c))
	})
	if i < 0 {
		return nil
	}
	f := s.faults[i]
	if f.left > 0 {
		f.left--
	}
	return f
}

// play does what the fault does to the answer; it returns true when the call
// goes on as if nothing had been.
func (f *scripted) play(ctx context.Context, w http.ResponseWriter) bool {
	switch {
	case f.Kind.block:
		select {
		case <-f.healed:
			return true
		case <-ctx.Done():
			panic(http.ErrAbortHandler)
		}
	case f.Kind.write != nil:
		f.Kind.write(w)
		return false
	default:
		panic(http.ErrAbortHandler)
	}
}

func writeGarbage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte("<html><body>Please log in to the network.</body></html>"))
}

func statusWriter(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { http.Error(w, http.StatusText(code), code) }
}

func errorWriter(code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { writeJSON(w, http.StatusOK, result{"ok": false, "error": code}) }
}

func writeRateLimited(w http.ResponseWriter, wait time.Duration) {
	seconds := (wait + time.Second - 1) / time.Second
	w.Header().Set("Retry-After", strconv.FormatInt(int64(max(seconds, 1)), 10))
	writeJSON(w, http.StatusTooManyRequests, result{"ok": false, "error": "ratelimited"})
}
