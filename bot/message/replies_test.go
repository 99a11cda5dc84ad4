package message_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

func TestStaleClickSaysWhy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wanted  followup.Action
		state   followup.State
		clicker string
		want    string
	}{
		{followup.ActionClaim, followup.StateClaimed, "U0EVA", "<@U0BART> already claimed this follow-up."},
		{followup.ActionClaim, followup.StateClaimed, "U0BART", "You already claimed this follow-up."},
		{followup.ActionFinish, followup.StateDone, "U0EVA", "<@U0BART> already finished this follow-up: Guide fixed."},
		{followup.ActionFinish, followup.StateDone, "U0BART", "You already finished this follow-up: Guide fixed."},
		{followup.ActionClaim, followup.StateExplained, "U0EVA", "This follow-up is closed: the customer explained."},
		{followup.ActionFinish, followup.StateWithdrawn, "U0EVA", "This follow-up was withdrawn: the customer is happy now."},
		{followup.ActionRelease, followup.StateOpen, "U0EVA", "This follow-up is already open: no one has claimed it."},
		{followup.ActionReopen, followup.StateOpen, "U0EVA", "This follow-up is already open."},
		{followup.ActionClaim, followup.StateNone, "U0EVA", "There is no follow-up here."},
	}
	for _, test := range tests {
		t.Run(string(test.wanted)+" "+string(test.state)+" "+test.clicker, func(t *testing.T) {
			t.Parallel()
			answer := english.StaleClick(test.wanted, followup.Snapshot{FollowUp: followUp(test.state)}, test.clicker)
			assert.Equal(t, test.want, answer.Text)
			accepted(t, answer.Blocks)
		})
	}
}

func TestStaleClickOnAVoidFeedback(t *testing.T) {
	t.Parallel()
	void := followup.Snapshot{Feedback: feedback.Feedback{Void: feedback.Void{Reason: "a test"}}, FollowUp: followUp(followup.StateWithdrawn)}
	assert.Equal(t, "This follow-up was withdrawn: the answer is excluded from scores.", english.StaleClick(followup.ActionClaim, void, "U0EVA").Text)
	assert.Equal(t, "Deze follow-up is ingetrokken: het antwoord telt niet mee.", dutch.StaleClick(followup.ActionClaim, void, "U0EVA").Text)
}

func TestStaleClickWithoutAName(t *testing.T) {
	t.Parallel()
	for _, claimer := range []string{"<!channel>", "", feedback.ByCustomer, strings.Repeat("U", 300)} {
		claimed := followup.Snapshot{FollowUp: followup.FollowUp{State: followup.StateClaimed, Claimer: claimer}}
		assert.Equal(t, "Someone already claimed this follow-up.",
			english.StaleClick(followup.ActionClaim, claimed, "U0EVA").Text)
	}
}

// TestSentencesGolden keeps what is said in a sentence or less: after a stale click, about faults and
// words that are not a period, and about the app.
func TestSentencesGolden(t *testing.T) {
	t.Parallel()
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		type saying struct {
			When string `json:"when"`
			Text string `json:"text"`
		}
		var words []saying
		says := func(when, text string) { words = append(words, saying{when, text}) }
		for _, state := range append(followup.States(), followup.StateNone) {
			for _, wanted := range []followup.Action{followup.ActionClaim, followup.ActionRelease} {
				for _, clicker := range []string{"U0BART", "U0EVA"} {
					says(fmt.Sprintf("%s clicks %s on %s", clicker, wanted, cmp.Or(state, "none")), r.StaleClick(wanted, followup.Snapshot{FollowUp: followUp(state)}, clicker).Text)
				}
			}
		}
		for _, reason := range []string{
			"channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "missing_scope", "unreachable", "ratelimited", "panic", "other",
			"restricted_action", "is_frozen", "is_ext_shared", "in_doubt", "waiting",
		} {
			says("remedy: "+reason, r.Remedy(message.Fault{Reason: reason, Channel: "C0SUPPORT"}))
		}
		for _, reason := range []string{
			"invalid_auth", "missing_scope", "unreachable", "ratelimited", "too_many_websockets", "http_404", "bad_handshake", "not_connected", "other",
		} {
			says("remedy for Socket Mode: "+reason, r.Remedy(message.Fault{Reason: reason, Socket: true}))
		}
		for _, reason := range score.QueryReasons() {
			says("no period: "+string(reason), r.NoPeriod(&score.QueryError{Word: "x", Reason: reason}))
			says("not understood: "+string(reason), r.NotUnderstood(&score.QueryError{Word: "x", Reason: reason}, "csat").Text)
		}
		says("not understood: a question for the queue", r.NotUnderstood(&score.QueryError{Word: "x"}, "followups").Text)
		says("not understood: no command", r.NotUnderstood(&score.QueryError{Word: "x"}, "").Text)
		for _, oldest := range []time.Duration{time.Hour, 47 * time.Hour, 100 * time.Hour} {
			says("behind for "+oldest.String(), r.SelfCheck(message.Health{Pending: 1234, Oldest: oldest}).Text)
		}
		says("behind by one", r.SelfCheck(message.Health{Pending: 1, Oldest: time.Minute}).Text)
		short, long := r.App()
		says("the app, short", short)
		says("the app, long", long)
		golden(t, r, "words", words)
	})
}
