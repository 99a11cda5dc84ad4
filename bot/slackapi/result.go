package slackapi

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/internal/trust"
)

// A Class says what Slack's answer means for the message that the call was about.
type Class string

// The classes, which are also the outcomes in the metrics.
const (
	ClassOK       Class = "ok"
	ClassLimited  Class = "limited"  // not done, later
	ClassAway     Class = "away"     // not done: Slack was not reached
	ClassDoubt    Class = "in_doubt" // perhaps done
	ClassPayload  Class = "payload"  // not done, and never with this payload
	ClassGone     Class = "gone"     // the message can no longer be edited or replied to
	ClassOperator Class = "operator" // not done until an operator repairs the set-up
)

// Our own reasons, next to Slack's error codes.
const (
	ReasonRateLimited = "ratelimited" // which is Slack's code as well
	ReasonUnreachable = "unreachable"
	ReasonNoAnswer    = "no_answer"
	ReasonNotSlack    = "not_slack"   // another server answered, such as a proxy
	ReasonCertificate = "certificate" // of what answers is not trusted
	ReasonNotHeld     = "not_held"    // another bot may call Slack

	ReasonMissingScope = "missing_scope" // which is Slack's code
)

// A Result is how a call about a message went.
type Result struct {
	Class  Class
	Method string
	// Reason is Slack's error code, or one of our own reasons.
	Reason string
	// Scope is what the token lacks, with the reason missing_scope where Slack names it.
	Scope string
	// Wait is how long Slack asks not to be called, with ClassLimited.
	Wait time.Duration
}

// A Failure is what is wrong with Slack, or with another receiver, for an operator.
type Failure struct {
	// Channel is the Slack channel concerned, empty for the whole workspace.
	Channel string `json:"channel,omitempty"`
	// Method is the call that failed.
	Method string `json:"method"`
	// Reason is Slack's error code, or one of our own reasons.
	Reason string `json:"reason"`
	// Scope is what the token lacks, where Slack names it.
	Scope string `json:"scope,omitempty"`
	// Count is how many there are of what Reason names, 0 when they are not counted.
	Count int `json:"count,omitempty"`
	// Remedy is what an operator does about it.
	Remedy string    `json:"cure"`
	Since  time.Time `json:"since"`
}

// defaultWait is how long not to call Slack when it does not say.
const defaultWait = 30 * time.Second

// Classify is the one place where an error of Slack gets its meaning. The codes are those of the
// chat.postMessage and chat.update reference pages (docs.slack.dev/reference/methods). An unknown
// code is for an operator: Slack said no, so nothing was posted, and an immediate retry would not
// help.
func Classify(err error) Result {
	var limited *slack.RateLimitedError
	var answered slack.SlackErrorResponse
	var status slack.StatusCodeError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return Result{Class: ClassOK, Reason: "ok"}
	case errors.As(err, &limited):
		return Result{Class: ClassLimited, Reason: ReasonRateLimited, Wait: max(limited.RetryAfter, time.Second)}
	case errors.As(err, &answered):
		r := classifyCode(answered.Err)
		if r.Reason == ReasonMissingScope {
			r.Scope = answered.Needed
		}
		return r
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		return Result{Class: ClassLimited, Reason: ReasonRateLimited, Wait: defaultWait}
	case errors.As(err, &certificate):
		return Result{Class: ClassAway, Reason: ReasonCertificate}
	case errors.Is(err, trust.ErrOver):
		return Result{Class: ClassAway, Reason: ReasonNotHeld}
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"), errors.As(err, &noTLS):
		return Result{Class: ClassAway, Reason: ReasonUnreachable} // nothing of the request was sent
	case errors.As(err, &status) && status.Code < http.StatusInternalServerError, errors.As(err, &syntax):
		return Result{Class: ClassDoubt, Reason: ReasonNotSlack}
	case errors.As(err, &status) && status.Code < 600: // a label of the metrics
		return Result{Class: ClassDoubt, Reason: "http_" + strconv.Itoa(status.Code)}
	default:
		return Result{Class: ClassDoubt, Reason: ReasonNoAnswer}
	}
}

func classifyCode(code string) Result {
	r := Result{Class: ClassOperator, Reason: code}
	switch code {
	case ReasonRateLimited, "rate_limited", "message_limit_exceeded":
		r.Class, r.Wait = ClassLimited, defaultWait
	case "fatal_error", "internal_error", "request_timeout", "service_unavailable", "update_failed", "fetch_members_failed":
		r.Class = ClassDoubt
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text", "block_mismatch",
		"markdown_text_conflict", "too_many_attachments", "attachment_payload_limit_exceeded",
		"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "metadata_must_be_sent_from_app",
		"invalid_arg_name", "invalid_arguments", "invalid_form_data", "invalid_charset":
		r.Class = ClassPayload
	case "message_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message", "thread_not_found":
		r.Class = ClassGone
	}
	return r
}

// PerhapsDone reports whether Slack may have done what was asked, whatever it answered: it also limits
// and fails after the work is done. Only a code that names what is wrong with the call or its place
// says that nothing was done; one that is unknown does not.
func (r Result) PerhapsDone() bool {
	switch r.Class {
	case ClassDoubt, ClassLimited:
		return true
	case ClassOperator:
		return !AffectsChannel(r.Reason) && !AffectsThread(r.Reason)
	default:
		return false
	}
}

// Unusable reports whether a reason says that a channel cannot be used as it is: it is gone, the bot is
// not in it, or it takes no messages of the bot.
func Unusable(reason string) bool {
	return AffectsChannel(reason) && !AffectsWorkspace(reason) && reason != ReasonMissingScope
}

// AffectsThread reports whether a reason holds for one thread only.
func AffectsThread(reason string) bool { return reason == "restricted_action_thread_locked" }

// AffectsChannel reports whether a reason holds for everything in a channel. Any other may be about
// one message.
func AffectsChannel(reason string) bool {
	switch reason {
	case "channel_not_found", "channel_is_limited_access", ReasonNotIn, "no_permission", ReasonArchived, "is_inactive", ReasonFrozen, ReasonMissingScope,
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel", "posting_to_channel_denied", "posting_to_general_channel_denied",
		"messages_tab_disabled", "method_not_supported_for_channel_type":
		return true
	default:
		return AffectsWorkspace(reason)
	}
}

// AffectsWorkspace reports whether a reason holds for the workspace, and not for one channel only.
func AffectsWorkspace(reason string) bool {
	switch reason {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
		"not_allowed_token_type", "access_denied", "app_access_restricted",
		"ekm_access_denied", "two_factor_setup_required", "team_added_to_org", "org_login_required", "accesslimited":
		return true
	default:
		return false
	}
}
