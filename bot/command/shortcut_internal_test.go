package command

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// TestShownIn: a shortcut acts on the message of one feedback, not on a notice that shows several.
func TestShownIn(t *testing.T) {
	r := message.NewRenderer(message.Options{})
	v := followup.Snapshot{Feedback: feedback.Feedback{ID: "f1", Revision: 3}}
	v.Feedback.Customer.ID = "c-1"
	in := func(m message.Message) []any {
		id, revision := shownIn(slack.Message{Msg: slack.Msg{Blocks: slack.Blocks{BlockSet: m.Blocks}, Metadata: m.Metadata}})
		return []any{id, revision}
	}
	assert.Equal(t, []any{"f1", int64(3)}, in(r.Feedback(v)))
	assert.Equal(t, []any{"", int64(0)}, in(r.Risk(message.Listing{Key: "risk:f1", Entries: []message.Entry{{Snapshot: v}, {Snapshot: v}}})))
	assert.Equal(t, []any{"", int64(0)}, in(r.Queue(message.Queue{Page: 1, QueuePage: message.QueuePage{Entries: []message.Entry{{Snapshot: v}}, Total: 1}})))
}
