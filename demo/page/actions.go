package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"smileybot/fakeslack"
)

// maxAsked bounds what a visitor can send at once.
const maxAsked = 64 << 10

// asked is what a visitor does. Each action reads what it needs.
type asked struct {
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

// action does what a visitor asks for and gives what the page is told of it.
type action func(r *http.Request, a asked) (any, error)

// doing serves an action. What goes wrong is the visitor's to read: the demo has
// no secrets from whoever runs it.
func (p *Page) doing(act action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var a asked
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAsked)).Decode(&a); err != nil {
			http.Error(w, "the request is no JSON object that this page sends", http.StatusBadRequest)
			return
		}
		if a.As != "" && !p.known(a.As) {
			http.Error(w, "nobody of that id is there to be", http.StatusNotFound)
			return
		}
		told, err := act(r, a)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(told) // a page that is gone needs no answer
	}
}

// ok is the answer where there is nothing to tell: the change itself will show.
type ok struct{}

// command types a slash command.
func (p *Page) command(r *http.Request, a asked) (any, error) {
	name, text, _ := strings.Cut(strings.TrimSpace(a.Text), " ")
	if !strings.HasPrefix(name, "/") {
		return nil, fmt.Errorf("this box takes slash commands, such as %s", strings.Join(p.Commands[:min(3, len(p.Commands))], ", "))
	}
	request, err := p.Slack.SlashRequest(r.Context(), p.AppURL+"/slack/commands", fakeslack.Slash{
		User: a.As, Channel: a.Channel, Command: name, Text: strings.TrimSpace(text),
	})
	return p.send(request, err)
}

// click presses a button or picks from a menu, in a message or in a view.
func (p *Page) click(r *http.Request, a asked) (any, error) {
	request, err := p.Slack.ClickRequest(r.Context(), p.AppURL+"/slack/interactions", fakeslack.Click{
		User: a.As, Channel: a.Channel, MessageTS: a.TS, Revision: a.Rev, ViewID: a.View,
		ActionID: a.Action, BlockID: a.Block, Option: a.Option, Picked: a.Picked,
	})
	return p.send(request, err)
}

// submit sends a modal.
func (p *Page) submit(r *http.Request, a asked) (any, error) {
	request, err := p.Slack.SubmitRequest(r.Context(), p.AppURL+"/slack/interactions", fakeslack.Submission{
		ViewID: a.View, Values: a.Values,
	})
	return p.send(request, err)
}

// close closes a person's modals.
func (p *Page) close(_ *http.Request, a asked) (any, error) {
	p.Slack.CloseViews(a.As)
	return ok{}, nil
}

// home opens the Home tab, which the app fills.
func (p *Page) home(r *http.Request, a asked) (any, error) {
	request, err := p.Slack.EventRequest(r.Context(), p.AppURL+"/slack/events", p.Slack.HomeOpened(a.As, "home"))
	return p.send(request, err)
}

// send delivers a request to the bot as Slack does.
func (p *Page) send(request *http.Request, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	status, _, err := p.Slack.Send(p.Client, request)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("the bot answered %d: Slack would say that the app did not respond", status)
	}
	return ok{}, nil
}

// rate fires a customer's webhook.
func (p *Page) rate(r *http.Request, a asked) (any, error) {
	id, err := p.Rate(r.Context(), a.Rating)
	return map[string]string{"id": id}, err
}

// pause holds the demo's own customers back.
func (p *Page) pause(r *http.Request, a asked) (any, error) {
	p.Pause(a.Paused)
	p.moods.setPaused(a.Paused)
	return p.status(r.Context()), nil
}
