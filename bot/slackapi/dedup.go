package bot

import (
	"crypto/sha256"
	"encoding/json"
	"sync"

	"github.com/slack-go/slack/socketmode"
)

// maxSeen is how many identities are remembered: far more than come in the
// minutes in which Slack delivers something again, and less than a megabyte.
const maxSeen = 4096

// identity is by what a request is known again.
type identity [sha256.Size]byte

// identities are those of a request over Socket Mode: its envelope's and, for
// what people do, its payload's, by which it is known again in another envelope.
// A payload without a trigger_id, which no two have in common, tells nothing. To
// do an event twice does no harm.
func identities(r socketmode.Request) []identity {
	ids := []identity{sha256.Sum256([]byte("envelope " + r.EnvelopeID))}
	var unique struct {
		TriggerID string `json:"trigger_id"`
	}
	if json.Unmarshal(r.Payload, &unique) == nil && unique.TriggerID != "" {
		ids = append(ids, sha256.Sum256(r.Payload))
	}
	return ids
}

// seen remembers the latest requests. The zero value remembers none.
type seen struct {
	mu    sync.Mutex
	known map[identity]struct{}
	order []identity // as a ring, once it is full
	next  int
}

// first reports whether none of a request's identities was seen before, and
// remembers them.
func (s *seen) first(ids []identity) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := true
	for _, id := range ids {
		if _, known := s.known[id]; known {
			fresh = false
			continue
		}
		s.remember(id)
	}
	return fresh
}

func (s *seen) remember(id identity) {
	if s.known == nil {
		s.known = make(map[identity]struct{}, maxSeen)
	}
	if len(s.order) < maxSeen {
		s.order = append(s.order, id)
	} else {
		delete(s.known, s.order[s.next])
		s.order[s.next] = id
		s.next = (s.next + 1) % maxSeen
	}
	s.known[id] = struct{}{}
}
