package command_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

func TestRefusedBlocksAreSentAsText(t *testing.T) {
	for _, test := range []struct {
		name string
		kind fakeslack.Kind
	}{
		{"200", fakeslack.ErrorCode("invalid_blocks")},
		{"404", fakeslack.Status(http.StatusNotFound)},
	} {
		t.Run("response_url "+test.name, func(t *testing.T) {
			s := newFixture(t)
			s.answers(feedback.KindNPS, 9, 10, s.clock())
			s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: test.kind})
			s.types(bart, lobby, "/nps", "share")
			messages := s.slack.Messages(lobby)
			require.Len(t, messages, 1)
			assert.True(t, strings.HasPrefix(messages[0].Text, "NPS"))
			assert.Empty(t, messages[0].Blocks)
			assert.Equal(t, 2, s.calls("response_url"))
		})
	}
	t.Run("chat.postEphemeral", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ActionID(followup.ActionFinish))
		s.clicks(lise, id, message.ActionID(followup.ActionFinish))
		s.submits(lise, map[string]string{"outcome": "no_reply"})
		s.slack.Fail(fakeslack.Fault{Method: "chat.postEphemeral", Kind: fakeslack.ErrorCode("invalid_blocks")})
		s.submits(bart, map[string]string{"outcome": "other", "note": "my note"})
		assert.Contains(t, s.replyTo(bart), "my note")
		assert.Empty(t, s.slack.Ephemerals(bart)[0].Blocks)
	})
}

// TestAnswersSurviveOneFailure: an answer is sent once more, unless others may have seen it.
func TestAnswersSurviveOneFailure(t *testing.T) {
	for _, test := range []struct {
		name   string
		kind   fakeslack.Kind
		share  string
		calls  int
		waited time.Duration
	}{
		{"500", fakeslack.Status(500), "", 2, time.Second},
		{"502 after it was shown", fakeslack.StatusAfter(502), "", 2, time.Second},
		{"cut", fakeslack.CutBefore(), "", 2, time.Second},
		{"429", fakeslack.RateLimited(20 * time.Second), "", 2, 20 * time.Second},
		{"429 for too long", fakeslack.RateLimited(15 * time.Minute), "", 1, 0},
		{"500, shared and shown", fakeslack.StatusAfter(500), "share", 2, 0}, // to the asker, that it may be missing
		{"500, shared", fakeslack.Status(500), "share", 2, 0},
		{"cut, shared and shown", fakeslack.CutAfter(), "share", 2, 0},
		{"429, shared", fakeslack.RateLimited(2 * time.Second), "share", 2, 2 * time.Second},
		{"refused", fakeslack.ErrorCode("expired_url"), "", 2, 0}, // once more, as text
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFixture(t)
			s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: test.kind})
			began := time.Now()
			s.types(bart, lobby, "/nps", test.share)
			assert.Equal(t, test.waited, time.Since(began), test.name)
			assert.Equal(t, test.calls, s.calls("response_url"), test.name)
			shown := len(s.slack.Messages(lobby)) + len(s.slack.Ephemerals(bart))
			assert.LessOrEqual(t, len(s.slack.Messages(lobby)), 1, test.name)
			if test.share != "" && test.waited == 0 {
				assert.Contains(t, s.replyTo(bart), "did not say whether the answer is in the channel", test.name)
			}
			if test.calls == 2 {
				assert.Positive(t, shown, test.name)
				return
			}
			assert.LessOrEqual(t, shown, 1, test.name)
			assert.Contains(t, s.log.String(), "could not send an answer to slack", test.name)
			assert.NotContains(t, s.log.String(), "https://slack.fake/response", "the address is a secret")
		})
	}
}

// TestNoteSurvivesAFailure: the message with which a note comes back is sent once more.
func TestNoteSurvivesAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ActionID(followup.ActionFinish))
		s.clicks(lise, id, message.ActionID(followup.ActionClaim))
		s.slack.Fail(fakeslack.Fault{Method: "chat.postEphemeral", Kind: fakeslack.Status(503)})
		s.submits(bart, map[string]string{"outcome": "other", "note": "my note"})
		assert.Contains(t, s.replyTo(bart), "my note")
	})
}

func TestFormAnswerFollowsThePersonToAChannelTheyAreIn(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(leader, id, message.ActionID(followup.ActionFinish)) // who is in the lead channel only
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.submits(bart, map[string]string{"outcome": "no_reply"})
	s.submits(leader, map[string]string{"outcome": "other", "note": "my note"})
	require.Len(t, s.slack.Ephemerals(leader), 1)
	assert.Equal(t, lead, s.slack.Ephemerals(leader)[0].Channel)
	assert.Contains(t, s.replyTo(leader), "my note")
}

func TestUserSlackCannotCheckIsAskedToTryAgain(t *testing.T) {
	for _, method := range []string{"auth.test", "users.info", "conversations.members"} {
		t.Run(method, func(t *testing.T) {
			s := newFixture(t)
			id := s.unhappy()
			s.slack.Fail(fakeslack.Fault{Method: method, Times: -1, Kind: fakeslack.Status(http.StatusServiceUnavailable)})
			s.clicks(bart, id, message.ActionID(followup.ActionClaim))
			s.types(bart, lobby, "/followups", "")
			assert.Equal(t, followup.StateOpen, s.state(id))
			require.Len(t, s.slack.Ephemerals(bart), 2)
			for _, reply := range s.slack.Ephemerals(bart) {
				assert.Contains(t, reply.Text, "could not check with Slack")
			}

			s.slack.Heal()
			s.clicks(bart, id, message.ActionID(followup.ActionClaim))
			assert.Equal(t, followup.StateClaimed, s.state(id), "at once, when Slack is back")
		})
	}
	t.Run("one channel is enough", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.slack.Fail(fakeslack.Fault{Method: "conversations.members", Channel: support, Times: -1, Kind: fakeslack.ErrorCode("channel_not_found")})
		s.clicks(leader, id, message.ActionID(followup.ActionClaim))
		assert.Equal(t, followup.StateClaimed, s.state(id))
	})
	t.Run("a scope is missing", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.slack.Fail(fakeslack.Fault{Method: "conversations.members", Times: -1, Kind: fakeslack.ErrorCode("missing_scope")})
		s.clicks(bart, id, message.ActionID(followup.ActionClaim))
		assert.Contains(t, s.replyTo(bart), "update the app from 'smileybot manifest'")
	})
	t.Run("a guest is a guest", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.slack.Fail(fakeslack.Fault{Method: "conversations.members", Times: -1, Kind: fakeslack.Status(500)})
		s.clicks(guest, id, message.ActionID(followup.ActionClaim))
		assert.Contains(t, s.replyTo(guest), "Only members")
	})
}

func TestSlowSlackIsNotWaitedFor(t *testing.T) {
	for _, method := range []string{"auth.test", "users.info", "conversations.members"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFixture(t, func(o *command.Options) { o.Now = time.Now })
				id := s.unhappy()
				s.slack.Fail(fakeslack.Fault{Method: method, Times: -1, Kind: fakeslack.Hang()})
				began := time.Now()
				s.clicks(bart, id, message.ActionID(followup.ActionClaim))
				assert.LessOrEqual(t, time.Since(began), 3*time.Second)
				assert.Contains(t, s.replyTo(bart), "could not check with Slack")

				began = time.Now()
				s.types(bart, lobby, "/followups", "")
				assert.LessOrEqual(t, time.Since(began), 3*time.Second)
				assert.Len(t, s.slack.Ephemerals(bart), 2)

				s.slack.Heal()
				s.clicks(bart, id, message.ActionID(followup.ActionClaim))
				assert.Equal(t, followup.StateClaimed, s.state(id))
			})
		})
	}
	t.Run("response_url", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newFixture(t, func(o *command.Options) { o.Now = time.Now })
			s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: fakeslack.Hang()})
			began := time.Now()
			s.types(bart, lobby, "/nps", "month")
			assert.Equal(t, 9*time.Second, time.Since(began), "once more after a second")
			assert.Len(t, s.slack.Ephemerals(bart), 1)
		})
	})
}

func TestFormThatSlackDoesNotOpen(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.slack.Fail(fakeslack.Fault{Method: "views.open", Kind: fakeslack.ErrorCode("expired_trigger_id")})
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	assert.Contains(t, s.replyTo(bart), "did not open the form")
}

func TestStoreThatIsAway(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	c := s.pressed(fakeslack.Click{User: bart, Channel: support, MessageTS: s.shown[id], ActionID: message.ActionID(followup.ActionClaim)})
	require.NoError(t, s.store.Close())

	s.types(bart, lobby, "/nps", "month share")
	assert.Contains(t, s.replyTo(bart), "try again")
	assert.Empty(t, s.slack.Messages(lobby), "trouble is never shared")
	s.types(bart, lobby, "/followups", "")
	s.Interaction(context.Background(), c)
	s.submits(bart, map[string]string{"outcome": "other", "note": "my note"})
	assert.Len(t, s.slack.Ephemerals(bart), 4)
	assert.Contains(t, s.replyTo(bart), "my note")
}

// TestNothingPrivateIsLogged goes through all that can be logged, with words
// that must not be.
func TestNothingPrivateIsLogged(t *testing.T) {
	const secret = "hunter2"
	s := newFixture(t)
	e := storetest.With(storetest.Smiley("r-1", feedback.Red, s.clock()), secret)
	e.Answer.Customer = feedback.Person{Name: secret, Email: secret + "@example.org"}
	e.Mentions[feedback.FieldCustomerName], e.Mentions[feedback.FieldCustomerEmail] = true, true
	id := s.ingest(e)
	s.show(support, id)
	s.clicks(bart, id, message.ActionID(followup.ActionOpen))
	s.show(support, id)
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.clicks(lise, id, message.ActionID(followup.ActionFinish))
	s.submits(lise, map[string]string{"outcome": "other", "note": secret})
	for _, kind := range []fakeslack.Kind{
		fakeslack.ErrorCode("invalid_blocks"), fakeslack.Status(500), fakeslack.CutAfter(), fakeslack.ErrorCode(secret[:2]),
	} {
		s.slack.Fail(fakeslack.Fault{Times: -1, Kind: kind})
		s.types(bart, lobby, "/nps", secret)
		s.types(bart, lobby, "/"+secret, secret)
		s.types(bart, lobby, "/followups", secret)
		s.types(lise, lobby, "/followups", "")
		s.clicksOld(bart, id, message.ActionID(followup.ActionOpen), 1)
		s.slack.Heal()
	}
	s.slack.Fail(fakeslack.Fault{Method: "chat.postEphemeral", Times: -1, Kind: fakeslack.Status(500)})
	s.submits(bart, map[string]string{"outcome": "other", "note": secret})
	s.Interaction(context.Background(), slack.InteractionCallback{
		ActionCallback: slack.ActionCallbacks{BlockActions: []*slack.BlockAction{{ActionID: strings.Repeat("x", 500)}}},
	})
	log := s.log.String()
	assert.NotEmpty(t, log)
	assert.NotContains(t, log, secret)
	assert.NotContains(t, log, "/response/")
	assert.NotContains(t, log, s.slack.Options().BotToken)
	assert.NotContains(t, log, strings.Repeat("x", 100))
}

func TestCommandsAreMeasured(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	for _, name := range []string{"/nps", "/csat", "/smileys", "/followups", "/smileybot", "/cesar", "/whatever"} {
		s.types(bart, lobby, name, "")
	}
	s.types(bart, lobby, "/smileybot", "nps month")
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.submits(bart, map[string]string{"outcome": "other"})
	families, err := s.registry.Gather()
	require.NoError(t, err)
	counted := make(map[string]uint64)
	for _, family := range families {
		if family.GetName() != "smileybot_command_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			counted[m.GetLabel()[0].GetValue()] = m.GetHistogram().GetSampleCount()
		}
	}
	assert.Equal(t, map[string]uint64{
		"nps": 2, "csat": 1, "smileys": 1, "followups": 1, "smileybot": 1, "click": 1, "submit": 1, "other": 2,
	}, counted)
	problems, err := testutil.GatherAndLint(s.registry)
	require.NoError(t, err)
	assert.Empty(t, problems)
}
