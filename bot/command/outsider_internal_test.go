package command

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"

	"smileybot/bot/slackapi"
)

// TestOutsider says by kind why a user may not act. Colleagues in another workspace of the organisation
// may.
func TestOutsider(t *testing.T) {
	t.Parallel()
	alone, grid := slackapi.Workspace{ID: "T1"}, slackapi.Workspace{ID: "T1", Enterprise: "E1"}
	for _, row := range []struct {
		name string
		user slack.User
		own  slackapi.Workspace
		want error
	}{
		{"a member", slack.User{TeamID: "T1"}, alone, nil},
		{"a member whose workspace is not named", slack.User{}, alone, nil},
		{"a guest of several channels", slack.User{TeamID: "T1", IsRestricted: true}, alone, errGuest},
		{"a guest of one channel", slack.User{TeamID: "T1", IsRestricted: true, IsUltraRestricted: true}, alone, errGuest},
		{"a bot", slack.User{TeamID: "T1", IsBot: true}, alone, errOutsider},
		{"a user who has left", slack.User{TeamID: "T1", Deleted: true}, alone, errOutsider},
		{"a stranger", slack.User{TeamID: "T1", IsStranger: true}, alone, errStranger},
		{"another company", slack.User{TeamID: "T2"}, alone, errStranger},
		{"another company with a guest there", slack.User{TeamID: "T2", IsRestricted: true}, alone, errStranger},
		{"a colleague in both workspaces", slack.User{TeamID: "T2", Enterprise: slack.EnterpriseUser{Teams: []string{"T2", "T1"}}}, alone, nil},
		{"a colleague in another workspace", slack.User{TeamID: "T2", Enterprise: slack.EnterpriseUser{EnterpriseID: "E1", Teams: []string{"T2"}}}, grid, nil},
		{"a guest in another workspace", slack.User{TeamID: "T2", IsRestricted: true, Enterprise: slack.EnterpriseUser{EnterpriseID: "E1"}}, grid, errGuest},
		{"another organisation", slack.User{TeamID: "T2", Enterprise: slack.EnterpriseUser{EnterpriseID: "E2"}}, grid, errStranger},
	} {
		assert.Equal(t, row.want, outsider(&row.user, row.own), row.name)
	}
}
