package message_test

import (
	"testing"
	"time"

	"smileybot/bot/message"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// TestWordsGolden keeps what is said in a sentence or less: to late clickers, about
// faults, periods that are none, and by the app of itself.
func TestWordsGolden(t *testing.T) {
	t.Parallel()
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		words := make(map[string]string)
		for _, state := range append(followup.States(), followup.StateNone) {
			for _, wanted := range []followup.Action{followup.ActionClaim, followup.ActionRelease} {
				for clicker, who := range map[string]string{"U0BART": "by you", "U0EVA": "by another"} {
					words["late: "+string(wanted)+" on "+string(state)+", "+who] = s.Late(wanted, followup.Snapshot{FollowUp: followUp(state)}, clicker).Text
				}
			}
		}
		for _, reason := range []string{
			"channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "missing_scope", "unreachable", "ratelimited", "panic", "other",
		} {
			words["cure: "+reason] = s.Cure(message.Fault{Reason: reason, Channel: "C0SUPPORT"})
		}
		for _, reason := range []string{
			"invalid_auth", "missing_scope", "unreachable", "ratelimited", "too_many_websockets", "http_404", "bad_handshake", "not_connected", "other",
		} {
			words["cure of Socket Mode: "+reason] = s.Cure(message.Fault{Reason: reason, Socket: true})
		}
		for _, reason := range []score.QueryReason{
			score.ReasonUnknown, score.ReasonNoDate, score.ReasonNoWeek, score.ReasonFuture, score.ReasonBackwards, score.ReasonLength,
			score.ReasonNoChannel, score.ReasonNoAgent,
		} {
			words["no period: "+string(reason)] = s.NoPeriod(&score.QueryError{Word: "x", Reason: reason})
			words["not understood: "+string(reason)] = s.NotUnderstood("x", reason, "csat").Text
		}
		words["not understood: a question for the queue"] = s.NotUnderstood("x", "", "followups").Text
		words["not understood: no command"] = s.NotUnderstood("x", "", "").Text
		for age, oldest := range map[string]time.Duration{"minutes": time.Hour, "hours": 47 * time.Hour, "days": 100 * time.Hour} {
			words["behind for "+age] = s.SelfCheck(message.Health{Pending: 1234, Oldest: oldest}).Text
		}
		words["behind by one"] = s.SelfCheck(message.Health{Pending: 1, Oldest: time.Minute}).Text
		words["app, short"], words["app, long"] = s.App()
		golden(t, s, "words", words)
	})
}
