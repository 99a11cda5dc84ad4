package bot

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
)

// maxHeaders is how many headers a request may have. With a proxy in front it has some twenty.
const maxHeaders = 100

// A front is what the outside may reach: the webhooks and, unless Slack's requests come over Socket Mode
// only, the addresses for Slack. It refuses and counts what belongs to neither.
type front struct {
	intake        *webhook.Intake
	routes        *http.ServeMux
	slackRejected *prometheus.CounterVec
	refusals      *refusals
}

// slackPaths are the labels of the metric.
const (
	slackCommands     = "/slack/commands"
	slackInteractions = "/slack/interactions"
	slackEvents       = "/slack/events"
	slackOther        = "other"
)

// newFront returns a front without addresses for Slack, see [front.serveSlack].
func newFront(intake *webhook.Intake, refused *refusals, registry prometheus.Registerer) (*front, error) {
	f := &front{intake: intake, refusals: refused, routes: http.NewServeMux(), slackRejected: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "smileybot_slack_rejected_total",
		Help: "Requests under /slack/ that were rejected, by the reason.",
	}, []string{"path", "reason"})}
	for _, route := range intake.Routes() {
		f.routes.Handle(route.Pattern, route.Handler)
	}
	f.routes.HandleFunc("/", f.unknown)
	return f, registry.Register(f.slackRejected)
}

func (f *front) serveSlack(endpoint *slackapi.Endpoint) {
	f.routes.Handle(slackCommands, endpoint.Commands())
	f.routes.Handle(slackInteractions, endpoint.Interactions())
	f.routes.Handle(slackEvents, endpoint.Events())
}

// rejectedSlack counts and notes a request of Slack that was refused.
func (f *front) rejectedSlack(path, reason string) {
	if !slices.Contains([]string{slackCommands, slackInteractions, slackEvents}, path) {
		path = slackOther
	}
	noted := reason
	switch reason {
	case slackapi.RejectedSecret:
		noted, reason = reasonSecret, slackapi.RejectedProof
	case slackapi.RejectedForeign:
		noted = reasonForeign
	}
	f.refusals.note(path, noted)
	f.slackRejected.WithLabelValues(path, reason).Inc()
}

// ServeHTTP refuses what two servers could read in two ways, and passes the rest on. The connection of a
// request whose end another server could see elsewhere is closed after the answer.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := headOf(r).end()
	if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
		w.Header().Set("Connection", "close")
	}
	switch {
	case head.ambiguous(r):
		w.Header().Set("Connection", "close")
		f.refuse(w, r, http.StatusBadRequest, webhook.ReasonAmbiguous, "Another server could read this request in another way: it has two lengths, a folded or badly ended header line, or was sent before the answer to the one before it.")
	case head.lines > maxHeaders+2: // the first line, and the empty one
		w.Header().Set("Connection", "close")
		f.refuse(w, r, http.StatusRequestHeaderFieldsTooLarge, webhook.ReasonHeaders, "Send at most 100 headers.")
	case !clean(r.URL.EscapedPath()):
		f.unknown(w, r) // and no redirect, which senders do not follow
	default:
		f.routes.ServeHTTP(w, r)
	}
}

func (f *front) unknown(w http.ResponseWriter, r *http.Request) {
	f.refuse(w, r, http.StatusNotFound, webhook.ReasonAddress, "There is nothing at this address: check how it is written, and that the setting of the sender is there.")
}

// refuse counts and answers a request by the address that it was probably meant for.
func (f *front) refuse(w http.ResponseWriter, r *http.Request, status int, why webhook.Reason, detail string) {
	switch meant := path.Clean("/" + r.URL.Path); {
	case under(meant, "/webhooks"):
		f.refusals.note(f.refusals.nameIn(meant), string(why))
		f.intake.Refuse(w, status, why, detail)
	case under(meant, "/slack"):
		f.rejectedSlack(meant, string(why))
		http.Error(w, detail, status)
	default:
		http.Error(w, detail, status)
	}
}

// notHTTP counts a request that the HTTP server refused, by the beginning of its first line.
func (f *front) notHTTP(line string) {
	_, target, _ := strings.Cut(line, " ")
	target, _, _ = strings.Cut(target, " ")
	switch {
	case under(target, "/webhooks"):
		f.refusals.note(f.refusals.nameIn(target), string(webhook.ReasonNotHTTP))
		f.intake.CountRefused(webhook.ReasonNotHTTP)
	case under(target, "/slack"):
		f.rejectedSlack(target, string(webhook.ReasonNotHTTP))
	}
}

// under reports whether a path is a folder or in it.
func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// clean reports whether a path is written in the one way that leads to an address.
func clean(escaped string) bool { return escaped == path.Clean(escaped) }
