package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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
	Called  string            `json:"callback_id"`
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
			http.Error(w, p.word("bad_request"), http.StatusBadRequest)
			return
		}
		if a.As != "" && !p.known(a.As) {
			http.Error(w, p.word("no_person"), http.StatusNotFound)
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

// signed is an action that Slack signs a request for. While Slack is down it does not reach the bot,
// and the visitor reads why.
func (p *Page) signed(down string, act action) action {
	return func(r *http.Request, a request) (any, error) {
		if p.isDown() {
			return nil, errors.New(p.word(down))
		}
		p.Signing.Lock()
		defer p.Signing.Unlock()
		return act(r, a)
	}
}

// ok is the response of an action whose result arrives as a change.
type ok struct{}

// command types a slash command.
func (p *Page) command(r *http.Request, a request) (any, error) {
	name, text, _ := strings.Cut(strings.TrimSpace(a.Text), " ")
	if !strings.HasPrefix(name, "/") {
		return nil, fmt.Errorf(p.word("no_command"), strings.Join(p.Commands[:min(3, len(p.Commands))], ", "))
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

// shortcut uses a shortcut of the app.
func (p *Page) shortcut(r *http.Request, a request) (any, error) {
	toBot, err := p.Slack.ShortcutRequest(r.Context(), p.AppURL+"/slack/interactions", fakeslack.Shortcut{
		User: a.As, CallbackID: a.Called, Channel: a.Channel, MessageTS: a.TS,
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
		return nil, fmt.Errorf(p.word("no_answer"), status)
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

// monday moves the clock to the next Monday morning.
func (p *Page) monday(r *http.Request, _ request) (any, error) {
	if p.Failing() {
		return nil, errors.New(p.word("not_while_failing"))
	}
	if err := p.NextMonday(r.Context()); err != nil {
		return nil, err
	}
	return p.status(r.Context()), nil
}

// status is the state of the demo.
type status struct {
	// Mode is how Slack fails: limited, down, silent; empty when it works.
	Mode    string `json:"mode"`
	Paused  bool   `json:"paused"`
	Waiting int    `json:"waiting"` // messages that are not in Slack yet; −1 when unknown
	// Left is about how many seconds they take from now, or, while Slack fails, from when it works again.
	Left int `json:"left"`
	// Ahead is by how many seconds Slack's clock is ahead of the machine's.
	Ahead int `json:"ahead"`
}

// controls are what the visitor has set.
type controls struct {
	mu     sync.Mutex
	mode   string
	since  time.Time // when the mode began
	takes  time.Time // when everything is in Slack again after it worked again, about
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
	c.takes = time.Now().Add(c.left(1))
	if c.mode == "" {
		c.since = time.Now()
	}
	c.mode = mode
}

// Failing reports whether the visitor makes Slack fail.
func (p *Page) Failing() bool {
	p.controls.mu.Lock()
	defer p.controls.mu.Unlock()
	return p.controls.mode != ""
}

// isDown reports whether Slack is down: what people do there does not reach the bot.
func (p *Page) isDown() bool {
	p.controls.mu.Lock()
	defer p.controls.mu.Unlock()
	return p.controls.mode == "down" || p.controls.mode == "silent"
}

// status returns the state of the demo.
func (p *Page) status(ctx context.Context) status {
	waiting, err := p.Waiting(ctx)
	if err != nil {
		waiting = -1
	}
	p.controls.mu.Lock()
	defer p.controls.mu.Unlock()
	s := status{Mode: p.controls.mode, Paused: p.controls.paused, Waiting: waiting, Ahead: int(p.Ahead().Round(time.Second).Seconds())}
	if waiting > 0 {
		s.Left = int(math.Ceil(p.controls.left(waiting).Seconds()))
	}
	return s
}

// How long the bot takes after Slack works again, at most: it waits as long as Slack asked, tries again
// within a while, and looks up what is in doubt, half a minute after that began.
const (
	tryAgain = 15 * time.Second
	lookUp   = 30 * time.Second
	perPost  = 200 * time.Millisecond
)

// left is about how long the messages that wait take, at least a second.
func (c *controls) left(waiting int) time.Duration {
	left := time.Until(c.takes)
	switch c.mode {
	case "limited":
		left = retryAfter
	case "down", "silent":
		left = max(lookUp-time.Since(c.since), tryAgain)
	}
	return max(left, time.Second) + time.Duration(waiting-1)*perPost
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
		p.Slack.Fail(fakeslack.Fault{Times: -1, Kind: kind, When: func(c fakeslack.Call) bool {
			return a.Mode != "limited" || strings.HasPrefix(c.Method, "chat.")
		}})
	}
	p.controls.setMode(a.Mode)
	return p.status(r.Context()), nil
}
