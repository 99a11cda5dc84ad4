package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/command"
	"smileybot/config"
)

// maxSlackBody bounds a request of Slack; a click brings its whole message.
const maxSlackBody = 1 << 20

// answerTimeout bounds the work for one request. People have their answer long
// before; a slow Slack may take that long to accept it.
const answerTimeout = 10 * time.Second

// slackDoor takes Slack's requests over HTTP: it checks that they are Slack's,
// acknowledges them at once, and has them answered in the background.
type slackDoor struct {
	secret config.Secret
	people *command.Handler
	log    *slog.Logger

	mu      sync.Mutex // guards stopped, and working against additions after it
	stopped bool
	working sync.WaitGroup
}

// verified lets a request through when Slack signed it in the last five minutes,
// before anything of it is parsed (docs.slack.dev/authentication/verifying-requests-from-slack).
func (d *slackDoor) verified(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSlackBody))
		if err != nil {
			http.Error(w, "the request could not be read", http.StatusBadRequest)
			return
		}
		if !d.signed(r.Header, body) {
			http.Error(w, "not signed by Slack with this app's signing secret", http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	})
}

func (d *slackDoor) signed(h http.Header, body []byte) bool {
	v, err := slack.NewSecretsVerifier(h, d.secret.Reveal())
	if err != nil {
		return false
	}
	if _, err := v.Write(body); err != nil {
		return false
	}
	return v.Ensure() == nil
}

// commands takes a slash command.
func (d *slackDoor) commands(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("ssl_check") == "1" {
		return
	}
	c, err := slack.SlashCommandParse(r)
	if err != nil {
		d.unreadable(r, err)
		return
	}
	d.take(w, r, c.TeamID, func(ctx context.Context) { d.people.Command(ctx, c) })
}

// interactions takes a click or a submitted modal.
func (d *slackDoor) interactions(w http.ResponseWriter, r *http.Request) {
	i, err := parseInteraction(r.PostFormValue("payload"))
	if err != nil {
		d.unreadable(r, err)
		return
	}
	d.take(w, r, i.Team.ID, func(ctx context.Context) { d.people.Interaction(ctx, i) })
}

// parseInteraction reads an interaction. Slack sometimes sends a state without
// values as a list, where slack-go only knows the object
// (github.com/slack-go/slack/issues/943).
func parseInteraction(payload string) (slack.InteractionCallback, error) {
	var i slack.InteractionCallback
	err := json.Unmarshal([]byte(payload), &i)
	if kind := (*json.UnmarshalTypeError)(nil); !errors.As(err, &kind) {
		return i, err
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(payload), &raw); err != nil {
		return i, err
	}
	dropEmptyState(raw)
	if view, ok := raw["view"].(map[string]any); ok {
		dropEmptyState(view)
	}
	mended, err := json.Marshal(raw)
	if err != nil {
		return i, err
	}
	i = slack.InteractionCallback{}
	return i, json.Unmarshal(mended, &i)
}

// dropEmptyState takes out a state whose values are a list.
func dropEmptyState(of map[string]any) {
	state, _ := of["state"].(map[string]any)
	if _, list := state["values"].([]any); list {
		delete(of, "state")
	}
}

// events answers Slack's question whether this address is ours. Nothing is
// subscribed to.
func (d *slackDoor) events(w http.ResponseWriter, r *http.Request) {
	var e struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		d.unreadable(r, err)
		return
	}
	if e.Type != "url_verification" {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, e.Challenge)
}

// take acknowledges a request of our own workspace and has it answered.
func (d *slackDoor) take(w http.ResponseWriter, r *http.Request, team string, answer func(context.Context)) {
	if errors.Is(d.people.Foreign(r.Context(), team), command.ErrForeign) {
		http.Error(w, "this bot belongs to another workspace", http.StatusForbidden)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		http.Error(w, "the bot is stopping; try again", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTimeout)
	d.working.Go(func() {
		defer cancel()
		defer d.survive()
		answer(ctx)
	})
}

// survive keeps a panic over one request from ending the process.
func (d *slackDoor) survive() {
	if p := recover(); p != nil {
		d.log.Error("answering a person panicked: this is a bug", "stack", string(debug.Stack()))
	}
}

// unreadable notes a signed request that could not be parsed. It is acknowledged
// all the same: Slack would only show people an error that says nothing.
func (d *slackDoor) unreadable(r *http.Request, err error) {
	d.log.Warn("a request of Slack could not be read", "path", r.URL.Path, "bytes", r.ContentLength, "cause", errorKind(err))
}

// errorKind names an error without what it quotes.
func errorKind(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return "not JSON"
	case errors.As(err, &kind):
		return "unexpected JSON in " + kind.Field
	default:
		return "unexpected form"
	}
}

// wait lets the answers that are under way end.
func (d *slackDoor) wait(grace time.Duration) {
	d.mu.Lock()
	d.stopped = true
	d.mu.Unlock()
	done := make(chan struct{})
	go func() {
		d.working.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(grace):
	}
}
