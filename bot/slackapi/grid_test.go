package slackapi_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
)

// gridClient returns a client of a stand-in, with what it reports.
func gridClient(o fakeslack.Options) (*fakeslack.Server, *slackapi.Client, *[]slackapi.Failure) {
	s := fakeslack.New(o)
	var refused []slackapi.Failure
	c := slackapi.New(slackapi.Options{
		Token: s.Options().BotToken, URL: s.APIURL(), Transport: s.Transport(), Scopes: fakeslack.DefaultScopes(),
		Refused: func(f slackapi.Failure) slackapi.Failure {
			refused = append(refused, f)
			return f
		},
	})
	return s, c, &refused
}

// TestOrgWideInstall: an app that is installed for the whole organisation is recognised.
func TestOrgWideInstall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		options fakeslack.Options
		want    slackapi.Workspace
	}{
		{"no organisation", fakeslack.Options{}, slackapi.Workspace{BotID: "B0BOT", UserID: "U0BOT", ID: "T0FAKE", Address: "https://fakeslack.slack.com/"}},
		{"one workspace of it", fakeslack.Options{EnterpriseID: "E0ORG"}, slackapi.Workspace{BotID: "B0BOT", UserID: "U0BOT", ID: "T0FAKE", Address: "https://fakeslack.slack.com/", Enterprise: "E0ORG"}},
		{"the organisation", fakeslack.Options{EnterpriseID: "E0ORG", OrgWide: true}, slackapi.Workspace{BotID: "B0BOT", UserID: "U0BOT", ID: "E0ORG", Address: "https://fakeslack.enterprise.slack.com/", Enterprise: "E0ORG", OrgWide: true}},
	} {
		_, c, _ := gridClient(row.options)
		own, err := c.Workspace(t.Context())
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, own, row.name)
	}
}

// TestInteractionTeam: on Enterprise Grid the workspace of the message decides, and for a form that of the
// installation.
func TestInteractionTeam(t *testing.T) {
	t.Parallel()
	of := func(kind slack.InteractionType, enterprise, team, ofMessage, installed string) *slack.InteractionCallback {
		i := &slack.InteractionCallback{Type: kind}
		i.Enterprise.ID, i.Team.ID, i.Message.Team, i.View.AppInstalledTeamID = enterprise, team, ofMessage, installed
		return i
	}
	const click, form = slack.InteractionTypeBlockActions, slack.InteractionTypeViewSubmission
	for _, row := range []struct {
		name string
		i    *slack.InteractionCallback
		want string
	}{
		{"a click", of(click, "", "T1", "T1", ""), "T1"},
		{"a click of another company", of(click, "", "T2", "T1", ""), "T2"},
		{"a click in another workspace of the organisation", of(click, "E1", "T2", "T1", ""), "T1"},
		{"a click on an ephemeral message there", of(click, "E1", "T2", "", ""), "T2"},
		{"a form", of(form, "", "T1", "", "T1"), "T1"},
		{"a form sent from another workspace", of(form, "E1", "T2", "", "T1"), "T1"},
		{"a form of another installation", of(form, "E1", "T1", "", "T2"), "T2"},
		{"a form that names no installation", of(form, "", "T1", "", ""), "T1"},
	} {
		assert.Equal(t, row.want, slackapi.InteractionTeam(row.i), row.name)
	}
}

// TestMissingScopesAreNoticed by what Slack grants, and by what it refuses; each is reported once, and
// until it works.
func TestMissingScopesAreNoticed(t *testing.T) {
	t.Parallel()
	s, c, refused := gridClient(fakeslack.Options{})
	s.AddChannel(fakeslack.Channel{ID: "G0GROUP", Name: "mpdm", Members: []string{"U0ANNA"}})
	_, err := c.Identity(t.Context())
	require.NoError(t, err)
	assert.Empty(t, c.Failures())

	s.SetScopes("chat:write", "commands", "channels:history", "groups:history", "channels:read", "users:read", "users:read.email")
	for range 2 {
		_, err = c.Identity(t.Context())
		require.NoError(t, err)
	}
	require.Len(t, c.Failures(), 1)
	assert.Equal(t, "groups:read", c.Failures()[0].Scope)
	assert.Len(t, *refused, 1)

	s.SetScopes(fakeslack.DefaultScopes()...)
	s.Fail(fakeslack.Fault{Method: "conversations.members", Times: 2, Kind: fakeslack.MissingScope("mpim:read")})
	for range 2 {
		_, err = c.IsMember(t.Context(), "G0GROUP", "U0ANNA")
		scope, missing := slackapi.MissingScope(err)
		assert.True(t, missing)
		assert.Equal(t, "mpim:read", scope)
	}
	require.Len(t, c.Failures(), 1)
	assert.Equal(t, "missing_scope", c.Failures()[0].Reason)
	assert.Equal(t, "G0GROUP", c.Failures()[0].Channel)
	assert.Len(t, *refused, 2)
	_, err = c.IsMember(t.Context(), "G0GROUP", "U0ANNA")
	require.NoError(t, err)
	assert.Empty(t, c.Failures())
}

// TestRefusedHomeIsNoticed: a Home tab that is off is a failure until it is on, and a hash that is old, or
// a person who is gone, is none.
func TestRefusedHomeIsNoticed(t *testing.T) {
	t.Parallel()
	s, c, refused := gridClient(fakeslack.Options{})
	s.AddUser(fakeslack.User{ID: "U0ANNA"})
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	for _, code := range []string{"hash_conflict", "not_enabled", "not_enabled"} {
		s.Fail(fakeslack.Fault{Method: "views.publish", Kind: fakeslack.ErrorCode(code)})
		_, err := c.PublishHome(t.Context(), "U0ANNA", view, "")
		assert.Equal(t, code, slackapi.Code(err))
	}
	require.Len(t, c.Failures(), 1)
	assert.Equal(t, "not_enabled", c.Failures()[0].Reason)
	assert.Len(t, *refused, 1, "reported once")
	_, err := c.PublishHome(t.Context(), "U0ANNA", view, "")
	require.NoError(t, err)
	assert.Empty(t, c.Failures())
}
