package message

import (
	"cmp"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Digest is what team leads read when a week or a month is over.
type Digest struct {
	// Key is the notice's own, see [EventNotice].
	Key   string
	Parts []score.DigestPart
	// Reading are the comments worth reading. They are linked to and not quoted: what a
	// customer said stands in one place.
	Reading []Told
}

// Digest is a message for the lead channel: first what to look at, then the scores with
// their change, what became of the follow-ups, and links to what is worth reading.
func (s *Speaker) Digest(d Digest) Message {
	blocks := s.digestBlocks(d)
	return Message{Text: flat(blocks), Blocks: blocks, Metadata: noticeMetadata(d.Key)}
}

// PlainDigest is [Speaker.Digest] without blocks, for when Slack refuses them.
func (s *Speaker) PlainDigest(d Digest) Message {
	return Message{Text: flat(s.digestBlocks(d)), Metadata: noticeMetadata(d.Key)}
}

func (s *Speaker) digestBlocks(d Digest) []slack.Block {
	var periods []string
	for _, part := range d.Parts {
		periods = append(periods, s.periodWords(part.Period))
	}
	head := bold(s.say("digest_head", values{"periods": strings.Join(periods, " + ")}))
	head.text("\n")
	head.join(s.toLookAt(d.Parts))
	blocks := []slack.Block{rich(head.section())}
	for _, part := range d.Parts {
		var l line
		if len(d.Parts) > 1 {
			l.bold(s.periodWords(part.Period))
			l.text("\n")
		}
		l.join(s.digestPart(part))
		blocks = append(blocks, slack.NewDividerBlock(), rich(l.section()))
	}
	if len(d.Reading) > 0 {
		reading := bold(s.say("digest_reading"))
		for _, told := range d.Reading {
			reading.text("\n")
			reading.join(s.readingLine(told))
		}
		blocks = append(blocks, slack.NewDividerBlock(), rich(reading.section()))
	}
	return blocks
}

// toLookAt is the digest in ten seconds: the scores that have really dropped, and the
// follow-ups that came too late.
func (s *Speaker) toLookAt(parts []score.DigestPart) line {
	var what []string
	add := func(part score.DigestPart, key string, in values) {
		concern := s.say(key, in)
		if len(parts) > 1 {
			concern = s.say("digest_of", values{"concern": concern, "period": s.periodWords(part.Period)})
		}
		what = append(what, "\n• "+concern)
	}
	for _, part := range parts {
		for _, r := range part.Dropped() {
			add(part, "digest_dropped", values{"score": s.scoreWords(r.Score), "points": s.number(strings.TrimPrefix(r.ChangeText(), "−"))})
		}
		if n := part.FollowUps.Overdue; n > 0 {
			add(part, "digest_overdue", values{"n": n})
		}
	}
	if len(what) == 0 {
		return text(s.say("digest_calm"))
	}
	return text(s.say("digest_look") + strings.Join(what, ""))
}

// digestPart is what happened in one period, a fact in a line.
func (s *Speaker) digestPart(part score.DigestPart) line {
	var facts []line
	for _, r := range part.Scores {
		facts = append(facts, s.digestScore(r))
	}
	if len(facts) == 0 {
		facts = append(facts, text(s.say("answers_none")))
	}
	facts = append(facts, text(s.followUpsWords(part.FollowUps)))
	if part.Recovery.All > 0 {
		facts = append(facts, text(s.say("digest_recovery", values{"n": part.Recovery.All, "share": percentOf(part.Recovery.Yes, part.Recovery.All)})))
	}
	if handled := part.Handled(); handled > 0 {
		facts = append(facts, text(s.say("digest_handled", values{"n": handled})))
	}
	if named := s.outcomesWord(part.Outcomes); named != "" {
		facts = append(facts, text(s.say("digest_outcomes", values{"outcomes": named})))
	}
	l := facts[0]
	for _, fact := range facts[1:] {
		l.text("\n")
		l.join(fact)
	}
	return l
}

func (s *Speaker) followUpsWords(c score.FollowUpCount) string {
	if c.Opened == 0 {
		return s.say("digest_followups_none")
	}
	return s.say("digest_followups", values{
		"n": c.Opened, "intime": s.count(c.InTime), "overdue": s.count(c.Overdue), "waiting": s.count(c.Waiting),
	})
}

// digestScore is a score in one line: itself, on how many answers, what it was, and
// whether it has really changed.
func (s *Speaker) digestScore(r score.Report) line {
	l := bold(s.scoreWords(r.Score))
	if r.Score.Enough() {
		l.fact(text(s.answersWord(r.Score.N)))
	}
	before := s.say("digest_few", values{"count": s.count(r.Previous.Score.N)})
	if r.Previous.Score.Enough() {
		before = s.figure(r.Previous.Score)
	}
	l.fact(text(s.say("digest_before", values{"before": before})))
	if points := r.ChangeText(); points != "" {
		l.fact(text(s.say("digest_change", values{"points": s.number(points), "verdict": s.verdictWord(r.Significance())})))
	}
	return l
}

// namedOutcomes is how many outcomes a digest names.
const namedOutcomes = 3

func (s *Speaker) outcomesWord(outcomes []score.OutcomeCount) string {
	var named []string
	for _, o := range outcomes[:min(len(outcomes), namedOutcomes)] {
		named = append(named, s.say("digest_outcome", values{"outcome": s.outcomeWord(o.Outcome), "times": s.count(o.N)}))
	}
	return strings.Join(named, ", ")
}

// maxReading is how much of a subject is shown in a digest, in characters.
const maxReading = 60

func (s *Speaker) readingLine(t Told) line {
	l := s.colour(t.Feedback.Colour())
	l.fact(text(phrase(cmp.Or(s.gist(t.Feedback), s.channelWord(t.Feedback.Channel)), maxReading)))
	l.fact(s.time(t.Feedback.OccurredAt))
	l.fact(s.toMessage(t.Permalink))
	return l
}

// Alert is what team leads read when the smileys have dropped.
type Alert struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	// Drop is the score of the last days beside that of the days before.
	Drop score.Report
}

// Alert is a message for the lead channel.
func (s *Speaker) Alert(a Alert) Message {
	blocks := s.alertBlocks(a)
	return Message{Text: flat(blocks), Blocks: blocks, Metadata: noticeMetadata(a.Key)}
}

// PlainAlert is [Speaker.Alert] without blocks, for when Slack refuses them.
func (s *Speaker) PlainAlert(a Alert) Message {
	return Message{Text: flat(s.alertBlocks(a)), Metadata: noticeMetadata(a.Key)}
}

func (s *Speaker) alertBlocks(a Alert) []slack.Block {
	now, before := a.Drop.Score, a.Drop.Previous.Score
	l := bold(s.say("alert_head"))
	l.text("\n" + s.say("alert_drop", values{
		"now": s.scoreWords(now), "answers": s.answersWord(now.N), "days": s.periodWords(a.Drop.Period),
		"before": s.scoreWords(before), "before_answers": s.answersWord(before.N), "before_days": s.periodWords(a.Drop.Previous.Period),
		"points": s.number(a.Drop.ChangeText()),
	}))
	l.text("\n")
	l.join(s.line("alert_closer", values{"channels": code(s.say("alert_channels")), "queue": code("/followups")}))
	return []slack.Block{rich(l.section())}
}
