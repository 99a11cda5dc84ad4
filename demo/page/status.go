package page

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"smileybot/fakeslack"
)

// status is how the demo goes.
type status struct {
	// Mode is how Slack fails: limited, down, silent; empty when it works.
	Mode    string `json:"mode"`
	Paused  bool   `json:"paused"`
	Waiting int    `json:"waiting"` // what is not in Slack yet; −1 when nobody knows
}

// moods are what the visitor has set.
type moods struct {
	mu     sync.Mutex
	mode   string
	paused bool
}

func (m *moods) setPaused(paused bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.paused = paused
}

func (m *moods) setMode(mode string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mode = mode
}

// Failing reports whether the visitor makes Slack fail.
func (p *Page) Failing() bool {
	p.moods.mu.Lock()
	defer p.moods.mu.Unlock()
	return p.moods.mode != ""
}

// status is how the demo goes now.
func (p *Page) status(ctx context.Context) status {
	waiting, err := p.Waiting(ctx)
	if err != nil {
		waiting = -1
	}
	p.moods.mu.Lock()
	defer p.moods.mu.Unlock()
	return status{Mode: p.moods.mode, Paused: p.moods.paused, Waiting: waiting}
}

// retryAfter is how long Slack asks for silence while it limits.
const retryAfter = 5 * time.Second

// fail makes Slack fail, or work again.
func (p *Page) fail(r *http.Request, a asked) (any, error) {
	var kind fakeslack.Kind
	switch a.Mode {
	case "":
	case "limited":
		kind = fakeslack.RateLimited(retryAfter)
	case "down":
		kind = fakeslack.Status(http.StatusServiceUnavailable)
	case "silent":
		kind = fakeslack.Hang()
	default:
		return nil, fmt.Errorf("there is no failure %q: Slack can be limited, down or silent", a.Mode)
	}
	p.Slack.Heal()
	if a.Mode != "" {
		p.Slack.Fail(fakeslack.Fault{Times: -1, Kind: kind})
	}
	p.moods.setMode(a.Mode)
	return p.status(r.Context()), nil
}
