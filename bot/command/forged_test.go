package command_test

import (
	"context"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// buttons are all actions, each with a feedback that allows it, whose message is in a channel.
func buttons() []struct {
	name  string
	ready func(s *fixture, channel string) (id string)
	fills map[string]string // the form, if there is one
} {
	red := func(s *fixture, channel string) string {
		id := s.ingest(storetest.Smiley("r-1", feedback.Red, s.clock()))
		s.show(channel, id)
		return id
	}
	after := func(s *fixture, channel, id, button string) string {
		s.presses(fakeslack.Click{User: leader, Channel: channel, MessageTS: s.shown[id], ActionID: button})
		return id
	}
	return []struct {
		name  string
		ready func(s *fixture, channel string) (id string)
		fills map[string]string
	}{
		{"followup_open", func(s *fixture, channel string) string {
			id := s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
			s.show(channel, id)
			return id
		}, nil},
		{"followup_claim", red, nil},
		{"followup_release", func(s *fixture, channel string) string {
			id := after(s, channel, red(s, channel), "followup_claim")
			s.show(channel, id)
			return id
		}, nil},
		{"followup_snooze", red, map[string]string{"until": "1h"}},
		{"followup_assign", red, map[string]string{"assignee": bart}},
		{"followup_done", red, map[string]string{"outcome": "other", "note": "a note"}},
		{"followup_reopen", func(s *fixture, channel string) string {
			id := s.ingest(storetest.Smiley("r-1", feedback.Red, s.clock()))
			s.ingest(storetest.Comment(storetest.Smiley("r-1", feedback.Red, s.clock()), "because", s.clock()))
			s.show(channel, id)
			return id
		}, nil},
		{"feedback_confirm", func(s *fixture, channel string) string {
			s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
			id := s.ingest(storetest.Smiley("r-1", feedback.Red, s.clock().Add(2*time.Second)))
			s.show(channel, id)
			return id
		}, nil},
		{"feedback_void", red, map[string]string{"reason": "a test"}},
		{"feedback_restore", func(s *fixture, channel string) string {
			id := after(s, channel, red(s, channel), "feedback_void")
			s.submits(leader, map[string]string{"reason": "a test"})
			s.show(channel, id)
			return id
		}, nil},
	}
}

// press is a click of a leader on a button, as Slack sends it.
func (s *fixture) press(channel, id, button string) slack.InteractionCallback {
	s.tb.Helper()
	return s.pressed(fakeslack.Click{User: leader, Channel: channel, MessageTS: s.shown[id], ActionID: button})
}

// forgeries say of a click that it happened in another channel than the message's.
func forgeries() []struct {
	name  string
	forge func(c *slack.InteractionCallback)
} {
	inLobby := func(c *slack.InteractionCallback) {
		c.Channel.ID, c.Container.ChannelID = lobby, lobby
	}
	return []struct {
		name  string
		forge func(c *slack.InteractionCallback)
	}{
		{"another channel", inLobby},
		{"another channel's container", func(c *slack.InteractionCallback) { c.Channel.ID, c.Container.ChannelID = "", lobby }},
		{"another message", func(c *slack.InteractionCallback) {
			inLobby(c)
			c.MessageTs, c.Message.Timestamp, c.Container.MessageTs = "1.000001", "1.000001", "1.000001"
		}},
		{"no channel", func(c *slack.InteractionCallback) { c.Channel.ID, c.Container.ChannelID = "", "" }},
	}
}

// TestAClickCannotNameItsChannel: for every button the channel in which the message is decides who may
// act. A click that says it happened where its user is a member changes nothing.
func TestAClickCannotNameItsChannel(t *testing.T) {
	for _, button := range buttons() {
		t.Run(button.name, func(t *testing.T) {
			s := newFixture(t)
			id := button.ready(s, support)
			before := s.snapshot(id)
			asks := []slack.InteractionCallback{s.press(support, id, button.name)}
			if button.fills != nil {
				form := s.form(support, id, button.name, button.fills)
				form.View.PrivateMetadata = id + " " + lobby
				asks = append(asks, form)
			}
			for _, c := range asks {
				for _, forgery := range forgeries() {
					c.User.ID = visitor
					forgery.forge(&c)
					s.Interaction(context.Background(), c)
					assert.Equal(t, before, s.snapshot(id), "%s %s", c.Type, forgery.name)
					assert.Empty(t, s.slack.Views(visitor))
				}
			}
		})
	}
}

// form opens the form of a button for a leader, and returns it filled in.
func (s *fixture) form(channel, id, button string, fills map[string]string) slack.InteractionCallback {
	s.tb.Helper()
	s.Interaction(context.Background(), s.press(channel, id, button))
	views := s.slack.Views(leader)
	require.NotEmpty(s.tb, views)
	payload, err := s.slack.SubmitPayload(fakeslack.Submission{ViewID: views[len(views)-1].ID, Values: fills})
	require.NoError(s.tb, err)
	return parsed(s.tb, payload)
}

// TestAClickCountsWhereTheMessageIs: a member of the message's channel may use every button, whatever
// the click says of the channel.
func TestAClickCountsWhereTheMessageIs(t *testing.T) {
	for i, button := range buttons() {
		forgery := forgeries()[i%len(forgeries())]
		t.Run(button.name+"/"+forgery.name, func(t *testing.T) {
			s := newFixture(t)
			s.slack.Leave(support, chris) // who is in the message's channel
			id := button.ready(s, chat)
			before := s.snapshot(id)
			c := s.press(chat, id, button.name)
			if button.fills != nil {
				c = s.form(chat, id, button.name, button.fills)
			}
			c.User.ID = chris
			forgery.forge(&c)
			s.Interaction(context.Background(), c)
			assert.NotEqual(t, before, s.snapshot(id))
		})
	}
}

// TestForgedValuesChangeNothing: what no button, option or form of ours holds is refused, also from a
// member.
func TestForgedValuesChangeNothing(t *testing.T) {
	press := func(button string, forge func(a *slack.BlockAction)) func(s *fixture, id string) slack.InteractionCallback {
		return func(s *fixture, id string) slack.InteractionCallback {
			c := s.press(support, id, button)
			forge(c.ActionCallback.BlockActions[0])
			return c
		}
	}
	fill := func(button string, fills map[string]string, forge func(v *slack.View)) func(s *fixture, id string) slack.InteractionCallback {
		return func(s *fixture, id string) slack.InteractionCallback {
			c := s.form(support, id, button, fills)
			forge(&c.View)
			return c
		}
	}
	old := func(list string, forge func(a *slack.BlockAction)) func(s *fixture, id string) slack.InteractionCallback {
		return press("feedback_void", func(a *slack.BlockAction) { // as if it were the select of a former version
			a.ActionID, a.SelectedOption.Value = list, ""
			forge(a)
		})
	}
	done := map[string]string{"outcome": "other", "note": "a note"}
	snooze := map[string]string{"until": "1h"}
	for _, row := range []struct {
		name string
		asks func(s *fixture, id string) slack.InteractionCallback
	}{
		{"a time that is no option", old("followup_snooze", func(a *slack.BlockAction) { a.SelectedOption.Value = "8760h" })},
		{"no time", old("followup_snooze", func(a *slack.BlockAction) { a.SelectedOption.Value = "" })},
		{"a person of another channel", old("followup_assign", func(a *slack.BlockAction) { a.SelectedUser = visitor })},
		{"a guest", old("followup_assign", func(a *slack.BlockAction) { a.SelectedUser = guest })},
		{"no person", old("followup_assign", func(a *slack.BlockAction) { a.SelectedUser = "" })},
		{"a person that is markup", old("followup_assign", func(a *slack.BlockAction) { a.SelectedUser = "<!channel>" })},
		{"an unknown feedback", press("followup_claim", func(a *slack.BlockAction) { a.Value = "f-none" })},
		{"an unknown feedback in a select", old("followup_snooze", func(a *slack.BlockAction) { a.BlockID = "feedback:f-none:1" })},
		{"a block of nothing", old("followup_snooze", func(a *slack.BlockAction) { a.BlockID = "feedback::" })},
		{"another key of the outbox", press("followup_claim", func(a *slack.BlockAction) { a.Value = "digest:2026-11-16" })},
		{"an action of nobody", press("followup_claim", func(a *slack.BlockAction) { a.ActionID = "followup_delete" })},
		{"an outcome that is no option", fill("followup_done", done, func(v *slack.View) {
			input := v.State.Values["outcome"]["outcome"]
			input.SelectedOption.Value = "bribed"
			v.State.Values["outcome"]["outcome"] = input
		})},
		{"the form of another feedback", fill("followup_done", done, func(v *slack.View) { v.PrivateMetadata = "f-none C0SUPPORT" })},
		{"the form of nothing", fill("followup_done", done, func(v *slack.View) { v.PrivateMetadata = "" })},
		{"a form for a button without one", fill("followup_done", done, func(v *slack.View) { v.CallbackID = "followup_claim" })},
		{"a form with a time that is no option", fill("followup_snooze", snooze, func(v *slack.View) {
			input := v.State.Values["until"]["until"]
			input.SelectedOption.Value = "8760h"
			v.State.Values["until"]["until"] = input
		})},
		{"a hand-over without a person", fill("followup_assign", map[string]string{"assignee": bart}, func(v *slack.View) { v.State.Values = nil })},
		{"a menu's entry of nobody", press("feedback_void", func(a *slack.BlockAction) { a.SelectedOption.Value = "followup_delete" })},
		{"a menu's entry of nothing", press("feedback_void", func(a *slack.BlockAction) { a.SelectedOption.Value = "" })},
		{"a void without a reason", fill("followup_done", done, func(v *slack.View) {
			v.CallbackID, v.State.Values = "feedback_void", nil
		})},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newFixture(t)
			id := s.unhappy()
			c := row.asks(s, id)
			before := s.snapshot(id)
			s.Interaction(context.Background(), c)
			after := s.snapshot(id)
			after.Feedback.Revision = before.Feedback.Revision // its message may be shown again
			assert.Equal(t, before, after)
		})
	}
}

// TestAClickCannotTakeAnothersRevision: a click whose value and block name two feedbacks counts as
// outdated, so that it undoes nothing.
func TestAClickCannotTakeAnothersRevision(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(lise, id, "followup_claim")
	s.show(support, id)
	c := s.pressed(fakeslack.Click{User: bart, Channel: support, MessageTS: s.shown[id], ActionID: "followup_release"})
	c.ActionCallback.BlockActions[0].BlockID = "feedback:f-other:2"
	s.Interaction(context.Background(), c)
	assert.Equal(t, followup.StateClaimed, s.state(id))
	assert.Equal(t, lise, s.snapshot(id).FollowUp.Claimer)
}
