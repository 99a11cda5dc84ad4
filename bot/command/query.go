package command

import (
	"slices"
	"strings"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// question is a slash command that was read.
type question struct {
	label label
	// score is what a score is asked about.
	score score.Query
	// customer is the id or e-mail address of the customer who is asked about;
	// unshared says that the answer was to be shared, which it is not.
	customer string
	unshared bool
	// queue is which follow-ups are asked for.
	queue queueQuestion
	// check asks for the self-check without the help.
	check bool
	// strange is what was not understood, nil when all was.
	strange error
}

// read understands what was typed. Which command comes second in "/smileybot
// nps month" counts, as in "/nps month".
func read(command, text string, today office.Day) question {
	name, text := called(command), strings.TrimSpace(text)
	if name != string(labelSmileybot) {
		return ask(name, text, today)
	}
	if text == "" {
		return question{label: labelSmileybot}
	}
	typed := strings.Fields(text)[0]
	switch first := called(typed); first {
	case "help", "check":
		return question{label: labelSmileybot, check: first == "check"}
	case string(labelSmileybot):
		return question{label: labelOther, strange: unknown(typed)}
	default:
		return ask(first, strings.TrimPrefix(text, typed), today)
	}
}

// called is the name of a command, however it is written.
func called(command string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(command), "/"))
}

func ask(name, text string, today office.Day) question {
	l := label(name)
	if !slices.Contains(slashLabels(), l) {
		return question{label: labelOther, strange: unknown(name)}
	}
	switch l {
	case labelCustomer:
		return customer(text)
	case labelFollowUps:
		q := question{label: l}
		var strange string
		if q.queue, strange = readQueue(text); strange != "" {
			q.strange = unknown(strange)
		}
		return q
	default:
		return askScore(l, score.Metric(name), text, today)
	}
}

// askScore asks for a score.
func askScore(l label, metric score.Metric, text string, today office.Day) question {
	asked, err := score.ParseQuery(metric, text, today)
	return question{label: l, score: asked, strange: err}
}

// customer asks about a customer. The answer is for the asker alone.
func customer(text string) question {
	q := question{label: labelCustomer}
	var words []string
	for word := range strings.FieldsSeq(text) {
		if strings.EqualFold(word, "share") {
			q.unshared = true
			continue
		}
		words = append(words, word)
	}
	q.customer = strings.Join(words, " ")
	return q
}

// unknown says that words were not understood.
func unknown(words string) error {
	return &score.QueryError{Word: words, Reason: score.ReasonUnknown}
}
