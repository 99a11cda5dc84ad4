package message

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Score answers a question for one or more scores of the same period, the main
// one first, computed at that moment, with the chart of a trend where there is one.
// Its text begins with the name and the figure of the main one: "NPS +42". Of groups,
// as many are shown as have room.
func (s *Speaker) Score(reports []score.Report, computed time.Time) Answer {
	return s.scoreBeside(reports, computed, 0)
}

// scoreBeside is Score that leaves so much room for what stands below it.
func (s *Speaker) scoreBeside(reports []score.Report, computed time.Time, room int) Answer {
	at, told := s.computedBlock(computed), s.toldScores(reports)
	inText := s.scoreBlocks(told, maxTextBytes-scoreFrame-room, func(l line) int { return len(flatLine(l)) })
	inBlocks := s.scoreBlocks(told, maxBlocksUnits-chartFrame-room, lineUnits)
	trend := trendOf(reports)
	if trend == nil {
		return Answer{Text: flat(append(inText, at)), Blocks: append(inBlocks, at)}
	}
	spark := []slack.Block{rich(text(s.sparkline(trend)).section()), at}
	chart := []slack.Block{s.chart(trend), slack.NewContextBlock("", plain(s.caption(trend))), at}
	return Answer{
		Text:      flat(slices.Concat(inText, spark)),
		Blocks:    slices.Concat(inBlocks, chart),
		Chartless: slices.Concat(inBlocks, spark),
	}
}

// ScoreText is the text of Score with all groups: mrkdwn, for where there is room.
func (s *Speaker) ScoreText(reports []score.Report, computed time.Time) string {
	blocks := s.scoreBlocks(s.toldScores(reports), math.MaxInt, func(line) int { return 0 })
	if trend := trendOf(reports); trend != nil {
		blocks = append(blocks, rich(text(s.sparkline(trend)).section()))
	}
	return flat(append(blocks, s.computedBlock(computed)))
}

// What stands around heads and groups never takes more: a line of text for the trend,
// or a chart.
const (
	scoreFrame = 600
	chartFrame = 1800
)

// toldScore is what is said of a score and of its groups.
type toldScore struct {
	head   line
	groups toldGroups
}

func (s *Speaker) toldScores(reports []score.Report) []toldScore {
	told := make([]toldScore, len(reports))
	for i, report := range reports {
		told[i] = toldScore{s.scoreLine(report), s.scoreGroups(report)}
	}
	return told
}

// scoreBlocks are all scores, each with as many of its groups as fit: each has an equal
// share of the room.
func (s *Speaker) scoreBlocks(scores []toldScore, room int, size func(line) int) []slack.Block {
	var blocks []slack.Block
	for _, score := range scores {
		blocks = append(blocks, rich(score.head.section()))
		if groups := s.grouped(score.groups, room/len(scores)-size(score.head), size); len(groups) > 0 {
			blocks = append(blocks, rich(groups.section()))
		}
	}
	return blocks
}

func (s *Speaker) computedBlock(computed time.Time) slack.Block {
	return slack.NewContextBlock("", mrkdwn(s.say("computed", values{"time": date(computed, s.moment(computed))})))
}

// scoreLine is one score with all that is needed to judge it.
func (s *Speaker) scoreLine(r score.Report) line {
	var l line
	l.bold(s.scoreWords(r.Score))
	for _, words := range []string{
		s.variantWord(r.Score.Metric),
		s.periodWords(r.Period),
		s.channelWord(r.Filter.Channel),
		agentWord(r.Filter.Agent),
	} {
		if words != "" {
			l.dot()
			l.text(words)
		}
	}
	for _, said := range []line{
		text(s.splitWords(r.Score)),
		text(s.meanWords(r.Score)),
		text(s.marginWords(r.Score)),
		text(s.indicativeWords(r.Score)),
		s.previousLine(r),
		text(s.voidedWords(r.Voided)),
	} {
		if len(said) > 0 {
			l.text("\n")
			l.join(said)
		}
	}
	return l
}

// percentOf is a part of all answers in whole percent, half rounded up.
func percentOf(part, all int64) string {
	return fmt.Sprintf("%d%%", (200*part+all)/(2*all))
}
