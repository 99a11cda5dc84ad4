package bot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/slack-go/slack"

	"smileybot/bot/command"
	"smileybot/config"
)

// maxSlackBody bounds a request of Slack; a click brings its whole message.
const maxSlackBody = 1 << 20

// slackDoor takes Slack's requests over HTTP: it checks that they are Slack's,
// acknowledges them at once, and hands them on.
type slackDoor struct {
	secret config.Secret
	people *people
	log    *slog.Logger
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
	d.take(w, r, d.people.command(c))
}

// interactions takes a click or a submitted modal.
func (d *slackDoor) interactions(w http.ResponseWriter, r *http.Request) {
	asked, err := d.people.interaction([]byte(r.PostFormValue("payload")))
	if err != nil {
		d.unreadable(r, err)
		return
	}
	d.take(w, r, asked)
}

// events takes what happened, and answers Slack's question whether this address
// is ours.
func (d *slackDoor) events(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.unreadable(r, err)
		return
	}
	var question struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(body, &question) == nil && question.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, question.Challenge)
		return
	}
	told, err := d.people.event(body)
	if err != nil {
		d.unreadable(r, err)
		return
	}
	d.take(w, r, told)
}

// take acknowledges a request of our own workspace and has it answered.
func (d *slackDoor) take(w http.ResponseWriter, r *http.Request, asked request) {
	if errors.Is(d.people.handler.Foreign(r.Context(), asked.team), command.ErrForeign) {
		http.Error(w, "this bot belongs to another workspace", http.StatusForbidden)
		return
	}
	if !d.people.begin(r.Context(), asked) {
		http.Error(w, "the bot is stopping; try again", http.StatusServiceUnavailable)
	}
}

// unreadable notes a signed request that could not be parsed. It is acknowledged
// all the same: Slack would only show people an error that says nothing.
func (d *slackDoor) unreadable(r *http.Request, err error) {
	d.log.Warn("a request of Slack could not be read", "path", r.URL.Path, "bytes", r.ContentLength, "cause", errorKind(err))
}
