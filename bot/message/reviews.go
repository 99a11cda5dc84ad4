package message

import (
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// ReviewsRoom is how many reviews that wait for a reply are listed at most.
const ReviewsRoom = 10

// Hidden is why it is not told which reviews wait for a reply.
type Hidden string

// The reasons. With the zero Hidden it is told.
const (
	HiddenFromOutsider Hidden = "members"   // the asker may not know
	HiddenWhenShared   Hidden = "alone"     // others would read it
	HiddenUnchecked    Hidden = "unchecked" // Slack did not say whether the asker may
)

// Reviews are the stars of a period, and what waits for a reply.
type Reviews struct {
	Reports []score.Report
	// Waiting are the reviews of the period whose follow-up is not over, in order;
	// Total counts all of them. There are none while Hidden says so.
	Waiting []Waiting
	Total   int
	Hidden  Hidden
	// Channels are those whose members may know.
	Channels []string
	// Now is when all that was so.
	Now time.Time
}

// Reviews answers how many stars customers gave, and which reviews nobody has answered.
// Those are listed as far as there is room beside the score; the rest is counted.
func (s *Speaker) Reviews(r Reviews) Answer {
	scores, head := s.scoreBeside(r.Reports, r.Now, reviewsFrame), s.reviewsHead(r)
	var entries []slack.Block
	if r.Hidden == "" {
		for _, w := range r.Waiting[:min(len(r.Waiting), ReviewsRoom)] {
			entries = append(entries, rich(s.waitingLine(w, r.Now).section()))
		}
	}
	below := func(shown int) []slack.Block {
		blocks := append([]slack.Block{rich(head.section())}, entries[:shown]...)
		if more := r.Total - shown; more > 0 && r.Hidden == "" {
			blocks = append(blocks, slack.NewContextBlock("", plain(s.say("queue_more", values{"more": s.number(strconv.Itoa(more))}))))
		}
		return blocks
	}
	inText := below(fitting(entries, maxTextBytes-reviewsFrame-len(scores.Text), func(b slack.Block) int { return len(flat([]slack.Block{b})) + 1 }))
	inBlocks := below(fitting(entries, maxBlocksUnits-reviewsFrame-chartFrame-unitsOf(scores.Blocks), func(b slack.Block) int { return unitsOf([]slack.Block{b}) }))
	a := Answer{Text: scores.Text + "\n" + flat(inText), Blocks: append(scores.Blocks, inBlocks...)}
	if scores.Chartless != nil {
		a.Chartless = append(scores.Chartless, inBlocks...)
	}
	return a
}

// reviewsFrame is more than what stands around the list of reviews ever takes.
const reviewsFrame = 500

// reviewsHead tells how many wait for a reply, and why it does not tell which.
func (s *Speaker) reviewsHead(r Reviews) line {
	if r.Total == 0 {
		return text(s.say("reviews_none"))
	}
	if r.Hidden == "" {
		return bold(s.say("reviews_waiting", values{"n": r.Total}))
	}
	l := bold(s.say("reviews_count", values{"n": r.Total}))
	l.text(" ")
	l.join(s.line("reviews_"+string(r.Hidden), values{"channels": s.anyOf(r.Channels)}))
	return l
}
