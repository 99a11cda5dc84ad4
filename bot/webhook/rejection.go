package webhook

import (
	"net/http"
	"strings"
)

// A reason is why a webhook was rejected, in a word for the metrics.
type reason string

const (
	reasonMethod      reason = "method"
	reasonMediaType   reason = "media_type"
	reasonTooLarge    reason = "too_large"
	reasonUnread      reason = "unread" // the body broke off
	reasonProof       reason = "proof"
	reasonMalformed   reason = "malformed"
	reasonInvalid     reason = "invalid"
	reasonUnavailable reason = "unavailable"
)

// retryAfter is how many seconds a sender is asked to wait when the store
// cannot take its webhook.
const retryAfter = "5"

// A rejection is why a webhook was not taken. Its texts say what to change and
// quote nothing that was sent.
type rejection struct {
	status int
	reason reason
	detail string
	errors []problem
	// header and value are a header of the answer, if any.
	header, value string
	// cause is for the operator, never for the sender.
	cause error
}

// senders reports whether the sender is known and did something wrong.
func (r *rejection) senders() bool { return r.reason == reasonMalformed || r.reason == reasonInvalid }

// explained is the detail with every single error.
func (r *rejection) explained() string {
	parts := []string{r.detail}
	for _, e := range r.errors {
		parts = append(parts, e.Field+" "+e.Message)
	}
	return strings.Join(parts, "; ")
}

func wrongMethod() *rejection {
	return &rejection{
		status: http.StatusMethodNotAllowed, reason: reasonMethod,
		detail: "Send webhooks with POST.",
		header: "Allow", value: "POST, HEAD",
	}
}

func wrongMediaType(detail string) *rejection {
	return &rejection{status: http.StatusUnsupportedMediaType, reason: reasonMediaType, detail: detail}
}

func tooLarge() *rejection {
	return &rejection{
		status: http.StatusRequestEntityTooLarge, reason: reasonTooLarge,
		detail: "The body may be at most 262,144 bytes (256 KiB) long.",
	}
}

func unread(status int, detail string) *rejection {
	return &rejection{status: status, reason: reasonUnread, detail: detail}
}

// unproved never says what was wrong with which proof. RFC 9110, section 11.6.1, wants a
// challenge with every 401.
func unproved(cure string) *rejection {
	return &rejection{
		status: http.StatusUnauthorized, reason: reasonProof,
		detail: "The sender is not proved. " + cure,
		header: "WWW-Authenticate", value: "Bearer",
	}
}

func malformed(detail string) *rejection {
	return &rejection{status: http.StatusBadRequest, reason: reasonMalformed, detail: detail}
}

func invalid(errors ...problem) *rejection {
	return &rejection{
		status: http.StatusUnprocessableEntity, reason: reasonInvalid,
		detail: "Required fields are missing or wrong: see errors.",
		errors: errors,
	}
}

func unavailable(cause error) *rejection {
	return &rejection{
		status: http.StatusServiceUnavailable, reason: reasonUnavailable,
		detail: "It cannot be taken now. Send it again later: whatever arrives twice counts once.",
		header: "Retry-After", value: retryAfter,
		cause: cause,
	}
}
