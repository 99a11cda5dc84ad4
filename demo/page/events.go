package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"smileybot/fakeslack"
)

// heartbeat is how often the status is read. A page receives it when it has changed.
const heartbeat = time.Second

// events sends a person's page everything it shows, and then each change.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	as := r.URL.Query().Get("as")
	if !p.known(as) {
		http.Error(w, p.word("no_person"), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	feed := p.Slack.Subscribe() // before the snapshot: a change may come twice, but none is missed
	to := stream{w: w, control: http.NewResponseController(w)}
	first := p.snapshot(as)
	first.Status = p.status(r.Context())
	if to.send("snapshot", first) != nil {
		return
	}
	changes := make(chan fakeslack.Change)
	go forward(r.Context(), feed, changes)
	p.follow(r.Context(), to, as, changes, first.Status)
}

// forward forwards changes until the page is closed.
func forward(ctx context.Context, feed *fakeslack.Feed, to chan<- fakeslack.Change) {
	defer close(to)
	for {
		c, err := feed.Next(ctx)
		if err != nil {
			return
		}
		select {
		case to <- c:
		case <-ctx.Done():
			return
		}
	}
}

// follow sends changes and the status until the page is closed.
func (p *Page) follow(ctx context.Context, to stream, as string, changes <-chan fakeslack.Change, sent status) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case c, more := <-changes:
			if !more || p.sendChange(to, as, c) != nil {
				return
			}
		case <-ticker.C:
			now := p.status(ctx)
			if now != sent && to.send("status", now) != nil {
				return
			}
			sent = now
		}
	}
}

// sendChange sends one change, if this person sees it.
func (p *Page) sendChange(to stream, as string, c fakeslack.Change) error {
	switch c.Kind {
	case fakeslack.Posted, fakeslack.Edited:
		return to.send("message", messageOf(c.Message))
	case fakeslack.Deleted:
		return to.send("gone", messageOf(c.Message))
	case fakeslack.EphemeralShown, fakeslack.EphemeralEdit:
		if c.Message.To == as {
			return to.send("message", messageOf(c.Message))
		}
	case fakeslack.EphemeralGone:
		if c.Message.To == as {
			return to.send("gone", messageOf(c.Message))
		}
	case fakeslack.ModalShown, fakeslack.ModalClosed:
		if c.View.User == as {
			return to.send("modal", p.modal(as))
		}
	case fakeslack.HomeShown:
		if c.View.User == as {
			return to.send("home", viewOf(c.View))
		}
	}
	return nil
}

// stream writes server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// send writes one event. Its JSON has no line ends, so one data line holds it.
func (s stream) send(name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", name, data); err != nil {
		return err
	}
	return s.control.Flush()
}

// snapshot is everything that a person sees.
type snapshot struct {
	As        string            `json:"as"`
	Channels  []Channel         `json:"channels"`
	People    []Person          `json:"people"`
	Bot       string            `json:"bot"`
	Commands  []string          `json:"commands"`
	Shortcuts []Shortcut        `json:"shortcuts"`
	Words     map[string]string `json:"words"`
	Language  string            `json:"language"`
	Zone      string            `json:"zone"`
	Emoji     map[string]string `json:"emoji"`
	Messages  []message         `json:"messages"`
	Modal     *view             `json:"modal"`
	Home      *view             `json:"home"`
	Status    status            `json:"status"`
}

// message is a message as the page shows it.
type message struct {
	Channel   string          `json:"channel"`
	TS        string          `json:"ts"`
	Thread    string          `json:"thread,omitempty"` // of a reply: its first message
	User      string          `json:"user"`
	Text      string          `json:"text"`
	Blocks    json.RawMessage `json:"blocks,omitempty"`
	Edited    bool            `json:"edited,omitempty"`
	Broadcast bool            `json:"broadcast,omitempty"`
	Only      bool            `json:"only,omitempty"` // for this person only
	Revision  int             `json:"revision"`
}

func messageOf(m fakeslack.Message) message {
	shown := message{
		Channel: m.Channel, TS: m.TS, User: m.User, Text: m.Text, Blocks: m.Blocks,
		Edited: m.Edited, Broadcast: m.Broadcast, Only: m.To != "", Revision: len(m.Revisions),
	}
	if m.IsReply() {
		shown.Thread = m.ThreadTS
	}
	return shown
}

// view is a modal or a Home tab as the page shows it.
type view struct {
	ID     string            `json:"id"`
	Type   string            `json:"type"`
	Title  string            `json:"title,omitempty"`
	Submit string            `json:"submit,omitempty"`
	Close  string            `json:"close,omitempty"`
	Blocks json.RawMessage   `json:"blocks"`
	Errors map[string]string `json:"errors,omitempty"`
}

func viewOf(v fakeslack.View) *view {
	var named struct {
		Submit, Close struct {
			Text string `json:"text"`
		}
	}
	_ = json.Unmarshal(v.Raw, &named) // it was validated
	return &view{
		ID: v.ID, Type: v.Type, Title: v.Title, Submit: named.Submit.Text, Close: named.Close.Text, Blocks: v.Blocks, Errors: v.Errors,
	}
}

// maxShown is how many of a channel's latest messages the page shows: a demo may run for days. app.js
// has the same limit.
const maxShown = 300

// snapshot returns what a person sees now.
func (p *Page) snapshot(as string) snapshot {
	s := snapshot{
		As: as, Channels: p.Channels, People: p.People, Bot: p.Slack.Options().BotUserID, Commands: p.Commands, Shortcuts: p.Shortcuts, Words: p.Words, Language: p.Language, Zone: p.Zone,
		Emoji: fakeslack.Emoji(), Messages: []message{}, Modal: p.modal(as),
	}
	for _, c := range p.Channels {
		all := p.Slack.Messages(c.ID)
		for _, m := range all[max(len(all)-maxShown, 0):] {
			s.Messages = append(s.Messages, messageOf(m))
		}
	}
	for _, m := range p.Slack.Ephemerals(as) {
		s.Messages = append(s.Messages, messageOf(m))
	}
	if home, ok := p.Slack.Home(as); ok {
		s.Home = viewOf(home)
	}
	return s
}

// modal returns the topmost open modal of a person.
func (p *Page) modal(as string) *view {
	open := p.Slack.Views(as)
	if len(open) == 0 {
		return nil
	}
	return viewOf(open[len(open)-1])
}

// known reports whether a visitor can be that person.
func (p *Page) known(as string) bool {
	return slices.ContainsFunc(p.People, func(p Person) bool { return p.ID == as && p.Title != "" })
}

// people lists the people that a visitor can be.
func (p *Page) people(w http.ResponseWriter, _ *http.Request) {
	var playable []Person
	for _, person := range p.People {
		if person.Title != "" {
			playable = append(playable, person)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(playable); err != nil {
		return // the page was closed
	}
}
