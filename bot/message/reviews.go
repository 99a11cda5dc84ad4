package message

import (
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// ReviewsRoom is the most reviews that are listed as waiting for a reply.
const ReviewsRoom = 10

// Hidden is why an answer does not list the reviews that wait for a reply. They are listed with
// the zero Hidden.
type Hidden string

// The reasons.
const (
	HiddenFromOutsider Hidden = "members"   // the asker may not see them
	HiddenWhenShared   Hidden = "alone"     // others would read them
	HiddenUnchecked    Hidden = "unchecked" // Slack did not say whether the asker may see them
)

// Reviews are the stars of a period, and the reviews that wait for a reply.
type Reviews struct {
	Reports []score.Report
	// Waiting are the reviews of the period whose follow-up is not over. It needs no entries when
	// Hidden is set.
	Waiting QueuePage
	Hidden  Hidden
	// Channels are those whose members may see the list.
	Channels []string
	Now      time.Time
}

// Reviews answers /reviews: how many stars customers gave, and which reviews wait for a reply. The
// list is as long as there is room below the score; the rest is counted.
func (r *Renderer) Reviews(reviews Reviews) Message {
	scores, head := r.scoreWithin(reviews.Reports, reviews.Now, listFrame), r.reviewsHead(reviews).block()
	var entries []slack.Block
	if reviews.Hidden == "" {
		for _, e := range reviews.Waiting.Entries[:min(len(reviews.Waiting.Entries), ReviewsRoom)] {
			entries = append(entries, r.queueEntry(e, reviews.Now).block())
		}
	}
	textRoom, blocksRoom := maxTextBytes-listFrame-len(scores.Text), maxBlocksUnits-listFrame-chartFrame-unitsOf(scores.Blocks)
	list := fit(entries, textRoom, blocksRoom, func(shown []slack.Block) []slack.Block {
		blocks := append([]slack.Block{head}, shown...)
		if more := reviews.Waiting.Total - len(shown); more > 0 && reviews.Hidden == "" {
			blocks = append(blocks, contextBlock(r.moreWords(more)))
		}
		return blocks
	})
	if scores.Chartless != nil {
		scores.Chartless = append(scores.Chartless, list.Blocks...)
	}
	scores.Text += "\n" + list.Text
	scores.Blocks = append(scores.Blocks, list.Blocks...)
	return scores
}

func (r *Renderer) reviewsHead(reviews Reviews) line {
	n := values{"n": reviews.Waiting.Total}
	switch {
	case reviews.Waiting.Total == 0:
		return textLine(r.text("reviews_none"))
	case reviews.Hidden == "":
		return bold(r.text("reviews_waiting", n))
	}
	l := bold(r.text("reviews_count", n))
	l.text(" ")
	l.join(r.line("reviews_"+string(reviews.Hidden), values{"channels": r.anyOf(reviews.Channels)}))
	return l
}

// reviewLine is a review's stars, with their number in words for screen readers, and its site,
// which links to the review if its address is known. Without a site the word "Review" links to it.
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

// starsWord is how many stars a review gives: "2 of 5 stars".
func (r *Renderer) starsWord(f feedback.Feedback) string {
	_, most := feedback.KindReview.Scale()
	return r.text("review_stars", values{"given": f.Rating, "most": most})
}

// reviewSpoken is a review without the picture of its stars, for the text of a message, which
// screen readers read: "2 of 5 stars on Trustpilot".
func (r *Renderer) reviewSpoken(f feedback.Feedback) string {
	if site := siteWord(f.Site); site != "" {
		return r.text("review_spoken_on", values{"score": r.starsWord(f), "site": site})
	}
	return r.starsWord(f)
}

// siteWord is the name of a review site. Senders write it in small letters; a single word of small
// letters gets a capital: trustpilot becomes Trustpilot, webhosters.nl stays.
func siteWord(site string) string {
	site = phrase(site, feedback.MaxName)
	if site == "" || strings.ContainsFunc(site, func(r rune) bool { return !unicode.IsLower(r) }) {
		return site
	}
	return capital(site)
}
