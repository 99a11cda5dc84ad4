package message_test

import (
	"encoding/json"
	"fmt"
	"os"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// A customer can never ping a channel: in the text the brackets are escaped, and the blocks have the
// words where Slack parses nothing.
func ExampleRenderer_Feedback() {
	view := followup.Snapshot{Feedback: feedback.Feedback{
		ID: "f1", Revision: 1, Key: feedback.Key{Kind: feedback.KindSmiley, Channel: feedback.ChannelTicket},
		Answer: feedback.Answer{Rating: feedback.Red.Value(), Comment: "<!channel> look here"},
	}}
	m := message.NewRenderer(message.Options{}).Feedback(view)
	fmt.Println(m.Text)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m.Blocks[0]); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 🔴 Red smiley via ticket. “&lt;!channel&gt; look here”
	// {"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"emoji","name":"red_circle"},{"type":"text","text":" "},{"type":"text","text":"Red","style":{"bold":true}},{"type":"text","text":" · "},{"type":"text","text":"Ticket"}]},{"type":"rich_text_quote","elements":[{"type":"text","text":"<!channel> look here"}]}]}
}

// When Slack refuses the blocks of a message, its plain form says the same in the text.
func ExampleMessage_Plain() {
	m := message.NewRenderer(message.Options{}).Closed(message.Closing{
		Key: "done:f1:1", By: "U0BART", Outcome: followup.OutcomeGuideFixed, Note: "Step 3 <rewritten>.",
	})
	fmt.Println(len(m.Blocks), len(m.Plain().Blocks))
	fmt.Println(m.Plain().Text)
	// Output:
	// 1 0
	// <@U0BART> finished this follow-up: Guide fixed.
	// “Step 3 &lt;rewritten&gt;.”
}
