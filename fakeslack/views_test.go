package fakeslack_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

func words(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

// outcomeModal returns a modal with inputs for an outcome and a note.
func outcomeModal() slack.ModalViewRequest {
	outcome := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "outcome",
		slack.NewOptionBlockObject("guide_fixed", words("Guide fixed"), nil))
	note := slack.NewPlainTextInputBlockElement(nil, "note")
	note.MaxLength = 10
	optional := slack.NewInputBlock("note", words("Note"), nil, note)
	optional.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "followup_done", PrivateMetadata: "f1",
		Title: words("Resolve"), Submit: words("Save"), Close: words("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("outcome", words("Outcome"), nil, outcome), optional}},
	}
}

func trigger(s *fakeslack.Server) string {
	return s.SlashForm(fakeslack.Slash{User: anna, Channel: support, Command: "/x"}).Get("trigger_id")
}

func TestTriggersWorkOnceAndExpire(t *testing.T) {
	c := newClock()
	s, api := workspace(t, fakeslack.Options{Now: c.Now})
	_, err := api.OpenViewContext(t.Context(), "nonsense", outcomeModal())
	code("invalid_trigger_id")(t, err)
	id := trigger(s)
	c.advance(3*time.Second + time.Millisecond)
	_, err = api.OpenViewContext(t.Context(), id, outcomeModal())
	code("expired_trigger_id")(t, err)
	id = trigger(s)
	c.advance(3 * time.Second)
	_, err = api.OpenViewContext(t.Context(), id, outcomeModal())
	require.NoError(t, err)
	_, err = api.OpenViewContext(t.Context(), id, outcomeModal())
	code("exchanged_trigger_id")(t, err)
}

func TestModalIsFilledInAndSubmitted(t *testing.T) {
	s, api := workspace(t, now(t))
	opened, err := api.OpenViewContext(t.Context(), trigger(s), outcomeModal())
	require.NoError(t, err)
	open := s.Views(anna)
	require.Len(t, open, 1)
	assert.Equal(t, opened.ID, open[0].ID)
	assert.Equal(t, "followup_done", open[0].CallbackID)

	_, err = s.SubmitPayload(fakeslack.Submission{ViewID: opened.ID})
	require.ErrorContains(t, err, `"outcome" is required`)
	_, err = s.SubmitPayload(fakeslack.Submission{ViewID: opened.ID, Values: map[string]string{"outcome": "shrug"}})
	require.ErrorContains(t, err, "no option")
	_, err = s.SubmitPayload(fakeslack.Submission{ViewID: opened.ID, Values: map[string]string{"outcome": "guide_fixed", "note": "01234567890"}})
	require.ErrorContains(t, err, "0 to 10 characters")
	_, err = s.SubmitPayload(fakeslack.Submission{ViewID: opened.ID, Values: map[string]string{"outcome": "guide_fixed", "x": "y"}})
	require.ErrorContains(t, err, `no input "x"`)

	req, err := s.SubmitRequest(t.Context(), appURL, fakeslack.Submission{
		ViewID: opened.ID, Values: map[string]string{"outcome": "guide_fixed", "note": "step 3"},
	})
	got := parse(t, req, err)
	assert.Equal(t, slack.InteractionTypeViewSubmission, got.Type)
	assert.Equal(t, "followup_done", got.View.CallbackID)
	assert.Equal(t, "f1", got.View.PrivateMetadata)
	assert.Equal(t, "guide_fixed", got.View.State.Values["outcome"]["outcome"].SelectedOption.Value)
	assert.Equal(t, "step 3", got.View.State.Values["note"]["note"].Value)

	require.NoError(t, s.Answered(opened.ID, []byte(`{"response_action":"errors","errors":{"note":"too short"}}`)))
	assert.Equal(t, map[string]string{"note": "too short"}, s.Views(anna)[0].Errors)
	require.ErrorContains(t, s.Answered(opened.ID, []byte(`{"response_action":"errors","errors":{"x":"y"}}`)), "no input")
	require.ErrorContains(t, s.Answered(opened.ID, []byte(`{"response_action":"shrug"}`)), "unknown response_action")
	require.NoError(t, s.Answered(opened.ID, nil))
	assert.Empty(t, s.Views(anna))
	require.ErrorContains(t, s.Answered(opened.ID, nil), "no modal")
}

func TestViewsAreUpdatedAndPushed(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	opened, err := api.OpenViewContext(t.Context(), trigger(s), outcomeModal())
	require.NoError(t, err)
	changed := outcomeModal()
	changed.Title = words("Changed")
	_, err = api.UpdateViewContext(t.Context(), changed, "", "stale", opened.ID)
	code("hash_conflict")(t, err)
	_, err = api.UpdateViewContext(t.Context(), changed, "", opened.Hash, opened.ID)
	require.NoError(t, err)
	assert.Equal(t, "Changed", s.Views(anna)[0].Title)
	_, err = api.UpdateViewContext(t.Context(), changed, "", "", "VNONE")
	code("not_found")(t, err)
	changed.ExternalID = "ours"
	_, err = api.UpdateViewContext(t.Context(), changed, "ours", "", "")
	code("not_found")(t, err)
	_, err = api.UpdateViewContext(t.Context(), changed, "", "", opened.ID)
	require.NoError(t, err)
	_, err = api.UpdateViewContext(t.Context(), changed, "ours", "", "")
	require.NoError(t, err)

	for range 2 {
		_, err = api.PushViewContext(t.Context(), trigger(s), outcomeModal())
		require.NoError(t, err)
	}
	_, err = api.PushViewContext(t.Context(), trigger(s), outcomeModal())
	code("push_limit_reached")(t, err)
	s.CloseViews(anna)
	assert.Empty(t, s.Views(anna))
}

func TestResponsesShowViews(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	opened, err := api.OpenViewContext(t.Context(), trigger(s), outcomeModal())
	require.NoError(t, err)
	const next = `{"type":"modal","title":{"type":"plain_text","text":"Next"},"blocks":[{"type":"divider"}]}`
	require.NoError(t, s.Answered(opened.ID, []byte(`{"response_action":"update","view":`+next+`}`)))
	require.NoError(t, s.Answered(opened.ID, []byte(`{"response_action":"push","view":`+next+`}`)))
	require.Len(t, s.Views(anna), 2)
	assert.Equal(t, "Next", s.Views(anna)[0].Title)
	require.ErrorContains(t, s.Answered(opened.ID, []byte(`{"response_action":"push","view":{}}`)), "invalid_arguments")
	require.NoError(t, s.Answered(opened.ID, []byte(`{"response_action":"clear"}`)))
	assert.Empty(t, s.Views(anna))
}

func TestHomeIsPublished(t *testing.T) {
	s, api := workspace(t, now(t))
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		section("Yours"), slack.NewActionBlock("a", button("followup_claim", "f1")),
	}}}
	_, err := api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: anna, View: home})
	require.NoError(t, err)
	v, ok := s.Home(anna)
	require.True(t, ok)
	req, err := s.ClickRequest(t.Context(), appURL, fakeslack.Click{User: anna, ViewID: v.ID, ActionID: "followup_claim"})
	got := parse(t, req, err)
	assert.Equal(t, "view", got.Container.Type)
	assert.Equal(t, v.ID, got.View.ID)
	assert.Empty(t, got.ResponseURL)
	assert.Equal(t, "\nYours\n[Claim Follow-Up]", s.RenderView(v))

	stale, fresh := "stale", v.Hash
	_, err = api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: anna, View: home, Hash: &stale})
	code("hash_conflict")(t, err)
	_, err = api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: anna, View: home, Hash: &fresh})
	require.NoError(t, err)
	home.Blocks = slack.Blocks{}
	_, err = api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: anna, View: home})
	code("invalid_arguments")(t, err)
	_, ok = s.Home(guest)
	assert.False(t, ok)
}
