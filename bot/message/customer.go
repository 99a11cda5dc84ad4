package message

import (
	"fmt"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

const (
	// customerPage is how many answers of a customer are shown at most.
	customerPage = 10
	// maxGist is how much of a comment is shown of each, in characters.
	maxCustomerComment = 300
)

// Customer is what is known of one customer.
type Customer struct {
	// Last are the latest answers, the latest first; N counts all.
	Last []Entry
	N    int64
	// Colours counts all answers by colour.
	Colours map[feedback.Smiley]int64
	// NPS is the latest answer to the NPS question, nil when there is none.
	NPS *feedback.Feedback
}

// Customer answers what one customer has said so far, the latest first. It shows
// no e-mail address.
func (r *Renderer) Customer(c Customer) Message {
	if len(c.Last) == 0 {
		return r.ephemeral("customer_none")
	}
	head := rich(r.customerHead(c).section())
	var entries []slack.Block
	for _, e := range c.Last[:min(len(c.Last), customerPage)] {
		entries = append(entries, rich(r.customerEntry(e).section()))
	}
	more := func(shown int) []slack.Block {
		blocks := append([]slack.Block{head}, entries[:shown]...)
		if left := c.N - int64(shown); left > 0 {
			blocks = append(blocks, slack.NewContextBlock("", plain(r.text("customer_more", values{"n": left}))))
		}
		return blocks
	}
	inBlocks := countThatFit(entries, maxBlocksUnits-queueFrame, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	inText := countThatFit(entries, maxTextBytes-queueFrame, func(b slack.Block) int { return len(blocksMrkdwn([]slack.Block{b})) + 1 })
	return Message{Text: blocksMrkdwn(more(inText)), Blocks: more(inBlocks)}
}

// customerHead tells who it is, and how happy.
func (r *Renderer) customerHead(c Customer) line {
	who := ""
	for _, e := range c.Last {
		if who = name(e.Feedback.Customer); who != "" {
			break
		}
	}
	if who == "" {
		who = r.text("customer_nameless")
	}
	l := bold(who)
	l.dot()
	var parts []string
	for _, colour := range []feedback.Smiley{feedback.Green, feedback.Yellow, feedback.Red} {
		if n := c.Colours[colour]; n > 0 {
			parts = append(parts, r.text("split_"+string(colour), values{"n": n}))
		}
	}
	l.text(r.text("customer_answers", values{"answers": r.answersWord(c.N), "parts": joinedBy(", ", parts...)}))
	if c.NPS != nil {
		l.dot()
		l.text(r.text("customer_nps", values{"score": fmt.Sprintf("%d/10", c.NPS.Rating)}))
		l.fact(r.time(c.NPS.OccurredAt))
	}
	return l
}

// toldLine is one answer: what was rated and when, the comment, what came of it.
func (r *Renderer) customerEntry(e Entry) line {
	l := r.ratingLine(e.Feedback)
	l.fact(r.time(e.Feedback.OccurredAt))
	if gist := phrase(e.Feedback.Comment, maxCustomerComment); gist != "" {
		l.text("\n“" + gist + "”")
	}
	var after line
	if e.Feedback.Voided() {
		after.text(r.text("void_short"))
	}
	after.fact(textLine(r.stateWord(e.Case)))
	after.fact(r.messageLink(e.Permalink))
	if len(after) > 0 {
		l.text("\n")
		l.join(after)
	}
	return l
}

// CustomerUsage tells how to ask for a customer.
func (r *Renderer) CustomerUsage() Message { return r.ephemeral("customer_usage") }

// CustomerUnshared tells that a customer is shown to the asker alone.
func (r *Renderer) CustomerUnshared() Message { return r.ephemeral("customer_unshared") }
