package sender

import (
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Unproved is what a proof lacks, for the operator. The sender never learns it.
type Unproved string

// What a proof can lack.
const (
	// ProofMissing is a request without any proof.
	ProofMissing Unproved = "missing"
	// ProofTime is a moment of signing that is missing, unreadable or not now.
	ProofTime Unproved = "time"
	// ProofWrong is another secret, another body or another form.
	ProofWrong Unproved = "wrong"
)

// WhyUnproved says what the proof of a request lacks that [Enabled.Prove] or [Enabled.ProvableBy] refuses.
func (s Enabled) WhyUnproved(r *http.Request, now time.Time) Unproved {
	h := r.Header
	switch s.Proof.Kind {
	case StandardWebhooks:
		switch {
		case h.Get("Authorization") != "":
			return ProofWrong
		case h.Get(standardwebhooks.HeaderWebhookSignature) == "":
			return ProofMissing
		case len(s.keys.standard) > 0 && !s.keys.timely(h, now):
			return ProofTime
		}
	case Signature:
		switch {
		case h.Get(s.Proof.HMAC.Header) == "":
			return ProofMissing
		case s.Proof.HMAC.untimely(h, now) != "":
			return ProofTime
		}
	case BodyToken:
	default:
		if _, there := s.Proof.token(r); !there {
			return ProofMissing
		}
	}
	return ProofWrong
}
