package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"smileybot/fakeslack"
)

// maxRequest bounds a request of the page, in bytes.
const maxRequest = 64 << 10

// request is what a visitor does. Each action reads the fields that it needs.
type request struct {
	As      string            `json:"as"`
	Channel string            `json:"channel"`
	Text    string            `json:"text"`
	TS      string            `json:"ts"`
	Rev     int               `json:"revision"`
	View    string            `json:"view"`
	Action  string            `json:"action"`
	Block   string            `json:"block"`
	Option  string            `json:"option"`
	Picked  string            `json:"picked"`
	Values  map[string]string `json:"values"`
	Mode    string            `json:"mode"`
	Paused  bool              `json:"paused"`
	Rating  Rating            `json:"rating"`
}

// action does what a visitor asks for and returns the response to the page.
type action func(r *http.Request, a request) (any, error)

// serve serves an action. The visitor sees errors as they are: the demo has no secrets from its user.
func (p *Page) serve(act action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var a request
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&a); err != nil {
			http.Error(w, "the request is no JSON object that this page sends", http.StatusBadRequest)
			return
		}
		if a.As != "" && !p.known(a.As) {
			http.Error(w, "there is no such person to be", http.StatusNotFound)
			return
		}
		response, err := act(r, a)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(response) // a closed page needs no response
	}
}

// ok is the response of an action whose result arrives as a change.
type ok struct{}

// command types a slash command.
func (p *Page) command(r *http.Request, a request) (any, error) {
	name, text, _ := strings.Cut(strings.TrimSpace(a.Text), " ")
	if !strings.HasPrefix(name, "/") {
		return nil, fmt.Errorf("this box takes slash commands, such as %s", strings.Join(p.Commands[:min(3, len(p.Commands))], ", "))
	}
	toBot, err := p.Slack.SlashRequest(r.Context(), p.AppURL+"/slack/commands", fakeslack.Slash{
		User: a.As, Channel: a.Channel, Command: name, Text: strings.TrimSpace(text),
	})
	return p.send(toBot, err)
}

// click presses a button or picks from a menu, in a message or in a view.
func (p *Page) click(r *http.Request, a request) (any, error) {
	toBot, err := p.Slack.ClickRequest(r.Context(), p.AppURL+"/slack/interactions", fakeslack.Click{
		User: a.As, Channel: a.Channel, MessageTS: a.TS, Revision: a.Rev, ViewID: a.View,
		ActionID: a.Action, BlockID: a.Block, Option: a.Option, Picked: a.Picked,
	})
	return p.send(toBot, err)
}

// submit sends a modal.
func (p *Page) submit(r *http.Request, a request) (any, error) {
	toBot, err := p.Slack.SubmitRequest(r.Context(), p.AppURL+"/slack/interactions", fakeslack.Submission{
		ViewID: a.View, Values: a.Values,
	})
	return p.send(toBot, err)
}

// close closes a person's modals.
func (p *Page) close(_ *http.Request, a request) (any, error) {
	p.Slack.CloseViews(a.As)
	return ok{}, nil
}

// home opens the Home tab, which the app fills.
func (p *Page) home(r *http.Request, a request) (any, error) {
	toBot, err := p.Slack.EventRequest(r.Context(), p.AppURL+"/slack/events", p.Slack.HomeOpened(a.As, "home"))
	return p.send(toBot, err)
}

// send sends a request to the bot as Slack does.
func (p *Page) send(toBot *http.Request, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	status, _, err := p.Slack.Send(p.Client, toBot)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("the bot answered %d: Slack would say that the app did not respond", status)
	}
	return ok{}, nil
}

// rate sends a customer's webhook.
func (p *Page) rate(r *http.Request, a request) (any, error) {
	id, err := p.Rate(r.Context(), a.Rating)
	return map[string]string{"id": id}, err
}

// pause stops the demo's own customers, or lets them continue.
func (p *Page) pause(r *http.Request, a request) (any, error) {
	p.Pause(a.Paused)
	p.controls.setPaused(a.Paused)
	return p.status(r.Context()), nil
}

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
