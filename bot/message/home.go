package message

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Pile is a part of the queue: the first of it, and how many there are in all.
type Pile struct {
	First []Waiting
	Total int
}

// Home is what a supporter's Home tab shows.
type Home struct {
	// Mine are the follow-ups that the supporter has claimed; Open those that
	// nobody has. Both are in the order of the queue.
	Mine, Open Pile
	// Rated tells whether the supporter is known as an agent. Ratings are then the
	// latest ones of the supporter's own answers, the latest first.
	Rated   bool
	Ratings []Waiting
	// Scores are the team's of this month so far; those without an answer are left out.
	Scores []score.Score
	// Now is when all that was so.
	Now time.Time
}

// HomeRoom is the most that one part of a Home tab has room for.
const HomeRoom = 15

// What a Home tab has room for (docs.slack.dev, views): 100 blocks, of which a
// follow-up takes two and all the rest less than 20; and 250 KB of JSON.
const (
	maxHomeRatings = 5
	maxHomeBytes   = 200_000
	maxHomeComment = 300 // in UTF-16 units
)

// Home is a supporter's Home tab: what waits for them, first what is theirs and
// then what is nobody's, with the same buttons as in the channel; how their
// answers were rated; how the team does. What does not fit is counted.
func (s *Speaker) Home(h Home) slack.HomeTabViewRequest {
	left := maxHomeBytes
	blocks := []slack.Block{s.heading("home_waiting")}
	if h.Mine.Total+h.Open.Total == 0 {
		blocks = append(blocks, rich(text(s.say("home_cheer")).section()))
	}
	blocks = append(blocks, s.pile("home_mine", h.Mine, h.Now, &left)...)
	blocks = append(blocks, s.pile("home_open", h.Open, h.Now, &left)...)
	if h.Rated {
		blocks = append(blocks, s.ratings(h.Ratings, &left)...)
	}
	return home(append(blocks, s.teamScores(h.Scores, h.Now)...))
}

// HomeElsewhere is the Home tab of somebody who may not see what waits: it says
// who may, and shows the scores, which are for everyone.
func (s *Speaker) HomeElsewhere(channels []string, scores []score.Score, now time.Time) slack.HomeTabViewRequest {
	welcome := s.line("home_elsewhere", values{"channels": s.anyOf(channels)})
	blocks := []slack.Block{s.heading("home_welcome"), rich(welcome.section())}
	return home(append(blocks, s.teamScores(scores, now)...))
}

func home(blocks []slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

func (s *Speaker) heading(key string) slack.Block { return slack.NewHeaderBlock(plain(s.say(key))) }

// pile shows a part of the queue as far as there is room, and counts the rest.
func (s *Speaker) pile(key string, p Pile, now time.Time, left *int) []slack.Block {
	if p.Total == 0 {
		return nil
	}
	blocks := []slack.Block{rich(bold(s.say(key, values{"n": p.Total})).section())}
	shown := 0
	for _, w := range p.First[:min(len(p.First), HomeRoom)] {
		entry := s.homeEntry(w, s.homeLine(w, now))
		entry = append(entry, s.buttons(w.Snapshot))
		if *left -= encoded(entry); *left < 0 {
			break
		}
		blocks = append(blocks, entry...)
		shown++
	}
	if more := p.Total - shown; more > 0 {
		blocks = append(blocks, slack.NewContextBlock("", plain(s.say("home_more", values{"more": s.number(strconv.Itoa(more))}))))
	}
	return blocks
}

// homeEntry is one feedback with the beginning of its comment.
func (s *Speaker) homeEntry(w Waiting, l line) []slack.Block {
	elements := []slack.RichTextElement{l.section()}
	if comment := prose(w.Feedback.Comment); comment != "" {
		elements = append(elements, quote(cut(comment, maxHomeComment)))
	}
	return []slack.Block{rich(elements...)}
}

// homeLine is one follow-up under a heading that tells who is on it.
func (s *Speaker) homeLine(w Waiting, now time.Time) line {
	l := s.subject(w.Feedback)
	if customer := name(w.Feedback.Customer); customer != "" {
		l.dot()
		l.text(customer)
	}
	below := s.task(w.Snapshot)
	below.fact(s.dueLine(w.FollowUp, now))
	below.fact(s.toMessage(w.Permalink))
	return s.twoLines(l, below)
}

// ratings are the latest ones of a supporter's own answers.
func (s *Speaker) ratings(rated []Waiting, left *int) []slack.Block {
	blocks := []slack.Block{s.heading("home_ratings")}
	if len(rated) == 0 {
		return append(blocks, rich(text(s.say("home_ratings_none")).section()))
	}
	for _, w := range rated[:min(len(rated), maxHomeRatings)] {
		var below line
		below.fact(text(name(w.Feedback.Customer)))
		below.fact(s.time(w.Feedback.OccurredAt))
		below.fact(s.toMessage(w.Permalink))
		entry := s.homeEntry(w, s.twoLines(s.subject(w.Feedback), below))
		if *left -= encoded(entry); *left < 0 {
			break
		}
		blocks = append(blocks, entry...)
	}
	return blocks
}

// twoLines puts the second line, if there is one, below the first.
func (s *Speaker) twoLines(above, below line) line {
	if len(below) > 0 {
		above.text("\n")
		above.join(below)
	}
	return above
}

// teamScores are the team's scores, and when all of it was so.
func (s *Speaker) teamScores(scores []score.Score, now time.Time) []slack.Block {
	var all line
	for _, score := range scores {
		if score.N == 0 {
			continue
		}
		if len(all) > 0 {
			all.text("\n")
		}
		all.join(s.shortScore(score))
	}
	if len(all) == 0 {
		all.text(s.say("home_scores_none"))
	}
	updated := s.say("home_updated", values{"time": date(now, s.moment(now))})
	return []slack.Block{
		s.heading("home_scores"), rich(all.section()), slack.NewContextBlock("", mrkdwn(updated)),
	}
}

// shortScore is a score with its number of answers and its doubt: "NPS +42 · 120
// answers · between +34 and +50".
func (s *Speaker) shortScore(score score.Score) line {
	l := bold(s.scoreWords(score))
	if !score.Enough() {
		return l
	}
	l.dot()
	l.text(s.answersWord(score.N))
	l.dot()
	if score.Indicative() {
		l.text(s.say("home_indicative"))
		l.dot()
	}
	low, high, ok := score.IntervalText()
	if !ok {
		l.text(s.say("home_alike"))
		return l
	}
	l.text(s.say("home_between", values{"low": s.number(low), "high": s.number(high)}))
	return l
}

// encoded is how many bytes of JSON blocks are. What cannot be encoded, which
// these can, never fits.
func encoded(blocks []slack.Block) int {
	raw, err := json.Marshal(blocks)
	if err != nil {
		return maxHomeBytes
	}
	return len(raw)
}
