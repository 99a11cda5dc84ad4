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

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/slack-go/slack"

	"smileybot/bot/internal/bodies"
)

// maxBody bounds a request of Slack; a click brings its whole message.
const maxBody = 1 << 20

// How Slack signs (docs.slack.dev/authentication/verifying-requests-from-slack): the version, and how far
// the time of a signature may be from now.
const (
	signatureVersion = "v0"
	maxSignatureAge  = 5 * time.Minute
)

// An Endpoint receives Slack's requests over HTTP: it verifies the signature, acknowledges the
// request at once, and passes it to the receiver.
type Endpoint struct {
	client  *Client
	options EndpointOptions
	taken   *lru.Cache[[sha256.Size]byte, struct{}] // the signatures of requests that were taken
}

// maxTaken bounds how many signatures are remembered: more than people make requests in the five minutes
// in which a signature is valid.
const maxTaken = 10_000

// EndpointOptions configure an [Endpoint].
type EndpointOptions struct {
	// SigningSecret is the app's.
	SigningSecret string
	Receiver      Receiver
	// Bodies is the memory for bodies whose signature is not verified yet, a budget of its own when nil.
	Bodies *bodies.Budget
	// Rejected is called for each request that is refused, with its path and a bounded word.
	Rejected func(path, reason string)
	// Proved is called, if it is not nil, for each request that Slack signed.
	Proved func()
	// Decline says, if it is not nil, why no command is carried out now, "" when it is. A person who types a
	// command reads that, and not an error of Slack. A click or a modal gets 503, for which Slack shows an
	// error and keeps what was typed; an event is sent again.
	Decline func() string
	Log     *slog.Logger
}

// NewEndpoint returns an Endpoint for the client's app.
func (c *Client) NewEndpoint(o EndpointOptions) *Endpoint {
	if o.Bodies == nil {
		o.Bodies = bodies.NewBudget()
	}
	if o.Proved == nil {
		o.Proved = func() {}
	}
	taken, err := lru.New[[sha256.Size]byte, struct{}](maxTaken)
	if err != nil {
		panic(err) // the size is positive
	}
	return &Endpoint{client: c, options: o, taken: taken}
}

// Commands receives slash commands.
func (e *Endpoint) Commands() http.Handler { return e.signed(e.command) }

// Interactions receives clicks and submitted modals.
func (e *Endpoint) Interactions() http.Handler { return e.signed(e.interaction) }

// Events receives events, and answers Slack's question whether the address is ours.
func (e *Endpoint) Events() http.Handler { return e.signed(e.event) }

// retryAfter is after how many seconds to try again what could not be taken.
const retryAfter = "5"

// reject counts and answers a request that is refused.
func (e *Endpoint) reject(w http.ResponseWriter, r *http.Request, status int, reason, text string) {
	e.options.Rejected(r.URL.Path, reason)
	http.Error(w, text, status)
}

// signed lets a request through when Slack signed it in the last five minutes, before anything of
// it is parsed (docs.slack.dev/authentication/verifying-requests-from-slack). The checks are made in
// the order 405, 413, 503, 401. Nothing is logged before the last one.
func (e *Endpoint) signed(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			e.reject(w, r, http.StatusMethodNotAllowed, "method", "slack sends its requests with POST")
			return
		}
		claimed, ok := signatureOf(r.Header)
		if !ok || e.client.Clock().Now().Sub(claimed.at).Abs() > maxSignatureAge { // whatever the body
			if err := bodies.Skip(w, r, maxBody); err != nil {
				e.unread(w, r, err)
				return
			}
			e.unproved(w, r, RejectedProof)
			return
		}
		body, release, err := e.options.Bodies.Read(w, r, maxBody)
		if err != nil {
			e.unread(w, r, err)
			return
		}
		defer release()
		if !claimed.proves(e.options.SigningSecret, body) {
			e.unproved(w, r, RejectedSecret)
			return
		}
		e.options.Proved()
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	})
}

// A signature is what a request brings to prove that it is Slack's.
type signature struct {
	stamp string // as it is signed
	at    time.Time
	sum   []byte
}

// signatureOf reads the signature of a request. ok is false when there is none.
func signatureOf(h http.Header) (s signature, ok bool) {
	s.stamp = h.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(s.stamp, 10, 64)
	if err != nil {
		return s, false
	}
	s.at = time.Unix(seconds, 0)
	text, versioned := strings.CutPrefix(h.Get("X-Slack-Signature"), signatureVersion+"=")
	s.sum, err = hex.DecodeString(text)
	return s, versioned && err == nil && len(s.sum) == sha256.Size
}

// proves reports whether a body was signed with the app's secret. Without a secret nothing is.
func (s signature) proves(secret string, body []byte) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signatureVersion + ":" + s.stamp + ":"))
	mac.Write(body)
	return secret != "" && hmac.Equal(s.sum, mac.Sum(nil))
}

// Some of the words for why a request is refused.
const (
	RejectedProof   = "proof"        // no fresh signature
	RejectedSecret  = "wrong_secret" // a fresh signature with another secret, or of another body
	RejectedForeign = "foreign"      // of another workspace
)

func (e *Endpoint) unproved(w http.ResponseWriter, r *http.Request, reason string) {
	e.reject(w, r, http.StatusUnauthorized, reason, "not signed by Slack with this app's signing secret")
}

// unread answers a request whose body could not be read to its end.
func (e *Endpoint) unread(w http.ResponseWriter, r *http.Request, err error) {
	_, over := errors.AsType[*http.MaxBytesError](err)
	switch {
	case over:
		e.reject(w, r, http.StatusRequestEntityTooLarge, "too_large", "the request is too long")
	case errors.Is(err, bodies.ErrFull):
		w.Header().Set("Retry-After", retryAfter)
		w.Header().Set("Connection", "close") // the body is not read
		e.reject(w, r, http.StatusServiceUnavailable, "memory", "too many requests are on their way; try again")
	default:
		e.reject(w, r, http.StatusBadRequest, "unread", "the request could not be read")
	}
}

func (e *Endpoint) command(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("ssl_check") == "1" {
		return
	}
	if e.options.Decline != nil {
		if reason := e.options.Decline(); reason != "" {
			e.options.Rejected(r.URL.Path, "unavailable")
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"response_type": slack.ResponseTypeEphemeral, "text": reason}) //nolint:errchkjson // strings never fail
			return
		}
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

// accept acknowledges a request of our own workspace and passes it to the receiver, once for each
// signature. A request that could not be parsed is logged and acknowledged all the same: Slack would only
// show people an error that says nothing.
func (e *Endpoint) accept(w http.ResponseWriter, r *http.Request, request Request, err error) {
	if err != nil {
		e.options.Rejected(r.URL.Path, "malformed")
		e.options.Log.Warn("ignored unreadable request of slack", "path", r.URL.Path, "bytes", r.ContentLength, "reason", parseError(err))
		return
	}
	if errors.Is(e.client.CheckTeam(r.Context(), request.TeamID), ErrForeign) {
		if i := request.Interaction; i != nil && i.Type == slack.InteractionTypeViewSubmission { // what was typed is given back
			e.start(r, request)
		}
		e.reject(w, r, http.StatusForbidden, RejectedForeign, "this bot belongs to another workspace")
		return
	}
	if !e.start(r, request) {
		w.Header().Set("Retry-After", retryAfter)
		e.reject(w, r, http.StatusServiceUnavailable, "unavailable", "the bot is starting or stopping; try again")
	}
}

// start has a request carried out, unless one with its signature was. It returns false while the bot
// starts or stops: then the same request may come again.
func (e *Endpoint) start(r *http.Request, request Request) bool {
	signed, _ := signatureOf(r.Header)
	once := [sha256.Size]byte(signed.sum)
	if repeated, _ := e.taken.ContainsOrAdd(once, struct{}{}); repeated {
		return true
	}
	started := e.options.Receiver.Start(r.Context(), func(ctx context.Context) { e.options.Receiver.Handle(ctx, request) })
	if !started {
		e.taken.Remove(once)
	}
	return started
}
