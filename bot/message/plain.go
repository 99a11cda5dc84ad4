package message

import (
	"smileybot/feedback/followup"
)

// Plain is a feedback's message without blocks, for when Slack refuses them: all
// its parts in the text. Long values are cut shorter than in [Speaker.Feedback].
func (s *Speaker) Plain(v followup.Snapshot) Message {
	v = shortened(v)
	comment := prose(v.Feedback.Comment)
	text := flat(s.feedbackBlocks(v, ""))
	if comment != "" {
		const marks = "\n“”"
		room := maxPlainBytes - len(text) - len(marks)
		text = flat(s.feedbackBlocks(v, cutEscaped(comment, room)))
	}
	return Message{Text: text, Metadata: metadataOf(v.Feedback)}
}

// shortened cuts all but the comment so far that a thousand bytes are left for
// it, even when every character is escaped.
func shortened(v followup.Snapshot) followup.Snapshot {
	const maxID, maxName, maxSubject, maxNote, maxAddress = 100, 200, 300, 600, 800
	f := &v.Feedback
	for _, value := range []struct {
		text  *string
		limit int
	}{
		{&f.Ticket.ID, maxID},
		{&f.Ticket.Subject, maxSubject},
		{&f.Site, maxID},
		{&f.Customer.Name, maxName},
		{&f.Customer.ID, maxID},
		{&f.Agent.Name, maxName},
		{&f.Agent.ID, maxID},
		{&v.FollowUp.Note, maxNote},
	} {
		*value.text = cutEscaped(prose(*value.text), value.limit)
	}
	if len(flatAddress(f.Ticket.URL)) > maxAddress {
		f.Ticket.URL = ""
	}
	return v
}
