package command

import (
	"errors"
	"strings"

	"smileybot/feedback"
)

// question is a slash command that was read.
type question struct {
	label  label
	metric feedback.Metric
	// words are the PERIOD, without share.
	words []string
	share bool
	// check asks for the self-check without the help.
	check bool
	// strange is what was not understood, nil when all was.
	strange error
}

// read understands what was typed. Which command comes second in "/smileybot
// nps month" counts, as in "/nps month".
func read(command, text string) question {
	name, words := called(command), strings.Fields(text)
	if name != string(labelSmileybot) {
		return ask(name, words)
	}
	if len(words) == 0 {
		return question{label: labelSmileybot}
	}
	switch first := called(words[0]); first {
	case "help", "check":
		return question{label: labelSmileybot, check: first == "check"}
	case string(labelSmileybot):
		return question{label: labelOther, strange: unknown(words[0])}
	default:
		return ask(first, words[1:])
	}
}

// called is the name of a command, however it is written.
func called(command string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(command), "/"))
}

func ask(name string, words []string) question {
	switch label(name) {
	case labelNPS:
		return score(labelNPS, words, feedback.MetricNPS)
	case labelCSAT:
		return score(labelCSAT, words, feedback.MetricCSAT)
	case labelSmileys:
		return score(labelSmileys, words, feedback.MetricSmileys)
	case labelService:
		return score(labelService, words, "")
	case labelCustomer:
		q := score(labelCustomer, words, "")
		q.words = []string{strings.Join(q.words, " ")}
		return q
	case labelFollowUps:
		q := question{label: labelFollowUps}
		if len(words) > 0 {
			q.strange = unknown(strings.Join(words, " "))
		}
		return q
	default:
		return question{label: labelOther, strange: unknown(name)}
	}
}

// score asks for scores: PERIOD, with share anywhere in it.
func score(l label, words []string, metric feedback.Metric) question {
	q := question{label: l, metric: metric}
	for _, word := range words {
		if strings.EqualFold(word, "share") {
			q.share = true
			continue
		}
		q.words = append(q.words, word)
	}
	return q
}

// period reads the PERIOD. The error is a [*feedback.PeriodError] that names as
// little as was not understood: in "month channel:chat" that is "channel:chat".
func period(words []string, today feedback.Day) (feedback.Period, error) {
	whole, err := parsed(words, today)
	var strange *feedback.PeriodError
	if !errors.As(err, &strange) || strange.Reason != feedback.PeriodUnknown {
		return whole, err
	}
	const longest = 3 // words in the longest PERIOD
	for n := min(longest, len(words)-1); n > 0; n-- {
		for _, known := range []struct{ period, rest []string }{
			{words[:n], words[n:]},
			{words[len(words)-n:], words[:len(words)-n]},
		} {
			if _, err := parsed(known.period, today); err == nil {
				return feedback.Period{}, unknown(strings.Join(known.rest, " "))
			}
		}
	}
	return whole, err
}

func parsed(words []string, today feedback.Day) (feedback.Period, error) {
	return feedback.ParsePeriod(strings.Join(words, " "), today)
}

// unknown says that words were not understood.
func unknown(words string) error {
	return &feedback.PeriodError{Word: words, Reason: feedback.PeriodUnknown}
}
