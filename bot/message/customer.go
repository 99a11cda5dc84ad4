package message

import (
	"fmt"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

const (
	// customerPage is how many answers of a customer are shown at most.
	customerPage = 10
	// maxGist is how much of a comment is shown of each, in characters.
	maxGist = 300
)

// Told is an answer of a customer with the link to its message, which may be
// missing.
type Told struct {
	followup.Snapshot
	Permalink string
}

// Customer is what is known of one customer.
type Customer struct {
	// Last are the latest answers, the latest first; N counts all.
	Last []Told
	N    int64
	// Colours counts all answers by colour.
	Colours map[feedback.Smiley]int64
	// NPS is the latest answer to the NPS question, nil when there is none.
	NPS *feedback.Feedback
}

// Customer answers what one customer has said so far, the latest first. It shows
// no e-mail address.
func (s *Speaker) Customer(c Customer) Answer {
	if len(c.Last) == 0 {
		return s.told("customer_none")
	}
	head := rich(s.customerHead(c).section())
	var entries []slack.Block
	for _, told := range c.Last[:min(len(c.Last), customerPage)] {
		entries = append(entries, rich(s.toldLine(told).section()))
	}
	more := func(shown int) []slack.Block {
		blocks := append([]slack.Block{head}, entries[:shown]...)
		if left := c.N - int64(shown); left > 0 {
			blocks = append(blocks, slack.NewContextBlock("", plain(s.say("customer_more", values{"n": left}))))
		}
		return blocks
	}
	inBlocks := fitting(entries, maxBlocksUnits-queueFrame, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	inText := fitting(entries, maxTextBytes-queueFrame, func(b slack.Block) int { return len(flat([]slack.Block{b})) + 1 })
	return Answer{Text: flat(more(inText)), Blocks: more(inBlocks)}
}

// customerHead tells who it is, and how happy.
func (s *Speaker) customerHead(c Customer) line {
	who := ""
	for _, told := range c.Last {
		if who = name(told.Feedback.Customer); who != "" {
			break
		}
	}
	if who == "" {
		who = s.say("customer_nameless")
	}
	l := bold(who)
	l.dot()
	var parts []string
	for _, colour := range []feedback.Smiley{feedback.Green, feedback.Yellow, feedback.Red} {
		if n := c.Colours[colour]; n > 0 {
			parts = append(parts, s.say("split_"+string(colour), values{"n": n}))
		}
	}
	l.text(s.say("customer_answers", values{"answers": s.answersWord(c.N), "parts": joinedBy(", ", parts...)}))
	if c.NPS != nil {
		l.dot()
		l.text(s.say("customer_nps", values{"score": fmt.Sprintf("%d/10", c.NPS.Rating)}))
		l.fact(s.time(c.NPS.OccurredAt))
	}
	return l
}

// toldLine is one answer: what was rated and when, the comment, what came of it.
func (s *Speaker) toldLine(t Told) line {
	l := s.subject(t.Feedback)
	l.fact(s.time(t.Feedback.OccurredAt))
	if gist := phrase(t.Feedback.Comment, maxGist); gist != "" {
		l.text("\n“" + gist + "”")
	}
	var after line
	if t.Feedback.Voided() {
		after.text(s.say("void_short"))
	}
	after.fact(text(s.stateWord(t.Snapshot)))
	after.fact(s.toMessage(t.Permalink))
	if len(after) > 0 {
		l.text("\n")
		l.join(after)
	}
	return l
}

// CustomerUsage tells how to ask for a customer.
func (s *Speaker) CustomerUsage() Answer { return s.told("customer_usage") }

// CustomerUnshared tells that a customer is shown to the asker alone.
func (s *Speaker) CustomerUnshared() Answer { return s.told("customer_unshared") }
