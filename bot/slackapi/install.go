package slackapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/slack-go/slack"
)

// ReasonOrgWide is our reason for an app that is installed for a whole organisation. Its requests name
// any workspace of it, and its token none.
const ReasonOrgWide = "org_wide_install"

// maxIdentity bounds how much of an answer to auth.test is read; it has a few hundred bytes.
const maxIdentity = 64 << 10

// watchInstall reads from the answers to auth.test whether the app is installed for a whole organisation,
// which slack-go leaves out.
func (c *Client) watchInstall(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		if err != nil || !strings.HasSuffix(r.URL.Path, "/"+MethodAuthTest) {
			return answer, err
		}
		body, err := io.ReadAll(io.LimitReader(answer.Body, maxIdentity))
		_ = answer.Body.Close()
		if err != nil {
			return nil, err
		}
		answer.Body = io.NopCloser(bytes.NewReader(body))
		var who struct {
			OK      bool `json:"ok"`
			OrgWide bool `json:"is_enterprise_install"`
		}
		if json.Unmarshal(body, &who) == nil && who.OK {
			c.orgWide.Store(who.OrgWide)
		}
		return answer, nil
	})
}

// InteractionTeam is the workspace of the app that an interaction is for: that in which it is installed,
// for a form; that of the message, on Enterprise Grid; else that of the person.
func InteractionTeam(i *slack.InteractionCallback) string {
	switch {
	case i.View.AppInstalledTeamID != "":
		return i.View.AppInstalledTeamID
	case i.Enterprise.ID != "" && i.Type == slack.InteractionTypeBlockActions && i.Message.Team != "":
		return i.Message.Team
	default:
		return i.Team.ID
	}
}
