package command

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"smileybot/bot/message"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// query is a slash command that was parsed.
type query struct {
	label label
	score score.Query
	// customer is the id or e-mail address of a customer; unshared says that the user asked to share
	// the answer, which is not done.
	customer string
	unshared bool
	queue    queueQuery
	// check asks for the self-check without the help.
	check bool
	// err is what was not understood.
	err error
}

// parse understands what was typed. "/smileybot nps month" is the same as "/nps month", and "/nps help"
// the same as "/smileybot help".
func parse(command, text string, today office.Day) query {
	name, text := commandName(command), typed(text)
	if name != string(labelSmileybot) {
		return parseCommand(name, text, today)
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return parseCommand(name, text, today)
	}
	switch first := commandName(words[0]); {
	case slices.Contains(helpWords, first):
		return query{label: labelSmileybot}
	case slices.Contains(checkWords, first):
		return query{label: labelSmileybot, check: true}
	case first == string(labelSmileybot):
		return query{label: labelOther, err: unknown(words[0])}
	default:
		return parseCommand(first, strings.TrimPrefix(text, words[0]), today)
	}
}

var (
	helpWords  = []string{"help", "?", "hulp", "uitleg", "-h", "-help", "--help"}     //nolint:gochecknoglobals // a list that never changes
	checkWords = []string{"check", "self-check", "selfcheck", "controle", "zelftest"} //nolint:gochecknoglobals // a list that never changes
	shareWords = []string{"share", "delen", "deel"}                                   //nolint:gochecknoglobals // a list that never changes
)

// commandName is the name of a command, with or without a slash or quotes, in any case.
func commandName(command string) string {
	return strings.TrimPrefix(score.Fold(score.Unquote(command)), "/")
}

func parseCommand(name, text string, today office.Day) query {
	q := query{label: label(name)}
	if !slices.Contains(slashLabels(), q.label) {
		return query{label: labelOther, err: unknown(name, commandNames()...)}
	}
	words := strings.Fields(text)
	if len(words) > 0 && slices.Contains(helpWords, commandName(words[0])) {
		return query{label: labelSmileybot}
	}
	switch q.label {
	case labelSmileybot:
	case labelCustomer:
		who := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(shareWords, score.Fold(word)) })
		q.customer, q.unshared = score.Unquote(strings.Join(who, " ")), len(who) < len(words)
	case labelFollowUps:
		q.queue, q.err = parseQueue(text)
	default:
		q.score, q.err = score.ParseQuery(score.Metric(name), text, today)
	}
	return q
}

// commandNames are the names of all commands.
func commandNames() []string {
	var names []string
	for _, l := range slashLabels() {
		names = append(names, string(l))
	}
	return names
}

// queueQuery is which page of the queue is asked for.
type queueQuery struct {
	view message.QueueView
	// person is the Slack user of [message.QueuePerson].
	person string
	page   int
}

// maxPage bounds the pages that can be asked for.
const maxPage = 100_000

// parseQueue understands what follows /followups: a view or a person, and a page, each of which may be missing.
func parseQueue(text string) (q queueQuery, err error) {
	q = queueQuery{view: message.QueueWaiting, page: 1}
	words := slices.DeleteFunc(strings.Fields(score.Fold(score.Unquote(text))), func(word string) bool {
		return word == "page" || word == "pagina"
	})
	if len(words) > 0 {
		if page, err := strconv.Atoi(words[len(words)-1]); err == nil && page >= 1 && page <= maxPage {
			q.page, words = page, words[:len(words)-1]
		}
	}
	if user, _, ok := mention(strings.ToUpper(strings.Join(words, " "))); ok {
		q.view, q.person = message.QueuePerson, user
		return q, nil
	}
	typed := strings.Join(words, " ")
	for view, known := range queueWords {
		if slices.Contains(known, typed) {
			q.view = view
			return q, nil
		}
	}
	return q, unknown(typed, slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(queueWords))...)))...)
}

// queueWords are the words of the views of the queue.
var queueWords = map[message.QueueView][]string{ //nolint:gochecknoglobals // a list that never changes
	message.QueueWaiting: {"", "open", "waiting", "wachtend"},
	message.QueueMine:    {"mine", "my", "me", "mijn"},
	message.QueueOverdue: {"overdue", "late", "te laat", "telaat"},
	message.QueueAll:     {"all", "everything", "alle", "alles"},
}

// unknown says that words were not understood, and offers those known ones that are near.
func unknown(words string, known ...string) error {
	return &score.QueryError{
		Word: words, Reason: score.ReasonUnknown,
		Near: score.Nearest(words, known, func(string) bool { return true }),
	}
}
