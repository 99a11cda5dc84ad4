package message

import (
	"strings"
	"time"
)

// Fault is why something does not reach Slack.
type Fault struct {
	// Reason is Slack's error code, or one of smileybot's own: unreachable, no_answer, not_slack, panic,
	// org_wide_install, foreign_workspace; for Socket Mode not_connected, bad_handshake, http_404,
	// connection_dropped and foreign_connections.
	Reason string
	// Channel is the Slack channel it concerns, if any.
	Channel string
	// Scope is what the token lacks, where Slack names it.
	Scope string
	// Socket says that it is about Socket Mode.
	Socket bool
	// Count is how many there are of what Reason names.
	Count int
}

// Remedy says what an operator does about a fault, in plain text.
func (r *Renderer) Remedy(f Fault) string {
	return r.text(f.remedyKey(), f.values(phrase(f.Channel, maxWord)))
}

func (r *Renderer) faultLine(f Fault) line {
	where := channel(f.Channel)
	if where == nil {
		where = textLine(phrase(f.Channel, maxWord))
	}
	return r.line("fault", values{
		"reason": phrase(f.Reason, maxWord), "remedy": r.line(f.remedyKey(), f.values(where)),
	})
}

// values fills a remedy in, with the channel as it is shown.
func (f Fault) values(channel any) values {
	return values{"channel": channel, "scope": phrase(f.Scope, maxWord), "connections": f.Count}
}

// LeftRemedy says what an operator may do about messages in a channel that the settings name no more, and
// in which the bot cannot edit them.
func (r *Renderer) LeftRemedy(channel string) string {
	return r.text("remedy_left", values{"channel": phrase(channel, maxWord)})
}

// OutgoingRemedy says what an operator does when the ticket system does not accept events.
func (r *Renderer) OutgoingRemedy() string { return r.text("remedy_outgoing") }

// RefusedRemedy says what an operator does about requests that were refused, by the kind of the refusal.
// Some kinds name a setting.
func (r *Renderer) RefusedRemedy(kind, setting string) string {
	return r.text("remedy_refused_"+kind, values{"setting": setting})
}

// ClockRemedy says what an operator does about a machine's clock that is ahead of Slack's by an
// offset, or behind it when that is negative.
func (r *Renderer) ClockRemedy(offset time.Duration) string {
	key := "remedy_clock_ahead"
	if offset < 0 {
		key = "remedy_clock_behind"
	}
	return r.text(key, values{"offset": offset.Abs().Round(time.Second).String()})
}

// StoreReason says that the database does not take writes.
func (r *Renderer) StoreReason() string { return r.text("fault_store") }

// StoreRemedy says what an operator does when the database does not take writes.
func (r *Renderer) StoreRemedy() string { return r.text("remedy_store") }

// Starting is the reply to a command while the bot brings its database up to date.
func (r *Renderer) Starting() string { return r.text("starting") }

// Health is what smileybot knows of itself.
type Health struct {
	Version string
	// StoreFailed says that the database does not take writes.
	StoreFailed bool
	// Slack is the fault that keeps messages from Slack, nil when all is well.
	Slack *Fault
	// Pending is how many messages wait to be posted or edited, Oldest how long the first of them
	// has waited.
	Pending int
	Oldest  time.Duration
}

// SelfCheck says whether smileybot is well, and what to do if not.
func (r *Renderer) SelfCheck(h Health) Message { return blocksMessage(r.health(h).block()) }

// Help says what can be asked, and whether smileybot is well.
func (r *Renderer) Help(h Health) Message {
	return blocksMessage(r.commands().block(), r.health(h).block())
}

// commands lists the commands, an example and its meaning each.
func (r *Renderer) commands() line {
	l := bold(r.text("help_head"))
	for command := range strings.Lines(r.text("help")) {
		example, meaning, _ := strings.Cut(strings.TrimSuffix(command, "\n"), " | ")
		l.text("\n")
		l.join(code(example))
		l.text(separator + meaning)
	}
	l.text("\n" + r.text("help_periods"))
	l.text("\n" + r.text("help_filters"))
	return l
}

func (r *Renderer) health(h Health) line {
	l := bold(r.text("check_head"))
	if version := phrase(h.Version, maxWord); version != "" {
		l.text(separator + "smileybot " + version)
	}
	var store, inSlack, backlog line
	if h.StoreFailed {
		store = r.line("fault", values{"reason": r.StoreReason(), "remedy": r.StoreRemedy()})
	}
	if h.Slack != nil {
		inSlack = r.faultLine(*h.Slack)
	}
	if h.Pending > 0 && h.Oldest >= backlogged {
		backlog = r.line("backlog", values{"n": h.Pending, "age": r.ageWord(h.Oldest)})
	}
	return lines(l, r.checkLine("check_store", store), r.checkLine("check_slack", inSlack), r.checkLine("check_backlog", backlog))
}

// backlogged is the age from which a waiting message means a failure rather than a rate limit.
const backlogged = time.Minute

func (r *Renderer) checkLine(key string, fault line) line {
	if len(fault) == 0 {
		return textLine(r.text("check_ok", values{"what": r.text(key)}))
	}
	return r.line("check_fail", values{"fail": bold(r.text("check_fail_word")), "what": r.text(key), "trouble": fault})
}
