package feedback_test

import (
	"fmt"
	"time"

	"smileybot/feedback"
)

// A comment that arrives later is added to the rating, and an older rating changes nothing.
func ExampleMerge() {
	noon := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	key := feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley, ID: "reply-88213"}
	var known *feedback.Feedback
	for _, e := range []feedback.Event{
		{
			Key: key, OccurredAt: noon,
			Answer:   feedback.Answer{Rating: feedback.Red.Value()},
			Mentions: map[feedback.Field]bool{feedback.FieldRating: true},
		},
		{
			Key: key, OccurredAt: noon.Add(time.Minute),
			Answer:   feedback.Answer{Comment: "Step 3 is wrong."},
			Mentions: map[feedback.Field]bool{feedback.FieldComment: true},
		},
		{
			Key: key, OccurredAt: noon.Add(-time.Hour),
			Answer:   feedback.Answer{Rating: feedback.Green.Value()},
			Mentions: map[feedback.Field]bool{feedback.FieldRating: true},
		},
	} {
		merged, err := feedback.Merge(known, e, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		known = &merged.After
		fmt.Printf("%s: %s, %q\n", merged.Result, known.Colour(), known.Comment)
	}
	// Output:
	// created: red, ""
	// updated: red, "Step 3 is wrong."
	// stale: red, "Step 3 is wrong."
}
