package command

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"smileybot/bot/message"
	"smileybot/feedback"
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

// parse understands what was typed. "/smileybot nps month" is the same as "/nps month".
func parse(command, text string, today office.Day) query {
	name, text := commandName(command), strings.TrimSpace(text)
	if name != string(labelSmileybot) || text == "" {
		return parseCommand(name, text, today)
	}
	typed := strings.Fields(text)[0]
	switch first := commandName(typed); first {
	case "help", "check":
		return query{label: labelSmileybot, check: first == "check"}
	case string(labelSmileybot):
		return query{label: labelOther, err: unknown(typed)}
	default:
		return parseCommand(first, strings.TrimPrefix(text, typed), today)
	}
}

// commandName is the name of a command, with or without a slash, in any case.
func commandName(command string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(command), "/"))
}

func parseCommand(name, text string, today office.Day) query {
	q := query{label: label(name)}
	if !slices.Contains(slashLabels(), q.label) {
		return query{label: labelOther, err: unknown(name)}
	}
	switch q.label {
	case labelSmileybot:
	case labelCustomer:
		words := slices.DeleteFunc(strings.Fields(text), func(word string) bool { return !feedback.Says(word) })
		who := slices.DeleteFunc(words, func(word string) bool { return strings.EqualFold(word, "share") })
		q.customer, q.unshared = strings.Join(who, " "), len(who) < len(words)
	case labelFollowUps:
		q.queue, q.err = parseQueue(text)
	default:
		q.score, q.err = score.ParseQuery(score.Metric(name), text, today)
	}
	return q
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

// reMention is a Slack user as a command that escapes its text brings one, in lower case.
var reMention = regexp.MustCompile(`^<@([uw][a-z0-9]{1,30})(?:\|[^<>]*)?>$`)

// parseQueue understands what follows /followups: a view or a person, and a page, each of which may be missing.
func parseQueue(text string) (q queueQuery, err error) {
	q = queueQuery{view: message.QueueWaiting, page: 1}
	words := slices.DeleteFunc(strings.Fields(strings.ToLower(text)), func(word string) bool { return !feedback.Says(word) })
	if len(words) > 0 {
		if page, err := strconv.Atoi(words[len(words)-1]); err == nil && page >= 1 && page <= maxPage {
			q.page, words = page, words[:len(words)-1]
		}
	}
	typed := strings.Join(words, " ")
	if found := reMention.FindStringSubmatch(typed); found != nil {
		q.view, q.person = message.QueuePerson, strings.ToUpper(found[1])
		return q, nil
	}
	switch typed {
	case "":
	case "mine", "mijn":
		q.view = message.QueueMine
	case "overdue", "te laat", "telaat":
		q.view = message.QueueOverdue
	case "all", "alle", "alles":
		q.view = message.QueueAll
	default:
		err = unknown(typed)
	}
	return q, err
}

// unknown says that words were not understood.
func unknown(words string) error {
	return &score.QueryError{Word: words, Reason: score.ReasonUnknown}
}
