package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/bot/command"
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
	shortcuts, err := shortcutsIn(language)
	if err != nil {
		return err
	}
	s.page = page.New(page.Options{
		Slack: s.slack, AppURL: s.bot, Client: s.client,
		Channels:   channels(),
		People:     s.people(),
		Commands:   s.words.Commands,
		Words:      s.words.Page,
		Shortcuts:  shortcuts,
		Signing:    s.moving.RLocker(),
		Ahead:      s.clock.Ahead,
		NextMonday: s.nextMonday,
		Language:   string(language),
		Zone:       s.clock.zone.String(),
		Rate:       (&visitor{stage: s}).rate,
		Waiting:    s.pendingMessages,
		Pause:      s.gate.hold,
	})
	toBot := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(bot)
		s.signByOurClock(r.Out)
	}}
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

// maxWebhook is the bot's limit on the body of a webhook, in bytes.
const maxWebhook = 256 << 10

// signByOurClock signs a webhook that was signed with the demo's secret by another clock, such as that
// of `smileybot send` on this machine. What it cannot read or prove is left as it is.
func (s *stage) signByOurClock(r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxWebhook+1))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	if err == nil && s.signer.VerifyIgnoringTimestamp(body, r.Header) == nil {
		_ = s.sign(r.Header, r.Header.Get(standardwebhooks.HeaderWebhookID), body) // else the bot refuses it
	}
}

// shortcutsIn returns the shortcuts of the app, from its manifest.
func shortcutsIn(language message.Language) ([]page.Shortcut, error) {
	manifest, err := command.Manifest("https://bot.example.org", message.NewRenderer(message.Options{Language: language}))
	if err != nil {
		return nil, err
	}
	var app struct {
		Features struct {
			Shortcuts []page.Shortcut `json:"shortcuts"`
		} `json:"features"`
	}
	err = json.Unmarshal(manifest, &app)
	return app.Features.Shortcuts, err
}

// people returns the team as the page shows it.
func (s *stage) people() []page.Person {
	var all []page.Person
	for _, c := range team() {
		all = append(all, page.Person{ID: c.user, Name: c.name, Title: s.words.Titles[c.user]})
	}
	return all
}

// pendingMessages returns how many messages wait in the outbox, from the bot's metrics.
func (s *stage) pendingMessages(ctx context.Context) (int, error) {
	return s.metric(ctx, "smileybot_outbox_pending")
}

// metric returns a number, cut to a whole one, of the bot's metrics.
func (s *stage) metric(ctx context.Context, name string) (int, error) {
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
		if n, found := strings.CutPrefix(lines.Text(), name+" "); found {
			value, err := strconv.ParseFloat(n, 64)
			return int(value), err
		}
	}
	return 0, fmt.Errorf("the bot's metrics lack %s", name)
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
		e = v.ticket(v.tickets.Add(1))
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

// ticket returns the visitor's n-th ticket, without a rating.
func (v *visitor) ticket(n int64) payload {
	agent := team()[int(n-1)%len(team())]
	number := strconv.FormatInt(9000+n, 10)
	return payload{
		ID: "visitor-" + number, Kind: string(feedback.KindSmiley), Channel: string(feedback.ChannelTicket),
		Customer: person{ID: "visitor", Name: v.stage.words.Visitor},
		Agent:    agent.asAgent(),
		Ticket:   ticket{ID: number, Subject: fmt.Sprintf(v.stage.words.Question, n), URL: "https://tickets.example.org/" + number},
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
