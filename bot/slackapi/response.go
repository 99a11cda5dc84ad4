package slackapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// A Response is an answer as a response_url takes it.
type Response struct {
	// Type says who sees it.
	Type   string        `json:"response_type"`
	Text   string        `json:"text"`
	Blocks []slack.Block `json:"blocks,omitempty"`
	// ReplaceOriginal replaces the message that was clicked.
	ReplaceOriginal bool `json:"replace_original"`
	UnfurlLinks     bool `json:"unfurl_links"`
	UnfurlMedia     bool `json:"unfurl_media"`
}

// The types of a response: for the person who asked, or for the channel.
const (
	ResponseEphemeral = "ephemeral"
	ResponseInChannel = "in_channel"
)

// methodRespond is what the metrics call an answer to a response_url.
const methodRespond = "response_url"

// RejectedError is returned for a response that Slack does not accept as it is.
type RejectedError struct {
	status int
	code   string
}

func (e *RejectedError) Error() string {
	return fmt.Sprintf("slack refused it: %d %q", e.status, e.code)
}

// AboutContent reports whether Slack rejected the content and not the address: the code is
// invalid_blocks, invalid_blocks_format or invalid_payload, or there is only a status 400.
func (e *RejectedError) AboutContent() bool {
	if e.code == "" {
		return e.status == http.StatusBadRequest
	}
	return strings.Contains(e.code, "block") || e.code == "invalid_payload"
}

// A AnswerError is returned for a response that Slack did not take this time: it is limited, or fails.
type AnswerError struct {
	status int
	wait   time.Duration
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf(methodRespond+": slack answered %d", e.status)
}

// answerRetry is how long after a failure to try again when Slack does not say.
const answerRetry = time.Second

// Repeatable says whether an answer to a person that failed with err may be sent once more, and after how
// long. An answer that others see as well is repeated only when Slack surely did not show it.
func Repeatable(err error, shared bool) (wait time.Duration, ok bool) {
	limited, isLimited := errors.AsType[*slack.RateLimitedError](err)
	failed, answered := errors.AsType[*AnswerError](err)
	_, rejected := errors.AsType[*RejectedError](err)
	switch {
	case err == nil, rejected, Code(err) != "":
		return 0, false
	case isLimited:
		return max(limited.RetryAfter, answerRetry), true
	case answered && failed.status == http.StatusTooManyRequests:
		return max(failed.wait, answerRetry), true
	case Classify(err).Class == ClassAway:
		return answerRetry, true
	default:
		return answerRetry, !shared
	}
}

// Respond posts a response once. Its error never names the address, because anyone who knows the
// address may answer through it.
func (c *Client) Respond(ctx context.Context, address string, r Response) (err error) {
	defer func() {
		outcome := outcome(err)
		if _, rejected := errors.AsType[*RejectedError](err); rejected {
			outcome = "refused"
		}
		c.options.Count(methodRespond, outcome)
	}()
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf(methodRespond+": %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New(methodRespond + ": not an address")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	answer, err := c.http.Do(request)
	if err != nil {
		return callError(methodRespond, err)
	}
	defer answer.Body.Close()
	return accepted(answer)
}

// accepted returns an error unless Slack accepted a response. Slack answers "ok", or {"ok": false}
// with the reason, whatever the status.
func accepted(answer *http.Response) error {
	const enough = 4096
	body, err := io.ReadAll(io.LimitReader(answer.Body, enough))
	if err != nil {
		return callError(methodRespond, err)
	}
	var parsed struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	isJSON := json.Unmarshal(body, &parsed) == nil
	switch {
	case answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode >= http.StatusInternalServerError:
		seconds, _ := strconv.ParseUint(answer.Header.Get("Retry-After"), 10, 16)
		return &AnswerError{answer.StatusCode, time.Duration(seconds) * time.Second}
	case answer.StatusCode >= http.StatusBadRequest, isJSON && parsed.OK != nil && !*parsed.OK:
		return &RejectedError{answer.StatusCode, fmt.Sprintf("%.60s", parsed.Error)}
	default:
		return nil
	}
}
