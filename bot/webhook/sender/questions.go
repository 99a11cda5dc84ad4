package sender

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smileybot/feedback"
)

// Questions are the meanings of a survey's questions, in the order of the setting.
type Questions []question

// question is one question of a survey, with the sender's id.
type question struct {
	id string
	// kind is that of a rating, or of the rating that a comment explains; "" is the first one.
	kind feedback.Kind
	// channel is where a rating was asked.
	channel feedback.Channel
	// field is comment or a text such as ticket.id, and "" for a rating.
	field string
}

// surveyTexts are the fields that a hidden question may carry.
func surveyTexts() []string {
	return []string{
		"customer.id", "customer.name", "customer.email", "agent.id", "agent.name", "agent.email",
		"ticket.id", "ticket.subject", "ticket.url", "follow_up_of",
	}
}

// ParseQuestions reads a comma-separated list of meanings, QUESTION=MEANING:
//
//	q1=nps            the rating, of any kind; asked in the panel
//	q1=csat@chat      the same, asked in a chat
//	q2=comment        explains the first rating of the list that was given
//	q2=csat.comment   explains the rating of this kind
//	ticket=ticket.id  a hidden field; so for customer., agent. and follow_up_of
//
// Its errors have the number of the entry and never its text.
func ParseQuestions(text string) (Questions, error) {
	var all Questions
	rated := false
	for i, entry := range strings.Split(text, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		id, meaning, found := strings.Cut(entry, "=")
		q := question{id: strings.TrimSpace(id)}
		if !found || q.id == "" {
			return nil, fmt.Errorf("entry %d: no = in it, as in q1=nps", i+1)
		}
		if slices.ContainsFunc(all, func(other question) bool { return other.id == q.id }) {
			return nil, fmt.Errorf("entry %d: the question has a meaning already", i+1)
		}
		if !q.mean(strings.TrimSpace(meaning)) {
			return nil, fmt.Errorf("entry %d: no such meaning; it is a kind (%s), perhaps with @ and a channel, comment, a kind and .comment, or one of %s",
				i+1, strings.TrimPrefix(feedback.OneOf(feedback.Kinds()), "one of "), strings.Join(surveyTexts(), ", "))
		}
		rated = rated || q.field == ""
		all = append(all, q)
	}
	if len(all) > 0 && !rated {
		return nil, errors.New("no question is a rating, as in q1=nps")
	}
	return all, nil
}

// mean sets the meaning of a question.
func (q *question) mean(meaning string) bool {
	if kind, isComment := strings.CutSuffix(meaning, ".comment"); isComment {
		q.kind, q.field = feedback.Kind(kind), "comment"
		return q.kind.Known()
	}
	if meaning == "comment" || slices.Contains(surveyTexts(), meaning) {
		q.field = meaning
		return true
	}
	kind, channel, asked := strings.Cut(meaning, "@")
	q.kind, q.channel = feedback.Kind(kind), feedback.ChannelPanel
	if asked {
		q.channel = feedback.Channel(channel)
	}
	return q.kind.Known() && q.channel.Known()
}

// Rating is the id of the first question that is a rating, "" without one.
func (qs Questions) Rating() string { return qs.first("") }

// Comment is the id of the first question that is a comment on the first rating, "" without one.
func (qs Questions) Comment() string { return qs.first("comment") }

func (qs Questions) first(field string) string {
	for _, q := range qs {
		if q.field == field {
			return q.id
		}
	}
	return ""
}

// ReadFinished is [Questions.Read] of a response that its customer has sent off. One without a rating is
// named: a misspelled question would else cost every rating without a trace. Place is where the answers are.
func (qs Questions) ReadFinished(place string, answer func(id string) Tree) []*FieldMap {
	if maps := qs.Read(answer); len(maps) > 0 {
		return maps
	}
	return []*FieldMap{NoAnswer(place, "must have an answer to a question that is a rating in the setting")}
}

// Read returns a field map of each rating in a response; answer is the value of a question. A
// response has all answers so far, so that a comment comes with the rating it explains.
func (qs Questions) Read(answer func(id string) Tree) []*FieldMap {
	var maps []*FieldMap
	var kinds []feedback.Kind // of maps; "" for one without a rating
	for _, q := range qs {
		value := answer(q.id)
		if q.field != "" || skipped(value) || slices.Contains(kinds, q.kind) {
			continue
		}
		if !mayRate(value, q.kind) {
			maps = append(maps, NoAnswer(value.Path, "must be a rating"))
			kinds = append(kinds, "")
			continue
		}
		m := MapFields(q.kind, q.channel)
		if q.kind == feedback.KindSmiley {
			m.Smiley(value, surveySmileys(), "must be 3 or green, 2 or yellow, 1 or red")
		} else {
			m.Number("score", value)
		}
		maps, kinds = append(maps, m), append(kinds, q.kind)
	}
	first := slices.IndexFunc(kinds, func(k feedback.Kind) bool { return k != "" })
	for _, q := range qs {
		value := answer(q.id)
		switch {
		case q.field == "comment" && value.IsSet():
			for i, m := range maps {
				if q.kind == kinds[i] && kinds[i] != "" || q.kind == "" && i == first {
					m.Comment(value)
				}
			}
		case q.field != "":
			for i, m := range maps {
				if kinds[i] != "" {
					m.Text(q.field, value)
				}
			}
		}
	}
	return maps
}

// skipped reports whether a question was not answered. Surveys have an empty value for one that was skipped.
func skipped(t Tree) bool {
	switch v := t.Value.(type) {
	case nil:
		return true
	case string:
		return !feedback.Says(v)
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	default:
		return false
	}
}

// mayRate reports whether an answer is of the kind of value that a rating has: a number, or the word of a
// smiley. A number that is not on the scale is a mistake in the setting, and is refused later.
func mayRate(t Tree, kind feedback.Kind) bool {
	text := strings.TrimSpace(t.Text())
	if kind == feedback.KindSmiley {
		if _, known := surveySmileys()[strings.ToLower(text)]; known {
			return true
		}
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// surveySmileys are the answers to a question of three faces: its steps from worst to
// best, or the colours.
func surveySmileys() map[string]feedback.Smiley {
	words := make(map[string]feedback.Smiley)
	for i, s := range feedback.Smileys() {
		words[strconv.Itoa(i+1)], words[string(s)] = s, s
	}
	return words
}
