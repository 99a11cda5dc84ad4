package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// answer is an answer whose blocks are short enough to be the text as well.
func answer(blocks ...slack.Block) Answer {
	return Answer{Text: flat(blocks), Blocks: blocks}
}

// said is an answer of one line.
func said(l line) Answer { return answer(rich(l.section())) }

// told is an answer of one sentence of the catalogue.
func (s *Speaker) told(key string) Answer {
	var l line
	l.text(s.say(key))
	return said(l)
}

// maxWord is how much of what somebody typed is said back, in characters.
const maxWord = 80

// NotUnderstood names what was not understood of a command, and shows three
// examples that work: of the command, when it is one of ours. It gives the reason
// when there is one to give: not for "" and [score.ReasonUnknown].
func (s *Speaker) NotUnderstood(word string, reason score.QueryReason, command string) Answer {
	var l line
	shown := phrase(word, maxWord)
	switch {
	case shown == "":
		l.text(s.say("not_understood"))
	case reason == "" || reason == score.ReasonUnknown:
		l.text(s.say("not_understood_word", values{"word": shown}))
	default:
		l.text(s.say("not_understood_why", values{"word": shown, "why": s.reasonWords(reason)}))
	}
	for example := range strings.Lines(s.examples(command)) {
		l.text("\n")
		l.code(strings.TrimSuffix(example, "\n"))
	}
	return said(l)
}

// examples are three that work, a line each.
func (s *Speaker) examples(command string) string {
	switch command {
	case "nps", "csat", "smileys", "ces", "nls", "reviews", "service":
		return s.say("examples_score", values{"command": command})
	case "followups":
		return s.say("examples_followups")
	default:
		return s.say("examples")
	}
}

// NotAllowed tells that only members of these Slack channels, who are no
// guests, may do something.
func (s *Speaker) NotAllowed(channels ...string) Answer {
	return said(s.line("not_allowed", values{"channels": s.anyOf(channels)}))
}

// AgentsUnshared tells that answers about single agents are shared in these Slack
// channels only.
func (s *Speaker) AgentsUnshared(channels ...string) Answer {
	return said(s.line("agents_unshared", values{"channels": s.anyOf(channels)}))
}

// anyOf names channels, any of which will do.
func (s *Speaker) anyOf(channels []string) line {
	var all line
	for _, id := range channels {
		if len(all) == 0 {
			all = channel(id)
			continue
		}
		all = s.line("not_allowed_or", values{"channels": all, "channel": channel(id)})
	}
	if len(all) == 0 {
		all.text(s.say("not_allowed_support"))
	}
	return all
}

// NotFound tells that the feedback of a message is not known, which happens
// when the database was replaced.
func (s *Speaker) NotFound() Answer { return s.told("not_found") }

// Trouble tells that something failed which is not the asker's fault.
func (s *Speaker) Trouble() Answer { return s.told("trouble") }
