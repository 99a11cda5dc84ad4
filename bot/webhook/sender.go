package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Sender is a system whose webhooks are taken in its own format, at /webhooks/NAME.
type Sender struct{ inner sender }

// Name is the sender in addresses, in the store, in metrics and in logs.
func (s Sender) Name() string { return s.inner.name }

// secretInPath is the name of the last part of a path that is a secret.
const secretInPath = "secret"

// adapters are the ready-made senders: how each proves itself by secrets, and how it is
// read.
func adapters() map[string]func(secrets []string, q Questions) (sender, error) {
	return map[string]func([]string, Questions) (sender, error){
		"chatwoot":   chatwoot,
		"formbricks": formbricks,
		"helpscout":  helpScout,
		"intercom":   intercom,
		"trustpilot": trustpilot,
		"typeform":   typeform,
		"zendesk":    zendesk,
	}
}

// AdapterNames lists the ready-made senders.
func AdapterNames() []string {
	var names []string
	for name := range adapters() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// NewAdapter is a ready-made sender that is proved by any of the secrets. Questions tell
// formbricks and typeform what is a rating; others have none. Its errors hold no secret.
func NewAdapter(name string, secrets []string, q Questions) (Sender, error) {
	build, known := adapters()[name]
	if !known {
		return Sender{}, fmt.Errorf("no sender is called %q", name)
	}
	s, err := build(secrets, q)
	s.name, s.foreign = name, true
	return Sender{s}, err
}

// checkSigning is what a sender is told whose signature does not fit.
const checkSigning = "Check that the secret here and there is the same, and that the request comes no later than 5 minutes after it was signed."

// checkSecret is what a sender is told that does not sign.
const checkSecret = "Check that the secret here and there is the same."

// verified puts together the proof of a sender and by what it marks a repeat.
func verified(proves func(r *http.Request, body []byte, now time.Time) bool, id func(h http.Header, body []byte) string) func(*http.Request, []byte, time.Time) (string, bool) {
	return func(r *http.Request, body []byte, now time.Time) (string, bool) {
		if !proves(r, body, now) {
			return "", false
		}
		return deliveryKey(id(r.Header, body)), true
	}
}

// noDeliveryID is for senders that mark no repeats: what a repeat says is known.
func noDeliveryID(http.Header, []byte) string { return "" }

// idOfBody is for senders that mark no repeats, and never send the same twice but as a
// repeat.
func idOfBody(_ http.Header, body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// idInHeader is for senders that mark a repeat by a header.
func idInHeader(name string) func(http.Header, []byte) string {
	return func(h http.Header, _ []byte) string { return h.Get(name) }
}

// idInBody is for senders that mark a repeat by a field of the body.
func idInBody(names ...string) func(http.Header, []byte) string {
	return func(_ http.Header, body []byte) string {
		tree, rejected := parseTree(body)
		if rejected != nil {
			return "" // what is wrong is told when it is read
		}
		return tree.at(names...).text()
	}
}

// inPath checks the last part of the path.
func inPath(secrets []string) func(*http.Request, []byte, time.Time) bool {
	known := newTokens(secrets)
	return func(r *http.Request, _ []byte, _ time.Time) bool { return known.include(r.PathValue(secretInPath)) }
}
