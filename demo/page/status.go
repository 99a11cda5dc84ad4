package page

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"smileybot/fakeslack"
)

// status is the state of the demo.
type status struct {
	// Mode is how Slack fails: limited, down, silent; empty when it works.
	Mode    string `json:"mode"`
	Paused  bool   `json:"paused"`
	Waiting int    `json:"waiting"` // messages that are not in Slack yet; −1 when unknown
}

// controls are what the visitor has set.
type controls struct {
	mu     sync.Mutex
	mode   string
	paused bool
}

func (c *controls) setPaused(paused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = paused
}

func (c *controls) setMode(mode string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mode = mode
}

// Failing reports whether the visitor makes Slack fail.
func (p *Page) Failing() bool {
	p.controls.mu.Lock()
	defer p.controls.mu.Unlock()
	return p.controls.mode != ""
}

// status returns the state of the demo.
func (p *Page) status(ctx context.Context) status {
	waiting, err := p.Waiting(ctx)
	if err != nil {
		waiting = -1
	}
	p.controls.mu.Lock()
	defer p.controls.mu.Unlock()
	return status{Mode: p.controls.mode, Paused: p.controls.paused, Waiting: waiting}
}

// retryAfter is how long Slack asks to wait while it limits.
const retryAfter = 5 * time.Second

// fail makes Slack fail, or work again.
func (p *Page) fail(r *http.Request, a request) (any, error) {
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
	p.controls.setMode(a.Mode)
	return p.status(r.Context()), nil
}
