package outgoing

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/store"
)

// An attempt is how one went.
type attempt struct {
	// reason is why it was not taken, empty when it was.
	reason string
	// wait is how long the receiver asked not to be called.
	wait time.Duration
	// aside says that the reason is about this event, not the receiver.
	aside bool
}

// attempt posts an event.
func (t *Teller) attempt(ctx context.Context, o store.Outgoing) (a attempt) {
	defer func() {
		if p := recover(); p != nil {
			t.Log.Error("telling the ticket system panicked: this is a bug", "event", o.ID, "stack", string(debug.Stack()))
			a = attempt{reason: "panic", aside: true}
		}
	}()
	request, err := t.request(ctx, o)
	if err != nil {
		return attempt{reason: "unsigned"}
	}
	answer, err := t.client.Do(request)
	if err != nil {
		return attempt{reason: "no_answer"} // its words may hold the address
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
	status := answer.StatusCode
	if status >= http.StatusOK && status < http.StatusMultipleChoices {
		return attempt{}
	}
	return attempt{
		reason: "http_" + strconv.Itoa(status), wait: retryAfter(answer.Header),
		aside: status == http.StatusBadRequest || status == http.StatusConflict || status == http.StatusUnprocessableEntity,
	}
}

// request is a signed one, with the time of this attempt.
func (t *Teller) request(ctx context.Context, o store.Outgoing) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(o.Body))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	signature, err := t.signer.Sign(o.ID, now, o.Body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "smileybot/"+t.Version)
	request.Header.Set(standardwebhooks.HeaderWebhookID, o.ID)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return request, nil
}

// retryAfter is how long an answer asks to wait, in seconds (RFC 9110, section 10.2.3);
// no longer than a day.
func retryAfter(h http.Header) time.Duration {
	const longest = 24 * 60 * 60
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, longest)) * time.Second
}
