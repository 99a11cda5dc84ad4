package slackapi

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// MissingScope reports whether Slack refused a call because the token lacks a scope, and which one; it is
// empty where Slack does not name it.
func MissingScope(err error) (scope string, missing bool) {
	refused, _ := errors.AsType[slack.SlackErrorResponse](err)
	if refused.Err != ReasonMissingScope {
		return "", false
	}
	return refused.Needed, true
}

// refusals are the calls that answers to people need and that Slack refuses until an operator repairs
// the set-up.
type refusals struct {
	required []string // scopes
	new      func(Failure) Failure

	mu     sync.Mutex
	calls  map[string]refusal // by method and channel
	scopes Failure            // the scopes that the token lacks
}

// A refusal is a call that Slack refuses, and when it did last.
type refusal struct {
	Failure

	last time.Time
}

// refusedFor is how long after the last try a refused call is reported.
const refusedFor = 2 * time.Hour

// worked notes a call that Slack carried out: then nothing is wrong with the token as such.
func (r *refusals) worked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.calls, func(_ string, f refusal) bool { return AffectsWorkspace(f.Reason) })
}

// note notes how a call went, which may be about a channel.
func (r *refusals) note(method, channel string, err error, now time.Time) {
	result := Classify(err)
	lasting := err != nil && (AffectsWorkspace(result.Reason) || result.Reason == ReasonMissingScope || result.Reason == "not_enabled" ||
		channel != "" && AffectsChannel(result.Reason))
	if err != nil && !lasting {
		return
	}
	if err == nil {
		r.worked()
	}
	key := method + " " + channel
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.calls[key]
	switch {
	case !lasting:
		delete(r.calls, key)
	case was.Reason != result.Reason || was.Scope != result.Scope:
		f := Failure{Method: method, Channel: channel, Reason: result.Reason, Scope: result.Scope, Since: now}
		r.calls[key] = refusal{r.new(f), now}
	default:
		was.last = now
		r.calls[key] = was
	}
}

// granted notes the scopes of the token, as Slack lists them with an answer.
func (r *refusals) granted(list string, now time.Time) {
	granted := strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
	if len(granted) == 0 {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(r.required), func(scope string) bool { return slices.Contains(granted, scope) })
	lacks := strings.Join(missing, ", ")
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.calls, func(_ string, f refusal) bool { return f.Scope != "" && slices.Contains(granted, f.Scope) })
	switch {
	case lacks == "":
		r.scopes = Failure{}
	case lacks != r.scopes.Scope:
		r.scopes = r.new(Failure{Method: MethodAuthTest, Reason: ReasonMissingScope, Scope: lacks, Since: now})
	}
}

// failures lists what is refused now. A scope is named once.
func (r *refusals) failures(now time.Time) []Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Failure
	if r.scopes.Reason != "" {
		all = append(all, r.scopes)
	}
	for _, key := range slices.Sorted(maps.Keys(r.calls)) {
		f := r.calls[key]
		named := f.Scope != "" && strings.Contains(r.scopes.Scope, f.Scope)
		if !named && now.Sub(f.last) < refusedFor {
			all = append(all, f.Failure)
		}
	}
	return all
}
