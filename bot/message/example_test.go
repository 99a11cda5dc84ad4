package message_test

import (
	"encoding/json"
	"fmt"
	"os"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// A customer can never ping a channel: in the text the brackets are escaped, in
// the blocks the words stand where Slack parses nothing.
func ExampleSpeaker_Feedback() {
	view := followup.Snapshot{Feedback: feedback.Feedback{
		ID: "f1", Revision: 1, Key: feedback.Key{Kind: feedback.KindSmiley, Channel: feedback.ChannelTicket},
		Answer: feedback.Answer{Rating: feedback.Red.Value(), Comment: "<!channel> look here"},
	}}
	m := message.NewSpeaker(message.Options{}).Feedback(view)
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
