package message

import (
	"cmp"
	"fmt"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

const (
	// customerPage is the most answers of a customer that are shown.
	customerPage = 10
	// maxCustomerComment limits the comment of each answer, in characters.
	maxCustomerComment = 300
)

// Customer is what the store has of one customer.
type Customer struct {
	// Asked is the id or address that was typed, which the answer repeats when nothing was found.
	Asked string
	// Last are the latest answers, the latest first; N counts all.
	Last []Entry
	N    int64
	// Colours counts all answers by colour.
	Colours map[feedback.Smiley]int64
	// NPS is the latest answer to the NPS question, nil without one.
	NPS *feedback.Feedback
}

// Customer answers /customer: what one customer has said so far, the latest first. It shows no
// e-mail address.
func (r *Renderer) Customer(c Customer) Message {
	if len(c.Last) == 0 {
		return lineMessage(r.line("customer_none", values{"who": bold(cmp.Or(phrase(c.Asked, maxWord), r.text("customer_this")))}))
	}
	head := r.customerHead(c).block()
	var entries []slack.Block
	for _, e := range c.Last[:min(len(c.Last), customerPage)] {
		entries = append(entries, r.customerEntry(e).block())
	}
	return fit(entries, maxTextBytes-listFrame, maxBlocksUnits-listFrame, func(shown []slack.Block) []slack.Block {
		blocks := append([]slack.Block{head}, shown...)
		if left := c.N - int64(len(shown)); left > 0 {
			blocks = append(blocks, contextBlock(r.text("customer_more", values{"n": left})))
		}
		return blocks
	})
}

func (r *Renderer) customerHead(c Customer) line {
	who := nameOf(c.Last)
	if who == "" {
		who = r.text("customer_nameless")
	}
	var parts []string
	for _, colour := range []feedback.Smiley{feedback.Green, feedback.Yellow, feedback.Red} {
		if n := c.Colours[colour]; n > 0 {
			parts = append(parts, r.text("split_"+string(colour), values{"n": n}))
		}
	}
	l := bold(who)
	l.fact(textLine(r.text("customer_answers", values{"answers": r.answersWord(c.N), "parts": joinedBy(", ", parts...)})))
	if c.NPS != nil {
		l.fact(textLine(r.text("customer_nps", values{"score": fmt.Sprintf("%d/10", c.NPS.Rating)})))
		l.fact(r.time(c.NPS.OccurredAt))
	}
	return l
}

func (r *Renderer) customerEntry(e Entry) line {
	l := r.ratingLine(e.Feedback)
	l.fact(r.time(e.Feedback.OccurredAt))
	if comment := phrase(e.Feedback.Comment, maxCustomerComment); comment != "" {
		l.text("\n“" + comment + "”")
	}
	var after line
	if e.Feedback.Voided() {
		after.text(r.text("void_short"))
	}
	after.fact(textLine(r.stateWord(e.Snapshot)))
	after.fact(r.messageLink(e.Permalink))
	return lines(l, after)
}
