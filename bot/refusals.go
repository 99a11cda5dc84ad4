package bot

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
	"smileybot/config"
)

// refusals are the requests that were refused, for the operator. All of what they hold is bounded:
// addresses and reasons are the labels of the metrics. Nothing is logged that is not proved.
type refusals struct {
	config   config.Config
	known    []string // names of all senders, on or off
	log      *slog.Logger
	operator *message.Renderer
	now      func() time.Time

	mu     sync.Mutex
	kinds  map[refusalKind]*refusedRequests
	proved bool // a request of Slack was proved
}

// A refusalKind is what requests have in common that were refused.
type refusalKind struct{ at, reason, unproved string }

// refusedRequests are those of one kind, in the answer of /readyz.
type refusedRequests struct {
	// At is the address for Slack, or the name of the sender.
	At     string `json:"at"`
	Reason string `json:"reason"`
	// Unproved is what the proof of a sender lacked: missing, time or wrong.
	Unproved string    `json:"unproved,omitempty"`
	Count    int       `json:"count"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Remedy   string    `json:"cure"`
}

// Our reasons for refused requests of Slack, next to the labels of the metric.
const (
	reasonForeign = "foreign_workspace" // signed by Slack, of another workspace
	reasonSecret  = "wrong_secret"      // signed as Slack signs, with another secret
)

// socketRequests are the addresses of what comes over Socket Mode, by its kind.
var socketRequests = map[string]string{"command": slackCommands, "interaction": slackInteractions, "event": slackEvents, "other": slackOther} //nolint:gochecknoglobals // a table that never changes

// methodRequests is the method in a failure of requests that were refused, which is not a call of Slack.
const methodRequests = "requests"

// foreignShown is how long requests of another workspace make the bot degraded.
const foreignShown = time.Hour

func newRefusals(c config.Config, known []string, log *slog.Logger, now func() time.Time) *refusals {
	return &refusals{
		config: c, known: known, log: log, now: now, operator: message.NewRenderer(message.Options{}),
		kinds: make(map[refusalKind]*refusedRequests),
	}
}

// nameIn is the sender that a path below /webhooks/ names, the folder when there is no such sender.
func (r *refusals) nameIn(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/webhooks/"), "/")
	if slices.Contains(r.known, name) {
		return name
	}
	return "/webhooks/"
}

// onRefusedCall logs that Slack refuses what answers to people need, and returns it with its remedy.
func (b *Bot) onRefusedCall(f slackapi.Failure) slackapi.Failure {
	f.Remedy = message.NewRenderer(message.Options{}).Remedy(fault(f))
	b.log.Error("slack refuses what answers to people need", "slack_channel", f.Channel, "method", f.Method, "reason", f.Reason, "scope", f.Scope, "remedy", f.Remedy)
	return f
}

// onIdentity notes an app that is installed for a whole organisation, which is logged once.
func (b *Bot) onIdentity(own slackapi.Workspace) {
	var f *slackapi.Failure
	if own.OrgWide {
		f = &slackapi.Failure{Method: slackapi.MethodAuthTest, Reason: slackapi.ReasonOrgWide, Since: b.clock.clock.Now()}
		f.Remedy = message.NewRenderer(message.Options{}).Remedy(fault(*f))
	}
	if was := b.orgWide.Swap(f); f != nil && was == nil {
		b.log.Error("the app is installed for a whole organisation; commands and clicks are refused", "reason", f.Reason, "remedy", f.Remedy)
	} else if f != nil {
		b.orgWide.Store(was)
	}
}

// note counts a refused request by its address and a bounded reason.
func (r *refusals) note(at, reason string) { r.count(refusalKind{at: at, reason: reason}) }

// noteSender counts a refused request of a sender.
func (r *refusals) noteSender(sender string, why webhook.Refusal) {
	r.count(refusalKind{sender, string(why.Reason), string(why.Unproved)})
}

func (r *refusals) count(k refusalKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	seen, ok := r.kinds[k]
	if !ok {
		seen = &refusedRequests{At: k.at, Reason: k.reason, Unproved: k.unproved, First: now, Remedy: r.remedy(k)}
		r.kinds[k] = seen
		if k.reason == reasonForeign {
			r.log.Warn("refused a request of another workspace", "at", k.at, "reason", k.reason, "remedy", seen.Remedy)
		}
	}
	seen.Count++
	seen.Last = now
}

// noteProved notes that Slack's signature was right.
func (r *refusals) noteProved() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proved = true
}

// list lists what was refused since the start, the latest first.
func (r *refusals) list() []refusedRequests {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []refusedRequests
	for _, seen := range r.kinds {
		all = append(all, *seen)
	}
	slices.SortFunc(all, func(a, b refusedRequests) int {
		return cmp.Or(b.Last.Compare(a.Last), strings.Compare(a.At, b.At), strings.Compare(a.Reason, b.Reason), strings.Compare(a.Unproved, b.Unproved))
	})
	return all
}

// failures lists the refused requests that mean that something is set up wrong: those of another
// workspace, and those with another secret while none with the right one came. Anyone can send the rest.
func (r *refusals) failures() []slackapi.Failure {
	var all []slackapi.Failure
	for _, seen := range r.list() {
		r.mu.Lock()
		wrong := seen.Reason == reasonForeign && r.now().Sub(seen.Last) < foreignShown || seen.Reason == reasonSecret && !r.proved
		r.mu.Unlock()
		if wrong {
			all = append(all, slackapi.Failure{Method: methodRequests, Reason: seen.Reason, Count: seen.Count, Remedy: seen.Remedy, Since: seen.First})
		}
	}
	return all
}

// remedy is what an operator does about a kind of refused requests.
func (r *refusals) remedy(k refusalKind) string {
	slack := strings.HasPrefix(k.at, "/slack/") || k.at == slackOther
	secret := r.config.SlackSigningSecret.Reveal()
	switch {
	case k.reason == reasonForeign:
		return r.operator.Remedy(message.Fault{Reason: reasonForeign})
	case k.reason == reasonSecret:
		return r.operator.RefusedRemedy("secret", "")
	case slack && k.reason == string(webhook.ReasonAddress) && secret == "":
		return r.operator.RefusedRemedy("socket_only", "")
	case slack && k.reason == string(webhook.ReasonAddress):
		return r.operator.RefusedRemedy("slack_address", "")
	case slack && k.reason == "proof":
		return r.operator.RefusedRemedy("unsigned", "")
	case k.reason == string(webhook.ReasonAddress) && k.at != "feedback" && slices.Contains(r.known, k.at) && len(r.config.Senders[k.at]) == 0:
		return r.operator.RefusedRemedy("sender_off", config.SendersSetting(k.at))
	case k.reason == string(webhook.ReasonAddress):
		return r.operator.RefusedRemedy("address", "")
	case k.reason == "proof" && k.at == "feedback":
		return r.operator.RefusedRemedy("sender_secret", "SMILEYBOT_WEBHOOK_SECRETS, SMILEYBOT_WEBHOOK_TOKENS")
	case k.reason == "proof":
		return r.operator.RefusedRemedy("sender_secret", config.SendersSetting(k.at))
	default:
		return r.operator.RefusedRemedy("request", "")
	}
}
