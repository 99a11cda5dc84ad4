package followup_test

import (
	"errors"
	"fmt"
	"time"

	"smileybot/feedback/followup"
)

// Of two people who claim the same follow-up one is refused.
func ExampleFollowUp_Apply() {
	noon := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	due := func(opened time.Time) time.Time { return opened.Add(4 * time.Hour) }
	task, err := followup.FollowUp{}.Apply(followup.Transition{Action: followup.ActionOpen, By: "U1", At: noon}, due)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, user := range []string{"U1", "U2"} {
		var refused *followup.InvalidTransitionError
		task, err = task.Apply(followup.Transition{Action: followup.ActionClaim, By: user, At: noon}, due)
		fmt.Println(task.State, task.Claimer, errors.As(err, &refused))
	}
	// Output:
	// claimed U1 false
	// claimed U1 true
}
