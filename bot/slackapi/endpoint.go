package slackapi

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// maxSignatureAge is how far the time of a signature may be from now
// (docs.slack.dev/authentication/verifying-requests-from-slack).
const maxSignatureAge = 5 * time.Minute

// maxBody bounds a request of Slack; a click brings its whole message.
const maxBody = 1 << 20

// An Endpoint receives Slack's requests over HTTP: it verifies the signature, acknowledges the
// request at once, and passes it to the receiver.
type Endpoint struct {
	client        *Client
	signingSecret string
	receiver      Receiver
	log           *slog.Logger
}

// NewEndpoint returns the Endpoint of an app with that signing secret.
func NewEndpoint(c *Client, signingSecret string, r Receiver, log *slog.Logger) *Endpoint {
	return &Endpoint{client: c, signingSecret: signingSecret, receiver: r, log: log}
}

// Commands receives slash commands.
func (e *Endpoint) Commands() http.Handler { return e.signed(e.command) }

// Interactions receives clicks and submitted modals.
func (e *Endpoint) Interactions() http.Handler { return e.signed(e.interaction) }

// Events receives events, and answers Slack's question whether the address is ours.
func (e *Endpoint) Events() http.Handler { return e.signed(e.event) }

// signed lets a request through when Slack signed it in the last five minutes, before anything of
// it is parsed (docs.slack.dev/authentication/verifying-requests-from-slack).
func (e *Endpoint) signed(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "the request could not be read", http.StatusBadRequest)
			return
		}
		if !e.verify(r.Header, body) {
			http.Error(w, "not signed by Slack with this app's signing secret", http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	})
}

// verify reports whether Slack signed a body with the app's secret, at most five minutes from now by
// the clock that Slack's answers correct. The HMAC comes first, so a stranger learns nothing of the
// clock.
func (e *Endpoint) verify(h http.Header, body []byte) bool {
	const version = "v0"
	stamp := h.Get("X-Slack-Request-Timestamp")
	hexadecimal, versioned := strings.CutPrefix(h.Get("X-Slack-Signature"), version+"=")
	signature, err := hex.DecodeString(hexadecimal)
	if err != nil || !versioned {
		return false
	}
	mac := hmac.New(sha256.New, []byte(e.signingSecret))
	mac.Write([]byte(version + ":" + stamp + ":"))
	mac.Write(body)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	return e.signingSecret != "" && hmac.Equal(signature, mac.Sum(nil)) && err == nil &&
		e.client.Clock().Now().Sub(time.Unix(seconds, 0)).Abs() <= maxSignatureAge
}

func (e *Endpoint) command(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("ssl_check") == "1" {
		return
	}
	c, err := slack.SlashCommandParse(r)
	e.accept(w, r, commandRequest(c), err)
}

func (e *Endpoint) interaction(w http.ResponseWriter, r *http.Request) {
	request, err := interactionRequest([]byte(r.PostFormValue("payload")))
	e.accept(w, r, request, err)
}

func (e *Endpoint) event(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		e.accept(w, r, Request{}, err)
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
	request, err := eventRequest(body)
	e.accept(w, r, request, err)
}

// accept acknowledges a request of our own workspace and passes it to the receiver. A request that
// could not be parsed is logged and acknowledged all the same: Slack would only show people an error
// that says nothing.
func (e *Endpoint) accept(w http.ResponseWriter, r *http.Request, request Request, err error) {
	if err != nil {
		e.log.Warn("ignored unreadable request of slack", "path", r.URL.Path, "bytes", r.ContentLength, "reason", parseError(err))
		return
	}
	if errors.Is(e.client.CheckTeam(r.Context(), request.TeamID), ErrForeign) {
		http.Error(w, "this bot belongs to another workspace", http.StatusForbidden)
		return
	}
	if !e.receiver.Start(r.Context(), func(ctx context.Context) { e.receiver.Handle(ctx, request) }) {
		http.Error(w, "the bot is stopping; try again", http.StatusServiceUnavailable)
	}
}
