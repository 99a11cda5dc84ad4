package outbox

import (
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/slack-go/slack"
)

// A class says what an answer of Slack means for what was asked of it.
type class string

// The classes, which are also the outcomes in the metrics.
const (
	classOK       class = "ok"
	classLimited  class = "limited"  // not done, later
	classAway     class = "away"     // not done: Slack was not reached at all
	classDoubt    class = "in_doubt" // perhaps done
	classPayload  class = "payload"  // not done, and never will be like this
	classGone     class = "gone"     // the message can no longer be edited, or replied to
	classOperator class = "operator" // not done until somebody mends the set-up
)

// A verdict is an answer of Slack, classified.
type verdict struct {
	class class
	// method is the call of Slack that was answered.
	method string
	// reason is Slack's error code, or our word for what went wrong.
	reason string
	// wait is how long Slack asked for silence, with classLimited.
	wait time.Duration
}

// deleted reports whether there is nothing left to try: a message is deleted, it was gone,
// or Slack does not let the bot delete this one at all.
func (v verdict) deleted() bool { return v.class == classOK || v.class == classGone || v.refused() }

// refused reports whether Slack does not let the bot delete this one at all.
func (v verdict) refused() bool {
	return v.class == classPayload || v.class == classOperator && !channelWide(v.reason)
}

// defaultWait is how long to be silent when Slack does not say.
const defaultWait = 30 * time.Second

// classify is the one place where an error of Slack gets its meaning. The codes
// are those of the chat.postMessage and chat.update reference pages
// (docs.slack.dev/reference/methods). An unknown code is somebody's to look at:
// Slack said no, so nothing was posted, and repeating it at once would not help.
func classify(err error) verdict {
	var limited *slack.RateLimitedError
	var answered slack.SlackErrorResponse
	var status slack.StatusCodeError
	var op *net.OpError
	switch {
	case err == nil:
		return verdict{class: classOK, reason: "ok"}
	case errors.As(err, &limited):
		return verdict{class: classLimited, reason: "ratelimited", wait: max(limited.RetryAfter, time.Second)}
	case errors.As(err, &answered):
		return classifyCode(answered.Err)
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		return verdict{class: classLimited, reason: "ratelimited", wait: defaultWait}
	case errors.As(err, &op) && op.Op == "dial":
		return verdict{class: classAway, reason: "unreachable"}
	default:
		return verdict{class: classDoubt, reason: "no_answer"}
	}
}

func classifyCode(code string) verdict {
	v := verdict{class: classOperator, reason: code}
	switch code {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		v.class, v.wait = classLimited, defaultWait
	case "fatal_error", "internal_error", "request_timeout", "service_unavailable", "update_failed":
		v.class = classDoubt
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text", "block_mismatch",
		"markdown_text_conflict", "too_many_attachments", "attachment_payload_limit_exceeded",
		"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "metadata_must_be_sent_from_app",
		"invalid_arg_name", "invalid_arguments", "invalid_form_data", "invalid_charset":
		v.class = classPayload
	case "message_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message", "thread_not_found":
		v.class = classGone
	}
	return v
}

// reasonPanic is our word for a panic over one message.
const reasonPanic = "panic"

// channelWide reports whether a reason certainly holds for everything in a
// channel, and not perhaps only for one message.
func channelWide(reason string) bool {
	switch reason {
	case "channel_not_found", "not_in_channel", "is_archived", "is_inactive", "missing_scope":
		return true
	default:
		return everywhere(reason)
	}
}

// everywhere reports whether a reason holds for the workspace and not only for
// one channel.
func everywhere(reason string) bool {
	switch reason {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
		"not_allowed_token_type", "access_denied", "app_access_restricted",
		"ekm_access_denied", "two_factor_setup_required", "team_added_to_org", "org_login_required", "accesslimited":
		return true
	default:
		return false
	}
}
