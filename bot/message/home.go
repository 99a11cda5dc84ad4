package message

import (
	"encoding/json"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Home is what a supporter's Home tab shows.
type Home struct {
	// Mine are the follow-ups that the supporter has claimed, Open those that are not claimed. Late are
	// the overdue ones that colleagues have claimed, which a team lead sees. All are in the order of
	// the queue.
	Mine, Open, Late QueuePage
	// Rated says whether the supporter is known as an agent. Ratings are then the latest ratings of
	// the supporter's own answers, the latest first.
	Rated   bool
	Ratings []Entry
	// Scores are the team's of this month so far; those without an answer are left out.
	Scores []score.Score
	Now    time.Time
}

// HomeRoom is the most follow-ups in one part of a Home tab.
const HomeRoom = 14

// A Home tab has room for 100 blocks, of which a follow-up takes two and the rest less than 10, and
// for 250 KB of JSON (docs.slack.dev, views).
const (
	maxHomeRatings = 5
	maxHomeBytes   = 200_000
	maxHomeComment = 300 // in UTF-16 units
)

// Home is a supporter's Home tab: what waits, with the same buttons as in the channel, first the
// supporter's own and then what is not claimed; for a lead also what is late; how the supporter's
// answers were rated; how the team does. What does not fit is counted.
func (r *Renderer) Home(h Home) slack.HomeTabViewRequest {
	left := maxHomeBytes
	blocks := r.tasks(h, HomeRoom, &left)
	if h.Rated {
		blocks = append(blocks, r.ratings(h.Ratings, &left)...)
	}
	return homeView(append(blocks, r.teamScores(h.Scores, h.Now)...))
}

// tasks are the follow-ups that wait, each part below a heading that says whose they are.
func (r *Renderer) tasks(h Home, room int, left *int) []slack.Block {
	if h.Mine.Total+h.Open.Total+h.Late.Total == 0 {
		return []slack.Block{r.heading("home_nothing"), textLine(r.text("home_cheer")).block()}
	}
	var blocks []slack.Block
	if h.Mine.Total == 0 {
		blocks = append(blocks, r.heading("home_mine_none"))
	}
	for _, part := range []struct {
		heading string
		page    QueuePage
	}{{"home_mine", h.Mine}, {"home_open", h.Open}, {"home_late", h.Late}} {
		blocks = append(blocks, r.homePart(part.heading, part.page, room, h.Now, left)...)
	}
	return blocks
}

// CallbackMine is the callback_id of the global shortcut to a user's follow-ups, and of the modal that
// it opens.
const CallbackMine = "my_followups"

// mineRoom is the most follow-ups in one part of the modal.
const mineRoom = 10

// MineModal is what waits for a user, in a modal, from wherever the user is in Slack.
func (r *Renderer) MineModal(h Home) slack.ModalViewRequest {
	left := maxHomeBytes
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: CallbackMine, Title: plain(r.text("mine_title")), Close: plain(r.text("mine_close")),
		Blocks: slack.Blocks{BlockSet: r.tasks(h, mineRoom, &left)},
	}
}

// HomeElsewhere is the Home tab of a user who may not see what waits. It says who may, and shows
// the scores, which are for everyone.
func (r *Renderer) HomeElsewhere(channels []string, scores []score.Score, now time.Time) slack.HomeTabViewRequest {
	welcome := r.line("home_elsewhere", values{"channels": r.anyOf(channels)})
	blocks := []slack.Block{r.heading("home_welcome"), welcome.block()}
	return homeView(append(blocks, r.teamScores(scores, now)...))
}

func homeView(blocks []slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

func (r *Renderer) heading(key string) slack.Block { return slack.NewHeaderBlock(plain(r.text(key))) }

// homePart shows a part of the queue as far as there is room, and counts the rest.
func (r *Renderer) homePart(key string, p QueuePage, room int, now time.Time, left *int) []slack.Block {
	if p.Total == 0 {
		return nil
	}
	blocks := []slack.Block{slack.NewHeaderBlock(plain(r.text(key, values{"n": p.Total})))}
	shown := 0
	for _, e := range p.Entries[:min(len(p.Entries), room)] {
		top := r.headline(e.Snapshot)
		below := textLine(capital(r.ask(e.Snapshot)))
		if key == "home_late" {
			below = r.claimedLine(e.FollowUp)
		}
		below.fact(r.suspectLine(e.Feedback))
		below.fact(r.dueLine(e.FollowUp, now))
		below.fact(r.messageLink(e.Permalink))
		entry := []slack.Block{homeEntry(e, lines(top, below)), r.buttons(e.Snapshot)}
		if *left -= jsonBytes(entry); *left < 0 {
			break
		}
		blocks = append(blocks, entry...)
		shown++
	}
	if more := p.Total - shown; more > 0 {
		blocks = append(blocks, contextBlock(r.text("home_more", values{"more": r.count(int64(more))})))
	}
	return blocks
}

func homeEntry(e Entry, l line) slack.Block {
	elements := []slack.RichTextElement{l.section()}
	if comment := prose(e.Feedback.Comment); comment != "" {
		elements = append(elements, quote(cut(comment, maxHomeComment)))
	}
	return rich(elements...)
}

func (r *Renderer) ratings(rated []Entry, left *int) []slack.Block {
	blocks := []slack.Block{r.heading("home_ratings")}
	if len(rated) == 0 {
		return append(blocks, textLine(r.text("home_ratings_none")).block())
	}
	for _, e := range rated[:min(len(rated), maxHomeRatings)] {
		var below line
		below.fact(textLine(name(e.Feedback.Customer)))
		below.fact(r.time(e.Feedback.OccurredAt))
		below.fact(r.messageLink(e.Permalink))
		entry := homeEntry(e, lines(r.ratingLine(e.Feedback), below))
		if *left -= jsonBytes([]slack.Block{entry}); *left < 0 {
			break
		}
		blocks = append(blocks, entry)
	}
	return blocks
}

func (r *Renderer) teamScores(scores []score.Score, now time.Time) []slack.Block {
	var all line
	for _, s := range scores {
		if s.N > 0 {
			all = lines(all, r.shortScore(s))
		}
	}
	if len(all) == 0 {
		all.text(r.text("home_scores_none"))
	}
	updated := r.text("home_updated", values{"time": date(now, r.moment(now))})
	return []slack.Block{
		r.heading("home_scores"), all.block(), slack.NewContextBlock("", mrkdwn(updated)),
	}
}

// shortScore is a score with its number of answers and its interval: "NPS +42 · 120 answers ·
// between +34 and +50".
func (r *Renderer) shortScore(s score.Score) line {
	l := bold(r.scoreWords(s))
	if !s.Enough() {
		return l
	}
	l.fact(textLine(r.answersWord(s.N)))
	if s.Indicative() {
		l.fact(textLine(r.text("home_indicative")))
	}
	low, high, _ := s.IntervalText()
	l.fact(textLine(r.text("home_between", values{"low": r.number(low), "high": r.number(high)})))
	return l
}

// jsonBytes returns the size of blocks as JSON. Blocks that cannot be encoded, which these can,
// never fit.
func jsonBytes(blocks []slack.Block) int {
	raw, err := json.Marshal(blocks)
	if err != nil {
		return maxHomeBytes
	}
	return len(raw)
}
