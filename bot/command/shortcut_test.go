package command_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// cuts chooses a shortcut: of a feedback's message, or the global one without an id.
func (s *fixture) cuts(user, id, callback string) {
	s.tb.Helper()
	c := fakeslack.Shortcut{User: user, CallbackID: callback}
	if id != "" {
		c.Channel, c.MessageTS = support, s.shown[id]
	}
	payload, err := s.slack.ShortcutPayload(c)
	require.NoError(s.tb, err)
	s.Interaction(context.Background(), parsed(s.tb, payload))
}

// ofJan is an unhappy answer of a known customer, in the channel.
func (s *fixture) ofJan() string {
	e := storetest.Smiley("r-jan", feedback.Red, s.clock())
	e.Answer.Customer = feedback.Person{ID: "c-1", Name: "Jan"}
	e.Mentions[feedback.FieldCustomerID], e.Mentions[feedback.FieldCustomerName] = true, true
	id := s.ingest(e)
	s.show(support, id)
	return id
}

func TestShortcutsOfAMessage(t *testing.T) {
	s := newFixture(t)
	id := s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
	s.show(support, id)
	s.cuts(lise, id, "claim_followup")
	assert.Contains(t, s.replyTo(lise), "There is no follow-up here")
	s.show(support, id)
	s.cuts(bart, id, "open_followup")
	assert.Equal(t, followup.StateOpen, s.state(id))
	s.show(support, id)
	s.cuts(bart, id, "claim_followup")
	assert.Equal(t, []any{followup.StateClaimed, bart}, []any{s.state(id), s.snapshot(id).FollowUp.Claimer})
	s.noReplyTo(bart)
	s.show(support, id)
	s.cuts(lise, id, "open_followup")
	assert.Contains(t, s.replyTo(lise), "<@"+bart+"> already claimed")
	s.show(support, id)
	s.clicks(bart, id, "followup_done")
	s.submits(bart, map[string]string{"outcome": "other"})
	s.show(support, id)
	s.cuts(bart, id, "open_followup")
	assert.Equal(t, followup.StateOpen, s.state(id), "opened again")
	s.cuts(visitor, id, "claim_followup")
	assert.Contains(t, s.replyTo(visitor), "Only members of")
}

// TestShortcutOnAnotherMessage: what another posted does nothing, whatever it names, and neither does a list.
func TestShortcutOnAnotherMessage(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	named := `{"type": "actions", "block_id": "feedback:` + id + `:1", "elements": [{"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "x"}}]}`
	list := `{"type": "section", "block_id": "notice:risk:1", "text": {"type": "mrkdwn", "text": "x"}}`
	for _, ts := range []string{
		s.slack.PostAs(support, bart, "hello", ""),
		s.slack.PostCopy(support, bart, []byte("["+named+"]"), nil),
		s.slack.PostCopy(support, "", []byte("["+named+"]"), nil),
		s.slack.PostCopy(support, s.slack.Options().BotUserID, []byte("["+list+","+named+"]"), nil),
	} {
		before := len(s.slack.Ephemerals(bart))
		payload, err := s.slack.ShortcutPayload(fakeslack.Shortcut{User: bart, CallbackID: "claim_followup", Channel: support, MessageTS: ts})
		require.NoError(t, err)
		s.Interaction(context.Background(), parsed(t, payload))
		assert.Equal(t, followup.StateOpen, s.state(id))
		require.Len(t, s.slack.Ephemerals(bart), before+1)
		assert.Contains(t, s.replyTo(bart), "does not show a customer’s answer")
	}
	s.cuts(bart, "", "unknown")
	assert.Empty(t, s.slack.Views(bart))
}

// TestMyFollowUps: the global shortcut lists what waits, the buttons in the list work, and it follows.
func TestMyFollowUps(t *testing.T) {
	s := newFixture(t)
	id := s.ofJan()
	s.cuts(bart, "", "my_followups")
	list := func() fakeslack.View { return s.slack.Views(bart)[0] }
	press := func(button string) {
		t.Helper()
		s.presses(fakeslack.Click{User: bart, ViewID: list().ID, ActionID: button})
	}
	assert.Contains(t, string(list().Blocks), "Not claimed yet: 1")
	press("followup_claim")
	assert.Equal(t, bart, s.snapshot(id).FollowUp.Claimer)
	assert.Contains(t, string(list().Blocks), "Claimed by you: 1")
	press("customer_history")
	require.Len(t, s.slack.Views(bart), 2, "on top of the list")
	assert.Contains(t, string(s.slack.Views(bart)[1].Blocks), "1 answer: 1 red")
	require.NoError(t, s.slack.Answered(s.slack.Views(bart)[1].ID, nil))
	press("followup_done")
	require.Len(t, s.slack.Views(bart), 2)
	s.submits(bart, map[string]string{"outcome": "other"})
	assert.Equal(t, followup.StateDone, s.state(id))
	assert.Contains(t, string(list().Blocks), "Nothing to do")
	s.noReplyTo(bart)
	s.cuts(visitor, "", "my_followups")
	assert.Contains(t, string(s.slack.Views(visitor)[0].Blocks), "Only members of")
}

func TestMenuOfAMessage(t *testing.T) {
	s := newFixture(t)
	id := s.ofJan()
	s.clicks(bart, id, "customer_history")
	assert.Contains(t, s.replyTo(bart), "Jan · 1 answer: 1 red")
	assert.EqualValues(t, 1, s.snapshot(id).Feedback.Revision, "nothing changes")

	s.clicks(bart, id, "followup_snooze")
	s.submits(bart, map[string]string{"until": "1h"})
	f := s.snapshot(id).FollowUp
	assert.Equal(t, []any{followup.StateSnoozed, s.now.Add(time.Hour)}, []any{f.State, f.SnoozedUntil.In(s.now.Location())})
	s.show(support, id)
	s.clicks(bart, id, "followup_assign")
	s.submits(bart, map[string]string{"assignee": lise})
	assert.Equal(t, lise, s.snapshot(id).FollowUp.Claimer)
	s.show(support, id)
	s.clicks(bart, id, "followup_assign")
	s.submits(bart, map[string]string{"assignee": visitor})
	assert.Equal(t, lise, s.snapshot(id).FollowUp.Claimer)
	assert.Contains(t, s.replyTo(bart), "cannot take a follow-up")
}
