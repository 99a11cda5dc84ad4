package demo

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

	"smileybot/bot/message"
	"smileybot/demo/page"
	"smileybot/feedback"
)

// serve serves the page at the demo's address and passes webhooks to the bot.
func (s *stage) serve(listener net.Listener, language message.Language) error {
	bot, err := url.Parse(s.bot)
	if err != nil {
		return err
	}
	s.page = page.New(page.Options{
		Slack: s.slack, AppURL: s.bot, Client: s.client,
		Channels: []page.Channel{{ID: supportChannel, Name: "support"}, {ID: leadChannel, Name: "leads"}},
		People:   people(),
		Commands: suggestedCommands(language),
		Language: string(language),
		Rate:     (&visitor{stage: s}).rate,
		Waiting:  s.pendingMessages,
		Pause:    s.gate.hold,
	})
	toBot := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(bot) }}
	mux := http.NewServeMux()
	mux.Handle("/", s.page.Handler())
	mux.Handle("/webhooks/", toBot)
	const headerTimeout = 5 * time.Second
	s.front = &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, BaseContext: func(net.Listener) context.Context { return s.ctx }}
	go func() {
		if err := s.front.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(err)
		}
	}()
	return nil
}

// people returns the team as the page shows it.
func people() []page.Person {
	var all []page.Person
	for _, c := range team() {
		all = append(all, page.Person{ID: c.user, Name: c.name, Title: c.title})
	}
	return all
}

// suggestedCommands returns the commands that the message box offers.
func suggestedCommands(language message.Language) []string {
	if language == message.Dutch {
		return []string{"/nps maand", "/csat vorige maand", "/smileys 30d", "/reviews maand", "/followups", "/smileybot"}
	}
	return []string{"/nps month", "/csat last month", "/smileys 30d", "/reviews month", "/followups", "/smileybot"}
}

// pendingMessages returns how many messages wait in the outbox, from the bot's metrics.
func (s *stage) pendingMessages(ctx context.Context) (int, error) {
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
	return 0, errors.New("the bot's metrics lack smileybot_outbox_pending")
}

// A visitor is the person at the page, as a customer.
type visitor struct {
	stage   *stage
	tickets atomic.Int64
}

// rate sends the webhook of a rating, or of a later change to it, and returns the sender's id.
func (v *visitor) rate(ctx context.Context, r page.Rating) (string, error) {
	e := payload{ID: r.ID, Kind: string(feedback.KindSmiley), Channel: string(feedback.ChannelTicket)}
	if r.ID == "" {
		e = ticketOfVisitor(v.tickets.Add(1))
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

// ticketOfVisitor returns the visitor's n-th ticket, without a rating.
func ticketOfVisitor(n int64) payload {
	agent := team()[int(n-1)%len(team())]
	number := strconv.FormatInt(9000+n, 10)
	return payload{
		ID: "visitor-" + number, Kind: string(feedback.KindSmiley), Channel: string(feedback.ChannelTicket),
		Customer: person{ID: "visitor", Name: "You, the visitor"},
		Agent:    agent.asAgent(),
		Ticket:   ticket{ID: number, Subject: fmt.Sprintf("Your question no. %d", n), URL: "https://tickets.example.org/" + number},
	}
}

// A gate holds the invented customers back while the visitor has paused them.
type gate struct {
	mu     sync.Mutex
	paused chan struct{} // closed at the end of the pause; nil when not paused
}

// hold starts or ends a pause.
func (g *gate) hold(pause bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case pause && g.paused == nil:
		g.paused = make(chan struct{})
	case !pause && g.paused != nil:
		close(g.paused)
		g.paused = nil
	}
}

// pass waits for the end of a pause.
func (g *gate) pass(ctx context.Context) error {
	g.mu.Lock()
	paused := g.paused
	g.mu.Unlock()
	if paused == nil {
		return nil
	}
	select {
	case <-paused:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
