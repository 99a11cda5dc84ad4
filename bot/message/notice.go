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
func (s *Speaker) Explained(e Explanation) Message {
	comment := prose(e.Comment)
	rest := unitsOf(s.explainedBlocks(e.Claimer, ""))
	return Message{
		Text:     s.explainedText(e, maxTextBytes),
		Blocks:   s.explainedBlocks(e.Claimer, cut(comment, maxBlocksUnits-rest)),
		Metadata: noticeMetadata(e.Key),
	}
}

// PlainExplained is [Speaker.Explained] without blocks, for when Slack refuses them.
func (s *Speaker) PlainExplained(e Explanation) Message {
	return Message{Text: s.explainedText(e, maxPlainBytes), Metadata: noticeMetadata(e.Key)}
}

func (s *Speaker) explainedText(e Explanation, limit int) string {
	const marks = "\n“”"
	room := limit - len(flat(s.explainedBlocks(e.Claimer, ""))) - len(marks)
	return flat(s.explainedBlocks(e.Claimer, cutEscaped(prose(e.Comment), room)))
}

func (s *Speaker) explainedBlocks(claimer, comment string) []slack.Block {
	who := values{"who": s.user(claimer)}
	if comment == "" {
		return []slack.Block{rich(s.line("explained_empty", who).section())}
	}
	return []slack.Block{rich(s.line("explained", who).section(), quote(comment))}
}

// Test is what `check --post` posts to see whether it may.
func (s *Speaker) Test(key string) Message {
	return Message{Text: s.say("test"), Metadata: noticeMetadata(key)}
}
