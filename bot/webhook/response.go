package webhook

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// response is the body of a 2xx.
type response struct {
	// ID is smileybot's id of the feedback; of several, the first that is new or changed. It is ""
	// when no feedback is known.
	ID     string          `json:"id,omitempty"`
	Result feedback.Result `json:"result"`
	// Ignored are the names of unknown fields, sorted; a nested one as customer.nickname.
	Ignored []string `json:"ignored_fields,omitempty"`
	// Warnings name the optional fields that were left out, and why.
	Warnings []sender.Problem `json:"warnings,omitempty"`
	// word is that of a handshake, which alone is sent back.
	word string
}

// weight orders the results of several events: the answer has the first of the heaviest.
func weight(r feedback.Result) int {
	switch r {
	case feedback.Created, feedback.Updated:
		return 3
	case feedback.Kept:
		return 2
	case feedback.Unchanged, feedback.Stale:
		return 1
	default:
		return 0
	}
}

// isNew reports whether anything new was stored.
func isNew(r feedback.Result) bool { return weight(r) > 1 }

// write answers 202, or the status that the sender wants, when something was stored, and 200 when
// nothing was new.
func (a response) write(w http.ResponseWriter, accepted int) {
	status := http.StatusOK
	if isNew(a.Result) {
		status = cmp.Or(accepted, http.StatusAccepted)
	}
	write(w, status, "application/json", a)
}

// echo sends the word of a handshake back.
func echo(w http.ResponseWriter, word string) {
	send(w, http.StatusOK, "text/plain; charset=utf-8", []byte(word))
}

// Reason is why a request was refused, in a word for the metrics.
type Reason string

// Those of requests that no sender's handler gets, see [Intake.Refuse].
const (
	// ReasonAddress is an address of no sender, or of one whose setting is missing.
	ReasonAddress Reason = "address"
	// ReasonAmbiguous is a request that two servers could read in two ways.
	ReasonAmbiguous Reason = "ambiguous"
	// ReasonHeaders are too many of them.
	ReasonHeaders Reason = "headers"
	// ReasonNotHTTP is a request that the HTTP server could not read.
	ReasonNotHTTP Reason = "http"
)

const (
	reasonMethod      Reason = "method"
	reasonMediaType   Reason = "media_type"
	reasonTooLarge    Reason = "too_large"
	reasonMemory      Reason = "memory" // other requests take the memory for bodies
	reasonUnread      Reason = "unread" // the body broke off
	reasonProof       Reason = "proof"
	reasonMalformed   Reason = "malformed"
	reasonInvalid     Reason = "invalid"
	reasonUnavailable Reason = "unavailable"
)

// retryAfter is after how many seconds a sender should try again when the store is unavailable.
const retryAfter = "5"

// rejection is why a webhook was not accepted. Its texts say what to change and quote nothing that
// was sent.
type rejection struct {
	status int
	reason Reason
	detail string
	errors []sender.Problem
	allow  []string // methods, of 405
	basic  bool     // the sender proves itself by HTTP Basic authentication, of 401
	// cause is for the operator, never for the sender.
	cause error
	// unproved is what the proof lacks, for the operator.
	unproved sender.Unproved
}

// Refusal is why a request was refused before or by its proof, for the operator.
type Refusal struct {
	Reason Reason
	// Unproved is what the proof lacks; "" for any other reason.
	Unproved sender.Unproved
}

// partly is the rejection of some ratings of a delivery whose others were taken. It is only kept.
func partly(problems []sender.Problem) *rejection {
	r := reject(http.StatusUnprocessableEntity, reasonInvalid, "A part of the delivery was left out, the rest was taken.")
	r.errors = problems
	return r
}

// ofBody reports whether the sender is proved and its body is wrong.
func (r *rejection) ofBody() bool { return r.reason == reasonMalformed || r.reason == reasonInvalid }

// explained is the detail with every error.
func (r *rejection) explained() string {
	parts := []string{r.detail}
	for _, e := range r.errors {
		parts = append(parts, e.String())
	}
	return strings.Join(parts, "; ")
}

func reject(status int, why Reason, detail string) *rejection {
	return &rejection{status: status, reason: why, detail: detail}
}

func wrongMediaType(detail string) *rejection {
	return reject(http.StatusUnsupportedMediaType, reasonMediaType, detail)
}

func tooLarge() *rejection {
	return reject(http.StatusRequestEntityTooLarge, reasonTooLarge, "The body may be at most 262,144 bytes (256 KiB) long.")
}

// unreadable is the rejection of a body for the error of its sender's Decode.
func unreadable(err error) *rejection {
	if e, ok := errors.AsType[*sender.DecodeError](err); ok && e.Malformed == "" {
		return invalid(e.Invalid...)
	}
	return reject(http.StatusBadRequest, reasonMalformed, err.Error())
}

func invalid(problems ...sender.Problem) *rejection {
	r := reject(http.StatusUnprocessableEntity, reasonInvalid, "Required fields are missing or wrong: see errors.")
	r.errors = problems
	return r
}

func unavailable(cause error) *rejection {
	r := reject(http.StatusServiceUnavailable, reasonUnavailable, "It cannot be taken now. Send it again later: whatever arrives twice counts once.")
	r.cause = cause
	return r
}

// problemDetails is an error as RFC 9457 describes it. The type is always about:blank: the status
// says everything, and the title is the status's own words (RFC 9457, section 4.2.1).
type problemDetails struct {
	Type   string           `json:"type"`
	Title  string           `json:"title"`
	Status int              `json:"status"`
	Detail string           `json:"detail"`
	Errors []sender.Problem `json:"errors,omitempty"`
}

func (r *rejection) write(w http.ResponseWriter) {
	switch r.reason {
	case reasonMethod:
		w.Header().Set("Allow", strings.Join(r.allow, ", "))
	case reasonProof:
		scheme := "Bearer"
		if r.basic {
			scheme = `Basic realm="smileybot"`
		}
		w.Header().Set("WWW-Authenticate", scheme) // RFC 9110, section 11.6.1, wants one with every 401
	case reasonUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	case reasonMemory:
		w.Header().Set("Retry-After", retryAfter)
		w.Header().Set("Connection", "close") // the body is not read
	default: // no header
	}
	write(w, r.status, "application/problem+json", problemDetails{
		Type: "about:blank", Title: http.StatusText(r.status), Status: r.status, Detail: r.detail, Errors: r.errors,
	})
}

// write sends a JSON body that no cache keeps.
func write(w http.ResponseWriter, status int, mediaType string, body any) {
	text, err := json.Marshal(body)
	if err != nil { // unreachable: strings and numbers only
		status, text = http.StatusInternalServerError, nil
	}
	send(w, status, mediaType, text)
}

// send sends a body that no cache keeps.
func send(w http.ResponseWriter, status int, mediaType string, text []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if status == http.StatusNoContent || status == http.StatusResetContent {
		return // they have no body (RFC 9110, sections 15.3.5 and 15.3.6)
	}
	_, _ = w.Write(text) //nolint:gosec // JSON, or plain text that is not sniffed; a sender that is gone will try again
}
