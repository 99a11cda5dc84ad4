package command_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

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

// chooses picks something from a select, as the messages of former versions have them.
func (s *fixture) chooses(user, id, list, value string) {
	s.tb.Helper()
	s.Interaction(context.Background(), s.choice(user, id, list, value))
}

func (s *fixture) choice(user, id, list, value string) slack.InteractionCallback {
	s.tb.Helper()
	c := s.pressed(fakeslack.Click{User: user, Channel: support, MessageTS: s.shown[id], ActionID: "feedback_void"})
	picked := c.ActionCallback.BlockActions[0]
	picked.ActionID, picked.SelectedOption.Value = list, ""
	if list == "followup_assign" {
		picked.SelectedUser = value
	} else {
		picked.SelectedOption.Value = value
	}
	return c
}

func TestSnoozeKeepsTheClaimerUntilTheChosenTime(t *testing.T) {
	amsterdam := storetest.Options(t).Location
	for _, test := range []struct{ name, want string }{
		{"1h", "Fri 14:00"},
		{"4h", "Fri 17:00"},
		{"tomorrow", "Mon 09:00"},
		{"monday", "Mon 09:00"},
	} {
		s := newFixture(t)
		s.now = time.Date(2026, 11, 20, 13, 0, 0, 0, amsterdam)
		id := s.unhappy()
		s.clicks(bart, id, "followup_claim")
		s.show(support, id)
		woken := s.woken
		s.chooses(bart, id, "followup_snooze", test.name)
		f := s.snapshot(id).FollowUp
		assert.Equal(t, followup.StateSnoozed, f.State, test.name)
		assert.Equal(t, bart, f.Claimer, test.name)
		assert.Equal(t, test.want, f.SnoozedUntil.In(amsterdam).Format("Mon 15:04"), test.name)
		assert.Greater(t, s.woken, woken)
		s.noReplyTo(bart)
		s.show(support, id)
		s.clicks(lise, id, "followup_claim")
		assert.Equal(t, []any{followup.StateClaimed, lise}, []any{s.state(id), s.snapshot(id).FollowUp.Claimer})
	}
}

func TestOutdatedSnoozeChangesNothing(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	c := s.choice(bart, id, "followup_snooze", "1h")
	s.clicks(lise, id, "followup_claim")
	s.Interaction(context.Background(), c)
	assert.Equal(t, []any{followup.StateClaimed, lise}, []any{s.state(id), s.snapshot(id).FollowUp.Claimer}, "not put away unseen")
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already claimed")
	assert.Contains(t, s.replyTo(bart), "changed nothing")
	c.ActionCallback.BlockActions[0].SelectedOption.Value = "never"
	c.ActionCallback.BlockActions[0].BlockID = fmt.Sprintf("feedback:%s:%d", id, s.snapshot(id).Feedback.Revision)
	s.Interaction(context.Background(), c)
	assert.Equal(t, followup.StateClaimed, s.state(id))
	assert.Contains(t, s.replyTo(bart), "I do not know that time")
}

func TestHandOverGoesToMembersOnly(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.chooses(bart, id, "followup_assign", lise)
	f := s.snapshot(id).FollowUp
	assert.Equal(t, []any{followup.StateClaimed, lise, bart}, []any{f.State, f.Claimer, f.ChangedBy})
	s.noReplyTo(bart)
	s.show(support, id)
	s.chooses(bart, id, "followup_assign", lise)
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already has this follow-up")
	s.show(support, id)
	for _, nobody := range []string{guest, visitor, s.slack.Options().BotUserID, "U0NONE"} {
		c := s.choice(lise, id, "followup_assign", bart)
		c.ActionCallback.BlockActions[0].SelectedUser = nobody
		s.Interaction(context.Background(), c)
		assert.Equal(t, lise, s.snapshot(id).FollowUp.Claimer)
		assert.Contains(t, s.replyTo(lise), "<@"+nobody+"> cannot take a follow-up", nobody)
	}
}

// TestHandOverLeavesAnUnseenClaim checks that a follow-up that another user has claimed since is not
// handed over.
func TestHandOverLeavesAnUnseenClaim(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	c := s.choice(bart, id, "followup_assign", lise)
	s.clicks(chris, id, "followup_claim")
	s.Interaction(context.Background(), c)
	assert.Equal(t, chris, s.snapshot(id).FollowUp.Claimer)
	assert.Contains(t, s.replyTo(bart), "<@"+chris+"> already claimed")
}

// A meanwhile is a transport on which something happens while Slack is asked who a user is.
type meanwhile struct {
	http.RoundTripper
	user    string
	happens func()
}

func (m *meanwhile) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasSuffix(r.URL.Path, "users.info") && strings.Contains(string(body), m.user) {
		m.happens()
	}
	return m.RoundTripper.RoundTrip(r)
}

// TestHandOverWhileSlackIsAsked checks that a hand-over does not undo what others do while Slack is
// asked who the new claimer is, and that it follows what the clicker did.
func TestHandOverWhileSlackIsAsked(t *testing.T) {
	step := func(by string, a followup.Action, to string) func(*fixture, string) {
		return func(s *fixture, id string) {
			_, err := s.store.ApplyTransition(s.tb.Context(), id, followup.Transition{Action: a, By: by, To: to, At: s.now})
			require.NoError(s.tb, err)
		}
	}
	for _, test := range []struct {
		name    string
		happens func(*fixture, string)
		claimer string
		reply   string
	}{
		{"nothing", func(*fixture, string) {}, lise, ""},
		{"another user's claim", step(bart, followup.ActionClaim, ""), bart, "<@" + bart + "> already claimed"},
		{"another hand-over", step(lise, followup.ActionAssign, bart), bart, "<@" + bart + "> already claimed"},
		{"their own claim", step(chris, followup.ActionClaim, ""), lise, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			way := &meanwhile{user: lise}
			s := newFixture(t, func(o *command.Options) { o.Slack = clientOver(way) })
			way.RoundTripper = s.slack.Transport()
			id := s.unhappy()
			way.happens = func() { test.happens(s, id) }
			s.chooses(chris, id, "followup_assign", lise)
			assert.Equal(t, test.claimer, s.snapshot(id).FollowUp.Claimer)
			if test.reply == "" {
				s.noReplyTo(chris)
			} else {
				assert.Contains(t, s.replyTo(chris), test.reply)
			}
		})
	}
}

func TestVoidNeedsTheFormAndRestoreDoesNot(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, "feedback_void")
	assert.False(t, s.snapshot(id).Feedback.Voided(), "nothing happens before the form is sent")
	s.submits(bart, map[string]string{"reason": " A test of ours. "})
	c := s.snapshot(id)
	assert.Equal(t, []string{"A test of ours.", bart}, []string{c.Feedback.Void.Reason, c.Feedback.Void.By})
	assert.Equal(t, followup.StateWithdrawn, c.FollowUp.State)
	s.show(support, id)
	s.clicks(lise, id, "feedback_restore")
	assert.Equal(t, []any{false, followup.StateOpen}, []any{s.snapshot(id).Feedback.Voided(), s.state(id)})
	s.noReplyTo(bart)
	s.noReplyTo(lise)
}

// TestSecondVoidGetsItsReasonBack checks that of two users with the form open one wins, and that the
// other gets the reason back.
func TestSecondVoidGetsItsReasonBack(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, "feedback_void")
	s.clicks(lise, id, "feedback_void")
	s.submits(lise, map[string]string{"reason": "mine"})
	s.submits(bart, map[string]string{"reason": "his <own>"})
	assert.Equal(t, lise, s.snapshot(id).Feedback.Void.By)
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already excluded")
	assert.Contains(t, s.replyTo(bart), "his &lt;own&gt;")
	s.show(support, id)
	s.clicksOld(bart, id, "feedback_void", 1)
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> already excluded")
}

func TestRestoreLeavesAnUnseenVoid(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, "feedback_void")
	s.submits(bart, map[string]string{"reason": "first"})
	s.show(support, id)
	old := s.pressed(fakeslack.Click{User: chris, Channel: support, MessageTS: s.shown[id], ActionID: "feedback_restore"})
	s.clicks(lise, id, "feedback_restore")
	s.Interaction(context.Background(), old)
	assert.Contains(t, s.replyTo(chris), "already counts")
	s.show(support, id)
	s.clicks(bart, id, "feedback_void")
	s.submits(bart, map[string]string{"reason": "second"})
	s.Interaction(context.Background(), old)
	assert.True(t, s.snapshot(id).Feedback.Voided(), "voided again for another reason")
	assert.Contains(t, s.replyTo(chris), "changed nothing")
}

func TestVoidNeedsAReason(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	s.clicks(bart, id, "feedback_void")
	s.submits(bart, map[string]string{"reason": " \n\u200b\u3164"})
	assert.False(t, s.snapshot(id).Feedback.Voided())
	assert.Contains(t, s.replyTo(bart), "with a reason")
}

func TestConfirmClearsSuspicion(t *testing.T) {
	s := newFixture(t)
	s.ingest(storetest.Smiley("r-1", feedback.Green, s.clock()))
	id := s.ingest(storetest.Smiley("r-1", feedback.Red, s.clock().Add(2*time.Second)))
	s.show(support, id)
	old := s.pressed(fakeslack.Click{User: lise, Channel: support, MessageTS: s.shown[id], ActionID: "feedback_confirm"})
	s.clicks(bart, id, "feedback_confirm")
	c := s.snapshot(id)
	assert.Equal(t, []bool{false, true}, []bool{c.Feedback.Suspect, c.Feedback.Confirmed})
	s.noReplyTo(bart)
	s.Interaction(context.Background(), old)
	assert.Contains(t, s.replyTo(lise), "already counts")
}

// TestOutsidersChangeNothing checks that a user who may not act may not void either.
func TestOutsidersChangeNothing(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	for _, user := range []string{guest, visitor} {
		for _, button := range []string{"feedback_void", "followup_claim"} {
			s.presses(fakeslack.Click{User: user, Channel: support, MessageTS: s.shown[id], ActionID: button})
			assert.Contains(t, s.replyTo(user), "Only members of")
		}
		s.chooses(user, id, "followup_snooze", "1h")
		s.chooses(user, id, "followup_assign", bart)
	}
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.EqualValues(t, 1, s.snapshot(id).Feedback.Revision)
}

// TestConcurrentFinishesHaveOneOutcome checks that while the form is open, the comment comes and others
// click, one user wins, the others get a reply with their note, and there is one outcome.
func TestConcurrentFinishesHaveOneOutcome(t *testing.T) {
	s := newFixture(t)
	id := s.unhappy()
	users := []string{bart, lise, chris}
	var clicks []slack.InteractionCallback
	for _, user := range users {
		s.clicks(user, id, "followup_done")
		views := s.slack.Views(user)
		payload, err := s.slack.SubmitPayload(fakeslack.Submission{
			ViewID: views[len(views)-1].ID, Values: map[string]string{"outcome": "other", "note": "note of " + user},
		})
		require.NoError(t, err)
		clicks = append(clicks, parsed(t, payload))
	}
	comment := storetest.Comment(storetest.Smiley("r-1", feedback.Red, s.clock()), "because", s.clock())
	var all sync.WaitGroup
	for _, c := range clicks {
		all.Go(func() { s.Interaction(context.Background(), c) })
	}
	all.Go(func() { s.ingest(comment) })
	all.Wait()
	f := s.snapshot(id).FollowUp
	require.Equal(t, followup.StateDone, f.State)
	for _, user := range users {
		if user == f.ChangedBy {
			s.noReplyTo(user)
			assert.Equal(t, "note of "+user, f.Note)
			continue
		}
		assert.Contains(t, s.replyTo(user), "<@"+f.ChangedBy+"> already finished")
		assert.Contains(t, s.replyTo(user), "note of "+user)
	}
}

func TestQueueHasPagesAndViews(t *testing.T) {
	s := newFixture(t)
	for i := range 23 {
		s.ingest(storetest.Smiley(fmt.Sprintf("r-%02d", i), feedback.Red, s.clock()))
		s.pass(time.Second)
	}
	s.types(bart, support, "/followups", "")
	assert.Contains(t, s.replyTo(bart), "23 open follow-ups")
	assert.Equal(t, 10, strings.Count(s.replyTo(bart), "🔴"))
	s.types(bart, support, "/followups", "3")
	assert.Equal(t, 3, strings.Count(s.replyTo(bart), "🔴"))
	s.types(bart, support, "/followups", "99")
	assert.Contains(t, s.replyTo(bart), "🔴", "the last page there is")
	s.types(bart, support, "/followups", "Te  laat")
	assert.Contains(t, s.replyTo(bart), "No follow-ups are overdue")
	s.pass(8 * time.Hour)
	s.types(bart, support, "/followups", "overdue 2")
	assert.Contains(t, s.replyTo(bart), "23 follow-ups are overdue")
	s.types(bart, support, "/followups", "mijn")
	assert.Contains(t, s.replyTo(bart), "You have no follow-ups")
	s.types(bart, support, "/followups", "alles")
	assert.Contains(t, s.replyTo(bart), "23 follow-ups, including snoozed ones")
	assert.Contains(t, s.replyTo(bart), "This week (from Mon 16 Nov) · 23 opened: 23 still open · on time: 0 of 23")
}

// TestAllOfOnePersonAreHandedOver, who may have left, the snoozed ones as well.
func TestAllOfOnePersonAreHandedOver(t *testing.T) {
	s := newFixture(t)
	var ids []string
	for i := range 3 {
		id := s.ingest(storetest.Smiley(fmt.Sprintf("r-%d", i), feedback.Red, s.clock()))
		ids = append(ids, id)
		if i < 2 {
			_, err := s.store.ApplyTransition(t.Context(), id, followup.Transition{Action: followup.ActionClaim, By: chris, At: s.clock()})
			require.NoError(t, err)
		}
	}
	_, err := s.store.ApplyTransition(t.Context(), ids[1], followup.Transition{Action: followup.ActionSnooze, By: chris, At: s.clock(), Until: s.clock().Add(time.Hour)})
	require.NoError(t, err)
	s.slack.AddUser(fakeslack.User{ID: chris, Name: "chris", Deleted: true})
	s.types(bart, support, "/followups", "<@"+chris+"|chris>")
	assert.Contains(t, s.replyTo(bart), "<@"+chris+"> has 2 follow-ups")
	shown := s.slack.Ephemerals(bart)[0]
	hand := func(to string) {
		s.presses(fakeslack.Click{User: bart, Channel: support, MessageTS: shown.TS, ActionID: message.ActionHandOver, Picked: to})
	}
	hand(guest)
	assert.Contains(t, s.replyTo(bart), "cannot take a follow-up")
	assert.Equal(t, chris, s.snapshot(ids[0]).FollowUp.Claimer)
	hand(lise)
	assert.Contains(t, s.replyTo(bart), "<@"+lise+"> now has 2 follow-ups from <@"+chris+">")
	assert.Equal(t, []any{followup.StateClaimed, lise}, []any{s.state(ids[0]), s.snapshot(ids[0]).FollowUp.Claimer})
	assert.Equal(t, []any{followup.StateSnoozed, lise}, []any{s.state(ids[1]), s.snapshot(ids[1]).FollowUp.Claimer})
	assert.Equal(t, followup.StateOpen, s.state(ids[2]))
	s.types(bart, support, "/followups", "<@"+chris+">")
	assert.Contains(t, s.replyTo(bart), "<@"+chris+"> has no follow-ups")
}

// TestQueueIsActedOn checks that a follow-up is claimed and finished from the queue, and that the page
// shows it.
func TestQueueIsActedOn(t *testing.T) {
	s := newFixture(t)
	for i := range 2 {
		s.ingest(storetest.Smiley(fmt.Sprintf("r-%02d", i), feedback.Red, s.clock()))
		s.pass(time.Second)
	}
	s.types(bart, support, "/followups", "all")
	listed := s.slack.Ephemerals(bart)[0]
	s.presses(fakeslack.Click{User: bart, Channel: support, MessageTS: listed.TS, ActionID: "followup_claim"})
	now := s.slack.Ephemerals(bart)
	require.Len(t, now, 1)
	assert.Equal(t, listed.TS, now[0].TS, "the same page, replaced")
	assert.Contains(t, now[0].Text, "Claimed by <@"+bart+">")
	s.types(bart, support, "/followups", "mine")
	assert.Contains(t, s.replyTo(bart), "You have 1 follow-up")
	s.presses(fakeslack.Click{User: bart, Channel: support, MessageTS: s.slack.Ephemerals(bart)[1].TS, ActionID: "followup_done"})
	require.Len(t, s.slack.Views(bart), 1)
}

func TestPageReplacesTheOneBefore(t *testing.T) {
	s := newFixture(t)
	for i := range 12 {
		s.ingest(storetest.Smiley(fmt.Sprintf("r-%02d", i), feedback.Red, s.clock()))
	}
	s.types(bart, support, "/followups", "all")
	first := s.slack.Ephemerals(bart)[0]
	s.presses(fakeslack.Click{User: bart, Channel: support, MessageTS: first.TS, ActionID: "followups_page"})
	shown := s.slack.Ephemerals(bart)
	require.Len(t, shown, 1, "in the place of the one that was clicked")
	assert.Equal(t, 2, strings.Count(shown[0].Text, "🔴"))
	assert.Contains(t, string(shown[0].Blocks), `"value":"all 1"`)
	s.slack.Leave(support, bart)
	s.pass(time.Hour)
	s.presses(fakeslack.Click{User: bart, Channel: support, MessageTS: shown[0].TS, ActionID: "followups_page"})
	assert.Contains(t, s.replyTo(bart), "Only members of")
}
