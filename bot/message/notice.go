package message

import "github.com/slack-go/slack"

// Explanation is what the claimer of a follow-up hears when the customer's
// comment comes after all.
type Explanation struct {
	// Claimer is the Slack user.
	Claimer string
	Comment string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Explained is the reply in the thread of a feedback that mentions the claimer
// and quotes the comment.
func Explained(e Explanation) Message {
	comment := prose(e.Comment)
	rest := unitsOf(explainedBlocks(e.Claimer, ""))
	return Message{
		Text:     explainedText(e, maxTextBytes),
		Blocks:   explainedBlocks(e.Claimer, cut(comment, maxBlocksUnits-rest)),
		Metadata: noticeMetadata(e.Key),
	}
}

// PlainExplained is [Explained] without blocks, for when Slack refuses them.
func PlainExplained(e Explanation) Message {
	return Message{Text: explainedText(e, maxPlainBytes), Metadata: noticeMetadata(e.Key)}
}

func explainedText(e Explanation, limit int) string {
	const marks = "\n“”"
	room := limit - len(flat(explainedBlocks(e.Claimer, ""))) - len(marks)
	return flat(explainedBlocks(e.Claimer, cutEscaped(prose(e.Comment), room)))
}

func explainedBlocks(claimer, comment string) []slack.Block {
	var l line
	l.user(claimer)
	if comment == "" {
		l.text(wordCustomerExplained + ".")
		return []slack.Block{rich(l.section())}
	}
	l.text(wordCustomerExplained + ":")
	return []slack.Block{rich(l.section(), quote(comment))}
}

// Test is what `check --post` posts to see whether it may.
func Test(key string) Message {
	return Message{Text: wordTest, Metadata: noticeMetadata(key)}
}
