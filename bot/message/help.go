package message

import (
	"strings"
	"time"
)

// Health is what smileybot knows of itself.
type Health struct {
	Version string
	// StoreFailed says that the database does not take writes.
	StoreFailed bool
	// Slack is what does not get there, nil when all is well.
	Slack *Fault
	// Pending is how many messages wait to be posted or edited, Oldest for how
	// long the first of them.
	Pending int
	Oldest  time.Duration
}

// SelfCheck tells whether smileybot is well, and what to do if not.
func (s *Speaker) SelfCheck(h Health) Answer { return answer(rich(s.health(h).section())) }

// Help tells what can be asked, and how smileybot is.
func (s *Speaker) Help(h Health) Answer {
	return answer(rich(s.commands().section()), rich(s.health(h).section()))
}

// commands lists the commands, an example and its meaning each.
func (s *Speaker) commands() line {
	var l line
	l.bold(s.say("help_head"))
	for command := range strings.Lines(s.say("help")) {
		example, meaning, _ := strings.Cut(strings.TrimSuffix(command, "\n"), " | ")
		l.text("\n")
		l.code(example)
		l.text(separator + meaning)
	}
	l.text("\n" + s.say("help_periods"))
	l.text("\n" + s.say("help_filters"))
	return l
}

func (s *Speaker) health(h Health) line {
	var l line
	l.bold(s.say("check_head"))
	if version := phrase(h.Version, maxWord); version != "" {
		l.text(separator + "smileybot " + version)
	}
	var store, inSlack line
	if h.StoreFailed {
		store = s.storeFault()
	}
	if h.Slack != nil {
		inSlack = s.fault(*h.Slack)
	}
	l.join(s.check("check_store", store))
	l.join(s.check("check_slack", inSlack))
	l.join(s.check("check_backlog", s.backlog(h)))
	return l
}

// backlogged is the age at which a waiting message means trouble rather than
// pace.
const backlogged = time.Minute

func (s *Speaker) backlog(h Health) line {
	if h.Pending == 0 || h.Oldest < backlogged {
		return nil
	}
	return s.line("backlog", values{"n": h.Pending, "age": s.ageWord(h.Oldest)})
}

// check is one line of the self-check; without trouble all is well.
func (s *Speaker) check(key string, trouble line) line {
	var l line
	l.text("\n")
	if len(trouble) > 0 {
		l.join(s.line("check_fail", values{"fail": bold(s.say("check_fail_word")), "what": s.say(key), "trouble": trouble}))
		return l
	}
	l.text(s.say("check_ok", values{"what": s.say(key)}))
	return l
}
