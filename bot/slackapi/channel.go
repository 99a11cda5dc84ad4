package slackapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// Channel is what Slack knows of a channel (docs.slack.dev/reference/objects/conversation-object).
type Channel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// IsDirect is a conversation of two; there are no members to be one of.
	IsDirect bool `json:"is_im"`
	// IsGroup is a conversation of a few people, which has scopes of its own.
	IsGroup    bool `json:"is_mpim"`
	IsMember   bool `json:"is_member"`
	IsArchived bool `json:"is_archived"`
	// IsShared says that another company is in it, or invited to it.
	IsShared        bool `json:"is_ext_shared"`
	IsPendingShared bool `json:"is_pending_ext_shared"`
	IsReadOnly      bool `json:"is_read_only"`
	IsThreadOnly    bool `json:"is_thread_only"`
	IsFrozen        bool `json:"is_frozen"`
}

// Our own reasons for what is wrong with a channel, next to Slack's error codes.
const (
	ReasonArchived   = "is_archived"
	ReasonNotIn      = "not_in_channel"
	ReasonShared     = "is_ext_shared"
	ReasonReadOnly   = "is_read_only"
	ReasonThreadOnly = "is_thread_only"
	ReasonFrozen     = "is_frozen"
)

// Troubles are the reasons why a channel is not fit for customers' words, the worst first. It is nil for
// a channel as it should be.
func (c Channel) Troubles() []string {
	var reasons []string
	for _, t := range []struct {
		holds  bool
		reason string
	}{
		{c.IsArchived, ReasonArchived},
		{!c.IsMember && !c.IsDirect && !c.IsArchived, ReasonNotIn}, // an archived channel has no members
		{c.IsShared || c.IsPendingShared, ReasonShared},
		{c.IsFrozen, ReasonFrozen},
		{c.IsReadOnly, ReasonReadOnly},
		{c.IsThreadOnly, ReasonThreadOnly},
	} {
		if t.holds {
			reasons = append(reasons, t.reason)
		}
	}
	return reasons
}

// WhyUnusable returns why the bot cannot change what is in a channel, empty when it can. known is false
// while Slack does not say. Nothing is wrong with the set-up then: the settings may name the channel no more.
func (c *Client) WhyUnusable(ctx context.Context, id string) (reason string, known bool) {
	info, err := c.channel(ctx, id, "")
	if err != nil {
		return Code(err), Unusable(Code(err))
	}
	for _, reason := range info.Troubles() {
		if Unusable(reason) {
			return reason, true
		}
	}
	return "", true
}

// maxAnswer bounds Slack's answer about one channel, in bytes.
const maxAnswer = 1 << 20

// Channel returns what Slack knows of a channel of the settings.
func (c *Client) Channel(ctx context.Context, id string) (Channel, error) {
	return c.channel(ctx, id, id)
}

// channel returns what Slack knows of a channel. needed is the channel if answers to people need it: then a
// refusal is one of [Client.Failures]. The library leaves out what it does not know, such as is_frozen, so
// the answer is read here.
func (c *Client) channel(ctx context.Context, id, needed string) (Channel, error) {
	return askAbout(ctx, c, MethodChannel, needed, Timeout, func(ctx context.Context) (Channel, error) {
		var answer struct {
			OK      bool    `json:"ok"`
			Error   string  `json:"error"`
			Needed  string  `json:"needed"`
			Channel Channel `json:"channel"`
		}
		body := url.Values{"token": {c.options.Token}, "channel": {id}}.Encode()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.options.URL+MethodChannel, strings.NewReader(body))
		if err != nil {
			return Channel{}, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := c.http.Do(request)
		if err != nil {
			return Channel{}, err
		}
		defer response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			wait, _ := strconv.Atoi(response.Header.Get("Retry-After"))
			return Channel{}, &slack.RateLimitedError{RetryAfter: time.Duration(wait) * time.Second}
		default:
			return Channel{}, slack.StatusCodeError{Code: response.StatusCode, Status: response.Status}
		}
		if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer); err != nil {
			return Channel{}, err
		}
		if !answer.OK {
			return Channel{}, slack.SlackErrorResponse{Err: answer.Error, Needed: answer.Needed}
		}
		return answer.Channel, nil
	})
}
