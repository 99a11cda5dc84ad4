package page

import (
	"encoding/json"
	"net/http"
	"slices"

	"smileybot/fakeslack"
)

// snapshot is everything that a person sees.
type snapshot struct {
	As       string            `json:"as"`
	Channels []Channel         `json:"channels"`
	People   []Person          `json:"people"`
	Bot      string            `json:"bot"`
	Commands []string          `json:"commands"`
	Language string            `json:"language"`
	Emoji    map[string]string `json:"emoji"`
	Messages []message         `json:"messages"`
	Modal    *view             `json:"modal"`
	Home     *view             `json:"home"`
	Status   status            `json:"status"`
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
		As: as, Channels: p.Channels, People: p.People, Bot: p.Slack.Options().BotUserID, Commands: p.Commands, Language: p.Language,
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
