package message

import (
	"fmt"
	"time"
)

// Health is what smileybot knows of itself.
type Health struct {
	Version string
	// Slack and Store say what is wrong and how to cure it; empty is well.
	Slack, Store string
	// Pending is how many messages wait to be posted or edited, Oldest for how
	// long the first of them.
	Pending int
	Oldest  time.Duration
}

// SelfCheck tells whether smileybot is well, and what to do if not.
func SelfCheck(h Health) Answer { return answer(rich(health(h).section())) }

// Help tells what can be asked, and how smileybot is.
func Help(h Health) Answer {
	return answer(rich(commands().section()), rich(health(h).section()))
}

func commands() line {
	var l line
	l.bold(wordHelp)
	for _, c := range commandWords() {
		l.text("\n")
		l.code(c.example)
		l.text(separator + c.meaning)
	}
	l.text("\n" + wordPeriods)
	return l
}

func health(h Health) line {
	var l line
	l.bold("Self-check")
	if version := phrase(h.Version, maxWord); version != "" {
		l.text(separator + "smileybot " + version)
	}
	l.check("Database", h.Store)
	l.check("Slack", h.Slack)
	l.check("Messages to Slack", backlog(h))
	return l
}

// backlogged is the age at which a waiting message means trouble rather than
// pace.
const backlogged = time.Minute

func backlog(h Health) string {
	if h.Pending == 0 || h.Oldest < backlogged {
		return ""
	}
	return fmt.Sprintf("%s wait, the oldest for %s. They are kept, and follow by themselves.",
		countWord(h.Pending, "message"), ageWord(h.Oldest))
}

// check is one line of the self-check.
func (l *line) check(what, trouble string) {
	const maxTrouble = 200
	if trouble = phrase(trouble, maxTrouble); trouble != "" {
		l.text("\n")
		l.bold("FAIL")
		l.text(" " + what + ": " + trouble)
		return
	}
	l.text("\nok " + what)
}
