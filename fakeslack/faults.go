package fakeslack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault is a scripted failure. The first fault that matches a call applies, so several can follow
// one another.
type Fault struct {
	Method  string          // such as "chat.postMessage" or "response_url"; empty for any
	Channel string          // of the call; empty for any
	When    func(Call) bool // an additional condition; may be nil
	Times   int             // how many calls fail; 0 means 1, -1 every one until Heal
	Kind    Kind
}

// Kind is the kind of a fault. A constructor whose name ends in After does the work before it
// fails; the others do not.
type Kind struct {
	name  string
	after bool
	write func(http.ResponseWriter)
	block bool
}

// RateLimited responds 429 with Retry-After, in whole seconds rounded up.
func RateLimited(retryAfter time.Duration) Kind {
	return Kind{name: "ratelimited", write: func(w http.ResponseWriter) { writeRateLimited(w, retryAfter) }}
}

// RateLimitedAfter does the work and responds as RateLimited does.
func RateLimitedAfter(retryAfter time.Duration) Kind {
	k := RateLimited(retryAfter)
	k.after = true
	return k
}

// Status responds with an HTTP status.
func Status(code int) Kind {
	return Kind{name: fmt.Sprintf("http_%d", code), write: statusWriter(code)}
}

// StatusAfter does the work and responds with an HTTP status.
func StatusAfter(code int) Kind {
	return Kind{name: fmt.Sprintf("http_%d", code), write: statusWriter(code), after: true}
}

// ErrorCode responds 200 with an error code, such as "channel_not_found".
func ErrorCode(code string) Kind {
	return Kind{name: code, write: errorWriter(code)}
}

// MissingScope responds that the token lacks a scope, which it names.
func MissingScope(scope string) Kind {
	return Kind{name: "missing_scope", write: func(w http.ResponseWriter) {
		writeJSON(w, http.StatusOK, result{"ok": false, "error": "missing_scope", "needed": scope, "provided": ""})
	}}
}

// ErrorCodeAfter does the work and responds 200 with an error code, as Slack may with
// "internal_error" and "fatal_error".
func ErrorCodeAfter(code string) Kind {
	return Kind{name: code, write: errorWriter(code), after: true}
}

// Garbage responds 200 with a page instead of JSON, as a proxy may.
func Garbage() Kind { return Kind{name: "garbage", write: writeGarbage} }

// GarbageAfter does the work and responds 200 with a page.
func GarbageAfter() Kind { return Kind{name: "garbage", write: writeGarbage, after: true} }

// Hang does not respond until the context of the request ends. After Heal the call continues as
// without a fault.
func Hang() Kind { return Kind{name: "hang", block: true} }

// HangAfter does the work and does not respond until the context of the request ends, or until
// Heal.
func HangAfter() Kind { return Kind{name: "hang", block: true, after: true} }

// CutBefore cuts the connection.
func CutBefore() Kind { return Kind{name: "cut"} }

// CutAfter does the work and cuts the connection.
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

// Heal ends all faults. Calls that hang continue.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		close(f.healed)
	}
	s.faults = nil
}

// take returns the fault of the call, or nil, and counts the use. Used faults remain in the script,
// so that Heal reaches calls that hang.
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

// play responds as the fault says. It returns true when the call continues as without a fault.
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
