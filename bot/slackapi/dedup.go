package slackapi

import (
	"crypto/sha256"
	"encoding/json"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/slack-go/slack/socketmode"
)

// maxRecent is how many identities are remembered: far more than come in the minutes in which Slack
// delivers something again, and less than a megabyte.
const maxRecent = 4096

// An identity is by what a request is recognised.
type identity [sha256.Size]byte

// identities are those of a request over Socket Mode: its envelope's and, for what people do, its
// payload's, which Slack may deliver again in another envelope. A payload without a trigger_id
// identifies nothing; to do an event twice does no harm.
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

// recentRequests remembers the latest requests.
type recentRequests struct {
	mu    sync.Mutex
	known *simplelru.LRU[identity, struct{}]
}

func newRecentRequests() *recentRequests {
	known, err := simplelru.NewLRU[identity, struct{}](maxRecent, nil)
	if err != nil {
		panic(err) // maxRecent is positive
	}
	return &recentRequests{known: known}
}

// firstTime reports whether none of a request's identities is known, and remembers them.
func (s *recentRequests) firstTime(ids []identity) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := true
	for _, id := range ids {
		fresh = fresh && !s.known.Contains(id)
		s.known.Add(id, struct{}{})
	}
	return fresh
}
