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
	Entries []Entry
	Now     time.Time
}

// listed is how many a bulletin names; the rest is counted.
const maxEntries = 10

// Escalation tells the leads which follow-ups are overdue. Of their customers it says
// nothing: that stands in the messages.
func (r *Renderer) Escalation(l Listing) Message {
	return r.listing(l, "escalation", "escalation_closer", r.overdueLine)
}

// Missed tells everybody which follow-ups came due while the bot was away.
func (r *Renderer) Missed(l Listing) Message {
	return r.listing(l, "missed", "missed_closer", r.overdueLine)
}

// Risk tells the leads that a customer is at risk, with links to what made them so, the
// latest first.
func (r *Renderer) Risk(l Listing) Message {
	l.Entries = slices.SortedStableFunc(slices.Values(l.Entries), func(a, b Entry) int {
		return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt)
	})
	who := ""
	for _, w := range l.Entries {
		if who = name(w.Feedback.Customer); who != "" {
			break
		}
	}
	key := "risk"
	if who == "" {
		key = "risk_nameless"
	}
	return r.listingOf(l, bold(r.text(key, values{"customer": who})), "risk_closer", r.answerLine)
}

func (r *Renderer) listing(l Listing, head, closer string, entry func(Entry, time.Time) line) Message {
	return r.listingOf(l, bold(r.text(head, values{"n": len(l.Entries)})), closer, entry)
}

func (r *Renderer) listingOf(l Listing, head line, closer string, entry func(Entry, time.Time) line) Message {
	shown := l.Entries[:min(len(l.Entries), maxEntries)]
	for _, w := range shown {
		head.text("\n")
		head.join(entry(w, l.Now))
	}
	if more := len(l.Entries) - len(shown); more > 0 {
		head.text("\n" + r.text("queue_more", values{"more": r.number(strconv.Itoa(more))}))
	}
	head.text("\n")
	head.join(r.line(closer, values{"queue": code("/followups"), "overdue": code("/followups " + string(QueueOverdue)), "customer": code("/customer")}))
	return notice(l.Key, rich(head.section()))
}

// maxListed is how much of a subject is shown of each, in characters.
const maxShort = 60

// brief says what was rated, in short.
func (r *Renderer) short(f feedback.Feedback) line {
	l := r.colour(f.Colour())
	l.fact(textLine(phrase(r.subject(f), maxShort)))
	if len(l) > 0 && r.subject(f) == "" {
		l.fact(textLine(joined(r.ratingWord(f), r.channelWord(f.Channel))))
	}
	return l
}

// overdueLine is one follow-up: who is on it, since when it is overdue, or what became
// of it since.
func (r *Renderer) overdueLine(w Entry, now time.Time) line {
	l := r.short(w.Feedback)
	switch {
	case !w.FollowUp.State.Active():
		l.fact(textLine(r.stateWord(w.Case)))
	case w.FollowUp.Claimer == "":
		l.fact(textLine(r.text("queue_open")))
		l.fact(r.task(w.Case))
		l.fact(r.dueLine(w.FollowUp, now))
	default:
		l.fact(r.claimedLine(w.FollowUp))
		l.fact(r.task(w.Case))
		l.fact(r.dueLine(w.FollowUp, now))
	}
	l.fact(r.messageLink(w.Permalink))
	return l
}

// answerLine is one answer: what it was, and when.
func (r *Renderer) answerLine(w Entry, _ time.Time) line {
	l := r.short(w.Feedback)
	l.fact(r.time(w.Feedback.OccurredAt))
	l.fact(r.messageLink(w.Permalink))
	return l
}

// Digest is what team leads read when a week or a month is over.
type Digest struct {
	// Key is the notice's own, see [EventNotice].
	Key   string
	Parts []feedback.DigestPart
	// Reading are the comments worth reading. They are linked to and not quoted: what a
	// customer said stands in one place.
	Comments []Entry
}

// Digest is a message for the lead channel: first what to look at, then the scores with
// their change, what became of the follow-ups, and links to what is worth reading.
func (r *Renderer) Digest(d Digest) Message {
	var periods []string
	for _, part := range d.Parts {
		periods = append(periods, r.periodWords(part.Period))
	}
	head := bold(r.text("digest_head", values{"periods": strings.Join(periods, " + ")}))
	head.text("\n")
	head.join(r.attentionLine(d.Parts))
	blocks := []slack.Block{rich(head.section())}
	for _, part := range d.Parts {
		var l line
		if len(d.Parts) > 1 {
			l.bold(r.periodWords(part.Period))
			l.text("\n")
		}
		l.join(r.digestPart(part))
		blocks = append(blocks, slack.NewDividerBlock(), rich(l.section()))
	}
	if len(d.Comments) > 0 {
		reading := bold(r.text("digest_reading"))
		for _, e := range d.Comments {
			reading.text("\n")
			reading.join(r.commentLine(e))
		}
		blocks = append(blocks, slack.NewDividerBlock(), rich(reading.section()))
	}
	return notice(d.Key, blocks...)
}

// toLookAt is the digest in ten seconds: the scores that have really dropped, and the
// follow-ups that came too late.
func (r *Renderer) attentionLine(parts []feedback.DigestPart) line {
	var what []string
	add := func(part feedback.DigestPart, key string, in values) {
		concern := r.text(key, in)
		if len(parts) > 1 {
			concern = r.text("digest_of", values{"concern": concern, "period": r.periodWords(part.Period)})
		}
		what = append(what, "\n• "+concern)
	}
	for _, part := range parts {
		for _, report := range part.Dropped() {
			add(part, "digest_dropped", values{"score": r.scoreWords(report.Score), "points": r.number(strings.TrimPrefix(report.ChangeText(), "−"))})
		}
		if n := part.FollowUps.Overdue; n > 0 {
			add(part, "digest_overdue", values{"n": n})
		}
	}
	if len(what) == 0 {
		return textLine(r.text("digest_calm"))
	}
	return textLine(r.text("digest_look") + strings.Join(what, ""))
}

// digestPart is what happened in one period, a fact in a line.
func (r *Renderer) digestPart(part feedback.DigestPart) line {
	var facts []line
	for _, report := range part.Scores {
		facts = append(facts, r.digestScore(report))
	}
	if len(facts) == 0 {
		facts = append(facts, textLine(r.text("answers_none")))
	}
	facts = append(facts, textLine(r.followUpsWords(part.FollowUps)))
	if part.Recovery.All > 0 {
		facts = append(facts, textLine(r.text("digest_recovery", values{"n": part.Recovery.All, "share": percentOf(part.Recovery.Yes, part.Recovery.All)})))
	}
	if handled := part.Handled(); handled > 0 {
		facts = append(facts, textLine(r.text("digest_handled", values{"n": handled})))
	}
	if named := r.outcomesWord(part.Outcomes); named != "" {
		facts = append(facts, textLine(r.text("digest_outcomes", values{"outcomes": named})))
	}
	l := facts[0]
	for _, fact := range facts[1:] {
		l.text("\n")
		l.join(fact)
	}
	return l
}

func (r *Renderer) followUpsWords(c feedback.FollowUpCount) string {
	if c.Opened == 0 {
		return r.text("digest_followups_none")
	}
	return r.text("digest_followups", values{
		"n": c.Opened, "intime": r.count(c.InTime), "overdue": r.count(c.Overdue), "waiting": r.count(c.Waiting),
	})
}

// digestScore is a score in one line: itself, on how many answers, what it was, and
// whether it has really changed.
func (r *Renderer) digestScore(report feedback.Report) line {
	l := bold(r.scoreWords(report.Score))
	if report.Score.Enough() {
		l.fact(textLine(r.answersWord(report.Score.N)))
	}
	before := r.text("digest_few", values{"count": r.count(report.Previous.Score.N)})
	if report.Previous.Score.Enough() {
		before = r.figure(report.Previous.Score)
	}
	l.fact(textLine(r.text("digest_before", values{"before": before})))
	if points := report.ChangeText(); points != "" {
		l.fact(textLine(r.text("digest_change", values{"points": r.number(points), "verdict": r.significanceWord(report.Verdict())})))
	}
	return l
}

// namedOutcomes is how many outcomes a digest names.
const namedOutcomes = 3

func (r *Renderer) outcomesWord(outcomes []feedback.OutcomeCount) string {
	var named []string
	for _, o := range outcomes[:min(len(outcomes), namedOutcomes)] {
		named = append(named, r.text("digest_outcome", values{"outcome": r.outcomeWord(o.Outcome), "times": r.count(o.N)}))
	}
	return strings.Join(named, ", ")
}

// maxReading is how much of a subject is shown in a digest, in characters.
const maxCommentSubject = 60

func (r *Renderer) commentLine(e Entry) line {
	l := r.colour(e.Feedback.Colour())
	l.fact(textLine(phrase(cmp.Or(r.subject(e.Feedback), r.channelWord(e.Feedback.Channel)), maxCommentSubject)))
	l.fact(r.time(e.Feedback.OccurredAt))
	l.fact(r.messageLink(e.Permalink))
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
func (r *Renderer) Alert(a Alert) Message {
	now, before := a.Drop.Score, a.Drop.Previous.Score
	l := bold(r.text("alert_head"))
	l.text("\n" + r.text("alert_drop", values{
		"now": r.scoreWords(now), "answers": r.answersWord(now.N), "days": r.periodWords(a.Drop.Period),
		"before": r.scoreWords(before), "before_answers": r.answersWord(before.N), "before_days": r.periodWords(a.Drop.Previous.Period),
		"points": r.number(a.Drop.ChangeText()),
	}))
	l.text("\n")
	l.join(r.line("alert_closer", values{"channels": code(r.text("alert_channels")), "queue": code("/followups")}))
	return notice(a.Key, rich(l.section()))
}
