package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"smileybot/demo/page"
	"smileybot/bot/message"
	"smileybot/feedback"
)

// serve shows the page at the demo's address, and hands webhooks on to the bot.
func (s *stage) serve(at net.Listener, language message.Language) error {
	bot, err := url.Parse(s.bot)
	if err != nil {
		return err
	}
	s.page = page.New(page.Options{
		Slack: s.slack, AppURL: s.bot, Client: s.client,
		Channels: []page.Channel{{ID: demoChannel, Name: "support"}, {ID: demoLeads, Name: "leads"}},
		People:   people(),
		Commands: demoCommands(language),
		Language: string(language),
		Rate:     (&visitor{stage: s}).rate,
		Waiting:  s.waiting,
		Pause:    s.gate.hold,
	})
	toBot := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(bot) }}
	mux := http.NewServeMux()
	mux.Handle("/", s.page.Handler())
	mux.Handle("/webhooks/", toBot)
	const headers = 5 * time.Second
	s.front = &http.Server{Handler: mux, ReadHeaderTimeout: headers, BaseContext: func(net.Listener) context.Context { return s.ctx }}
	go func() {
		if err := s.front.Serve(at); !errors.Is(err, http.ErrServerClosed) {
			s.fail(err)
		}
	}()
	return nil
}

// people are the team, three of whom a visitor can be.
func people() []page.Person {
	var all []page.Person
	for _, c := range team() {
		all = append(all, page.Person{ID: c.user, Name: c.name, Title: c.title})
	}
	return all
}

// demoCommands are those that the message box offers. Periods are understood in
// both languages, which the second one shows.
func demoCommands(language message.Language) []string {
	if language == message.Dutch {
		return []string{"/nps maand", "/csat vorige maand", "/smileys 30d", "/reviews maand", "/followups", "/smileybot"}
	}
	return []string{"/nps month", "/csat vorige maand", "/smileys 30d", "/reviews month", "/followups", "/smileybot"}
}

// waiting counts what the bot has not got into Slack yet, as its metrics tell.
func (s *stage) waiting(ctx context.Context) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.admin.Addr().String()+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if n, found := strings.CutPrefix(lines.Text(), "smileybot_outbox_pending "); found {
			return strconv.Atoi(n)
		}
	}
	return 0, errors.New("the bot does not say how much waits")
}

// A visitor is whoever opened the page, as a customer.
type visitor struct {
	stage *stage
	count atomic.Int64
}

// rate fires the webhook of a rating, or of what is said about it later.
func (v *visitor) rate(ctx context.Context, r page.Rating) (string, error) {
	e := said{ID: r.ID, Kind: string(feedback.KindSmiley), Channel: string(feedback.ChannelTicket)}
	if r.ID == "" {
		e = v.asked(v.count.Add(1))
	}
	switch {
	case r.Smiley != "":
		e.Smiley = new(r.Smiley)
	case r.ID == "":
		return "", errors.New("a rating begins with a smiley")
	default:
		e.Comment = new(r.Comment)
	}
	_, err := v.stage.deliver(ctx, "", e)
	return e.ID, err
}

// asked is what the ticket system knows of the visitor's n-th ticket.
func (v *visitor) asked(n int64) said {
	helper := team()[int(n-1)%len(team())]
	number := strconv.FormatInt(9000+n, 10)
	return said{
		ID: "visitor-" + number, Kind: string(feedback.KindSmiley), Channel: string(feedback.ChannelTicket),
		Customer: person{ID: new("visitor"), Name: new("You, the visitor")},
		Agent:    person{ID: new(helper.agent), Name: new(helper.name), Email: new(helper.email())},
		Ticket: ticket{
			ID: new(number), Subject: new(fmt.Sprintf("Your question no. %d", n)), URL: new("https://tickets.example.org/" + number),
		},
	}
}

// A gate holds the cast back while it is shut.
type gate struct {
	mu   sync.Mutex
	shut chan struct{} // closed when it opens again; nil while it is open
}

// hold shuts the gate, or opens it.
func (g *gate) hold(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case shut && g.shut == nil:
		g.shut = make(chan struct{})
	case !shut && g.shut != nil:
		close(g.shut)
		g.shut = nil
	}
}

// pass waits until the gate is open.
func (g *gate) pass(ctx context.Context) error {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut == nil {
		return nil
	}
	select {
	case <-shut:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
