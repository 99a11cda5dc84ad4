package message

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// Explanation is the notice to a claimer that the customer has commented.
type Explanation struct {
	Key     string // of the notice, see [EventNotice]
	Claimer string // a Slack user
	Comment string
	// Forgotten says that the comment has been erased since.
	Forgotten bool
}

// Explained is the reply in a thread that mentions the claimer and quotes the comment.
func (r *Renderer) Explained(e Explanation) Message {
	key := "explained"
	switch {
	case e.Forgotten:
		key = "explained_forgotten"
	case prose(e.Comment) == "":
		key = "explained_empty"
	}
	return r.withQuote(e.Key, r.line(key, values{"who": r.user(e.Claimer)}), e.Comment)
}

// Closing is how a follow-up ended, with the note.
type Closing struct {
	Key     string // of the notice, see [EventNotice]
	By      string // a Slack user
	Outcome followup.Outcome
	Note    string
}

// Closed is the reply in a thread that keeps the note with which the follow-up ended.
func (r *Renderer) Closed(c Closing) Message {
	key := "closed"
	if prose(c.Note) == "" {
		key = "closed_forgotten"
	}
	return r.withQuote(c.Key, r.line(key, values{"who": r.user(c.By), "outcome": r.outcomeWord(c.Outcome)}), c.Note)
}

// ModerationNotice is the notice that a feedback was voided or restored.
type ModerationNotice struct {
	Key string // of the notice, see [EventNotice]
	feedback.Moderation
}

// Moderated is the reply in a thread that says who voided or restored the feedback, and quotes why.
// A customer who takes an answer back gives no reason.
func (r *Renderer) Moderated(n ModerationNotice) Message {
	switch {
	case n.By == feedback.ByCustomer && n.Action == feedback.ModerationVoid:
		return notice(n.Key, textLine(r.text("moderated_taken_back")).block())
	case n.By == feedback.ByCustomer:
		return notice(n.Key, textLine(r.text("moderated_given_again")).block())
	}
	return r.withQuote(n.Key, r.line("moderated_"+string(n.Action), values{"who": user(n.By, r.text("unknown_user"))}), n.Reason)
}

// Handover is the notice that a follow-up was handed over to a user.
type Handover struct {
	Key    string // of the notice, see [EventNotice]
	To, By string // Slack users
}

// HandedOver is the reply in a thread for the user who has the follow-up now.
func (r *Renderer) HandedOver(h Handover) Message {
	return notice(h.Key, r.line("handed_over", values{"who": r.user(h.To), "by": r.user(h.By)}).block())
}

// Reminder is the notice that a follow-up is due.
type Reminder struct {
	Key string // of the notice, see [EventNotice]
	followup.Snapshot
	Permalink string
}

// Due is the reply in a thread that reminds the claimer of the follow-up, or the channel when it
// is not claimed. It says nothing of the customer: the message above it does.
func (r *Renderer) Due(reminder Reminder) Message {
	open, claimed := "due_open", "due_claimed"
	if reminder.Feedback.Kind == feedback.KindReview {
		open, claimed = "due_open_review", "due_claimed_review"
	}
	head := textLine(r.text(open))
	if reminder.FollowUp.Claimer != "" {
		head = r.line(claimed, values{"who": r.user(reminder.FollowUp.Claimer)})
	}
	below := r.short(reminder.Feedback)
	below.fact(r.when(reminder.FollowUp.DueAt, "due"))
	below.fact(r.messageLink(reminder.Permalink))
	return notice(reminder.Key, lines(head, below).block())
}

// withQuote is a notice of a line and, if there are any, the words of a person, which are cut when
// Slack's limits are reached.
func (r *Renderer) withQuote(key string, l line, words string) Message {
	words = prose(words)
	if words == "" {
		return notice(key, l.block())
	}
	head := blocksMrkdwn([]slack.Block{l.block()})
	text := func(limit int) string {
		const marks = "\n“”"
		return head + "\n“" + escapeWithin(words, limit-len(head)-len(marks)) + "”"
	}
	return Message{
		Text:     text(maxTextBytes),
		Blocks:   []slack.Block{rich(l.section(), quote(cut(words, maxBlocksUnits-lineUnits(l))))},
		Metadata: noticeMetadata(key),
		plain:    func() string { return text(maxPlainBytes) },
	}
}

// Test is what `check --post` posts to see whether it may.
func (r *Renderer) Test(key string) Message {
	return Message{Text: r.text("test"), Metadata: noticeMetadata(key)}
}

const (
	// maxEntries is the most feedback that a bulletin lists; the rest is counted.
	maxEntries = 10
	// maxShort limits the subject of each, in characters.
	maxShort = 60
	// namedOutcomes is how many outcomes a digest names.
	namedOutcomes = 3
)

// Listing is a bulletin that lists feedback, with links to their messages.
type Listing struct {
	Key string // of the notice, see [EventNotice]
	// Entries are in order. [Renderer.Risk] has an order of its own.
	Entries []Entry
	Now     time.Time
}

// Escalation shows the leads which follow-ups are overdue. It says nothing of their customers: the
// messages do.
func (r *Renderer) Escalation(l Listing) Message {
	return r.listing(l, bold(r.text("escalation", values{"n": len(l.Entries)})), "escalation_closer", r.overdueLine)
}

// Missed shows the channel which follow-ups came due while the bot was away.
func (r *Renderer) Missed(l Listing) Message {
	return r.listing(l, bold(r.text("missed", values{"n": len(l.Entries)})), "missed_closer", r.overdueLine)
}

// Risk shows the leads that a customer is at risk and why, with links to the answers, the latest
// first, and a button that shows all that the customer has said.
func (r *Renderer) Risk(l Listing) Message {
	l.Entries = slices.SortedStableFunc(slices.Values(l.Entries), func(a, b Entry) int {
		return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt)
	})
	who, key, unhappy := nameOf(l.Entries), "risk", 0
	if who == "" {
		key = "risk_nameless"
	}
	for _, e := range l.Entries {
		if e.Feedback.Kind != feedback.KindNPS {
			unhappy++
		}
	}
	why := r.text("risk_why_nps")
	if unhappy > 2 {
		why = r.text("risk_why", values{"n": unhappy})
	}
	m := r.listing(l, bold(r.text(key, values{"customer": who, "why": why})), "", r.answerLine)
	for _, e := range l.Entries {
		if e.Feedback.Customer.Known() {
			history := r.button(e.Snapshot, ActionHistory)
			m.Blocks = append(m.Blocks, slack.NewActionBlock(BlockID(e.Feedback.ID, e.Feedback.Revision), history))
			break
		}
	}
	return m
}

func (r *Renderer) listing(l Listing, head line, closer string, entry func(Entry, time.Time) line) Message {
	for _, e := range l.Entries[:min(len(l.Entries), maxEntries)] {
		head = lines(head, entry(e, l.Now))
	}
	if more := len(l.Entries) - maxEntries; more > 0 {
		head.text("\n" + r.moreWords(more))
	}
	if closer != "" {
		head = lines(head, r.line(closer, values{"queue": code("/followups"), "overdue": code("/followups " + string(QueueOverdue))}))
	}
	return notice(l.Key, head.block())
}

func (r *Renderer) short(f feedback.Feedback) line {
	l := r.colour(f.Colour())
	l.fact(textLine(phrase(r.subject(f), maxShort)))
	if r.subject(f) == "" {
		l.fact(textLine(joined(r.ratingWord(f), r.channelWord(f.Channel))))
	}
	return l
}

func (r *Renderer) overdueLine(e Entry, now time.Time) line {
	l := r.short(e.Feedback)
	if e.FollowUp.State.Active() {
		if e.FollowUp.Claimer == "" {
			l.fact(textLine(r.text("queue_open")))
		}
		l.fact(r.claimedLine(e.FollowUp))
		l.fact(r.task(e.Snapshot))
		l.fact(r.dueLine(e.FollowUp, now))
	} else {
		l.fact(textLine(r.stateWord(e.Snapshot)))
	}
	l.fact(r.messageLink(e.Permalink))
	return l
}

func (r *Renderer) answerLine(e Entry, _ time.Time) line {
	l := r.short(e.Feedback)
	l.fact(r.time(e.Feedback.OccurredAt))
	l.fact(r.messageLink(e.Permalink))
	return l
}

// Digest is what team leads read when a week or a month is over.
type Digest struct {
	// Key is the notice's own, see [EventNotice].
	Key   string
	Parts []score.DigestPart
	// Comments are those worth reading. The digest links to them without quoting them, so that a
	// customer's words are in one place.
	Comments []Entry
	// Alert has the comparisons that the alert makes. The digest says which of them find no drop,
	// because they have too few answers.
	Alert score.Alert
}

// Digest is a message for the lead channel: first what needs attention, then the scores with their
// change, what became of the follow-ups, and links to the comments worth reading.
func (r *Renderer) Digest(d Digest) Message {
	var periods []string
	for _, part := range d.Parts {
		periods = append(periods, r.periodWords(part.Period))
	}
	head := bold(r.text("digest_head", values{"periods": strings.Join(periods, " + ")}))
	blocks := []slack.Block{lines(head, r.attentionLine(d.Parts)).block()}
	for _, part := range d.Parts {
		var title line
		if len(d.Parts) > 1 {
			title = bold(r.periodWords(part.Period))
		}
		blocks = append(blocks, slack.NewDividerBlock(), lines(title, r.digestPart(part)).block())
	}
	if blind := d.Alert.Blind(); len(blind) > 0 {
		said := []line{bold(r.text("alert_blind"))}
		for _, report := range blind {
			said = append(said, textLine(r.text("alert_lacks", values{
				"days": r.periodWords(report.Period), "answers": r.answersWord(report.Score.N),
				"before_days": r.periodWords(report.Previous.Period), "before_answers": r.answersWord(report.Previous.Score.N),
				"needed": r.count(score.AlertAnswers),
			})))
		}
		blocks = append(blocks, slack.NewDividerBlock(), lines(said...).block())
	}
	if len(d.Comments) > 0 {
		comments := []line{bold(r.text("digest_reading"))}
		for _, e := range d.Comments {
			comments = append(comments, r.commentLine(e))
		}
		blocks = append(blocks, slack.NewDividerBlock(), lines(comments...).block())
	}
	return notice(d.Key, blocks...)
}

// attentionLine is the digest in ten seconds: the scores that really dropped, and the follow-ups
// that were late.
func (r *Renderer) attentionLine(parts []score.DigestPart) line {
	var what []string
	add := func(part score.DigestPart, key string, in values) {
		concern := r.text(key, in)
		if len(parts) > 1 {
			concern = r.text("digest_of", values{"concern": concern, "period": r.periodWords(part.Period)})
		}
		what = append(what, "\n• "+concern)
	}
	for _, part := range parts {
		for _, report := range part.Dropped() {
			add(part, "digest_dropped", values{"score": r.digestWords(report.Score), "points": r.number(strings.TrimPrefix(report.ChangeText(), "−"))})
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

func (r *Renderer) digestPart(part score.DigestPart) line {
	var facts []line
	for _, report := range part.Scores {
		facts = append(facts, r.digestScore(report))
	}
	if len(facts) == 0 {
		facts = append(facts, textLine(r.text("answers_none")))
	}
	followUps := r.text("digest_followups_none")
	if c := part.FollowUps; c.Opened > 0 {
		followUps = r.text("digest_followups", values{
			"n": c.Opened, "intime": r.count(c.InTime), "overdue": r.count(c.Overdue), "waiting": r.count(c.Waiting),
		})
	}
	facts = append(facts, textLine(followUps))
	if part.Recovery.All > 0 {
		facts = append(facts, textLine(r.text("digest_recovery", values{"n": part.Recovery.All, "share": percentOf(part.Recovery.Yes, part.Recovery.All)})))
	}
	if handled := part.Handled(); handled > 0 {
		facts = append(facts, textLine(r.text("digest_handled", values{"n": handled})))
	}
	var named []string
	for _, o := range part.Outcomes[:min(len(part.Outcomes), namedOutcomes)] {
		named = append(named, r.text("digest_outcome", values{"outcome": r.outcomeWord(o.Outcome), "times": r.count(o.N)}))
	}
	if len(named) > 0 {
		facts = append(facts, textLine(r.text("digest_outcomes", values{"outcomes": strings.Join(named, ", ")})))
	}
	return lines(facts...)
}

// digestScore is a score in one line: the score, the number of answers, the previous score, and
// whether it really changed. Several scores are read together, so
// [score.Report.SignificanceOfMany] decides. The line of Smileys has the CSAT of the same answers,
// too; the change is that of Smileys, which yellow and red both lower.
func (r *Renderer) digestScore(report score.Report) line {
	l := bold(r.digestWords(report.Score))
	if report.Score.Enough() {
		l.fact(textLine(r.answersWord(report.Score.N)))
	}
	before := r.text("digest_few", values{"count": r.count(report.Previous.Score.N)})
	if report.Previous.Score.Enough() {
		before = r.figure(report.Previous.Score)
		if report.Score.Metric == score.MetricSmileys {
			before = r.text("digest_both", values{"score": before, "csat": r.figure(report.Previous.Score.Satisfaction())})
		}
	}
	l.fact(textLine(r.text("digest_before", values{"before": before})))
	if points := report.ChangeText(); points != "" {
		l.fact(textLine(r.text("digest_change", values{"points": r.number(points), "verdict": r.significanceWord(report.SignificanceOfMany())})))
	}
	return l
}

// digestWords names a score with its figure: Smileys together with the CSAT of the same answers.
func (r *Renderer) digestWords(s score.Score) string {
	switch {
	case s.Metric != score.MetricSmileys:
		return r.scoreWords(s)
	case !s.Enough():
		both := r.text("digest_both", values{"score": r.metricWord(s.Metric), "csat": r.metricWord(score.MetricCSAT)})
		return r.text("score_few", values{"metric": both, "count": s.N})
	default:
		return r.text("digest_both", values{"score": r.scoreWords(s), "csat": r.scoreWords(s.Satisfaction())})
	}
}

func (r *Renderer) commentLine(e Entry) line {
	l := r.colour(e.Feedback.Colour())
	l.fact(textLine(phrase(cmp.Or(r.subject(e.Feedback), r.channelWord(e.Feedback.Channel)), maxShort)))
	l.fact(r.time(e.Feedback.OccurredAt))
	l.fact(r.messageLink(e.Permalink))
	return l
}

// Alert is what team leads read when the smileys dropped.
type Alert struct {
	Key string // of the notice, see [EventNotice]
	// Drops are the comparisons that found the drop: each the score of the last days, with that of the
	// days before as the previous one.
	Drops []score.Report
}

// Alert is a message for the lead channel.
func (r *Renderer) Alert(a Alert) Message {
	l := bold(r.text("alert_head"))
	for _, drop := range a.Drops {
		now, before := drop.Score, drop.Previous.Score
		l.text("\n" + r.text("alert_drop", values{
			"now": r.scoreWords(now), "answers": r.answersWord(now.N), "days": r.periodWords(drop.Period),
			"before": r.scoreWords(before), "before_answers": r.answersWord(before.N), "before_days": r.periodWords(drop.Previous.Period),
			"points": r.number(drop.ChangeText()),
		}))
	}
	channels := ""
	if len(a.Drops) > 0 {
		channels = r.text("alert_channels", values{"days": a.Drops[0].Period.Days()})
	}
	closer := r.line("alert_closer", values{"channels": code(channels), "queue": code("/followups")})
	return notice(a.Key, lines(l, closer).block())
}
