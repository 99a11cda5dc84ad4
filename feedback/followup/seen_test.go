package followup_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// TestOutdated: what a person saw is outdated when another has changed the state or the claimer since.
func TestOutdated(t *testing.T) {
	t.Parallel()
	claimed := followup.FollowUp{State: followup.StateClaimed, Claimer: "U1", ChangedBy: "U1"}
	explained := followup.FollowUp{State: followup.StateExplained, ChangedBy: feedback.ByCustomer}
	for _, test := range []struct {
		name string
		saw  followup.Seen
		now  followup.FollowUp
		want bool
	}{
		{"the present message", followup.Seen{}, claimed, false},
		{"an older one that shows the same", followup.Seen{Revision: 1, State: followup.StateClaimed, Claimer: "U1"}, claimed, false},
		{"another state", followup.Seen{Revision: 1, State: followup.StateOpen}, claimed, true},
		{"another claimer", followup.Seen{Revision: 1, State: followup.StateClaimed, Claimer: "U3"}, claimed, true},
		{"a state that the customer ended", followup.Seen{Revision: 1, State: followup.StateOpen}, explained, true},
		{"the same, seen by a form", followup.Seen{Revision: 1, Form: true, State: followup.StateOpen}, explained, false},
		{"another claimer, seen by a form", followup.Seen{Revision: 1, Form: true, State: followup.StateOpen}, claimed, true},
		{"what the person did last", followup.Seen{Revision: 1, State: followup.StateOpen}, followup.FollowUp{State: followup.StateClaimed, Claimer: "U2", ChangedBy: "U2"}, false},
	} {
		assert.Equal(t, test.want, test.saw.Outdated(test.now, "U2"), test.name)
	}
}
