package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Listing is a bulletin that names feedback, with links to their messages.
type Listing struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	// Listed is what it is about, in order; [Speaker.Risk] has an order of its own.
	Listed []Waiting
	Now    time.Time
}

// listed is how many a bulletin names; the rest is counted.
const listed = 10

// Escalation tells the leads which follow-ups are overdue. Of their customers it says
// nothing: that stands in the messages.
func (s *Speaker) Escalation(l Listing) Message {
	return s.listing(l, "escalation", "escalation_closer", s.overdueLine)
}

// Missed tells everybody which follow-ups came due while the bot was away.
func (s *Speaker) Missed(l Listing) Message {
	return s.listing(l, "missed", "missed_closer", s.overdueLine)
}

// Risk tells the leads that a customer is at risk, with links to what made them so, the
// latest first.
func (s *Speaker) Risk(l Listing) Message {
	l.Listed = slices.SortedStableFunc(slices.Values(l.Listed), func(a, b Waiting) int {
		return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt)
	})
	who := ""
	for _, w := range l.Listed {
		if who = name(w.Feedback.Customer); who != "" {
			break
		}
	}
	key := "risk"
	if who == "" {
		key = "risk_nameless"
	}
	return s.listingOf(l, bold(s.say(key, values{"customer": who})), "risk_closer", s.answerLine)
}

func (s *Speaker) listing(l Listing, head, closer string, entry func(Waiting, time.Time) line) Message {
	return s.listingOf(l, bold(s.say(head, values{"n": len(l.Listed)})), closer, entry)
}

func (s *Speaker) listingOf(l Listing, head line, closer string, entry func(Waiting, time.Time) line) Message {
	shown := l.Listed[:min(len(l.Listed), listed)]
	for _, w := range shown {
		head.text("\n")
		head.join(entry(w, l.Now))
	}
	if more := len(l.Listed) - len(shown); more > 0 {
		head.text("\n" + s.say("queue_more", values{"more": s.number(strconv.Itoa(more))}))
	}
	head.text("\n")
	head.join(s.line(closer, values{"queue": code("/followups"), "overdue": code("/followups " + string(QueueOverdue)), "customer": code("/customer")}))
	return notice(l.Key, rich(head.section()))
}

// maxListed is how much of a subject is shown of each, in characters.
const maxListed = 60

// brief says what was rated, in short.
func (s *Speaker) brief(f feedback.Feedback) line {
	l := s.colour(f.Colour())
	l.fact(text(phrase(s.gist(f), maxListed)))
	if len(l) > 0 && s.gist(f) == "" {
		l.fact(text(joined(s.ratingWord(f), s.channelWord(f.Channel))))
	}
	return l
}

// overdueLine is one follow-up: who is on it, since when it is overdue, or what became
// of it since.
func (s *Speaker) overdueLine(w Waiting, now time.Time) line {
	l := s.brief(w.Feedback)
	switch {
	case !w.FollowUp.State.Active():
		l.fact(text(s.stateWord(w.Case)))
	case w.FollowUp.Claimer == "":
		l.fact(text(s.say("queue_open")))
		l.fact(s.task(w.Case))
		l.fact(s.dueLine(w.FollowUp, now))
	default:
		l.fact(s.claimedLine(w.FollowUp))
		l.fact(s.task(w.Case))
		l.fact(s.dueLine(w.FollowUp, now))
	}
	l.fact(s.toMessage(w.Permalink))
	return l
}

// answerLine is one answer: what it was, and when.
func (s *Speaker) answerLine(w Waiting, _ time.Time) line {
	l := s.brief(w.Feedback)
	l.fact(s.time(w.Feedback.OccurredAt))
	l.fact(s.toMessage(w.Permalink))
	return l
}

// Digest is what team leads read when a week or a month is over.
type Digest struct {
	// Key is the notice's own, see [EventNotice].
	Key   string
	Parts []feedback.DigestPart
	// Reading are the comments worth reading. They are linked to and not quoted: what a
	// customer said stands in one place.
	Reading []Told
}

// Digest is a message for the lead channel: first what to look at, then the scores with
// their change, what became of the follow-ups, and links to what is worth reading.
func (s *Speaker) Digest(d Digest) Message {
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
	return notice(d.Key, blocks...)
}

// toLookAt is the digest in ten seconds: the scores that have really dropped, and the
// follow-ups that came too late.
func (s *Speaker) toLookAt(parts []feedback.DigestPart) line {
	var what []string
	add := func(part feedback.DigestPart, key string, in values) {
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
func (s *Speaker) digestPart(part feedback.DigestPart) line {
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

func (s *Speaker) followUpsWords(c feedback.FollowUpCount) string {
	if c.Opened == 0 {
		return s.say("digest_followups_none")
	}
	return s.say("digest_followups", values{
		"n": c.Opened, "intime": s.count(c.InTime), "overdue": s.count(c.Overdue), "waiting": s.count(c.Waiting),
	})
}

// digestScore is a score in one line: itself, on how many answers, what it was, and
// whether it has really changed.
func (s *Speaker) digestScore(r feedback.Report) line {
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
		l.fact(text(s.say("digest_change", values{"points": s.number(points), "verdict": s.verdictWord(r.Verdict())})))
	}
	return l
}

// namedOutcomes is how many outcomes a digest names.
const namedOutcomes = 3

func (s *Speaker) outcomesWord(outcomes []feedback.OutcomeCount) string {
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
	Drop feedback.Report
}

// Alert is a message for the lead channel.
func (s *Speaker) Alert(a Alert) Message {
	now, before := a.Drop.Score, a.Drop.Previous.Score
	l := bold(s.say("alert_head"))
	l.text("\n" + s.say("alert_drop", values{
		"now": s.scoreWords(now), "answers": s.answersWord(now.N), "days": s.periodWords(a.Drop.Period),
		"before": s.scoreWords(before), "before_answers": s.answersWord(before.N), "before_days": s.periodWords(a.Drop.Previous.Period),
		"points": s.number(a.Drop.ChangeText()),
	}))
	l.text("\n")
	l.join(s.line("alert_closer", values{"channels": code(s.say("alert_channels")), "queue": code("/followups")}))
	return notice(a.Key, rich(l.section()))
}
