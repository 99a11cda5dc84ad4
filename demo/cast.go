package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// A cast invents customers. The same seed gives the same ones.
type cast struct {
	rng   *rand.Rand
	lines lines
	words storyWords
	count int
}

func newCast(seed uint64, language message.Language) *cast {
	return &cast{rng: seeded(seed, 1), lines: linesIn(language), words: wordsIn(language).Story}
}

// newEarlierCast invents the customers of the prologue, who came before the others.
func newEarlierCast(seed uint64, language message.Language) *cast {
	const few = 10
	return &cast{rng: seeded(seed, 3), lines: linesIn(language), words: wordsIn(language).Story, count: -few}
}

// seeded returns a repeatable source of randomness.
func seeded(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // plays customers, guards nothing
}

// next returns the story of the next customer. The plots take turns, so that a few customers show
// everything.
func (c *cast) next() story {
	plots := []func(*character) []step{
		lateComment, content, promoter, helped, thanked, changedMind, detractor, twice,
		answeredWhileClaimed, passive, reviewer, lowScore, explainedAtOnce, content, silent, promoter, content,
	}
	plot := plots[c.count%len(plots)]
	return story{steps: plot(c.invent())}
}

// invent returns a new customer.
func (c *cast) invent() *character {
	ch := c.character()
	c.count++
	return ch
}

// A character is a customer with a reason to rate.
type character struct {
	rng       *rand.Rand
	lines     lines
	words     storyWords
	number    int
	name      string
	topic     topic
	agent     colleague // whose answer is rated
	colleague colleague // who works on the follow-up
	pick      func(options []string) string
}

func (c *cast) character() *character {
	pick := func(options []string) string { return options[c.rng.IntN(len(options))] }
	agents, colleagues := team(), actors()
	return &character{
		rng: c.rng, lines: c.lines, words: c.words, number: c.count + 1, pick: pick,
		name:      pick(firstNames()) + " " + pick(lastNames()),
		topic:     c.lines.topics[c.rng.IntN(len(c.lines.topics))],
		agent:     agents[c.rng.IntN(len(agents))],
		colleague: colleagues[c.rng.IntN(len(colleagues))],
	}
}

// rates is the first event about a ticket or chat.
func (c *character) rates(channel feedback.Channel, smiley feedback.Smiley) step {
	e := c.question(channel, feedback.KindSmiley)
	e.Smiley = new(string(smiley))
	return step{event: e, words: fmt.Sprintf(c.words.Smiley, c.name, c.words.Colours[string(smiley)], c.about(channel))}
}

// scores is the first event of a kind with a score.
func (c *character) scores(channel feedback.Channel, kind feedback.Kind, score int) step {
	e := c.question(channel, kind)
	e.Score = new(score)
	return step{event: e, words: fmt.Sprintf(c.words.Score, c.name, score, kind)}
}

func (c *character) about(channel feedback.Channel) string {
	if channel == feedback.ChannelTicket {
		return fmt.Sprintf(c.words.Ticket, c.ticketNumber())
	}
	return c.words.Chat // the only other channel with a smiley
}

func (c *character) ticketNumber() string { return strconv.Itoa(4700 + c.number) }

// question is an event with all that the sender knows before the rating.
func (c *character) question(channel feedback.Channel, kind feedback.Kind) payload {
	e := c.update(channel, kind)
	e.Customer = person{ID: fmt.Sprintf("c-%d", 1000+c.number), Name: c.name, Email: c.email()}
	if channel == feedback.ChannelPanel {
		return e
	}
	if channel == feedback.ChannelReview {
		e.Site, e.Ticket.Subject = new(reviewSite), c.topic.subject
		e.Ticket.URL = fmt.Sprintf("https://reviews.example.org/%d", c.number)
		return e
	}
	e.Agent = c.agent.asAgent()
	e.Ticket.Subject = c.topic.subject
	if channel == feedback.ChannelTicket {
		e.Ticket.ID = c.ticketNumber()
		e.Ticket.URL = "https://tickets.example.org/" + c.ticketNumber()
	}
	return e
}

// update is a later event about the same feedback, with no more than its key.
func (c *character) update(channel feedback.Channel, kind feedback.Kind) payload {
	return payload{ID: fmt.Sprintf("%s-%d", channel, c.number), Kind: string(kind), Channel: string(channel)}
}

func (c *character) email() string {
	return strings.ToLower(strings.ReplaceAll(c.name, " ", ".")) + "@example.org"
}

// The people of the demo are the support team of an invented web host and its customers, who all
// write the language of the bot.

// A colleague answers tickets and works on follow-ups.
type colleague struct {
	user, agent, name string
	playable          bool // a visitor can be this colleague
}

// asAgent returns the colleague as the ticket system knows them.
func (c colleague) asAgent() person { return person{ID: c.agent, Name: c.name, Email: c.email()} }

// email is the address under which both Slack and the ticket system know the colleague.
func (c colleague) email() string { return strings.ToLower(c.name) + "@example.net" }

func team() []colleague {
	return []colleague{
		{"U0BART", "a-7", "Bart", true},
		{"U0YOUSSEF", "a-9", "Youssef", true},
		{"U0SANNE", "a-3", "Sanne", true},
		{"U0EMMA", "a-12", "Emma", false},
		{"U0FEMKE", "a-15", "Femke", false},
	}
}

// actors returns the colleagues that a visitor cannot be. Only they work on follow-ups by themselves,
// so that no form opens or closes while a visitor uses it.
func actors() []colleague {
	return slices.DeleteFunc(team(), func(c colleague) bool { return c.playable })
}

// lead returns the Slack user of the team lead.
func lead() string { return team()[2].user }

func firstNames() []string {
	return []string{
		"Jan", "Fatima", "Pieter", "Lotte", "Ahmed", "Marieke", "Tom", "Anouk", "Wouter", "Aisha", "Grace", "Olivia",
		"Daan", "Noor", "Sem", "Iris", "Liam", "Charlotte", "Bram", "Yara", "Kees", "Hanna", "Oscar", "Mila",
	}
}

func lastNames() []string {
	return []string{
		"de Vries", "Jansen", "van den Berg", "Bakker", "Visser", "Smit", "Yilmaz", "El Amrani", "Meijer", "de Boer",
		"Mulder", "Hughes", "Walker", "Peeters", "Maes", "Kowalska", "Dekker", "Brouwer", "Clarke", "Vermeulen",
	}
}

// A topic is what a ticket is about, the complaint when it goes wrong, and how the follow-up ends.
type topic struct {
	subject, complaint string
	outcome            followup.Outcome
	note               string
}

// lines are what customers and colleagues write.
type lines struct {
	topics                      []topic
	thanks, praises, complaints []string
}

func linesIn(language message.Language) lines {
	if language == message.Dutch {
		return dutchLines()
	}
	return englishLines()
}

func englishLines() lines {
	return lines{
		topics: []topic{
			{"Website offline after an update", "Step 3 of the guide is wrong.", followup.OutcomeGuideFixed, "Step 3 rewritten"},
			{"E-mail does not arrive", "I had to explain the same thing three times.", followup.OutcomeAnswerImproved, "New standard answer about SPF"},
			{"SSL certificate expired", "It took two days before anyone answered.", followup.OutcomeMisunderstanding, "Called; the renewal mail went to spam"},
			{"Moving a domain", "The transfer code was nowhere in the panel.", followup.OutcomeBugReported, "Button was missing in the panel, reported"},
			{"Backup restored too late", "My shop was down all Saturday and nobody called.", followup.OutcomePriceOrPolicy, "Explained what the weekend plan covers"},
			{"WordPress is slow", "The answer was about another site than mine.", followup.OutcomeAnswerImproved, "Answer improved and sent again"},
			{"The invoice is wrong", "I still do not understand the invoice.", followup.OutcomeMisunderstanding, "Went through it together on the phone"},
			{"DNS changes do not show", "The guide says five minutes. It was a day.", followup.OutcomeGuideFixed, "The guide now speaks of the old TTL"},
			{"Database unreachable", "Friendly, but the outage is still there.", followup.OutcomeBugReported, "Outage passed on to operations"},
			{"Cannot log in to the panel", "The reset link expired before the mail arrived.", followup.OutcomeBugReported, "Link now lives an hour"},
		},
		thanks: []string{
			"Fixed within five minutes, great!", "Thanks, that was quick and clear.", "Very patient help.",
			"Exactly what I needed.", "Clear explanation, thank you.",
		},
		praises: []string{
			"A customer for years, never any trouble.", "Support answers like people, not like scripts.",
			"Fast, affordable and always someone on the phone.", "I moved all my clients here.",
		},
		complaints: []string{
			"Since the new panel I cannot find anything.", "Prices went up twice this year.", "Too many outages in the evening.",
			"The panel logs me out all the time.",
		},
	}
}

func dutchLines() lines {
	return lines{
		topics: []topic{
			{"Website offline na update", "Stap 3 van de handleiding klopt niet meer.", followup.OutcomeGuideFixed, "Stap 3 herschreven"},
			{"E-mail komt niet aan", "Ik moest drie keer hetzelfde uitleggen.", followup.OutcomeAnswerImproved, "Nieuw standaardantwoord over SPF"},
			{"SSL van de webwinkel verlopen", "Het duurde twee dagen voor iemand antwoordde.", followup.OutcomeMisunderstanding, "Gebeld; de mail over verlenging zat bij de spam"},
			{"Domein verhuizen", "De verhuiscode stond nergens in het paneel.", followup.OutcomeBugReported, "Knop ontbrak in het paneel, gemeld"},
			{"Back-up te laat teruggezet", "Mijn winkel lag heel zaterdag plat en niemand belde.", followup.OutcomePriceOrPolicy, "Uitgelegd wat het weekendpakket dekt"},
			{"WordPress is traag", "Het antwoord ging over een andere site dan de mijne.", followup.OutcomeAnswerImproved, "Antwoord verbeterd en opnieuw gestuurd"},
			{"Factuur klopt niet", "Ik begrijp de factuur nog steeds niet.", followup.OutcomeMisunderstanding, "Samen doorgenomen aan de telefoon"},
			{"DNS-wijziging niet zichtbaar", "De handleiding zegt vijf minuten. Het werd een dag.", followup.OutcomeGuideFixed, "De handleiding noemt nu de oude TTL"},
			{"Database niet bereikbaar", "Wel vriendelijk, maar de storing is er nog.", followup.OutcomeBugReported, "Storing doorgezet naar beheer"},
			{"Kan niet inloggen op het paneel", "De herstellink was verlopen voor de mail aankwam.", followup.OutcomeBugReported, "Link werkt nu een uur"},
		},
		thanks: []string{
			"Binnen vijf minuten opgelost, top!", "Bedankt, dat was snel en duidelijk.", "Heel geduldig geholpen.",
			"Precies wat ik nodig had.", "Duidelijke uitleg, dank je wel.",
		},
		praises: []string{
			"Al jaren klant, nooit gedoe.", "De helpdesk antwoordt als een mens, niet als een script.",
			"Snel, betaalbaar en altijd iemand aan de lijn.", "Ik heb al mijn klanten hierheen verhuisd.",
		},
		complaints: []string{
			"Sinds het nieuwe paneel vind ik niets meer terug.", "De prijzen gingen dit jaar twee keer omhoog.",
			"Te veel storingen in de avond.", "Het paneel logt me steeds uit.",
		},
	}
}

// A story is what happens to the feedback of one customer.
type story struct{ steps []step }

// longestStory is more slots than any story takes.
const longestStory = 12

// A step of a story is a webhook or an action of a colleague.
type step struct {
	wait  int    // slots after the step before
	words string // what happens, for people

	event  payload
	repeat bool // send the latest delivery again

	by      string // Slack user of the colleague; empty for a webhook
	action  followup.Action
	outcome followup.Outcome
	note    string
}

// comment returns the comment of the customer in this step.
func (s step) comment() string {
	if s.event.Comment == nil {
		return ""
	}
	return *s.event.Comment
}

// The plots of the demo's customers. Each shows one thing the bot does.

// lateComment opens a follow-up, which closes when the comment comes.
func lateComment(c *character) []step {
	return []step{c.rates(feedback.ChannelTicket, feedback.Red), c.says(3, feedback.ChannelTicket, feedback.KindSmiley, c.topic.complaint)}
}

// content is a green smiley without a comment.
func content(c *character) []step {
	return []step{c.rates(c.somewhere(), feedback.Green)}
}

// thanked is a green smiley with a comment.
func thanked(c *character) []step {
	return []step{c.explained(c.rates(feedback.ChannelChat, feedback.Green), c.pick(c.lines.thanks))}
}

// helped gives no reason, so a colleague claims, asks and finishes.
func helped(c *character) []step {
	return []step{c.rates(feedback.ChannelChat, feedback.Yellow), c.claims(2), c.finishes(3)}
}

// changedMind is red by mistake, then green, which withdraws the follow-up.
func changedMind(c *character) []step {
	e := c.update(feedback.ChannelTicket, feedback.KindSmiley)
	e.Smiley = new(string(feedback.Green))
	return []step{
		c.rates(feedback.ChannelTicket, feedback.Red),
		{wait: 4, event: e, words: fmt.Sprintf(c.words.ChangesTo, c.name)},
	}
}

// twice delivers the same webhook again, which changes nothing.
func twice(c *character) []step {
	first := c.rates(feedback.ChannelTicket, feedback.Green)
	again := first
	again.wait, again.repeat = 1, true
	again.words = c.words.Repeats
	return []step{first, again}
}

// answeredWhileClaimed comments after a colleague has claimed. The colleague is notified in the
// thread and finishes.
func answeredWhileClaimed(c *character) []step {
	first := c.rates(feedback.ChannelTicket, feedback.Red)
	first.event.Ticket.Urgent = true
	return []step{
		first,
		c.claims(1),
		c.says(2, feedback.ChannelTicket, feedback.KindSmiley, c.topic.complaint),
		c.finishes(2),
	}
}

// furious is very unhappy about something urgent, without a comment.
func furious(c *character) []step {
	first := c.rates(feedback.ChannelTicket, feedback.Red)
	first.event.Ticket.Urgent = true
	return []step{first}
}

// silent is unhappy without a comment, with a follow-up that no one claims.
func silent(c *character) []step {
	return []step{c.rates(feedback.ChannelTicket, feedback.Yellow)}
}

// explainedAtOnce is unhappy, with a reason.
func explainedAtOnce(c *character) []step {
	return []step{c.explained(c.rates(feedback.ChannelTicket, feedback.Yellow), c.topic.complaint)}
}

// lowScore is a rating of 1 or 2 by e-mail, explained later.
func lowScore(c *character) []step {
	return []step{
		c.scores(feedback.ChannelEmail, feedback.KindCSAT, 1+c.rng.IntN(2)),
		c.says(3, feedback.ChannelEmail, feedback.KindCSAT, c.topic.complaint),
	}
}

func promoter(c *character) []step {
	return []step{c.explained(c.scores(feedback.ChannelPanel, feedback.KindNPS, 9+c.rng.IntN(2)), c.pick(c.lines.praises))}
}

func passive(c *character) []step {
	return []step{c.scores(feedback.ChannelPanel, feedback.KindNPS, 7+c.rng.IntN(2))}
}

// detractor is a low NPS, explained later.
func detractor(c *character) []step {
	return []step{
		c.scores(feedback.ChannelPanel, feedback.KindNPS, 2+c.rng.IntN(5)),
		c.says(2, feedback.ChannelPanel, feedback.KindNPS, c.pick(c.lines.complaints)),
	}
}

// reviewer gives few stars on a review site, which need a reply.
func reviewer(c *character) []step {
	return []step{c.explained(c.scores(feedback.ChannelReview, feedback.KindReview, 1+c.rng.IntN(3)), c.topic.complaint)}
}

// says is a comment that comes after the rating.
func (c *character) says(wait int, channel feedback.Channel, kind feedback.Kind, comment string) step {
	e := c.update(channel, kind)
	e.Comment = new(comment)
	return step{wait: wait, event: e, words: fmt.Sprintf(c.words.Explains, c.name, comment)}
}

func (c *character) explained(s step, comment string) step {
	s.event.Comment = new(comment)
	s.words = fmt.Sprintf(c.words.Because, s.words, comment)
	return s
}

func (c *character) claims(wait int) step {
	return step{
		wait: wait, by: c.colleague.user, action: followup.ActionClaim,
		words: fmt.Sprintf(c.words.Claims, c.colleague.name, c.name),
	}
}

func (c *character) finishes(wait int) step {
	return step{
		wait: wait, by: c.colleague.user, action: followup.ActionFinish, outcome: c.topic.outcome, note: c.topic.note,
		words: fmt.Sprintf(c.words.Finishes, c.colleague.name, c.topic.note),
	}
}

func (c *character) somewhere() feedback.Channel {
	if c.rng.IntN(3) == 0 {
		return feedback.ChannelChat
	}
	return feedback.ChannelTicket
}
