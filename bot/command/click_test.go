package command_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

func TestClicksMoveTheFollowUp(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	press := func(button string, want followup.State) {
		t.Helper()
		woken := s.woken
		s.clicks(bart, id, button)
		assert.Equal(t, want, s.state(id), button)
		assert.Greater(t, s.woken, woken, "the outbox is woken")
		s.show(support, id)
	}
	press(message.ActionID(followup.ActionClaim), followup.StateClaimed)
	assert.Equal(t, bart, s.snapshot(id).FollowUp.Claimer)
	press(message.ActionID(followup.ActionRelease), followup.StateOpen)
	press(message.ActionID(followup.ActionClaim), followup.StateClaimed)

	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	assert.Equal(t, followup.StateClaimed, s.state(id), "nothing is done before the form is sent")
	woken := s.woken
	s.submits(bart, map[string]string{"outcome": "guide_fixed", "note": " Step 3 was wrong. "})
	assert.Greater(t, s.woken, woken)
	f := s.snapshot(id).FollowUp
	assert.Equal(t, followup.StateDone, f.State)
	assert.Equal(t, followup.OutcomeGuideFixed, f.Outcome)
	assert.Equal(t, "Step 3 was wrong.", f.Note)
	assert.Equal(t, bart, f.ChangedBy)
	s.show(support, id)

	press(message.ActionID(followup.ActionReopen), followup.StateOpen)
	s.noReplyTo(bart)
}

func TestFollowUpCanBeOpenedByHand(t *testing.T) {
	s := newFixture(t)
	id := s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
	s.show(support, id)
	s.clicks(lise, id, message.ActionID(followup.ActionOpen))
	assert.Equal(t, followup.StateOpen, s.state(id))
	s.noReplyTo(lise)
}

func TestOneOfTwoConcurrentClaimsWins(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	click := fakeslack.Click{Channel: support, MessageTS: s.shown[id], ActionID: message.ActionID(followup.ActionClaim)}
	var clicks []slack.InteractionCallback
	for _, user := range []string{bart, lise} {
		click.User = user
		clicks = append(clicks, s.pressed(click))
	}
	var both sync.WaitGroup
	for _, c := range clicks {
		both.Go(func() { s.Interaction(context.Background(), c) })
	}
	both.Wait()

	winner := s.snapshot(id).FollowUp.Claimer
	loser := map[string]string{bart: lise, lise: bart}[winner]
	require.NotEmpty(t, loser)
	s.noReplyTo(winner)
	assert.Contains(t, s.replyTo(loser), "<@"+winner+"> already claimed")
	assert.Len(t, s.slack.Ephemerals(loser), 1)
	assert.EqualValues(t, 2, s.snapshot(id).Feedback.Revision, "the edit that is under way refreshes the loser's message too")
}

func TestLateClickChangesNothingAndSaysWhy(t *testing.T) {
	explains := func(s *fixture, id string) {
		s.ingest(storetest.Comment(storetest.Smiley("r-1", feedback.Red, s.clock()), "because", s.clock()))
	}
	for _, row := range []struct {
		name      string
		meanwhile func(s *fixture, id string)
		button    string
		want      followup.State
		reply     string
	}{
		{
			"a second click", func(s *fixture, id string) { s.clicks(bart, id, message.ActionID(followup.ActionClaim)) },
			message.ActionID(followup.ActionClaim), followup.StateClaimed, "You already claimed",
		},
		{
			"after another user's", func(s *fixture, id string) { s.clicks(lise, id, message.ActionID(followup.ActionClaim)) },
			message.ActionID(followup.ActionClaim), followup.StateClaimed, "<@" + lise + "> already claimed",
		},
		{"after the comment", explains, message.ActionID(followup.ActionClaim), followup.StateExplained, "the customer explained"},
		{
			"after a green", func(s *fixture, id string) {
				s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
			}, message.ActionID(followup.ActionFinish), followup.StateWithdrawn, "withdrawn",
		},
		{
			"after it was done", func(s *fixture, id string) {
				s.clicks(lise, id, message.ActionID(followup.ActionFinish))
				s.submits(lise, map[string]string{"outcome": "no_reply"})
			}, message.ActionID(followup.ActionFinish), followup.StateDone, "<@" + lise + "> already finished",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newFixture(t)
			id := s.unhappy()
			row.meanwhile(s, id)
			before, woken := s.snapshot(id), s.woken

			s.clicksOld(bart, id, row.button, 1)
			after := s.snapshot(id)
			assert.Equal(t, row.want, after.FollowUp.State)
			assert.Equal(t, before.FollowUp, after.FollowUp)
			assert.Equal(t, before.Feedback.Revision, after.Feedback.Revision, "the edit that is under way refreshes it")
			assert.Greater(t, s.woken, woken)
			assert.Contains(t, s.replyTo(bart), row.reply)
			assert.Empty(t, s.slack.Views(bart), "no form")
			assert.Len(t, s.slack.Ephemerals(bart), 1)
			assert.Empty(t, s.slack.Ephemerals(lise))
			assert.NotContains(t, s.log.String(), "WARN")
		})
	}
}

func TestClicksOnAnOldCopy(t *testing.T) {
	t.Run("that are harmless count, and the clicker gets a reply", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.ingest(storetest.Smiley("r-1", feedback.Yellow, s.clock().Add(-time.Hour)))
		s.ingest(storetest.Smiley("r-1", feedback.Yellow, s.clock()))
		s.clicks(bart, id, message.ActionID(followup.ActionClaim))
		assert.Equal(t, followup.StateClaimed, s.state(id))
		assert.Contains(t, s.replyTo(bart), "out of date")
		assert.Contains(t, s.replyTo(bart), "counted all the same")

		s.clicks(bart, id, message.ActionID(followup.ActionFinish)) // still the first copy
		assert.Len(t, s.slack.Views(bart), 1)
		assert.Len(t, s.slack.Ephemerals(bart), 2)
	})
	t.Run("never undo what the clicker has not seen", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ActionID(followup.ActionClaim))
		s.show(support, id) // revision 2: claimed by bart
		s.clicks(lise, id, message.ActionID(followup.ActionRelease))
		s.show(support, id)
		s.clicks(lise, id, message.ActionID(followup.ActionClaim))
		s.show(support, id)

		s.clicksOld(bart, id, message.ActionID(followup.ActionRelease), 2)
		assert.Equal(t, lise, s.snapshot(id).FollowUp.Claimer)
		assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already claimed")
		assert.Contains(t, s.replyTo(bart), "changed nothing")

		s.clicksOld(lise, id, message.ActionID(followup.ActionRelease), 2)
		assert.Equal(t, followup.StateOpen, s.state(id), "her own claim she may release")
	})
	t.Run("never reopen", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		e := storetest.Smiley("r-1", feedback.Red, s.clock())
		s.ingest(storetest.Comment(e, "because", s.clock()))
		s.show(support, id)
		s.pass(time.Minute)
		s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
		s.clicks(bart, id, message.ActionID(followup.ActionReopen))
		assert.Equal(t, followup.StateWithdrawn, s.state(id))
		assert.Contains(t, s.replyTo(bart), "the customer is happy now")
	})
}

// TestClickCountsByWhatItsMessageShowed: lise claims, and her message is not edited again. What others
// click on an older copy changes nothing and makes her message no older, so a release of what it shows
// counts.
func TestClickCountsByWhatItsMessageShowed(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(lise, id, message.ActionID(followup.ActionClaim))
	s.show(support, id) // claimed by lise
	claimed := s.snapshot(id).Feedback.Revision
	require.NoError(t, s.store.Edited(t.Context(), id, claimed))
	for range 3 {
		for _, a := range []followup.Action{followup.ActionClaim, followup.ActionFinish} {
			s.clicksOld(bart, id, message.ActionID(a), 1)
			assert.Contains(t, s.replyTo(bart), "<@"+lise+">", a)
		}
	}
	s.clicksOld(bart, id, "feedback_void", 1)
	assert.Contains(t, s.replyTo(bart), "changed nothing")
	assert.Empty(t, s.slack.Views(bart), "no form")
	assert.Equal(t, claimed+1, s.snapshot(id).Feedback.Revision, "refreshed once")
	s.clicksOld(chris, id, message.ActionID(followup.ActionRelease), 2)
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.Contains(t, s.replyTo(chris), "counted all the same")
	assert.Len(t, s.slack.Ephemerals(bart), 7, "one answer a click")
}

// TestBelongs: a claimer who is deactivated, unknown to Slack, or in none of the channels does not belong
// to the team any more. What Slack refuses to say takes nothing from a person.
func TestBelongs(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(s *fixture)
		want   bool
	}{
		{"a member", func(*fixture) {}, true},
		{"a member of the message's channel only", func(s *fixture) { s.slack.Leave(support, bart); s.slack.Join(chat, bart) }, true},
		{"deactivated", func(s *fixture) { s.slack.AddUser(fakeslack.User{ID: bart, Name: bart, Deleted: true}) }, false},
		{"deleted for good", func(s *fixture) {
			s.slack.Fail(fakeslack.Fault{Method: "users.info", Kind: fakeslack.ErrorCode("users_not_found")})
		}, false},
		{"not visible any more", func(s *fixture) {
			s.slack.Fail(fakeslack.Fault{Method: "users.info", Kind: fakeslack.ErrorCode("user_not_visible")})
		}, false},
		{"a guest by now", func(s *fixture) { s.slack.AddUser(fakeslack.User{ID: bart, Restricted: true}) }, false},
		{"left the channels", func(s *fixture) { s.slack.Leave(support, bart) }, false},
		{"members may not be read", func(s *fixture) {
			s.slack.Fail(fakeslack.Fault{Method: "conversations.members", Times: -1, Kind: fakeslack.ErrorCode("missing_scope")})
		}, true},
	} {
		s := newFixture(t)
		test.change(s)
		got, err := s.Belongs(t.Context(), bart, chat)
		require.NoError(t, err, test.name)
		assert.Equal(t, test.want, got, test.name)
	}
	s := newFixture(t)
	s.slack.Fail(fakeslack.Fault{Method: "users.info", Kind: fakeslack.RateLimited(time.Minute)})
	_, err := s.Belongs(t.Context(), bart, "")
	require.ErrorIs(t, err, slackapi.ErrUnavailable)
}

// TestOutdatedForm: a form does not undo what another person does meanwhile, and gives its text back.
func TestOutdatedForm(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.clicks(lise, id, message.ActionID(followup.ActionClaim))
	s.submits(bart, map[string]string{"outcome": "other", "note": "rang him"})
	assert.Equal(t, lise, s.snapshot(id).FollowUp.Claimer)
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already claimed")
	assert.Contains(t, s.replyTo(bart), "rang him")
}

func TestLateFormGivesTheNoteBack(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.ingest(storetest.Comment(storetest.Smiley("r-1", feedback.Red, s.clock()), "because", s.clock()))
	require.Equal(t, followup.StateExplained, s.state(id))
	s.submits(bart, map[string]string{"outcome": "answer_improved"})
	assert.Equal(t, followup.StateDone, s.state(id), "an explained one can be finished")
	s.noReplyTo(bart)
	s.show(support, id)

	s.clicks(bart, id, message.ActionID(followup.ActionReopen))
	s.show(support, id)
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.clicks(lise, id, message.ActionID(followup.ActionFinish))
	s.submits(lise, map[string]string{"outcome": "no_reply", "note": "rang twice"})
	s.submits(bart, map[string]string{"outcome": "other", "note": "<!here> my & work"})
	f := s.snapshot(id).FollowUp
	assert.Equal(t, followup.OutcomeNoReply, f.Outcome)
	assert.Equal(t, "rang twice", f.Note)
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already finished")
	assert.Contains(t, s.replyTo(bart), "&lt;!here&gt; my &amp; work", "the note can be copied")
	blocks := s.slack.Ephemerals(bart)[0].Blocks
	assert.Contains(t, string(blocks), "rich_text_quote")
}

// TestARefusedFormComesBack with what was typed in it, and one press of its button tries again. What cannot
// be tried again can be copied.
func TestARefusedFormComesBack(t *testing.T) {
	open := func(s *fixture) fakeslack.View {
		views := s.slack.Views(bart)
		require.Len(s.tb, views, 1)
		return views[0]
	}
	t.Run("the form", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ActionID(followup.ActionFinish))
		s.clicks(lise, id, message.ActionID(followup.ActionClaim))
		s.submits(bart, map[string]string{"outcome": "bug_reported", "note": "rang him"})
		require.Equal(t, followup.StateClaimed, s.state(id))
		again := string(open(s).Blocks)
		assert.Contains(t, again, lise, "who was quicker")
		assert.Contains(t, again, `"initial_value":"rang him"`)
		assert.Regexp(t, `"initial_option":\{[^]]*"value":"bug_reported"`, again)
		s.submits(bart, map[string]string{"outcome": "bug_reported", "note": "rang him"})
		assert.Equal(t, "rang him", s.snapshot(id).FollowUp.Note)
		assert.Empty(t, s.slack.Views(bart))
	})
	t.Run("a reason", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ModerationID(feedback.ModerationVoid))
		s.clicks(lise, id, message.ActionID(followup.ActionClaim))
		s.submits(bart, map[string]string{"reason": "a test"})
		assert.Contains(t, string(open(s).Blocks), `"initial_value":"a test"`)
		s.submits(bart, map[string]string{"reason": "a test"})
		assert.True(t, s.snapshot(id).Feedback.Voided())
	})
	t.Run("over for good", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ActionID(followup.ActionFinish))
		s.clicks(lise, id, message.ActionID(followup.ActionFinish))
		s.submits(lise, map[string]string{"outcome": "no_reply"})
		s.submits(bart, map[string]string{"outcome": "other", "note": "rang him"})
		v := open(s)
		assert.Contains(t, string(v.Blocks), "rang him")
		assert.NotContains(t, string(v.Blocks), "plain_text_input")
	})
	t.Run("not checked", func(t *testing.T) {
		s := newFixture(t)
		id := s.unhappy()
		s.clicks(bart, id, message.ActionID(followup.ActionFinish))
		s.slack.Leave(support, bart)
		s.pass(2 * time.Minute)
		s.submits(bart, map[string]string{"outcome": "other", "note": "rang him"})
		v := open(s)
		assert.Contains(t, string(v.Blocks), "rang him")
		assert.NotContains(t, string(v.Blocks), "plain_text_input", "nothing of the feedback is shown")
	})
}

func TestLongNoteComesBackWhole(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.clicks(lise, id, message.ActionID(followup.ActionFinish))
	s.submits(lise, map[string]string{"outcome": "no_reply"})
	note := strings.Repeat("&", 3000)
	s.submits(bart, map[string]string{"outcome": "other", "note": note})
	whole := string(s.slack.Ephemerals(bart)[0].Blocks)
	assert.Equal(t, 3000, strings.Count(whole, "&")+strings.Count(whole, `\u0026`))
	assert.Less(t, len(s.replyTo(bart)), 4000)
}

func TestUnknownOutcomeIsExplained(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	view := s.slack.Views(bart)[0]
	payload, err := s.slack.SubmitPayload(fakeslack.Submission{
		ViewID: view.ID, Values: map[string]string{"outcome": "other", "note": "a note"},
	})
	require.NoError(t, err)
	c := parsed(t, []byte(strings.ReplaceAll(string(payload), `"value":"other"`, `"value":"bribed"`)))
	s.Interaction(context.Background(), c)
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.Contains(t, s.replyTo(bart), "do not know that outcome")
	assert.Contains(t, s.replyTo(bart), "a note")

	t.Run("and so is a form without answers", func(t *testing.T) {
		c.View.State = nil
		s.Interaction(context.Background(), c)
		assert.Len(t, s.slack.Ephemerals(bart), 2)
	})
}

func TestOnlyMembersMayClick(t *testing.T) {
	for _, test := range []struct {
		name string
		may  bool
	}{{bart, true}, {leader, true}, {chris, true}, {guest, false}, {visitor, false}, {"U0UNKNOWN", false}} {
		t.Run(test.name, func(t *testing.T) {
			user := test.name
			s := newFixture(t)
			s.slack.Leave(support, chris) // who is in the message's channel
			id := s.ingest(storetest.Smiley("r-1", feedback.Red, s.clock()))
			s.show(chat, id)
			s.presses(fakeslack.Click{User: user, Channel: chat, MessageTS: s.shown[id], ActionID: message.ActionID(followup.ActionClaim)})
			if test.may {
				assert.Equal(t, followup.StateClaimed, s.state(id))
				s.noReplyTo(user)
				return
			}
			assert.Equal(t, followup.StateOpen, s.state(id))
			assert.Contains(t, s.replyTo(user), "Only members of <#"+chat+"> or <#"+support+"> or <#"+lead+">")
		})
	}
}

func TestFormOfAFormerMemberChangesNothing(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	s.slack.Leave(support, bart)
	s.slack.Join(lead, bart)
	s.pass(2 * time.Minute)
	s.slack.Leave(lead, bart)
	s.submits(bart, map[string]string{"outcome": "other", "note": "mine"})
	assert.Equal(t, followup.StateOpen, s.state(id))
}

func TestMembershipIsRememberedForAMinute(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, message.ActionID(followup.ActionClaim))
	s.show(support, id)
	asked := s.calls("users.info") + s.calls("conversations.members")
	s.slack.Leave(support, bart)
	s.pass(59 * time.Second)
	s.clicks(bart, id, message.ActionID(followup.ActionRelease))
	s.show(support, id)
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.Equal(t, asked, s.calls("users.info")+s.calls("conversations.members"))

	s.pass(2 * time.Second)
	s.clicks(bart, id, message.ActionID(followup.ActionClaim))
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.Contains(t, s.replyTo(bart), "Only members")

	asked = s.calls("users.info")
	s.slack.Join(support, bart)
	s.clicks(bart, id, message.ActionID(followup.ActionClaim))
	assert.Equal(t, asked, s.calls("users.info"), "who clicks on and on does not flood Slack")
	s.pass(4 * time.Second)
	s.clicks(bart, id, message.ActionID(followup.ActionClaim))
	assert.Equal(t, followup.StateClaimed, s.state(id), "who has joined may click soon")
}

func TestStrangeInteractionsAreIgnored(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	c := s.pressed(fakeslack.Click{User: bart, Channel: support, MessageTS: s.shown[id], ActionID: message.ActionID(followup.ActionClaim)})

	c.ActionCallback.BlockActions[0].ActionID = "feedback_void"
	s.Interaction(context.Background(), c)
	c.ActionCallback.BlockActions = nil
	s.Interaction(context.Background(), c)
	s.Interaction(context.Background(), slack.InteractionCallback{})
	s.Interaction(context.Background(), slack.InteractionCallback{
		Type: slack.InteractionTypeViewSubmission, View: slack.View{CallbackID: "feedback_void"},
	})
	s.noReplyTo(bart)
	assert.Equal(t, followup.StateOpen, s.state(id))
}

func TestClickOnAnUnknownFeedbackIsExplained(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	c := s.pressed(fakeslack.Click{User: bart, Channel: support, MessageTS: s.shown[id], ActionID: message.ActionID(followup.ActionClaim)})
	c.ActionCallback.BlockActions[0].Value = "gone"
	s.Interaction(context.Background(), c)
	assert.Contains(t, s.replyTo(bart), "feedback is not in my database")
}

func TestClicksOfAnotherWorkspaceAreRefused(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.presses(fakeslack.Click{
		User: bart, Channel: support, MessageTS: s.shown[id], ActionID: message.ActionID(followup.ActionClaim), TeamID: "T0OTHER",
	})
	assert.Equal(t, followup.StateOpen, s.state(id))
	s.noReplyTo(bart)
	require.True(t, errors.Is(s.client.CheckTeam(t.Context(), "T0OTHER"), slackapi.ErrForeign))

	s.clicks(bart, id, message.ActionID(followup.ActionFinish))
	view := s.slack.Views(bart)[0]
	payload, err := s.slack.SubmitPayload(fakeslack.Submission{
		ViewID: view.ID, Values: map[string]string{"outcome": "other"}, TeamID: "T0OTHER",
	})
	require.NoError(t, err)
	s.Interaction(context.Background(), parsed(t, payload))
	assert.Equal(t, followup.StateOpen, s.state(id))
}
