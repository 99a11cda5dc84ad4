package webhook

import (
	"encoding/json"
	"net/http"

	"smileybot/feedback"
)

// answer tells a sender what became of its webhook.
type answer struct {
	// ID is smileybot's own id of the feedback; of several the first of which something
	// new was told. It is "" when there is none.
	ID     string          `json:"id,omitempty"`
	Result feedback.Result `json:"result"`
	// Ignored names the fields that nobody knows, sorted; a nested one with its
	// object, as in customer.nickname.
	Ignored []string `json:"ignored_fields,omitempty"`
	// Warnings names the optional fields that were left out, and why.
	Warnings []problem `json:"warnings,omitempty"`
}

// A problem is what is wrong with one field. The message reads on from the
// field's name, says what to send instead, and quotes nothing.
type problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// new reports whether something was taken.
func (a answer) new() bool { return isNew(a.Result) }

func isNew(r feedback.Result) bool { return r == feedback.Created || r == feedback.Updated }

// write answers 202 when something was taken, and 200 when nothing was new.
func (a answer) write(w http.ResponseWriter) {
	status := http.StatusOK
	if a.new() {
		status = http.StatusAccepted
	}
	write(w, status, "application/json", a)
}

// problemDetails is an error as RFC 9457 describes it. The type is always
// about:blank, which says that the status tells all there is to tell apart (RFC
// 9457, section 4.2.1), and makes the title the status's own words.
type problemDetails struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Errors []problem `json:"errors,omitempty"`
}

func (r *rejection) write(w http.ResponseWriter) {
	if r.header != "" {
		w.Header().Set(r.header, r.value)
	}
	write(w, r.status, "application/problem+json", problemDetails{
		Type: "about:blank", Title: http.StatusText(r.status), Status: r.status, Detail: r.detail, Errors: r.errors,
	})
}

// write sends a JSON body, which is kept by nobody on the way.
func write(w http.ResponseWriter, status int, mediaType string, body any) {
	text, err := json.Marshal(body)
	if err != nil { // unreachable: strings and numbers only
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a sender that is gone will try again
}
