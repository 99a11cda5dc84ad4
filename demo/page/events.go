package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"smileybot/fakeslack"
)

// heartbeat is how often the status is read. A page receives it when it has changed.
const heartbeat = time.Second

// events sends a person's page everything it shows, and then each change.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	as := r.URL.Query().Get("as")
	if !p.known(as) {
		http.Error(w, "there is no such person to be", http.StatusNotFound)
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
