package pull

import (
	"strings"
	"time"
)

// Failure is why a site could not be read. It holds nothing that the site sent, and no secret.
type Failure struct { //nolint:errname // people read it as a failure
	// Reason is a bounded word: one of those of [Remedy], or http_ and the status.
	Reason string
	// Wait is how long the site asks not to be asked again.
	Wait time.Duration
}

// Error is the reason and what to do.
func (f *Failure) Error() string { return f.Reason + ": " + Remedy(f.Reason) }

// The reasons that are not the status of an answer.
const (
	reasonNoAnswer   = "no_answer"
	reasonRedirected = "redirected"
	reasonTooLarge   = "too_large"
	reasonNotJSON    = "not_json"
	reasonUnreadable = "unreadable"
	reasonRefused    = "refused"
	reasonEndless    = "endless"
	reasonElsewhere  = "elsewhere"
	reasonMissing    = "many_missing"
)

// Remedy is what the operator does about a reason.
func Remedy(reason string) string {
	switch reason {
	case reasonNoAnswer:
		return "nothing to do while it is short; else see whether this machine reaches the site over HTTPS"
	case reasonRedirected:
		return "the site moved: correct the address in SMILEYBOT_MAPPINGS; a redirect to another host is not followed, because it would get the secret"
	case reasonTooLarge:
		return "ask the site for smaller pages in the address in SMILEYBOT_MAPPINGS, at most 16 MiB each"
	case reasonNotJSON:
		return "the site sent no JSON, perhaps a page for people: correct the address in SMILEYBOT_MAPPINGS, or wait if the site is down"
	case reasonUnreadable:
		return "no review of a page can be read: compare the page of the site in docs/senders, or your mapping, with what the site sends"
	case reasonRefused, "http_401", "http_403":
		return "the site refuses the secret: renew it in SMILEYBOT_<NAME>_SECRETS, and compare the ids in SMILEYBOT_MAPPINGS"
	case "http_404":
		return "the site does not know the address or the location: compare them in SMILEYBOT_MAPPINGS"
	case "http_429":
		return "the site is asked too often: raise every in SMILEYBOT_MAPPINGS"
	case reasonEndless:
		return "the site's pages do not end: narrow the address in SMILEYBOT_MAPPINGS, or report it"
	case reasonElsewhere:
		return "the site names a next page on another host, which would get the secret: report it to the site, or leave out next"
	case reasonMissing:
		return "the site lacks many reviews that it had, and none was taken back: look at the site, and void by hand what is really gone"
	case "panic":
		return "this is a bug: please report it with the stack in the log"
	default:
		if strings.HasPrefix(reason, "http_5") {
			return "nothing to do: the site is ill, and is asked again"
		}
		return "look at the site's documents for that status"
	}
}
