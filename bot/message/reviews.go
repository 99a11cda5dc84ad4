package message

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"smileybot/feedback"
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
	Reports []feedback.Report
	// Waiting are the reviews of the period whose follow-up is not over, in order;
	// Total counts all of them. There are none while Hidden says so.
	Waiting QueuePage
	Hidden  Hidden
	// Channels are those whose members may know.
	Channels []string
	// Now is when all that was so.
	Now time.Time
}

// Reviews answers how many stars customers gave, and which reviews nobody has answered.
// Those are listed as far as there is room beside the score; the rest is counted.
func (r *Renderer) Reviews(reviews Reviews) Message {
	scores, head := r.scoreWithin(reviews.Reports, reviews.Now, reviewsFrame), r.reviewsHead(reviews)
	var entries []slack.Block
	if reviews.Hidden == "" {
		for _, w := range reviews.Waiting.Entries[:min(len(reviews.Waiting.Entries), ReviewsRoom)] {
			entries = append(entries, rich(r.queueEntry(w, reviews.Now).section()))
		}
	}
	below := func(shown int) []slack.Block {
		blocks := append([]slack.Block{rich(head.section())}, entries[:shown]...)
		if more := reviews.Waiting.Total - shown; more > 0 && reviews.Hidden == "" {
			blocks = append(blocks, slack.NewContextBlock("", plain(r.text("queue_more", values{"more": r.number(strconv.Itoa(more))}))))
		}
		return blocks
	}
	inText := below(countThatFit(entries, maxTextBytes-reviewsFrame-len(scores.Text), func(b slack.Block) int { return len(blocksMrkdwn([]slack.Block{b})) + 1 }))
	inBlocks := below(countThatFit(entries, maxBlocksUnits-reviewsFrame-chartFrame-unitsOf(scores.Blocks), func(b slack.Block) int { return unitsOf([]slack.Block{b}) }))
	a := Message{Text: scores.Text + "\n" + blocksMrkdwn(inText), Blocks: append(scores.Blocks, inBlocks...)}
	if scores.Chartless != nil {
		a.Chartless = append(scores.Chartless, inBlocks...)
	}
	return a
}

// reviewsFrame is more than what stands around the list of reviews ever takes.
const reviewsFrame = 500

// reviewsHead tells how many wait for a reply, and why it does not tell which.
func (r *Renderer) reviewsHead(reviews Reviews) line {
	if reviews.Waiting.Total == 0 {
		return textLine(r.text("reviews_none"))
	}
	if reviews.Hidden == "" {
		return bold(r.text("reviews_waiting", values{"n": reviews.Waiting.Total}))
	}
	l := bold(r.text("reviews_count", values{"n": reviews.Waiting.Total}))
	l.text(" ")
	l.join(r.line("reviews_"+string(reviews.Hidden), values{"channels": r.anyOf(reviews.Channels)}))
	return l
}

// reviewLine is a review's stars, with their number in words for those who hear it, and
// its site, which links to its page when that is known; without a site the word
// "Review" does.
func (r *Renderer) reviewLine(f feedback.Feedback, address string) line {
	_, most := feedback.KindReview.Scale()
	given := min(max(f.Rating, 0), most)
	in := values{
		"stars": strings.Repeat("★", given) + strings.Repeat("☆", most-given),
		"score": r.starsWord(f), "review": textLine(r.channelWord(feedback.ChannelReview)),
	}
	site := siteWord(f.Site)
	if site == "" {
		in["review"] = linked(address, r.channelWord(feedback.ChannelReview))
		return r.line("review", in)
	}
	in["site"] = linked(address, site)
	return r.line("review_on", in)
}

// starsWord is how many stars a review gives, in words: "2 of 5 stars".
func (r *Renderer) starsWord(f feedback.Feedback) string {
	_, most := feedback.KindReview.Scale()
	return r.text("review_stars", values{"given": f.Rating, "most": most})
}

// reviewSpoken is a review without its picture of stars, for the text of a message,
// which is read aloud: "2 of 5 stars on Trustpilot".
func (r *Renderer) reviewSpoken(f feedback.Feedback) string {
	if site := siteWord(f.Site); site != "" {
		return r.text("review_spoken_on", values{"score": r.starsWord(f), "site": site})
	}
	return r.starsWord(f)
}

// siteWord is a review site as its name is written. Senders write it in small letters; one
// word of them gets a capital: trustpilot is Trustpilot, webhosters.nl stays.
func siteWord(site string) string {
	site = phrase(site, feedback.MaxName)
	if site == "" || strings.ContainsFunc(site, func(r rune) bool { return !unicode.IsLower(r) }) {
		return site
	}
	letters := []rune(site)
	return string(unicode.ToUpper(letters[0])) + string(letters[1:])
}

// gist says what was rated without a word of the customer's, as a notice does: of a
// review, whose title is the customer's, the stars.
func (r *Renderer) subject(f feedback.Feedback) string {
	if f.Kind == feedback.KindReview {
		return r.ratingWord(f)
	}
	return r.describeSubject(f)
}

// task is what a follow-up asks for, where that is not to ask the customer: a review
// is answered on its site. It is nothing for others, and when it is over.
func (r *Renderer) task(v feedback.Case) line {
	if v.Feedback.Kind != feedback.KindReview || !v.FollowUp.State.Pending() {
		return nil
	}
	return textLine(r.text("task_review"))
}
